"""Five hundred healthy runs, looked at again and again while they are launched and for longer than any threshold."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest

from tests.conftest import Stack, TestDatabase
from tests.services.healthy_runs import Healthy, diagnosing, healthy_runs

pytestmark = [pytest.mark.benchmark, pytest.mark.asyncio, pytest.mark.timeout(900)]

RUNS = 500
LOOK_EVERY_SECONDS = 2.0
LOOKED_AT_FOR_SECONDS = 100.0
"""Beyond the minute after which tasks, timers and runs without a step are trouble."""


async def test_not_one_of_five_hundred_is_called_stuck(stack: Stack, database: TestDatabase) -> None:
    async with healthy_runs(stack, database) as healthy:
        rested = asyncio.Event()
        launched, (looks, watched) = await asyncio.gather(launch(healthy, rested), look(stack, healthy, rested))
    print(
        f"\n{len(healthy.runs)} runs launched in {launched:.0f} s, {looks} looks, none in trouble; watched: {watched}"
    )


async def launch(healthy: Healthy, rested: asyncio.Event) -> float:
    """Launch all of them and return the seconds until the last one was at rest."""
    began = time.monotonic()
    await healthy.launch(RUNS)
    await healthy.at_rest()
    rested.set()
    return time.monotonic() - began


async def look(stack: Stack, healthy: Healthy, rested: asyncio.Event) -> tuple[int, dict[str, int]]:
    """Diagnose until long after the launches; return how often, and how many runs of which kind were on watch."""
    service = diagnosing(stack, healthy)
    looks, watched, ends = 0, {}, float("inf")
    while time.monotonic() < ends:
        report = await service.active(healthy.bench.tenant, closed_within=timedelta(hours=1))
        assert report.degraded == ()
        assert [(healthy.runs.get(each.key.run_id), each.title, each.evidence) for each in report.troubled()] == []
        watched = Counter(f"{each.cause} {each.kind}" for each in report.runs if each.cause is not None)
        looks += 1
        if rested.is_set() and ends == float("inf"):
            ends = time.monotonic() + LOOKED_AT_FOR_SECONDS
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return looks, dict(watched)
