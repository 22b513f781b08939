"""Runs of many steps: continue-as-new loses neither steps nor loop state nor signals (F2, F3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from app.engine import run_workflow
from app.engine.run_workflow import RunWorkflow
from app.engine.worker import workflow_runner
from app.temporal import contract
from tests.engine.bench import Bench, action, assign, expression

FILLER = [assign(f"s{n}", vars__n=str(n)) for n in range(3)]

pytestmark = pytest.mark.asyncio


async def histories(bench: Bench, run_id: Any) -> list[WorkflowHistory]:
    """Return the histories of the whole chain of executions, first one first."""
    listed = [
        execution
        async for execution in bench.client.list_workflows(f"WorkflowId = '{contract.workflow_id_of(run_id)}'")
    ]
    chain = sorted(listed, key=lambda execution: execution.start_time)
    return [
        await bench.client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
        for execution in chain
    ]


async def test_six_hundred_steps_cross_continue_as_new_and_lose_nothing(bench: Bench) -> None:
    run_id = await bench.launch(
        [
            assign("before", vars__sum="0", vars__n="'kept'"),
            {
                "id": "each",
                "type": "control.forEach",
                "items": expression("[1..300]"),
                "itemVar": "n",
                "onItemError": "continue",
                "body": [
                    assign("add", vars__sum="vars.sum + n"),
                    {"id": "odd", "type": "control.if", "condition": expression("n = 250"), "then": []},
                ],
            },
            assign("after", vars__after="vars.sum"),
        ]
    )
    assert await bench.outcome(run_id, 120) == "COMPLETED"
    steps = await bench.steps(run_id)
    assert len(steps) == 603
    assert {step["status"] for step in steps} == {"SUCCEEDED"}
    body = [step["attempt"] for step in steps if step["step_path"] == "root.steps[1].body.steps[0]"]
    assert body == list(range(1, 301))
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"] == {"sum": 45150, "n": "kept", "__forEach": {}, "after": 45150}
    summary = await bench.handle(run_id).query(contract.QUERY_SUMMARY)
    assert (summary["stepCount"], summary["frameDepth"]) == (603, 0)

    async def chain() -> list[WorkflowHistory]:
        found = await histories(bench, run_id)
        return found if len(found) == 3 else []

    ends = []
    for history in await bench.until(chain):
        replayed = await Replayer(workflows=[RunWorkflow], workflow_runner=workflow_runner()).replay_workflow(history)
        assert replayed.replay_failure is None
        ends.append(history.events[-1].WhichOneof("attributes"))
    continued = "workflow_execution_continued_as_new_event_attributes"
    assert ends == [continued, continued, "workflow_execution_completed_event_attributes"]


async def test_signals_that_nobody_took_cross_continue_as_new(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_workflow, "CONTINUE_AS_NEW_STEPS", 2)
    wait = {"id": "reply", "type": "event.wait", "config": {"eventName": "REPLY", "correlationKey": expression("'k'")}}
    first = {"id": "first", "type": "event.wait", "config": {"eventName": "GO", "correlationKey": expression("null")}}
    run_id = await bench.launch([first, *(assign(f"s{n}", vars__n=str(n)) for n in range(5)), wait])
    await bench.open_wait(run_id)
    await bench.event(run_id, "REPLY", "k", {"kept": True})
    await bench.handle(run_id).signal(contract.SIGNAL_QUOTA_RESUME, {})
    await bench.event(run_id, "GO", None)
    assert await bench.outcome(run_id) == "COMPLETED"
    assert (await bench.scopes(run_id))["workflow"]["event"] == {"kept": True}

    async def continued() -> bool:
        return len(await histories(bench, run_id)) >= 3

    await bench.until(continued)


@pytest.mark.parametrize("threshold", [2, 3])
async def test_loops_tries_and_failures_survive_continue_as_new_anywhere(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, threshold: int
) -> None:
    """Whatever the step at which an execution continues as new, the outcome is that of a run in one piece."""
    monkeypatch.setattr(run_workflow, "CONTINUE_AS_NEW_STEPS", threshold)
    failing = action("maybe", "demo.fail", {"message": expression("'bad ' & name")})
    run_id = await bench.launch(
        [
            assign("before", vars__seen="[]"),
            {
                "id": "outer",
                "type": "control.forEach",
                "items": expression("payload.groups"),
                "itemVar": "group",
                "body": [
                    {
                        "id": "inner",
                        "type": "control.forEach",
                        "items": expression("group.names"),
                        "itemVar": "name",
                        "body": [
                            {
                                "id": "guard",
                                "type": "control.tryCatch",
                                "captureErrorAs": "local.problem",
                                "try": [failing],
                                "catch": [
                                    assign(
                                        "note",
                                        local__line="group.id & ':' & name & ':' & local.problem.message",
                                        vars__seen="append(vars.seen, local.line)",
                                    )
                                ],
                            }
                        ],
                    }
                ],
            },
        ],
        {"groups": [{"id": "g1", "names": ["a", "b"]}, {"id": "g2", "names": ["c"]}]},
    )
    assert await bench.outcome(run_id, 60) == "COMPLETED"
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"]["seen"] == ["g1:a:bad a", "g1:b:bad b", "g2:c:bad c"]
    assert (scopes["workflow"]["__forEach"], scopes["lexical"], "group" in scopes["workflow"]) == ({}, [], False)
    assert len(await bench.steps(run_id)) == 2 + 2 + 3 * 3


async def test_a_cancel_after_continue_as_new_cleans_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_workflow, "CONTINUE_AS_NEW_STEPS", 2)
    nap = {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": 600_000}}
    run_id = await bench.launch([*(assign(f"s{n}", vars__n=str(n)) for n in range(5)), nap])
    await bench.open_wait(run_id)
    await bench.handle(run_id).cancel()
    assert await bench.outcome(run_id) == "CANCELED"
    assert (await bench.run(run_id))["status"] == "CANCELED"
    assert (await bench.waits(run_id))[0]["status"] == "CANCELED"


@pytest.mark.parametrize("around", [lambda step: [step], lambda step: [*FILLER, step]], ids=["first", "continued"])
async def test_the_end_of_the_execution_is_projected_before_it_comes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, around: Any
) -> None:
    """F38: in the reference a run that waits longer than its execution timeout stays RUNNING for ever."""
    monkeypatch.setattr(run_workflow, "CONTINUE_AS_NEW_STEPS", 2)
    workflow_id = await bench.publish(
        around(
            {"id": "reply", "type": "event.wait", "config": {"eventName": "R", "correlationKey": expression("null")}}
        )
    )
    run_id = await bench.insert_run(workflow_id)
    await bench.start(run_id, workflow_id, timedelta(seconds=8))
    assert await bench.outcome(run_id) == "FAILED"
    run = await bench.run(run_id)
    assert run["status"] == "FAILED"
    assert run["completed_at"] is not None
    assert run["error_json"]["message"].startswith("The run reached its execution timeout")
    last = (await bench.steps(run_id))[-1]
    assert (last["status"], last["step_path"]) == ("FAILED", run["error_json"]["nodePath"])
    assert (await bench.waits(run_id))[0]["status"] == "CANCELED"


async def test_large_payloads_continue_as_new_before_the_history_is_full(bench: Bench) -> None:
    """Forty calls of 1.5 MB each would end TERMINATED at the server's limit of 50 MB."""
    payload = {name: name * 250_000 for name in ("a", "b", "c")}
    mapping = {"value": {name: expression(f"payload.{name}") for name in payload} | {"n": expression("n")}}
    loop = {
        "id": "each",
        "type": "control.forEach",
        "items": expression("[1..40]"),
        "itemVar": "n",
        "body": [action("echo", "demo.echo", mapping)],
    }
    run_id = await bench.launch([loop], payload)
    assert await bench.outcome(run_id, 120) == "COMPLETED"
    async with bench.database.reading() as connection:
        count = await connection.scalar(text("SELECT count(*) FROM workflow_action_invocations"))
    assert count == 40
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"


