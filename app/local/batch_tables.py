"""The tables of the batches' journal, and the statements on them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from app.domain.batch import BatchPlan
from app.domain.batch_ledger import BatchState, EntryState, LedgerEntry
from app.domain.errors import NotFound
from app.local import batch_codec
from app.local.place import Place
from app.services.batch_ports import BatchHead

SCHEMA_VERSION = 2
BUSY_SECONDS = 10.0
"""How long a write waits for another process that writes."""

_SCHEMA = """
CREATE TABLE batches (
    batch_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, place TEXT NOT NULL, planned_at TEXT NOT NULL,
    definition TEXT NOT NULL, side_effects TEXT,
    state TEXT NOT NULL, code TEXT, message TEXT, wish TEXT NOT NULL DEFAULT 'none',
    forgiven INTEGER NOT NULL DEFAULT 0, forgiven_bad INTEGER NOT NULL DEFAULT 0, temporal TEXT
) STRICT;
CREATE TABLE entries (
    batch_id TEXT NOT NULL REFERENCES batches, position INTEGER NOT NULL, run_id TEXT NOT NULL, item TEXT NOT NULL,
    state TEXT NOT NULL, new_run_id TEXT, status TEXT, code TEXT, message TEXT, sent_at TEXT, ended_at TEXT,
    PRIMARY KEY (batch_id, run_id)
) STRICT, WITHOUT ROWID;
"""
_SINCE_VERSION_1 = "ALTER TABLE batches ADD COLUMN temporal TEXT"
"""Version 1 knew a batch's database (``place``) only; its batches belong to whichever Temporal runs them next."""


def open_journal(path: Path) -> sqlite3.Connection:
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
    elif version == 1:
        connection.execute(_SINCE_VERSION_1)
    if version < SCHEMA_VERSION:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def insert_plan(connection: sqlite3.Connection, plan: BatchPlan, place: Place) -> None:
    """Write a new plan with an entry for each run."""
    order = plan.order
    connection.execute(
        "INSERT INTO batches (batch_id, tenant, place, temporal, planned_at, definition, side_effects, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            str(order.batch_id),
            str(order.scope.tenant),
            place.database,
            place.temporal,
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


def head_of(connection: sqlite3.Connection, batch_id: UUID) -> sqlite3.Row:
    """Return a batch's row. NotFound."""
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


def select_plan(connection: sqlite3.Connection, batch_id: UUID) -> BatchPlan:
    """Return a plan with its items. NotFound."""
    items = tuple(batch_codec.read_item(row["item"]) for row in _rows(connection, batch_id))
    return replace(_plan_head(head_of(connection, batch_id)), items=items)


def _plan_head(head: sqlite3.Row) -> BatchPlan:
    return BatchPlan(
        order=batch_codec.read_order(head["definition"]),
        items=(),
        planned_at=datetime.fromisoformat(head["planned_at"]),
        side_effects=batch_codec.read_effects(head["side_effects"]),
    )


def is_of(head: sqlite3.Row, place: Place) -> bool:
    """Say whether a batch was planned here; one without a Temporal is older than the column."""
    return head["place"] == place.database and head["temporal"] in (None, place.temporal)


def place_text(head: sqlite3.Row) -> str:
    """Return where a batch was planned, in words."""
    return head["place"] if head["temporal"] is None else str(Place(head["place"], head["temporal"]))


def _select_batches(connection: sqlite3.Connection, tenant: UUID) -> list[sqlite3.Row]:
    batches = "SELECT * FROM batches WHERE tenant = ? ORDER BY planned_at DESC, batch_id"
    return connection.execute(batches, (str(tenant),)).fetchall()


def select_heads(connection: sqlite3.Connection, tenant: UUID, place: Place) -> tuple[BatchHead, ...]:
    """Return the batches of this tenant that were planned on this place, newest first."""
    counted = "SELECT state, count(*) AS runs FROM entries WHERE batch_id = ? GROUP BY state"
    return tuple(
        BatchHead(
            _plan_head(head),
            tuple((EntryState(row["state"]), row["runs"]) for row in connection.execute(counted, (head["batch_id"],))),
        )
        for head in _select_batches(connection, tenant)
        if is_of(head, place)
    )


def select_elsewhere(connection: sqlite3.Connection, tenant: UUID, place: Place) -> tuple[tuple[UUID, str], ...]:
    """Return the batches of this tenant that were planned on other places, newest first, with the places."""
    heads = _select_batches(connection, tenant)
    return tuple((UUID(head["batch_id"]), place_text(head)) for head in heads if not is_of(head, place))


def select_entries(connection: sqlite3.Connection, batch_id: UUID) -> tuple[LedgerEntry, ...]:
    """Return every entry, in the plan's order."""
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


def update_entries(connection: sqlite3.Connection, together: Iterable[tuple[UUID, LedgerEntry]]) -> None:
    """Replace these batches' entries, in the order given."""
    connection.executemany(
        "UPDATE entries SET state = ?, new_run_id = ?, status = ?, code = ?, message = ?, sent_at = ?, ended_at = ?"
        " WHERE batch_id = ? AND run_id = ?",
        [(*_values(entry), str(batch_id), str(entry.run_id)) for batch_id, entry in together],
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
