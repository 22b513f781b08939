"""A launch without an execution is completed under its own run id, or failed after a definite denial (F30)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from app.bootstrap.services import wire
from app.domain.errors import ActionRefused, InvalidInput, NotPermitted, TemporalUnavailable
from app.domain.repair import RepairAction
from app.sandbox.server_process import free_port
from app.temporal.contract import workflow_id_of
from app.temporal.gateway import TemporalGateway
from tests.cli.command_line import rundesk
from tests.engine.bench import assign
from tests.services.rescue import REASON, Rescue, everything_of, refusal_of, repair_of

pytestmark = pytest.mark.asyncio

LAUNCHED = {"engine": "temporal", "status": "RUNNING", "node_path": "root.steps[0]"}


async def recorded_launch(rescue: Rescue, **row: object) -> UUID:
    """Return a launch of which only the row was written."""
    workflow_id = await rescue.bench.publish([assign("one", vars__one="1")])
    (run_id,) = await rescue.add_runs(workflow_id, {**LAUNCHED, "input_json": {}, **row})
    rescue.bench.launched.append(run_id)
    return run_id


@pytest.mark.usefixtures("engine")
async def test_a_recorded_launch_is_started_once_and_runs_to_its_end(rescue: Rescue) -> None:
    run_id = await recorded_launch(rescue)
    command = repair_of(rescue, run_id, RepairAction.COMPLETE_LAUNCH)
    plan = await rescue.console.repair.plan(command)
    assert [each.target for each in plan.writes] == ["temporal", "workflow_runs", "workflow_run_logs", "audit_logs"]
    outcome = await rescue.console.repair.apply(replace(command, confirmed=plan.writes))
    assert (outcome.accepted, outcome.observed, outcome.code) == (True, True, "repair.launched")
    assert await rescue.bench.outcome(run_id) == "COMPLETED"
    run = await rescue.bench.run(run_id)
    description = await rescue.bench.handle(run_id).describe()
    assert (run["status"], run["temporal_workflow_id"]) == ("SUCCEEDED", workflow_id_of(run_id))
    assert run["temporal_run_id"] == description.run_id
    assert len(await rescue.bench.steps(run_id)) == 1
    (audit,) = await rescue.audits("workflow_run_repair")
    assert (audit["details"]["repair"], audit["details"]["reason"]) == ("complete-launch", REASON)
    again = await rescue.console.repair.apply(command)
    assert (again.repeated, again.code) == (True, "repair.done_before")
    assert len(await rescue.bench.steps(run_id)) == 1
    assert await refusal_of(rescue, repair_of(rescue, run_id, RepairAction.COMPLETE_LAUNCH)) == "repair.not_running"


async def test_an_execution_that_exists_only_gets_its_ids_stored(rescue: Rescue) -> None:
    run_id = await recorded_launch(rescue)
    workflow_id = (await rescue.bench.run(run_id))["workflow_id"]
    await rescue.bench.start(run_id, workflow_id)
    began = (await rescue.bench.handle(run_id).describe()).run_id
    command = repair_of(rescue, run_id, RepairAction.COMPLETE_LAUNCH)
    assert (await rescue.console.repair.plan(command)).writes[0].target == "workflow_runs"
    assert (await rescue.console.repair.apply(command)).code == "repair.ids_stored"
    run = await rescue.bench.run(run_id)
    assert (run["status"], run["temporal_run_id"]) == ("RUNNING", began)
    assert (await rescue.bench.handle(run_id).describe()).run_id == began
    assert await refusal_of(rescue, repair_of(rescue, run_id, RepairAction.FAIL_LAUNCH)) == "repair.execution_exists"


async def test_a_launch_that_temporal_denies_is_failed_and_stays_failed(rescue: Rescue) -> None:
    run_id = await recorded_launch(rescue)
    outcome = await rescue.console.repair.apply(repair_of(rescue, run_id, RepairAction.FAIL_LAUNCH))
    assert outcome.code == "repair.launch_failed"
    run = await rescue.bench.run(run_id)
    assert (run["status"], run["error_json"]["stage"]) == ("FAILED", "launch")
    assert run["completed_at"] is not None
    assert await rescue.bench.describe(run_id) is None
    assert [log["level"] for log in await rescue.bench.logs(run_id)] == ["WARN"]
    assert await refusal_of(rescue, repair_of(rescue, run_id, RepairAction.FAIL_LAUNCH)) == "repair.not_running"


async def test_what_is_no_lost_launch_is_refused(rescue: Rescue) -> None:
    complete, fail = RepairAction.COMPLETE_LAUNCH, RepairAction.FAIL_LAUNCH
    legacy, waiting = await recorded_launch(rescue, engine="db"), await recorded_launch(rescue, status="WAITING")
    begun, young = await recorded_launch(rescue), await recorded_launch(rescue, started_at=datetime.now(UTC))
    child, forgotten = (
        await recorded_launch(rescue, parent_run_id=begun),
        await recorded_launch(rescue, temporal_run_id="r"),
    )
    await rescue.add_step(begun)
    waited = await recorded_launch(rescue)
    await rescue.add_wait(waited, wait_type="quota", status="RESOLVED")
    for action in (complete, fail):
        assert await refusal_of(rescue, repair_of(rescue, legacy, action)) == "repair.legacy"
        assert await refusal_of(rescue, repair_of(rescue, waiting, action)) == "repair.not_running"
        for run_id in (begun, waited):
            assert await refusal_of(rescue, repair_of(rescue, run_id, action)) == "repair.has_steps"
    assert await refusal_of(rescue, repair_of(rescue, child, complete)) == "repair.child_run"
    assert await refusal_of(rescue, repair_of(rescue, forgotten, complete)) == "repair.had_execution"
    assert await refusal_of(rescue, repair_of(rescue, young, fail)) == "repair.too_young"
    with pytest.raises(InvalidInput) as refusal:
        await rescue.console.repair.apply(repair_of(rescue, legacy, fail, reason="no"))
    assert refusal.value.code == "reason.too_short"
    assert await rescue.audits("workflow_run_repair") == []


async def test_a_child_that_its_open_parent_is_to_start_is_not_failed(rescue: Rescue) -> None:
    parent = await recorded_launch(rescue)
    child = await recorded_launch(rescue, parent_run_id=parent)
    await rescue.bench.start(parent, (await rescue.bench.run(parent))["workflow_id"])
    assert await refusal_of(rescue, repair_of(rescue, child, RepairAction.FAIL_LAUNCH)) == "repair.child_run"
    assert (await rescue.bench.run(child))["status"] == "RUNNING"


async def test_rights_and_temporals_word_are_needed(rescue: Rescue) -> None:
    run_id = await recorded_launch(rescue)
    before = await everything_of(rescue, run_id)
    operator = replace(rescue.operator, rights=frozenset({"manage"}))
    with pytest.raises(NotPermitted):
        await rescue.console.repair.apply(repair_of(rescue, run_id, RepairAction.FAIL_LAUNCH, operator=operator))
    deaf = wire(rescue.bench.database, TemporalGateway(f"127.0.0.1:{free_port()}", "default")).repair
    for action in RepairAction:
        with pytest.raises((TemporalUnavailable, ActionRefused)):
            await deaf.apply(repair_of(rescue, run_id, action, repair_mode=True, arguments={"response": "{}"}))
    assert await everything_of(rescue, run_id) == before


async def test_a_plan_that_has_changed_since_it_was_confirmed_is_not_applied(rescue: Rescue) -> None:
    run_id = await recorded_launch(rescue)
    command = repair_of(rescue, run_id, RepairAction.COMPLETE_LAUNCH)
    confirmed = (await rescue.console.repair.plan(command)).writes
    await rescue.bench.start(run_id, (await rescue.bench.run(run_id))["workflow_id"])
    with pytest.raises(ActionRefused) as refusal:
        await rescue.console.repair.apply(replace(command, confirmed=confirmed))
    assert refusal.value.code == "repair.plan_changed"
    assert (await rescue.bench.run(run_id))["temporal_run_id"] is None


async def test_the_command_line_shows_first_and_applies_on_demand(rescue: Rescue) -> None:
    run_id = await recorded_launch(rescue)
    argv = ("repair", str(run_id), "--action", "fail-launch", "--reason", REASON, "--json", *rescue.flags)
    before = await everything_of(rescue, run_id)
    shown = await asyncio.to_thread(rundesk, *argv)
    assert (shown.code, shown.document["applied"]) == (0, False)
    assert shown.document["writes"][0]["changes"]["status"] == "FAILED"
    assert await everything_of(rescue, run_id) == before
    applied = await asyncio.to_thread(rundesk, *argv, "--apply")
    assert (applied.code, applied.document["applied"], applied.document["observed"]) == (0, True, True)
    assert (await rescue.bench.run(run_id))["status"] == "FAILED"
    unknown = await asyncio.to_thread(rundesk, "repair", str(uuid4()), *argv[2:])
    assert (unknown.code, unknown.error["code"]) == (1, "run.not_found")


async def test_a_failed_launch_that_runs_after_all_is_reopened(rescue: Rescue) -> None:
    workflow_id = await rescue.bench.publish([])
    error = {"message": "deadline exceeded", "stage": "launch", "details": {}}
    failed = {"engine": "temporal", "status": "FAILED", "error_json": error, "completed_at": datetime.now(UTC)}
    running, gone = await rescue.add_runs(workflow_id, failed, failed)
    rescue.bench.launched.append(running)
    await rescue.bench.start(running, workflow_id)
    command = repair_of(rescue, running, RepairAction.COMPLETE_LAUNCH)
    (change,) = [each for each in (await rescue.console.repair.plan(command)).writes if each.target == "workflow_runs"]
    assert (change.changes["status"], change.changes["completed_at"]) == ("RUNNING", None)
    assert (await rescue.console.repair.apply(command)).code == "repair.reopened"
    row = await rescue.bench.run(running)
    assert (row["status"], row["completed_at"], row["error_json"]) == ("RUNNING", None, None)
    assert row["temporal_run_id"] == (await rescue.bench.handle(running).describe()).run_id
    assert len(await rescue.audits("workflow_run_repair")) == 1
    assert await refusal_of(rescue, repair_of(rescue, gone, RepairAction.COMPLETE_LAUNCH)) == "repair.not_running"
