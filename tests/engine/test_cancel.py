"""A cancel from anywhere leaves the projection true (F13, F14); what cannot be seen is not projected."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import pytest

from app.engine.actions import Action, ActionContext, ActionRegistry
from app.engine.worker import build_worker
from tests.engine.bench import Bench, action, expression

pytestmark = pytest.mark.asyncio

CLOSE_ROW = "UPDATE workflow_runs SET status = 'CANCELED', completed_at = now() WHERE run_id = :r"
NAP = {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": 600_000}}
REPLY = {"id": "reply", "type": "event.wait", "config": {"eventName": "REPLY", "correlationKey": expression("'k'")}}


async def cancel(bench: Bench, run_id: UUID) -> None:
    await bench.handle(run_id).cancel()
    assert await bench.outcome(run_id) == "CANCELED"


async def expect_canceled(bench: Bench, run_id: UUID, path: str) -> None:
    run = await bench.run(run_id)
    assert (run["status"], run["node_path"], run["error_json"]) == ("CANCELED", None, None)
    assert run["completed_at"] is not None
    await expect_canceled_children(bench, run_id, path)


async def expect_canceled_children(bench: Bench, run_id: UUID, path: str) -> None:
    last = (await bench.steps(run_id))[-1]
    assert (last["step_path"], last["status"]) == (path, "CANCELED")
    assert last["completed_at"] is not None
    assert last["duration_ms"] is not None
    assert not [step for step in await bench.steps(run_id) if step["status"] == "STARTED"]
    for wait in await bench.waits(run_id):
        assert wait["status"] == "CANCELED"
        assert wait["resolved_at"] is not None


def in_loop(step: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "each",
        "type": "control.forEach",
        "items": expression("[1, 2]"),
        "itemVar": "n",
        "onItemError": "continue",
        "body": [step],
    }


def in_try(step: dict[str, Any]) -> dict[str, Any]:
    return {"id": "guard", "type": "control.tryCatch", "try": [step], "catch": [action("c", "demo.echo", {"value": 1})]}


@pytest.mark.parametrize("step", [NAP, REPLY], ids=["time", "event"])
@pytest.mark.parametrize(
    ("around", "path"),
    [
        (lambda step: step, "root.steps[0]"),
        (in_loop, "root.steps[0].body.steps[0]"),
        (in_try, "root.steps[0].try.steps[0]"),
        (lambda step: in_loop(in_try(step)), "root.steps[0].body.steps[0].try.steps[0]"),
    ],
    ids=["plain", "loop", "try", "loop-try"],
)
async def test_cancel_in_a_wait(bench: Bench, step: dict[str, Any], around: Any, path: str) -> None:
    run_id = await bench.launch([around(step)])
    await bench.open_wait(run_id)
    await cancel(bench, run_id)
    await expect_canceled(bench, run_id, path)


async def test_cancel_in_a_human_task_cancels_the_task(bench: Bench) -> None:
    await bench.define_task_type("t")
    run_id = await bench.launch(
        [{"id": "ask", "type": "human.task", "config": {"taskType": "t", "title": expression("'T'")}}]
    )
    await bench.open_wait(run_id)
    await cancel(bench, run_id)
    await expect_canceled(bench, run_id, "root.steps[0]")
    [task] = await bench.tasks(run_id)
    assert task["status"] == "canceled"


@pytest.mark.parametrize("around", [lambda step: step, in_loop, in_try], ids=["plain", "loop", "try"])
async def test_cancel_reaches_an_action_under_way(bench: Bench, around: Any) -> None:
    run_id = await bench.launch([around(action("slow", "demo.slow", {"ms": 120_000}, onError={"policy": "continue"}))])
    await bench.until(lambda: bench.invocations(run_id))
    await cancel(bench, run_id)
    [invocation] = await bench.invocations(run_id)
    assert (invocation["status"], invocation["error_json"]["category"]) == ("FAILED", "Cancellation")
    last = (await bench.steps(run_id))[-1]
    await expect_canceled(bench, run_id, last["step_path"])


async def test_an_action_that_finishes_despite_the_cancel_keeps_its_true_outcome(idle_bench: Bench) -> None:
    """F14: the side effect happened, so its invocation says so; the run is cancelled all the same."""

    async def handle(_context: ActionContext, _input: None) -> dict[str, bool]:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return {"sent": True}

    stubborn = Action("mail.send", 1, "Sends.", True, False, lambda fields: fields.close(), handle)
    async with build_worker(idle_bench.client, idle_bench.database, registry=ActionRegistry([stubborn])):
        run_id = await idle_bench.launch([action("send", "mail.send"), action("never", "mail.send")])
        await idle_bench.until(lambda: idle_bench.invocations(run_id))
        await cancel(idle_bench, run_id)
    [invocation] = await idle_bench.invocations(run_id)
    assert (invocation["status"], invocation["output_json"]) == ("SUCCEEDED", {"sent": True})
    await expect_canceled(idle_bench, run_id, "root.steps[0]")


async def test_cancel_between_attempts(bench: Bench) -> None:
    retry = {"maxAttempts": 5, "backoffMs": 600_000, "jitter": False}
    run_id = await bench.launch([action("boom", "demo.fail", {}, retry=retry)])

    async def failed_once() -> bool:
        return [row["status"] for row in await bench.invocations(run_id)] == ["FAILED"]

    await bench.until(failed_once)
    await cancel(bench, run_id)
    await expect_canceled(bench, run_id, "root.steps[0]")


async def test_the_consoles_cancel_stays_as_written(bench: Bench) -> None:
    """The console closes run and waits itself; the worker adds steps and tasks and touches nothing else."""
    run_id = await bench.launch([NAP])
    await bench.open_wait(run_id)
    await bench.execute(CLOSE_ROW, r=run_id)
    before = await bench.run(run_id)
    await cancel(bench, run_id)
    assert await bench.run(run_id) == before
    await expect_canceled_children(bench, run_id, "root.steps[0]")


async def test_a_closed_row_is_never_reopened_by_a_step(bench: Bench) -> None:
    """F14: a step that starts or ends after the operator's CANCELED must not write RUNNING over it."""
    run_id = await bench.launch([action("slow", "demo.slow", {"ms": 600}), action("next", "demo.echo", {"value": 1})])
    await bench.until(lambda: bench.invocations(run_id))
    await bench.execute(CLOSE_ROW, r=run_id)
    before = await bench.run(run_id)
    await bench.outcome(run_id)
    after = await bench.run(run_id)
    assert (after["status"], after["completed_at"], after["node_path"]) == (
        "CANCELED",
        before["completed_at"],
        before["node_path"],
    )


async def test_cancel_before_a_worker_has_seen_the_run(idle_bench: Bench) -> None:
    run_id = await idle_bench.launch([NAP])
    await idle_bench.handle(run_id).cancel()
    async with build_worker(idle_bench.client, idle_bench.database):
        assert await idle_bench.outcome(run_id) == "CANCELED"
    run = await idle_bench.run(run_id)
    assert run["status"] == "CANCELED"
    assert run["completed_at"] is not None


async def test_a_terminate_is_not_projected(bench: Bench) -> None:
    """Nothing inside the workflow can see it; a console reconciles (F40)."""
    run_id = await bench.launch([NAP])
    await bench.open_wait(run_id)
    await bench.handle(run_id).terminate("pulled the plug")
    assert await bench.outcome(run_id) == "TERMINATED"
    assert (await bench.run(run_id))["status"] == "RUNNING"
    assert (await bench.steps(run_id))[0]["status"] == "STARTED"
    assert (await bench.waits(run_id))[0]["status"] == "WAITING"
