"""What the engine costs beside a hand-written workflow of the same steps, and what a step costs late in a long run.

Throughput: the same number of runs of ten steps, all started at once, until the last has ended; the two sides take
turns on one worker process and one database, and what counts is the median of the rounds' ratios. Cost per step: the
time between a step's start and the next one's, early and late in the same run, continue-as-new included.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from app.engine.worker import build_worker
from app.postgres.database import Database
from app.temporal import contract
from tests.benchmarks.bare_engine import STEPS, TASK_QUEUE, BareRun, argument_of, bare_activities
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, Row, action, assign, create_tenant, expression

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300), pytest.mark.asyncio]

THROUGHPUT_LIMIT = 0.7
"""Least throughput as a share of the hand-written one's."""
FLATNESS_LIMIT = 1.2
"""Most cost of a late step as a multiple of an early one's."""
ROUNDS = 5
AT_ONCE = 30
LONG = 2000
LONG_RUNS = 3
WINDOW = 250

TEN_STEPS: list[Row] = [
    assign(f"s{number}", vars__n=str(number))
    if number % 2 == 0
    else action(f"s{number}", "demo.echo", {"value": expression("vars.n")}, saveAs="vars.out")
    for number in range(STEPS)
]


@dataclass
class Sides:
    """A tenant for each run that is under way, with the workflow of ten steps; both workers run.

    Tenants of their own, as runs of one tenant wait for its quota counter and would measure that.
    """

    tenants: list[tuple[Bench, UUID]]


@pytest_asyncio.fixture
async def sides(stack: Stack, database: TestDatabase) -> AsyncIterator[Sides]:
    opened = Database.open(database.url, pool_size=8)
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    async with bare_activities(database.url) as bare:
        bare_worker = Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=[BareRun],
            activities=bare.all(),
            workflow_runner=SandboxedWorkflowRunner(
                # As ours: what the workflow imports is shared and not imported anew for each run.
                restrictions=SandboxRestrictions.default.with_passthrough_modules("app", "tests", "psycopg")
            ),
        )
        async with build_worker(client, opened), bare_worker:
            yield Sides([await _tenant(client, opened) for _ in range(AT_ONCE)])
    await opened.dispose()


async def _tenant(client: Client, database: Database) -> tuple[Bench, UUID]:
    bench = Bench(client, database, await create_tenant(database))
    await bench.allow_steps(None)
    return bench, await bench.publish(TEN_STEPS)


async def seconds_of(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def test_throughput_of_ten_steps(sides: Sides) -> None:
    async def ours(bench: Bench, workflow_id: UUID, run_id: UUID) -> None:
        await bench.start(run_id, workflow_id)
        await bench.handle(run_id).result()

    async def by_hand(bench: Bench, _workflow_id: UUID, run_id: UUID) -> None:
        await bench.client.execute_workflow(
            BareRun.run, argument_of(bench.tenant, run_id), id=f"bare:{run_id}", task_queue=TASK_QUEUE
        )

    async def one_round(side: Callable[[Bench, UUID, UUID], Awaitable[None]]) -> float:
        runs = [(*tenant, await tenant[0].insert_run(tenant[1])) for tenant in sides.tenants]
        took = await seconds_of(lambda: asyncio.gather(*(side(*run) for run in runs)))
        for bench, _, run_id in runs:
            assert (await bench.run(run_id))["status"] == "SUCCEEDED"
            assert len(await bench.steps(run_id)) == STEPS
        return took

    await one_round(by_hand)
    await one_round(ours)
    rounds = [(await one_round(by_hand), await one_round(ours)) for _ in range(ROUNDS)]
    share = statistics.median(hand / our for hand, our in rounds)
    hand_median, our_median = (AT_ONCE / statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"\nruns of {STEPS} steps: by hand {hand_median:.1f}/s, engine {our_median:.1f}/s, share {share:.2f}")
    assert share >= THROUGHPUT_LIMIT


async def test_a_late_step_costs_what_an_early_one_does(sides: Sides) -> None:
    bench, _ = sides.tenants[0]
    body = [assign("add", vars__sum="vars.sum + n"), assign("keep", vars__last="n")]
    loop = {"id": "loop", "type": "control.forEach", "items": expression("[1..999]"), "itemVar": "n", "body": body}
    long_run = await bench.publish([assign("begin", vars__sum="0"), loop])
    ratios = []
    for _ in range(LONG_RUNS):
        run_id = await bench.launch_workflow(long_run)
        assert await bench.outcome(run_id, 200) == "COMPLETED"
        starts = [row["started_at"].timestamp() for row in await bench.steps(run_id)]
        assert len(starts) == LONG
        early, late = starts[10 + WINDOW] - starts[10], starts[-1] - starts[-1 - WINDOW]
        print(
            f"\nstep 10 to {10 + WINDOW}: {early / WINDOW * 1000:.1f} ms each, the last: {late / WINDOW * 1000:.1f} ms"
        )
        ratios.append(late / early)
    ratio = statistics.median(ratios)
    print(f"a late step costs {ratio:.2f} of an early one")
    assert (await bench.handle(run_id).query(contract.QUERY_SUMMARY))["stepCount"] == LONG
    assert ratio <= FLATNESS_LIMIT
