"""What the diagnosis reads from a real Temporal server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from app.domain.diagnosis.execution_facts import ActivityRole, Execution
from app.domain.execution import ExecutionStatus
from app.temporal import contract
from app.temporal.execution_reader import LISTED_RATHER, TemporalExecutionReader
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.engine.bench import until

pytestmark = pytest.mark.asyncio

Handle = WorkflowHandle[object, object]


@activity.defn(name="executeWorkflowRuntimeV2ActionStep")
async def act(text: str) -> None:
    raise ApplicationError(text, non_retryable=True)


@workflow.defn(name=contract.WORKFLOW_TYPE)
class Reference:
    """Acts like the reference worker: an action that fails, a timer, then a wait."""

    @workflow.run
    async def run(self, argument: dict[str, str]) -> None:
        try:
            await workflow.execute_activity(
                act,
                argument["text"],
                start_to_close_timeout=timedelta(seconds=9),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except Exception as error:
            if argument.get("end"):
                raise ApplicationError("over", type="WorkflowRuntimeV2.ActionError") from error
        await workflow.sleep(3600)

    @workflow.signal(name=contract.SIGNAL_EVENT)
    def on_event(self, content: dict[str, str]) -> None:
        del content

    @workflow.query(name=contract.QUERY_CURRENT_WAIT)
    def current_wait(self) -> dict[str, str]:
        return {"type": "time.wait", "stepPath": "root.steps[0]"}


@pytest_asyncio.fixture
async def client(stack: Stack) -> Client:
    return await Client.connect(stack.temporal_address, namespace=stack.namespace)


@pytest_asyncio.fixture
async def started(client: Client) -> AsyncIterator[dict[UUID, Handle]]:
    """Collect executions; those still open are terminated in the end."""
    handles: dict[UUID, Handle] = {}
    yield handles

    async def end(handle: Handle) -> None:
        if (await handle.describe()).close_time is None:
            await handle.terminate()

    await asyncio.gather(*map(end, handles.values()))


@pytest.fixture
def reader(stack: Stack) -> TemporalExecutionReader:
    return TemporalExecutionReader(TemporalGateway(stack.temporal_address, stack.namespace))


async def start(client: Client, started: dict[UUID, Handle], queue: str = contract.TASK_QUEUE, **argument: str) -> UUID:
    run_id = uuid4()
    started[run_id] = await client.start_workflow(
        contract.WORKFLOW_TYPE,
        argument,
        id=contract.workflow_id_of(run_id),
        task_queue=queue,
        execution_timeout=timedelta(days=30),
    )
    return run_id


async def test_running_ones_are_counted_and_the_others_found(
    client: Client, started: dict[UUID, Handle], reader: TemporalExecutionReader
) -> None:
    queue = contract.TASK_QUEUE
    ids = await asyncio.gather(*(start(client, started) for _ in range(4 * LISTED_RATHER + 5)))
    ended, elsewhere, unknown = ids[3], await start(client, started, "another-queue"), uuid4()
    await started[ended].terminate()
    asked = (*ids, elsewhere, unknown)

    async def visible() -> dict[UUID, Execution] | None:
        found = await reader.listed(asked, presumed_open=False)
        return found if len(found) == len(asked) - 1 and not found[ended].is_open else None

    listed = await until(visible)
    counted = await reader.listed(asked, presumed_open=True)
    for found in (listed, counted):
        assert unknown not in found
        assert (found[ended].status, found[elsewhere].task_queue) == (ExecutionStatus.TERMINATED, "another-queue")
        running = set(ids) - {ended}
        assert {(found[run_id].status, found[run_id].task_queue) for run_id in running} == {("running", queue)}
    assert any(execution.started_at is None for execution in counted.values()), "what runs as a whole is not listed"
    assert await reader.listed((), presumed_open=True) == {}
    assert await reader.namespace_in_use()
    assert await reader.retention() == timedelta(days=1), "the development server's own"


async def test_what_a_running_execution_tells(
    client: Client, started: dict[UUID, Handle], reader: TemporalExecutionReader
) -> None:
    queue = f"queue-{uuid4().hex}"
    run_id = await start(client, started, queue, text="duplicate key value; password=hunter2")
    assert await reader.described(uuid4()) is None
    assert await reader.tail(uuid4()) is None
    waiting = await reader.described(run_id)
    assert waiting is not None
    assert waiting.task is not None
    assert (waiting.described, waiting.task.started_at, waiting.task.attempt) == (True, None, 1)
    assert waiting.expires_at is not None
    assert (await reader.queue(queue)).workflow.last_access is None
    assert await reader.current_wait(run_id) is None, "no worker"
    await started[run_id].signal(
        contract.SIGNAL_EVENT, {"eventId": "e1", "eventName": "REPLY", "payload": {"a": "raw"}}
    )

    async with Worker(
        client, task_queue=queue, workflows=[Reference], activities=[act], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        fresh = TemporalExecutionReader(reader._gateway)

        async def asleep() -> bool:
            tail = await fresh.tail(run_id)
            return tail is not None and bool(tail.timers)

        await until(asleep)
        tail, wait, pollers = await fresh.tail(run_id), await fresh.current_wait(run_id), await fresh.queue(queue)
    assert tail is not None
    assert (tail.complete, tail.close, tail.failed_task, tail.action_attempts) == (True, None, None, 1)
    assert tail.failed_activity is not None
    assert (tail.failed_activity.role, tail.failed_activity.about_duplicate_key) == (ActivityRole.ACTION, True)
    assert "hunter2" not in tail.failed_activity.message
    assert [(signal.event_id, signal.event_name) for signal in tail.signals] == [("e1", "REPLY")]
    assert "raw" not in str(tail)
    assert tail.timers[0].fires_at - tail.timers[0].started_at == timedelta(hours=1)
    assert wait is not None
    assert (wait.type, wait.step_path) == ("time.wait", "root.steps[0]")
    assert pollers.workflow.identities
    assert pollers.activity.identities


async def test_how_an_execution_closed(
    client: Client, started: dict[UUID, Handle], reader: TemporalExecutionReader
) -> None:
    queue = f"queue-{uuid4().hex}"
    run_id = await start(client, started, queue, text="no such mailbox", end="yes")
    terminated = await start(client, started)
    await started[terminated].terminate(reason="pulled the plug")
    async with Worker(
        client, task_queue=queue, workflows=[Reference], activities=[act], workflow_runner=UnsandboxedWorkflowRunner()
    ):

        async def closed() -> bool:
            found = await reader.described(run_id)
            return found is not None and not found.is_open

        await until(closed)
    tail, killed = await reader.tail(run_id), await reader.tail(terminated)
    assert tail is not None
    assert tail.close is not None
    assert (tail.close.kind, tail.close.failure_type) == ("failed", "WorkflowRuntimeV2.ActionError")
    assert tail.close.message == "no such mailbox", "the innermost cause tells most"
    assert killed is not None
    assert killed.close is not None
    assert (killed.close.kind, killed.close.message) == ("terminated", "pulled the plug")
    assert killed.close.by
