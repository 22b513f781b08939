"""What an operator sees before a replay is sent: one answer of several parts, each known or said why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from app.domain.definition_difference import StepChange
from app.domain.headroom import Headroom
from app.domain.payload_schema import SchemaCheck
from app.domain.run import RunKey, RunLink
from app.domain.side_effects import SideEffectForecast

PartT = TypeVar("PartT")


@dataclass(frozen=True, slots=True)
class NotKnown:
    """A part that could not be found out: the error's code, its English sentence and its parameters."""

    code: str
    reason: str
    params: tuple[tuple[str, object], ...] = ()


Part: TypeAlias = PartT | NotKnown


class VersionChoice(StrEnum):
    """Which version a replay runs, unless a number is given."""

    OWN = "own"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class VersionPreview:
    """The versions at hand and how the chosen one differs from the source's.

    ``latest`` is None when no version is published; ``own_exists`` False when the source's version is gone, so that
    nothing can be compared and a replay of it is refused.
    """

    own: int
    latest: int | None
    chosen: int
    own_exists: bool
    chosen_exists: bool
    differences: tuple[StepChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayPreview:
    """Everything about one replay that is known before it is sent.

    Attributes:
        source: The run to be replayed.
        source_status: Its stored status, newest known.
        source_active: It has not ended: a replay would work beside it.
        version: Versions and their difference.
        schema: The check of the (patched) stored input against the chosen version's schema.
        schema_refuses: The launch would be refused for the schema's faults.
        headroom: Gates and quota at this moment.
        forecast: What would happen a second time.
        replays: Replays of this run so far, oldest first.
    """

    source: RunKey
    source_status: str
    source_active: bool
    version: Part[VersionPreview]
    schema: Part[SchemaCheck]
    schema_refuses: bool
    headroom: Part[Headroom]
    forecast: Part[SideEffectForecast]
    replays: Part[tuple[RunLink, ...]]
