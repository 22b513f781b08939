"""Pages of the run list, live rows and the stuck banner: keyset paging, never an offset."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import InvalidInput
from app.domain.keyset import decode_cursor, encode_cursor
from app.domain.run import RunRow
from app.domain.run_query import MAX_PAGE_SIZE, RunFilter, RunPage, RunQuery, RunSort, StuckRuns
from app.postgres.database import Database
from app.postgres.redaction_border import redaction_policy
from app.postgres.run_predicates import is_stuck, matching, of_tenant
from app.postgres.run_rows import read_run_rows, select_runs
from app.postgres.sql_types import AnySelect
from app.postgres.tables import workflow_runs

_BY_UPDATE = frozenset({RunSort.UPDATED_DESC, RunSort.UPDATED_ASC})
_OLDEST_FIRST = frozenset({RunSort.STARTED_ASC, RunSort.UPDATED_ASC})


async def read_page(database: Database, query: RunQuery) -> RunPage:
    """Return one page; rows and counts come from one predicate and one snapshot. InvalidInput for cursor or limit."""
    if not 1 <= query.limit <= MAX_PAGE_SIZE:
        raise InvalidInput(
            "page.limit", f"A page holds 1 to {MAX_PAGE_SIZE} runs, not {query.limit}.", limit=MAX_PAGE_SIZE
        )
    statement = _page_statement(query, database.stuck_after_seconds)
    async with database.reading() as connection:
        rows = await read_run_rows(database, connection, query.tenant, statement)
        counts = await _counts(connection, query.tenant, query.filter, database.stuck_after_seconds)
        read_at = (await connection.execute(select(func.now()))).scalar_one()
        closed = (await redaction_policy(database, connection, query.tenant)).closed
    return RunPage(rows[: query.limit], _next_cursor(query, rows), counts, read_at, closed)


async def read_rows(database: Database, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
    """Return the rows of these runs, newest first; ids that do not exist are left out."""
    if not run_ids:
        return ()
    statement = (
        select_runs(tenant)
        .where(of_tenant(workflow_runs, tenant), workflow_runs.c.run_id.in_(run_ids))
        .order_by(workflow_runs.c.started_at.desc(), workflow_runs.c.run_id.desc())
    )
    async with database.reading() as connection:
        return await read_run_rows(database, connection, tenant, statement)


async def read_stuck(database: Database, tenant: UUID | None, limit: int) -> StuckRuns:
    """Return the oldest stuck runs and how many there are altogether."""
    condition = and_(of_tenant(workflow_runs, tenant), is_stuck(tenant, database.stuck_after_seconds))
    statement = (
        select_runs(tenant)
        .where(condition)
        .order_by(workflow_runs.c.started_at, workflow_runs.c.run_id.desc())
        .limit(limit)
    )
    totals = select(func.now().label("read_at"), func.count().label("total")).select_from(workflow_runs)
    async with database.reading() as connection:
        found = (await connection.execute(totals.where(condition))).one()
        runs = await read_run_rows(database, connection, tenant, statement) if found.total else ()
    oldest = max((run.age_seconds for run in runs), default=0.0)
    return StuckRuns(runs, found.total, oldest, found.read_at)


def _page_statement(query: RunQuery, stuck_after_seconds: int) -> AnySelect:
    """Return the query of one page plus one row, which tells whether another page follows."""
    value = _sort_column(query.sort)
    order = value.asc() if query.sort in _OLDEST_FIRST else value.desc()
    statement = select_runs(query.tenant).where(*matching(query.tenant, query.filter, stuck_after_seconds))
    if query.after is not None:
        statement = statement.where(_after(query.sort, query.after))
    return statement.order_by(order, workflow_runs.c.run_id.desc()).limit(query.limit + 1)


def _after(sort: RunSort, cursor: str) -> ColumnElement[bool]:
    """Return the condition of what comes after a cursor; its first column bounds a scan of an index by time.

    Ties are broken by run id, descending, in both directions, so only one direction is a plain row comparison.
    """
    value, run_id = decode_cursor(cursor, sort)
    column, runs = _sort_column(sort), workflow_runs.c
    if sort in _OLDEST_FIRST:
        return and_(column >= value, or_(column > value, runs.run_id < run_id))
    return tuple_(column, runs.run_id) < tuple_(value, run_id)


def _sort_column(sort: RunSort) -> Column[Any]:
    return workflow_runs.c.updated_at if sort in _BY_UPDATE else workflow_runs.c.started_at


def _next_cursor(query: RunQuery, rows: tuple[RunRow, ...]) -> str | None:
    if len(rows) <= query.limit:
        return None
    last = rows[query.limit - 1]
    value = last.updated_at if query.sort in _BY_UPDATE else last.started_at
    return encode_cursor(query.sort, value, last.key.run_id)


async def _counts(
    connection: AsyncConnection, tenant: UUID | None, run_filter: RunFilter, stuck_after_seconds: int
) -> tuple[tuple[str, int], ...]:
    """Count by status what every term of the filter except status leaves (rulings.md)."""
    query = (
        select(workflow_runs.c.status, func.count().label("runs"))
        .where(*matching(tenant, run_filter.without_status(), stuck_after_seconds))
        .group_by(workflow_runs.c.status)
        .order_by(workflow_runs.c.status)
    )
    return tuple((row.status, row.runs) for row in await connection.execute(query))
