"""What becomes of an admitted launch: its Temporal ids, or FAILED after a definite refusal (runtime.md F30)."""

from __future__ import annotations

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.redaction import Redactor
from app.domain.run import JsonValue, RunKey, RunStatus
from app.postgres.action_records import as_json, write_record
from app.postgres.database import Database
from app.postgres.redaction_border import redaction_policy
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
        status = await _fill_in_ids(connection, key, workflow_id, first_run_id)
        if status is None:
            status = await connection.scalar(select(workflow_runs.c.status).where(*is_run(key)))
        if status is None:  # known before the record is written, whose log rows need the run
            raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
        if record is not None:
            redactor = Redactor(await redaction_policy(database, connection, key.tenant))
            await write_record(connection, key.tenant, record, redactor)
    return status


async def _fill_in_ids(
    connection: AsyncConnection, key: RunKey, workflow_id: str, first_run_id: str | None
) -> str | None:
    """Fill in the ids and return the row's status; None when there was nothing to fill in."""
    runs = workflow_runs.c
    missing: Condition = runs.temporal_workflow_id.is_(None)
    if first_run_id is not None:
        missing = or_(missing, runs.temporal_run_id.is_(None))
    status: str | None = await connection.scalar(
        update(workflow_runs)
        .where(*is_run(key), missing)
        .values(
            temporal_workflow_id=func.coalesce(runs.temporal_workflow_id, workflow_id),
            temporal_run_id=func.coalesce(runs.temporal_run_id, first_run_id),
            updated_at=update_time(),
        )
        .returning(runs.status)
    )
    return status


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
