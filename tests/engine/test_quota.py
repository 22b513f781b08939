"""The step quota: counting, pause and resume (runtime.md 4.7, F36 to F38)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.quota_pause import StepLimit, limit_of_subscription, tier_of
from app.domain.run import RunKey
from app.engine import step_start
from app.postgres.step_quota import StepQuota
from app.postgres.step_rows import NewStep, QuotaRefusal, StartedStep, StepRows
from app.temporal import contract
from tests.engine.bench import Bench, Row, assign, expression

STRIPE = {
    "subscriptions": "tenant uuid, stripe_subscription_id uuid, stripe_price_id uuid, status text,"
    " current_period_start timestamptz, current_period_end timestamptz",
    "prices": "tenant uuid, stripe_price_id uuid, stripe_product_id uuid, metadata jsonb",
    "products": "tenant uuid, stripe_product_id uuid, metadata jsonb",
}
THREE = [assign(f"s{n}", vars__last=str(n)) for n in range(3)]


async def used(bench: Bench) -> int:
    [row] = await bench.query("SELECT used_count FROM workflow_step_usage_periods WHERE tenant = :t", t=bench.tenant)
    return int(row["used_count"])


async def paused(bench: Bench, run_id: UUID) -> Row:
    """Wait until the workflow itself says that it pauses, and return the open wait."""

    async def by_its_own_word() -> bool:
        found = await bench.handle(run_id).query(contract.QUERY_CURRENT_WAIT)
        return found is not None and found["type"] == "quota"

    await bench.until(by_its_own_word)
    return await bench.open_wait(run_id)


async def raise_limit(bench: Bench, limit: int) -> None:
    await bench.execute(
        "UPDATE workflow_step_usage_periods SET effective_limit = :l WHERE tenant = :t", l=limit, t=bench.tenant
    )


@pytest.mark.asyncio
async def test_a_run_pauses_at_the_limit_and_goes_on_when_it_is_resumed(bench: Bench) -> None:
    await bench.allow_steps(2)
    run_id = await bench.launch(THREE)
    wait = await paused(bench, run_id)
    run = await bench.run(run_id)
    assert (run["status"], run["node_path"], run["completed_at"]) == ("WAITING", "root.steps[2]", None)
    error = run["error_json"]
    assert (error["category"], error["nodePath"]) == ("QuotaExceeded", "root.steps[2]")
    assert error["data"] == wait["payload"]
    assert wait["payload"] | {"periodStart": None, "periodEnd": None} == {
        "reason": "workflow_step_quota_exceeded",
        "tenant": str(bench.tenant),
        "periodStart": None,
        "periodEnd": None,
        "usedCount": 2,
        "effectiveLimit": 2,
        "periodSource": "stripe_subscription",
        "limitSource": "stripe_price_metadata",
    }
    assert (wait["wait_type"], wait["step_path"], wait["key"]) == ("quota", "root.steps[2]", None)
    assert wait["timeout_at"] is not None
    assert await bench.handle(run_id).query(contract.QUERY_CURRENT_WAIT) == {
        "type": "quota",
        "stepPath": "root.steps[2]",
        "descriptor": {"reason": "workflow_step_quota_exceeded"},
    }
    assert len(await bench.steps(run_id)) == 2
    # Only the signal: the rows are the step start's to mend (F36).
    await raise_limit(bench, 3)
    await bench.handle(run_id).signal(contract.SIGNAL_QUOTA_RESUME, {})
    assert await bench.outcome(run_id) == "COMPLETED"
    [resolved] = await bench.waits(run_id)
    assert resolved["status"] == "RESOLVED"
    assert resolved["resolved_at"] is not None
    assert ((await bench.run(run_id))["status"], (await bench.run(run_id))["error_json"]) == ("SUCCEEDED", None)
    assert await used(bench) == 3


@pytest.mark.asyncio
async def test_a_resume_that_finds_the_quota_used_up_renews_the_same_pause(bench: Bench) -> None:
    await bench.allow_steps(1)
    run_id = await bench.launch(THREE[:2])
    first = await paused(bench, run_id)
    await bench.execute("UPDATE workflow_run_waits SET payload = '{}' WHERE run_id = :r", r=run_id)
    await bench.handle(run_id).signal(contract.SIGNAL_QUOTA_RESUME, {})

    async def renewed() -> bool:
        return bool((await bench.waits(run_id))[0]["payload"])

    await bench.until(renewed)
    [again] = await bench.waits(run_id)
    assert (again["wait_id"], again["status"]) == (first["wait_id"], "WAITING")
    assert await used(bench) == 1


@pytest.mark.asyncio
async def test_a_signal_from_before_the_pause_ends_none(bench: Bench) -> None:
    """F37: in the reference the flag is sticky, and the next pause falls straight through."""
    await bench.allow_steps(1)
    reply = {"id": "r", "type": "event.wait", "config": {"eventName": "GO", "correlationKey": expression("null")}}
    run_id = await bench.launch([reply, *THREE[:1]])
    await bench.open_wait(run_id)
    await bench.handle(run_id).signal(contract.SIGNAL_QUOTA_RESUME, {})
    await bench.event(run_id, "GO", None)
    wait = await paused(bench, run_id)
    assert wait["wait_type"] == "quota"
    history = await bench.handle(run_id).fetch_history()
    starts = [
        event
        for event in history.events
        if b"rundeskProjectStepStart" in event.marker_recorded_event_attributes.SerializeToString()
    ]
    assert len(starts) == 2


@pytest.mark.asyncio
async def test_a_run_that_nobody_resumes_goes_on_when_the_period_has_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_start, "_SPREAD_SECONDS", 1)
    await bench.allow_steps(1)
    await bench.execute(
        "UPDATE workflow_step_usage_periods SET period_end = now() + interval '3 seconds' WHERE tenant = :t",
        t=bench.tenant,
    )
    run_id = await bench.launch(THREE[:2])
    await paused(bench, run_id)
    assert await bench.outcome(run_id) == "COMPLETED"
    counted = await bench.query(
        "SELECT used_count, period_source, limit_source, effective_limit FROM workflow_step_usage_periods"
        " WHERE tenant = :t ORDER BY updated_at",
        t=bench.tenant,
    )
    assert [tuple(row.values()) for row in counted] == [
        (1, "stripe_subscription", "stripe_price_metadata", 1),
        (1, "fallback_calendar", "tier_default", 750),
    ]


@pytest.mark.asyncio
async def test_cancel_of_a_paused_run_is_projected(bench: Bench) -> None:
    await bench.allow_steps(1)
    run_id = await bench.launch(THREE)
    await paused(bench, run_id)
    await bench.handle(run_id).cancel()
    assert await bench.outcome(run_id) == "CANCELED"
    assert ((await bench.run(run_id))["status"], (await bench.waits(run_id))[0]["status"]) == ("CANCELED", "CANCELED")


@pytest.mark.asyncio
async def test_a_step_is_counted_once_however_often_its_start_is_written(bench: Bench) -> None:
    await bench.allow_steps(2)
    rows = StepRows(bench.database)
    key = RunKey(bench.tenant, await bench.insert_run(await bench.publish([])))
    first = NewStep(uuid4(), "root.steps[0]", "a")
    assert await rows.start(key, first) == StartedStep(1)
    assert await rows.start(key, first) == StartedStep(1)
    assert await used(bench) == 1
    assert await rows.start(key, NewStep(uuid4(), "root.steps[0]", "a")) == StartedStep(2)
    assert await rows.start(key, first) == StartedStep(1)  # used up, yet this one has begun
    refused = await rows.start(key, NewStep(uuid4(), "root.steps[0]", "a"))
    assert isinstance(refused, QuotaRefusal)
    assert (refused.used, refused.terms.limit, await used(bench)) == (2, 2, 2)
    assert len(await bench.steps(key.run_id)) == 2


@pytest.mark.asyncio
async def test_the_terms_are_the_subscriptions_where_there_is_one(idle_bench: Bench) -> None:
    bench = idle_bench
    await bench.execute("DELETE FROM workflow_step_usage_periods WHERE tenant = :t", t=bench.tenant)
    plain = await StepQuota(bench.database).terms(bench.tenant)
    assert plain is not None
    assert (plain.period_source, plain.limit, plain.tier) == ("fallback_calendar", 750, "pro")
    assert (plain.period_start.day, plain.period_end - plain.period_start >= timedelta(days=28)) == (1, True)
    for table, columns in STRIPE.items():
        await bench.execute(f"CREATE TABLE stripe_{table} ({columns})")
    price, product, subscription = uuid4(), uuid4(), uuid4()
    await bench.execute(
        'INSERT INTO stripe_products VALUES (:t, :p, \'{"workflow_step_limit": "5000"}\')', t=bench.tenant, p=product
    )
    await bench.execute("INSERT INTO stripe_prices VALUES (:t, :i, :p, '{}')", t=bench.tenant, i=price, p=product)
    await bench.execute(
        "INSERT INTO stripe_subscriptions VALUES (:t, :s, :i, 'active', now() - interval '1h', now() + interval '1h')",
        t=bench.tenant,
        s=subscription,
        i=price,
    )
    quota = StepQuota(bench.database)
    terms = await quota.terms(bench.tenant)
    assert terms is not None
    assert (terms.limit, terms.limit_source, terms.period_source) == (
        5000,
        "stripe_product_metadata",
        "stripe_subscription",
    )
    assert terms.subscription_id == subscription
    await bench.execute('UPDATE stripe_prices SET metadata = \'{"workflow_step_limit": "unlimited"}\'')
    assert await quota.terms(bench.tenant) == terms  # remembered
    fresh = await quota.terms(bench.tenant, afresh=True)
    assert fresh is not None
    assert (fresh.limit, fresh.limit_source) == (None, "unlimited_metadata")


@pytest.mark.parametrize(
    ("price", "product", "plan", "limit"),
    [
        ("12", "99", "pro", StepLimit(12, "stripe_price_metadata")),
        (None, " 99 ", "pro", StepLimit(99, "stripe_product_metadata")),
        ("Unlimited", "99", "solo", StepLimit(None, "unlimited_metadata")),
        ("0", "-1", "solo", StepLimit(150, "tier_default")),
        ("many", None, "Enterprise", StepLimit(750, "tier_default")),
        (None, None, None, StepLimit(750, "tier_default")),
    ],
)
def test_the_limit_is_the_prices_then_the_products_then_the_plans(
    price: str | None, product: str | None, plan: str | None, limit: StepLimit
) -> None:
    assert limit_of_subscription(price, product, plan) == limit


def test_an_unknown_plan_counts_as_pro() -> None:
    assert [tier_of(plan) for plan in ("Essentials", "solo", "gold", None)] == ["essentials", "solo", "pro", "pro"]
