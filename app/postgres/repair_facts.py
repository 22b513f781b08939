"""Reads what a repair is judged by: the run's row and what is open below it (runtime.md 8.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.repair import OpenWaitFacts, RecordedEvent, RepairFacts, SealedPayload
from app.domain.run import RunKey, RunStatus, StepStatus, WaitStatus
from app.postgres.launch_outcome import LAUNCH_STAGE
from app.postgres.redaction_border import document_text, read_document
from app.postgres.run_predicates import has_steps, is_run, of_tenant
from app.postgres.sql_types import AnyRow, Condition
from app.postgres.tables import (
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
    workflow_runtime_events,
    workflow_tasks,
)

OPEN_TASKS = ("pending", "claimed")
"""Words of ``workflow_tasks.status`` that wait for somebody (database.md 2.11)."""
MOST_PARTS = 500
"""More open parts than these are written all the same, but not named in a plan."""


async def read_repair_facts(connection: AsyncConnection, key: RunKey) -> RepairFacts:
    """Return what the rows say. NotFound."""
    row = await _run(connection, key)
    return RepairFacts(
        key=key,
        status=row.status,
        engine=row.engine,
        started_at=row.started_at,
        completed_at=row.completed_at,
        age_seconds=float(row.age_seconds),
        workflow_id=row.workflow_id,
        workflow_version=row.workflow_version,
        trigger_type=row.trigger_type,
        trigger_fire_key=row.trigger_fire_key,
        parent_run_id=row.parent_run_id,
        temporal_workflow_id=row.temporal_workflow_id,
        temporal_run_id=row.temporal_run_id,
        semantics_version=row.runtime_semantics_version,
        has_steps=row.has_steps,
        has_waits=row.has_waits,
        started_steps=await _started_steps(connection, key),
        open_waits=await _open_waits(connection, key),
        open_tasks=await _open_task_ids(connection, key),
        launch_failed=row.status == RunStatus.FAILED and row.error_stage == LAUNCH_STAGE,
    )


async def read_recorded_event(connection: AsyncConnection, tenant: UUID, event_id: UUID) -> RecordedEvent:
    """Return an event row with its payload sealed. NotFound."""
    events = workflow_runtime_events.c
    query = select(events.event_name, events.correlation_key, document_text(events.payload).label("payload")).where(
        events.tenant == tenant, events.event_id == event_id
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("event.not_found", f"This tenant has no event {event_id}.", event_id=str(event_id))
    return RecordedEvent(event_id, row.event_name, row.correlation_key, SealedPayload(read_document(row.payload)))


def of_open_tasks(key: RunKey) -> tuple[Condition, ...]:
    """Return the conditions of the run's pending and claimed tasks."""
    tasks = workflow_tasks.c
    return tasks.tenant == key.tenant, tasks.execution_id == key.run_id, tasks.status.in_(OPEN_TASKS)


def _has_waits(tenant: UUID | None) -> Condition:
    """Return whether the run has a wait row of any status."""
    waits = workflow_run_waits.c
    return exists().where(of_tenant(workflow_run_waits, tenant), waits.run_id == workflow_runs.c.run_id)


async def _run(connection: AsyncConnection, key: RunKey) -> AnyRow:
    runs = workflow_runs.c
    age: Any = func.extract("epoch", func.now() - runs.started_at)
    query = select(
        runs.status,
        runs.engine,
        runs.started_at,
        runs.completed_at,
        age.label("age_seconds"),
        runs.workflow_id,
        runs.workflow_version,
        runs.trigger_type,
        runs.trigger_fire_key,
        runs.parent_run_id,
        runs.temporal_workflow_id,
        runs.temporal_run_id,
        runs.runtime_semantics_version,
        runs.error_json["stage"].astext.label("error_stage"),
        has_steps(key.tenant).label("has_steps"),
        _has_waits(key.tenant).label("has_waits"),
    ).where(*is_run(key))
    row: AnyRow | None = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
    return row


async def _started_steps(connection: AsyncConnection, key: RunKey) -> tuple[str, ...]:
    steps = workflow_run_steps.c
    query = (
        select(steps.step_path)
        .where(
            of_tenant(workflow_run_steps, key.tenant), steps.run_id == key.run_id, steps.status == StepStatus.STARTED
        )
        .order_by(steps.started_at, steps.step_id)
        .limit(MOST_PARTS)
    )
    return tuple(await connection.scalars(query))


async def _open_waits(connection: AsyncConnection, key: RunKey) -> tuple[OpenWaitFacts, ...]:
    waits = workflow_run_waits.c
    query = (
        select(waits.wait_id, waits.wait_type, waits.step_path, waits.key, waits.event_name, waits.timeout_at)
        .where(
            of_tenant(workflow_run_waits, key.tenant), waits.run_id == key.run_id, waits.status == WaitStatus.WAITING
        )
        .order_by(waits.created_at, waits.wait_id)
        .limit(MOST_PARTS)
    )
    return tuple(OpenWaitFacts(*row) for row in await connection.execute(query))


async def _open_task_ids(connection: AsyncConnection, key: RunKey) -> tuple[UUID, ...]:
    if key.tenant is None:
        return ()
    tasks = workflow_tasks.c
    query = select(tasks.task_id).where(*of_open_tasks(key)).order_by(tasks.created_at, tasks.task_id)
    return tuple(await connection.scalars(query.limit(MOST_PARTS)))
