"""The ports of failure fingerprints: what failed, counted in Postgres, and what is known of it, on this computer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from app.domain.failure_fingerprint import FailureGroup, FingerprintNote


@dataclass(frozen=True, slots=True)
class FailureFacts:
    """The failed runs of a tenant in a window.

    ``counted`` runs are in ``groups``; ``cut`` says that the window holds more than were counted, or more groups than
    were told.
    """

    groups: tuple[FailureGroup, ...]
    counted: int
    read_at: datetime
    cut: bool = False


class FailureReader(Protocol):
    """Counts failures where they lie."""

    async def failures(self, tenant: UUID | None, within: timedelta) -> FailureFacts:
        """Return the failed runs that started within this time before now, by the database's clock; texts redacted."""


class FingerprintNotes(Protocol):
    """Keeps what is known of failures. Misconfigured when the file cannot be used; nothing is written over it then."""

    async def read(self) -> Mapping[str, FingerprintNote]:
        """Return every note by its fingerprint."""

    async def write(self, identity: str, note: FingerprintNote | None) -> None:
        """Keep a note in place of an earlier one; None removes it."""
