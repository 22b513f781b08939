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
