"""What an operator sees before a replay is sent: one answer of several parts, each known or said why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from app.domain.definition_difference import StepChange
from app.domain.headroom import Headroom
from app.domain.payload_schema import SchemaCheck, schema_refusal
from app.domain.run import RunKey, RunLink
from app.domain.side_effects import SideEffectForecast

PartT = TypeVar("PartT")
SOURCE_ACTIVE = "replay.source_active"
"""Code of the refusal to start a second run beside one that has not ended."""
DAMAGED_INPUT = "replay.damaged_input"
"""Code of the refusal of input that holds placeholders instead of values."""


@dataclass(frozen=True, slots=True)
class NotKnown:
    """A part that could not be found out: the error's code, its English sentence and its parameters.

    ``is_refusal`` says that a rule is the cause, so that the launch would fail for the same reason.
    """

    code: str
    reason: str
    params: tuple[tuple[str, object], ...] = ()
    is_refusal: bool = False


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
        damaged_paths: Where the stored input holds placeholders that the edit does not replace.
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
    damaged_paths: tuple[str, ...]
    version: Part[VersionPreview]
    schema: Part[SchemaCheck]
    schema_refuses: bool
    headroom: Part[Headroom]
    forecast: Part[SideEffectForecast]
    replays: Part[tuple[RunLink, ...]]

    def refusals(self, *, active_accepted: bool, damage_accepted: bool = False) -> tuple[tuple[str, str], ...]:
        """Return code and English sentence of everything that a replay would be refused for now, as far as is known.

        Args:
            active_accepted: The operator has confirmed that a second run shall start beside the source.
            damage_accepted: The operator has confirmed that stored placeholders are sent as they are.
        """
        found: list[tuple[str, str]] = []
        if self.source_active and not active_accepted:
            found.append((SOURCE_ACTIVE, "The run has not ended, so a second run beside it has to be confirmed."))
        if self.damaged_paths and not damage_accepted:
            places = ", ".join(path or "the top" for path in self.damaged_paths)
            found.append((DAMAGED_INPUT, f"The stored input holds placeholders at {places}."))
        if isinstance(self.version, VersionPreview) and not self.version.chosen_exists:
            found.append(("version.not_found", f"This workflow has no version {self.version.chosen}."))
        if isinstance(self.schema, NotKnown) and self.schema.is_refusal:
            found.append((self.schema.code, self.schema.reason))
        if isinstance(self.schema, SchemaCheck) and self.schema_refuses:
            refusal = schema_refusal(self.schema)
            found.append((refusal.code, refusal.message))
        closed = self.headroom.refusal if isinstance(self.headroom, Headroom) else None
        if closed is not None:
            found.append((closed.code, closed.message))
        return tuple(dict(found).items())
