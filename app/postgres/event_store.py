"""The rows of events on their way in, and whom they concern (database.md 2.5; runtime.md 4.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import cast, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import ActionRefused
from app.domain.event_ingress import (
    Arrival,
    EventArrival,
    EventEnd,
    IncomingEvent,
    SchemaConflict,
    TriggeredWorkflow,
    WaitingRun,
)
from app.domain.launching import RunNote
from app.domain.redaction import Redactor
from app.domain.run import JsonValue, WaitStatus, WaitType
from app.postgres.action_records import write_record
from app.postgres.database import Database
from app.postgres.event_catalog import catalogued_schema
from app.postgres.launch_admission import storage_faults
from app.postgres.redaction_border import document_text, read_document, redaction_policy
from app.postgres.sql_types import AnyRow, update_time
from app.postgres.tables import (
    tenants,
    workflow_definition_versions,
    workflow_definitions,
    workflow_run_waits,
    workflow_runtime_events,
)
from app.services.ports import ActionRecord

_PUBLISHED = "published"
_EVENT_TRIGGER = "event"


class PostgresEventStore:
    """Implements :class:`app.services.event_ports.EventStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, event: IncomingEvent, record: ActionRecord) -> EventArrival:
        """Insert the event unless its id is known, and find whom it concerns; see the port."""
        async with self._database.writing(event.tenant) as connection:
            await _refuse_suspended(connection, event.tenant)
            catalogued = await catalogued_schema(connection, event.tenant, event.name)
            conflict = _conflict(event.schema_ref, catalogued)
            is_new = await _insert(connection, event, conflict)
            row = await _row(connection, event)
            policy = await redaction_policy(self._database, connection, event.tenant)
            if row.processed_at is not None:
                return EventArrival(
                    Arrival.DUPLICATE,
                    row.created_at,
                    conflict=_stored_conflict(row.schema_ref_conflict),
                    matched_run=row.matched_run_id,
                    error=row.error_message,
                    policy=policy,
                )
            await write_record(connection, event.tenant, record, Redactor(policy))
            return EventArrival(
                arrival=Arrival.NEW if is_new else Arrival.UNFINISHED,
                received_at=row.created_at,
                waiting=await _waiting(connection, event),
                triggered=await _triggered(connection, event),
                schema_ref=event.schema_ref or catalogued,
                conflict=conflict,
                policy=policy,
            )

    async def settle(self, event: IncomingEvent, end: EventEnd) -> None:
        """Write what became of the event; what the engine has proved, or an earlier sending reached, stays."""
        events = workflow_runtime_events.c
        values: dict[str, Any] = {
            "matched_run_id": func.coalesce(events.matched_run_id, end.matched_run),
            "matched_wait_id": func.coalesce(events.matched_wait_id, end.matched_wait),
            "matched_step_path": func.coalesce(events.matched_step_path, end.matched_step_path),
            "error_message": end.error,
        }
        if end.settled:
            values["processed_at"] = update_time()
        async with self._database.writing(event.tenant) as connection:
            await connection.execute(
                update(workflow_runtime_events)
                .where(events.tenant == event.tenant, events.event_id == event.event_id, events.processed_at.is_(None))
                .values(values)
            )

    async def close_stale(self, event: IncomingEvent, wait: WaitingRun, ended_as: str) -> bool:
        """Cancel the wait of an execution that has ended, with a log; False when it is not WAITING any more."""
        waits = workflow_run_waits.c
        context: dict[str, object] = {"waitId": wait.wait_id, "eventId": event.event_id, "execution": ended_as}
        note = RunNote(wait.run_id, "WARN", "Stale wait closed: its execution had ended before the event came", context)
        record = ActionRecord(uuid5(event.event_id, f"stale:{wait.wait_id}"), None, (note,))
        async with self._database.writing(event.tenant) as connection:
            closed = await connection.scalar(
                update(workflow_run_waits)
                .where(
                    waits.tenant == event.tenant,
                    waits.run_id == wait.run_id,
                    waits.wait_id == wait.wait_id,
                    waits.status == WaitStatus.WAITING,
                )
                .values(status=str(WaitStatus.CANCELED), resolved_at=update_time())
                .returning(waits.wait_id)
            )
            if closed is None:
                return False
            redactor = Redactor(await redaction_policy(self._database, connection, event.tenant))
            await write_record(connection, event.tenant, record, redactor)
        return True


async def _refuse_suspended(connection: AsyncConnection, tenant: UUID) -> None:
    """Refuse what the product acknowledges and drops: the events of a tenant that has left."""
    suspended: datetime | None = await connection.scalar(
        select(tenants.c.suspended_at).where(tenants.c.tenant == tenant)
    )
    if suspended is not None:
        raise ActionRefused(
            "event.tenant_suspended",
            f"This tenant is suspended since {suspended:%Y-%m-%d}, so its events start and resume nothing. Nothing was "
            "recorded.",
            since=f"{suspended:%Y-%m-%d}",
        )


async def _insert(connection: AsyncConnection, event: IncomingEvent, conflict: SchemaConflict | None) -> bool:
    """Insert the event as not yet processed; False when its id is known. Waits for whoever inserts it just now."""
    row = {
        "event_id": event.event_id,
        "tenant": event.tenant,
        "event_name": event.name,
        "correlation_key": event.primary_key,
        "payload": event.payload,
        "payload_schema_ref": event.schema_ref,
        "schema_ref_conflict": None
        if conflict is None
        else {"submission": conflict.submission, "catalog": conflict.catalog},
    }
    events = workflow_runtime_events
    with storage_faults():
        inserted = await connection.scalar(
            insert(events).values(row).on_conflict_do_nothing().returning(events.c.event_id)
        )
    return inserted is not None


async def _row(connection: AsyncConnection, event: IncomingEvent) -> AnyRow:
    """Return the event's row. ActionRefused when the id is another event's, be it another tenant's."""
    events = workflow_runtime_events.c
    is_same = (events.event_name == event.name) & (events.payload == cast(event.payload, JSONB))
    query = select(
        events.created_at,
        events.processed_at,
        events.matched_run_id,
        events.error_message,
        events.schema_ref_conflict,
        func.coalesce(is_same, False).label("is_same"),
    ).where(events.tenant == event.tenant, events.event_id == event.event_id)
    row: AnyRow | None = (await connection.execute(query)).one_or_none()
    if row is None or not row.is_same:
        raise ActionRefused(
            "event.id_taken",
            f"The id {event.event_id} belongs to another event: another name or payload. Nothing was changed. An event "
            "that is sent again keeps both; a new one needs an id of its own.",
            event_id=str(event.event_id),
        )
    return row


async def _waiting(connection: AsyncConnection, event: IncomingEvent) -> tuple[WaitingRun, ...]:
    """Return open waits by name and key, oldest first; not those of a run that has taken this event already."""
    waits, other = workflow_run_waits, workflow_run_waits.alias("taken")
    has_taken = exists().where(
        other.c.tenant == event.tenant,
        other.c.run_id == waits.c.run_id,
        other.c.payload["matchedEventId"].astext == str(event.event_id),
    )
    by_key = waits.c.key.in_(event.keys)
    any_key = (waits.c.wait_type == WaitType.EVENT) & waits.c.key.is_(None)
    query = (
        select(
            waits.c.run_id,
            waits.c.wait_id,
            waits.c.step_path,
            waits.c.wait_type,
            waits.c.key,
            document_text(waits.c.payload["filters"]).label("filters"),
        )
        .where(
            waits.c.tenant == event.tenant,
            waits.c.event_name == event.name,
            waits.c.status == WaitStatus.WAITING,
            waits.c.wait_type.in_((WaitType.EVENT, WaitType.HUMAN)),
            or_(by_key, any_key),
            ~has_taken,
        )
        .order_by(waits.c.created_at, waits.c.wait_id)
    )
    return tuple(
        WaitingRun(row.run_id, row.wait_id, row.step_path, row.wait_type, row.key, read_document(row.filters))
        for row in await connection.execute(query)
    )


async def _triggered(connection: AsyncConnection, event: IncomingEvent) -> tuple[TriggeredWorkflow, ...]:
    """Return published workflows whose newest version the event triggers."""
    definitions, versions = workflow_definitions.c, workflow_definition_versions.c
    newest = (
        select(func.max(versions.version))
        .where(versions.tenant == event.tenant, versions.workflow_id == definitions.workflow_id)
        .correlate(workflow_definitions)
        .scalar_subquery()
    )
    trigger = versions.definition_json["trigger"]
    query = (
        select(
            definitions.workflow_id,
            definitions.name,
            versions.version,
            func.coalesce(versions.definition_json["payloadSchemaRef"].astext, definitions.payload_schema_ref).label(
                "payload_schema_ref"
            ),
            trigger["sourcePayloadSchemaRef"].astext.label("source_schema_ref"),
            document_text(trigger["payloadMapping"]).label("mapping"),
        )
        .join_from(
            workflow_definitions,
            workflow_definition_versions,
            (versions.tenant == definitions.tenant) & (versions.workflow_id == definitions.workflow_id),
        )
        .where(
            definitions.tenant == event.tenant,
            definitions.status == _PUBLISHED,
            versions.version == newest,
            trigger["type"].astext == _EVENT_TRIGGER,
            trigger["eventName"].astext == event.name,
        )
        .order_by(definitions.name, definitions.workflow_id)
    )
    found = await connection.execute(query)
    return tuple(
        TriggeredWorkflow(
            row.workflow_id,
            row.name,
            row.version,
            row.payload_schema_ref,
            row.source_schema_ref,
            read_document(row.mapping),
        )
        for row in found
    )


def _conflict(submitted: str | None, catalogued: str | None) -> SchemaConflict | None:
    if submitted is None or catalogued is None or submitted == catalogued:
        return None
    return SchemaConflict(submitted, catalogued)


def _stored_conflict(stored: JsonValue) -> SchemaConflict | None:
    if not isinstance(stored, dict):
        return None
    return SchemaConflict(str(stored.get("submission")), str(stored.get("catalog")))
