"""One replay, and a thousand, against the bare statements plus a bare start.

What is compared is the act itself as the app does it: with its journals on disk, its timeouts and its redaction, from
the operator's word to the certain outcome. Planning, which a person looks at in between, is no part of it. Both
sides work on servers that keep what they confirm (``fsync``), as an operator's do: on others the bare one would write
to no disk at all, and ours to its journals. They take turns in short rounds, each as warm as the other, and what
counts is the median of the rounds' ratios: the machine's mood changes slower than that.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from app.domain.batch import BatchSettings
from app.domain.batch_ledger import BatchState, EntryState
from app.domain.run import RunKey
from app.local.intent_journal import FileIntentJournal
from app.services.replay_run import ReplayCommand
from tests.benchmarks.bare_replay import BareReplays
from tests.conftest import SandboxUnderTest, Stack
from tests.services.batch_bench import BatchBench, admin_of, order
from tests.services.doubles import TENANT

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900), pytest.mark.asyncio]

ONE_LIMIT = 1.3
"""Longest replay as a multiple of the bare one."""
MANY_LIMIT = 0.8
"""Least throughput of a batch as a share of the bare one's."""
ROUNDS = 60
MANY = 1000
AT_A_TIME = 200
PARALLEL = 4
PAYLOAD = (
    '{"ticketId": "T-1", "subject": "Printer", "priority": "P3", "lines": [1.10, 2, 3], "note": "' + "x" * 500 + '"}'
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BatchBench]:
    """Yield the tenant on servers of its own, which are durable."""
    sandbox = SandboxUnderTest(tmp_path / "sandbox")
    info = sandbox.info
    stack = Stack(info.database_url, info.temporal_address, info.namespace)
    try:
        yield BatchBench.make(stack, stack.database_url)
    finally:
        sandbox.stop()


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
    async with bench.console(tmp_path, FileIntentJournal(tmp_path, "here")) as console:
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
    ratio = statistics.median(ours / bare for bare, ours in pairs)
    print(f"\none replay: bare {bare_median * 1000:.1f} ms, ours {ours_median * 1000:.1f} ms, ratio {ratio:.2f}")
    assert ratio <= ONE_LIMIT


async def test_many_replays(bench: BatchBench, bare: BareReplays, tmp_path: Path) -> None:
    async with bench.console(tmp_path) as console:
        admin = await admin_of(console)

        async def one_round() -> tuple[float, float]:
            bare_sources, sources = (bench.add_runs(AT_A_TIME, payload=PAYLOAD) for _ in range(2))
            settings = BatchSettings(parallel=PARALLEL, follow=False)
            plan = await console.batch_planning.plan(order(sources, settings=settings), admin)
            bare_seconds = await seconds(lambda: _all_bare(bare, bare_sources))
            began = time.perf_counter()
            progress = await console.batch_runs.run(plan.order.batch_id, admin)
            assert (progress.state, progress.count(EntryState.UNDER_WAY)) == (BatchState.FINISHED, AT_A_TIME)
            return bare_seconds, time.perf_counter() - began

        await one_round()
        rounds = [await one_round() for _ in range(MANY // AT_A_TIME)]
    share = statistics.median(bare_seconds / batch_seconds for bare_seconds, batch_seconds in rounds)
    bare_median, batch_median = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(
        f"\n{MANY} replays, {PARALLEL} at once: bare {AT_A_TIME / bare_median:.0f}/s, "
        f"batch {AT_A_TIME / batch_median:.0f}/s, share {share:.2f}"
    )
    assert share >= MANY_LIMIT


async def _all_bare(bare: BareReplays, sources: list[UUID]) -> None:
    left = list(sources)

    async def one_after_another() -> None:
        while left:
            await bare.replay(left.pop())

    await asyncio.gather(*(one_after_another() for _ in range(PARALLEL)))
