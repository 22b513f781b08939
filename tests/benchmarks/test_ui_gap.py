"""The window stays smooth under load: lateness of a 10 ms tick against a qasync-only loop without tuning."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import psycopg
import pytest
from temporalio.client import Client

from tests.benchmarks import ui_gap_probe
from tests.conftest import Stack, TestDatabase, run_in_own_loop

LIMIT = 0.3
"""Largest p99 lateness as a share of the baseline's."""

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]


def _fill(database: TestDatabase) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE bench_rows AS SELECT gen_random_uuid() AS run_id, gen_random_uuid() AS workflow_id, "
            "'RUNNING' AS status, now() AS started_at, now() AS updated_at, 'root.steps[0]' AS node_path, "
            f"repeat('x', 80) AS note, n FROM generate_series(1, {ui_gap_probe.ROWS}) AS n"
        )


async def _start_workflows(stack: Stack) -> None:
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    gate = asyncio.Semaphore(50)

    async def start(number: int) -> None:
        async with gate:
            await client.start_workflow("bench", id=f"bench-{number}", task_queue="bench-nobody")

    await asyncio.gather(*(start(number) for number in range(ui_gap_probe.WORKFLOWS)))


def _probe(mode: str, stack: Stack, database: TestDatabase) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.ui_gap_probe", mode, database.url]
    answer = subprocess.run(
        [*command, stack.temporal_address, stack.namespace], check=True, capture_output=True, text=True, timeout=300
    )
    measured: dict[str, float] = json.loads(answer.stdout)
    return measured


def test_ui_thread_gap_against_an_untuned_single_loop(stack: Stack, database: TestDatabase) -> None:
    _fill(database)
    run_in_own_loop(_start_workflows(stack))
    expected = ui_gap_probe.ROUNDS * (ui_gap_probe.ROWS + ui_gap_probe.WORKFLOWS)

    pairs = [(_probe("plain", stack, database), _probe("rundesk", stack, database)) for _ in range(3)]

    for plain, rundesk in pairs:
        assert plain["seen"] == rundesk["seen"] == expected
    ratios = sorted(rundesk["p99"] / plain["p99"] for plain, rundesk in pairs)
    print(f"\nUI gap p99: {[(round(p['p99'], 1), round(r['p99'], 1)) for p, r in pairs]} ms, ratios {ratios}")
    assert ratios[1] <= LIMIT
