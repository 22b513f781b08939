"""The rows an executing run writes: run, steps, waits and logs (runtime.md sections 7 and 8).

Every write is idempotent, since the engine may repeat it: ids are chosen by the workflow, rows that exist stay as they
are, and changes are guarded by the state they lead from. A run row that has ``completed_at`` is never changed again,
whoever completed it. Every statement carries the tenant. Used by ``app.engine`` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import json_text
from app.domain.definition_hash import definition_hash
from app.domain.run import RunKey, RunStatus, StepStatus, WaitStatus
from app.postgres.database import Database
from app.postgres.projection_json import from_stored, to_stored
from app.postgres.step_duration import milliseconds_until
from app.postgres.tables import (
    workflow_definition_versions,
    workflow_run_logs,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
    workflow_runtime_events,
    workflow_tasks,
)

ENGINE_LOG_SOURCE = "worker"
_OPEN_TASKS = ("pending", "claimed")
_CANCELED_TASK = "canceled"
_STEP_ERROR = ("message", "category", "nodePath", "code")
"""What a step that its run left open takes over from the run's error."""


@dataclass(frozen=True, slots=True)
class PinnedRun:
    """What an execution begins with. ``definition`` is None when the version row is missing.

    ``chain`` is the Temporal run id of the first execution, as far as it is stored. ``stored_hash`` is the run's,
    ``current_hash`` that of the version as it is now, None when it cannot be reproduced.
    """

    status: str
    closed: bool
    launch_failed: bool
    chain: str | None
    payload: Any
    source_payload_schema_ref: str | None
    trigger_mapping_applied: bool
    stored_hash: str | None
    current_hash: str | None
    definition: Any


@dataclass(frozen=True, slots=True)
class NewWait:
    """A wait row to insert."""

    wait_id: UUID
    step_path: str
    wait_type: str
    key: str | None
    event_name: str | None
    timeout_at: datetime | None
    payload: Any


@dataclass(frozen=True, slots=True)
class NewLog:
    """A log row to insert."""

    log_id: UUID
    level: str
    message: str
    step_id: UUID | None
    step_path: str | None
    context: Any


def of_run(table: Table, key: RunKey) -> ColumnElement[bool]:
    """Return the predicate "this run's rows of this table", tenant included."""
    return (table.c.run_id == key.run_id) & in_tenant(table, key.tenant)


def in_tenant(table: Table, tenant: UUID | None) -> ColumnElement[bool]:
    """Return the predicate "rows of this tenant", or of none."""
    column = table.c.tenant
    return column.is_(None) if tenant is None else column == tenant


