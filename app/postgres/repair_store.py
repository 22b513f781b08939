"""Writes repairs: each is one transaction with its log and audit, guarded by the state that it leads from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.payload_schema import SchemaCheck, SchemaState
from app.domain.redaction import Redactor
from app.domain.repair import ClosedProjection, RecordedEvent, RepairFacts
from app.domain.run import TERMINAL_STATUSES, JsonValue, RunKey, RunStatus, StepStatus, WaitStatus
from app.domain.run_message import EventMessage
from app.postgres.action_records import write_record
from app.postgres.database import Database
from app.postgres.launch_outcome import LAUNCH_STAGE
from app.postgres.payload_schema import check_document
from app.postgres.redaction_border import document_text, redaction_policy
from app.postgres.repair_facts import OPEN_TASKS, of_open_tasks, read_recorded_event, read_repair_facts
from app.postgres.run_predicates import is_run, of_tenant, without_steps
from app.postgres.run_secrets import read_run_border
from app.postgres.sql_types import update_time
from app.postgres.step_duration import milliseconds_until
from app.postgres.tables import (
    audit_logs,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
    workflow_runtime_events,
    workflow_task_history,
    workflow_tasks,
)
from app.services.ports import ActionRecord

_COMPLETED_TASK = "completed"
_CANCELED_TASK = "canceled"


class PostgresRepairStore:
    """Implements :class:`app.services.repair_ports.RepairStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def facts(self, key: RunKey) -> RepairFacts:
        """Return what the rows say, in one snapshot. NotFound."""
        async with self._database.reading() as connection:
            return await read_repair_facts(connection, key)

    async def is_recorded(self, tenant: UUID, request_id: UUID) -> bool:
        """Say whether a record of this request was written before."""
        audit = audit_logs.c
        query = select(audit.audit_id).where(audit.tenant == tenant, audit.audit_id == uuid5(request_id, "audit"))
        async with self._database.reading() as connection:
            return await connection.scalar(query) is not None

    async def shown(self, key: RunKey, message: str) -> str:
        """Return an error's text fit for display."""
        async with self._database.reading() as connection:
            border = await read_run_border(self._database, connection, key)
        return border.error_text(message) or ""

    async def fail_launch(self, key: RunKey, message: str, record: ActionRecord) -> bool:
        """Write FAILED with stage ``launch`` while the row is RUNNING, open and without steps."""
        runs = workflow_runs.c
        error: dict[str, JsonValue] = {"message": message, "stage": LAUNCH_STAGE, "details": {"name": "repair"}}
        async with self._database.writing(key.tenant) as connection:
            failed = await connection.execute(
                update(workflow_runs)
                .where(
                    *is_run(key),
                    runs.status == RunStatus.RUNNING,
                    runs.completed_at.is_(None),
                    without_steps(key.tenant),
                )
                .values(
                    status=str(RunStatus.FAILED),
                    completed_at=update_time(),
                    updated_at=update_time(),
                    error_json=error,
                )
                .returning(runs.run_id)
            )
            if failed.first() is None:
                return False
            await self._record(connection, key, record)
        return True

    async def reopen_launch(
        self, key: RunKey, workflow_id: str, first_run_id: str | None, record: ActionRecord
    ) -> bool:
        """Write RUNNING with the execution's ids while the row is FAILED with stage ``launch``."""
        runs = workflow_runs.c
        async with self._database.writing(key.tenant) as connection:
            reopened = await connection.execute(
                update(workflow_runs)
                .where(*is_run(key), runs.status == RunStatus.FAILED, runs.error_json["stage"].astext == LAUNCH_STAGE)
                .values(
                    status=str(RunStatus.RUNNING),
                    completed_at=None,
                    error_json=null(),
                    updated_at=update_time(),
                    temporal_workflow_id=workflow_id,
                    temporal_run_id=first_run_id,
                )
                .returning(runs.run_id)
            )
            if reopened.first() is None:
                return False
            await self._record(connection, key, record)
        return True

    async def project(self, key: RunKey, projection: ClosedProjection, record: ActionRecord) -> bool:
        """Write the end of a closed execution on run, STARTED steps, open waits and open tasks."""
        async with self._database.writing(key.tenant) as connection:
            if not await _close_run(connection, key, projection):
                return False
            await _close_steps(connection, key, projection)
            await _cancel_waits_and_tasks(connection, key, projection.completed_at)
            await self._record(connection, key, record)
        return True

    async def check_response(self, key: RunKey, wait_id: UUID, response: JsonValue) -> SchemaCheck:
        """Check a response against the form that the wait offers; its schema stays in here."""
        waits = workflow_run_waits.c
        form = document_text(waits.payload["formSchema"]["schema"])
        query = select(form).where(
            of_tenant(workflow_run_waits, key.tenant), waits.run_id == key.run_id, waits.wait_id == wait_id
        )
        async with self._database.reading() as connection:
            schema = await connection.scalar(query)
        return SchemaCheck(SchemaState.NO_SCHEMA, 0) if schema is None else check_document(schema, response, 0)

    async def complete_task(self, key: RunKey, task_id: UUID, response: JsonValue, record: ActionRecord) -> None:
        """Complete the task row where the worker has not, with its history and the record."""
        user = None if record.operator is None else record.operator.user_id
        async with self._database.writing(key.tenant) as connection:
            before = await _complete_task(connection, key, task_id, response, user)
            if before is not None:
                history = {
                    "history_id": uuid5(record.request_id, "task-history"),
                    "task_id": task_id,
                    "tenant": key.tenant,
                    "action": "complete",
                    "from_status": before,
                    "to_status": _COMPLETED_TASK,
                    "user_id": user,
                }
                await connection.execute(insert(workflow_task_history).values(history).on_conflict_do_nothing())
            await self._record(connection, key, record)

    async def recorded_event(self, tenant: UUID, event_id: UUID) -> RecordedEvent:
        """Return an event that arrived. NotFound."""
        async with self._database.reading() as connection:
            return await read_recorded_event(connection, tenant, event_id)

    async def record_event(self, key: RunKey, event: EventMessage | None, record: ActionRecord) -> None:
        """Insert the event row (None: it exists) with the record; an equal id stays as it is."""
        async with self._database.writing(key.tenant) as connection:
            if event is not None:
                row = {
                    "event_id": event.event_id,
                    "tenant": key.tenant,
                    "event_name": event.event_name,
                    "correlation_key": event.correlation_key,
                    "payload": event.payload,
                    "processed_at": func.now(),
                    "matched_run_id": key.run_id,
                }
                await connection.execute(insert(workflow_runtime_events).values(row).on_conflict_do_nothing())
            await self._record(connection, key, record)

    async def wait_status(self, key: RunKey, wait_id: UUID) -> str | None:
        """Return the wait's status word now."""
        waits = workflow_run_waits.c
        query = select(waits.status).where(
            of_tenant(workflow_run_waits, key.tenant), waits.run_id == key.run_id, waits.wait_id == wait_id
        )
        async with self._database.reading() as connection:
            status: str | None = await connection.scalar(query)
            return status

    async def _record(self, connection: AsyncConnection, key: RunKey, record: ActionRecord) -> None:
        redactor = Redactor(await redaction_policy(self._database, connection, key.tenant))
        await write_record(connection, key.tenant, record, redactor)


async def _close_run(connection: AsyncConnection, key: RunKey, projection: ClosedProjection) -> bool:
    runs = workflow_runs.c
    values: dict[str, Any] = {
        "status": str(projection.run_status),
        "node_path": None,
        "completed_at": projection.completed_at,
        "updated_at": update_time(),
    }
    if not projection.keeps_error:
        values["error_json"] = projection.error
    result = await connection.execute(
        update(workflow_runs)
        .where(*is_run(key), or_(runs.completed_at.is_(None), runs.status.not_in(TERMINAL_STATUSES)))
        .values(values)
        .returning(runs.run_id)
    )
    return result.first() is not None


async def _close_steps(connection: AsyncConnection, key: RunKey, projection: ClosedProjection) -> None:
    steps = workflow_run_steps.c
    error = None if projection.error is None else {"message": projection.error["message"]}
    await connection.execute(
        update(workflow_run_steps)
        .where(
            of_tenant(workflow_run_steps, key.tenant), steps.run_id == key.run_id, steps.status == StepStatus.STARTED
        )
        .values(
            status=str(projection.step_status),
            completed_at=projection.completed_at,
            duration_ms=milliseconds_until(literal(projection.completed_at)),
            error_json=error,
        )
    )


async def _cancel_waits_and_tasks(connection: AsyncConnection, key: RunKey, moment: datetime) -> None:
    waits = workflow_run_waits.c
    await connection.execute(
        update(workflow_run_waits)
        .where(
            of_tenant(workflow_run_waits, key.tenant), waits.run_id == key.run_id, waits.status == WaitStatus.WAITING
        )
        .values(status=str(WaitStatus.CANCELED), resolved_at=moment)
    )
    if key.tenant is not None:
        await connection.execute(
            update(workflow_tasks).where(*of_open_tasks(key)).values(status=_CANCELED_TASK, updated_at=update_time())
        )


async def _complete_task(
    connection: AsyncConnection, key: RunKey, task_id: UUID, response: JsonValue, user: UUID | None
) -> str | None:
    """Complete an open task and return its status before, or None; one that the worker completed gets its person."""
    tasks = workflow_tasks.c
    here = (tasks.tenant == key.tenant, tasks.execution_id == key.run_id, tasks.task_id == task_id)
    before: str | None = await connection.scalar(select(tasks.status).where(*here).with_for_update())
    if before in OPEN_TASKS:
        changes = {"status": _COMPLETED_TASK, "completed_at": update_time(), "response_data": response}
    elif before == _COMPLETED_TASK:
        changes = {}
    else:
        return None
    result = await connection.execute(
        update(workflow_tasks)
        .where(*here, tasks.completed_by.is_(None))
        .values({**changes, "completed_by": user, "updated_at": update_time()})
        .returning(tasks.task_id)
    )
    return before if result.first() is not None else None
