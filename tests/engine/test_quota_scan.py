"""The scan that ends quota pauses: within what a tenant has, and again until the run has gone on (runtime.md 4.7)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from temporalio.client import Client

from app.engine.quota_scan import QuotaScan
from tests.engine.bench import Bench, assign
from tests.engine.test_quota import paused, raise_limit

pytestmark = pytest.mark.asyncio

TWO = [assign("a", vars__a="1"), assign("b", vars__b="1")]
RESUMED = "resumes signalled"


async def paused_run(bench: Bench) -> UUID:
    run_id = await bench.launch(TWO[:1])
    await paused(bench, run_id)
    return run_id


class LossyClient:
    """The real client, whose signals are lost on the way: Temporal never gets them, and nobody is told."""

    def __init__(self, real: Client) -> None:
        self._real = real
        self.lost = 0

    def get_workflow_handle(self, workflow_id: str) -> Any:
        real, outer = self._real.get_workflow_handle(workflow_id), self

        class Handle:
            query = real.query

            async def signal(self, *_: Any, **__: Any) -> None:
                outer.lost += 1

        return Handle()


async def test_pauses_end_as_far_as_there_is_quota_oldest_first(bench: Bench) -> None:
    await bench.allow_steps(1)
    await bench.finish(TWO[:1])
    runs = [await paused_run(bench) for _ in range(3)]
    scan = QuotaScan(bench.database, bench.client, 100)
    assert await scan.scan() == {}
    await raise_limit(bench, 3)
    assert await scan.scan() == {RESUMED: 2}
    assert [await bench.outcome(run_id) for run_id in runs[:2]] == ["COMPLETED"] * 2
    assert (await bench.run(runs[2]))["status"] == "WAITING"
    (log,) = [each for each in await bench.logs(runs[0]) if "quota" in each["message"].lower()]
    assert (log["message"], log["source"], log["level"]) == ("Quota wait resolved by scheduled scan", "worker", "INFO")
    await raise_limit(bench, 100)
    assert await QuotaScan(bench.database, bench.client, 1).scan() == {RESUMED: 1}
    assert await bench.outcome(runs[2]) == "COMPLETED"


async def test_a_lost_signal_is_sent_again(bench: Bench) -> None:
    await bench.allow_steps(1)
    await bench.finish(TWO[:1])
    run_id = await paused_run(bench)
    await raise_limit(bench, 5)
    lossy: Any = LossyClient(bench.client)
    await QuotaScan(bench.database, lossy, 100).scan()
    assert (lossy.lost, (await bench.run(run_id))["status"]) == (1, "WAITING")
    assert await QuotaScan(bench.database, bench.client, 100).scan() == {RESUMED: 1}
    assert await bench.outcome(run_id) == "COMPLETED"
    assert await QuotaScan(bench.database, bench.client, 100).scan() == {}


async def test_a_resume_in_the_rows_only_is_finished(bench: Bench) -> None:
    """F36: somebody wrote RUNNING and RESOLVED, and the signal never came."""
    await bench.allow_steps(1)
    await bench.finish(TWO[:1])
    run_id = await paused_run(bench)
    await raise_limit(bench, 5)
    await bench.execute("UPDATE workflow_runs SET status = 'RUNNING' WHERE run_id = :r", r=run_id)
    await bench.execute(
        "UPDATE workflow_run_waits SET status = 'RESOLVED', resolved_at = now() WHERE run_id = :r", r=run_id
    )
    assert await QuotaScan(bench.database, bench.client, 100).scan() == {RESUMED: 1}
    assert await bench.outcome(run_id) == "COMPLETED"


async def test_a_run_without_execution_and_a_stale_wait_are_left_to_the_diagnosis(idle_bench: Bench) -> None:
    await idle_bench.allow_steps(5)
    workflow_id = await idle_bench.publish(TWO)
    gone, stale = [await idle_bench.insert_run(workflow_id, status="WAITING") for _ in range(2)]
    for run_id, path in ((gone, "root.steps[0]"), (stale, "root.steps[1]")):
        await idle_bench.execute(
            "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, status)"
            " VALUES (:r, :t, :p, 'quota', 'WAITING')",
            r=run_id,
            t=idle_bench.tenant,
            p=path,
        )
    assert await QuotaScan(idle_bench.database, idle_bench.client, 100).scan() == {"without execution": 1}
    idle_bench.launched.clear()
