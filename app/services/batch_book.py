"""The entries of a running batch: in memory for its rules, on disk before they count.

Only the outcome of a request may reach the disk a little later, together with the next entries: what a crash loses of
those is found again, as the journal then says ``sending`` and the database knows what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from app.domain.batch_ledger import EntryState, LedgerEntry
from app.services.batch_ports import BatchJournal


class BatchBook:
    """Every entry of one batch, in order.

    Args:
        journal: The record on disk.
        batch_id: The batch.
        entries: Its entries as the journal has them.
    """

    def __init__(self, journal: BatchJournal, batch_id: UUID, entries: Sequence[LedgerEntry]) -> None:
        self._journal = journal
        self._batch_id = batch_id
        self._entries = {entry.run_id: entry for entry in entries}
        self._unwritten = False
        self.counts: Counter[EntryState] = Counter(entry.state for entry in entries)

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """Every entry, in the plan's order."""
        return tuple(self._entries.values())

    def entry(self, run_id: UUID) -> LedgerEntry:
        """Return a run's entry."""
        return self._entries[run_id]

    def in_state(self, *states: EntryState) -> tuple[LedgerEntry, ...]:
        """Return the entries in these states, in order."""
        return tuple(entry for entry in self._entries.values() if entry.state in states)

    async def put(self, *entries: LedgerEntry) -> None:
        """Write entries to disk, then count them."""
        if not entries:
            return
        self._unwritten = False
        await self._journal.write(self._batch_id, entries)
        self._count(entries)

    def note_outcome(self, entry: LedgerEntry) -> None:
        """Count an outcome; it is written with the next entries, or by :meth:`flush`."""
        self._journal.write_later(self._batch_id, entry)
        self._unwritten = True
        self._count((entry,))

    async def flush(self) -> None:
        """Write the outcomes that were noted."""
        if self._unwritten:
            self._unwritten = False
            await self._journal.write(self._batch_id, ())

    def _count(self, entries: Iterable[LedgerEntry]) -> None:
        for entry in entries:
            self.counts[self._entries[entry.run_id].state] -= 1
            self._entries[entry.run_id] = entry
            self.counts[entry.state] += 1
