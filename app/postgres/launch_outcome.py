"""What becomes of an admitted launch: its Temporal ids, or FAILED after a definite refusal (runtime.md F30)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import Text, Uuid, and_, bindparam, func, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.redaction import Redactor
from app.domain.run import JsonValue, RunKey, RunStatus
from app.postgres.action_records import as_json, record_rows, write_record
from app.postgres.built_statement import BuiltStatement, Values, run_together
from app.postgres.database import Database
from app.postgres.driver_errors import sqlstate_of
from app.postgres.recent_rules import RecentRules
from app.postgres.redaction_border import redaction_policy
from app.postgres.run_predicates import is_run, without_steps
from app.postgres.sql_types import Condition, update_time
from app.postgres.tables import workflow_runs
from app.services.ports import ActionRecord

LAUNCH_STAGE = "launch"
"""``error_json.stage`` of a run whose execution was never started."""
_FOREIGN_KEY_VIOLATION = "23503"
_Asked: TypeAlias = tuple[BuiltStatement, Values]


async def confirm_launch(
    database: Database,
    key: RunKey,
    workflow_id: str,
    first_run_id: str | None,
    record: ActionRecord | None,
    recent: RecentRules,
) -> str:
    """Fill in the Temporal ids where they are missing, write the record and return the row's status. NotFound."""
    ids = {"key_run": key.run_id, "new_workflow_id": workflow_id, "new_run_id": first_run_id}
    filling = (_FILL_IN_UNASSIGNED, ids) if key.tenant is None else (_FILL_IN, {**ids, "key_tenant": key.tenant})
    policy = recent.of(key.tenant)
    if policy is not None and record is not None:
        return await _confirm_at_once(database, key, filling, record_rows(key.tenant, record, Redactor(policy)))
    async with database.writing(key.tenant) as connection:
        (filled,) = await run_together(connection, filling)
        # Known before the record is written, whose log rows need the run.
        status = await _status(connection, key, filled)
        if record is not None:
            redactor = Redactor(await redaction_policy(database, connection, key.tenant))
            await write_record(connection, key.tenant, record, redactor)
    return status


async def _confirm_at_once(database: Database, key: RunKey, filling: _Asked, record: Sequence[_Asked]) -> str:
    """Do all of it in one message, which is the rule: the launch's admission has read the tenant's rules just now."""
    try:
        async with database.writing_briefly(key.tenant) as writing:
            filled, *_ = await writing.ask(filling, *record, commit=True)
    except DBAPIError as error:
        if sqlstate_of(error) == _FOREIGN_KEY_VIOLATION:
            raise _no_run(key) from error
        raise
    if filled:
        return str(filled[0].status)
    async with database.reading() as connection:
        return await _status(connection, key, filled)


async def _status(connection: AsyncConnection, key: RunKey, filled: Sequence[Any]) -> str:
    """Return the status of the row whose ids were filled in, or had been before. NotFound."""
    if filled:
        return str(filled[0].status)
    status = await connection.scalar(select(workflow_runs.c.status).where(*is_run(key)))
    if status is None:
        raise _no_run(key)
    return str(status)


def _no_run(key: RunKey) -> NotFound:
    return NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))


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
        redactor = Redactor(await redaction_policy(database, connection, key.tenant)).for_own_words()
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
