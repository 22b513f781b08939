"""A worker killed by SIGKILL between an effect and its report, at every such point of every step type at once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from app.engine.worker import build_worker
from app.temporal import contract
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, create_tenant
from tests.engine.conformance.acts import Scene
from tests.engine.conformance.judge import differences
from tests.engine.conformance.observed import read, set_scene
from tests.engine.kills import KILLS, Kill

pytestmark = pytest.mark.asyncio

_TASK_TIMEOUT = timedelta(seconds=3)
"""After this Temporal gives a dead worker's workflow task to another one."""


@asynccontextmanager
async def stalling_worker(
    stack: Stack, database: TestDatabase, gates: list[tuple[str, str]]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker process; it is killed on leaving, as by a power cut."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.engine.stalling_worker",
        json.dumps(gates),
        stdout=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "DATABASE_URL": database.url,
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.namespace,
        },
    )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


async def test_every_run_ends_true_whenever_its_worker_died(
    stack: Stack, database: TestDatabase, idle_bench: Bench
) -> None:
    await idle_bench.define_task_type("free")
    scenes = [await _scene(kill, idle_bench) for kill in KILLS]
    gates = [(str(scene.run_id), kill.point) for scene, kill in zip(scenes, KILLS, strict=True)]
    async with asyncio.TaskGroup() as playing:
        async with stalling_worker(stack, database, gates) as process:
            for scene in scenes:
                await _start(scene)
                playing.create_task(_play(scene))
            await _all_reached(process, {run_id for run_id, _ in gates})
        async with build_worker(idle_bench.client, idle_bench.database):
            for scene in scenes:
                await scene.bench.outcome(scene.run_id, 120)
    wrong = [
        f"{kill.case.id}: {line}"
        for scene, kill in zip(scenes, KILLS, strict=True)
        for line in differences(kill.case, await read(scene, scene.run_id))
    ]
    assert not wrong, "\n".join(wrong)


async def _scene(kill: Kill, bench: Bench) -> Scene:
    own = Bench(bench.client, bench.database, await create_tenant(bench.database), bench.launched)
    return await set_scene(kill.case, own)


async def _start(scene: Scene) -> None:
    workflow_id = scene.workflow_ids["main"]
    argument = contract.RunInput(scene.run_id, scene.bench.tenant, workflow_id, 1, None, "killed").as_argument()
    await scene.bench.client.start_workflow(
        contract.WORKFLOW_TYPE,
        argument,
        id=contract.workflow_id_of(scene.run_id),
        task_queue=contract.TASK_QUEUE,
        task_timeout=_TASK_TIMEOUT,
    )


async def _play(scene: Scene) -> None:
    for act in scene.case.acts:
        await act(scene)


async def _all_reached(process: asyncio.subprocess.Process, runs: set[str]) -> None:
    """Wait until every run has stopped at its gate."""
    assert process.stdout is not None
    missing = set(runs)
    async with asyncio.timeout(60):
        while missing:
            line = (await process.stdout.readline()).decode().strip()
            if not line:
                pytest.fail(f"The worker ended by itself; {len(missing)} runs had not reached their gates")
            missing.discard(line)
