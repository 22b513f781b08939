"""Admission: what a launch writes, what closes it, and that no race gets past a gate."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.domain.definition_hash import definition_hash
from app.domain.errors import ActionRefused, GateClosed, RuleViolation
from app.domain.launching import LaunchOrder, NewPayload
from app.domain.run import JsonValue
from app.postgres.database import Database
from app.postgres.run_writer import PostgresRunWriter
from app.postgres.tables import workflow_definitions, workflow_run_logs, workflow_runs
from app.services.ports import AdmittedLaunch
from tests.conftest import TestDatabase
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio


async def hash_of_the_version(world: World) -> str | None:
    query = text("SELECT definition_json::text FROM workflow_definition_versions WHERE workflow_id = :workflow_id")
    async with world.database.reading() as connection:
        return definition_hash(await connection.scalar(query, {"workflow_id": world.workflow_id}))


async def test_the_row_and_the_log_of_a_launch(world: World) -> None:
    order = world.order(
        NewPayload('{"b": 1.50, "a": "ü"}'),
        trigger_type="event",
        trigger_metadata={"eventType": "TICKET_CREATED"},
        trigger_fire_key="inbound-webhook:1",
        event_type="TICKET_CREATED",
        source_payload_schema_ref="payload.Ticket.v1",
        trigger_mapping_applied=True,
        execution_key="inbound-webhook:1",
    )
    admitted = await world.writer.admit(order)
    assert admitted == AdmittedLaunch(
        run_id=order.request_id,
        workflow_id=world.workflow_id,
        workflow_version=1,
        created=True,
        same_request=False,
        status="RUNNING",
        has_temporal_ids=False,
        trigger_type="event",
        execution_key="inbound-webhook:1",
    )
    row = dict(await world.row(workflow_runs, run_id=order.request_id))
    started, updated = row.pop("started_at"), row.pop("updated_at")
    assert started == updated
    assert {name: value for name, value in row.items() if value is not None} == {
        "run_id": order.request_id,
        "tenant": world.tenant,
        "workflow_id": world.workflow_id,
        "workflow_version": 1,
        "status": "RUNNING",
        "node_path": "root.steps[0]",
        "input_json": {"b": Decimal("1.50"), "a": "ü"},
        "trigger_type": "event",
        "trigger_metadata_json": {"eventType": "TICKET_CREATED"},
        "trigger_fire_key": "inbound-webhook:1",
        "event_type": "TICKET_CREATED",
        "source_payload_schema_ref": "payload.Ticket.v1",
        "trigger_mapping_applied": True,
        "engine": "temporal",
        "definition_hash": await hash_of_the_version(world),
        "runtime_semantics_version": "2026-04-08.temporal-native.v1",
    }
    log = await world.row(workflow_run_logs, run_id=order.request_id)
    assert (log["level"], log["message"], log["source"], log["tenant"]) == (
        "INFO",
        "Run started",
        "runtime",
        world.tenant,
    )
    assert log["context_json"] == {
        "workflowId": str(world.workflow_id),
        "workflowVersion": 1,
        "payloadSizeBytes": len('{"a":"ü","b":1.50}'),
        "triggerType": "event",
        "triggerMetadata": {"eventType": "TICKET_CREATED"},
        "triggerFireKey": "inbound-webhook:1",
        "triggerEventName": "TICKET_CREATED",
        "eventType": "TICKET_CREATED",
        "sourcePayloadSchemaRef": "payload.Ticket.v1",
        "triggerMappingApplied": True,
    }


async def test_the_same_request_continues_the_first(world: World) -> None:
    order = world.order()
    first = await world.writer.admit(order)
    again = await world.writer.admit(replace(order, payload=NewPayload('{"other": 1}')))
    assert again == replace(first, created=False, same_request=True)
    assert len(await world.rows(workflow_runs)) == len(await world.rows(workflow_run_logs)) == 1


async def test_the_same_request_is_answered_although_a_gate_has_closed(world: World) -> None:
    order = world.order()
    await world.writer.admit(order)
    await world.execute("UPDATE workflow_definitions SET is_paused = true")
    assert (await world.writer.admit(order)).same_request


async def test_an_earlier_run_says_what_became_of_it(world: World) -> None:
    order = world.order()
    await world.writer.admit(order)
    await world.execute("UPDATE workflow_runs SET status = 'SUCCEEDED', temporal_run_id = 'r'")
    again = await world.writer.admit(order)
    assert (again.status, again.has_temporal_ids) == ("SUCCEEDED", True)


async def test_a_fire_key_is_used_once_per_tenant(world: World) -> None:
    first = world.order(trigger_fire_key="workflow-schedule-fire:1:2")
    await world.writer.admit(first)
    await world.add_version(world.workflow_id, world.tenant, 2)
    second = await world.writer.admit(replace(first, request_id=uuid4()))
    assert (second.run_id, second.created, second.same_request) == (first.request_id, False, False)
    assert second.workflow_version == 1
    assert len(await world.rows(workflow_runs)) == 1


async def test_a_fire_key_of_another_tenant(world: World) -> None:
    first = world.order(trigger_fire_key="inbound-webhook:7")
    await world.writer.admit(first)
    foreign = replace(first, tenant=world.other_tenant, workflow_id=world.other_workflow_id, request_id=uuid4())
    if await unique_fire_keys(world):
        with pytest.raises(ActionRefused) as refusal:
            await world.writer.admit(foreign)
        assert refusal.value.code == "launch.taken"
    else:
        assert (await world.writer.admit(foreign)).created


async def unique_fire_keys(world: World) -> bool:
    query = text("SELECT to_regclass('workflow_runs_trigger_fire_key_unique') IS NOT NULL")
    async with world.database.reading() as connection:
        return bool(await connection.scalar(query))


async def test_the_newest_version_of_the_tenant_is_launched(world: World) -> None:
    await world.add_version(world.workflow_id, world.tenant, 2)
    newest, asked = world.order(), world.order(workflow_version=1)
    assert (await world.writer.admit(newest)).workflow_version == 2
    assert (await world.writer.admit(asked)).workflow_version == 1


async def test_a_definition_whose_hash_is_unsure_gets_none(world: World) -> None:
    await world.add_version(world.workflow_id, world.tenant, 2, {"id": "x", "steps": [], "n": 10**400})
    order = world.order()
    await world.writer.admit(order)
    assert (await world.row(workflow_runs, run_id=order.request_id))["definition_hash"] is None


async def refusal_of(world: World, order: LaunchOrder) -> str:
    with pytest.raises(RuleViolation) as refusal:
        await world.writer.admit(order)
    assert await world.rows(workflow_runs, run_id=order.request_id) == []
    assert await world.rows(workflow_run_logs, run_id=order.request_id) == []
    return refusal.value.code


async def test_what_does_not_exist_in_the_tenant_is_not_found(world: World) -> None:
    draft = await world.add_workflow(uuid4(), world.tenant, "Draft", published=False)
    assert await refusal_of(world, world.order(workflow_id=uuid4())) == "workflow.not_found"
    assert await refusal_of(world, world.order(workflow_id=world.other_workflow_id)) == "workflow.not_found"
    assert await refusal_of(world, world.order(workflow_version=2)) == "version.not_found"
    assert await refusal_of(world, world.order(workflow_id=draft)) == "version.none_published"


async def test_closed_gates_write_nothing(world: World) -> None:
    await world.add_run(status="WAITING", seconds_ago=500)
    await world.execute("UPDATE workflow_definitions SET concurrency_limit = 1")
    assert await refusal_of(world, world.order()) == "launch.concurrency"
    await world.execute("UPDATE workflow_definitions SET is_paused = true")
    assert await refusal_of(world, world.order()) == "launch.paused"


async def test_only_active_runs_of_the_workflow_count_against_its_limit(world: World) -> None:
    await world.execute("UPDATE workflow_definitions SET concurrency_limit = 1")
    await world.add_run(status="FAILED")
    other = await world.add_workflow(uuid4(), world.tenant, "Other")
    await world.add_run(workflow_id=other)
    await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id)
    await world.writer.admit(world.order())
    assert await refusal_of(world, world.order()) == "launch.concurrency"


async def test_no_limit_and_zero_are_unlimited(world: World) -> None:
    for limit in ("NULL", "0"):
        await world.execute(f"UPDATE workflow_definitions SET concurrency_limit = {limit}")
        for _ in range(3):
            await world.writer.admit(world.order())


async def test_the_rate_counts_the_tenants_last_minute(world: World) -> None:
    await world.set_settings({"rundesk": {"startsPerMinute": 2}})
    other = await world.add_workflow(uuid4(), world.tenant, "Other")
    await world.add_run(workflow_id=other, status="SUCCEEDED", seconds_ago=50)
    await world.add_run(seconds_ago=70)
    await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id)
    await world.writer.admit(world.order())
    assert await refusal_of(world, world.order()) == "launch.rate"


async def test_sixty_a_minute_unless_the_tenant_says_otherwise(plain_world: World) -> None:
    await plain_world.execute(
        "INSERT INTO workflow_runs (tenant, workflow_id, workflow_version, status) "
        "SELECT :tenant, :workflow_id, 1, 'SUCCEEDED' FROM generate_series(1, 59)",
        tenant=plain_world.tenant,
        workflow_id=plain_world.workflow_id,
    )
    await plain_world.writer.admit(plain_world.order())
    unusable: list[JsonValue] = [None, {}, {"rundesk": 5}, {"rundesk": {"startsPerMinute": "many"}}]
    for settings in unusable:
        await plain_world.set_settings(settings)
        assert await refusal_of(plain_world, plain_world.order()) == "launch.rate"
    await plain_world.set_settings({"rundesk": {"startsPerMinute": 61}})
    await plain_world.writer.admit(plain_world.order())


@pytest.mark.parametrize("gate", ["launch.concurrency", "launch.rate"])
async def test_two_consoles_starting_fifty_at_once_never_exceed_five(shaped_database: TestDatabase, gate: str) -> None:
    consoles = [Database.open(shaped_database.url) for _ in range(2)]
    world = await World.make(consoles[0])
    if gate == "launch.rate":
        await world.set_settings({"rundesk": {"startsPerMinute": 5}})
    else:
        await world.execute("UPDATE workflow_definitions SET concurrency_limit = 5")

    async def start(console: Database) -> str:
        try:
            await PostgresRunWriter(console).admit(world.order())
        except GateClosed as closed:
            return closed.code
        return "started"

    outcomes = await asyncio.gather(*(start(consoles[number % 2]) for number in range(50)))
    assert sorted(outcomes) == sorted([gate] * 45 + ["started"] * 5)
    assert len(await world.rows(workflow_runs)) == 5
    for console in consoles:
        await console.dispose()


async def test_one_fire_key_fifty_times_at_once_is_one_run(shaped_database: TestDatabase) -> None:
    consoles = [Database.open(shaped_database.url) for _ in range(2)]
    world = await World.make(consoles[0])
    other = await world.add_workflow(uuid4(), world.tenant, "Other")
    orders = [
        world.order(trigger_fire_key="inbound-webhook:1", workflow_id=(world.workflow_id, other)[number % 2])
        for number in range(50)
    ]
    writers = [PostgresRunWriter(console) for console in consoles]
    admitted = await asyncio.gather(*(writers[number % 2].admit(order) for number, order in enumerate(orders)))
    assert sum(one.created for one in admitted) == 1
    assert len({one.run_id for one in admitted}) == len(await world.rows(workflow_runs)) == 1
    for console in consoles:
        await console.dispose()


async def test_a_run_is_dated_when_it_is_inserted_not_when_it_began_to_wait(plain_world: World) -> None:
    """The launch waits for the lock; its row must not look older than the run that was admitted before it."""
    first, second = plain_world.order(), plain_world.order()
    await asyncio.gather(plain_world.writer.admit(first), plain_world.writer.admit(second))
    logs = {row["run_id"]: row["created_at"] for row in await plain_world.rows(workflow_run_logs)}
    starts = {row["run_id"]: row["started_at"] for row in await plain_world.rows(workflow_runs)}
    one, two = sorted(starts, key=lambda run_id: starts[run_id])
    assert starts[one] <= logs[one] < starts[two]


async def test_launching_leaves_the_definition_alone(world: World) -> None:
    before = await world.rows(workflow_definitions)
    await world.writer.admit(world.order())
    assert await world.rows(workflow_definitions) == before


async def test_no_row_before_what_must_come_first(world: World) -> None:
    order = world.order()
    rows_meanwhile: list[int] = []

    async def note_it() -> None:
        rows_meanwhile.append(len(await world.rows(workflow_runs, run_id=order.request_id)))

    await world.writer.admit(order, note_it)
    assert rows_meanwhile == [0]
    assert len(await world.rows(workflow_runs, run_id=order.request_id)) == 1


async def test_no_row_when_what_must_come_first_fails(world: World) -> None:
    order = world.order()

    async def fail() -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        await world.writer.admit(order, fail)
    assert await world.rows(workflow_runs, run_id=order.request_id) == []
    assert (await world.writer.admit(order)).created
