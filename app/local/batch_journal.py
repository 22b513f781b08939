"""The journal of batches: one SQLite file in the user's state directory, for this user's eyes only.

SQLite, with a write-ahead log and ``synchronous=FULL``: a write has reached the disk when it returns, a torn tail is
rolled back by SQLite itself, several processes may look while one writes, and "the open runs of other batches" is a
query instead of a scan of files.

What would be lost with the file are the plans and the record. Nothing would be done twice without it: every request id
derives from batch and run, and the database knows which requests it has seen.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from app.domain.batch import BatchPlan, BatchSettings
from app.domain.batch_ledger import BatchState, EntryState, LedgerEntry
from app.domain.errors import ActionRefused, JournalUnusable, NotFound
from app.local import batch_codec
from app.local.file_lock import FileLock
from app.services.batch_ports import BatchHead, Standing, Wish

T = TypeVar("T")

FILE_NAME = "batches.sqlite3"
SCHEMA_VERSION = 1
BUSY_SECONDS = 10.0
"""How long a write waits for another process that writes."""
LOCK_TRIES = 10
LOCK_PAUSE_SECONDS = 0.02
"""Between tries to hold a batch that somebody may only be looking at."""

_SCHEMA = """
CREATE TABLE batches (
    batch_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, place TEXT NOT NULL, planned_at TEXT NOT NULL,
    definition TEXT NOT NULL, side_effects TEXT,
    state TEXT NOT NULL, code TEXT, message TEXT, wish TEXT NOT NULL DEFAULT 'none',
    forgiven INTEGER NOT NULL DEFAULT 0, forgiven_bad INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE entries (
    batch_id TEXT NOT NULL REFERENCES batches, position INTEGER NOT NULL, run_id TEXT NOT NULL, item TEXT NOT NULL,
    state TEXT NOT NULL, new_run_id TEXT, status TEXT, code TEXT, message TEXT, sent_at TEXT, ended_at TEXT,
    PRIMARY KEY (batch_id, run_id)
) STRICT, WITHOUT ROWID;
"""


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
        place: Which database the batches act on, in words and without a password; a batch planned on one is not run
            on another.
    """

    def __init__(self, directory: Path, place: str) -> None:
        self._directory = directory
        self._place = place
        # SQLite's calls block until the disk has answered, so they have a thread; one thread needs no lock.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rundesk-journal")
        self._connection: sqlite3.Connection | None = None
        self._held: set[UUID] = set()
        self._waiting: deque[_Waiting] = deque()

    async def keep(self, plan: BatchPlan) -> None:
        """Write a new plan with an entry for each run."""
        await self._write(lambda connection: _insert_plan(connection, plan, self._place))

    async def plan(self, batch_id: UUID) -> BatchPlan:
        """Return a plan. NotFound."""
        return await self._read(lambda connection: _select_plan(connection, batch_id))

    async def entries(self, batch_id: UUID) -> tuple[LedgerEntry, ...]:
        """Return every entry, in the plan's order."""
        return await self._read(lambda connection: _select_entries(connection, batch_id))

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
        head = await self._read(lambda connection: _head(connection, batch_id))
        return Standing(
            state=BatchState(head["state"]),
            code=head["code"],
            message=head["message"],
            wish=Wish(head["wish"]),
            forgiven=head["forgiven"],
            forgiven_bad=head["forgiven_bad"],
            held=batch_id in self._held or self._is_held_elsewhere(batch_id),
        )

    async def stand(self, batch_id: UUID, standing: Standing) -> None:
        """Write where the batch stands, all but ``held``."""
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
            order = batch_codec.read_order(_head(connection, batch_id)["definition"])
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
            lock.release()

    async def busy_runs(self, tenant: UUID, besides: UUID) -> frozenset[UUID]:
        """Return the runs that unfinished batches of this tenant hold, all but the batch named; plans hold none."""
        open_batches = (BatchState.RUNNING, BatchState.PAUSED, BatchState.STOPPED)
        open_entries = (EntryState.PENDING, EntryState.SENDING, EntryState.UNDER_WAY)
        statement = (
            "SELECT DISTINCT run_id FROM entries JOIN batches USING (batch_id)"
            " WHERE tenant = ? AND place = ? AND batch_id <> ?"
            " AND batches.state IN (?, ?, ?) AND entries.state IN (?, ?, ?)"
        )
        words = map(str, (*open_batches, *open_entries))
        values = (str(tenant), self._place, str(besides), *words)
        rows = await self._read(lambda connection: connection.execute(statement, values).fetchall())
        return frozenset(UUID(row["run_id"]) for row in rows)

    async def known(self, tenant: UUID) -> tuple[BatchHead, ...]:
        """Return the batches of this tenant, newest first."""
        return await self._read(lambda connection: _select_heads(connection, tenant))

    async def close(self) -> None:
        """Close the file and end the thread."""
        await self._on_thread(self._close)
        self._thread.shutdown()

    async def _settle_place(self, batch_id: UUID, *, moved: bool) -> None:
        """Refuse a batch that was planned on a copy of this database, say, unless it is known to be the same one."""
        place = await self._read(lambda connection: str(_head(connection, batch_id)["place"]))
        if place == self._place:
            return
        if not moved:
            raise ActionRefused(
                "batch.other_place",
                f"This batch was planned on {place}, and this is {self._place}. If it is the same database at a new "
                "address, say so (--moved).",
                batch_id=str(batch_id),
                planned_on=place,
                place=self._place,
            )
        values = (self._place, str(batch_id))
        await self._write(
            lambda connection: connection.execute("UPDATE batches SET place = ? WHERE batch_id = ?", values)
        )

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
                self._commit(lambda connection: _update_entries(connection, together))
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
            self._connection = _open(self._directory / FILE_NAME)
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

    def _try_lock(self, batch_id: UUID) -> FileLock | None:
        try:
            return FileLock.try_take(self._directory / f"{batch_id}.lock")
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _is_held_elsewhere(self, batch_id: UUID) -> bool:
        lock = self._try_lock(batch_id)
        if lock is not None:
            lock.release()
        return lock is None

    def _unusable(self, fault: str) -> JournalUnusable:
        return JournalUnusable(
            "batch.journal",
            f"The journal of batches in {self._directory} cannot be used: {fault}. Nothing was sent that it does not "
            "hold. Free the disk or mend the file's rights, then go on.",
            directory=str(self._directory),
            fault=fault,
        )


def _open(path: Path) -> sqlite3.Connection:
    """Open the file, made with mode 0600 before SQLite sees it: it holds the operator's patches."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        connection.execute("ROLLBACK")
        raise sqlite3.DatabaseError(f"it was written by a newer Rundesk (schema {version})")
    if version == 0:
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _insert_plan(connection: sqlite3.Connection, plan: BatchPlan, place: str) -> None:
    order = plan.order
    connection.execute(
        "INSERT INTO batches (batch_id, tenant, place, planned_at, definition, side_effects, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            str(order.batch_id),
            str(order.scope.tenant),
            place,
            plan.planned_at.isoformat(),
            batch_codec.order_text(order),
            batch_codec.effects_text(plan.side_effects),
            str(BatchState.PLANNED),
        ),
    )
    connection.executemany(
        "INSERT INTO entries (batch_id, position, run_id, item, state) VALUES (?, ?, ?, ?, ?)",
        [
            (str(order.batch_id), position, str(item.run_id), batch_codec.item_text(item), str(EntryState.PENDING))
            for position, item in enumerate(plan.items)
        ],
    )


def _head(connection: sqlite3.Connection, batch_id: UUID) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM batches WHERE batch_id = ?", (str(batch_id),)
    ).fetchone()
    if row is None:
        raise NotFound(
            "batch.not_found",
            f"This computer's journal knows no batch {batch_id}. Batches are run where they were planned.",
            batch_id=str(batch_id),
        )
    return row


def _rows(connection: sqlite3.Connection, batch_id: UUID) -> list[sqlite3.Row]:
    query = "SELECT * FROM entries WHERE batch_id = ? ORDER BY position"
    return connection.execute(query, (str(batch_id),)).fetchall()


def _select_plan(connection: sqlite3.Connection, batch_id: UUID) -> BatchPlan:
    items = tuple(batch_codec.read_item(row["item"]) for row in _rows(connection, batch_id))
    return replace(_plan_head(_head(connection, batch_id)), items=items)


def _plan_head(head: sqlite3.Row) -> BatchPlan:
    return BatchPlan(
        order=batch_codec.read_order(head["definition"]),
        items=(),
        planned_at=datetime.fromisoformat(head["planned_at"]),
        side_effects=batch_codec.read_effects(head["side_effects"]),
    )


def _select_heads(connection: sqlite3.Connection, tenant: UUID) -> tuple[BatchHead, ...]:
    batches = "SELECT * FROM batches WHERE tenant = ? ORDER BY planned_at DESC, batch_id"
    counted = "SELECT state, count(*) AS runs FROM entries WHERE batch_id = ? GROUP BY state"
    return tuple(
        BatchHead(
            _plan_head(head),
            tuple((EntryState(row["state"]), row["runs"]) for row in connection.execute(counted, (head["batch_id"],))),
        )
        for head in connection.execute(batches, (str(tenant),)).fetchall()
    )


def _select_entries(connection: sqlite3.Connection, batch_id: UUID) -> tuple[LedgerEntry, ...]:
    return tuple(_entry(row) for row in _rows(connection, batch_id))


def _entry(row: sqlite3.Row) -> LedgerEntry:
    item = batch_codec.read_item(row["item"])
    return LedgerEntry(
        run_id=UUID(row["run_id"]),
        state=EntryState(row["state"]),
        new_run_id=None if row["new_run_id"] is None else UUID(row["new_run_id"]),
        status=row["status"],
        code=row["code"],
        message=row["message"],
        sent_at=batch_codec.read_time(row["sent_at"]),
        ended_at=batch_codec.read_time(row["ended_at"]),
        workflow_id=item.workflow_id,
        workflow_name=item.workflow_name,
    )


def _update_entries(connection: sqlite3.Connection, together: Sequence[_Waiting]) -> None:
    connection.executemany(
        "UPDATE entries SET state = ?, new_run_id = ?, status = ?, code = ?, message = ?, sent_at = ?, ended_at = ?"
        " WHERE batch_id = ? AND run_id = ?",
        [
            (*_values(entry), str(waiting.batch_id), str(entry.run_id))
            for waiting in together
            for entry in waiting.entries
        ],
    )


def _values(entry: LedgerEntry) -> tuple[str | None, ...]:
    return (
        str(entry.state),
        None if entry.new_run_id is None else str(entry.new_run_id),
        entry.status,
        entry.code,
        entry.message,
        None if entry.sent_at is None else entry.sent_at.isoformat(),
        None if entry.ended_at is None else entry.ended_at.isoformat(),
    )
