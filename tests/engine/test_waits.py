"""The waiting steps, row by row: event, time and human (runtime.md 7.4 to 7.6)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.engine.instants import parse_instant
from app.temporal import contract
from tests.engine.bench import Bench, action, assign, expression

pytestmark = pytest.mark.asyncio


def event_wait(**config: Any) -> dict[str, Any]:
    full = {"eventName": "REPLY", "correlationKey": expression("payload.ticket"), **config}
    return {"id": "reply", "type": "event.wait", "config": full}


async def test_event_without_timeout_resumes_when_its_event_arrives(bench: Bench) -> None:
    """F1: the reference fails here with a TimeoutError."""
    run_id = await bench.launch(
        [event_wait(assign={"vars.answer": expression("vars.event.text")}), assign("after", vars__done="true")],
        {"ticket": "T-1"},
    )
    wait = await bench.open_wait(run_id)
    assert (wait["wait_type"], wait["key"], wait["event_name"], wait["timeout_at"]) == ("event", "T-1", "REPLY", None)
    assert wait["payload"] == {"eventName": "REPLY", "correlationKey": "T-1", "filters": [], "timeoutAt": None}
    assert (await bench.run(run_id))["status"] == "RUNNING"
    event_id = uuid4()
    await bench.execute(
        "INSERT INTO workflow_runtime_events (event_id, tenant, event_name, correlation_key)"
        " VALUES (:e, :t, 'REPLY', 'T-1')",
        e=event_id,
        t=bench.tenant,
    )
    await bench.event(run_id, "REPLY", "T-1", {"text": "yes"}, eventId=str(event_id))
    assert await bench.outcome(run_id) == "COMPLETED"
    [closed] = await bench.waits(run_id)
    assert (closed["status"], closed["payload"]["matchedEventId"]) == ("RESOLVED", str(event_id))
    assert closed["resolved_at"] is not None
    assert parse_instant(closed["payload"]["resolvedAt"])
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"] == {"event": {"text": "yes"}, "eventName": "REPLY", "answer": "yes", "done": True}
    async with bench.database.reading() as connection:  # F26
        event = (await connection.execute(text("SELECT * FROM workflow_runtime_events"))).mappings().one()
    assert (event["matched_run_id"], event["matched_wait_id"], event["matched_step_path"]) == (
        run_id,
        closed["wait_id"],
        "root.steps[0]",
    )


async def test_event_buffered_before_its_wait_begins(bench: Bench) -> None:
    run_id = await bench.launch(
        [
            {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": 700}},
            event_wait(timeoutMs=60000),
        ],
        {"ticket": "T-1"},
    )
    await bench.open_wait(run_id)
    await bench.event(run_id, "REPLY", "T-1", {"n": 1})
    assert await bench.outcome(run_id) == "COMPLETED"
    assert (await bench.scopes(run_id))["workflow"]["event"] == {"n": 1}


async def test_event_timeout_is_true_and_can_be_caught(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            {
                "id": "guard",
                "type": "control.tryCatch",
                "try": [event_wait(timeoutMs=300)],
                "catch": [assign("note", vars__category="error.category", vars__path="error.nodePath")],
            }
        ],
        {"ticket": "T-1"},
    )
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"
    [wait] = await bench.waits(run_id)
    assert (wait["status"], wait["payload"]["matchedEventId"]) == ("RESOLVED", None)
    assert wait["timeout_at"] is not None
    failed = [step for step in await bench.steps(run_id) if step["status"] == "FAILED"]
    assert [step["error_json"]["message"] for step in failed] == ["event.wait timed out waiting for REPLY"]
    assert (await bench.scopes(run_id))["workflow"] == {
        "category": "TimeoutError",
        "path": "root.steps[0].try.steps[0]",
    }


async def test_filters_leave_other_events_where_they_are(bench: Bench) -> None:
    run_id = await bench.launch(
        [
            event_wait(filters=[{"path": "$.status", "op": "=", "value": "done"}]),
            {**event_wait(), "id": "second"},
        ],
        {"ticket": "T-1"},
    )
    await bench.open_wait(run_id)
    await bench.event(run_id, "REPLY", "T-1", {"status": "open"})
    await bench.event(run_id, "OTHER", "T-1", {"status": "done"})
    await bench.event(run_id, "REPLY", "T-2", {"status": "done"})
    await bench.event(run_id, "REPLY", "T-1", {"status": "done"})
    assert await bench.outcome(run_id) == "COMPLETED"
    # The second wait takes the event that the filter of the first one refused.
    assert (await bench.scopes(run_id))["workflow"]["event"] == {"status": "open"}
    assert [wait["payload"]["filters"] for wait in await bench.waits(run_id)] == [
        [{"path": "$.status", "op": "=", "value": "done"}],
        [],
    ]


async def test_a_null_key_takes_any_correlation(bench: Bench) -> None:
    run_id = await bench.launch([event_wait(correlationKey=expression("null"))], {})
    wait = await bench.open_wait(run_id)
    assert wait["key"] is None
    await bench.event(run_id, "REPLY", "whatever")
    assert await bench.outcome(run_id) == "COMPLETED"


async def test_time_wait_for_a_duration_and_until_the_past(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            {
                "id": "nap",
                "type": "time.wait",
                "config": {
                    "mode": "duration",
                    "durationMs": 400,
                    "assign": {"vars.mode": expression("vars.timeWait.mode")},
                },
            },
            {"id": "past", "type": "time.wait", "config": {"mode": "until", "until": expression("'2020-01-01'")}},
        ]
    )
    first, second = await bench.waits(run_id)
    assert (first["wait_type"], first["key"], first["event_name"], first["status"]) == ("time", None, None, "RESOLVED")
    assert first["payload"] == {
        "mode": "duration",
        "durationMs": 400,
        "dueAt": first["timeout_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    assert first["resolved_at"] >= first["timeout_at"]
    assert second["payload"] == {"mode": "until", "durationMs": None, "dueAt": "2020-01-01T00:00:00.000Z"}
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"]["mode"] == "duration"
    assert set(scopes["workflow"]["timeWait"]) == {"mode", "dueAt", "resumedAt"}


async def test_time_wait_until_nonsense_fails_with_its_reason(bench: Bench) -> None:
    run_id = await bench.finish(
        [{"id": "x", "type": "time.wait", "config": {"mode": "until", "until": expression("'soon'")}}]
    )
    run = await bench.run(run_id)
    assert run["status"] == "FAILED"
    assert run["error_json"]["message"].startswith("time.wait until: ")
    assert await bench.waits(run_id) == []


async def test_human_task_opens_refuses_what_does_not_fit_and_completes(bench: Bench) -> None:
    schema = '{"type": "object", "required": ["approved"], "properties": {"approved": {"type": "boolean"}}}'
    await bench.define_task_type("approve", schema)
    run_id = await bench.launch(
        [
            {
                "id": "ask",
                "type": "human.task",
                "config": {
                    "taskType": "approve",
                    "title": expression("'Approve ' & payload.what"),
                    "contextData": {"what": expression("payload.what")},
                    "assign": {"vars.ok": expression("vars.event.approved")},
                },
            }
        ],
        {"what": "server"},
    )
    wait = await bench.open_wait(run_id)
    [task] = await bench.tasks(run_id)
    assert (
        task["status"],
        task["priority"],
        task["task_definition_type"],
        task["system_task_definition_task_type"],
    ) == (
        "pending",
        "medium",
        "system",
        "approve",
    )
    assert (task["title"], task["context_data"]) == ("Approve server", {"what": "server"})
    assert (wait["wait_type"], wait["key"], wait["event_name"], wait["timeout_at"]) == (
        "human",
        str(task["task_id"]),
        "HUMAN_TASK_COMPLETED",
        None,
    )
    assert wait["payload"]["formSchema"]["formId"] == "approve-form"

    handle = bench.handle(run_id)
    await handle.signal(contract.SIGNAL_HUMAN_TASK, {"taskId": wait["key"], "payload": {"approved": "maybe"}})

    async def refused() -> list[dict[str, Any]]:
        return [log for log in await bench.logs(run_id) if log["level"] == "WARN"]

    [log] = await bench.until(refused)  # F29: the task stays open
    assert log["context_json"]["errors"] == ["/approved must be of type boolean"]
    assert (await bench.waits(run_id))[0]["status"] == "WAITING"

    await handle.signal(contract.SIGNAL_HUMAN_TASK, {"taskId": wait["key"], "payload": {"approved": True}})
    assert await bench.outcome(run_id) == "COMPLETED"
    [wait] = await bench.waits(run_id)
    assert (wait["status"], wait["payload"]["response"], wait["payload"]["eventName"]) == (
        "RESOLVED",
        {"approved": True},
        "HUMAN_TASK_COMPLETED",
    )
    [task] = await bench.tasks(run_id)
    assert (task["status"], task["response_data"]) == ("completed", {"approved": True})
    assert task["completed_at"] is not None
    assert (await bench.scopes(run_id))["workflow"]["ok"] is True


@pytest.mark.parametrize("schema", ['{"required": ["x"]}', "null", '{"type": 5}'], ids=["unfit", "missing", "unusable"])
async def test_an_administrator_releases_a_task_past_its_form(bench: Bench, schema: str) -> None:
    """F29: a task without a usable form refuses every response and stays open, too; an override needs no form."""
    await bench.define_task_type("t", schema)
    step = {"id": "ask", "type": "human.task", "config": {"taskType": "t", "title": expression("'T'")}}
    run_id = await bench.launch([step])
    wait = await bench.open_wait(run_id)
    await bench.handle(run_id).signal(contract.SIGNAL_HUMAN_TASK, {"taskId": wait["key"], "payload": {}})

    async def refused() -> list[dict[str, Any]]:
        return [log for log in await bench.logs(run_id) if log["level"] == "WARN"]

    assert len(await bench.until(refused)) == 1
    assert (await bench.waits(run_id))[0]["status"] == "WAITING"
    content = {"taskId": wait["key"], "eventName": contract.ADMIN_RESUME, "payload": {}}
    await bench.handle(run_id).signal(contract.SIGNAL_HUMAN_TASK, content)
    assert await bench.outcome(run_id) == "COMPLETED"
    assert (await bench.scopes(run_id))["workflow"]["eventName"] == contract.ADMIN_RESUME


async def test_an_unknown_task_type_fails_the_step_and_can_be_caught(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            {
                "id": "guard",
                "type": "control.tryCatch",
                "try": [{"id": "a", "type": "human.task", "config": {"taskType": "no", "title": expression("'T'")}}],
                "catch": [action("echo", "demo.echo", {"value": expression("error.message")}, saveAs="vars.m")],
            }
        ]
    )
    assert (await bench.scopes(run_id))["workflow"]["m"] == "The human task type no is not defined"
