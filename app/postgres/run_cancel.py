"""Writes an operator's cancel: run, open waits, log and audit in one transaction (runtime.md 4.6, F15 and F44)."""

from __future__ import annotations

from sqlalchemy import update

from app.domain.redaction import Redactor
from app.domain.run import ACTIVE_STATUSES, RunKey, RunStatus, WaitStatus
from app.postgres.action_records import write_record
from app.postgres.database import Database
from app.postgres.redaction_border import redaction_policy
from app.postgres.run_predicates import is_run, of_tenant
from app.postgres.sql_types import update_time
from app.postgres.tables import workflow_run_waits, workflow_runs
from app.services.ports import ActionRecord


async def cancel_run(database: Database, key: RunKey, record: ActionRecord) -> bool:
    """Write CANCELED with the record, guarded by an active status; False, and nothing written, when it had ended."""
    async with database.writing(key.tenant) as connection:
        now = update_time()
        canceled = await connection.execute(
            update(workflow_runs)
            .where(*is_run(key), workflow_runs.c.status.in_(ACTIVE_STATUSES))
            .values(status=str(RunStatus.CANCELED), node_path=None, completed_at=now, updated_at=now)
            .returning(workflow_runs.c.run_id)
        )
        if canceled.first() is None:
            return False
        await connection.execute(
            update(workflow_run_waits)
            .where(
                of_tenant(workflow_run_waits, key.tenant),
                workflow_run_waits.c.run_id == key.run_id,
                workflow_run_waits.c.status == WaitStatus.WAITING,
            )
            .values(status=str(WaitStatus.CANCELED), resolved_at=now)
        )
        redactor = Redactor(await redaction_policy(database, connection, key.tenant))
        await write_record(connection, key.tenant, record, redactor)
    return True
