"""Diagnosis names a way out; taken, it leaves row and execution agreeing, and diagnosis has nothing to say any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.diagnosis.codes import Act, Cause, Severity, Verdict
from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.limits import Limits
from app.domain.repair import RepairAction
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.services.diagnose_runs import DiagnoseRuns
from app.services.finalize_stranded import FinalizeCommand
from app.services.quota_resume import ResumeCommand
from app.temporal.contract import TASK_QUEUE
from app.temporal.execution_reader import TemporalExecutionReader
from tests.engine.bench import assign
from tests.services.closing_workflow import closing_worker
from tests.services.pausing_workflow import pausing_worker
from tests.services.rescue import REASON, Rescue, repair_of

pytestmark = pytest.mark.asyncio

AT_ONCE = Limits(settling=timedelta(0), quiet_after=timedelta(0))
"""Nothing here is still on its way when it is diagnosed."""
LAUNCHED = {"engine": "temporal", "status": "RUNNING", "node_path": "root.steps[0]", "input_json": {}}


async def diagnosis(rescue: Rescue, run_id: UUID) -> Diagnosis:
    reader, executions = PostgresDiagnosisReader(rescue.bench.database), TemporalExecutionReader(rescue.gateway)
    diagnose = DiagnoseRuns(reader, executions, TASK_QUEUE, AT_ONCE)
    (found,) = (await diagnose.runs(rescue.tenant, (run_id,))).runs
    return found


async def offered(rescue: Rescue, run_id: UUID, cause: Cause) -> set[Act]:
    """Return the acts that diagnosis offers for the cause, which it must name."""
    found = await diagnosis(rescue, run_id)
    assert found.cause is cause, (found.title, found.evidence)
    return set(found.actions)


async def expect_agreement(rescue: Rescue, run_id: UUID) -> None:
    found = await diagnosis(rescue, run_id)
    assert (found.verdict, found.severity) == (Verdict.AGREE, Severity.OK), found


async def repair(rescue: Rescue, run_id: UUID, action: RepairAction) -> None:
    outcome = await rescue.console.repair.apply(repair_of(rescue, run_id, action, repair_mode=True))
    assert outcome.observed


@pytest.mark.usefixtures("engine")
async def test_a_launch_gap(rescue: Rescue) -> None:
    workflow_id = await rescue.bench.publish([assign("one", vars__one="1")])
    completed, failed = await rescue.add_runs(workflow_id, LAUNCHED, LAUNCHED)
    rescue.bench.launched.append(completed)
    for run_id in (completed, failed):
        assert {Act.COMPLETE_LAUNCH, Act.FAIL_LAUNCH} <= await offered(rescue, run_id, Cause.LAUNCH_GAP)
    await repair(rescue, completed, RepairAction.COMPLETE_LAUNCH)
    await rescue.bench.outcome(completed)
    await repair(rescue, failed, RepairAction.FAIL_LAUNCH)
    for run_id in (completed, failed):
        await expect_agreement(rescue, run_id)


async def test_a_zombie_row(rescue: Rescue) -> None:
    workflow_id = await rescue.bench.publish([])
    runs = await rescue.add_runs(workflow_id, *[LAUNCHED] * 4)
    async with closing_worker(rescue.bench.client):
        for run_id, end in zip(runs, ("completed", "failed", "canceled", "terminated"), strict=True):
            await rescue.add_step(run_id)
            await rescue.bench.start(run_id, workflow_id, key=end)
            if end == "canceled":
                await rescue.bench.handle(run_id).cancel()
            if end == "terminated":
                await rescue.bench.handle(run_id).terminate()
            await rescue.bench.outcome(run_id)
    for run_id in runs:
        assert Act.PROJECT_CLOSE in await offered(rescue, run_id, Cause.ZOMBIE_ROW)
        await repair(rescue, run_id, RepairAction.PROJECT_CLOSE)
        await expect_agreement(rescue, run_id)


async def test_a_lost_quota_resume(rescue: Rescue) -> None:
    workflow_id = await rescue.bench.publish([])
    (run_id,) = await rescue.add_runs(workflow_id, {**LAUNCHED, "node_path": "root.steps[2]"})
    rescue.bench.launched.append(run_id)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    resolved = {"status": "RESOLVED", "created_at": an_hour_ago, "resolved_at": an_hour_ago}
    before = an_hour_ago - timedelta(minutes=1)
    done = {"status": "SUCCEEDED", "started_at": before, "completed_at": before}
    await rescue.add_step(run_id, step_path="root.steps[1]", **done)
    await rescue.add_wait(run_id, wait_type="quota", step_path="root.steps[2]", **resolved)
    async with pausing_worker(rescue.bench.client):
        await rescue.bench.start(run_id, workflow_id)
        assert Act.QUOTA_RESUME in await offered(rescue, run_id, Cause.QUOTA_PAUSE)
        command = ResumeCommand(rescue.key(run_id), REASON, rescue.operator, uuid4())
        assert (await rescue.console.quota.resume(command)).observed
        assert (await diagnosis(rescue, run_id)).cause is not Cause.QUOTA_PAUSE
        await rescue.bench.terminate_leftovers()


async def test_a_stranded_row(rescue: Rescue) -> None:
    (run_id,) = await rescue.add_runs(await rescue.bench.publish([]), {"engine": "db", "status": "RUNNING"})
    assert Act.FINALIZE_STRANDED in await offered(rescue, run_id, Cause.LEGACY_ROW)
    await rescue.console.stranded.apply(FinalizeCommand(rescue.tenant, REASON, rescue.operator, uuid4()))
    await expect_agreement(rescue, run_id)
