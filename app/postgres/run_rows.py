"""Turns ``workflow_runs`` rows into :class:`~app.domain.run.RunRow`: the same for list, live refresh, banner and page.

Three statements at most, however many rows: the runs, their open waits, the errors of those that ended badly. No JSON
document is selected beyond tiny extracts, as payloads have no bound (database.md 10.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Float, cast, extract, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import stuck
from app.domain.effective_state import effective_state
from app.domain.run import OpenWait, RunKey, RunRow, WaitStatus
from app.postgres.database import Database
from app.postgres.run_errors import read_error_lines
from app.postgres.run_predicates import REPLAY_OF, as_run_id, has_steps, of_tenant
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_definitions, workflow_run_waits, workflow_runs


def select_runs(tenant: UUID | None) -> AnySelect:
    """Return the query of everything a :class:`RunRow` needs from its row; the caller adds conditions and order."""
    runs, definitions = workflow_runs.c, workflow_definitions.c
    same_workflow = of_tenant(workflow_definitions, tenant) & (definitions.workflow_id == runs.workflow_id)
    return select(
        runs.run_id,
        runs.tenant,
        runs.workflow_id,
        definitions.name.label("workflow_name"),
        runs.workflow_version,
        runs.status,
        runs.engine,
        runs.trigger_type,
        runs.event_type,
        runs.node_path,
        runs.started_at,
        runs.updated_at,
        runs.completed_at,
        cast(extract("epoch", func.now() - runs.started_at), Float).label("age_seconds"),
        has_steps(tenant).label("has_steps"),
        runs.trigger_metadata_json[REPLAY_OF].astext.label("replay_of"),
        func.now().label("read_at"),
    ).select_from(workflow_runs.outerjoin(workflow_definitions, same_workflow))


async def read_run_rows(
    database: Database, connection: AsyncConnection, tenant: UUID | None, query: AnySelect
) -> tuple[RunRow, ...]:
    """Run a query made from :func:`select_runs` and complete its rows."""
    return await complete_rows(database, connection, tenant, (await connection.execute(query)).all())


async def complete_rows(
    database: Database, connection: AsyncConnection, tenant: UUID | None, rows: Sequence[AnyRow]
) -> tuple[RunRow, ...]:
    """Add open waits and error lines to rows of :func:`select_runs`."""
    moving = [row.run_id for row in rows if row.completed_at is None]
    waits = await _open_waits(connection, tenant, moving)
    errors = await read_error_lines(database, connection, tenant, rows)
    return tuple(_run_row(row, waits, errors, database.stuck_after_seconds) for row in rows)


async def _open_waits(
    connection: AsyncConnection, tenant: UUID | None, run_ids: Sequence[UUID]
) -> dict[UUID, OpenWait]:
    """Return the newest open wait of each of these runs that has one."""
    if not run_ids:
        return {}
    waits = workflow_run_waits.c
    query = (
        select(waits.run_id, waits.wait_type, waits.event_name, waits.timeout_at, waits.created_at)
        .where(of_tenant(workflow_run_waits, tenant), waits.run_id.in_(run_ids), waits.status == WaitStatus.WAITING)
        .ext(distinct_on(waits.run_id))
        .order_by(waits.run_id, waits.created_at.desc(), waits.wait_id)
    )
    return {
        row.run_id: OpenWait(row.wait_type, row.event_name, row.timeout_at, row.created_at)
        for row in await connection.execute(query)
    }


def _run_row(
    row: AnyRow, waits: Mapping[UUID, OpenWait], errors: Mapping[UUID, str], stuck_after_seconds: int
) -> RunRow:
    open_wait = waits.get(row.run_id)
    return RunRow(
        key=RunKey(row.tenant, row.run_id),
        workflow_id=row.workflow_id,
        workflow_name=row.workflow_name,
        workflow_version=row.workflow_version,
        status=row.status,
        engine=row.engine,
        trigger_type=row.trigger_type,
        event_type=row.event_type,
        node_path=row.node_path,
        started_at=row.started_at,
        updated_at=row.updated_at,
        completed_at=row.completed_at,
        age_seconds=row.age_seconds,
        has_steps=row.has_steps,
        stuck=stuck.is_stuck(row.status, row.has_steps, row.age_seconds, stuck_after_seconds),
        state=effective_state(row.status, row.completed_at, row.has_steps, open_wait),
        open_wait=open_wait,
        replay_of=as_run_id(row.replay_of),
        error_text=errors.get(row.run_id),
    )
