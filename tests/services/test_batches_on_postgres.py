"""Batches on a real PostgreSQL and a real Temporal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from app.domain.batch import BatchAction, BatchSettings
from app.domain.batch_ledger import BatchProgress, BatchState, EntryState, WaitingFor
from app.domain.batch_patch import read_patch
from app.domain.launching import LaunchState
from app.local.batch_journal import SqliteBatchJournal
from app.local.place import Place
from app.services.start_run import StartCommand
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase
from tests.services.batch_bench import BatchBench, admin_of, order
from tests.services.batch_killing import KilledBatch, assert_each_replayed_once
from tests.services.doubles import TENANT


@pytest.fixture
def bench(stack: Stack, database: TestDatabase) -> BatchBench:
    return BatchBench.make(stack, database.url)


@pytest.mark.asyncio
async def test_everything_that_matches_is_replayed_once(bench: BatchBench, tmp_path: Path) -> None:
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


@pytest.mark.asyncio
async def test_two_batches_and_a_person_share_the_tenants_limit(bench: BatchBench, tmp_path: Path) -> None:
    """Nobody runs into the gate: what a batch leaves free is there when a person starts a run."""
    bench.limit_starts(20)
    runs = bench.add_runs(30)
    settings = BatchSettings(follow=False)
    async with bench.console(tmp_path / "one") as one, bench.console(tmp_path / "two") as two:
        admin = await admin_of(one)
        plans = [
            await one.batch_planning.plan(order(runs[:15], settings=settings), admin),
            await two.batch_planning.plan(order(runs[15:], settings=settings), admin),
        ]
        waits = asyncio.Event()

        def told(progress: BatchProgress) -> None:
            if progress.waiting_for is WaitingFor.TENANT_LIMIT:
                waits.set()

        async with asyncio.TaskGroup() as tasks:
            for console, plan in zip((one, two), plans, strict=True):
                tasks.create_task(console.batch_runs.run(plan.order.batch_id, admin, watch=told))
            await waits.wait()
            started = await one.start.start(StartCommand(TENANT, bench.workflow_id, None, admin, uuid4()))
            assert started.state is LaunchState.STARTED
            assert len(bench.replays()) == 18
            for console, plan in zip((one, two), plans, strict=True):
                await console.batch_runs.pause(plan.order.batch_id)
    assert {replay["status"] for replay in bench.replays()} == {"RUNNING"}


@pytest.mark.asyncio
async def test_a_bulk_cancel_tells_each_outcome(bench: BatchBench, tmp_path: Path) -> None:
    ended = bench.add_runs(2)
    lost = bench.add_runs(2, status="RUNNING")  # Temporal knows no execution of them
    async with bench.console(tmp_path) as console:
        admin = await admin_of(console)
        started = [
            (await console.start.start(StartCommand(TENANT, bench.workflow_id, None, admin, uuid4()))).run.run_id
            for _ in range(3)
        ]
        plan = await console.batch_planning.plan(order([*ended, *lost, *started], BatchAction.CANCEL), admin)
        assert [item.code for item in plan.items] == ["already_ended"] * 2 + [None] * 5
        progress = await console.batch_runs.run(plan.order.batch_id, admin)
        entries = (await console.batch_runs.ledger(plan.order.batch_id)).entries
    assert [entry.state for entry in entries] == [
        *[EntryState.LEFT_OUT] * 2,
        *[EntryState.REFUSED] * 2,
        *[EntryState.CANCELED] * 3,
    ]
    assert entries[2].code == "cancel.no_execution"
    assert (progress.state, progress.bad) == (BatchState.FINISHED, 2)
    audits = bench.rows(
        "SELECT record_id FROM audit_logs WHERE operation = 'workflow_run_cancel' AND details->'batch'->>'id' = %s",
        str(plan.order.batch_id),
    )
    assert {audit["record_id"] for audit in audits} == {str(run) for run in started}


@pytest.mark.asyncio
async def test_a_killed_cancel_is_recorded_once_when_gone_on_with(bench: BatchBench, tmp_path: Path) -> None:
    async with bench.console(tmp_path) as console:
        admin = await admin_of(console)
        launched = await console.start.start(StartCommand(TENANT, bench.workflow_id, None, admin, uuid4()))
        run = launched.run.run_id
        plan = await console.batch_planning.plan(order([run], BatchAction.CANCEL), admin)
        journal = SqliteBatchJournal(tmp_path, Place("unused", "unused"))
        (entry,) = await journal.entries(plan.order.batch_id)
        await journal.write(plan.order.batch_id, [replace(entry, state=EntryState.SENDING)])
        await journal.close()
        # The killed session had reached Temporal, and the worker has projected the cancel since.
        await TemporalGateway(bench.stack.temporal_address, bench.stack.namespace).request_cancel(run)
        bench.execute("UPDATE workflow_runs SET status = 'CANCELED', completed_at = now() WHERE run_id = %s", run)
        progress = await console.batch_runs.run(plan.order.batch_id, admin)
    assert progress.count(EntryState.CANCELED) == 1
    assert len(bench.rows("SELECT 1 FROM audit_logs WHERE operation = 'workflow_run_cancel'")) == 1


@pytest.mark.asyncio
async def test_a_plan_judges_a_patch_in_postgres(bench: BatchBench, tmp_path: Path) -> None:
    fits = bench.add_runs(1, payload='{"customer": {"id": 1}, "n": 1.10}')
    misses = bench.add_runs(1, payload='{"other": true}')
    masked = bench.add_runs(1, payload='{"customer": {"id": 1, "password": "sesame"}, "n": 2}')
    damaged = bench.add_runs(1, payload='{"customer": "[REDACTED]", "n": "***"}')
    unknown = uuid4()
    patch = read_patch('[{"op": "replace", "path": "/customer", "value": {"id": 12345678901234567890.10}}]')
    async with bench.console(tmp_path) as console:
        admin = await admin_of(console)
        scope = [*fits, *misses, *masked, *damaged, unknown]
        plan = await console.batch_planning.plan(order(scope, patch=patch), admin)
        codes = [[str(concern.code) for concern in item.concerns] for item in plan.items]
        assert codes == [[], ["patch_target_missing"], ["patch_on_masked"], ["damaged_input"], ["unknown_run"]]
        assert [item.main_concern and item.main_concern.path for item in plan.items[1:4]] == [
            "/customer",
            "/customer",
            "/n",
        ]
        await console.batch_runs.run(plan.order.batch_id, admin, BatchSettings(follow=False))
    (stored,) = bench.rows(
        "SELECT input_json::text AS input FROM workflow_runs WHERE trigger_metadata_json ? 'replayOfRunId'"
    )
    assert stored["input"] == '{"n": 1.10, "customer": {"id": 12345678901234567890.10}}'
