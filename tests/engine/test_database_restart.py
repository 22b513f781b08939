"""Postgres killed and started again under runs of every kind of step: they go on, and nothing is done twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.client import Client

from app.engine.worker import build_worker
from app.postgres.database import Database
from app.sandbox.stack import ensure_sandbox
from tests.engine.bench import Bench, Row, create_tenant
from tests.engine.conformance.acts import Scene, sends
from tests.engine.conformance.case import Case, Containing, Expected
from tests.engine.conformance.definitions import action, call, each, expression, guard, nap, put, wait
from tests.engine.conformance.judge import differences
from tests.engine.conformance.observed import read, set_scene

pytestmark = pytest.mark.asyncio

RUNS = 6
ITEMS = 6

SEND = action("send", "notifications.send", {"to": "a@example.org", "message": expression("'Item ' & n")})
STORE = action(
    "store",
    "store.set",
    {"namespace": "restart", "key": expression("toString(n)"), "value": expression("n")},
    saveAs="vars.stored",
)
STEPS: list[Row] = [
    wait("gate", "OPEN"),
    each(
        "loop",
        f"[1..{ITEMS}]",
        "n",
        [
            SEND,
            STORE,
            guard("try", [action("boom", "demo.fail", {"message": "No luck"})], [put("catch", {"vars.last": "n"})]),
            nap("nap", 100),
        ],
    ),
    call("child", "child", {"n": "vars.last"}, {"vars.child": "childRun.vars.n"}),
    wait("hold", "GO"),
]
INVOKED = [*["notifications.send", "store.set"] * ITEMS, "demo.fail"]
"""One row for each input: of the failing action's attempts all are in one."""
BODY = ["send", "store", "try", "boom FAILED", "catch", "nap"]
CASE = Case(
    id="database-restart",
    rule="an outage of the database pauses runs: it fails none, and no action is applied twice",
    steps=STEPS,
    children={"child": [put("inner", {"vars.n": "payload.n * 10"})]},
    expect=Expected(
        steps=["gate", "loop", *BODY * ITEMS, "child", "hold"],
        logs=[{"message": Containing("Notification sent")}] * ITEMS,
        waits=[{"status": "RESOLVED"}] * (ITEMS + 2),
        children=[Expected(steps=["inner"])],
    ),
)


async def test_runs_outlast_a_restart_of_the_database(tmp_path: Path) -> None:
    sandbox = await ensure_sandbox(tmp_path / "sandbox", seed="none", worker=False, progress=lambda _: None)
    workers, readers = Database.open(sandbox.info.database_url), Database.open(sandbox.info.database_url)
    client = await Client.connect(sandbox.info.temporal_address, namespace=sandbox.info.namespace)
    try:
        async with build_worker(client, workers):
            scenes = [await _begun(client, readers) for _ in range(RUNS)]
            await asyncio.gather(*(_under_way(scene) for scene in scenes))
            await sandbox.stop_server("postgres", kill=True)
            await asyncio.gather(*(sends("GO")(scene) for scene in scenes))  # arrives while nothing can be written
            await sandbox.start_server("postgres")
            for scene in scenes:
                await scene.bench.outcome(scene.run_id, 120)
        observed = [await read(scene, scene.run_id) for scene in scenes]
        wrong = [line for one in observed for line in differences(CASE, one)]
        assert not wrong, "\n".join(wrong)
        for one in observed:
            assert sorted(row["action_id"] for row in one.invocations) == sorted(INVOKED)
    finally:
        await workers.dispose()
        await readers.dispose()
        await sandbox.stop()


async def _begun(client: Client, database: Database) -> Scene:
    scene = await set_scene(CASE, Bench(client, database, await create_tenant(database)))
    await scene.bench.start(scene.run_id, scene.workflow_ids["main"])
    await sends("OPEN")(scene)
    return scene


async def _under_way(scene: Scene) -> None:
    """Wait until the run is in the middle of its loop."""
    await scene.until_found(
        "SELECT 1 FROM workflow_run_steps WHERE tenant = :tenant AND run_id = :run AND definition_step_id = 'catch'"
        " AND attempt >= 2",
        run=scene.run_id,
    )
