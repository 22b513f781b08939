"""What reports need beside the ports that every service shares."""

from __future__ import annotations

from typing import Protocol

from app.domain.health.facts import NamespaceFacts
from app.domain.report.surroundings import RunSurroundings
from app.domain.run import RunKey


class ReportReader(Protocol):
    """Reads what a report says of a run beyond its own rows, redacted, in one read-only transaction."""

    async def surroundings(self, key: RunKey, place: str | None, *, acts: bool) -> RunSurroundings:
        """Return tenant, definition around ``place``, the workflow's record, events, and with ``acts`` who did what.

        NotFound when the run does not exist.
        """


class ServerVersions(Protocol):
    """Says which Temporal answers."""

    async def namespace(self) -> NamespaceFacts:
        """Return version, namespace and retention. TemporalUnavailable."""
