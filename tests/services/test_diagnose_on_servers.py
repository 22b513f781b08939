"""Causes named from their real mechanisms, on real servers: nobody polls, somebody terminated, a row lies."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from app.domain.diagnosis.codes import Act, Cause, Severity, Verdict
from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.limits import Limits
from app.domain.run import EffectiveState
from app.postgres.database import Database
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.sandbox.server_process import free_port
from app.services.diagnose_runs import DiagnoseRuns
from app.temporal import contract
from app.temporal.execution_reader import TemporalExecutionReader
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase, run_in_own_loop
from tests.engine.bench import Bench, create_tenant, expression, until

pytestmark = pytest.mark.asyncio

SOON = Limits(activity_watch=timedelta(0), quiet_after=timedelta(0), signal_grace=timedelta(0), settling=timedelta(0))
"""Limits under which a test need not wait."""
NAP = {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": 3_600_000}}
LONG_NAP = {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": 60 * 86_400_000}}
ASK = {"id": "ask", "type": "human.task", "config": {"taskType": "t", "title": expression("'T'")}}


def reply(key: str = "'k'", **more: Any) -> dict[str, Any]:
    config = {"eventName": "REPLY", "correlationKey": expression(key), "timeoutMs": 3_600_000, **more}
    return {"id": "reply", "type": "event.wait", "config": config}


@pytest.fixture(scope="module")
def own_namespace(stack: Stack) -> str:
    """A namespace whose queues nobody ever polled: other tests' workers stay listed for seconds."""
    name = f"diagnosis-{uuid4().hex[:8]}"

    async def register() -> None:
        client = await Client.connect(stack.temporal_address)
        request = RegisterNamespaceRequest(namespace=name)
        request.workflow_execution_retention_period.FromTimedelta(timedelta(days=90))
        await client.workflow_service.register_namespace(request)
        theirs = await Client.connect(stack.temporal_address, namespace=name)

        async def usable() -> bool:
            with contextlib.suppress(RPCError):
                return await theirs.count_workflows() is not None
            return False

        await until(usable)

    run_in_own_loop(register())
    return name


@pytest_asyncio.fixture
async def bench(stack: Stack, own_namespace: str, database: TestDatabase) -> AsyncIterator[Bench]:
    opened = Database.open(database.url)
    client = await Client.connect(stack.temporal_address, namespace=own_namespace)
    made = Bench(client, opened, await create_tenant(opened))
    yield made
    await made.terminate_leftovers()
    await opened.dispose()


@pytest.fixture
def diagnosing(stack: Stack, bench: Bench) -> Callable[..., DiagnoseRuns]:
    def make(limits: Limits = SOON, address: str = stack.temporal_address, **more: Any) -> DiagnoseRuns:
        executions = TemporalExecutionReader(TemporalGateway(address, bench.client.namespace))
        return DiagnoseRuns(PostgresDiagnosisReader(bench.database), executions, contract.TASK_QUEUE, limits, **more)

    return make


async def both_ways(service: DiagnoseRuns, bench: Bench, run_id: UUID) -> Diagnosis:
    """Diagnose in bulk and closely; both must name the same."""
    (closely,) = (await service.runs(bench.tenant, [run_id])).runs
    (in_bulk,) = [each for each in (await service.active(bench.tenant)).runs if each.key.run_id == run_id]
    assert (closely.cause, closely.kind, closely.severity) == (in_bulk.cause, in_bulk.kind, in_bulk.severity)
    assert closely.verdict == in_bulk.verdict
    assert closely.known_faults == in_bulk.known_faults
    return closely


async def started_on(bench: Bench, run_id: UUID, workflow_id: UUID, queue: str) -> None:
    argument = contract.RunInput(run_id, bench.tenant, workflow_id, 1, None, "k").as_argument()
    await bench.client.start_workflow(
        contract.WORKFLOW_TYPE, argument, id=contract.workflow_id_of(run_id), task_queue=queue
    )


AGED = "UPDATE workflow_runs SET started_at = now() - interval '5 min', updated_at = now() - interval '5 min' WHERE run_id = :r"


