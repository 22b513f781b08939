"""The ways out on both shapes: every statement names its tenant, no UPDATE calls what Citus refuses, guards hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text

from app.domain.launching import AuditNote, RunNote
from app.domain.repair import ClosedProjection
from app.domain.run_message import EventMessage
from app.postgres.database import Database
from app.postgres.examination import PostgresExamination
from app.postgres.quota_pauses import PostgresQuotaStore
from app.postgres.repair_store import PostgresRepairStore
from app.postgres.stranded_runs import PostgresStrandedStore
from app.postgres.tables import audit_logs, workflow_run_waits, workflow_runs, workflow_runtime_events
from app.services.ports import ActionRecord
from app.services.repair_ports import FinalizeAct
from tests.postgres.test_tenant_in_sql import tables_without_tenant
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

MOMENT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FAILED = ClosedProjection("FAILED", "FAILED", MOMENT, {"message": "m", "stage": "repair", "category": "Terminated"})


@pytest.fixture
def statements(shaped: Database) -> Iterator[list[str]]:
    """Collect the text of every statement that reaches the driver."""
    seen: list[str] = []

    def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(shaped._engine.sync_engine, "before_cursor_execute", collect)
    yield seen
    event.remove(shaped._engine.sync_engine, "before_cursor_execute", collect)


def record_on(world: World, run_id: object) -> ActionRecord:
    audit = AuditNote("workflow_run_repair", run_id, {}, {})
    return ActionRecord(uuid4(), world.operator(), (RunNote(run_id, "WARN", "note"),), audit)


async def take_every_way_out(world: World) -> None:
    """Use every method of every store once."""
    stranded, quota, repair = (
        PostgresStrandedStore(world.database),
        PostgresQuotaStore(world.database),
        PostgresRepairStore(world.database),
    )
    legacy = await world.add_run(engine="db")
    paused = await world.add_run(status="WAITING", node_path="root.steps[0]")
    pause = await world.add_wait(paused, wait_type="quota", status="WAITING")
    lost, closed = await world.add_run(), await world.add_run()
    await world.add_step(closed)
    wait = await world.add_wait(closed, wait_type="human", status="WAITING", payload={"formSchema": {"schema": {}}})

    (page,) = (await stranded.page(world.tenant, None, 10)).runs
    assert page.key == legacy
    await stranded.page(world.tenant, legacy.run_id, 10)
    act = FinalizeAct(uuid4(), world.operator(), "why", MOMENT)
    assert await stranded.finalize(world.tenant, (legacy.run_id, lost.run_id), act) == (legacy.run_id,)
    assert await stranded.finalize(world.tenant, (legacy.run_id,), act) == ()

    assert (await quota.facts(paused)).wait is not None
    assert await quota.resume(paused, pause, record_on(world, paused.run_id))
    assert not await quota.resume(paused, pause, record_on(world, paused.run_id))

    facts = await repair.facts(closed)
    assert (facts.started_steps, len(facts.open_waits)) == (("root.steps[0]",), 1)
    record = record_on(world, lost.run_id)
    assert await repair.fail_launch(lost, "m", record)
    assert not await repair.fail_launch(lost, "m", record)
    assert not await repair.fail_launch(closed, "m", record)
    assert await repair.is_recorded(world.tenant, record.request_id)
    assert not await repair.is_recorded(world.other_tenant, record.request_id)
    assert await repair.shown(closed, "m") == "m"
    await repair.check_response(closed, wait, {})
    event_row = EventMessage(uuid4(), "REPLY", "k", {"a": 1}, MOMENT)
    for _ in range(2):
        await repair.record_event(closed, event_row, record_on(world, closed.run_id))
    assert (await repair.recorded_event(world.tenant, event_row.event_id)).correlation_key == "k"
    await repair.complete_task(closed, uuid4(), {}, record_on(world, closed.run_id))
    assert await repair.wait_status(closed, wait) == "WAITING"
    assert await repair.project(closed, FAILED, record_on(world, closed.run_id))
    assert not await repair.project(closed, FAILED, record_on(world, closed.run_id))


async def test_statements_carry_the_tenant_and_updates_call_nothing_volatile(
    world: World, statements: list[str]
) -> None:
    await take_every_way_out(world)
    await PostgresExamination(world.database).examine()
    assert [statement for statement in statements if tables_without_tenant(statement)] == []
    updates = [statement for statement in statements if statement.startswith("UPDATE")]
    assert len(updates) > 12
    called = {name for statement in updates for name in re.findall(r"(\w+)\(", statement)}
    volatile = "SELECT proname FROM pg_proc WHERE provolatile = 'v' AND proname = ANY(:names)"
    async with world.database.reading() as connection:
        assert list(await connection.scalars(text(volatile), {"names": sorted(called)})) == []


async def test_what_was_written_stays_within_its_tenant_and_its_guards(world: World) -> None:
    await take_every_way_out(world)
    runs = {row["run_id"]: row for row in await world.rows(workflow_runs, tenant=world.tenant)}
    assert sorted(row["status"] for row in runs.values()) == ["CANCELED", "FAILED", "FAILED", "RUNNING"]
    assert {row["tenant"] for row in await world.rows(audit_logs)} == {world.tenant}
    assert len(await world.rows(workflow_runtime_events)) == 1
    assert {row["status"] for row in await world.rows(workflow_run_waits)} == {"RESOLVED", "CANCELED"}
