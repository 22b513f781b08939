"""What became of the runs that a batch has set going: read many at a time, to the final status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.domain.batch import BatchAction, BatchOrder
from app.domain.batch_ledger import EntryState, LedgerEntry
from app.domain.run import RunRow, RunStatus
from app.services.batch_book import BatchBook
from app.services.batch_ports import BatchFacts
from app.services.batch_timing import BatchTiming
from app.services.ports import RunReader

LOOK_AT_MOST = 500
"""Runs per statement."""


class BatchFollow:
    """Follows the entries that are under way.

    Args:
        facts: Says cheaply which runs have ended.
        reader: Says what went wrong in those that ended badly.
        timing: The clocks.
    """

    def __init__(self, facts: BatchFacts, reader: RunReader, timing: BatchTiming) -> None:
        self._facts = facts
        self._reader = reader
        self._timing = timing

    async def look(self, order: BatchOrder, book: BatchBook) -> int:
        """Read the runs that are under way once, write down those that have ended, and return how many did."""
        under_way = book.in_state(EntryState.UNDER_WAY)
        ended = 0
        for begin in range(0, len(under_way), LOOK_AT_MOST):
            known = await self._ends(order, under_way[begin : begin + LOOK_AT_MOST])
            await book.put(*known)
            ended += len(known)
        return ended

    async def _ends(self, order: BatchOrder, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        watched = {_watched(entry): entry for entry in entries}
        tenant = order.scope.tenant
        ends = await self._facts.ends(tenant, tuple(watched))
        bad = tuple(run_id for run_id, status in ends if status not in _good(order.action))
        rows = {row.key.run_id: row for row in await self._reader.rows(tenant, bad)} if bad else {}
        now = self._timing.now()
        return [
            replace(_ended(order.action, watched[run_id], status, rows.get(run_id)), ended_at=now)
            for run_id, status in ends
        ]


def _watched(entry: LedgerEntry) -> UUID:
    return entry.new_run_id or entry.run_id


def _good(action: BatchAction) -> frozenset[str]:
    return frozenset({RunStatus.SUCCEEDED if action is BatchAction.REPLAY else RunStatus.CANCELED})


def _ended(action: BatchAction, entry: LedgerEntry, status: str, row: RunRow | None) -> LedgerEntry:
    if status in _good(action):
        good = EntryState.RECOVERED if action is BatchAction.REPLAY else EntryState.CANCELED
        return replace(entry, state=good, status=status, code=None, message=None)
    if action is BatchAction.CANCEL:
        message = f"The run ended as {status} before the cancel took effect."
        return replace(entry, state=EntryState.REFUSED, status=status, code="batch.ended_first", message=message)
    reason = None if row is None else row.error_text
    message = f"The replay ended as {status}." if reason is None else f"The replay ended as {status}: {reason}"
    return replace(entry, state=EntryState.NOT_RECOVERED, status=status, code="batch.not_recovered", message=message)
