"""A quota pause ends with the rows first and the signal until it is observed; a lost signal can be sent again (F36)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from app.domain.errors import ActionRefused, NotPermitted
from app.domain.operator import Operator
from app.domain.quota_pause import RESUME_OPERATION
from app.postgres.tables import workflow_step_usage_periods
from app.services.quota_resume import ResumeCommand, ResumeOutcome
from app.temporal.contract import QUERY_CURRENT_WAIT, SIGNAL_QUOTA_RESUME
from tests.cli.command_line import rundesk
from tests.services.pausing_workflow import DEAF_ONCE, pausing_worker
from tests.services.rescue import REASON, Rescue

pytestmark = pytest.mark.asyncio

PATH = "root.steps[2]"
PAUSED = {
    "engine": "temporal",
    "status": "WAITING",
    "node_path": PATH,
    "error_json": {"category": "QuotaExceeded", "message": "limit"},
    "resume_event_name": "old",
}


@pytest_asyncio.fixture
async def worker(rescue: Rescue) -> AsyncIterator[None]:
    async with pausing_worker(rescue.bench.client):
        yield
        await rescue.bench.terminate_leftovers()


async def paused(rescue: Rescue, key: str = "k", *, wait: dict[str, Any] | None = None, **row: Any) -> UUID:
    """Return a run that pauses, rows and execution."""
    workflow_id = await rescue.bench.publish([])
    (run_id,) = await rescue.add_runs(workflow_id, {**PAUSED, **row})
    if wait is not None:
        await rescue.add_wait(run_id, **{"wait_type": "quota", "step_path": PATH, **wait})
    await rescue.bench.start(run_id, workflow_id, key=key)
    rescue.bench.launched.append(run_id)
    return run_id


async def count_steps(
    rescue: Rescue, used: int, limit: int | None = 150, source: str = "stripe_price_metadata"
) -> None:
    now = datetime.now(UTC)
    period = {"period_start": now - timedelta(days=3), "period_end": now + timedelta(days=3)}
    row = {"used_count": used, "effective_limit": limit, "limit_source": source, "tier": "solo"}
    known = {"tenant": rescue.tenant, "period_source": "fallback_calendar"}
    await rescue.add(workflow_step_usage_periods, **period, **row, **known)


async def resume(rescue: Rescue, run_id: UUID, operator: Operator | None = None) -> ResumeOutcome:
    command = ResumeCommand(rescue.key(run_id), REASON, operator or rescue.operator, uuid4())
    return await rescue.console.quota.resume(command)


async def signals(rescue: Rescue, run_id: UUID) -> list[dict[str, Any]]:
    """Return the contents of the resume signals in the history."""
    found = []
    async for event in rescue.bench.handle(run_id).fetch_history_events():
        if event.HasField("workflow_execution_signaled_event_attributes"):
            signaled = event.workflow_execution_signaled_event_attributes
            assert signaled.signal_name == SIGNAL_QUOTA_RESUME
            found += await rescue.bench.client.data_converter.decode(signaled.input.payloads)
    return found


@pytest.mark.usefixtures("worker")
async def test_rows_change_first_and_the_execution_leaves_its_pause(rescue: Rescue) -> None:
    await count_steps(rescue, 10)
    run_id = await paused(rescue, wait={})
    outcome = await resume(rescue, run_id)
    assert (outcome.accepted, outcome.observed, outcome.signals) == (True, True, 1)
    run = await rescue.bench.run(run_id)
    assert (run["status"], run["error_json"], run["resume_event_name"]) == ("RUNNING", None, None)
    (wait,) = await rescue.bench.waits(run_id)
    assert (wait["status"], wait["resolved_at"] is not None) == ("RESOLVED", True)
    assert [(log["level"], log["message"]) for log in await rescue.bench.logs(run_id)] == [
        ("INFO", "Quota-paused run resumed by operator")
    ]
    (audit,) = await rescue.audits(RESUME_OPERATION)
    assert (audit["record_id"], audit["changed_data"]) == (str(run_id), {"status": "RUNNING"})
    assert (audit["details"]["reason"], audit["details"]["waitType"]) == (REASON, "quota")
    (sent,) = await signals(rescue, run_id)
    assert (sent["resumedBy"], sent["waitId"]) == (f"admin-{rescue.operator.user_id}", str(wait["wait_id"]))
    assert await rescue.bench.handle(run_id).query(QUERY_CURRENT_WAIT) is None
    with pytest.raises(ActionRefused) as refusal:
        await resume(rescue, run_id)
    assert refusal.value.code == "quota.not_paused"


@pytest.mark.usefixtures("worker")
async def test_the_signal_is_sent_again_while_the_execution_still_pauses(rescue: Rescue) -> None:
    run_id = await paused(rescue, DEAF_ONCE, wait={})
    outcome = await resume(rescue, run_id)
    assert (outcome.observed, outcome.signals, len(await signals(rescue, run_id))) == (True, 2, 2)


@pytest.mark.usefixtures("worker")
async def test_a_signal_that_the_product_lost_is_sent_alone(rescue: Rescue) -> None:
    run_id = await paused(rescue, wait={"status": "RESOLVED"}, status="RUNNING")
    outcome = await resume(rescue, run_id)
    assert (outcome.observed, outcome.signals) == (True, 1)
    (audit,) = await rescue.audits(RESUME_OPERATION)
    assert audit["details"]["signalOnly"] is True
    assert [wait["resolved_at"] for wait in await rescue.bench.waits(run_id)] == [None]


async def test_without_a_worker_temporal_keeps_the_signal(rescue: Rescue) -> None:
    run_id = await paused(rescue, wait={})
    outcome = await resume(rescue, run_id)
    assert (outcome.accepted, outcome.observed, outcome.code) == (True, False, "quota.unobserved")
    with pytest.raises(ActionRefused) as refusal:
        await resume(rescue, run_id)
    assert refusal.value.code == "quota.unanswered"
    async with pausing_worker(rescue.bench.client):
        await rescue.bench.until(lambda: no_longer_pauses(rescue, run_id))
        await rescue.bench.terminate_leftovers()


async def no_longer_pauses(rescue: Rescue, run_id: UUID) -> bool:
    return await rescue.bench.handle(run_id).query(QUERY_CURRENT_WAIT) is None


async def test_the_gates_refuse_and_write_nothing(rescue: Rescue) -> None:
    await count_steps(rescue, 150)
    wait = {"payload": {"effectiveLimit": 150}}
    cases = {
        "quota.not_waiting": await paused(rescue, wait={}, status="SUCCEEDED"),
        "quota.no_wait": await paused(rescue, wait={"status": "CANCELED"}),
        "quota.stale": await paused(rescue, wait={"step_path": "root.steps[1]"}),
        "quota.legacy": await paused(rescue, wait={}, engine="db"),
        "quota.exhausted": await paused(rescue, wait=wait),
    }
    for code, run_id in cases.items():
        before = await rescue.bench.run(run_id), await rescue.bench.waits(run_id)
        with pytest.raises(ActionRefused) as refusal:
            await resume(rescue, run_id)
        assert refusal.value.code == code
        assert (await rescue.bench.run(run_id), await rescue.bench.waits(run_id)) == before
        assert await rescue.bench.logs(run_id) == []
    assert "150 of 150" in refusal.value.message
    assert (refusal.value.params["used"], refusal.value.params["limit"]) == (150, 150)
    assert await rescue.audits(RESUME_OPERATION) == []
    with pytest.raises(NotPermitted):
        await resume(rescue, run_id, replace(rescue.operator, rights=frozenset({"manage"})))


async def test_an_execution_that_has_ended_is_not_resumed(rescue: Rescue) -> None:
    run_id = await paused(rescue, wait={})
    await rescue.bench.handle(run_id).terminate()
    with pytest.raises(ActionRefused) as refusal:
        await resume(rescue, run_id)
    assert refusal.value.code == "quota.closed"
    assert (await rescue.bench.run(run_id))["status"] == "WAITING"


@pytest.mark.usefixtures("worker")
async def test_the_command_line_resumes_by_the_plan_of_now(rescue: Rescue) -> None:
    """The counter keeps the limit of the last reservation; a tenant who changed the plan has another one now."""
    await rescue.bench.execute("UPDATE tenants SET plan = 'pro' WHERE tenant = :t", t=rescue.tenant)
    await count_steps(rescue, 150, source="tier_default")
    run_id = await paused(rescue, wait={})
    said = await asyncio.to_thread(rundesk, "quota-resume", str(run_id), "--reason", REASON, "--json", *rescue.flags)
    assert (said.code, said.document["observed"], said.document["code"]) == (0, True, "quota.resumed")