BULK = "x" * 1_100_000


async def executions(bench: Bench, run_id: Any, at_least: int) -> list[WorkflowHistory]:
    async def chain() -> list[WorkflowHistory]:
        found = await histories(bench, run_id)
        return found if len(found) >= at_least else []

    whole: list[WorkflowHistory] = await bench.until(chain)
    return whole


async def test_a_retry_goes_on_in_the_next_execution(bench: Bench) -> None:
    """A step that is tried again and again fills a history by itself: attempts, row and pause are handed over."""
    retry = {"maxAttempts": 9, "backoffMs": 1, "jitter": False}
    mapping = {"failures": 8, "message": BULK[:900_000]}
    run_id = await bench.launch([action("poll", "demo.flaky", mapping, saveAs="vars.polled", retry=retry)])
    assert await bench.outcome(run_id, 60) == "COMPLETED"
    assert (await bench.scopes(run_id))["workflow"]["polled"] == {"attempt": 9}
    [step] = await bench.steps(run_id)
    assert (step["status"], step["attempt"]) == ("SUCCEEDED", 1)
    [invocation] = await bench.invocations(run_id)
    assert invocation["attempt"] == 9
    await executions(bench, run_id, 2)


async def test_a_wait_goes_on_in_the_next_execution(bench: Bench) -> None:
    """Refused responses fill the history of a run that waits; task, wait and later responses are the same."""
    await bench.define_task_type("t", '{"required": ["ok"]}')
    ask = {"id": "ask", "type": "human.task", "config": {"taskType": "t", "title": expression("'T'")}}
    run_id = await bench.launch([ask])
    wait = await bench.open_wait(run_id)
    handle = bench.handle(run_id)
    for number in range(5):
        await handle.signal(contract.SIGNAL_HUMAN_TASK, {"taskId": wait["key"], "payload": {"no": BULK}})

        async def refused(number: int = number) -> bool:
            return len(await bench.logs(run_id)) == number + 1

        await bench.until(refused)
    await executions(bench, run_id, 2)
    assert [row["status"] for row in await bench.waits(run_id)] == ["WAITING"]
    await handle.signal(contract.SIGNAL_HUMAN_TASK, {"taskId": wait["key"], "payload": {"ok": True}})
    assert await bench.outcome(run_id) == "COMPLETED"
    assert ([row["status"] for row in await bench.waits(run_id)], len(await bench.tasks(run_id))) == (["RESOLVED"], 1)
    assert [step["attempt"] for step in await bench.steps(run_id)] == [1]


