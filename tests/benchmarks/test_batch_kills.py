"""The proof: a batch of 500, whose runner is killed ten times at random points, ends with exactly 500 replays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Stack, TestDatabase
from tests.services.batch_bench import BatchBench, admin_of, order
from tests.services.batch_killing import KilledBatch, assert_each_replayed_once

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900), pytest.mark.asyncio]

RUNS = 500
KILLS = 10


async def test_five_hundred_runs_killed_ten_times(stack: Stack, database: TestDatabase, tmp_path: Path) -> None:
    bench = BatchBench.make(stack, database.url)
    runs = bench.add_runs(RUNS)
    async with bench.console(tmp_path) as console:
        plan = await console.batch_planning.plan(order(), await admin_of(console))
    killed = KilledBatch(bench, tmp_path, plan.order.batch_id, [])

    killed.kill_often(KILLS, RUNS, seed=2026)
    end = killed.finish()

    assert end.returncode == 0, end.stderr
    await assert_each_replayed_once(bench, runs)
    print(f"\n{RUNS} runs, killed {KILLS} times with {killed.killed_at} replays there: {len(bench.replays())} replays")
