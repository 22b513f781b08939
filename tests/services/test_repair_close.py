"""A row takes the end that its execution had and no worker projected: run, steps, waits and tasks agree with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.errors import ActionRefused
from app.domain.repair import RepairAction
from app.postgres.tables import workflow_tasks
from tests.cli.command_line import rundesk
from tests.services.closing_workflow import DETAIL, closing_worker
from tests.services.rescue import REASON, Rescue, refusal_of, repair_of

pytestmark = pytest.mark.asyncio

PATH = "root.steps[4]"
CLOSE = RepairAction.PROJECT_CLOSE


async def zombie(rescue: Rescue, end: str, **row: Any) -> UUID:
    """Return a run whose execution ended this way while its rows stayed open."""
    bench = rescue.bench
    workflow_id = await bench.publish([])
    (run_id,) = await rescue.add_runs(
        workflow_id, {"engine": "temporal", "status": "RUNNING", "node_path": PATH, **row}
    )
    bench.launched.append(run_id)
    await rescue.add_step(run_id, step_path="root.steps[3]", status="SUCCEEDED")
    await rescue.add_step(run_id, step_path=PATH)
    task = uuid4()
    await rescue.add_wait(run_id, wait_type="human", key=str(task))
    definition = {"task_definition_type": "system", "system_task_definition_task_type": "approval", "title": "t"}
    await rescue.add(
        workflow_tasks, task_id=task, tenant=rescue.tenant, execution_id=run_id, status="pending", **definition
    )
    await bench.start(run_id, workflow_id, timedelta(seconds=1) if end == "timed_out" else None, end)
    if end == "terminated":
        await bench.handle(run_id).terminate(reason="by hand")
    if end == "canceled":
        await bench.handle(run_id).cancel()
    if end != "running":
        await bench.outcome(run_id)
    return run_id


FAILED = {"message": "no such ticket", "nodePath": DETAIL["nodePath"]}
ENDS = {
    "completed": ("SUCCEEDED", None),
    "failed": ("FAILED", FAILED),
    "canceled": ("CANCELED", {"message": "stale"}),
    "terminated": (
        "FAILED",
        {
            "message": "The execution was terminated from outside: by hand",
            "stage": "repair",
            "category": "Terminated",
        },
    ),
    "timed_out": (
        "FAILED",
        {"message": "The execution reached its time limit.", "stage": "repair", "category": "TimeoutError"},
    ),
}


async def test_every_end_is_projected_as_the_engine_would_have(rescue: Rescue) -> None:
    await rescue.bench.define_task_type("approval")
    async with closing_worker(rescue.bench.client):
        runs = await asyncio.gather(*(zombie(rescue, end, error_json={"message": "stale"}) for end in ENDS))
    for run_id, (status, error) in zip(runs, ENDS.values(), strict=True):
        command = repair_of(rescue, run_id, CLOSE, repair_mode=True)
        plan = await rescue.console.repair.plan(command)
        assert [each.target for each in plan.writes] == [
            "workflow_runs",
            "workflow_run_steps",
            "workflow_run_waits",
            "workflow_tasks",
            "workflow_run_logs",
            "audit_logs",
        ]
        assert (await rescue.console.repair.apply(command)).code == "repair.projected"
        await expect_projected(rescue, run_id, status, error)
        assert (await rescue.console.repair.apply(command)).repeated
        assert await refusal_of(rescue, repair_of(rescue, run_id, CLOSE, repair_mode=True)) == "repair.row_closed"
    assert len(await rescue.audits("workflow_run_repair")) == len(ENDS)


async def expect_projected(rescue: Rescue, run_id: UUID, status: str, error: Any) -> None:
    closed_at = (await rescue.bench.handle(run_id).describe()).close_time
    assert closed_at is not None
    run = await rescue.bench.run(run_id)
    assert (run["status"], run["node_path"], run["error_json"]) == (status, None, error)
    assert abs(run["completed_at"].astimezone(UTC) - closed_at) < timedelta(seconds=1)
    done, step = await rescue.bench.steps(run_id)
    if done["step_path"] == PATH:
        done, step = step, done
    assert (done["status"], done["completed_at"]) == ("SUCCEEDED", None)
    assert (step["status"], step["completed_at"]) == (status, run["completed_at"])
    assert step["duration_ms"] is not None
    assert step["error_json"] == ({"message": error["message"]} if status == "FAILED" else None)
    (wait,) = await rescue.bench.waits(run_id)
    assert (wait["status"], wait["resolved_at"]) == ("CANCELED", run["completed_at"])
    assert [task["status"] for task in await rescue.bench.tasks(run_id)] == ["canceled"]


async def test_it_is_off_by_default_and_never_touches_an_open_execution(rescue: Rescue) -> None:
    await rescue.bench.define_task_type("approval")
    running, ended = await zombie(rescue, "running"), await zombie(rescue, "terminated")
    (unknown,) = await rescue.add_runs(await rescue.bench.publish([]), {"engine": "temporal", "status": "RUNNING"})
    for run_id, code in ((running, "repair.execution_open"), (unknown, "repair.no_execution")):
        assert await refusal_of(rescue, repair_of(rescue, run_id, CLOSE, repair_mode=True)) == code
    with pytest.raises(ActionRefused) as refusal:
        await rescue.console.repair.apply(repair_of(rescue, ended, CLOSE))
    assert refusal.value.code == "repair.mode_off"
    argv = ("repair", str(ended), "--action", "project-close", "--reason", REASON, "--json", *rescue.flags)
    shown = await asyncio.to_thread(rundesk, *argv)
    assert (shown.code, shown.document["needs_repair_mode"]) == (0, True)
    refused = await asyncio.to_thread(rundesk, *argv, "--apply")
    assert (refused.code, refused.error["code"]) == (1, "repair.mode_off")
    assert (await rescue.bench.run(ended))["status"] == "RUNNING"
    applied = await asyncio.to_thread(rundesk, *argv, "--apply", "--allow-repair")
    assert (applied.code, (await rescue.bench.run(ended))["status"]) == (0, "FAILED")


async def test_what_a_failure_repeats_of_a_secret_is_not_shown(rescue: Rescue) -> None:
    await rescue.bench.define_task_type("approval")
    async with closing_worker(rescue.bench.client):
        run_id = await zombie(rescue, "failed", input_json={"password": "no such ticket"})
    plan = await rescue.console.repair.plan(repair_of(rescue, run_id, CLOSE))
    assert "no such ticket" not in str(plan)
