"""Log and audit rows of an action, written in the action's own transaction (runtime.md F44).

Their ids derive from the request, so that writing a record a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import BindParameter, Column, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app import __version__
from app.domain import json_text
from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator
from app.domain.redaction import Redactor
from app.domain.run import JsonValue
from app.postgres.built_statement import BuiltStatement, Values, run_together
from app.postgres.payload_source import stored_size
from app.postgres.tables import audit_logs, workflow_run_logs, workflow_runs
from app.services.ports import ActionRecord

AUDIT_SOURCE = "rundesk"
RUNTIME_SOURCE = "runtime"
"""``source`` of the log rows that a launch writes."""
MAX_LOG_CONTEXT_BYTES = 64 * 1024
"""A larger log context is replaced by a note of its size (database.md 3.6)."""


def _parameter(prefix: str, column: Column[Any]) -> BindParameter[Any]:
    return bindparam(f"{prefix}_{column.name}", type_=column.type)


_LOGIN = func.jsonb_build_object("databaseLogin", func.current_user())
_NOTE_COLUMNS = ("log_id", "tenant", "run_id", "level", "message", "context_json", "source")
_AUDIT_COLUMNS = ("audit_id", "tenant", "user_id", "operation", "table_name", "record_id", "changed_data")
_INSERT_NOTE = BuiltStatement(
    insert(workflow_run_logs)
    .values(
        {name: _parameter("note", workflow_run_logs.c[name]) for name in _NOTE_COLUMNS}
        | {"created_at": func.clock_timestamp()}
    )
    .on_conflict_do_nothing()
)
_INSERT_AUDIT = BuiltStatement(
    insert(audit_logs)
    .values(
        {name: _parameter("audit", audit_logs.c[name]) for name in _AUDIT_COLUMNS}
        | {"details": _parameter("audit", audit_logs.c.details).op("||")(_LOGIN), "timestamp": func.clock_timestamp()}
    )
    .on_conflict_do_nothing()
)


def _start_note() -> BuiltStatement:
    runs, logs = workflow_runs.c, workflow_run_logs.c
    size = func.jsonb_build_object("payloadSizeBytes", stored_size(func.char_length))
    values = {name: _parameter("note", logs[name]) for name in _NOTE_COLUMNS}
    chosen = {**values, "context_json": values["context_json"].op("||")(size), "created_at": func.clock_timestamp()}
    of_run = (runs.tenant == values["tenant"], runs.run_id == values["run_id"])
    query = select(*chosen.values()).where(*of_run)
    return BuiltStatement(insert(workflow_run_logs).from_select([*chosen], query).on_conflict_do_nothing())


_INSERT_START_NOTE = _start_note()


def start_note(tenant: UUID, note: RunNote, log_id: UUID, redactor: Redactor) -> tuple[BuiltStatement, Values]:
    """Return the log of a start, to be sent behind the run's insertion: it adds the size of what was stored."""
    return _INSERT_START_NOTE, _note(tenant, note, log_id, redactor, RUNTIME_SOURCE)[1]


async def write_record(
    connection: AsyncConnection, tenant: UUID | None, record: ActionRecord, redactor: Redactor
) -> None:
    """Write the record's logs and its audit row; rows that an equal request wrote before stay as they are."""
    rows = record_rows(tenant, record, redactor)
    if rows:
        await run_together(connection, *rows)


def record_rows(tenant: UUID | None, record: ActionRecord, redactor: Redactor) -> list[tuple[BuiltStatement, Values]]:
    """Return the statements of :func:`write_record`."""
    rows = [
        _note(tenant, note, uuid5(record.request_id, f"log:{number}"), redactor, AUDIT_SOURCE)
        for number, note in enumerate(record.notes)
    ]
    if record.audit is not None and tenant is not None:
        rows.append(_audit(tenant, record.audit, record.operator, uuid5(record.request_id, "audit")))
    return rows


def _note(
    tenant: UUID | None, note: RunNote, log_id: UUID, redactor: Redactor, source: str
) -> tuple[BuiltStatement, Values]:
    return _INSERT_NOTE, {
        "note_log_id": log_id,
        "note_tenant": tenant,
        "note_run_id": note.run_id,
        "note_level": note.level,
        "note_message": note.message,
        "note_context_json": _capped(redactor.for_own_words().value(as_json(note.context), pointers=False)),
        "note_source": source,
    }


def _audit(tenant: UUID, note: AuditNote, operator: Operator | None, audit_id: UUID) -> tuple[BuiltStatement, Values]:
    """Return one ``audit_logs`` row. Its trigger takes the tenant from the transaction's ``app.current_tenant``.

    The server adds the login, because only it knows who the connection really is behind pools and role changes.
    """
    details = {
        "source": AUDIT_SOURCE,
        **note.details,
        "actorRoles": [] if operator is None else list(operator.roles),
        "operatorVerified": operator is not None and operator.verified,
        "appVersion": __version__,
    }
    return _INSERT_AUDIT, {
        "audit_audit_id": audit_id,
        "audit_tenant": tenant,
        "audit_user_id": None if operator is None else str(operator.user_id),
        "audit_operation": note.operation,
        "audit_table_name": note.table_name,
        "audit_record_id": str(note.record_id),
        "audit_changed_data": as_json(note.changed),
        "audit_details": as_json(details),
    }


def as_json(value: object) -> JsonValue:
    """Return what a note holds as a JSON value: ids and times become text, tuples lists.

    Raises:
        TypeError: Something that has no place in a note; that is a bug of the caller.
    """
    if value is None or isinstance(value, (bool, int, Decimal)):
        return value
    if isinstance(value, (str, UUID)):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    raise TypeError(f"a note cannot hold a {type(value).__name__}")


def _capped(context: JsonValue) -> JsonValue:
    size = len(json_text.dump(context).encode())
    if size <= MAX_LOG_CONTEXT_BYTES:
        return context
    return {"truncated": True, "size": size, "max": MAX_LOG_CONTEXT_BYTES}
