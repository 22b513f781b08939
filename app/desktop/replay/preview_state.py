"""What the replay dialog knows so far of what a replay would run, meet and do twice. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from app.domain.errors import GateClosed, RundeskError
from app.domain.headroom import Headroom
from app.domain.replay_preview import VersionChoice, VersionPreview
from app.domain.run import RunLink
from app.domain.side_effects import SideEffectForecast
from app.services.replay_preview import PayloadVerdict

PartT = TypeVar("PartT")
Told: TypeAlias = PartT | RundeskError | None
"""A part of the preview: its answer, the error that is in its place, or None while it is looked up."""


@dataclass(frozen=True, slots=True)
class PreviewState:
    """Every part of the panel, each told by itself.

    ``verdict`` is that of the payload as it was last checked; it is None again as soon as payload or version change.
    ``headroom_outdated`` says that the last look failed, so that the numbers shown are older than they should be.
    """

    choice: VersionChoice = VersionChoice.OWN
    version: Told[VersionPreview] = None
    verdict: Told[PayloadVerdict] = None
    headroom: Told[Headroom] = None
    headroom_outdated: bool = False
    forecast: Told[SideEffectForecast] = None
    replays: Told[tuple[RunLink, ...]] = None

    @property
    def chosen_version(self) -> int | None:
        """The number of a version other than the run's own, None for the own one or while it is not known."""
        if self.choice is VersionChoice.OWN or not isinstance(self.version, VersionPreview):
            return None
        return self.version.chosen

    @property
    def awaits_version(self) -> bool:
        """Whether the latest version is wanted and its number is not known."""
        return self.choice is VersionChoice.LATEST and not isinstance(self.version, VersionPreview)

    @property
    def version_missing(self) -> bool:
        """Whether the version that would run does not exist."""
        return isinstance(self.version, VersionPreview) and not self.version.chosen_exists

    @property
    def schema_refuses(self) -> bool:
        """Whether the payload would be refused for breaking the schema."""
        return isinstance(self.verdict, PayloadVerdict) and self.verdict.refuses

    @property
    def closed_gate(self) -> GateClosed | None:
        """The gate that is closed by the newest look, as far as that is not outdated."""
        known = isinstance(self.headroom, Headroom) and not self.headroom_outdated
        return self.headroom.refusal if known and isinstance(self.headroom, Headroom) else None
