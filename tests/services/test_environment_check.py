"""The environment check answers whatever is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from app.services.environment_check import EnvironmentCheck
from tests.services.doubles import NOW, MemoryGateway, database_away


@dataclass
class MemoryProbe:
    """A Postgres probe with a fixed clock."""

    reachable: bool = True

    async def ping(self) -> float:
        if not self.reachable:
            raise database_away()
        return 1.5

    async def clock(self) -> datetime:
        return NOW


def seconds_ago(*ages: float) -> tuple[datetime, ...]:
    return tuple(NOW - timedelta(seconds=age) for age in ages)


@pytest.mark.asyncio
async def test_both_sides_up_counts_the_pollers_that_are_alive_by_the_databases_clock() -> None:
    gateway = MemoryGateway(pollers=seconds_ago(0, 55, 69.9, 70, 290))
    health = await EnvironmentCheck(MemoryProbe(), gateway, notes=("X has no effect.",)).check()
    assert health.postgres.reachable
    assert health.postgres.milliseconds == 1.5
    assert health.temporal.reachable
    assert health.workers == 3
    assert health.checked_at == NOW
    assert health.notes == ("X has no effect.",)


@pytest.mark.asyncio
async def test_a_postgres_that_is_away_is_told_in_words() -> None:
    health = await EnvironmentCheck(MemoryProbe(reachable=False), MemoryGateway()).check()
    assert (health.postgres.reachable, health.postgres.milliseconds) == (False, None)
    assert health.postgres.problem == "Postgres cannot be reached."
    assert health.postgres.code == "database.unavailable"
    assert health.temporal.reachable
    assert health.workers == 0
    assert health.checked_at.tzinfo is not None


@pytest.mark.asyncio
async def test_a_temporal_that_is_away_leaves_the_workers_unknown() -> None:
    health = await EnvironmentCheck(MemoryProbe(), MemoryGateway(reachable=False)).check()
    assert health.postgres.reachable
    assert not health.temporal.reachable
    assert health.temporal.problem == "Temporal cannot be reached."
    assert health.temporal.code == "temporal.unavailable"
    assert health.workers is None
