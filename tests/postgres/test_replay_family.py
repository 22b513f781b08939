"""The family of a run read from real rows, in both shapes of the schema."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import JSON, cast, null

from app.domain.errors import NotFound
from app.domain.launching import AuditNote
from app.domain.placeholders import REDACTED
from app.domain.replay_chain import (
    MAX_FAMILY,
    MAX_GENERATIONS,
    FamilyRun,
    PayloadOrigin,
    Replayer,
    ReplayFamily,
    build_chain,
)
from app.domain.run import JsonValue, RunKey
from app.postgres.run_secrets import LEARNING_BUDGET_BYTES
from app.postgres.tables import users
from app.services.ports import ActionRecord
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

SECRET = "sk_live_9d8f7a6b5c"
INPUT: JsonValue = {"ticket": 7, "apiKey": SECRET}


async def add_replay(world: World, source: RunKey | UUID, **columns: Any) -> RunKey:
    source_id = source if isinstance(source, UUID) else source.run_id
    metadata = {"replayOfRunId": str(source_id), "reason": columns.pop("reason", "the mail server was down")}
    return await world.add_run(**{"trigger_metadata_json": metadata, "input_json": INPUT, **columns})


async def add_person(world: World, first: str | None, last: str | None, email: str) -> UUID:
    user_id = uuid4()
    row = {"tenant": world.tenant, "user_id": user_id, "username": email, "hashed_password": "-", "email": email}
    await world.add(users, {**row, "first_name": first, "last_name": last})
    return user_id


async def audit(world: World, source: RunKey, replay: RunKey, user_id: UUID) -> None:
    note = AuditNote("workflow_run_replay", source.run_id, {"replayedRunId": str(replay.run_id)}, {"reason": "r"})
    await world.writer.record(world.tenant, ActionRecord(uuid4(), world.operator(user_id=user_id), audit=note))


def by_id(family: ReplayFamily) -> dict[UUID, FamilyRun]:
    return {run.run_id: run for run in family.runs}


async def test_every_generation_says_who_why_and_with_what(world: World) -> None:
    original = await world.add_run(seconds_ago=90, status="FAILED", input_json=INPUT)
    reordered: JsonValue = {"apiKey": SECRET, "ticket": 7}
    first = await add_replay(world, original, seconds_ago=60, input_json=reordered, reason=f"key {SECRET} was wrong")
    second = await add_replay(world, first, seconds_ago=30, input_json={"ticket": 8}, workflow_version=2)
    beside = await add_replay(world, original, seconds_ago=10)
    gone = uuid4()
    await audit(world, original, first, await add_person(world, "Dana", "Reyes", "dana@example.com"))
    await audit(world, first, second, await add_person(world, None, None, "night@example.com"))
    await audit(world, original, beside, gone)

    for key in (original, first, second, beside):
        family = await world.reader.replay_family(key)
        runs = by_id(family)
        assert set(runs) == {original.run_id, first.run_id, second.run_id, beside.run_id}
        assert runs[original.run_id].origin is PayloadOrigin.ORIGINAL
        assert runs[first.run_id].origin is PayloadOrigin.VERBATIM
        assert runs[second.run_id].origin is PayloadOrigin.EDITED
        assert runs[second.run_id].workflow_version == 2
        assert runs[first.run_id].replayer == Replayer("Dana Reyes", "dana@example.com")
        assert runs[second.run_id].replayer == Replayer("night@example.com", "night@example.com")
        assert runs[beside.run_id].replayer is None
        assert runs[first.run_id].reason == f"key {REDACTED} was wrong"
        assert SECRET not in repr(family)
        assert not family.truncated_above
        assert not family.truncated_below


async def test_numbers_are_compared_with_every_digit(plain_world: World) -> None:
    source = await plain_world.add_run()
    await plain_world.execute(
        "UPDATE workflow_runs SET input_json = '{\"n\": 123456789012345678901234567890.1}' WHERE run_id = :run",
        run=source.run_id,
    )
    replay = await add_replay(plain_world, source)
    await plain_world.execute(
        "UPDATE workflow_runs SET input_json = '{\"n\": 123456789012345678901234567890.2}' WHERE run_id = :run",
        run=replay.run_id,
    )
    assert by_id(await plain_world.reader.replay_family(source))[replay.run_id].same_input is False


async def test_no_input_on_both_sides_is_verbatim(plain_world: World) -> None:
    nothing = cast(null(), JSON)
    source = await plain_world.add_run(input_json=nothing)
    replay = await add_replay(plain_world, source, input_json=nothing)
    assert by_id(await plain_world.reader.replay_family(source))[replay.run_id].same_input is True


async def test_another_tenants_runs_and_audit_do_not_count(world: World) -> None:
    original = await world.add_run(input_json=INPUT)
    foreign: dict[str, Any] = {"tenant": world.other_tenant, "workflow_id": world.other_workflow_id}
    await add_replay(world, original, **foreign)
    family = await world.reader.replay_family(original)
    assert set(by_id(family)) == {original.run_id}
    with pytest.raises(NotFound):
        await world.reader.replay_family(RunKey(world.other_tenant, original.run_id))


async def test_a_pointer_may_lead_in_a_circle_or_nowhere(plain_world: World) -> None:
    end, begin = uuid4(), uuid4()
    await add_replay(plain_world, end, run_id=begin, seconds_ago=20)
    await add_replay(plain_world, begin, run_id=end, seconds_ago=10)
    assert len((await plain_world.reader.replay_family(RunKey(plain_world.tenant, begin))).runs) == 2

    lost = await add_replay(plain_world, uuid4())
    chain = build_chain(await plain_world.reader.replay_family(lost))
    assert chain.origin_missing is not None
    assert chain.generations[0].run.origin is PayloadOrigin.UNKNOWN

    odd = await plain_world.add_run(trigger_metadata_json={"replayOfRunId": "not a run"})
    assert not build_chain(await plain_world.reader.replay_family(odd)).has_story


async def test_bounds_are_kept_and_told(plain_world: World) -> None:
    keys = [await plain_world.add_run(seconds_ago=1000)]
    for number in range(MAX_GENERATIONS + 2):
        keys.append(await add_replay(plain_world, keys[-1], seconds_ago=999 - number, input_json={}))
    ends = await plain_world.reader.replay_family(keys[0]), await plain_world.reader.replay_family(keys[-1])
    assert [(len(end.runs), end.truncated_above, end.truncated_below) for end in ends] == [
        (MAX_GENERATIONS + 1, False, True),
        (MAX_GENERATIONS + 1, True, False),
    ]
    whole = await plain_world.reader.replay_family(keys[MAX_GENERATIONS])
    assert (len(whole.runs), whole.truncated_above, whole.truncated_below) == (len(keys), False, False)

    popular = await plain_world.add_run()
    await plain_world.execute(
        "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, input_json,"
        " trigger_metadata_json) SELECT gen_random_uuid(), :tenant, :workflow, 1, 'FAILED', '{}',"
        " jsonb_build_object('replayOfRunId', CAST(:source AS text)) FROM generate_series(1, :count)",
        tenant=plain_world.tenant,
        workflow=plain_world.workflow_id,
        source=str(popular.run_id),
        count=MAX_FAMILY,
    )
    family = await plain_world.reader.replay_family(popular)
    assert (len(family.runs), family.truncated_below) == (MAX_FAMILY, True)


async def test_reasons_are_hidden_when_their_inputs_are_too_large_to_learn_from(plain_world: World) -> None:
    source = await plain_world.add_run(input_json={})
    large: JsonValue = {"apiKey": SECRET, "text": "x" * LEARNING_BUDGET_BYTES}
    await add_replay(plain_world, source, input_json=large, reason=f"with {SECRET}")
    family = await plain_world.reader.replay_family(source)
    assert [run.reason for run in family.runs if run.replay_of] == [REDACTED]


async def test_a_login_that_may_not_read_the_audit_sees_the_rest(plain_world: World) -> None:
    original = await plain_world.add_run(input_json=INPUT)
    replay = await add_replay(plain_world, original)
    await plain_world.execute("ALTER TABLE audit_logs RENAME TO audit_logs_elsewhere")
    runs = by_id(await plain_world.reader.replay_family(original))
    assert runs[replay.run_id].replayer is None
    assert runs[replay.run_id].same_input is True
