"""The counter of a tenant's step quota (database.md 6), read alike by a resume, a diagnosis and the headroom."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from app.postgres.run_predicates import of_tenant
from app.postgres.sql_types import AnySelect
from app.postgres.tables import tenants, workflow_step_usage_periods


def usage_now(tenant: UUID | None) -> AnySelect:
    """Return the counter of the period that is now; of two overlapping ones the one that counted last."""
    usage = workflow_step_usage_periods.c
    return (
        select(
            usage.period_start,
            usage.period_end,
            usage.period_source,
            usage.stripe_subscription_id,
            usage.used_count,
            usage.effective_limit,
            usage.limit_source,
            usage.tier,
            tenants.c.plan,
        )
        .select_from(workflow_step_usage_periods.join(tenants, tenants.c.tenant == usage.tenant))
        .where(
            of_tenant(workflow_step_usage_periods, tenant),
            usage.period_start <= func.now(),
            usage.period_end > func.now(),
        )
        .order_by(usage.updated_at.desc(), usage.period_start.desc())
        .limit(1)
    )
