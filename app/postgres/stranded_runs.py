"""Finds and finalizes rows of the removed engine, as the migration of June 2026 did (database.md 4.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.launching import AuditNote
from app.domain.redaction import Redactor
from app.domain.run import ACTIVE_STATUSES, ENGINE_TEMPORAL, RunKey, RunStatus, StepStatus, WaitStatus
from app.domain.stranded import (
    FINALIZE_MESSAGE,
    FINALIZE_MIGRATION,
    FINALIZE_OPERATION,
    MIGRATION_STAGE,
    StrandedRun,
)
from app.postgres.action_records import write_record
from app.postgres.database import Database
from app.postgres.redaction_border import redaction_policy
from app.postgres.run_predicates import of_tenant
from app.postgres.sql_types import AnyRow, Condition
from app.postgres.tables import workflow_definitions, workflow_run_steps, workflow_run_waits, workflow_runs
from app.services.ports import ActionRecord
from app.services.repair_ports import FinalizeAct, StrandedPage


class PostgresStrandedStore:
    """Implements :class:`app.services.repair_ports.StrandedStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, tenant: UUID | None, after: UUID | None, limit: int) -> StrandedPage:
        """Return the next stranded runs behind the run id ``after``, at most ``limit``."""
        query = _stranded(tenant).order_by(workflow_runs.c.run_id).limit(limit)
        if after is not None:
            query = query.where(workflow_runs.c.run_id > after)
        async with self._database.reading() as connection:
            read_at: datetime = (await connection.execute(select(func.now()))).scalar_one()
            rows = (await connection.execute(query)).all()
        return StrandedPage(tuple(_run(tenant, row, read_at) for row in rows), read_at)

    async def finalize(self, tenant: UUID, run_ids: tuple[UUID, ...], act: FinalizeAct) -> tuple[UUID, ...]:
        """Cancel those of the runs that are still stranded, with their open waits and audit, in one transaction."""
        async with self._database.writing(tenant) as connection:
            written = await _cancel_runs(connection, tenant, run_ids, act.completed_at)
            if written:
                await _cancel_waits(connection, tenant, tuple(row.run_id for row in written), act.completed_at)
            redactor = Redactor(await redaction_policy(self._database, connection, tenant))
            for row in written:
                await write_record(connection, tenant, _record(row, act), redactor)
        return tuple(row.run_id for row in written)


def _is_stranded(tenant: UUID | None) -> tuple[Condition, ...]:
    runs = workflow_runs.c
    no_engine = or_(runs.engine.is_(None), runs.engine != ENGINE_TEMPORAL)
    return of_tenant(workflow_runs, tenant), no_engine, runs.status.in_(ACTIVE_STATUSES)


def _stranded(tenant: UUID | None) -> Any:
    runs, definitions = workflow_runs.c, workflow_definitions.c
    named = (definitions.workflow_id == runs.workflow_id) & of_tenant(workflow_definitions, tenant)
    waits = _count(workflow_run_waits, tenant, WaitStatus.WAITING)
    steps = _count(workflow_run_steps, tenant, StepStatus.STARTED)
    return (
        select(
            runs.run_id,
            runs.engine,
            runs.status,
            runs.started_at,
            definitions.name.label("workflow_name"),
            waits.label("open_waits"),
            steps.label("unfinished_steps"),
            runs.temporal_run_id.is_not(None).label("has_execution_id"),
        )
        .select_from(workflow_runs.outerjoin(workflow_definitions, named))
        .where(*_is_stranded(tenant))
    )


def _count(table: Table, tenant: UUID | None, status: str) -> Any:
    return (
        select(func.count())
        .select_from(table)
        .where(of_tenant(table, tenant), table.c.run_id == workflow_runs.c.run_id, table.c.status == status)
        .scalar_subquery()
    )


def _run(tenant: UUID | None, row: AnyRow, read_at: datetime) -> StrandedRun:
    return StrandedRun(
        key=RunKey(tenant, row.run_id),
        workflow_name=row.workflow_name,
        engine=row.engine,
        status=row.status,
        started_at=row.started_at,
        age_seconds=(read_at - row.started_at).total_seconds(),
        open_waits=row.open_waits,
        unfinished_steps=row.unfinished_steps,
        has_execution_id=row.has_execution_id,
    )


async def _cancel_runs(
    connection: AsyncConnection, tenant: UUID, run_ids: tuple[UUID, ...], completed_at: datetime
) -> list[AnyRow]:
    """Write what the migration wrote and nothing else: ``updated_at``, ``node_path`` and ``engine`` stay."""
    error = {"message": FINALIZE_MESSAGE, "stage": MIGRATION_STAGE, "migration": FINALIZE_MIGRATION}
    result = await connection.execute(
        update(workflow_runs)
        .where(*_is_stranded(tenant), workflow_runs.c.run_id.in_(run_ids))
        .values(status=str(RunStatus.CANCELED), completed_at=completed_at, error_json=error)
        .returning(workflow_runs.c.run_id, workflow_runs.c.engine)
    )
    return list(result.all())


async def _cancel_waits(
    connection: AsyncConnection, tenant: UUID, run_ids: tuple[UUID, ...], completed_at: datetime
) -> None:
    waits = workflow_run_waits
    await connection.execute(
        update(waits)
        .where(of_tenant(waits, tenant), waits.c.run_id.in_(run_ids), waits.c.status == WaitStatus.WAITING)
        .values(status=str(WaitStatus.CANCELED), resolved_at=completed_at)
    )


def _record(row: AnyRow, act: FinalizeAct) -> ActionRecord:
    audit = AuditNote(
        operation=FINALIZE_OPERATION,
        record_id=row.run_id,
        changed={"status": str(RunStatus.CANCELED)},
        details={
            "reason": act.reason,
            "repair": "finalize-stranded",
            "requestId": act.request_id,
            "formerEngine": row.engine,
            "completedAt": act.completed_at,
        },
    )
    return ActionRecord(uuid5(act.request_id, str(row.run_id)), act.operator, audit=audit)
