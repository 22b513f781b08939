"""The stuck banner: RUNNING, no step row, older than a minute by the database's clock, and nothing else."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.bootstrap.services import wire_diagnosis
from app.domain.run_query import RunFilter, RunQuery
from app.postgres.run_reader import PostgresRunReader
from app.temporal.gateway import TemporalGateway
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio


async def test_the_sql_and_the_rule_of_the_domain_agree(world: World) -> None:
    statuses = ["RUNNING", "WAITING", "SUCCEEDED", "FAILED", "CANCELED", "ODD"]
    for status, age, steps in itertools.product(statuses, (0, 58, 62, 9000), (0, 1)):
        key = await world.add_run(status=status, seconds_ago=age, engine=None if age == 9000 else "temporal")
        for _ in range(steps):
            await world.add_step(key)
    everything = (await world.reader.page(RunQuery(world.tenant, limit=500))).rows
    by_rule = {row.key for row in everything if row.stuck}
    filtered = (await world.reader.page(RunQuery(world.tenant, RunFilter(stuck_only=True), limit=500))).rows
    banner = await world.reader.stuck(world.tenant)
    assert len(by_rule) == 2
    assert {row.key for row in filtered} == {row.key for row in banner.runs} == by_rule
    assert {row.status for row in banner.runs} == {"RUNNING"}


async def test_sixty_seconds_are_not_yet_stuck(world: World) -> None:
    key = await world.add_run()
    async with world.database.writing(world.tenant) as connection:
        for seconds, expected in (("60", 0), ("60.000001", 1)):
            sql = f"UPDATE workflow_runs SET started_at = now() - interval '{seconds} seconds' WHERE run_id = :run_id"
            await connection.execute(text(sql), {"run_id": key.run_id})
            older = "SELECT count(*) FROM workflow_runs WHERE started_at < now() - make_interval(secs => 60)"
            assert await connection.scalar(text(older)) == expected


async def test_the_banner_counts_all_and_shows_the_oldest(world: World) -> None:
    keys = [await world.add_run(seconds_ago=age) for age in (100, 300, 200)]
    await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id, seconds_ago=900)
    stuck = await world.reader.stuck(world.tenant, limit=2)
    assert [run.key for run in stuck.runs] == [keys[1], keys[2]]
    assert stuck.total == 3
    assert 300 <= stuck.oldest_seconds < 400


async def test_a_first_step_ends_the_banner(world: World) -> None:
    key = await world.add_run(seconds_ago=70)
    assert (await world.reader.stuck(world.tenant)).total == 1
    await world.add_step(key)
    calm = await world.reader.stuck(world.tenant)
    assert (calm.total, calm.runs, calm.oldest_seconds) == (0, (), 0.0)


async def test_the_threshold_is_one_setting_for_rule_filter_and_banner(world: World) -> None:
    older, younger = await world.add_run(seconds_ago=95), await world.add_run(seconds_ago=70)
    database = replace(world.database, stuck_after_seconds=90)
    reader = PostgresRunReader(database)
    rows = (await reader.page(RunQuery(world.tenant))).rows
    filtered = (await reader.page(RunQuery(world.tenant, RunFilter(stuck_only=True)))).rows
    banner = await reader.stuck(world.tenant)
    assert [row.key for row in rows if row.stuck] == [row.key for row in filtered] == [older]
    assert [row.key for row in banner.runs] == [older]
    found = await wire_diagnosis(database, TemporalGateway("127.0.0.1:1", "nowhere")).active(world.tenant)
    since = {each.key: each.unstarted_since for each in found.runs}
    assert (since[older] is not None, since[younger]) == (True, None)