async def test_without_a_worker(bench: Bench, diagnosing: Callable[..., DiagnoseRuns]) -> None:
    service = diagnosing()
    nobody_polls = await bench.launch([NAP])
    workflow_id = await bench.publish([NAP])
    elsewhere = await bench.insert_run(workflow_id)
    await started_on(bench, elsewhere, workflow_id, "workflow-runtime-v1")
    gap, legacy, lost = [await bench.insert_run(workflow_id) for _ in range(3)]
    for run_id in (gap, legacy, lost):
        await bench.execute(AGED, r=run_id)
    await bench.execute("UPDATE workflow_runs SET engine = 'db' WHERE run_id = :r", r=legacy)
    await bench.execute("UPDATE workflow_runs SET temporal_workflow_id = 'x' WHERE run_id = :r", r=lost)
    terminated = await bench.launch([NAP])
    await bench.handle(terminated).terminate(reason="pulled the plug")
    assert await bench.outcome(terminated) == "TERMINATED"

    found = await both_ways(service, bench, nobody_polls)
    assert (found.cause, found.kind, found.severity) == (Cause.NO_WORKER, "no_pollers", Severity.TROUBLE)
    assert (found.state, found.verdict) == (EffectiveState.QUEUED, Verdict.AGREE)
    assert [fact.source for fact in found.evidence] == ["temporal", "temporal.queue"]
    assert Act.START_WORKER in found.actions

    found = await both_ways(service, bench, elsewhere)
    assert (found.cause, found.kind, found.severity) == (Cause.OTHER_QUEUE, "unserved", Severity.TROUBLE)
    assert [finding.cause for finding in found.further] == [Cause.NO_WORKER]

    found = await both_ways(service, bench, gap)
    assert (found.cause, found.verdict, found.severity) == (Cause.LAUNCH_GAP, Verdict.MISSING, Severity.TROUBLE)
    assert found.known_faults == ("F30",)
    assert found.actions == (Act.COMPLETE_LAUNCH, Act.FAIL_LAUNCH)

    found = await both_ways(service, bench, legacy)
    assert (found.cause, found.kind, found.severity) == (Cause.LEGACY_ROW, "stranded", Severity.TROUBLE)
    assert Act.FINALIZE_STRANDED in found.actions

    found = await both_ways(service, bench, lost)
    assert (found.cause, found.kind, found.verdict) == (Cause.MISSING_EXECUTION, "lost", Verdict.MISSING)

    found = await both_ways(service, bench, terminated)
    assert (found.cause, found.kind, found.verdict) == (Cause.ZOMBIE_ROW, "terminated", Verdict.ZOMBIE_ROW)
    assert found.state is EffectiveState.TERMINATED
    assert found.known_faults == ("F13",)
    assert any("pulled the plug" in fact.fact for fact in found.evidence)
    assert found.actions[0] is Act.PROJECT_CLOSE


async def test_with_temporal_or_postgres_down_nothing_is_called_stuck(
    bench: Bench, diagnosing: Callable[..., DiagnoseRuns]
) -> None:
    workflow_id = await bench.publish([NAP])
    run_id = await bench.insert_run(workflow_id)
    await bench.execute(AGED, r=run_id)
    nowhere = f"127.0.0.1:{free_port()}"

    report = await diagnosing(address=nowhere).active(bench.tenant)

    (found,) = report.runs
    assert (found.cause, found.severity, found.verdict) == (
        Cause.CANNOT_VERIFY,
        Severity.WATCH,
        Verdict.CANNOT_VERIFY,
    )
    assert report.degraded[0].startswith("temporal: ")

    away = Database.open(f"postgresql://nobody@{nowhere}/none")
    executions = TemporalExecutionReader(TemporalGateway(nowhere, "default"))
    service = DiagnoseRuns(PostgresDiagnosisReader(away), executions, contract.TASK_QUEUE)
    (found,) = (await service.runs(bench.tenant, [run_id])).runs
    assert (found.cause, found.severity, found.status) == (Cause.CANNOT_VERIFY, Severity.WATCH, "UNKNOWN")
    assert (await service.active(bench.tenant)).degraded[0].startswith("postgres: ")
    await away.dispose()
