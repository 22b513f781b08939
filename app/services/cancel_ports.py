"""The port of a cancel's aftermath: what of a run is still open, and closing it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from app.domain.cancellation import ClosedParts, OpenParts
from app.domain.run import RunKey
from app.services.ports import ActionRecord


class RunClosing(Protocol):
    """Reads and closes what the projection shows as open of a run and its descendants."""

    async def open_parts(self, key: RunKey) -> OpenParts:
        """Return what is open. NotFound."""

    async def close(self, key: RunKey, children: tuple[UUID, ...], record: ActionRecord) -> ClosedParts:
        """Write CANCELED on what is open of the run and of these children, with the record, in one transaction.

        Every statement is guarded by the state that it leads from, so an outcome and a worker's own projection stay,
        and a second call changes nothing. The record is written only with a change, and says what was changed.
        """
