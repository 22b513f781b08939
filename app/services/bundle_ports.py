"""What making a triage bundle needs from the world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.bundle import BundledFile, BundleManifest
from app.domain.history_border import HistoryBorder
from app.domain.run import NOTHING_MASKED, RedactionTally


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """A piece of a history's JSON text. ``replaced`` counts payloads in it that could not be decoded."""

    text: str
    events: int = 0
    replaced: int = 0


class HistorySource(Protocol):
    """Temporal's histories as its own tools read them. Raises TemporalUnavailable."""

    async def executions(self, run_id: UUID) -> tuple[str, ...]:
        """Return the Temporal run ids of the run's continue-as-new chain, oldest first; () for an unknown run."""

    async def learn(self, run_id: UUID, execution: str, border: HistoryBorder) -> None:
        """Let a border learn what an execution's history holds, before anything of it is shown."""

    def written(
        self, run_id: UUID, execution: str, border: HistoryBorder, *, restricted: bool = False
    ) -> AsyncIterator[HistoryPart]:
        """Yield an execution's whole history as JSON text, redacted by a border that has learned.

        ``restricted`` puts a placeholder in the place of every payload, for whoever may not see them.
        """


class BundleWriter(Protocol):
    """A bundle that is being written; each file is written once, from its beginning to its end."""

    async def put(self, path: str, content: bytes, masked: RedactionTally = NOTHING_MASKED) -> BundledFile:
        """Write a file of these bytes."""

    async def put_object(self, path: str, value: object, masked: RedactionTally = NOTHING_MASKED) -> BundledFile:
        """Write a domain object as JSON."""

    async def put_rows(self, path: str, rows: Iterable[object], masked: RedactionTally = NOTHING_MASKED) -> BundledFile:
        """Write domain objects as a JSON array, one after the other."""

    async def put_text(self, path: str, pieces: AsyncIterator[str]) -> BundledFile:
        """Write a file as its pieces arrive."""

    async def seal(self, manifest: BundleManifest) -> None:
        """Write the manifest and close the archive; without it nothing comes to be."""
