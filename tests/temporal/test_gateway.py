"""The gateway against a real Temporal server, and against one whose answers are lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus

from app.domain.errors import Misconfigured, TemporalUnavailable
from app.domain.execution import ExecutionStatus
from app.sandbox.server_process import free_port
from app.sandbox.temporal_server import NAMESPACE, TemporalFiles
from app.services.ports import ExecutionStart, StartRefused, StartUnclear
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.temporal.breakable_proxy import BreakableProxy, breakable_proxy
from tests.temporal.until import until

QUEUE = "workflow-runtime-v2"


@pytest_asyncio.fixture
async def gateway(stack: Stack) -> AsyncIterator[TemporalGateway]:
    made = TemporalGateway(stack.temporal_address, stack.namespace)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def client(stack: Stack) -> Client:
    return await Client.connect(stack.temporal_address, namespace=stack.namespace)


@pytest_asyncio.fixture
async def proxy(stack: Stack) -> AsyncIterator[BreakableProxy]:
    host, _, port = stack.temporal_address.rpartition(":")
    async with breakable_proxy(host, int(port)) as made:
        yield made


def new_start(**changes: object) -> ExecutionStart:
    values: dict[str, object] = {
        "run_id": uuid4(),
        "tenant": UUID(int=5),
        "workflow_id": UUID(int=6),
        "workflow_version": 4,
        "trigger_type": None,
        "execution_key": "launch-6-1700000000000",
    }
    return ExecutionStart(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_the_history_of_a_start_is_the_contract(gateway: TemporalGateway, client: Client) -> None:
    start = new_start()

    answer = await gateway.start(start)

    workflow_id = f"workflow-runtime-v2:run:{start.run_id}"
    assert (answer.workflow_id, answer.already_started) == (workflow_id, False)
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    event = history.events[0]
    assert event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
    started = event.workflow_execution_started_event_attributes
    assert started.workflow_type.name == "workflowRuntimeV2RunWorkflow"
    assert started.task_queue.name == QUEUE
    assert started.workflow_execution_timeout.ToTimedelta() == timedelta(days=30)
    assert started.workflow_run_timeout.ToTimedelta() == timedelta(days=30)
    assert started.first_execution_run_id == answer.first_run_id
    assert not started.HasField("retry_policy")
    assert not started.memo.fields
    assert not started.search_attributes.indexed_fields
    assert not started.cron_schedule
    (payload,) = started.input.payloads
    assert payload.metadata["encoding"] == b"json/plain"
    assert json.loads(payload.data) == {
        "runId": str(start.run_id),
        "tenantId": str(start.tenant),
        "workflowId": str(start.workflow_id),
        "workflowVersion": 4,
        "triggerType": None,
        "executionKey": "launch-6-1700000000000",
    }


@pytest.mark.asyncio
async def test_a_second_start_of_an_open_run_is_success(gateway: TemporalGateway) -> None:
    start = new_start(tenant=None)
    first, second = await gateway.start(start), await gateway.start(start)
    assert second.already_started
    assert second.first_run_id == first.first_run_id


@pytest.mark.asyncio
async def test_a_second_start_of_an_ended_run_begins_no_second_execution(
    gateway: TemporalGateway, client: Client
) -> None:
    start = new_start()
    first = await gateway.start(start)
    await client.get_workflow_handle(first.workflow_id).terminate()

    second = await gateway.start(start)

    assert second.already_started
    assert second.first_run_id == first.first_run_id
    newest = await client.get_workflow_handle(first.workflow_id).describe()
    assert (newest.run_id, newest.status) == (first.first_run_id, WorkflowExecutionStatus.TERMINATED)


@pytest.mark.asyncio
async def test_describe_tells_open_ended_and_unknown_apart(gateway: TemporalGateway, client: Client) -> None:
    start = new_start()
    assert await gateway.describe(start.run_id) is None
    answer = await gateway.start(start)

    facts = await gateway.describe(start.run_id)
    assert facts is not None
    assert (facts.status, facts.task_queue, facts.closed_at) == (ExecutionStatus.RUNNING, QUEUE, None)
    assert facts.first_run_id == answer.first_run_id
    assert facts.started_at.tzinfo is not None
    assert facts.history_length >= 1

    await client.get_workflow_handle(answer.workflow_id).terminate()
    ended = await gateway.describe(start.run_id)
    assert ended is not None
    assert ended.status is ExecutionStatus.TERMINATED
    assert ended.closed_at is not None


@pytest.mark.asyncio
async def test_cancel_says_whether_the_run_is_known(gateway: TemporalGateway, client: Client) -> None:
    start = new_start()
    assert await gateway.request_cancel(start.run_id) is False
    answer = await gateway.start(start)

    assert await gateway.request_cancel(start.run_id) is True

    history = await client.get_workflow_handle(answer.workflow_id).fetch_history()
    assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED in {event.event_type for event in history.events}


@pytest.mark.asyncio
async def test_the_queue_lists_a_poller_that_asks_for_work(gateway: TemporalGateway, client: Client) -> None:
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest

    identity = f"poller-{uuid4()}"
    request = PollWorkflowTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=QUEUE), identity=identity
    )
    async with asyncio.TaskGroup() as group:
        # One poll reaches one partition of the queue, and only the root's pollers are listed: ask with several.
        polls = [group.create_task(client.workflow_service.poll_workflow_task_queue(request)) for _ in range(16)]
        await until(lambda: _polls(gateway, identity))
        for poll in polls:
            poll.cancel()
    queue = await gateway.queue()
    assert queue.task_queue == QUEUE
    assert queue.last_access == max(queue.accesses)
    assert len(queue.accesses) == len(queue.pollers)
    assert queue.live_pollers(datetime.now(UTC)) >= 1
    assert queue.live_pollers(datetime.now(UTC) + timedelta(seconds=71)) == 0


@pytest.mark.asyncio
async def test_an_unknown_namespace_is_named(stack: Stack) -> None:
    gateway = TemporalGateway(stack.temporal_address, "nowhere-land")
    with pytest.raises(TemporalUnavailable, match="nowhere-land"):
        await gateway.ping()
    with pytest.raises(TemporalUnavailable, match="nowhere-land"):
        await gateway.describe(uuid4())
    with pytest.raises(StartRefused):
        await gateway.start(new_start())


@pytest.mark.parametrize(
    "address",
    ["", "localhost", ":7233", "host:", "host:0", "host:70000", "host:x", "http://host:1", "::1:7233", "a b:1"],
)
def test_an_address_of_another_form_is_refused_at_once(address: str) -> None:
    with pytest.raises(Misconfigured, match="HOST:PORT"):
        TemporalGateway(address, "default")


@pytest.mark.parametrize("address", ["127.0.0.1:7233", "temporal-frontend.temporal.svc.cluster.local:7233", "[::1]:1"])
def test_an_address_of_the_right_form_is_not_dialled_before_the_first_call(address: str) -> None:
    TemporalGateway(address, "default")


@pytest.mark.asyncio
async def test_nobody_listening_is_a_calm_message_and_an_unclear_start() -> None:
    gateway = TemporalGateway("127.0.0.1:1", "default")
    for call in (
        gateway.ping,
        gateway.queue,
        lambda: gateway.describe(uuid4()),
        lambda: gateway.request_cancel(uuid4()),
    ):
        with pytest.raises(TemporalUnavailable, match="cannot be reached"):
            await call()
    with pytest.raises(StartUnclear):
        await gateway.start(new_start())


@pytest.mark.asyncio
async def test_the_gateway_finds_a_server_that_comes_back(stack: Stack, proxy: BreakableProxy) -> None:
    gateway = TemporalGateway(proxy.address, stack.namespace)
    proxy.close()
    with pytest.raises(TemporalUnavailable):
        await gateway.ping()
    proxy.restore()
    await gateway.ping()
    proxy.close()
    with pytest.raises(TemporalUnavailable):
        await gateway.ping()
    proxy.restore()
    await until(lambda: _answers(gateway))


async def _answers(gateway: TemporalGateway) -> bool:
    try:
        await gateway.ping()
    except TemporalUnavailable:
        return False
    return True


async def _polls(gateway: TemporalGateway, identity: str) -> bool:
    return identity in (await gateway.queue()).pollers


@pytest.mark.asyncio
async def test_a_start_whose_answer_is_lost_is_unclear_although_it_runs(
    stack: Stack, proxy: BreakableProxy, gateway: TemporalGateway
) -> None:
    behind = TemporalGateway(proxy.address, stack.namespace)
    await behind.ping()
    start = new_start()
    proxy.mute = True
    async with asyncio.TaskGroup() as group:
        sent = group.create_task(_unclear(behind, start))
        await until(lambda: gateway.describe(start.run_id))
        proxy.close()
    assert sent.result()
    proxy.restore()
    again = await behind.start(start)
    assert again.already_started


async def _unclear(gateway: TemporalGateway, start: ExecutionStart) -> bool:
    try:
        await gateway.start(start)
    except StartUnclear:
        return True
    return False


@pytest.mark.asyncio
async def test_the_gateway_survives_a_restart_of_the_server(tmp_path: Path) -> None:
    files, port = TemporalFiles(tmp_path / "temporal.db", tmp_path / "temporal.log"), free_port()
    gateway = TemporalGateway(f"127.0.0.1:{port}", NAMESPACE)
    start = new_start()
    server = await asyncio.to_thread(files.start, port)
    try:
        await until(lambda: _answers(gateway))
        before = await gateway.start(start)
        await asyncio.to_thread(server.stop)
        with pytest.raises(TemporalUnavailable, match="cannot be reached"):
            await gateway.describe(start.run_id)
        server = await asyncio.to_thread(files.start, port)
        await until(lambda: _answers(gateway))
        after = await gateway.describe(start.run_id)
    finally:
        await asyncio.to_thread(server.stop)
    assert after is not None
    assert after.first_run_id == before.first_run_id
