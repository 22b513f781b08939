"""Indexes that the console's questions would use and the vendor's schema lacks (database.md 10.3).

The console adds none: the database is the vendor's. It says what to ask for, with the planner's word on what the
question costs now and an estimate of what it would cost with the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.health.facts import IndexAdvice

_RANDOM_PAGE_COST = 4.0
"""The planner's default price of one page read out of order; an index needs about one for each row it returns."""
_DESCENT_COST = 8.0
"""The planner's price of going down an index of any size that occurs here."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An index, ``columns`` as an existing one must begin with, and the question that would use it.

    ``rows`` is how many rows the question reads with the index.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    statement: str
    question: str
    rows: int


_WANTED = (
    _Wanted(
        "workflow_runs (tenant, started_at, run_id)",
        "workflow_runs",
        ("tenant", "started_at"),
        "CREATE INDEX CONCURRENTLY ON workflow_runs (tenant, started_at DESC, run_id DESC)",
        "SELECT run_id FROM workflow_runs WHERE tenant = :tenant ORDER BY started_at DESC, run_id DESC LIMIT 50",
        rows=50,
    ),
    _Wanted(
        "workflow_run_waits (run_id)",
        "workflow_run_waits",
        ("run_id",),
        "CREATE INDEX CONCURRENTLY ON workflow_run_waits (run_id)",
        "SELECT wait_id FROM workflow_run_waits WHERE tenant = :tenant AND run_id = :run",
        rows=5,
    ),
    _Wanted(
        "workflow_runs (root_run_id)",
        "workflow_runs",
        ("root_run_id",),
        "CREATE INDEX CONCURRENTLY ON workflow_runs (root_run_id) WHERE root_run_id IS NOT NULL",
        "SELECT run_id FROM workflow_runs WHERE tenant = :tenant AND root_run_id = :run",
        rows=10,
    ),
)

_EXISTING = text(
    """
    SELECT i.indrelid::regclass::text AS table_name,
           (SELECT array_agg(a.attname::text ORDER BY k.place)
            FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) AS columns
    FROM pg_index i
    WHERE i.indisvalid AND i.indrelid IN (to_regclass('workflow_runs'), to_regclass('workflow_run_waits'))
    """
)
_LARGEST_TENANT = text(
    """
    SELECT (most_common_vals::text::text[])[1] FROM pg_stats
    WHERE tablename = 'workflow_runs' AND attname = 'tenant'
    ORDER BY schemaname = current_schema() DESC LIMIT 1
    """
)
"""The tenant that the planner knows as the most common one: its questions are the dearest."""
_ANY_TENANT = text("SELECT tenants.tenant::text FROM tenants LIMIT 1")
_SIZE = text("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass(:table)")


async def missing_indexes(connection: AsyncConnection, unreadable: set[str]) -> tuple[IndexAdvice, ...]:
    """Return the indexes that are not there, of tables that this login may read; none while there is no tenant."""
    existing = [(row.table_name, tuple(row.columns or ())) for row in await connection.execute(_EXISTING)]
    wanted = [one for one in _WANTED if one.table not in unreadable and not _is_there(one, existing)]
    tenant: str | None = await connection.scalar(_LARGEST_TENANT)
    if tenant is None and "tenants" not in unreadable:
        tenant = await connection.scalar(_ANY_TENANT)
    return () if tenant is None else tuple([await _advice(connection, one, UUID(tenant)) for one in wanted])


def _is_there(wanted: _Wanted, existing: list[tuple[str, tuple[str, ...]]]) -> bool:
    """Say whether an index begins with these columns, with or without the tenant before them."""
    with_tenant = ("tenant", *wanted.columns)
    return any(
        table == wanted.table
        and (columns[: len(wanted.columns)] == wanted.columns or columns[: len(with_tenant)] == with_tenant)
        for table, columns in existing
    )


async def _advice(connection: AsyncConnection, wanted: _Wanted, tenant: UUID) -> IndexAdvice:
    size: int = await connection.scalar(_SIZE, {"table": wanted.table}) or 0
    known = {"tenant": tenant, "run": uuid4()}  # of a run that the planner knows nothing of, it assumes the average
    values = {name: value for name, value in known.items() if f":{name}" in wanted.question}
    plan: Any = await connection.scalar(text(f"EXPLAIN (FORMAT JSON) {wanted.question}"), values)
    cost_with = _DESCENT_COST + _RANDOM_PAGE_COST * wanted.rows
    return IndexAdvice(wanted.name, wanted.statement, size, float(plan[0]["Plan"]["Total Cost"]), cost_with)
