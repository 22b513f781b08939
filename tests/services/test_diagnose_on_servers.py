"""Causes named from their real mechanisms, on real servers: nobody polls, somebody terminated, a row lies."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio import activity, workflow
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from app.domain.diagnosis.codes import Act, Cause, Severity, Verdict
from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.limits import Limits
from app.domain.run import EffectiveState
from app.engine.worker import build_worker
from app.postgres.database import Database
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.sandbox.server_process import free_port
from app.services.diagnose_runs import DiagnoseRuns
from app.temporal import contract
from app.temporal.execution_reader import TemporalExecutionReader
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase, run_in_own_loop
from tests.engine.bench import Bench, action, create_tenant, expression, until

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


FIVE_MINUTES_AGO = "now() - interval '5 min'"
AGED = f"UPDATE workflow_runs SET started_at = {FIVE_MINUTES_AGO}, updated_at = {FIVE_MINUTES_AGO} WHERE run_id = :r"


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
    assert [fact.source for fact in found.evidence] == ["temporal", "temporal", "temporal.queue"]
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


EVENT = (
    "INSERT INTO workflow_runtime_events (event_id, tenant, event_name, correlation_key, payload, created_at,"
    " error_message) VALUES (:e, :t, 'REPLY', :k, CAST(:p AS jsonb), now() - CAST(:ago AS interval), :m)"
)


async def record_event(bench: Bench, key: str, payload: str = "{}", ago: str = "0 s", error: str | None = None) -> UUID:
    event_id = uuid4()
    await bench.execute(EVENT, e=event_id, t=bench.tenant, k=key, p=payload, ago=ago, m=error)
    return event_id


async def test_healthy_runs_are_never_called_stuck(bench: Bench, diagnosing: Callable[..., DiagnoseRuns]) -> None:
    """With the product's limits every kind of wait, work and retry is as it should be."""
    await bench.define_task_type("t")
    soon = {"maxAttempts": 9, "backoffMs": 30_000, "jitter": False}
    async with build_worker(bench.client, bench.database):
        waits = [await bench.launch([step]) for step in (NAP, ASK, reply())]
        for run_id in waits:
            await bench.open_wait(run_id)
        retrying = await bench.launch([action("boom", "demo.fail", {}, retry=soon)])
        working = await bench.launch([action("slow", "demo.slow", {"ms": 60_000})])
        done = await bench.finish([action("echo", "demo.echo", {"value": 1})])
        failed = await bench.finish([action("boom", "demo.fail", {})])
        canceled = await bench.launch([NAP])
        await bench.open_wait(canceled)
        await bench.handle(canceled).cancel()
        await bench.outcome(canceled)
        await bench.until(lambda: bench.invocations(working))

        async def failed_once() -> bool:
            return [row["status"] for row in await bench.invocations(retrying)] == ["FAILED"]

        await bench.until(failed_once)
        service = diagnosing(Limits())
        in_bulk = await service.active(bench.tenant, closed_within=timedelta(hours=1))
        closely = await service.runs(bench.tenant, bench.launched)
        await bench.terminate_leftovers()

    for report in (in_bulk, closely):
        assert {each.cause for each in report.runs} == {None}, report.runs
        assert report.degraded == ()
        states = {each.key.run_id: each.state for each in report.runs}
        assert [states[run_id] for run_id in (*waits, retrying, working, done, failed, canceled)] == [
            EffectiveState.WAITING_TIME,
            EffectiveState.WAITING_HUMAN,
            EffectiveState.WAITING_EVENT,
            EffectiveState.RETRYING,
            EffectiveState.EXECUTING,
            EffectiveState.SUCCEEDED,
            EffectiveState.FAILED,
            EffectiveState.CANCELED,
        ]
        assert {each.verdict for each in report.runs} == {Verdict.AGREE}
    assert in_bulk.described == 1, "only the retry asks for more than the list"