class RunProjection:
    """Writes the projection of runs that the engine executes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pinned(self, key: RunKey) -> PinnedRun | None:
        """Return the run with its definition version, or None when there is no such run."""
        runs, versions = workflow_runs, workflow_definition_versions
        pinned_version = (
            (versions.c.workflow_id == runs.c.workflow_id)
            & (versions.c.version == runs.c.workflow_version)
            & in_tenant(versions, key.tenant)
        )
        statement = (
            select(
                runs.c.status,
                runs.c.completed_at,
                runs.c.temporal_run_id,
                runs.c.input_json,
                runs.c.source_payload_schema_ref,
                runs.c.trigger_mapping_applied,
                runs.c.definition_hash,
                (runs.c.error_json["stage"].astext == "launch").label("launch_failed"),
                cast(versions.c.definition_json, Text).label("definition_text"),
            )
            .select_from(runs.outerjoin(versions, pinned_version))
            .where(of_run(runs, key))
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        text = row.definition_text
        return PinnedRun(
            status=row.status,
            closed=row.completed_at is not None,
            launch_failed=row.status == RunStatus.FAILED and row.launch_failed is True,
            chain=row.temporal_run_id,
            payload=from_stored(row.input_json),
            source_payload_schema_ref=row.source_payload_schema_ref,
            trigger_mapping_applied=row.trigger_mapping_applied,
            stored_hash=row.definition_hash,
            current_hash=None if text is None else definition_hash(text),
            definition=None if text is None else from_stored(json_text.parse(text)),
        )

    async def adopt(self, key: RunKey, semantics_version: str, *, reopen: bool) -> None:
        """Stamp the run with the rules that execute it; ``reopen`` undoes a launch failure that was none (F30)."""
        changes: dict[str, Any] = {"runtime_semantics_version": semantics_version, "updated_at": func.now()}
        condition = of_run(workflow_runs, key)
        if reopen:
            changes |= {"status": RunStatus.RUNNING, "completed_at": None, "error_json": None}
            condition &= (workflow_runs.c.status == RunStatus.FAILED) & (
                workflow_runs.c.error_json["stage"].astext == "launch"
            )
        else:
            condition &= workflow_runs.c.completed_at.is_(None)
        async with self._database.writing(key.tenant) as connection:
            await connection.execute(update(workflow_runs).where(condition).values(changes))

    async def name_execution(self, key: RunKey, workflow_id: str, run_id: str) -> None:
        """Store which execution the run is, where nobody has: a child run (F35), or a launch cut short (F30)."""
        names = {"temporal_workflow_id": workflow_id, "temporal_run_id": run_id, "updated_at": func.now()}
        unnamed = of_run(workflow_runs, key) & workflow_runs.c.temporal_run_id.is_(None)
        async with self._database.writing(key.tenant) as connection:
            await connection.execute(update(workflow_runs).where(unnamed).values(names))

    async def open_wait(self, key: RunKey, wait: NewWait) -> None:
        """Insert a wait in status WAITING. The run row stays as it is."""
        async with self._database.writing(key.tenant) as connection:
            await insert_wait(connection, key, wait)
            await touch_run(connection, key, {})

    async def resolve_wait(self, key: RunKey, wait_id: UUID, added: Any, event_id: UUID | None) -> None:
        """Resolve a wait, merge ``added`` into its payload, and mark the event that matched (F26)."""
        async with self._database.writing(key.tenant) as connection:
            step_path = await close_wait(connection, key, wait_id, added)
            if event_id is not None and step_path is not None:
                matched = {
                    "matched_run_id": key.run_id,
                    "matched_wait_id": wait_id,
                    "matched_step_path": step_path,
                }
                events = workflow_runtime_events
                condition = (events.c.event_id == event_id) & in_tenant(events, key.tenant)
                await connection.execute(update(events).where(condition).values(matched))
            await touch_run(connection, key, {})

    async def complete(self, key: RunKey, status: str, error: Any) -> None:
        """Close the run SUCCEEDED or FAILED with whatever it left open; a closed run keeps how it was closed."""
        async with self._database.writing(key.tenant) as connection:
            open_steps = of_run(workflow_run_steps, key) & (workflow_run_steps.c.status == StepStatus.STARTED)
            own = None if error is None else {name: error[name] for name in _STEP_ERROR if name in error}
            await _close_steps(connection, open_steps, status, own)
            await _cancel_waits_and_tasks(connection, key)
            changes = {"status": status, "node_path": None, "completed_at": func.now(), "error_json": to_stored(error)}
            await touch_run(connection, key, changes)

    async def cancel(self, key: RunKey) -> None:
        """Cancel whatever the run left open: steps, waits, tasks and, unless the console did, the run itself."""
        async with self._database.writing(key.tenant) as connection:
            open_steps = of_run(workflow_run_steps, key) & (workflow_run_steps.c.status == StepStatus.STARTED)
            await _close_steps(connection, open_steps, StepStatus.CANCELED, None)
            await _cancel_waits_and_tasks(connection, key)
            await touch_run(
                connection, key, {"status": RunStatus.CANCELED, "node_path": None, "completed_at": func.now()}
            )

    async def log(self, key: RunKey, line: NewLog) -> None:
        """Write a run log."""
        async with self._database.writing(key.tenant) as connection:
            await insert_log(connection, key, line)


async def insert_wait(connection: AsyncConnection, key: RunKey, wait: NewWait) -> None:
    """Insert a wait row inside a transaction; a repeated id changes nothing."""
    row = {
        "wait_id": wait.wait_id,
        "tenant": key.tenant,
        "run_id": key.run_id,
        "step_path": wait.step_path,
        "wait_type": wait.wait_type,
        "key": to_stored(wait.key),
        "event_name": to_stored(wait.event_name),
        "timeout_at": wait.timeout_at,
        "status": WaitStatus.WAITING,
        "payload": to_stored(wait.payload),
    }
    await connection.execute(insert(workflow_run_waits).values(row).on_conflict_do_nothing())


async def close_wait(connection: AsyncConnection, key: RunKey, wait_id: UUID, added: Any) -> str | None:
    """Resolve a wait inside a transaction and return its step path, or None when it was not WAITING any more."""
    waits = workflow_run_waits
    statement = (
        update(waits)
        .where(of_run(waits, key), waits.c.wait_id == wait_id, waits.c.status == WaitStatus.WAITING)
        .values(
            status=WaitStatus.RESOLVED,
            resolved_at=func.now(),
            payload=waits.c.payload.op("||")(cast(to_stored(added), waits.c.payload.type)),
        )
        .returning(waits.c.step_path)
    )
    path: str | None = await connection.scalar(statement)
    return path


async def insert_log(connection: AsyncConnection, key: RunKey, line: NewLog) -> None:
    """Insert a log row inside a transaction; a repeated id changes nothing."""
    row = {
        "log_id": line.log_id,
        "tenant": key.tenant,
        "run_id": key.run_id,
        "step_id": line.step_id,
        "step_path": line.step_path,
        "level": line.level,
        "message": to_stored(line.message),
        "context_json": to_stored(line.context),
        "source": ENGINE_LOG_SOURCE,
        "created_at": func.clock_timestamp(),
    }
    await connection.execute(insert(workflow_run_logs).values(row).on_conflict_do_nothing())


async def touch_run(connection: AsyncConnection, key: RunKey, changes: dict[str, Any]) -> None:
    """Change the run row while it is open."""
    statement = (
        update(workflow_runs)
        .where(of_run(workflow_runs, key), workflow_runs.c.completed_at.is_(None))
        .values({**changes, "updated_at": func.now()})
    )
    await connection.execute(statement)


async def _close_steps(connection: AsyncConnection, condition: ColumnElement[bool], status: str, error: Any) -> None:
    steps = workflow_run_steps
    statement = (
        update(steps)
        .where(condition, steps.c.completed_at.is_(None))
        .values(
            status=status,
            completed_at=func.now(),
            duration_ms=milliseconds_until(func.now()),
            error_json=to_stored(error),
        )
    )
    await connection.execute(statement)


async def _cancel_waits_and_tasks(connection: AsyncConnection, key: RunKey) -> None:
    waits, tasks = workflow_run_waits, workflow_tasks
    await connection.execute(
        update(waits)
        .where(of_run(waits, key), waits.c.status == WaitStatus.WAITING)
        .values(status=WaitStatus.CANCELED, resolved_at=func.now())
    )
    if key.tenant is not None:
        await connection.execute(
            update(tasks)
            .where(tasks.c.tenant == key.tenant, tasks.c.execution_id == key.run_id, tasks.c.status.in_(_OPEN_TASKS))
            .values(status=_CANCELED_TASK, updated_at=func.now())
        )
