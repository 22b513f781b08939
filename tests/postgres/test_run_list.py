"""The run list: pages against a brute force, counts against rows, what a row carries."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.errors import InvalidInput
from app.domain.run import EffectiveState, RunRow
from app.domain.run_query import RunFilter, RunPage, RunQuery, RunSort
from app.postgres.run_predicates import run_id_range
from app.postgres.tables import workflow_runs
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

STATUSES = ["RUNNING", "WAITING", "SUCCEEDED", "FAILED", "CANCELED"]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def add_random_runs(world: World, count: int, seed: int) -> None:
    """Insert runs of both tenants whose times often tie, as a batch of one transaction ties them."""
    chance = random.Random(seed)  # noqa: S311
    rows = []
    for number in range(count):
        mine = chance.random() < 0.8
        rows.append(
            {
                "run_id": UUID(int=chance.getrandbits(128), version=4),
                "tenant": world.tenant if mine else world.other_tenant,
                "workflow_id": world.workflow_id if mine else world.other_workflow_id,
                "workflow_version": 1,
                "status": chance.choice(STATUSES),
                "engine": "temporal",
                "started_at": NOON + timedelta(microseconds=chance.randrange(12)),
                "updated_at": NOON + timedelta(minutes=chance.randrange(9)),
                "trigger_metadata_json": {"replayOfRunId": str(uuid4())} if number % 7 == 0 else None,
            }
        )
    await world.add(workflow_runs, *rows)


async def all_pages(world: World, query: RunQuery) -> list[RunPage]:
    pages, after = [], None
    while True:
        page = await world.reader.page(RunQuery(query.tenant, query.filter, query.sort, query.limit, after))
        pages.append(page)
        after = page.next
        if after is None:
            return pages


async def expected_order(world: World, sort: RunSort, statuses: tuple[str, ...]) -> list[UUID]:
    column, direction = str(sort).split(":")
    rows = await world.rows(workflow_runs, tenant=world.tenant)
    rows = [row for row in rows if not statuses or row["status"] in statuses]
    rows.sort(key=lambda row: row["run_id"], reverse=True)
    rows.sort(key=lambda row: row[column], reverse=direction == "desc")
    return [row["run_id"] for row in rows]


async def test_pages_are_the_sorted_rows_without_gap_or_repetition(world: World) -> None:
    await add_random_runs(world, 90, seed=1)
    for sort, limit, statuses in itertools.product(RunSort, (1, 7, 500), ((), ("FAILED", "WAITING"))):
        if limit == 1 and not statuses:
            continue
        pages = await all_pages(world, RunQuery(world.tenant, RunFilter(statuses=statuses), sort, limit))
        listed = [row.key.run_id for page in pages for row in page.rows]
        assert listed == await expected_order(world, sort, statuses)
        assert all(len(page.rows) == limit for page in pages[:-1])


async def test_a_page_goes_on_where_it_ended_although_rows_arrive(world: World) -> None:
    old = [await world.add_run(seconds_ago=age) for age in (10, 20, 30, 40)]
    first = await world.reader.page(RunQuery(world.tenant, limit=2))
    await world.add_run(seconds_ago=5)
    second = await world.reader.page(RunQuery(world.tenant, limit=2, after=first.next))
    assert [row.key for row in (*first.rows, *second.rows)] == old


async def test_counts_are_those_of_the_rows_whatever_the_filter(world: World) -> None:
    await add_random_runs(world, 200, seed=3)
    filters = [
        RunFilter(),
        RunFilter(statuses=("FAILED",)),
        RunFilter(replays_only=True),
        RunFilter(started_from=NOON + timedelta(microseconds=3), started_to=NOON + timedelta(microseconds=8)),
        RunFilter(workflow_id=world.workflow_id, text="a"),
        RunFilter(stuck_only=True),
    ]
    for run_filter in filters:
        page = await world.reader.page(RunQuery(world.tenant, run_filter, limit=500))
        everything = await world.reader.page(RunQuery(world.tenant, run_filter.without_status(), limit=500))
        assert dict(page.counts) == Counter(row.status for row in everything.rows)
        assert page.total == len(everything.rows)
        wanted = run_filter.statuses or tuple(STATUSES)
        assert len(page.rows) == sum(count for status, count in page.counts if status in wanted)


async def test_both_ends_of_the_time_are_included_the_last_with_its_millisecond(world: World) -> None:
    """What is shown has milliseconds, so a copied time must find the run it was copied from (runtime.md 4.2)."""
    offsets = (-1, 0, 2_345, 2_999, 3_000)
    keys = [await world.add_run(started_at=NOON + timedelta(microseconds=offset)) for offset in offsets]
    run_filter = RunFilter(started_from=NOON, started_to=NOON + timedelta(milliseconds=2))
    page = await world.reader.page(RunQuery(world.tenant, run_filter, RunSort.STARTED_ASC))
    assert [row.key for row in page.rows] == keys[1:4]


async def found(world: World, text: str) -> set[UUID]:
    page = await world.reader.page(RunQuery(world.tenant, RunFilter(text=text), limit=500))
    return {row.key.run_id for row in page.rows}


async def test_text_is_a_run_id_its_beginning_or_a_correlation_key(world: World) -> None:
    first = await world.add_run(run_id=UUID("abcd1234-0000-4000-8000-000000000001"))
    second = await world.add_run(run_id=UUID("abcd1234-ffff-4000-8000-000000000002"))
    waiting = await world.add_run()
    task = uuid4()
    await world.add_wait(waiting, key="ticket:7%")
    await world.add_wait(waiting, key=str(task), wait_type="human", status="RESOLVED")
    foreign = await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id)
    await world.add_wait(foreign, key="ticket:7%")
    assert await found(world, str(first.run_id)) == {first.run_id}
    assert await found(world, str(first.run_id).upper()) == {first.run_id}
    assert {first.run_id, second.run_id} <= await found(world, "abcd1234")
    assert await found(world, "abcd1234-f") == {second.run_id}
    assert await found(world, " ticket:7% ") == {waiting.run_id}
    assert await found(world, "ticket:7") == set()
    assert await found(world, "ticket:_%") == set()
    assert await found(world, "TICKET:7%") == set()
    assert await found(world, str(task)) == {waiting.run_id}
    assert await found(world, "abcd1234f") == set()
    assert await found(world, "nul\0l") == await found(world, "\ud800") == set()


async def test_every_beginning_of_a_run_id_is_a_range_around_it() -> None:
    run_id = uuid4()
    for length in range(1, 37):
        bounds = run_id_range(str(run_id)[:length])
        assert bounds is not None
        assert bounds[0] <= run_id <= bounds[1]
    assert run_id_range(str(run_id)) == (run_id, run_id)
    assert run_id_range("12345678-12345") is None
    assert run_id_range("xyz") is None


async def test_a_query_that_cannot_be_answered_is_refused(plain_world: World) -> None:
    tenant = plain_world.tenant
    refused = {
        RunQuery(tenant, limit=0): "page.limit",
        RunQuery(tenant, limit=501): "page.limit",
        RunQuery(tenant, after="nonsense"): "cursor.invalid",
    }
    for query, code in refused.items():
        with pytest.raises(InvalidInput) as refusal:
            await plain_world.reader.page(query)
        assert refusal.value.code == code


async def test_a_cursor_of_another_sort_is_refused(plain_world: World) -> None:
    for _ in range(2):
        await plain_world.add_run()
    cursor = (await plain_world.reader.page(RunQuery(plain_world.tenant, limit=1))).next
    with pytest.raises(InvalidInput) as refusal:
        await plain_world.reader.page(RunQuery(plain_world.tenant, sort=RunSort.UPDATED_ASC, after=cursor))
    assert refusal.value.code == "cursor.sort"


async def only_row(world: World) -> RunRow:
    (row,) = (await world.reader.page(RunQuery(world.tenant))).rows
    return row


async def test_a_row_carries_all_that_its_cells_need(world: World) -> None:
    source = uuid4()
    key = await world.add_run(
        seconds_ago=100,
        event_type="TICKET_CREATED",
        trigger_type="event",
        node_path="root.steps[0]",
        trigger_metadata_json={"replayOfRunId": str(source), "reason": "again"},
    )
    await world.add_step(key)
    await world.add_wait(key, event_name="OLD", created_at=NOON)
    newest = NOON + timedelta(hours=1)
    await world.add_wait(key, event_name="REPLY", created_at=newest, timeout_at=newest)
    await world.add_wait(key, event_name="DONE", status="RESOLVED")
    row = await only_row(world)
    assert (row.key, row.workflow_name, row.workflow_version, row.engine) == (key, "Ticket triage", 1, "temporal")
    assert (row.event_type, row.trigger_type, row.node_path) == ("TICKET_CREATED", "event", "root.steps[0]")
    assert 100 <= row.age_seconds < 160
    assert row.started_at.tzinfo is not None
    assert row.open_wait is not None
    assert (row.open_wait.event_name, row.open_wait.timeout_at) == ("REPLY", newest)
    assert (row.state, row.has_steps, row.stuck, row.replay_of) == (EffectiveState.WAITING_EVENT, True, False, source)
    assert row.error_text is None


async def test_metadata_that_names_no_run_is_no_replay(world: World) -> None:
    await world.add_run(trigger_metadata_json={"replayOfRunId": "not a uuid"})
    assert (await only_row(world)).replay_of is None


async def test_a_workflow_of_another_tenant_gives_no_name(plain_world: World) -> None:
    await plain_world.add_run(workflow_id=plain_world.other_workflow_id)
    assert (await only_row(plain_world)).workflow_name is None


async def test_live_rows_are_those_asked_for(world: World) -> None:
    older, newer = await world.add_run(seconds_ago=9), await world.add_run(seconds_ago=1)
    await world.add_run()
    foreign = await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id)
    ids = (older.run_id, newer.run_id, foreign.run_id, uuid4())
    assert [row.key for row in await world.reader.rows(world.tenant, ids)] == [newer, older]
    assert await world.reader.rows(world.tenant, ()) == ()


async def test_runs_without_a_tenant_are_listed_apart(plain_world: World) -> None:
    workflow = await plain_world.add_workflow(uuid4(), None, "Nobody's")
    mine = await plain_world.add_run()
    stray = await plain_world.add_run(tenant=None, workflow_id=workflow, seconds_ago=61)
    page = await plain_world.reader.page(RunQuery(None))
    assert [(row.key, row.workflow_name, row.stuck) for row in page.rows] == [(stray, "Nobody's", True)]
    assert [row.key for row in (await plain_world.reader.page(RunQuery(plain_world.tenant))).rows] == [mine]
    assert (await plain_world.reader.stuck(None)).total == 1
    assert (await plain_world.reader.rows(None, (stray.run_id, mine.run_id)))[0].key == stray
