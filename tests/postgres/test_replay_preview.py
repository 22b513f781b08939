"""What a replay would meet, read from real rows of both shapes; raw values stay in the room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from app.domain import json_text
from app.domain.errors import ActionRefused, InvalidInput, NotFound
from app.domain.headroom import QuotaUnknown, StepQuota
from app.domain.launching import CopiedPayload, PatchOperation
from app.domain.payload_schema import SchemaState
from app.domain.replay_preview import VersionChoice
from app.domain.run import JsonValue, RunKey
from app.domain.side_effects import ActionUse
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.postgres.replay_preview import PostgresPreviewReader
from app.postgres.tables import workflow_definition_versions, workflow_step_usage_periods
from tests.postgres.world import DEFINITION, World

pytestmark = pytest.mark.asyncio

SECRET = "sk-live-0123456789abcdef"
SCHEMA = {
    "type": "object",
    "required": ["client"],
    "additionalProperties": False,
    "properties": {
        "client": {"type": "string"},
        "apiKey": {"type": "string", "maxLength": 5},
        "amount": {"type": "number", "multipleOf": 1},
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


@pytest.fixture
def reader(world: World) -> PostgresPreviewReader:
    return PostgresPreviewReader(world.database)


@pytest.fixture
def schemas(world: World) -> PostgresPayloadSchemas:
    return PostgresPayloadSchemas(world.database)


async def set_schema(world: World, schema: Any) -> None:
    versions = workflow_definition_versions
    async with world.database.writing(None) as connection:
        of_workflow = versions.c.workflow_id == world.workflow_id
        await connection.execute(update(versions).where(of_workflow).values(payload_schema_json=schema))


async def test_the_patched_copy_is_checked_as_the_launch_would_store_it(
    world: World, schemas: PostgresPayloadSchemas
) -> None:
    await set_schema(world, SCHEMA)
    key = await world.add_run(input_json={"client": "Emerald", "amount": json_text.parse("1.10")})
    at = (world.tenant, world.workflow_id, 1)
    stored = await schemas.check_copy(*at, CopiedPayload(key.run_id))
    assert [(fault.path, fault.constraint) for fault in stored.faults] == [("/amount", "1")]
    repair = (PatchOperation("replace", ("amount",), "12345678901234567890123456789"),)
    assert (await schemas.check_copy(*at, CopiedPayload(key.run_id, repair))).state is SchemaState.FITS
    broken = (PatchOperation("remove", ("client",)), PatchOperation("add", ("more",), "1"), *repair)
    faults = (await schemas.check_copy(*at, CopiedPayload(key.run_id, broken))).faults
    assert {(fault.path, fault.keyword) for fault in faults} == {
        ("/client", "required"),
        ("/more", "additionalProperties"),
    }
    assert (await schemas.check_given(world.tenant, world.workflow_id, None, '{"client": 1}')).fault_count == 1


async def test_no_masked_value_is_in_a_check_and_a_secret_name_ends_the_place(
    world: World, schemas: PostgresPayloadSchemas
) -> None:
    await set_schema(world, SCHEMA)
    key = await world.add_run(
        input_json={"client": "Emerald", "apiKey": SECRET, "extra": {SECRET: "no number", "open": "no number"}}
    )
    check = await schemas.check_copy(world.tenant, world.workflow_id, 1, CopiedPayload(key.run_id))
    assert {(fault.path, fault.keyword) for fault in check.faults} == {
        ("/apiKey", "maxLength"),
        ("/extra", "type"),
        ("/extra/open", "type"),
    }
    assert SECRET not in repr(check)


async def test_a_check_that_cannot_be_made_says_why(world: World, schemas: PostgresPayloadSchemas) -> None:
    key = await world.add_run(input_json={"client": "Emerald"})
    at = (world.tenant, world.workflow_id)
    assert (await schemas.check_copy(*at, 1, CopiedPayload(key.run_id))).state is SchemaState.NO_SCHEMA
    await set_schema(world, {"type": "strin"})
    assert (await schemas.check_copy(*at, 1, CopiedPayload(key.run_id))).state is SchemaState.CANNOT_CHECK
    await set_schema(world, SCHEMA)
    with pytest.raises(NotFound, match="no version 9"):
        await schemas.check_copy(*at, 9, CopiedPayload(key.run_id))
    with pytest.raises(NotFound, match="no run"):
        await schemas.check_copy(*at, 1, CopiedPayload(uuid4()))
    with pytest.raises(ActionRefused, match="changed"):
        await schemas.check_copy(*at, 1, CopiedPayload(key.run_id, expected_hash="another"))
    with pytest.raises(InvalidInput, match="does not fit"):
        await schemas.check_copy(*at, 1, CopiedPayload(key.run_id, (PatchOperation("remove", ("missing",)),)))
    with pytest.raises(InvalidInput, match="cannot store"):
        await schemas.check_given(*at, 1, '{"client": "\\u0000"}')
    with pytest.raises(NotFound, match="no published version"):
        await schemas.check_given(world.tenant, uuid4(), None, "{}")


async def test_versions_are_compared_and_their_secrets_masked(world: World, reader: PostgresPreviewReader) -> None:
    assert isinstance(DEFINITION, dict)
    newer = {**DEFINITION, "version": 2, "trigger": {"type": "event", "eventName": "X", "apiKey": SECRET}}
    await world.add_version(world.workflow_id, world.tenant, 2, newer)
    key = await world.add_run(status="FAILED")
    own = await reader.versions(key, VersionChoice.OWN)
    assert (own.own, own.latest, own.chosen, own.differences) == (1, 2, 1, ())
    latest = await reader.versions(key, VersionChoice.LATEST)
    assert (latest.chosen, latest.own_exists, latest.chosen_exists) == (2, True, True)
    (change,) = latest.differences
    assert [member.pointer for member in change.members] == ["/trigger"]
    assert SECRET not in repr(latest)
    missing = await reader.versions(key, 7)
    assert (missing.chosen, missing.chosen_exists, missing.differences) == (7, False, ())
    gone = await world.add_run(workflow_version=99)
    assert not (await reader.versions(gone, VersionChoice.LATEST)).own_exists
    with pytest.raises(NotFound):
        await reader.versions(RunKey(world.tenant, uuid4()), VersionChoice.OWN)


async def test_the_older_version_is_shown_without_a_secret_that_the_newer_one_names(
    world: World, reader: PostgresPreviewReader
) -> None:
    def step(**mapping: str) -> JsonValue:
        config: JsonValue = {"actionId": "a", "version": 1, "inputMapping": dict(mapping)}
        return {"name": "W", "steps": [{"id": "s", "type": "action.call", "config": config}]}

    await world.add_version(world.workflow_id, world.tenant, 2, step(note=f"call it with {SECRET}"))
    await world.add_version(world.workflow_id, world.tenant, 3, step(apiToken=SECRET))
    key = await world.add_run(status="FAILED", workflow_version=2)
    found = await reader.versions(key, VersionChoice.LATEST)
    assert found.differences
    assert SECRET not in repr(found)


async def test_headroom_is_what_the_gates_would_see_with_the_quota_of_this_moment(
    world: World, reader: PostgresPreviewReader
) -> None:
    await world.add_run()
    await world.add_run(seconds_ago=300, status="FAILED")
    room = await reader.headroom(world.tenant, world.workflow_id)
    assert (room.gates.active_runs, room.gates.starts_in_window, room.gates.starts_per_minute) == (1, 1, 60)
    assert (room.quota, room.quota_unknown) == (None, QuotaUnknown.NO_COUNTER)
    now = datetime.now(UTC)
    begin, end = now - timedelta(days=3), now + timedelta(days=27)
    period = {"tenant": world.tenant, "period_source": "fallback_calendar", "limit_source": "tier_default"}
    await world.add(
        workflow_step_usage_periods,
        {**period, "period_start": begin, "period_end": end, "effective_limit": 750, "used_count": 12, "tier": "pro"},
        {**period, "period_start": begin, "period_end": now - timedelta(days=1), "used_count": 99, "tier": "solo"},
        {
            **period,
            "tenant": world.other_tenant,
            "period_start": begin,
            "period_end": end,
            "used_count": 7,
            "tier": "solo",
        },
    )
    room = await reader.headroom(world.tenant, world.workflow_id)
    assert room.quota == StepQuota(begin, end, 12, 750, "pro")
    assert room.quota_unknown is None
    await world.execute("UPDATE tenants SET plan = 'solo'")
    room = await reader.headroom(world.tenant, world.workflow_id)
    assert room.quota == StepQuota(begin, end, 12, 150, "pro"), "the plan of now decides about the next step"


async def test_actions_are_counted_with_those_of_child_runs_and_in_one_go(
    world: World, reader: PostgresPreviewReader
) -> None:
    inner = await world.add_workflow(uuid4(), world.tenant, "Inner", published=False)  # its definition is gone
    call = {"id": "call", "type": "control.callWorkflow", "workflowId": str(inner), "workflowVersion": 1}
    loop_of_calls = {"id": "loop", "type": "control.forEach", "body": [call]}
    await world.add_version(world.workflow_id, world.tenant, 2, {"steps": [{"type": 3}, "odd", loop_of_calls]})
    key, idle = await world.add_run(status="FAILED", workflow_version=2), await world.add_run()
    child = await world.add_run(parent_run_id=key.run_id, workflow_id=inner)
    grandchild = await world.add_run(parent_run_id=child.run_id)
    loop = {"step_path": "root.steps[1].body.steps[0]", "action_id": "tickets.add_comment"}
    for number in range(3):
        await world.add_invocation(key, idempotency_key=f"{key.tenant}:{key.run_id}:{number}", **loop)
    await world.add_invocation(key, idempotency_key=f"{key.tenant}:order-17", action_id="email.send")
    await world.add_invocation(key, idempotency_key=f"{key.tenant}:{uuid4()}:x", action_id="crm.x", status="FAILED")
    await world.add_invocation(
        grandchild, idempotency_key=f"{key.tenant}:{grandchild.run_id}:x", action_id="clients.update"
    )
    uses = await reader.action_uses(world.tenant, (key.run_id, idle.run_id))
    assert uses[idle.run_id] == ()
    path = "root.steps[0]"
    assert set(uses[key.run_id]) == {
        ActionUse("tickets.add_comment", 1, loop["step_path"], "SUCCEEDED", authored_key=False, count=3),
        ActionUse("email.send", 1, path, "SUCCEEDED", authored_key=True),
        ActionUse("crm.x", 1, path, "FAILED", authored_key=True),
        ActionUse("clients.update", 1, path, "SUCCEEDED", authored_key=False, in_child=True),
    }


async def test_earlier_replays_are_told_with_redacted_reasons(world: World, reader: PostgresPreviewReader) -> None:
    key = await world.add_run(status="FAILED", input_json={"apiKey": SECRET})
    metadata = {"replayOfRunId": str(key.run_id), "reason": f"with {SECRET}"}
    replay = await world.add_run(status="SUCCEEDED", trigger_metadata_json=metadata)
    (link,) = await reader.replays(key)
    assert (link.run_id, link.status) == (replay.run_id, "SUCCEEDED")
    assert SECRET not in repr(link)
