"""Reads what a triage report says of a run beyond its own rows: tenant, definition, record, events, people's acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.report.definition_excerpt import steps_around
from app.domain.report.surroundings import (
    MOST_ACTS,
    MOST_EVENTS,
    RECORD_SPAN,
    DefinitionExcerpt,
    EventFact,
    PersonalAct,
    RunSurroundings,
    WorkflowRecord,
)
from app.domain.run import ACTIVE_STATUSES, RunKey, RunStatus
from app.postgres.database import Database
from app.postgres.redaction_border import RunBorder
from app.postgres.replayers import read_people
from app.postgres.run_children import read_definition
from app.postgres.run_predicates import REPLAY_REASON, as_run_id, is_run, of_tenant
from app.postgres.run_secrets import read_run_border
from app.postgres.sql_types import AnyRow
from app.postgres.tables import (
    audit_logs,
    tenants,
    workflow_definition_versions,
    workflow_run_waits,
    workflow_runs,
    workflow_runtime_events,
)

_PERSONAL = (
    "workflow_run_start",
    "workflow_run_cancel",
    "workflow_run_replay",
    "workflow_run_resume",
    "workflow_run_repair",
    "workflow_run_release_task",
    "workflow_run_deliver_event",
    "workflow_run_finalize_stranded",
    "workflow_run_export",
)
"""Operations that somebody decided on; the engine's own entries about actions are none."""


class PostgresReportReader:
    """Implements :class:`app.services.report_ports.ReportReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def surroundings(self, key: RunKey, place: str | None, *, acts: bool) -> RunSurroundings:
        """Return what was read; ``acts`` are left out where the login may not read them. NotFound."""
        async with self._database.reading() as connection:
            border = await read_run_border(self._database, connection, key)
            run = (await connection.execute(_select_run(key))).one()
            events = await _events(connection, key, border)
            may_read = (await self._database.capabilities(connection)).can_read_audit
            return RunSurroundings(
                tenant_name=await _tenant_name(connection, key.tenant),
                database_version=run.database_version.split(" ")[0],
                newest_version=await _newest_version(connection, key.tenant, run.workflow_id),
                definition=await _excerpt(connection, key, run, place, border),
                record=await _record(connection, key.tenant, run),
                events=events[:MOST_EVENTS],
                events_cut=len(events) > MOST_EVENTS,
                acts=await _acts(connection, key, border) if acts and may_read and key.tenant is not None else None,
            )


def _select_run(key: RunKey) -> Any:
    runs = workflow_runs.c
    return select(
        runs.workflow_id,
        runs.workflow_version,
        runs.status,
        runs.error_json["nodePath"].astext.label("failed_at"),
        func.now().label("now"),
        func.current_setting("server_version").label("database_version"),
    ).where(*is_run(key))


async def _tenant_name(connection: AsyncConnection, tenant: UUID | None) -> str | None:
    if tenant is None:
        return None
    name: str | None = await connection.scalar(select(tenants.c.client_name).where(tenants.c.tenant == tenant))
    return name


async def _newest_version(connection: AsyncConnection, tenant: UUID | None, workflow_id: UUID) -> int | None:
    versions = workflow_definition_versions.c
    newest: int | None = await connection.scalar(
        select(func.max(versions.version)).where(
            of_tenant(workflow_definition_versions, tenant), versions.workflow_id == workflow_id
        )
    )
    return newest


async def _excerpt(
    connection: AsyncConnection, key: RunKey, run: AnyRow, place: str | None, border: RunBorder
) -> DefinitionExcerpt | None:
    if place is None:
        return None
    around = steps_around(await read_definition(connection, key.tenant, run.workflow_id, run.workflow_version), place)
    if around is None:
        return None
    steps, before, after = around
    return DefinitionExcerpt(place, border.redactor.document(steps, pointers=False), before, after)


async def _record(connection: AsyncConnection, tenant: UUID | None, run: AnyRow) -> WorkflowRecord:
    runs = workflow_runs.c
    since: datetime = run.now - RECORD_SPAN
    there: ColumnElement[bool] = and_(
        runs.status == RunStatus.FAILED,
        literal(run.status) == RunStatus.FAILED,
        runs.error_json["nodePath"].astext == run.failed_at,
    )
    query = select(
        *(
            func.count().filter(runs.status == status).label(status.lower())
            for status in (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED)
        ),
        func.count().filter(runs.status.in_(ACTIVE_STATUSES)).label("active"),
        func.count().filter(there).label("same_place"),
        func.min(runs.completed_at).filter(there).label("first_there"),
        func.max(runs.completed_at).filter(there).label("last_there"),
        func.max(runs.completed_at).filter(runs.status == RunStatus.SUCCEEDED).label("last_success"),
    ).where(of_tenant(workflow_runs, tenant), runs.workflow_id == run.workflow_id, runs.started_at >= since)
    found = (await connection.execute(query)).one()
    return WorkflowRecord(
        since=since,
        succeeded=found.succeeded,
        failed=found.failed,
        canceled=found.canceled,
        active=found.active,
        same_place=found.same_place,
        first_there=found.first_there,
        last_there=found.last_there,
        last_success=found.last_success,
    )


async def _events(connection: AsyncConnection, key: RunKey, border: RunBorder) -> tuple[EventFact, ...]:
    """Return the newest events that the run matched or that one of its waits names, oldest first, one too many."""
    events, waits = workflow_runtime_events.c, workflow_run_waits.c
    named = exists().where(
        of_tenant(workflow_run_waits, key.tenant),
        waits.run_id == key.run_id,
        waits.event_name == events.event_name,
        waits.key == events.correlation_key,
    )
    query = (
        select(
            events.event_id,
            events.event_name,
            events.correlation_key,
            events.created_at,
            events.processed_at,
            (func.coalesce(events.matched_run_id == key.run_id, False)).label("matched"),
            events.error_message,
        )
        .where(of_tenant(workflow_runtime_events, key.tenant), or_(events.matched_run_id == key.run_id, named))
        .order_by(events.created_at.desc(), events.event_id)
        .limit(MOST_EVENTS + 1)
    )
    found = (await connection.execute(query)).all()
    return tuple(
        EventFact(
            event_id=row.event_id,
            event_name=row.event_name,
            correlation_key=border.text(row.correlation_key),
            created_at=row.created_at,
            processed_at=row.processed_at,
            matched=row.matched,
            error=border.error_text(row.error_message),
        )
        for row in reversed(found)
    )


async def _acts(connection: AsyncConnection, key: RunKey, border: RunBorder) -> tuple[PersonalAct, ...]:
    audit = audit_logs.c
    query = (
        select(
            audit.audit_id,
            audit.timestamp,
            audit.operation,
            audit.user_id,
            audit.details[REPLAY_REASON].astext.label("reason"),
        )
        .where(
            audit.tenant == key.tenant,
            audit.table_name == "workflow_runs",
            audit.record_id == str(key.run_id),
            audit.operation.in_(_PERSONAL),
        )
        .order_by(audit.timestamp.desc())
        .limit(MOST_ACTS)
    )
    rows = list(reversed((await connection.execute(query)).all()))
    users = {row.audit_id: user for row in rows if (user := as_run_id(row.user_id)) is not None}
    people = await read_people(connection, key.tenant, set(users.values())) if key.tenant is not None and users else {}
    return tuple(
        PersonalAct(
            at=row.timestamp,
            operation=row.operation,
            who=people[users[row.audit_id]].name if users.get(row.audit_id) in people else None,
            reason=border.text(row.reason),
        )
        for row in rows
    )
