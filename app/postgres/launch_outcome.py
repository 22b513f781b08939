"""What becomes of an admitted launch: its Temporal ids, or FAILED after a definite refusal (runtime.md F30)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, Uuid, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RunKey, RunStatus
from app.postgres.action_records import as_json, write_record
from app.postgres.built_statement import BuiltStatement, run_together
from app.postgres.database import Database
from app.postgres.redaction_border import asked_policy, found_policy, redaction_policy
from app.postgres.run_predicates import is_run, without_steps
from app.postgres.sql_types import Condition, update_time
from app.postgres.tables import workflow_runs
from app.services.ports import ActionRecord

LAUNCH_STAGE = "launch"
"""``error_json.stage`` of a run whose execution was never started."""


async def confirm_launch(
    database: Database, key: RunKey, workflow_id: str, first_run_id: str | None, record: ActionRecord | None
) -> str:
    """Fill in the Temporal ids where they are missing, write the record and return the row's status. NotFound."""
    async with database.writing(key.tenant) as connection:
        status, policy = await _fill_in_ids(database, connection, key, (workflow_id, first_run_id))
        if status is None:
            status = await connection.scalar(select(workflow_runs.c.status).where(*is_run(key)))
        if status is None:  # known before the record is written, whose log rows need the run
            raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
        if record is not None:
            await write_record(connection, key.tenant, record, Redactor(policy))
    return status


async def _fill_in_ids(
    database: Database, connection: AsyncConnection, key: RunKey, ids: tuple[str, str | None]
) -> tuple[str | None, RedactionPolicy]:
    """Fill in the ids and return the row's status, None when there was nothing to fill in; and the tenant's rules."""
    values = {"key_run": key.run_id, "new_workflow_id": ids[0], "new_run_id": ids[1]}
    if key.tenant is None:
        (rows,) = await run_together(connection, (_FILL_IN_UNASSIGNED, values))
        return _status_in(rows), RedactionPolicy()
    asked = [(_FILL_IN, {**values, "key_tenant": key.tenant})]
    if not (await database.capabilities(connection)).can_read_settings:
        return _status_in((await run_together(connection, *asked))[0]), RedactionPolicy(closed=True)
    rows, settings = await run_together(connection, *asked, asked_policy(key.tenant))
    return _status_in(rows), found_policy(settings)


def _status_in(rows: Sequence[Any]) -> str | None:
    return str(rows[0].status) if rows else None


def _fill_in(of_tenant: Condition) -> BuiltStatement:
    runs = workflow_runs.c
    workflow_id, first_run_id = bindparam("new_workflow_id", type_=Text), bindparam("new_run_id", type_=Text)
    missing = or_(runs.temporal_workflow_id.is_(None), and_(first_run_id.is_not(None), runs.temporal_run_id.is_(None)))
    return BuiltStatement(
        update(workflow_runs)
        .where(of_tenant, runs.run_id == bindparam("key_run", type_=Uuid), missing)
        .values(
            temporal_workflow_id=func.coalesce(runs.temporal_workflow_id, workflow_id),
            temporal_run_id=func.coalesce(runs.temporal_run_id, first_run_id),
            updated_at=update_time(),
        )
        .returning(runs.status)
    )


_FILL_IN = _fill_in(workflow_runs.c.tenant == bindparam("key_tenant", type_=Uuid))
_FILL_IN_UNASSIGNED = _fill_in(workflow_runs.c.tenant.is_(None))


async def fail_launch(database: Database, key: RunKey, message: str, details: dict[str, object]) -> bool:
    """Write FAILED with stage ``launch`` while the row is RUNNING, open and without steps; say whether it was."""
    async with database.writing(key.tenant) as connection:
        redactor = Redactor(await redaction_policy(database, connection, key.tenant))
        error: dict[str, JsonValue] = {
            "message": redactor.text(message),
            "stage": LAUNCH_STAGE,
            "details": redactor.value(as_json(details), pointers=False),
        }
        result = await connection.execute(
            update(workflow_runs)
            .where(
                *is_run(key),
                workflow_runs.c.status == RunStatus.RUNNING,
                workflow_runs.c.completed_at.is_(None),
                workflow_runs.c.temporal_run_id.is_(None),
                without_steps(key.tenant),
            )
            .values(
                status=str(RunStatus.FAILED),
                completed_at=update_time(),
                updated_at=update_time(),
                error_json=error,
            )
            .returning(workflow_runs.c.run_id)
        )
        return result.first() is not None
