"""How long a closed step took, also when a person took two months over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.postgres.projection import RunProjection
from app.postgres.tables import workflow_run_steps
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio


async def test_a_step_of_two_months_is_closed_with_the_longest_duration_the_column_holds(world: World) -> None:
    key = await world.add_run()
    long = await world.add_step(key, started_at=datetime.now(UTC) - timedelta(days=60))
    short = await world.add_step(key, step_path="root.steps[1]", started_at=datetime.now(UTC) - timedelta(seconds=5))

    await RunProjection(world.database).cancel(key)

    closed = {step["step_id"]: step for step in await world.rows(workflow_run_steps)}
    assert {step["status"] for step in closed.values()} == {"CANCELED"}
    assert closed[long]["duration_ms"] == 2**31 - 1
    assert 5_000 <= closed[short]["duration_ms"] < 60_000
