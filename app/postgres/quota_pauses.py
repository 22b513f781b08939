"""The rows of a quota pause and its end (runtime.md 4.7, database.md 2.8 and 6)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.quota_pause import QuotaFacts, QuotaUsage, QuotaWait
from app.domain.redaction import Redactor
from app.domain.run import RunKey, RunStatus, WaitStatus, WaitType
from app.postgres.action_records import write_record
from app.postgres.database import Database
from app.postgres.quota_usage import usage_now
from app.postgres.redaction_border import redaction_policy
from app.postgres.run_predicates import is_run, of_tenant
from app.postgres.sql_types import update_time
from app.postgres.tables import (
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
)
from app.services.ports import ActionRecord


class PostgresQuotaStore:
    """Implements :class:`app.services.repair_ports.QuotaStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def facts(self, key: RunKey) -> QuotaFacts:
        """Return what the rows say, in one snapshot. NotFound."""
        runs = workflow_runs.c
        async with self._database.reading() as connection:
            run = (
                await connection.execute(select(runs.status, runs.engine, runs.node_path).where(*is_run(key)))
            ).one_or_none()
            if run is None:
                raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
            wait = await _newest_wait(connection, key)
            step_since = wait is not None and await _has_step_since(connection, key, wait)
            usage = await _usage(connection, key)
        return QuotaFacts(run.status, run.engine, run.node_path, wait, step_since, usage)

    async def resume(self, key: RunKey, wait_id: UUID, record: ActionRecord) -> bool:
        """Resolve the wait and set the run RUNNING, with the record, in one transaction; see the port."""
        runs, waits = workflow_runs.c, workflow_run_waits.c
        async with self._database.writing(key.tenant) as connection:
            paused = select(runs.node_path).where(*is_run(key), runs.status == RunStatus.WAITING).with_for_update()
            path: str | None = await connection.scalar(paused)
            resolved = await connection.execute(
                update(workflow_run_waits)
                .where(
                    of_tenant(workflow_run_waits, key.tenant),
                    waits.run_id == key.run_id,
                    waits.wait_id == wait_id,
                    waits.status == WaitStatus.WAITING,
                    waits.step_path == path,
                )
                .values(status=str(WaitStatus.RESOLVED), resolved_at=update_time())
                .returning(waits.wait_id)
            )
            if resolved.first() is None:
                return False
            await connection.execute(
                update(workflow_runs)
                .where(*is_run(key))
                .values(
                    status=str(RunStatus.RUNNING),
                    resume_event_name=None,
                    resume_event_payload=None,
                    resume_error=None,
                    error_json=None,
                    updated_at=update_time(),
                )
            )
            redactor = Redactor(await redaction_policy(self._database, connection, key.tenant))
            await write_record(connection, key.tenant, record, redactor)
        return True


async def _newest_wait(connection: AsyncConnection, key: RunKey) -> QuotaWait | None:
    waits = workflow_run_waits.c
    query = (
        select(waits.wait_id, waits.status, waits.step_path, waits.created_at)
        .where(of_tenant(workflow_run_waits, key.tenant), waits.run_id == key.run_id, waits.wait_type == WaitType.QUOTA)
        .order_by((waits.status == WaitStatus.WAITING).desc(), waits.created_at.desc(), waits.wait_id)
        .limit(1)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else QuotaWait(row.wait_id, row.status, row.step_path, row.created_at)


async def _has_step_since(connection: AsyncConnection, key: RunKey, wait: QuotaWait) -> bool:
    steps = workflow_run_steps.c
    since = exists().where(
        of_tenant(workflow_run_steps, key.tenant),
        steps.run_id == key.run_id,
        steps.step_path == wait.step_path,
        steps.started_at >= wait.created_at,
    )
    return bool(await connection.scalar(select(since)))


async def _usage(connection: AsyncConnection, key: RunKey) -> QuotaUsage | None:
    query = usage_now(key.tenant)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return QuotaUsage(row.used_count, row.effective_limit, row.limit_source, row.period_end, row.plan)
