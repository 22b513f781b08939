"""Batches on a real PostgreSQL and a real Temporal."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from app.domain.batch import BatchSettings
from app.domain.batch_ledger import BatchState, EntryState
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase
from tests.services.batch_bench import BatchBench, admin_of, order
from tests.services.batch_killing import KilledBatch


@pytest.fixture
def bench(stack: Stack, database: TestDatabase) -> BatchBench:
    return BatchBench.make(stack, database.url)


@pytest.mark.asyncio
async def test_smoke(bench: BatchBench, tmp_path: Path) -> None:
    runs = bench.add_runs(20)
    async with bench.console(tmp_path) as console:
        admin = await admin_of(console)
        plan = await console.batch_planning.plan(order(settings=BatchSettings(follow=False)), admin)
        assert plan.totals.eligible == 20
        progress = await console.batch_runs.run(plan.order.batch_id, admin)
        assert progress.state is BatchState.FINISHED
        assert progress.count(EntryState.UNDER_WAY) == 20
    assert {replay["source"] for replay in bench.replays()} == {str(run) for run in runs}


@pytest.mark.asyncio
async def test_a_batch_that_is_killed_again_and_again_replays_each_run_exactly_once(
    bench: BatchBench, tmp_path: Path
) -> None:
    runs = bench.add_runs(60)
    async with bench.console(tmp_path) as console:
        plan = await console.batch_planning.plan(order(), await admin_of(console))
    killed = KilledBatch(bench, tmp_path, plan.order.batch_id, [])

    killed.kill_often(5, len(runs), seed=20261125)
    end = killed.finish()

    assert end.returncode == 0, end.stderr
    await assert_each_replayed_once(bench, runs)


async def assert_each_replayed_once(bench: BatchBench, runs: list[UUID]) -> None:
    replays = bench.replays()
    assert sorted(str(replay["source"]) for replay in replays) == sorted(map(str, runs))
    gateway = TemporalGateway(bench.stack.temporal_address, bench.stack.namespace)
    for replay in replays:
        facts = await gateway.describe(replay["run_id"])
        assert facts is not None
        assert replay["temporal_run_id"] == facts.first_run_id
    audits = bench.rows("SELECT details->'batch'->>'name' AS batch FROM audit_logs")
    assert [audit["batch"] for audit in audits] == ["INC-7 gateway down"] * len(runs)
    logs = bench.rows("SELECT message, count(*) AS written FROM workflow_run_logs GROUP BY message")
    assert {log["message"]: log["written"] for log in logs} == {
        "Run started": len(runs),
        "Run replayed from previous run": len(runs),
        "Run replay created": len(runs),
    }
