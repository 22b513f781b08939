"""Closes in the projection what a canceled run left open (runtime.md F13, F14, F17).

The reference worker projects nothing when it is canceled, so the console writes what the worker should have: the run,
its STARTED steps, WAITING waits and uncompleted human tasks, and the same for children whose executions have ended.
Every UPDATE is guarded by the state that it leads from; whatever a worker has projected stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.cancellation import ClosedParts, OpenAction, OpenParts
from app.domain.errors import NotFound
from app.domain.redaction import Redactor
from app.domain.run import (
    ACTIVE_STATUSES,
    ENGINE_TEMPORAL,
    InvocationStatus,
    RunKey,
    RunStatus,
    StepStatus,
    WaitStatus,
)
from app.postgres.action_records import write_record
from app.postgres.database import Database
from app.postgres.redaction_border import redaction_policy
from app.postgres.run_predicates import has_steps, is_run, of_tenant
from app.postgres.sql_types import Condition, update_time
from app.postgres.step_duration import milliseconds_until
from app.postgres.tables import (
    workflow_action_invocations,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
    workflow_tasks,
)
from app.services.ports import ActionRecord

MOST_CHILDREN = 200
"""Active descendants that one closing takes; with them it stays one short transaction."""
MOST_GENERATIONS = 8
MOST_SHOWN = 100
"""Steps, waits and actions that are named."""
OPEN_TASKS = ("pending", "claimed")
"""Words of ``workflow_tasks.status`` that wait for somebody (database.md 2.11)."""
CANCELED_TASK = "canceled"


class PostgresRunClosing:
    """Implements :class:`app.services.cancel_ports.RunClosing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_parts(self, key: RunKey) -> OpenParts:
        """Return what is open of the run and its descendants, in one snapshot. NotFound."""
        async with self._database.reading() as connection:
            never_started = await _never_started(connection, key)
            children = await _active_descendants(connection, key)
            return OpenParts(
                waits=await _open_waits(connection, key),
                steps=await _started_steps(connection, key),
                tasks=await _open_tasks(connection, key),
                actions=await _started_actions(connection, key, children),
                children=tuple(children[:MOST_CHILDREN]),
                more_children=len(children) > MOST_CHILDREN,
                never_started=never_started,
            )

    async def close(self, key: RunKey, children: tuple[UUID, ...], record: ActionRecord) -> ClosedParts:
        """Close run and children in one transaction with the record; see the port."""
        async with self._database.writing(key.tenant) as connection:
            wanted = [key.run_id, *children]
            runs = await _close_runs(connection, key.tenant, wanted)
            canceled = await _canceled_of(connection, key.tenant, wanted)
            closed = ClosedParts(
                runs=runs,
                steps=await _close_steps(connection, key.tenant, canceled),
                waits=await _close_waits(connection, key.tenant, canceled),
                tasks=await _close_tasks(connection, key.tenant, canceled),
            )
            if closed:
                redactor = Redactor(await redaction_policy(self._database, connection, key.tenant))
                await write_record(connection, key.tenant, _completed(record, key, closed), redactor)
        return closed


async def _never_started(connection: AsyncConnection, key: RunKey) -> bool:
    """Say whether this is a launch of ours without a trace of an execution (F30). NotFound."""
    runs = workflow_runs.c
    query = select(
        runs.status,
        runs.engine,
        func.coalesce(runs.temporal_workflow_id, runs.temporal_run_id).label("execution"),
        runs.parent_run_id,
        has_steps(key.tenant).label("has_steps"),
    ).where(*is_run(key))
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
    launched = row.status == RunStatus.RUNNING and row.engine == ENGINE_TEMPORAL and row.parent_run_id is None
    return launched and row.execution is None and not row.has_steps


async def _active_descendants(connection: AsyncConnection, key: RunKey) -> list[UUID]:
    """Return active children and theirs, level by level: a recursive query would not route on a hosted installation."""
    found: list[UUID] = []
    parents, seen = [key.run_id], {key.run_id}
    for _ in range(MOST_GENERATIONS):
        rows = await _children_of(connection, key.tenant, parents)
        parents = [row.run_id for row in rows if row.run_id not in seen]
        seen.update(parents)
        found += [row.run_id for row in rows if row.is_open]
        if not parents or len(found) > MOST_CHILDREN:
            break
    return found


async def _children_of(connection: AsyncConnection, tenant: UUID | None, parents: list[UUID]) -> Sequence[Any]:
    runs = workflow_runs.c
    query = (
        select(runs.run_id, _is_open().label("is_open"))
        .where(of_tenant(workflow_runs, tenant), runs.parent_run_id.in_(parents))
        .order_by(_is_open().desc(), runs.started_at, runs.run_id)
        .limit(MOST_CHILDREN + 1)
    )
    return (await connection.execute(query)).all()


async def _open_waits(connection: AsyncConnection, key: RunKey) -> tuple[str, ...]:
    waits = workflow_run_waits.c
    query = (
        select(waits.wait_type)
        .where(
            of_tenant(workflow_run_waits, key.tenant),
            waits.run_id == key.run_id,
            waits.status == WaitStatus.WAITING,
        )
        .order_by(waits.created_at, waits.wait_id)
        .limit(MOST_SHOWN)
    )
    return tuple(await connection.scalars(query))


async def _started_steps(connection: AsyncConnection, key: RunKey) -> tuple[str, ...]:
    steps = workflow_run_steps.c
    query = (
        select(steps.step_path)
        .where(
            of_tenant(workflow_run_steps, key.tenant),
            steps.run_id == key.run_id,
            steps.status == StepStatus.STARTED,
        )
        .order_by(steps.started_at, steps.step_id)
        .limit(MOST_SHOWN)
    )
    return tuple(await connection.scalars(query))


async def _open_tasks(connection: AsyncConnection, key: RunKey) -> int:
    tasks = workflow_tasks.c
    if key.tenant is None:
        return 0
    query = select(func.count()).where(
        tasks.tenant == key.tenant, tasks.execution_id == key.run_id, tasks.status.in_(OPEN_TASKS)
    )
    return int(await connection.scalar(query) or 0)


async def _started_actions(
    connection: AsyncConnection, key: RunKey, children: Sequence[UUID]
) -> tuple[OpenAction, ...]:
    invocations = workflow_action_invocations.c
    query = (
        select(
            invocations.run_id,
            invocations.action_id,
            invocations.step_path,
            func.coalesce(invocations.started_at, invocations.created_at).label("started_at"),
        )
        .where(
            of_tenant(workflow_action_invocations, key.tenant),
            invocations.run_id.in_([key.run_id, *children]),
            invocations.status == InvocationStatus.STARTED,
        )
        .order_by(invocations.created_at, invocations.invocation_id)
        .limit(MOST_SHOWN)
    )
    return tuple(
        OpenAction(row.run_id, row.action_id, row.step_path, row.started_at) for row in await connection.execute(query)
    )


def _is_open() -> Condition:
    """Return the condition that a run has no outcome yet: active, or a failure that nobody completed (F39).

    RUNNING with a ``completed_at`` is open too: an activity that outlived a cancel writes that (F14).
    """
    runs = workflow_runs.c
    return or_(
        runs.status.in_(ACTIVE_STATUSES),
        and_(runs.status == RunStatus.FAILED, runs.completed_at.is_(None)),
    )


async def _close_runs(connection: AsyncConnection, tenant: UUID | None, run_ids: list[UUID]) -> tuple[UUID, ...]:
    runs = workflow_runs.c
    now = update_time()
    closed = await connection.scalars(
        update(workflow_runs)
        .where(of_tenant(workflow_runs, tenant), runs.run_id.in_(run_ids), _is_open())
        .values(
            status=str(RunStatus.CANCELED),
            node_path=None,
            completed_at=func.coalesce(runs.completed_at, now),
            updated_at=now,
        )
        .returning(runs.run_id)
    )
    done = set(closed)
    return tuple(run_id for run_id in run_ids if run_id in done)


async def _canceled_of(connection: AsyncConnection, tenant: UUID | None, run_ids: list[UUID]) -> list[UUID]:
    """Return which of the runs are canceled now; what a run with another outcome left open is not ours to write."""
    runs = workflow_runs.c
    query = select(runs.run_id).where(
        of_tenant(workflow_runs, tenant), runs.run_id.in_(run_ids), runs.status == RunStatus.CANCELED
    )
    return list(await connection.scalars(query))


async def _close_steps(connection: AsyncConnection, tenant: UUID | None, run_ids: list[UUID]) -> int:
    steps = workflow_run_steps.c
    now = update_time()
    closed = await connection.execute(
        update(workflow_run_steps)
        .where(
            of_tenant(workflow_run_steps, tenant),
            steps.run_id.in_(run_ids),
            steps.status == StepStatus.STARTED,
            steps.completed_at.is_(None),
        )
        .values(
            status=str(StepStatus.CANCELED),
            completed_at=now,
            duration_ms=milliseconds_until(now),
        )
    )
    return closed.rowcount


async def _close_waits(connection: AsyncConnection, tenant: UUID | None, run_ids: list[UUID]) -> int:
    waits = workflow_run_waits.c
    closed = await connection.execute(
        update(workflow_run_waits)
        .where(of_tenant(workflow_run_waits, tenant), waits.run_id.in_(run_ids), waits.status == WaitStatus.WAITING)
        .values(status=str(WaitStatus.CANCELED), resolved_at=update_time())
    )
    return closed.rowcount


async def _close_tasks(connection: AsyncConnection, tenant: UUID | None, run_ids: list[UUID]) -> int:
    tasks = workflow_tasks.c
    if tenant is None:
        return 0
    closed = await connection.execute(
        update(workflow_tasks)
        .where(tasks.tenant == tenant, tasks.execution_id.in_(run_ids), tasks.status.in_(OPEN_TASKS))
        .values(status=CANCELED_TASK, updated_at=update_time())
    )
    return closed.rowcount


def _completed(record: ActionRecord, key: RunKey, closed: ClosedParts) -> ActionRecord:
    """Return the record of this closing: what it wrote, and notes on those runs only that it touched."""
    written: dict[str, object] = {
        "runs": [str(run_id) for run_id in closed.runs],
        "steps": closed.steps,
        "waits": closed.waits,
        "tasks": closed.tasks,
    }
    notes = tuple(
        replace(note, context={**note.context, **written}) if note.run_id == key.run_id else note
        for note in record.notes
        if note.run_id == key.run_id or note.run_id in closed.runs
    )
    audit = record.audit and replace(record.audit, changed={**record.audit.changed, **written})
    return replace(record, request_id=uuid5(record.request_id, repr(written)), notes=notes, audit=audit)


__all__ = ["CANCELED_TASK", "MOST_CHILDREN", "OPEN_TASKS", "PostgresRunClosing"]
