"""One replay, and a thousand, against the bare statements plus a bare start."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from app.domain.batch import BatchSettings
from app.domain.batch_ledger import BatchState, EntryState
from app.domain.run import RunKey
from app.services.replay_run import ReplayCommand
from tests.benchmarks.bare_replay import BareReplays
from tests.conftest import Stack, TestDatabase
from tests.services.batch_bench import BatchBench, admin_of, order
from tests.services.doubles import TENANT

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900), pytest.mark.asyncio]

ONE_LIMIT = 1.3
"""Longest replay as a multiple of the bare one."""
MANY_LIMIT = 0.8
"""Least throughput of a batch as a share of the bare one's."""
ROUNDS = 60
MANY = 1000
PARALLEL = 4
PAYLOAD = (
    '{"ticketId": "T-1", "subject": "Printer", "priority": "P3", "lines": [1.10, 2, 3], "note": "' + "x" * 500 + '"}'
)


@pytest.fixture
def bench(stack: Stack, database: TestDatabase) -> BatchBench:
    return BatchBench.make(stack, database.url)


@pytest_asyncio.fixture
async def bare(bench: BatchBench) -> AsyncIterator[BareReplays]:
    opened = await BareReplays.open(bench, PARALLEL)
    yield opened
    await opened.close()


async def seconds(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def test_one_replay(bench: BatchBench, bare: BareReplays, tmp_path: Path) -> None:
    sources = bench.add_runs(2 * ROUNDS + 20, payload=PAYLOAD)
    async with bench.console(tmp_path) as console:
        admin = await admin_of(console)

        async def replay(source: UUID) -> None:
            await console.replay.replay(ReplayCommand(RunKey(TENANT, source), "the gateway is back", admin, uuid4()))

        for _ in range(10):
            await bare.replay(sources.pop())
            await replay(sources.pop())
        pairs = [
            (
                await seconds(lambda: bare.replay(sources.pop())),
                await seconds(lambda: replay(sources.pop())),
            )
            for _ in range(ROUNDS)
        ]
    bare_median, ours_median = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = ours_median / bare_median
    print(f"\none replay: bare {bare_median * 1000:.1f} ms, ours {ours_median * 1000:.1f} ms, ratio {ratio:.2f}")
    assert ratio <= ONE_LIMIT


async def test_many_replays(bench: BatchBench, bare: BareReplays, tmp_path: Path) -> None:
    bare_sources, batch_sources = bench.add_runs(MANY, payload=PAYLOAD), bench.add_runs(MANY, payload=PAYLOAD)
    async with bench.console(tmp_path) as console:
        admin = await admin_of(console)
        began = time.perf_counter()
        settings = BatchSettings(parallel=PARALLEL, follow=False)
        plan = await console.batch_planning.plan(order(batch_sources, settings=settings), admin)
        planning = time.perf_counter() - began
        bare_seconds = await seconds(lambda: _all_bare(bare, bare_sources))
        began = time.perf_counter()
        progress = await console.batch_runs.run(plan.order.batch_id, admin)
        batch_seconds = time.perf_counter() - began
    assert (progress.state, progress.count(EntryState.UNDER_WAY)) == (BatchState.FINISHED, MANY)
    share = bare_seconds / batch_seconds
    print(
        f"\n{MANY} replays, {PARALLEL} at once: planned in {planning:.2f} s; bare {MANY / bare_seconds:.0f}/s, "
        f"batch {MANY / batch_seconds:.0f}/s, share {share:.2f}"
    )
    assert share >= MANY_LIMIT


async def _all_bare(bare: BareReplays, sources: list[UUID]) -> None:
    left = list(sources)

    async def one_after_another() -> None:
        while left:
            await bare.replay(left.pop())

    await asyncio.gather(*(one_after_another() for _ in range(PARALLEL)))
