"""A person's answer and a missed event reach one run on the real engine, and leave rows that agree with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.launching import PRODUCT_SEMANTICS_VERSION
from app.domain.repair import RepairAction, SealedPayload
from app.postgres.tables import workflow_runtime_events
from tests.engine.bench import Row, expression
from tests.services.rescue import Rescue, refusal_of, repair_of

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("engine")]

RELEASE, DELIVER = RepairAction.RELEASE_HUMAN_TASK, RepairAction.DELIVER_EVENT
FORM = '{"type": "object", "required": ["approved"], "properties": {"approved": {"type": "boolean"}}}'
ASK = {"id": "ask", "type": "human.task", "config": {"taskType": "approval", "title": expression("'Approve?'")}}


def await_reply(timeout_ms: int | None = None) -> Row:
    config: Row = {"eventName": "REPLY", "correlationKey": expression("'ticket-7'")}
    return {"id": "reply", "type": "event.wait", "config": config | ({"timeoutMs": timeout_ms} if timeout_ms else {})}


async def asking_run(rescue: Rescue) -> tuple[UUID, Row]:
    run_id = await rescue.bench.launch([ASK])
    return run_id, await rescue.bench.open_wait(run_id)


async def test_an_answer_releases_the_run_and_completes_its_task(rescue: Rescue) -> None:
    await rescue.bench.define_task_type("approval", FORM)
    run_id, wait = await asking_run(rescue)
    command = repair_of(rescue, run_id, RELEASE, arguments={"response": '{"approved": true, "limit": 1.5}'})
    plan = await rescue.console.repair.plan(command)
    assert [each.target for each in plan.writes][:3] == ["temporal", "workflow_tasks", "workflow_task_history"]
    outcome = await rescue.console.repair.apply(command)
    assert (outcome.accepted, outcome.observed, outcome.code) == (True, True, "repair.released")
    assert await rescue.bench.outcome(run_id) == "COMPLETED"
    assert (await rescue.bench.run(run_id))["status"] == "SUCCEEDED"
    (task,) = await rescue.bench.tasks(run_id)
    assert (str(task["task_id"]), task["status"]) == (wait["key"], "completed")
    assert task["completed_by"] == rescue.operator.user_id
    (resolved,) = await rescue.bench.waits(run_id)
    assert (resolved["status"], resolved["payload"]["response"]) == ("RESOLVED", {"approved": True, "limit": 1.5})
    (audit,) = await rescue.audits("workflow_run_release_task")
    assert (audit["details"]["taskId"], audit["details"]["override"]) == (wait["key"], False)
    assert (await rescue.console.repair.apply(command)).repeated


async def test_an_answer_that_does_not_fit_is_not_sent_without_an_override(rescue: Rescue) -> None:
    await rescue.bench.define_task_type("approval", FORM)
    run_id, _ = await asking_run(rescue)
    for response, code in (
        (None, "repair.no_response"),
        ("{", "repair.response_text"),
        ("[]", "repair.response_object"),
        ('{"approved": "yes"}', "repair.form"),
    ):
        command = repair_of(rescue, run_id, RELEASE, arguments={"response": response})
        assert await refusal_of(rescue, command) == code
    assert await refusal_of(rescue, repair_of(rescue, run_id, DELIVER, repair_mode=True)) == "repair.no_event_wait"
    forced = repair_of(rescue, run_id, RELEASE, arguments={"response": '{"approved": "yes"}', "override": True})
    assert (await rescue.console.repair.apply(forced)).code == "repair.released"
    assert await rescue.bench.outcome(run_id) == "COMPLETED"
    assert await refusal_of(rescue, repair_of(rescue, run_id, RELEASE, arguments={"response": "{}"})) in {
        "repair.row_closed",
        "repair.form",
    }


async def test_a_typed_event_is_recorded_and_taken(rescue: Rescue) -> None:
    run_id = await rescue.bench.launch([await_reply()])
    wait = await rescue.bench.open_wait(run_id)
    command = repair_of(rescue, run_id, DELIVER, repair_mode=True, arguments={"payload": '{"text": "hello"}'})
    off = repair_of(rescue, run_id, DELIVER)
    assert (await rescue.console.repair.plan(off)).needs_repair_mode
    outcome = await rescue.console.repair.apply(command)
    assert (outcome.observed, outcome.code) == (True, "repair.delivered")
    assert await rescue.bench.outcome(run_id) == "COMPLETED"
    assert (await rescue.bench.scopes(run_id))["workflow"]["event"] == {"text": "hello"}
    (event,) = await events(rescue)
    assert (event["event_name"], event["correlation_key"]) == ("REPLY", "ticket-7")
    assert (event["matched_run_id"], event["matched_wait_id"]) == (run_id, wait["wait_id"])
    (resolved,) = await rescue.bench.waits(run_id)
    assert resolved["payload"]["matchedEventId"] == str(event["event_id"])
    assert (await rescue.console.repair.apply(command)).repeated
    assert len(await events(rescue)) == len(await rescue.audits("workflow_run_deliver_event")) == 1


async def test_a_recorded_event_is_delivered_as_it_arrived_and_never_shown(rescue: Rescue) -> None:
    run_id = await rescue.bench.launch([await_reply(600_000)])
    await rescue.bench.open_wait(run_id)
    missed, other = await arrived(rescue, "ticket-7"), await arrived(rescue, "ticket-8")
    wrong = repair_of(rescue, run_id, DELIVER, repair_mode=True, arguments={"event_id": other})
    assert await refusal_of(rescue, wrong) == "repair.event_mismatch"
    command = repair_of(rescue, run_id, DELIVER, repair_mode=True, arguments={"event_id": missed})
    assert "s3cr3t" not in str(await rescue.console.repair.plan(command))
    assert "s3cr3t" not in repr(SealedPayload({"a": "s3cr3t"}))
    assert (await rescue.console.repair.apply(command)).code == "repair.delivered"
    assert await rescue.bench.outcome(run_id) == "COMPLETED"
    assert (await rescue.bench.scopes(run_id))["workflow"]["event"] == {"password": "s3cr3t"}
    assert len(await events(rescue)) == 2


async def test_an_event_that_would_fail_the_run_of_the_reference_worker_is_not_sent(rescue: Rescue) -> None:
    """The reference's wait without a timeout fails when its event arrives (F1); with one it resolves."""
    run_id = await rescue.bench.launch([await_reply()])
    await rescue.bench.open_wait(run_id)
    await rescue.bench.execute(
        "UPDATE workflow_runs SET runtime_semantics_version = :v WHERE run_id = :r",
        v=PRODUCT_SEMANTICS_VERSION,
        r=run_id,
    )
    assert await refusal_of(rescue, repair_of(rescue, run_id, DELIVER, repair_mode=True)) == "repair.event_fails_run"
    assert await events(rescue) == []


async def arrived(rescue: Rescue, key: str) -> UUID:
    """Insert an event that was recorded and signalled to nobody."""
    event_id = uuid4()
    named = {"event_name": "REPLY", "correlation_key": key, "payload": {"password": "s3cr3t"}}
    await rescue.add(workflow_runtime_events, event_id=event_id, tenant=rescue.tenant, **named)
    return event_id


async def events(rescue: Rescue) -> list[dict[str, Any]]:
    async with rescue.bench.database.reading() as connection:
        query = workflow_runtime_events.select().where(workflow_runtime_events.c.tenant == rescue.tenant)
        return [dict(row) for row in (await connection.execute(query)).mappings()]