async def test_what_is_too_large_to_be_handed_over_stays_until_it_is_needed(bench: Bench) -> None:
    """Five megabytes of events that nobody wants yet: the run neither loses one nor dies of them."""
    go = {"id": "go", "type": "event.wait", "config": {"eventName": "GO", "correlationKey": expression("null")}}
    later = {
        "id": "later",
        "type": "event.wait",
        "config": {
            "eventName": "BULK",
            "correlationKey": expression("null"),
            "filters": [{"path": "number", "op": "=", "value": 4}],
            "assign": {"vars.event": expression("vars.event.number")},
        },
    }
    run_id = await bench.launch([go, *FILLER, later])
    await bench.open_wait(run_id)
    for number in range(5):
        await bench.event(run_id, "BULK", None, {"number": number, "text": BULK})
    await bench.event(run_id, "GO", None)
    assert await bench.outcome(run_id) == "COMPLETED"
    assert (await bench.scopes(run_id))["workflow"]["event"] == 4


async def test_a_result_too_large_for_temporal_leaves_the_run_succeeded(bench: Bench) -> None:
    grow = assign("grow", **{f"vars__v{n}": "payload.text & ''" for n in range(12)})
    child = await bench.publish([grow])
    call = {
        "id": "call",
        "type": "control.callWorkflow",
        "workflowId": str(child),
        "workflowVersion": 1,
        "inputMapping": {"text": expression("payload.text")},
        "outputMapping": {"vars.v": expression("childRun.vars.v1")},
        "onError": {"policy": "continue"},
    }
    run_id = await bench.finish([call, grow], {"text": "y" * 200_000})
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"
    scopes = await bench.scopes(run_id)
    assert scopes["omitted"] == "The variables hold 2.6 MB, too much for a result"
    [log] = [log for log in await bench.logs(run_id) if log["level"] == "WARN"]
    assert log["context_json"]["code"] == "CHILD_RESULT_TOO_LARGE"


async def test_inputs_and_outputs_too_large_for_temporal_fail_the_step_with_a_clear_word(bench: Bench) -> None:
    parts = {f"part{n}": expression("payload.text") for n in range(10)}
    run_id = await bench.finish([action("echo", "demo.echo", {"value": parts})], {"text": "y" * 200_000})
    assert (await bench.run(run_id))["error_json"]["code"] == "INPUT_TOO_LARGE"
    assert await bench.invocations(run_id) == []
