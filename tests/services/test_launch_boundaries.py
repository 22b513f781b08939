"""A real Temporal server whose answers, requests and connections are lost at each boundary of a launch.

The projection is in memory here; ``test_launch_on_postgres.py`` loses Postgres' answers in the same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from app.domain.errors import TemporalUnavailable
from app.domain.launching import LaunchOrder, LaunchOutcome, LaunchState, NewPayload
from app.services.launch_run import LaunchRun
from app.services.patience import Patience
from app.services.ports import BeforeEffect
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.doubles import TENANT, MemoryWriter
from tests.temporal.breakable_proxy import BreakableProxy, breakable_proxy
from tests.temporal.until import until


@dataclass
class Bench:
    """A launch whose Temporal is behind a proxy; ``direct`` sees the truth."""

    proxy: BreakableProxy
    writer: MemoryWriter
    launch_run: LaunchRun
    direct: TemporalGateway
    client: Client

    def order(self) -> LaunchOrder:
        return LaunchOrder(tenant=TENANT, workflow_id=UUID(int=7), request_id=uuid4(), payload=NewPayload("{}"))

    async def executions(self, order: LaunchOrder) -> int:
        """Count every execution that was ever begun for the run."""
        workflow_id = f"workflow-runtime-v2:run:{order.request_id}"
        query = f'WorkflowId = "{workflow_id}"'

        async def visible() -> bool:
            return (await self.client.count_workflows(query)).count > 0

        if await self.direct.describe(order.request_id) is not None:
            await until(visible)
        return (await self.client.count_workflows(query)).count

    async def settled(self) -> LaunchOutcome:
        known: list[LaunchOutcome] = []

        async def settle() -> bool:
            known.extend(await self.launch_run.settle())
            return bool(known)

        await until(settle)
        return known[0]


@pytest_asyncio.fixture
async def bench(stack: Stack) -> AsyncIterator[Bench]:
    host, _, port = stack.temporal_address.rpartition(":")
    async with breakable_proxy(host, int(port)) as proxy:
        writer = MemoryWriter()
        gateway = TemporalGateway(proxy.address, stack.namespace)
        yield Bench(
            proxy,
            writer,
            LaunchRun(writer, gateway, Patience(seconds=1.0)),
            TemporalGateway(stack.temporal_address, stack.namespace),
            await Client.connect(stack.temporal_address, namespace=stack.namespace),
        )
        await gateway.close()


@pytest.mark.asyncio
async def test_before_anything_a_dead_connection_writes_nothing(bench: Bench) -> None:
    bench.proxy.close()
    with pytest.raises(TemporalUnavailable):
        await bench.launch_run.launch(bench.order())
    assert bench.writer.runs == {}


@pytest.mark.asyncio
async def test_a_request_lost_on_the_way_is_started_once_the_server_is_back(bench: Bench) -> None:
    order = bench.order()
    after_admission(bench, lambda: setattr(bench.proxy, "deaf", True))
    async with asyncio.TaskGroup() as group:
        launch = group.create_task(bench.launch_run.launch(order))
        await bench.proxy.until_dropped(requests=1)
        bench.proxy.close()
    assert launch.result().state is LaunchState.UNCONFIRMED
    assert await bench.direct.describe(order.request_id) is None
    assert bench.writer.runs[order.request_id].status == "RUNNING"

    bench.proxy.restore()
    outcome = await bench.settled()

    assert outcome.state is LaunchState.STARTED
    assert await bench.executions(order) == 1
    await assert_confirmed(bench, order)


@pytest.mark.asyncio
async def test_an_answer_lost_on_the_way_back_is_found_at_once(bench: Bench) -> None:
    order = bench.order()
    after_admission(bench, lambda: setattr(bench.proxy, "mute", True))
    async with asyncio.TaskGroup() as group:
        launch = group.create_task(bench.launch_run.launch(order))
        await until(lambda: bench.direct.describe(order.request_id))
        bench.proxy.restore()
        bench.proxy.cut()
    assert launch.result().state is LaunchState.STARTED
    assert await bench.executions(order) == 1
    await assert_confirmed(bench, order)


@pytest.mark.asyncio
async def test_an_answer_lost_before_a_longer_outage_is_unconfirmed_then_found(bench: Bench) -> None:
    order = bench.order()
    after_admission(bench, lambda: setattr(bench.proxy, "mute", True))
    async with asyncio.TaskGroup() as group:
        launch = group.create_task(bench.launch_run.launch(order))
        await until(lambda: bench.direct.describe(order.request_id))
        bench.proxy.close()
    assert launch.result().state is LaunchState.UNCONFIRMED
    assert await bench.launch_run.settle() == ()
    assert bench.writer.runs[order.request_id].status == "RUNNING"

    bench.proxy.restore()
    outcome = await bench.settled()

    assert outcome.state is LaunchState.STARTED
    assert await bench.executions(order) == 1
    await assert_confirmed(bench, order)


@pytest.mark.asyncio
async def test_an_execution_that_ended_during_the_outage_is_not_started_again(bench: Bench) -> None:
    order = bench.order()
    after_admission(bench, lambda: setattr(bench.proxy, "mute", True))
    async with asyncio.TaskGroup() as group:
        launch = group.create_task(bench.launch_run.launch(order))
        await until(lambda: bench.direct.describe(order.request_id))
        bench.proxy.close()
    assert launch.result().state is LaunchState.UNCONFIRMED
    await bench.client.get_workflow_handle(f"workflow-runtime-v2:run:{order.request_id}").terminate()

    bench.proxy.restore()
    outcome = await bench.settled()

    assert outcome.state is LaunchState.STARTED
    assert await bench.executions(order) == 1


@pytest.mark.asyncio
async def test_an_outage_during_the_description_is_waited_out(bench: Bench) -> None:
    order = bench.order()
    after_admission(bench, lambda: setattr(bench.proxy, "mute", True))
    async with asyncio.TaskGroup() as group:
        launch = group.create_task(bench.launch_run.launch(order))
        await until(lambda: bench.direct.describe(order.request_id))
        bench.proxy.mute, bench.proxy.deaf = False, True
        dropped = bench.proxy.dropped_requests
        bench.proxy.cut()
        # The next request on a new connection is the description (or the SDK's handshake before it).
        await bench.proxy.until_dropped(requests=dropped + 1)
        bench.proxy.restore()
        bench.proxy.cut()
    outcome = launch.result()
    if outcome.state is LaunchState.UNCONFIRMED:
        outcome = await bench.settled()
    assert outcome.state is LaunchState.STARTED
    assert await bench.executions(order) == 1
    await assert_confirmed(bench, order)


@pytest.mark.asyncio
async def test_an_outage_after_the_start_does_not_touch_the_confirmation(bench: Bench) -> None:
    order = bench.order()
    confirm = bench.writer.confirm_launch

    async def confirm_during_outage(*arguments: object) -> str:
        bench.proxy.close()
        return await confirm(*arguments)  # type: ignore[arg-type]

    bench.writer.confirm_launch = confirm_during_outage  # type: ignore[assignment,method-assign]
    outcome = await bench.launch_run.launch(order)
    assert outcome.state is LaunchState.STARTED
    await assert_confirmed(bench, order)


def after_admission(bench: Bench, break_it) -> None:
    """Break the proxy between the committed row and the start."""
    admit = bench.writer.admit

    async def admit_then_break(order: LaunchOrder, before_effect: BeforeEffect | None = None):
        admitted = await admit(order, before_effect)
        break_it()
        return admitted

    bench.writer.admit = admit_then_break  # type: ignore[method-assign]


async def assert_confirmed(bench: Bench, order: LaunchOrder) -> None:
    stored = bench.writer.runs[order.request_id]
    facts = await bench.direct.describe(order.request_id)
    assert facts is not None
    assert (stored.status, stored.first_run_id) == ("RUNNING", facts.first_run_id)
