"""What a tenant's next step is counted against: period, limit and where both come from (runtime.md 4.7, database.md 6).

Period and limit are those of the subscription that is active now, where this database has readable subscriptions; else
those of the period that is being counted, whose stored limit is the last reservation's; else the calendar month and the
tenant's plan. They are remembered for half a minute: a step then costs no statement more than its counting, and a
refusal looks again before it is believed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.quota_pause import TIER_DEFAULT, TIER_LIMITS, limit_ahead, limit_of_subscription, tier_of
from app.postgres.database import Database
from app.postgres.quota_usage import usage_now
from app.postgres.tables import tenants, workflow_step_usage_periods

_REMEMBERED_SECONDS = 30.0
_CALENDAR = "fallback_calendar"
_SUBSCRIPTION = "stripe_subscription"

_MAY_COUNT = text(
    """
    SELECT (SELECT coalesce(bool_and(has_table_privilege(counter.oid, needed.word)), false)
            FROM (VALUES ('SELECT'), ('INSERT'), ('UPDATE')) AS needed (word),
                 (SELECT to_regclass('workflow_step_usage_periods')::oid AS oid) AS counter)
           AND EXISTS (SELECT FROM pg_attribute
                       WHERE attrelid = to_regclass('tenants') AND attname = 'plan' AND NOT attisdropped) AS may_count,
           (SELECT count(*) FROM pg_attribute AS found
            JOIN (VALUES ('subscriptions', 'tenant'), ('subscriptions', 'status'),
                         ('subscriptions', 'stripe_subscription_id'), ('subscriptions', 'stripe_price_id'),
                         ('subscriptions', 'current_period_start'), ('subscriptions', 'current_period_end'),
                         ('prices', 'tenant'), ('prices', 'stripe_price_id'), ('prices', 'stripe_product_id'),
                         ('prices', 'metadata'),
                         ('products', 'tenant'), ('products', 'stripe_product_id'), ('products', 'metadata')
                 ) AS needed (what, attribute)
              ON found.attrelid = to_regclass('stripe_' || needed.what) AND found.attname = needed.attribute
             AND NOT found.attisdropped AND has_column_privilege(found.attrelid, found.attnum, 'SELECT')
           ) = 13 AS has_subscriptions
    """
)
"""The contract names the Stripe tables but not their columns: they are asked only where all that is needed is there."""

_ACTIVE_SUBSCRIPTION = text(
    """
    SELECT subscription.stripe_subscription_id AS id,
           subscription.current_period_start AS period_start,
           subscription.current_period_end AS period_end,
           price.metadata::jsonb ->> 'workflow_step_limit' AS of_price,
           product.metadata::jsonb ->> 'workflow_step_limit' AS of_product
    FROM stripe_subscriptions AS subscription
    LEFT JOIN stripe_prices AS price
           ON price.tenant = subscription.tenant AND price.stripe_price_id = subscription.stripe_price_id
    LEFT JOIN stripe_products AS product
           ON product.tenant = price.tenant AND product.stripe_product_id = price.stripe_product_id
    WHERE subscription.tenant = :tenant
      AND subscription.status::text IN ('trialing', 'active', 'past_due', 'unpaid')
      AND now() >= subscription.current_period_start AND now() < subscription.current_period_end
    ORDER BY array_position(ARRAY['trialing', 'active', 'past_due', 'unpaid'], subscription.status::text),
             subscription.current_period_end DESC
    LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class QuotaTerms:
    """What the next step is counted against.

    ``limit`` None is unlimited; the period's end is exclusive. ``stored`` says that the counter's own limit holds, as
    it is when the step is counted, whatever it was when the terms were read.
    """

    period_start: datetime
    period_end: datetime
    period_source: str
    subscription_id: UUID | None
    limit: int | None
    limit_source: str
    tier: str
    stored: bool = False


class StepQuota:
    """The terms of every tenant of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._may_count: Row[Any] | None = None
        self._remembered: dict[UUID, tuple[float, QuotaTerms | None]] = {}

    async def terms(self, tenant: UUID, *, afresh: bool = False) -> QuotaTerms | None:
        """Return the tenant's terms; None where nothing can be counted: no counter, no right to it, no such tenant."""
        until, known = self._remembered.get(tenant, (0.0, None))
        if not afresh and time.monotonic() < until:
            return known
        async with self._database.reading() as connection:
            if self._may_count is None:
                self._may_count = (await connection.execute(_MAY_COUNT)).one()
            found = await self._read(connection, tenant) if self._may_count.may_count else None
        self._remembered[tenant] = (time.monotonic() + _REMEMBERED_SECONDS, found)
        return found

    async def used(self, tenant: UUID, terms: QuotaTerms) -> int:
        """Return how many steps of the terms' period were begun."""
        usage = workflow_step_usage_periods.c
        query = select(usage.used_count).where(
            usage.tenant == tenant, usage.period_start == terms.period_start, usage.period_end == terms.period_end
        )
        async with self._database.reading() as connection:
            return await connection.scalar(query) or 0

    async def _read(self, connection: AsyncConnection, tenant: UUID) -> QuotaTerms | None:
        month = func.date_trunc("month", func.now())  # the transaction's time zone is UTC
        asked = select(
            tenants.c.plan, month.label("month_start"), (month + text("interval '1 month'")).label("month_end")
        ).where(tenants.c.tenant == tenant)
        row = (await connection.execute(asked)).one_or_none()
        if row is None:
            return None
        if self._may_count is not None and self._may_count.has_subscriptions:
            found = (await connection.execute(_ACTIVE_SUBSCRIPTION, {"tenant": tenant})).one_or_none()
            if found is not None:
                return _of_subscription(found, row.plan)
        counted = (await connection.execute(usage_now(tenant))).one_or_none()
        if counted is not None:
            limit = limit_ahead(counted.effective_limit, counted.limit_source, row.plan)
            return QuotaTerms(
                counted.period_start,
                counted.period_end,
                counted.period_source,
                counted.stripe_subscription_id,
                limit,
                counted.limit_source,
                tier_of(row.plan),
                stored=counted.limit_source != TIER_DEFAULT,
            )
        tier = tier_of(row.plan)
        return QuotaTerms(row.month_start, row.month_end, _CALENDAR, None, TIER_LIMITS[tier], TIER_DEFAULT, tier)


def _of_subscription(row: Row[Any], plan: str | None) -> QuotaTerms:
    limit = limit_of_subscription(row.of_price, row.of_product, plan)
    return QuotaTerms(row.period_start, row.period_end, _SUBSCRIPTION, row.id, limit.steps, limit.source, tier_of(plan))
