"""Log and audit rows of an action, written in the action's own transaction (runtime.md F44).

Their ids derive from the request, so that writing a record a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from sqlalchemy import bindparam, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app import __version__
from app.domain import json_text
from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator
from app.domain.redaction import Redactor
from app.domain.run import JsonValue
from app.postgres.tables import audit_logs, workflow_run_logs
from app.services.ports import ActionRecord

AUDIT_SOURCE = "rundesk"
RUNTIME_SOURCE = "runtime"
"""``source`` of the log rows that a launch writes."""
MAX_LOG_CONTEXT_BYTES = 64 * 1024
"""A larger log context is replaced by a note of its size (database.md 3.6)."""


_INSERT_NOTES = insert(workflow_run_logs).values(created_at=func.clock_timestamp()).on_conflict_do_nothing()
_INSERT_AUDIT = (
    insert(audit_logs)
    .values(
        details=bindparam("known_details", type_=audit_logs.c.details.type).op("||")(
            func.jsonb_build_object("databaseLogin", func.current_user())
        ),
        timestamp=func.clock_timestamp(),
    )
    .on_conflict_do_nothing()
)


async def write_record(
    connection: AsyncConnection, tenant: UUID | None, record: ActionRecord, redactor: Redactor
) -> None:
    """Write the record's logs and its audit row; rows that an equal request wrote before stay as they are."""
    rows = [
        _note_row(tenant, note, uuid5(record.request_id, f"log:{number}"), redactor, AUDIT_SOURCE)
        for number, note in enumerate(record.notes)
    ]
    if rows:
        await connection.execute(_INSERT_NOTES, rows)
    if record.audit is not None and tenant is not None:
        await _write_audit(connection, tenant, record.audit, record.operator, uuid5(record.request_id, "audit"))


async def write_note(
    connection: AsyncConnection,
    tenant: UUID | None,
    note: RunNote,
    log_id: UUID,
    redactor: Redactor,
    *,
    source: str = AUDIT_SOURCE,
) -> None:
    """Write one ``workflow_run_logs`` row; the context passes through redaction and the size cap."""
    await connection.execute(_INSERT_NOTES, [_note_row(tenant, note, log_id, redactor, source)])


def _note_row(tenant: UUID | None, note: RunNote, log_id: UUID, redactor: Redactor, source: str) -> dict[str, object]:
    return {
        "log_id": log_id,
        "tenant": tenant,
        "run_id": note.run_id,
        "level": note.level,
        "message": note.message,
        "context_json": _capped(redactor.value(as_json(note.context), pointers=False)),
        "source": source,
    }


async def _write_audit(
    connection: AsyncConnection, tenant: UUID, note: AuditNote, operator: Operator | None, audit_id: UUID
) -> None:
    """Write one ``audit_logs`` row. Its trigger takes the tenant from the transaction's ``app.current_tenant``.

    The server adds the login, because only it knows who the connection really is behind pools and role changes.
    """
    details = {
        "source": AUDIT_SOURCE,
        **note.details,
        "actorRoles": [] if operator is None else list(operator.roles),
        "operatorVerified": operator is not None and operator.verified,
        "appVersion": __version__,
    }
    row = {
        "audit_id": audit_id,
        "tenant": tenant,
        "user_id": None if operator is None else str(operator.user_id),
        "operation": note.operation,
        "table_name": note.table_name,
        "record_id": str(note.record_id),
        "changed_data": as_json(note.changed),
        "known_details": as_json(details),
    }
    await connection.execute(_INSERT_AUDIT, row)


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
