"""What one execution hands over to the next, and what is too large to be sent to Temporal at all (F2, F3)."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from app.temporal import contract
from tests.engine.bench import Bench, action, assign, expression
from tests.engine.test_long_runs import FILLER, histories

pytestmark = pytest.mark.asyncio


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
