"""The runs that the engine is done with when `rundesk worker` ends them with every row right.

A long loop, a human task, a quota pause and a three-level child tree, each in a tenant of its own, all at once on one
worker process of the product, on a sandbox.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import Client

from app.postgres.database import Database
from app.sandbox.info import SandboxInfo
from app.sandbox.stack import ensure_sandbox
from tests.engine.bench import Bench, create_tenant
from tests.engine.conformance.acts import Scene, paused, responds, resumes_quota, waiting
from tests.engine.conformance.case import SOMETHING, Case, Expected
from tests.engine.conformance.definitions import ask, call, each, put
from tests.engine.conformance.judge import differences
from tests.engine.conformance.observed import read, set_scene
from tests.engine.conformance.quota_cases import frees, used

LONGEST_SECONDS = 240


def proof_cases(steps: int) -> list[Case]:
    """Return the four runs; the long one has exactly this many steps, an even number."""
    items = (steps - 2) // 2
    assert 2 * items + 2 == steps
    child_row = {"parent_run_id": SOMETHING, "root_run_id": SOMETHING, "temporal_run_id": SOMETHING}
    return [
        Case(
            id="loop",
            rule=f"{steps} steps, each with its row, none twice",
            steps=[
                put("begin", {"vars.sum": "0"}),
                each(
                    "loop",
                    f"[1..{items}]",
                    "n",
                    [put("add", {"vars.sum": "vars.sum + n"}), put("last", {"vars.last": "n"})],
                ),
            ],
            before=[_unlimited],
            expect=Expected(
                steps=["begin", "loop", *["add", "last"] * items],
                vars={"sum": items * (items + 1) // 2, "last": items},
            ),
        ),
        Case(
            id="human task",
            rule="a person answers",
            steps=[ask("ask", "free"), put("after", {"vars.after": "event.n"})],
            acts=[waiting("ask"), responds({"n": 7})],
            expect=Expected(
                steps=["ask", "after"],
                vars={"event": {"n": 7}, "eventName": "HUMAN_TASK_COMPLETED", "after": 7},
                waits=[{"wait_type": "human", "status": "RESOLVED"}],
                tasks=[{"status": "completed"}],
            ),
        ),
        Case(
            id="quota pause",
            rule="a pause, a resume",
            steps=[put("one", {"vars.one": "1"}), put("two", {"vars.two": "2"})],
            before=[used(149)],
            acts=[paused("two"), frees(10), resumes_quota()],
            expect=Expected(
                steps=["one", "two"],
                vars={"one": 1, "two": 2},
                waits=[{"wait_type": "quota", "status": "RESOLVED"}],
            ),
        ),
        Case(
            id="child tree",
            rule="three levels, each with its rows",
            steps=[call("first", "middle", {"n": "1"}, {"vars.n": "childRun.vars.n"})],
            children={
                "inner": [put("deep", {"vars.n": "payload.n + 1"})],
                "middle": [call("second", "inner", {"n": "payload.n + 1"}, {"vars.n": "childRun.vars.n + 1"})],
            },
            expect=Expected(
                steps=["first"],
                vars={"n": 4},
                children=[
                    Expected(steps=["second"], run=child_row, children=[Expected(steps=["deep"], run=child_row)])
                ],
            ),
        ),
    ]


async def prove(directory: Path, steps: int) -> list[str]:
    """Run the four on a sandbox with the product's worker process and return what is wrong, one line each."""
    sandbox = await ensure_sandbox(directory, seed="none", worker=False, progress=lambda _: None)
    database = Database.open(sandbox.info.database_url)
    client = await Client.connect(sandbox.info.temporal_address, namespace=sandbox.info.namespace)
    try:
        await Bench(client, database, await create_tenant(database)).define_task_type("free")
        async with worker_process(sandbox.info):
            found = await asyncio.gather(*(_proved(case, client, database) for case in proof_cases(steps)))
        return [line for lines in found for line in lines]
    finally:
        await database.dispose()
        await sandbox.stop()


async def _proved(case: Case, client: Client, database: Database) -> list[str]:
    scene = await set_scene(case, Bench(client, database, await create_tenant(database)))
    await scene.bench.start(scene.run_id, scene.workflow_ids["main"])
    for act in case.acts:
        await act(scene)
    await scene.bench.outcome(scene.run_id, LONGEST_SECONDS)
    return [f"{case.id}: {line}" for line in differences(case, await read(scene, scene.run_id))]


@asynccontextmanager
async def worker_process(info: SandboxInfo) -> AsyncIterator[None]:
    """Run ``rundesk worker`` on the sandbox; it is asked to end and must end well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app",
        "worker",
        "--health-port",
        "0",
        env={
            **os.environ,
            "DATABASE_URL": info.database_url,
            "TEMPORAL_ADDRESS": info.temporal_address,
            "TEMPORAL_NAMESPACE": info.namespace,
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _unlimited(scene: Scene) -> None:
    await scene.bench.allow_steps(None)