async def test_what_holds_up_a_run_that_a_worker_executes(
    bench: Bench, diagnosing: Callable[..., DiagnoseRuns]
) -> None:
    await bench.define_task_type("t")
    late = {"maxAttempts": 9, "backoffMs": 600_000, "jitter": False}
    async with build_worker(bench.client, bench.database):
        hanging = await bench.launch([action("slow", "demo.slow", {"ms": 60_000})])
        retrying = await bench.launch([action("boom", "demo.fail", {}, retry=late)])
        answered = await bench.launch([ASK])
        sleepy = await bench.publish([LONG_NAP])
        deadline = await bench.insert_run(sleepy)
        await bench.start(deadline, sleepy, lasting=contract.EXECUTION_TIMEOUT)
        early, silent, picky, keyless = [
            await bench.launch([step])
            for step in (
                reply("'early'"),
                reply("'silent'"),
                reply("'picky'", filters=[{"path": "amount", "op": ">", "value": 10}]),
                reply("null"),
            )
        ]
        for run_id in (answered, deadline, early, silent, picky, keyless):
            await bench.open_wait(run_id)
        await bench.execute("UPDATE workflow_tasks SET status = 'completed' WHERE execution_id = :r", r=answered)
        await bench.execute(
            "UPDATE workflow_runs SET started_at = started_at - interval '9 s' WHERE run_id = :r", r=early
        )
        await record_event(bench, "early", ago="4 s")
        await record_event(bench, "silent")
        refused = await record_event(bench, "picky", '{"amount": 3}')
        await bench.event(picky, "REPLY", "picky", {"amount": 3}, eventId=str(refused))
        await bench.until(lambda: bench.invocations(hanging))

        async def failed_once() -> bool:
            return [row["status"] for row in await bench.invocations(retrying)] == ["FAILED"]

        await bench.until(failed_once)
        service = diagnosing()
        expected = {
            hanging: (Cause.ACTIVITY_IN_FLIGHT, "in_flight", Severity.WATCH),
            retrying: (Cause.RETRY_BACKOFF, "backoff", Severity.WATCH),
            answered: (Cause.HUMAN_WAIT, "done_not_signaled", Severity.TROUBLE),
            deadline: (Cause.DEADLINE_AHEAD, "before_due", Severity.WATCH),
            early: (Cause.EVENT_WAIT, "arrived_early", Severity.TROUBLE),
            silent: (Cause.EVENT_WAIT, "never_signalled", Severity.TROUBLE),
            picky: (Cause.EVENT_WAIT, "filtered_out", Severity.WATCH),
            keyless: (Cause.EVENT_WAIT, "null_key", Severity.WATCH),
        }
        found = {run_id: await both_ways(service, bench, run_id) for run_id in expected}
        await bench.terminate_leftovers()

    assert {run_id: (each.cause, each.kind, each.severity) for run_id, each in found.items()} == expected
    assert found[answered].known_faults == ("F28",)
    assert found[keyless].known_faults == ("F27",)
    assert any("amount >" in fact.fact for fact in found[picky].evidence)
    assert any(fact.source == "temporal.history" for fact in found[silent].evidence)
    assert "before this wait opened" in found[early].title


async def test_a_worker_that_does_not_know_the_workflow(bench: Bench, diagnosing: Callable[..., DiagnoseRuns]) -> None:
    run_id = await bench.launch([NAP])
    async with Worker(bench.client, task_queue=contract.TASK_QUEUE, workflows=[Stranger]):

        async def failed_twice() -> bool:
            description = await bench.handle(run_id).describe()
            return description.raw_description.pending_workflow_task.attempt > 1

        await bench.until(failed_twice)
        found = await both_ways(diagnosing(), bench, run_id)
        await bench.terminate_leftovers()
    assert (found.cause, found.kind) == (Cause.TASK_FAILING, "failing")
    told = [fact.fact for fact in found.evidence if fact.source == "temporal.history"]
    assert contract.WORKFLOW_TYPE in told[0]


