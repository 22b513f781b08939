"""Human tasks: the task row, its wait, and the response (runtime.md 7.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.payload_schema import SchemaState
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.payload_schema import check_document
from app.postgres.projection import NewWait, close_wait, insert_wait, of_run
from app.postgres.projection_json import from_stored, to_stored
from app.postgres.redaction_border import document_text
from app.postgres.tables import (
    system_workflow_form_definitions,
    system_workflow_task_definitions,
    workflow_run_waits,
    workflow_task_definitions,
    workflow_tasks,
)


@dataclass(frozen=True, slots=True)
class TaskType:
    """A known task type. ``form`` is ``{formId, formType, schema}`` or None when no schema can be found."""

    system_type: str | None
    tenant_definition_id: UUID | None
    form: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to open; its wait's payload already names it."""

    task_id: UUID
    task_type: TaskType
    title: str
    description: str | None
    context_data: Any
    wait: NewWait


class HumanTasks:
    """Reads task types, opens tasks and completes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def task_type(self, tenant: UUID, name: str) -> TaskType | None:
        """Return the system's task type of this name, else the tenant's, else None."""
        async with self._database.reading() as connection:
            return await _system_type(connection, name) or await _tenant_type(connection, tenant, name)

    async def open(self, key: RunKey, task: NewTask) -> None:
        """Insert the task (pending) and its wait (WAITING) in one transaction."""
        task_type = task.task_type
        row = {
            "task_id": task.task_id,
            "tenant": key.tenant,
            "execution_id": key.run_id,
            "task_definition_type": "tenant" if task_type.system_type is None else "system",
            "system_task_definition_task_type": task_type.system_type,
            "tenant_task_definition_id": task_type.tenant_definition_id,
            "title": to_stored(task.title),
            "description": to_stored(task.description),
            "context_data": to_stored(task.context_data),
            "status": "pending",
            "priority": "medium",
        }
        async with self._database.writing(key.tenant) as connection:
            await connection.execute(insert(workflow_tasks).values(row).on_conflict_do_nothing())
            await insert_wait(connection, key, task.wait)

    async def misfits(self, key: RunKey, wait_id: UUID, response: Any) -> list[str]:
        """Return what a response breaks of the form that the wait offers, each with its place; empty when it fits.

        Without a form that can be used nothing fits (runtime.md 7.6): only an override releases such a task.
        """
        waits = workflow_run_waits
        query = select(document_text(waits.c.payload["formSchema"]["schema"])).where(
            of_run(waits, key), waits.c.wait_id == wait_id
        )
        async with self._database.reading() as connection:
            schema = await connection.scalar(query)
        check = check_document(schema, to_stored(response), 0)
        if check.state is SchemaState.NO_SCHEMA:
            return ["Missing form schema: nothing says what a response must be like"]
        if check.state is SchemaState.CANNOT_CHECK:
            return [f"The form cannot be used: {check.reason}"]
        return [f"{fault.path or 'the response'} {fault.message}" for fault in check.faults]

    async def complete(self, key: RunKey, task_id: UUID, wait_id: UUID, response: Any, added: Any) -> None:
        """Complete the task row and resolve its wait in one transaction."""
        tasks = workflow_tasks
        statement = (
            update(tasks)
            .where(tasks.c.tenant == key.tenant, tasks.c.task_id == task_id, tasks.c.completed_at.is_(None))
            .values(
                status="completed",
                completed_at=func.now(),
                updated_at=func.now(),
                response_data=to_stored(response),
            )
        )
        async with self._database.writing(key.tenant) as connection:
            await connection.execute(statement)
            await close_wait(connection, key, wait_id, added)


async def _system_type(connection: AsyncConnection, name: str) -> TaskType | None:
    types, forms = system_workflow_task_definitions, system_workflow_form_definitions
    statement = (
        select(types.c.form_id, types.c.form_type, forms.c.json_schema)
        .select_from(types.outerjoin(forms, forms.c.name == types.c.form_id))
        .where(types.c.task_type == name)
    )
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else TaskType(name, None, _form(row.form_id, row.form_type, row.json_schema))


async def _tenant_type(connection: AsyncConnection, tenant: UUID, name: str) -> TaskType | None:
    """Find a tenant's type; its form is looked up among the system's, the only ones the contract's schema has."""
    types, forms = workflow_task_definitions, system_workflow_form_definitions
    statement = (
        select(types.c.task_definition_id, types.c.form_id, types.c.form_type, forms.c.json_schema)
        .select_from(types.outerjoin(forms, (forms.c.name == types.c.form_id) & (types.c.form_type == "system")))
        .where(types.c.tenant == tenant, types.c.task_type == name)
        .order_by(types.c.created_at.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    return TaskType(None, row.task_definition_id, _form(row.form_id, row.form_type, row.json_schema))


def _form(form_id: str | None, form_type: str, schema: Any) -> dict[str, Any] | None:
    if schema is None:
        return None
    return {"formId": form_id, "formType": form_type, "schema": from_stored(schema)}
