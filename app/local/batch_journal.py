"""The journal of batches: one SQLite file in the user's state directory, for this user's eyes only.

SQLite, with a write-ahead log and ``synchronous=FULL``: a write has reached the disk when it returns, a torn tail is
rolled back by SQLite itself, several processes may look while one writes, and "the open runs of other batches" is a
query instead of a scan of files.

What would be lost with the file are the plans and the record. Nothing would be done twice without it: every request id
derives from batch and run, and the database knows which requests it has seen.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from app.domain.batch import BatchPlan, BatchSettings
from app.domain.batch_ledger import ENDED_STATES, BatchState, EntryState, LedgerEntry
from app.domain.errors import ActionRefused, JournalUnusable
from app.local import batch_codec, batch_tables
from app.local.file_lock import FileLock
from app.local.place import Place
from app.services.batch_ports import BatchHead, Standing, Wish

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

FILE_NAME = "batches.sqlite3"
LOCK_TRIES = 10
LOCK_PAUSE_SECONDS = 0.02
"""Between tries to hold a batch that somebody may only be looking at."""


@dataclass(slots=True)
class _Waiting:
    """Entries on their way to the disk."""

    batch_id: UUID
    entries: tuple[LedgerEntry, ...]
    failure: Exception | None = None


class SqliteBatchJournal:
    """Implements :class:`app.services.batch_ports.BatchJournal`.

    Args:
        directory: Where the file and the runners' locks are; made when something is first written or asked.
        place: What the batches act on; a batch planned on one place is neither listed nor run on another.
    """

    def __init__(self, directory: Path, place: Place) -> None:
        self._directory = directory
        self._place = place
        # SQLite's calls block until the disk has answered, so they have a thread; one thread needs no lock.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rundesk-journal")
        self._connection: sqlite3.Connection | None = None
        self._held: set[UUID] = set()
        self._waiting: deque[_Waiting] = deque()

    async def keep(self, plan: BatchPlan) -> None:
        """Write a new plan with an entry for each run."""
        await self._write(lambda connection: batch_tables.insert_plan(connection, plan, self._place))

    async def plan(self, batch_id: UUID) -> BatchPlan:
        """Return a plan. NotFound."""
        return await self._read(lambda connection: batch_tables.select_plan(connection, batch_id))

    async def entries(self, batch_id: UUID) -> tuple[LedgerEntry, ...]:
        """Return every entry, in the plan's order."""
        return await self._read(lambda connection: batch_tables.select_entries(connection, batch_id))

    async def write(self, batch_id: UUID, entries: Sequence[LedgerEntry]) -> None:
        """Replace these entries; what several callers write meanwhile reaches the disk together."""
        waiting = _Waiting(batch_id, tuple(entries))
        self._waiting.append(waiting)
        await self._on_thread(self._flush)
        if waiting.failure is not None:
            raise self._unusable(str(waiting.failure)) from waiting.failure

    def write_later(self, batch_id: UUID, entry: LedgerEntry) -> None:
        """Replace an entry with the next :meth:`write`, whose failure is then this one's too."""
        self._waiting.append(_Waiting(batch_id, (entry,)))

    async def standing(self, batch_id: UUID) -> Standing:
        """Return where the batch stands. NotFound."""
        head = await self._read(lambda connection: batch_tables.head_of(connection, batch_id))
        state = BatchState(head["state"])
        return Standing(
            state=state,
            code=head["code"],
            message=head["message"],
            wish=Wish(head["wish"]),
            forgiven=head["forgiven"],
            forgiven_bad=head["forgiven_bad"],
            held=batch_id in self._held or self._is_held_elsewhere(batch_id, ended=state in ENDED_STATES),
            planned_elsewhere=not batch_tables.is_of(head, self._place),
        )

    async def stand(self, batch_id: UUID, standing: Standing) -> None:
        """Write where the batch stands, all but ``held`` and ``planned_elsewhere``."""
        values = (
            str(standing.state),
            standing.code,
            standing.message,
            str(standing.wish),
            standing.forgiven,
            standing.forgiven_bad,
            str(batch_id),
        )
        await self._write(
            lambda connection: connection.execute(
                "UPDATE batches SET state = ?, code = ?, message = ?, wish = ?, forgiven = ?, forgiven_bad = ?"
                " WHERE batch_id = ?",
                values,
            )
        )

    async def settle(self, batch_id: UUID, settings: BatchSettings) -> None:
        """Write with which settings the batch is run."""

        def change(connection: sqlite3.Connection) -> None:
            order = batch_codec.read_order(batch_tables.head_of(connection, batch_id)["definition"])
            connection.execute(
                "UPDATE batches SET definition = ? WHERE batch_id = ?",
                (batch_codec.order_text(replace(order, settings=settings)), str(batch_id)),
            )

        await self._write(change)

    async def wish(self, batch_id: UUID, wish: Wish) -> None:
        """Write what the operator wants; the runner reads it before each send."""
        await self._write(
            lambda connection: connection.execute(
                "UPDATE batches SET wish = ? WHERE batch_id = ?", (str(wish), str(batch_id))
            )
        )

    @asynccontextmanager
    async def hold(self, batch_id: UUID, *, moved: bool = False) -> AsyncIterator[None]:
        """Be the one runner of this batch while inside. ActionRefused: another one is, or it belongs elsewhere."""
        await self._settle_place(batch_id, moved=moved)
        lock = await self._lock(batch_id)
        if lock is None:
            raise ActionRefused(
                "batch.held",
                "This batch is being run already, in this Rundesk or in another one. Watch it there, or pause it.",
                batch_id=str(batch_id),
            )
        self._held.add(batch_id)
        try:
            yield
        finally:
            self._held.discard(batch_id)
            await self._let_go(batch_id, lock)

    async def busy_runs(self, tenant: UUID, besides: UUID) -> frozenset[UUID]:
        """Return the runs that unfinished batches of this tenant hold, all but the batch named; plans hold none.

        Those of the same database with another Temporal count as well: the rows that they act on are the same.
        """
        open_batches = (BatchState.RUNNING, BatchState.PAUSED, BatchState.STOPPED)
        open_entries = (EntryState.PENDING, EntryState.SENDING, EntryState.UNDER_WAY)
        statement = (
            "SELECT DISTINCT run_id FROM entries JOIN batches USING (batch_id)"
            " WHERE tenant = ? AND place = ? AND batch_id <> ?"
            " AND batches.state IN (?, ?, ?) AND entries.state IN (?, ?, ?)"
        )
        words = map(str, (*open_batches, *open_entries))
        values = (str(tenant), self._place.database, str(besides), *words)
        rows = await self._read(lambda connection: connection.execute(statement, values).fetchall())
        return frozenset(UUID(row["run_id"]) for row in rows)

    async def known(self, tenant: UUID) -> tuple[BatchHead, ...]:
        """Return the batches of this tenant that were planned on this place, newest first."""
        return await self._read(lambda connection: batch_tables.select_heads(connection, tenant, self._place))

    async def planned_elsewhere(self, tenant: UUID) -> tuple[tuple[UUID, str], ...]:
        """Return the batches of this tenant that were planned on other places, newest first, with the places."""
        return await self._read(lambda connection: batch_tables.select_elsewhere(connection, tenant, self._place))

    async def close(self) -> None:
        """Close the file and end the thread."""
        await self._on_thread(self._close)
        self._thread.shutdown()

    async def _settle_place(self, batch_id: UUID, *, moved: bool) -> None:
        """Refuse a batch that was planned on a copy of this database, say, unless it is known to be the same one."""
        head = await self._read(lambda connection: batch_tables.head_of(connection, batch_id))
        if not batch_tables.is_of(head, self._place) and not moved:
            planned_on = batch_tables.place_text(head)
            raise ActionRefused(
                "batch.other_place",
                f"This batch was planned on {planned_on}, and this is {self._place}. If it is the same database at a "
                "new address, say so (--moved).",
                batch_id=str(batch_id),
                planned_on=planned_on,
                place=str(self._place),
            )
        values = (self._place.database, self._place.temporal, str(batch_id))
        if (head["place"], head["temporal"]) != values[:2]:
            change = "UPDATE batches SET place = ?, temporal = ? WHERE batch_id = ?"
            await self._write(lambda connection: connection.execute(change, values))

    async def _read(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        return await self._on_thread(lambda: ask(self._opened()))

    async def _write(self, change: Callable[[sqlite3.Connection], object]) -> None:
        await self._on_thread(lambda: self._commit(change))

    def _commit(self, change: Callable[[sqlite3.Connection], object]) -> None:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            change(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _flush(self) -> None:
        """Write everything that waits in one transaction, on the journal's thread; a failure is told to each caller."""
        together = []
        with suppress(IndexError):
            while True:
                together.append(self._waiting.popleft())  # the loop's thread appends meanwhile
        try:
            if together:
                written = [(waiting.batch_id, entry) for waiting in together for entry in waiting.entries]
                self._commit(lambda connection: batch_tables.update_entries(connection, written))
        except (sqlite3.Error, OSError) as error:
            for waiting in together:
                waiting.failure = error

    async def _on_thread(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(str(error)) from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._prepare()
            self._connection = batch_tables.open_journal(self._directory / FILE_NAME)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _prepare(self) -> None:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    async def _lock(self, batch_id: UUID) -> FileLock | None:
        """Take the batch's lock, or return None when it stays held: who only looks holds it for a moment, too."""
        lock = self._try_lock(batch_id)
        for _ in range(LOCK_TRIES):
            if lock is not None:
                break
            await asyncio.sleep(LOCK_PAUSE_SECONDS)
            lock = self._try_lock(batch_id)
        return lock

    async def _let_go(self, batch_id: UUID, lock: FileLock) -> None:
        """Let others have the batch; nobody runs one that has ended, so its lock goes."""
        try:
            head = await self._read(lambda connection: batch_tables.head_of(connection, batch_id))
            if head["state"] in ENDED_STATES:
                lock.remove()
        except JournalUnusable as error:
            _LOG.warning("The lock of batch %s stays: %s", batch_id, error.message)
        finally:
            lock.release()

    def _lock_file(self, batch_id: UUID) -> Path:
        return self._directory / f"{batch_id}.lock"

    def _try_lock(self, batch_id: UUID) -> FileLock | None:
        try:
            return FileLock.try_take(self._lock_file(batch_id))
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _is_held_elsewhere(self, batch_id: UUID, *, ended: bool) -> bool:
        """Say whether another process runs the batch; what its process left of a lock goes once it has ended."""
        if not self._lock_file(batch_id).exists():
            return False
        lock = self._try_lock(batch_id)
        if lock is None:
            return True
        if ended:
            lock.remove()
        else:
            lock.release()
        return False

    def _unusable(self, fault: str) -> JournalUnusable:
        return JournalUnusable(
            "batch.journal",
            f"The journal of batches in {self._directory} cannot be used: {fault}. Nothing was sent that it does not "
            "hold. Free the disk or mend the file's rights, then go on.",
            directory=str(self._directory),
            fault=fault,
        )
