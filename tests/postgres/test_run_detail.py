"""The run page: everything of a run in one transaction, redacted with the secrets of that run."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete

from app.domain.errors import NotFound
from app.domain.run import JsonValue, RunInspection, RunKey
from app.domain.run_query import RunQuery
from app.postgres.tables import tenant_settings, workflow_run_snapshots, workflow_runs
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "s3cr3t-value-4711"


def spoken(value: Any) -> str:
    """Return everything that an object would show, as one text."""
    return json.dumps(dataclasses.asdict(value), default=str)


async def inspect(world: World, key: RunKey, *, documents: bool = False) -> RunInspection:
    return await world.reader.inspect(key, documents=documents)


async def test_a_run_is_shown_with_all_its_rows(world: World) -> None:
    source = await world.add_run(status="FAILED", completed_at=NOON, seconds_ago=500)
    metadata = {"replayOfRunId": str(source.run_id), "reason": "customer asked"}
    key = await world.add_run(
        input_json={"ticket": 7, "amount": Decimal("12345678901234567890.10")},
        trigger_metadata_json=metadata,
        temporal_workflow_id="workflow-runtime-v2:run:x",
        temporal_run_id="first",
        definition_hash="ab" * 32,
        runtime_semantics_version="v1",
    )
    replay = await world.add_run(trigger_metadata_json={"replayOfRunId": str(key.run_id), "reason": "once more"})
    second = await world.add_step(key, started_at=NOON + timedelta(seconds=2), definition_step_id="page", attempt=2)
    first = await world.add_step(key, started_at=NOON, status="SUCCEEDED", duration_ms=12)
    wait = await world.add_wait(key, payload={"eventName": "REPLY"}, timeout_at=NOON, key="ticket:7")
    invocation = await world.add_invocation(key, input_json={"id": 7}, output_json=None)
    await world.add_log(key, message="older", created_at=NOON)
    await world.add_log(key, message="newer", created_at=NOON + timedelta(seconds=1), context_json={"n": 1})
    shown = await inspect(world, key)
    run = shown.run
    assert run.input.value == {"ticket": 7, "amount": Decimal("12345678901234567890.10")}
    assert run.input_bytes == len('{"amount": 12345678901234567890.10, "ticket": 7}')
    assert (run.temporal_workflow_id, run.temporal_run_id) == ("workflow-runtime-v2:run:x", "first")
    assert (run.definition_hash, run.runtime_semantics_version) == ("ab" * 32, "v1")
    assert (run.replay_reason, run.trigger_metadata) == ("customer asked", metadata)
    assert run.source_run is not None
    assert (run.source_run.run_id, run.source_run.status) == (source.run_id, "FAILED")
    assert [(link.run_id, link.reason) for link in run.replays] == [(replay.run_id, "once more")]
    assert [(step.step_id, step.name, step.step_type) for step in shown.steps] == [
        (first, "Look up", "action.call"),
        (second, "Page someone", "action.call"),
    ]
    assert [(one.wait_id, one.key, one.payload) for one in shown.waits] == [(wait, "ticket:7", {"eventName": "REPLY"})]
    (one,) = shown.invocations
    assert (one.invocation_id, one.input_bytes, one.output_bytes, one.input) == (invocation, len('{"id": 7}'), 0, None)
    assert [(log.message, log.context) for log in shown.logs] == [("newer", {"n": 1}), ("older", None)]
    assert shown.error is None
    assert shown.redaction_closed is False
    assert abs(shown.read_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_run_of_another_tenant_does_not_exist(world: World) -> None:
    key = await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id)
    with pytest.raises(NotFound):
        await inspect(world, RunKey(world.tenant, key.run_id))
    with pytest.raises(NotFound):
        await world.writer.replay_source(RunKey(world.tenant, key.run_id))
    assert (await inspect(world, key)).run.row.key == key


async def test_no_part_of_a_run_shows_its_secrets(world: World) -> None:
    key = await world.add_run(
        status="FAILED",
        completed_at=NOON,
        input_json={"api_key": SECRET, "note": f"use {SECRET}", "list": [SECRET], "ok": "fine"},
        error_json={"message": f"denied for {SECRET}", "nodePath": "root.steps[0]"},
        trigger_metadata_json={"source": "inbound_webhook", "token": "another-hidden-9"},
    )
    await world.add_step(key, status="FAILED", error_json={"message": f"boom {SECRET}"}, started_at=NOON)
    await world.add_wait(key, payload={"echo": SECRET}, key=f"k-{SECRET}")
    await world.add_log(key, message=f"saw {SECRET} and resolved-in-clear-1", context_json={"seen": SECRET})
    await world.add_invocation(
        key,
        status="FAILED",
        created_at=NOON,
        input_json={"headers": {"Authorization": "resolved-in-clear-1"}, "url": "https://x"},
        error_message=f"401 resolved-in-clear-1 {SECRET}",
        error_json={"message": "401 resolved-in-clear-1", "code": "DENIED", "category": "ActionError"},
    )
    for documents in (False, True):
        shown = await inspect(world, key, documents=documents)
        for secret in (SECRET, "another-hidden-9", "resolved-in-clear-1"):
            assert secret not in spoken(shown)
        assert shown.error is not None
        assert (shown.error.source, shown.error.code) == ("invocation", "DENIED")
        assert shown.error.message == "401 [REDACTED] [REDACTED]"
    assert set(shown.run.input.masked) == {"/api_key", "/list/0", "/note"}
    (invocation,) = shown.invocations
    documents_of_one = await world.reader.invocation_documents(key, invocation.invocation_id)
    assert documents_of_one.input == invocation.input
    assert "resolved-in-clear-1" not in spoken(documents_of_one)
    (row,) = (await world.reader.page(RunQuery(world.tenant))).rows
    assert row.error_text == "401 [REDACTED] [REDACTED]"
    source = await world.writer.replay_source(key)
    assert SECRET not in spoken(source)
    assert source.redacted == shown.run.input


async def test_a_secret_known_only_from_an_invocation_is_hidden_in_the_input_too(plain_world: World) -> None:
    key = await plain_world.add_run(input_json={"url": f"https://host/{SECRET}"})
    await plain_world.add_invocation(key, input_json={"password": SECRET})
    assert SECRET not in spoken(await inspect(plain_world, key))
    assert SECRET not in spoken(await plain_world.writer.replay_source(key))


async def test_a_replay_is_edited_under_the_tenants_own_rules(world: World) -> None:
    await world.set_settings({"workflowRunStudio": {"redactionKeyPatterns": ["^pin$"]}})
    source = await world.writer.replay_source(await world.add_run(input_json={"pin": SECRET}))
    assert source.redacted.masked == ("/pin",)
    assert source.policy.hides_key("pin")


async def test_a_secret_that_an_edited_replay_took_out_stays_hidden_where_it_was_copied(world: World) -> None:
    source = await world.add_run(input_json={"apiKey": SECRET, "note": f"call with {SECRET}"})
    edited = await world.add_run(
        input_json={"apiKey": "other-value-1", "note": f"call with {SECRET}"},
        trigger_metadata_json={"replayOfRunId": str(source.run_id)},
    )
    again = await world.add_run(
        status="FAILED",
        completed_at=NOON,
        input_json={"note": f"call with {SECRET}"},
        error_json={"message": f"refused {SECRET}", "nodePath": "root.steps[0]"},
        trigger_metadata_json={"replayOfRunId": str(edited.run_id)},
    )
    await world.execute(  # a circle, which only damaged metadata can make, ends too
        "UPDATE workflow_runs SET trigger_metadata_json = jsonb_build_object('replayOfRunId', CAST(:again AS text)) "
        "WHERE run_id = :source AND tenant = :tenant",
        again=str(again.run_id),
        source=source.run_id,
        tenant=world.tenant,
    )
    for key in (edited, again):
        shown = await inspect(world, key, documents=True)
        assert SECRET not in spoken(shown)
        assert "/note" in shown.run.input.masked
        assert (await world.writer.replay_source(key)).redacted == shown.run.input
    assert SECRET not in spoken(await world.reader.page(RunQuery(world.tenant)))


async def test_a_secret_that_another_action_returned_is_hidden_in_the_list_too(world: World) -> None:
    key = await world.add_run(
        status="FAILED", completed_at=NOON, error_json={"message": f"no {SECRET}", "nodePath": "root.steps[1]"}
    )
    await world.add_invocation(key, step_path="root.steps[0]", output_json={"access_token": SECRET})
    await world.add_invocation(key, step_path="root.steps[1]", status="FAILED", error_message=f"refused {SECRET}")
    (row,) = (await world.reader.page(RunQuery(world.tenant))).rows
    assert row.error_text == "refused [REDACTED]"
    assert SECRET not in spoken(await inspect(world, key))


async def test_a_secret_that_the_worker_resolved_in_clear_is_known_by_its_place_in_the_definition(world: World) -> None:
    call = {"id": "call", "type": "action.call", "config": {"inputMapping": {"to": {"plain": {"$secret": "API_KEY"}}}}}
    loop = {"id": "each", "type": "control.forEach", "body": [call]}
    await world.add_version(world.workflow_id, world.tenant, 2, {"steps": [loop]})
    path = "root.steps[0].body.steps[0]"
    key = await world.add_run(
        workflow_version=2,
        status="FAILED",
        completed_at=NOON,
        input_json={"note": f"uses {SECRET}"},
        error_json={"message": f"no {SECRET}", "nodePath": path},
    )
    await world.add_invocation(
        key,
        step_path=path,
        status="FAILED",
        input_json={"to": {"plain": SECRET}},
        output_json={"echo": SECRET},
        error_message=f"refused {SECRET}",
    )
    for documents in (False, True):
        shown = await inspect(world, key, documents=documents)
        assert SECRET not in spoken(shown)
    (invocation,) = shown.invocations
    assert SECRET not in spoken(await world.reader.invocation_documents(key, invocation.invocation_id))
    assert (await world.writer.replay_source(key)).redacted == shown.run.input
    (row,) = (await world.reader.page(RunQuery(world.tenant))).rows
    assert row.error_text == "refused [REDACTED]"


async def test_the_editor_hides_what_the_page_hides_when_a_secret_stands_in_a_wait(world: World) -> None:
    key = await world.add_run(input_json={"url": f"https://host/{SECRET}"})
    await world.add_wait(key, payload={"token": SECRET})
    shown = await inspect(world, key)
    assert shown.run.input.masked == ("/url",)
    assert (await world.writer.replay_source(key)).redacted == shown.run.input


async def test_errors_of_documents_too_large_to_learn_from_show_their_code_only(plain_world: World) -> None:
    key = await plain_world.add_run(status="FAILED", completed_at=NOON, error_json={"message": f"bad {SECRET}"})
    large = {"password": SECRET, "filler": [uuid4().hex for _ in range(40_000)]}
    await plain_world.add_invocation(
        key,
        status="FAILED",
        input_json=large,
        error_message=f"bad {SECRET}",
        error_json={"message": f"bad {SECRET}", "code": "DENIED"},
    )
    shown = await inspect(plain_world, key)
    assert SECRET not in spoken(shown)
    assert shown.error is not None
    assert shown.error.code == "DENIED"
    (row,) = (await plain_world.reader.page(RunQuery(plain_world.tenant))).rows
    assert row.error_text == "[REDACTED]"
    with_documents = await inspect(plain_world, key, documents=True)
    assert SECRET not in spoken(with_documents)
    assert with_documents.error is not None
    assert with_documents.error.message == "bad [REDACTED]"


async def test_the_tenants_pointers_and_patterns_hide_too(world: World) -> None:
    studio = {"redactionPointers": ["/customer/iban"], "redactionKeyPatterns": ["^pin$"]}
    await world.set_settings({"workflowRunStudio": studio})
    key = await world.add_run(input_json={"customer": {"iban": "DE00 1234"}, "PIN": "998877", "pins": 3})
    shown = await inspect(world, key)
    assert shown.run.input.value == {"customer": {"iban": "[REDACTED]"}, "PIN": "[REDACTED]", "pins": 3}
    assert not shown.redaction_closed


UNREADABLE_RULES: list[JsonValue] = [{"redactionKeyPatterns": ["("]}, "odd", {"redactionPointers": "/a"}]


async def test_rules_that_cannot_be_read_hide_everything(world: World) -> None:
    key = await world.add_run(
        status="FAILED", completed_at=NOON, input_json={"harmless": "visible"}, error_json={"message": "visible"}
    )
    await world.add_log(key, message="visible", context_json={"a": "visible"})
    await world.add_wait(key, payload={"a": "visible"}, key="visible")
    await world.add_invocation(key, status="FAILED", error_message="visible", output_json={"a": "visible"})
    assert "visible" in spoken(await inspect(world, key, documents=True))
    for studio in UNREADABLE_RULES:
        await world.set_settings({"workflowRunStudio": studio})
        shown = await inspect(world, key, documents=True)
        assert shown.redaction_closed
        assert "visible" not in spoken(shown)
        assert "visible" not in spoken(await world.reader.page(RunQuery(world.tenant)))
        assert "visible" not in spoken(await world.writer.replay_source(key))


async def test_a_tenant_without_settings_has_the_built_in_rules(world: World) -> None:
    async with world.database.writing(None) as connection:
        await connection.execute(delete(tenant_settings))
    key = await world.add_run(input_json={"password": "abc", "open": 1})
    assert (await inspect(world, key)).run.input.value == {"password": "[REDACTED]", "open": 1}


async def test_settings_the_login_may_not_read_hide_everything(plain_world: World) -> None:
    key = await plain_world.add_run(input_json={"open": "visible"})
    await plain_world.execute("DROP TABLE tenant_settings")
    shown = await inspect(plain_world, key)
    assert shown.redaction_closed
    assert "visible" not in spoken(shown)


async def test_damaged_input_is_named_by_its_paths(world: World) -> None:
    stored = {"a": "[REDACTED]", "b": [{"c/d": "***"}], "password": "[SECRET:REDACTED]", "e": {"redacted": True}}
    key = await world.add_run(input_json=stored)
    shown = await inspect(world, key)
    expected = {"/a", "/b/0/c~1d", "/password", "/e"}
    assert set(shown.run.damaged_paths) == set((await world.writer.replay_source(key)).damaged_paths) == expected
    assert shown.run.row.damaged_input is True


async def test_a_step_that_swallowed_an_error_says_so(world: World) -> None:
    key = await world.add_run()
    paths = {"continued": "root.steps[0]", "retried": "root.steps[1]", "plain": "root.steps[2]"}
    for path in paths.values():
        await world.add_step(key, step_path=path, status="SUCCEEDED", started_at=NOON)
    failed_at, repeated_at = NOON + timedelta(seconds=1), NOON + timedelta(seconds=2)
    await world.add_invocation(key, step_path=paths["continued"], status="FAILED", created_at=failed_at)
    await world.add_invocation(key, step_path=paths["retried"], status="FAILED", created_at=failed_at)
    await world.add_invocation(key, step_path=paths["retried"], status="SUCCEEDED", created_at=repeated_at)
    shown = await inspect(world, key)
    assert {step.step_path for step in shown.steps if step.swallowed_error} == {paths["continued"]}


async def test_the_list_prefers_what_the_failing_action_said(world: World) -> None:
    key = await world.add_run(
        status="FAILED", completed_at=NOON, error_json={"message": "Activity task failed", "nodePath": "root.steps[1]"}
    )
    await world.add_invocation(key, step_path="root.steps[0]", status="FAILED", error_message="caught earlier")
    await world.add_invocation(key, step_path="root.steps[1]", status="FAILED", error_message="no such\n ticket")
    bare = await world.add_run(status="FAILED", completed_at=NOON, error_json={"message": "hash mismatch"})
    done = await world.add_run(status="SUCCEEDED", completed_at=NOON, error_json={"message": "stale"})
    rows = {row.key: row.error_text for row in (await world.reader.page(RunQuery(world.tenant))).rows}
    assert rows == {key: "no such ticket", bare: "hash mismatch", done: None}


async def test_runs_of_the_removed_engine_are_explained(world: World) -> None:
    error = {
        "message": "Canceled: the DB workflow execution engine was removed",
        "stage": "migration",
        "migration": "x",
    }
    stranded = await world.add_run(engine="db", status="CANCELED", completed_at=NOON, error_json=error)
    legacy = await world.add_run(engine=None, status="SUCCEEDED", completed_at=NOON)
    snapshot = {"run_id": legacy.run_id, "tenant": world.tenant, "step_path": "root.steps[0]"}
    await world.add(workflow_run_snapshots, {**snapshot, "envelope_json": {}, "size_bytes": 2})
    failed_launch = await world.add_run(engine=None, status="FAILED", completed_at=NOON, error_json={"stage": "launch"})
    notes = [(await inspect(world, key)).run.legacy_note for key in (stranded, legacy, failed_launch)]
    assert notes[0] is not None
    assert "migration" in notes[0]
    assert notes[1] is not None
    assert notes[2] is None
    assert (await inspect(world, legacy)).run.snapshot_count == 1


async def test_ten_thousand_steps_and_only_the_newest_logs(plain_world: World) -> None:
    key = await plain_world.add_run()
    await plain_world.execute(
        "INSERT INTO workflow_run_steps (run_id, tenant, step_path, definition_step_id, status, started_at) "
        "SELECT :run_id, :tenant, 'root.steps[0]', 'look-up', 'SUCCEEDED', now() + n * interval '1 ms' "
        "FROM generate_series(1, 10000) n",
        run_id=key.run_id,
        tenant=key.tenant,
    )
    await plain_world.execute(
        "INSERT INTO workflow_run_logs (run_id, tenant, level, message, created_at) "
        "SELECT :run_id, :tenant, 'INFO', n::text, now() + n * interval '1 ms' FROM generate_series(1, 600) n",
        run_id=key.run_id,
        tenant=key.tenant,
    )
    shown = await inspect(plain_world, key)
    assert len(shown.steps) == 10_000
    assert [log.message for log in shown.logs] == [str(n) for n in range(600, 100, -1)]


async def test_a_database_without_the_newest_column_and_enterprise_tables_is_read_all_the_same(
    plain_world: World,
) -> None:
    key = await plain_world.add_run(status="FAILED", completed_at=NOON, error_json={"message": "x"})
    await plain_world.add_invocation(key, status="FAILED", error_message="said the action", error_json={"code": "A"})
    await plain_world.execute("ALTER TABLE workflow_action_invocations DROP COLUMN error_json")
    await plain_world.execute("DROP TABLE tenant_workflow_schedule")
    shown = await inspect(plain_world, key)
    assert shown.error is not None
    assert (shown.error.message, shown.error.code) == ("said the action", None)
    (row,) = (await plain_world.reader.page(RunQuery(plain_world.tenant))).rows
    assert row.error_text == "said the action"


async def test_no_such_invocation(world: World) -> None:
    key = await world.add_run()
    with pytest.raises(NotFound) as refusal:
        await world.reader.invocation_documents(key, uuid4())
    assert refusal.value.code == "invocation.not_found"


async def test_reading_changes_nothing(world: World) -> None:
    key = await world.add_run(input_json={"password": "hidden-one"})
    before = await world.rows(workflow_runs)
    await inspect(world, key, documents=True)
    await world.writer.replay_source(key)
    assert await world.rows(workflow_runs) == before
