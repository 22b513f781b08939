"""Launches on a real Postgres and a real Temporal: limits under concurrency, and answers of Postgres that are lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import make_url

from app.domain.errors import GateClosed
from app.domain.launching import LaunchOrder, LaunchOutcome, LaunchState, NewPayload
from app.postgres.database import Database
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.postgres.run_writer import PostgresRunWriter
from app.services.launch_run import LaunchRun
from app.services.patience import Patience
from app.services.ports import ActionRecord
from app.services.start_run import StartCommand, StartRun
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.conftest import Seeded
from tests.services.doubles import TENANT, operator
from tests.temporal.breakable_proxy import BreakableProxy, Trap, breakable_proxy
from tests.temporal.until import until

COMMIT = b"COMMIT\x00"
"""The statement on the wire; without its end it would be found in READ COMMITTED too."""


@dataclass
class Bench:
    """Launches whose Postgres is behind a proxy."""

    seeded: Seeded
    proxy: BreakableProxy
    launch_run: LaunchRun
    gateway: TemporalGateway

    def order(self) -> LaunchOrder:
        return LaunchOrder(
            tenant=TENANT, workflow_id=self.seeded.workflow_id, request_id=uuid4(), payload=NewPayload('{"n": 1.10}')
        )

    def runs(self) -> list[dict[str, object]]:
        return self.seeded.rows("SELECT run_id, status, temporal_run_id, error_json FROM workflow_runs")


@pytest_asyncio.fixture
async def bench(stack: Stack, seeded: Seeded) -> AsyncIterator[Bench]:
    address = make_url(seeded.url)
    assert address.host is not None
    assert address.port is not None
    async with breakable_proxy(address.host, address.port) as proxy:
        database = Database.open(address.set(port=proxy.port).render_as_string(hide_password=False))
        gateway = TemporalGateway(stack.temporal_address, stack.namespace)
        launch_run = LaunchRun(PostgresRunWriter(database), gateway, Patience(seconds=2.0))
        yield Bench(seeded, proxy, launch_run, gateway)
        await database.dispose()


def audited(order: LaunchOrder) -> ActionRecord:
    return ActionRecord(order.request_id, operator("manage"))


async def launch_through(bench: Bench, order: LaunchOrder, trap: Trap, sprung_and_done) -> LaunchOutcome:
    """Launch with a trap; cut the connection once the condition holds, and let everything through again."""
    bench.proxy.trap = trap
    async with asyncio.TaskGroup() as group:
        launch = group.create_task(bench.launch_run.launch(order, audited(order)))
        await until(sprung_and_done)
        bench.proxy.restore()
        bench.proxy.cut()
    return launch.result()


@pytest.mark.asyncio
async def test_the_commit_of_the_admission_whose_answer_is_lost_is_repeated_without_effect(bench: Bench) -> None:
    order = bench.order()

    async def committed() -> bool:
        return bench.proxy.mute and len(bench.runs()) == 1

    outcome = await launch_through(bench, order, Trap(COMMIT), committed)

    assert outcome.state is LaunchState.STARTED
    await assert_one_running(bench, order)
    logs = bench.seeded.rows("SELECT message FROM workflow_run_logs")
    assert [log["message"] for log in logs] == ["Run started"]


@pytest.mark.asyncio
async def test_a_commit_of_the_admission_that_never_arrives_is_done_again(bench: Bench) -> None:
    order = bench.order()

    async def lost() -> bool:
        return bench.proxy.deaf and bench.proxy.dropped_requests > 0

    outcome = await launch_through(bench, order, Trap(COMMIT, lose_request=True), lost)

    assert outcome.state is LaunchState.STARTED
    await assert_one_running(bench, order)


@pytest.mark.asyncio
@pytest.mark.parametrize("lose_request", [True, False])
async def test_a_lost_confirmation_is_repeated(bench: Bench, lose_request: bool) -> None:
    order = bench.order()

    async def sprung() -> bool:
        dropped = bench.proxy.dropped_requests if lose_request else bench.proxy.dropped_answers
        return dropped > 0

    outcome = await launch_through(bench, order, Trap(COMMIT, nth=2, lose_request=lose_request), sprung)

    assert (outcome.state, outcome.message) == (LaunchState.STARTED, None)
    await assert_one_running(bench, order)


@pytest.mark.asyncio
async def test_an_outage_before_the_confirmation_is_settled_when_postgres_is_back(bench: Bench) -> None:
    order = bench.order()
    start = bench.gateway.start

    async def start_then_lose_postgres(asked):
        answer = await start(asked)
        bench.proxy.close()
        return answer

    bench.gateway.start = start_then_lose_postgres  # type: ignore[method-assign]
    outcome = await bench.launch_run.launch(order, audited(order))
    assert outcome.state is LaunchState.STARTED
    assert "not recorded yet" in (outcome.message or "")
    assert bench.runs()[0]["temporal_run_id"] is None

    bench.proxy.restore()
    (known,) = await bench.launch_run.settle()

    assert known.state is LaunchState.STARTED
    await assert_one_running(bench, order)


@pytest.mark.asyncio
async def test_two_consoles_starting_fifty_runs_at_once_never_exceed_the_limit(stack: Stack, seeded: Seeded) -> None:
    seeded.execute("UPDATE workflow_definitions SET concurrency_limit = 5")
    async with AsyncExitStack() as cleanup:
        consoles = [await console(cleanup, stack, seeded) for _ in range(2)]
        admin = operator("admin")
        outcomes = await asyncio.gather(
            *(
                consoles[number % 2].start(StartCommand(TENANT, seeded.workflow_id, None, admin, uuid4()))
                for number in range(50)
            ),
            return_exceptions=True,
        )
    started = [outcome for outcome in outcomes if isinstance(outcome, LaunchOutcome)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, GateClosed)]
    assert [outcome.state for outcome in started] == [LaunchState.STARTED] * 5
    assert {error.code for error in refused} == {"launch.concurrency"}
    assert (len(started), len(refused)) == (5, 45)
    assert len(seeded.rows("SELECT 1 FROM workflow_runs")) == 5
    audits = seeded.rows("SELECT record_id, operation, details FROM audit_logs")
    assert {audit["record_id"] for audit in audits} == {str(outcome.run.run_id) for outcome in started}
    assert {audit["details"]["workflowVersion"] for audit in audits} == {1}


@pytest.mark.asyncio
async def test_a_double_click_in_two_consoles_sends_once(stack: Stack, seeded: Seeded) -> None:
    command = StartCommand(TENANT, seeded.workflow_id, '{"n": 1}', operator("manage"), uuid4())
    async with AsyncExitStack() as cleanup:
        consoles = [await console(cleanup, stack, seeded) for _ in range(2)]
        outcomes = await asyncio.gather(*(each.start(command) for each in consoles * 3))
    assert {outcome.state for outcome in outcomes} == {LaunchState.STARTED}
    assert {outcome.run.run_id for outcome in outcomes} == {command.request_id}
    assert len(seeded.rows("SELECT 1 FROM workflow_runs")) == 1
    assert len(seeded.rows("SELECT 1 FROM audit_logs")) == 1


async def console(cleanup: AsyncExitStack, stack: Stack, seeded: Seeded) -> StartRun:
    """Return the start service of a console of its own: its own connections to both sides."""
    database = Database.open(seeded.url)
    cleanup.push_async_callback(database.dispose)
    gateway = TemporalGateway(stack.temporal_address, stack.namespace)
    writer = PostgresRunWriter(database)
    return StartRun(LaunchRun(writer, gateway), writer, PostgresPayloadSchemas(database))


async def assert_one_running(bench: Bench, order: LaunchOrder) -> None:
    (run,) = bench.runs()
    facts = await bench.gateway.describe(order.request_id)
    assert facts is not None
    assert (run["run_id"], run["status"], run["error_json"]) == (order.request_id, "RUNNING", None)
    assert run["temporal_run_id"] == facts.first_run_id