@workflow.defn(name="stranger", sandboxed=False)
class Stranger:
    @workflow.run
    async def run(self) -> None:
        await asyncio.sleep(0)


BEHAVIOUR: dict[str, str] = {}
"""What the stand-in for the reference worker does with a run."""


@activity.defn(name="loadWorkflowRuntimeV2PinnedDefinition")
async def load(run_id: str) -> None:
    if BEHAVIOUR[run_id] == "hash":
        raise ApplicationError("Workflow definition hash mismatch", non_retryable=True)


@workflow.defn(name=contract.WORKFLOW_TYPE, sandboxed=False)
class Reference:
    """Ends, sleeps and answers as the reference worker does, without any projection."""

    @workflow.run
    async def run(self, argument: dict[str, Any]) -> None:
        self._run_id = argument["runId"]
        await workflow.execute_activity(load, self._run_id, start_to_close_timeout=timedelta(seconds=9))
        await workflow.sleep(timedelta(hours=1))

    @workflow.query(name=contract.QUERY_CURRENT_WAIT)
    def current_wait(self) -> dict[str, Any] | None:
        return {"type": "quota", "stepPath": "root.steps[0]"} if BEHAVIOUR[self._run_id] == "quota" else None


async def test_runs_of_the_reference_worker(bench: Bench, diagnosing: Callable[..., DiagnoseRuns]) -> None:
    workflow_id = await bench.publish([NAP])

    async def launch(behaviour: str, **row: Any) -> UUID:
        run_id = await bench.insert_run(workflow_id, **row)
        BEHAVIOUR[str(run_id)] = behaviour
        await bench.start(run_id, workflow_id)
        return run_id

    async with Worker(bench.client, task_queue=contract.TASK_QUEUE, workflows=[Reference], activities=[load]):
        mismatched, canceled, paused = [await launch(each) for each in ("hash", "sleep", "quota")]
        launched = await launch("sleep", status="FAILED", error_json='{"message": "m", "stage": "launch"}')
        await bench.execute(f"UPDATE workflow_runs SET completed_at = {FIVE_MINUTES_AGO} WHERE run_id = :r", r=launched)
        await bench.execute(QUOTA, r=paused, t=bench.tenant)
        await bench.execute(
            "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, event_name, key)"
            " VALUES (:r, :t, 'root.steps[0]', 'event', 'REPLY', 'k')",
            r=canceled,
            t=bench.tenant,
        )
        await bench.handle(canceled).cancel()
        assert [await bench.outcome(each) for each in (mismatched, canceled)] == ["FAILED", "CANCELED"]
        service = diagnosing()

        found = await both_ways(service, bench, mismatched)
        assert (found.cause, found.kind, found.verdict) == (Cause.ZOMBIE_ROW, "definition_hash", Verdict.ZOMBIE_ROW)
        assert "F4" in found.known_faults
        assert any("definition hash mismatch" in fact.fact for fact in found.evidence)

        found = await both_ways(service, bench, canceled)
        assert (found.cause, found.kind, found.state) == (Cause.ZOMBIE_ROW, "canceled_outside", EffectiveState.CANCELED)
        assert found.known_faults == ("F13", "F24")

        found = await both_ways(service, bench, paused)
        assert (found.cause, found.kind, found.severity) == (Cause.QUOTA_PAUSE, "resume_lost", Severity.TROUBLE)
        assert (found.known_faults, found.actions) == (("F36",), (Act.QUOTA_RESUME,))
        assert "temporal.query" in [fact.source for fact in found.evidence]

        (found,) = (await service.runs(bench.tenant, [launched])).runs
        assert (found.cause, found.kind) == (Cause.PHANTOM_COMPLETION, "launched_after_all")
        assert found.known_faults == ("F30",)
        await bench.terminate_leftovers()


QUOTA = (
    "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, status, created_at, resolved_at)"
    " VALUES (:r, :t, 'root.steps[0]', 'quota', 'RESOLVED', now() - interval '2 min', now() - interval '1 min')"
)
