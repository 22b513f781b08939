"""Locks and facts of the launch gates, for the console and for child runs of the engine alike.

The rules themselves are :func:`app.domain.launching.check_gates`. Facts are true only under the locks: whoever inserts
a run takes them first, in this order, so that count and insert are one step (runtime.md F31).
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, ScalarSelect, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.headroom import Headroom, QuotaUnknown, StepQuota
from app.domain.launching import DEFAULT_STARTS_PER_MINUTE, RATE_WINDOW_SECONDS, GateFacts
from app.domain.quota_pause import limit_ahead
from app.domain.run import ACTIVE_STATUSES
from app.postgres.built_statement import BuiltStatement, Values, run_together
from app.postgres.database import Database
from app.postgres.quota_usage import usage_now
from app.postgres.tables import (
    tenant_settings,
    workflow_definitions,
    workflow_runs,
)

Parameter: TypeAlias = UUID | BindParameter[UUID]
"""A value, or its place in a statement that is built once."""

_LOCKS = BuiltStatement(
    select(
        func.pg_advisory_xact_lock(bindparam("of_tenant", type_=BigInteger)).label("tenant_lock"),
        func.pg_advisory_xact_lock(bindparam("of_workflow", type_=BigInteger)).label("workflow_lock"),
    )
)
"""A select list is evaluated from left to right. A statement of its own: what follows must see what was committed."""


def launch_locks(tenant: UUID, workflow_id: UUID) -> tuple[BuiltStatement, Values]:
    """Return the wait until no other launch of this tenant, then of this workflow, is between count and commit.

    What is sent behind it sees what those launches have committed.
    """
    scopes = {"of_tenant": f"launch:{tenant}", "of_workflow": f"launch:{tenant}:{workflow_id}"}
    return _LOCKS, {name: _lock_number(scope) for name, scope in scopes.items()}


async def lock_launches(connection: AsyncConnection, tenant: UUID, workflow_id: UUID) -> None:
    """Wait as :func:`launch_locks` says."""
    await run_together(connection, launch_locks(tenant, workflow_id))


async def read_gate_facts(
    database: Database, connection: AsyncConnection, tenant: UUID, workflow_id: UUID
) -> GateFacts:
    """Return the facts under the caller's locks. NotFound when the tenant has no such workflow."""
    found = (
        await connection.execute(
            select(
                workflow_definitions.c.name,
                workflow_definitions.c.is_paused,
                workflow_definitions.c.concurrency_limit,
                active_runs(tenant, workflow_id).label("active_runs"),
                starts_in_window(tenant).label("starts_in_window"),
            ).where(workflow_definitions.c.tenant == tenant, workflow_definitions.c.workflow_id == workflow_id)
        )
    ).one_or_none()
    if found is None:
        raise no_workflow(workflow_id)
    return GateFacts(
        workflow_name=found.name,
        is_paused=found.is_paused,
        concurrency_limit=found.concurrency_limit,
        active_runs=found.active_runs,
        starts_in_window=found.starts_in_window,
        starts_per_minute=await starts_per_minute(database, connection, tenant),
    )


def no_workflow(workflow_id: UUID) -> NotFound:
    """Return the error of a workflow that the tenant does not have."""
    return NotFound(
        "workflow.not_found", f"There is no workflow {workflow_id} in this tenant.", workflow_id=str(workflow_id)
    )


async def read_headroom(database: Database, connection: AsyncConnection, tenant: UUID, workflow_id: UUID) -> Headroom:
    """Return gates and quota as they are at this moment, without any lock. NotFound as for the gates."""
    gates = await read_gate_facts(database, connection, tenant, workflow_id)
    now = (await connection.execute(select(func.statement_timestamp()))).scalar_one()
    if not (await database.capabilities(connection)).can_read_quota:
        return Headroom(gates, now, quota_unknown=QuotaUnknown.UNREADABLE)
    quota = await _step_quota(connection, tenant)
    return Headroom(gates, now, quota, None if quota else QuotaUnknown.NO_COUNTER)


async def _step_quota(connection: AsyncConnection, tenant: UUID) -> StepQuota | None:
    """Return the counter of the period that is now, with the limit that the next step will meet."""
    row = (await connection.execute(usage_now(tenant))).one_or_none()
    if row is None:
        return None
    limit = limit_ahead(row.effective_limit, row.limit_source, row.plan)
    return StepQuota(row.period_start, row.period_end, row.used_count, limit, row.tier)


def active_runs(tenant: Parameter, workflow_id: Parameter) -> ScalarSelect[int]:
    """Count the workflow's runs that have not ended, child runs included."""
    return (
        select(func.count())
        .select_from(workflow_runs)
        .where(
            workflow_runs.c.tenant == tenant,
            workflow_runs.c.workflow_id == workflow_id,
            or_(*(workflow_runs.c.status == word for word in ACTIVE_STATUSES)),
        )
        .scalar_subquery()
    )


def starts_in_window(tenant: Parameter) -> ScalarSelect[int]:
    """Count the tenant's starts of the last minute by the clock, as the lock may have been waited for.

    A statement's own time is that of its message, which may hold the lock too; being earlier, it only tells the planner
    how few rows there are. The clock is in a subquery, which is asked once.
    """
    window, clock = timedelta(seconds=RATE_WINDOW_SECONDS), select(func.clock_timestamp()).scalar_subquery()
    started = workflow_runs.c.started_at
    return (
        select(func.count())
        .select_from(workflow_runs)
        .where(
            workflow_runs.c.tenant == tenant,
            started > func.statement_timestamp() - window,
            started > clock - window,
        )
        .scalar_subquery()
    )


async def starts_per_minute(database: Database, connection: AsyncConnection, tenant: UUID) -> int:
    """Return the tenant's own limit from ``settings -> rundesk -> startsPerMinute``, else the product's."""
    if not (await database.capabilities(connection)).can_read_settings:
        return DEFAULT_STARTS_PER_MINUTE
    own = await connection.scalar(
        select(tenant_settings.c.settings["rundesk"]["startsPerMinute"].astext).where(
            tenant_settings.c.tenant == tenant
        )
    )
    return starts_of(own)


def starts_of(own: str | None) -> int:
    """Return the limit that a setting's text gives, else the product's."""
    return int(own) if own is not None and own.isascii() and own.isdigit() else DEFAULT_STARTS_PER_MINUTE


def _lock_number(scope: str) -> int:
    """Return 64 bits of a hash as the signed number that an advisory lock takes."""
    return int.from_bytes(blake2b(f"rundesk:{scope}".encode(), digest_size=8).digest(), "big", signed=True)
