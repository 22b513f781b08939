"""Replays with an edit, and cancels, whose requests and answers are lost at each boundary: done once, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import make_url
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from app.bootstrap.services import wire
from app.domain.errors import TemporalUnavailable
from app.domain.launching import LaunchOrder, LaunchState
from app.domain.payload_change import EditedText
from app.domain.run import RunKey
from app.postgres.database import Database
from app.services.cancel_run import CancelCommand
from app.services.console import Console
from app.services.ports import AdmittedLaunch, BeforeEffect, ExecutionStart
from app.services.replay_run import Acceptance, ReplayCommand, ReplayOutcome
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.conftest import Seeded
from tests.services.doubles import TENANT, operator
from tests.temporal.breakable_proxy import BreakableProxy, Trap, breakable_proxy
from tests.temporal.until import until

COMMIT = b"COMMIT\x00"
INPUT = '{"client": "Emerald", "api_key": "sk-live-0123456789abcdef", "big": 12345678901234567890123}'
EDITED = INPUT.replace("Emerald", "Ruby")


@dataclass
class Bench:
    """A console whose Postgres and Temporal are behind proxies; ``truth`` sees Temporal past them."""

    seeded: Seeded
    postgres: BreakableProxy
    temporal: BreakableProxy
    console: Console
    truth: TemporalGateway
    client: Client

    async def source(self) -> RunKey:
        run_id = uuid4()
        self.seeded.execute(
            "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, input_json)"
            " VALUES (%s, %s, %s, 1, 'RUNNING', 'temporal', %s)",
            run_id,
            TENANT,
            self.seeded.workflow_id,
            INPUT,
        )
        await self.truth.start(ExecutionStart(run_id, TENANT, self.seeded.workflow_id, 1, None, "launch-1"))
        return RunKey(TENANT, run_id)

    async def replay_of(self, source: RunKey) -> ReplayCommand:
        form = await self.console.replay.prepare(source)
        edit = EditedText(form.text.replace("Emerald", "Ruby"))
        accepts = frozenset({Acceptance.ACTIVE_SOURCE})
        return ReplayCommand(source, "asked", operator("admin"), uuid4(), edit, form.source.input_hash, accepts=accepts)

    async def cancel_arrived(self, key: RunKey) -> bool:
        handle = self.client.get_workflow_handle(f"workflow-runtime-v2:run:{key.run_id}")
        wanted = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
        return any(event.event_type == wanted for event in (await handle.fetch_history()).events)

    def one(self, query: str, *values: object) -> object:
        (row,) = self.seeded.rows(query, *values)
        return next(iter(row.values()))


def proxied(url: str, proxy: BreakableProxy) -> str:
    return make_url(url).set(port=proxy.port).render_as_string(hide_password=False)


@pytest_asyncio.fixture
async def bench(stack: Stack, seeded: Seeded) -> AsyncIterator[Bench]:
    address = make_url(seeded.url)
    host, _, port = stack.temporal_address.rpartition(":")
    async with (
        breakable_proxy(address.host or "", address.port or 0) as postgres,
        breakable_proxy(host, int(port)) as temporal,
    ):
        database = Database.open(proxied(seeded.url, postgres))
        console = wire(database, TemporalGateway(temporal.address, stack.namespace))
        truth = TemporalGateway(stack.temporal_address, stack.namespace)
        client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
        yield Bench(seeded, postgres, temporal, console, truth, client)
        await database.dispose()


async def settled(bench: Bench, outcome: ReplayOutcome) -> None:
    """Wait until the launch is certain, should it not be yet."""

    async def certain() -> bool:
        await bench.console.launch.settle()
        return not bench.console.launch.unsettled

    await until(certain)
    assert outcome.launch.state in {LaunchState.STARTED, LaunchState.UNCONFIRMED}


def assert_replayed_once(bench: Bench, source: RunKey, new: UUID) -> None:
    (run,) = bench.seeded.rows(
        "SELECT run_id, status, temporal_run_id, input_json = %s::jsonb AS exact FROM workflow_runs WHERE run_id <> %s",
        EDITED,
        source.run_id,
    )
    assert (run["run_id"], run["status"], run["exact"]) == (new, "RUNNING", True)
    assert run["temporal_run_id"] is not None
    assert bench.one("SELECT count(*) FROM audit_logs WHERE operation = 'workflow_run_replay'") == 1
    logs = bench.seeded.rows("SELECT message FROM workflow_run_logs WHERE run_id = %s ORDER BY created_at", new)
    assert [log["message"] for log in logs] == ["Run started", "Run replayed from previous run"]


@pytest.mark.asyncio
@pytest.mark.parametrize("nth", [1, 2], ids=["admission", "confirmation"])
@pytest.mark.parametrize("lose_request", [True, False], ids=["request", "answer"])
async def test_an_edited_replay_survives_each_lost_commit(bench: Bench, nth: int, lose_request: bool) -> None:
    source = await bench.source()
    command = await bench.replay_of(source)

    async def sprung() -> bool:
        dropped = bench.postgres.dropped_requests if lose_request else bench.postgres.dropped_answers
        return dropped > 0

    bench.postgres.trap = Trap(COMMIT, nth=nth, lose_request=lose_request)
    async with asyncio.TaskGroup() as group:
        replay = group.create_task(bench.console.replay.replay(command))
        await until(sprung)
        bench.postgres.restore()
        bench.postgres.cut()
    await settled(bench, replay.result())
    assert_replayed_once(bench, source, command.request_id)


@pytest.mark.asyncio
async def test_an_edited_replay_whose_start_was_not_answered_runs_once(bench: Bench) -> None:
    source = await bench.source()
    command = await bench.replay_of(source)
    writer = bench.console.launch._writer
    admit = writer.admit

    async def admit_then_lose_answers(order: LaunchOrder, before_effect: BeforeEffect | None = None) -> AdmittedLaunch:
        admitted = await admit(order, before_effect)
        bench.temporal.mute = True
        return admitted

    writer.admit = admit_then_lose_answers  # type: ignore[method-assign]
    async with asyncio.TaskGroup() as group:
        replay = group.create_task(bench.console.replay.replay(command))
        await until(lambda: bench.truth.describe(command.request_id))
        await bench.temporal.until_dropped(answers=1)
        bench.temporal.restore()
        bench.temporal.cut()
    await settled(bench, replay.result())
    assert_replayed_once(bench, source, command.request_id)


@pytest.mark.asyncio
@pytest.mark.parametrize("lose_request", [True, False], ids=["request", "answer"])
async def test_a_cancel_survives_its_lost_commit(bench: Bench, lose_request: bool) -> None:
    source = await bench.source()
    command = CancelCommand(source, "wrong client", operator("admin"), uuid4())

    async def sprung() -> bool:
        return (bench.postgres.dropped_requests if lose_request else bench.postgres.dropped_answers) > 0

    bench.postgres.trap = Trap(COMMIT, lose_request=lose_request)
    async with asyncio.TaskGroup() as group:
        cancel = group.create_task(bench.console.cancel.cancel(command))
        await until(sprung)
        bench.postgres.restore()
        bench.postgres.cut()
    assert cancel.result().accepted
    assert_canceled_once(bench, source)


@pytest.mark.asyncio
@pytest.mark.parametrize("lose_request", [True, False], ids=["request", "answer"])
async def test_a_cancel_that_temporal_did_not_answer_is_recorded_when_given_again(
    bench: Bench, lose_request: bool
) -> None:
    source = await bench.source()
    command = CancelCommand(source, "wrong client", operator("admin"), uuid4())
    await bench.console.cancel._gateway.ping()
    bench.temporal.deaf, bench.temporal.mute = lose_request, not lose_request
    cancel = asyncio.gather(bench.console.cancel.cancel(command), return_exceptions=True)
    if lose_request:
        await bench.temporal.until_dropped(requests=1)
    else:
        await until(lambda: bench.cancel_arrived(source))
    bench.temporal.close()
    (lost,) = await cancel
    assert isinstance(lost, TemporalUnavailable)
    assert lost.params["aftermath"] == "cancel_may_arrive"
    assert bench.one("SELECT status FROM workflow_runs WHERE run_id = %s", source.run_id) == "RUNNING"
    assert bench.one("SELECT count(*) FROM audit_logs") == 0

    bench.temporal.restore()
    assert (await bench.console.cancel.cancel(command)).accepted
    assert_canceled_once(bench, source)


def assert_canceled_once(bench: Bench, source: RunKey) -> None:
    assert bench.one("SELECT status FROM workflow_runs WHERE run_id = %s", source.run_id) == "CANCELED"
    assert bench.one("SELECT count(*) FROM audit_logs WHERE operation = 'workflow_run_cancel'") == 1
    logs = bench.seeded.rows("SELECT message FROM workflow_run_logs WHERE run_id = %s", source.run_id)
    assert [log["message"] for log in logs] == ["Run canceled by operator"]
