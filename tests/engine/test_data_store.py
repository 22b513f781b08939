"""The data store: writes that compare first, deletes, and the sweep that is never fatal (database.md 2.7)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.engine import make_url

from app.domain.run import RunKey
from app.engine.expiry_sweep import ExpirySweep
from app.engine.periodic import Periodic
from app.postgres.database import Database
from app.postgres.projection_store import DataStore, NewValue
from tests.conftest import TestDatabase
from tests.engine.bench import Bench, action, assign, create_tenant, until
from tests.temporal.breakable_proxy import breakable_proxy

pytestmark = pytest.mark.asyncio

ADDRESS = {"namespace": "n", "key": "k"}


async def expire(bench: Bench, tenant: UUID, number: int) -> None:
    statement = (
        "INSERT INTO workflow_data_store (tenant, namespace, key, value, expires_at)"
        " SELECT CAST(:t AS uuid), 'old', n::text, '1', now() - interval '1 minute' FROM generate_series(1, :n) AS n"
    )
    await bench.execute(statement, t=tenant, n=number)


async def left(bench: Bench, tenant: UUID) -> int:
    (row,) = await bench.query("SELECT count(*) AS n FROM workflow_data_store WHERE tenant = :t", t=tenant)
    return int(row["n"])


async def test_a_write_that_comes_too_late_fails_with_conflict_and_changes_nothing(bench: Bench) -> None:
    def swap(step_id: str, expected: int, value: str) -> dict[str, object]:
        mapping = {**ADDRESS, "expectedRevision": expected, "value": value}
        return action(step_id, "store.compareAndSet", mapping, saveAs=f"vars.{step_id}")

    late = {
        "id": "guard",
        "type": "control.tryCatch",
        "try": [swap("late", 1, "lost")],
        "catch": [assign("caught", vars__code="error.code", vars__there="error.details.revision")],
    }
    read = action("read", "store.get", ADDRESS, saveAs="vars.read")
    run_id = await bench.finish([swap("first", 0, "a"), swap("second", 1, "b"), late, read])
    variables = (await bench.scopes(run_id))["workflow"]
    assert (variables["first"]["revision"], variables["second"]["revision"]) == (1, 2)
    assert (variables["code"], variables["there"]) == ("CONFLICT", 2)
    assert variables["read"] == {"found": True, "value": "b", "revision": 2}
    failed = next(row for row in await bench.invocations(run_id) if row["status"] == "FAILED")
    assert failed["error_json"]["code"] == "CONFLICT"


@pytest.mark.parametrize("expected", [0, 1])
async def test_of_many_that_expect_the_same_one_writes(idle_bench: Bench, expected: int) -> None:
    store, run = DataStore(idle_bench.database), RunKey(idle_bench.tenant, uuid4())
    if expected:
        await store.put(run, NewValue("n", "k", "before"))
    swaps = await asyncio.gather(
        *(store.compare_and_set(run, NewValue("n", "k", number), expected) for number in range(8))
    )
    (winner,) = [number for number, swap in enumerate(swaps) if swap.swapped]
    assert {swap.revision for swap in swaps} == {expected + 1}
    found = await store.get(idle_bench.tenant, "n", "k")
    assert found is not None
    assert (found.value, found.revision) == (winner, expected + 1)


async def test_an_expired_value_counts_as_none_for_every_write(idle_bench: Bench) -> None:
    store, run, tenant = DataStore(idle_bench.database), RunKey(idle_bench.tenant, uuid4()), idle_bench.tenant
    await expire(idle_bench, tenant, 1)
    assert not (await store.compare_and_set(run, NewValue("old", "1", "x"), 1)).swapped
    assert not await store.delete(tenant, "old", "1")
    await expire(idle_bench, tenant, 1)
    assert (await store.compare_and_set(run, NewValue("old", "1", "x", timedelta(hours=1)), 0)).swapped
    assert await store.delete(tenant, "old", "1")
    assert not await store.delete(tenant, "old", "1")


async def test_a_sweep_keeps_to_its_limits_and_to_what_has_expired(idle_bench: Bench) -> None:
    tenant, other = idle_bench.tenant, await create_tenant(idle_bench.database)
    await DataStore(idle_bench.database).put(RunKey(tenant, uuid4()), NewValue("n", "alive", 1, timedelta(hours=1)))
    await expire(idle_bench, tenant, 5)
    await expire(idle_bench, other, 2)
    sweep = ExpirySweep(idle_bench.database, tenants=1, batch=3)
    assert await sweep.sweep() == {"tenants": 1, "values deleted": 3}, "whoever has waited longest"
    whole = ExpirySweep(idle_bench.database, tenants=50, batch=1000)
    await whole.sweep()
    assert (await left(idle_bench, tenant), await left(idle_bench, other)) == (1, 0)
    assert await whole.sweep() == {"tenants": 0, "values deleted": 0}


async def test_a_sweep_outlives_an_outage_and_says_what_it_did(idle_bench: Bench, database: TestDatabase) -> None:
    url = make_url(database.url)
    await expire(idle_bench, idle_bench.tenant, 4)
    async with breakable_proxy(str(url.host), int(url.port or 0)) as proxy:
        behind = Database.open(url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False))
        part = Periodic("data_store_sweep", timedelta(milliseconds=50), ExpirySweep(behind, 50, 1000).sweep)
        stop = asyncio.Event()
        proxy.close()
        async with asyncio.TaskGroup() as group:
            group.create_task(part.run(stop))

            async def has_failed() -> bool:
                return part.counts.failures > 0

            await until(has_failed)
            assert part.is_alive
            assert part.counts.last_error == "DatabaseUnavailable"
            proxy.restore()

            async def has_swept() -> bool:
                return part.counts.counted.get("values deleted") == 4

            await until(has_swept)
            assert part.counts.last_error is None
            stop.set()
        assert not part.is_alive
        await behind.dispose()
    assert await left(idle_bench, idle_bench.tenant) == 0


async def test_a_bug_in_a_pass_ends_nothing() -> None:
    passes = 0

    async def broken() -> dict[str, int]:
        nonlocal passes
        passes += 1
        raise ValueError("ours")

    part, stop = Periodic("broken", timedelta(milliseconds=1), broken, at_once=True), asyncio.Event()

    async def has_gone_on() -> bool:
        return passes > 2

    async with asyncio.TaskGroup() as group:
        group.create_task(part.run(stop))
        await until(has_gone_on)
        assert part.is_alive
        stop.set()
    assert part.counts.last_error == "ValueError"
