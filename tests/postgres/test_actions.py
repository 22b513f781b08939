"""What actions write: ids or FAILED of a launch, a cancel, and the log and audit rows beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import __version__
from app.domain.errors import NotFound
from app.domain.launching import AuditNote, RunNote
from app.domain.run import RunKey
from app.postgres.driver_errors import sqlstate_of
from app.postgres.tables import audit_logs, workflow_run_logs, workflow_run_waits, workflow_runs
from app.services.ports import ActionRecord
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def login_of(world: World) -> object:
    async with world.database.reading() as connection:
        return await connection.scalar(text("SELECT current_user"))


def record_of(world: World, key: RunKey, **note: Any) -> ActionRecord:
    notes = (RunNote(key.run_id, "WARN", "Run canceled by operator", note or {"reason": "wrong customer"}),)
    audit = AuditNote("workflow_run_cancel", key.run_id, {"status": "CANCELED"}, {"reason": "wrong customer"})
    return ActionRecord(uuid4(), world.operator(), notes, audit)


async def test_an_audit_row_without_the_tenant_setting_is_refused_by_the_trigger(world: World) -> None:
    sql = (
        "INSERT INTO audit_logs (audit_id, tenant, operation, table_name, record_id, changed_data, details) "
        "VALUES (gen_random_uuid(), :tenant, 'o', 't', 'r', '{}', '{}')"
    )
    with pytest.raises(DBAPIError) as refusal:
        await world.execute(sql, tenant=world.tenant)
    assert sqlstate_of(refusal.value) in {"42704", "22P02"}


async def test_a_record_is_written_once_and_names_the_operator(world: World) -> None:
    key = await world.add_run()
    record = record_of(world, key)
    for _ in range(2):
        await world.writer.record(world.tenant, record)
    log = await world.row(workflow_run_logs)
    assert (log["run_id"], log["tenant"], log["level"], log["message"], log["source"], log["context_json"]) == (
        key.run_id,
        world.tenant,
        "WARN",
        "Run canceled by operator",
        "rundesk",
        {"reason": "wrong customer"},
    )
    audit = await world.row(audit_logs)
    assert record.operator is not None
    assert (audit["tenant"], audit["user_id"], audit["operation"], audit["table_name"], audit["record_id"]) == (
        world.tenant,
        str(record.operator.user_id),
        "workflow_run_cancel",
        "workflow_runs",
        str(key.run_id),
    )
    assert audit["changed_data"] == {"status": "CANCELED"}
    assert audit["details"] == {
        "reason": "wrong customer",
        "actorRoles": ["Admin"],
        "source": "rundesk",
        "operatorVerified": False,
        "appVersion": __version__,
        "databaseLogin": await login_of(world),
    }
    await world.writer.record(world.tenant, record_of(world, key))
    assert len(await world.rows(workflow_run_logs)) == len(await world.rows(audit_logs)) == 2


async def test_a_log_context_is_redacted_and_capped(world: World) -> None:
    key = await world.add_run()
    at = datetime(2026, 11, 20, tzinfo=UTC)
    await world.writer.record(
        world.tenant, record_of(world, key, token="hidden-value", run=key.run_id, at=at, list=(1,))
    )
    context = (await world.row(workflow_run_logs))["context_json"]
    assert context == {"token": "[REDACTED]", "run": str(key.run_id), "at": at.isoformat(), "list": [1]}
    await world.execute("DELETE FROM workflow_run_logs")
    await world.writer.record(world.tenant, record_of(world, key, text="ü" * 40_000))
    context = (await world.row(workflow_run_logs))["context_json"]
    assert context == {
        "truncated": True,
        "size": 80_000 + len(json.dumps({"text": ""}, separators=(",", ":"))),
        "max": 65536,
    }


async def test_a_note_that_is_no_json_is_a_bug(world: World) -> None:
    key = await world.add_run()
    with pytest.raises(TypeError):
        await world.writer.record(world.tenant, record_of(world, key, odd=object()))
    assert await world.rows(audit_logs) == []


async def test_ids_are_filled_in_where_they_are_missing(world: World) -> None:
    key = await world.add_run(updated_at=NOON)
    record = record_of(world, key)
    assert await world.writer.confirm_launch(key, "wf", "first", record) == "RUNNING"
    row = await world.row(workflow_runs)
    assert (row["temporal_workflow_id"], row["temporal_run_id"]) == ("wf", "first")
    assert row["updated_at"] > NOON
    assert len(await world.rows(audit_logs)) == 1
    await world.execute("UPDATE workflow_runs SET status = 'SUCCEEDED'")
    assert await world.writer.confirm_launch(key, "other", "second", record) == "SUCCEEDED"
    again = await world.row(workflow_runs)
    assert (again["temporal_workflow_id"], again["temporal_run_id"]) == ("wf", "first")
    assert again["updated_at"] == row["updated_at"]
    assert len(await world.rows(workflow_run_logs)) == 1


async def test_a_confirmation_without_the_first_run_id_leaves_room_for_it(world: World) -> None:
    key = await world.add_run()
    await world.writer.confirm_launch(key, "wf", None, None)
    await world.writer.confirm_launch(key, "wf", "first", None)
    assert (await world.row(workflow_runs))["temporal_run_id"] == "first"


async def test_a_run_that_does_not_exist_cannot_be_confirmed(world: World) -> None:
    key = await world.add_run()
    for unknown in (RunKey(world.other_tenant, key.run_id), RunKey(world.tenant, uuid4())):
        with pytest.raises(NotFound):
            await world.writer.confirm_launch(unknown, "wf", "first", None)
    assert (await world.row(workflow_runs))["temporal_run_id"] is None


async def test_a_refused_launch_fails_its_row(world: World) -> None:
    key = await world.add_run(node_path="root.steps[0]")
    details: dict[str, object] = {"name": "StartRefused", "token": "hidden-value"}
    assert await world.writer.fail_launch(key, "refused: password=hidden-value", details)
    row = await world.row(workflow_runs)
    assert (row["status"], row["completed_at"] is not None) == ("FAILED", True)
    assert row["error_json"] == {
        "message": "refused: password=[REDACTED]",
        "stage": "launch",
        "details": {"name": "StartRefused", "token": "[REDACTED]"},
    }
    assert not await world.writer.fail_launch(key, "again", {})


async def test_rules_that_cannot_be_read_do_not_erase_what_is_written(world: World) -> None:
    await world.set_settings({"workflowRunStudio": {"redactionKeyPatterns": ["("]}})
    key = await world.add_run()
    await world.writer.record(world.tenant, record_of(world, key, run=key.run_id, token="hidden-value"))
    assert (await world.row(workflow_run_logs))["context_json"] == {"run": str(key.run_id), "token": "[REDACTED]"}
    assert await world.writer.fail_launch(key, "refused: password=hidden-value", {"name": "StartRefused"})
    error = (await world.row(workflow_runs))["error_json"]
    assert (error["message"], error["details"]) == ("refused: password=[REDACTED]", {"name": "StartRefused"})


async def test_only_an_open_running_row_without_steps_is_failed(world: World) -> None:
    keys = [
        await world.add_run(status="SUCCEEDED"),
        await world.add_run(status="CANCELED"),
        await world.add_run(completed_at=NOON),
        await world.add_run(temporal_run_id="x"),
        await world.add_run(),
    ]
    await world.add_step(keys[-1])
    before = await world.rows(workflow_runs)
    for key in keys:
        assert not await world.writer.fail_launch(key, "refused", {})
    open_run = await world.add_run()
    assert not await world.writer.fail_launch(RunKey(world.other_tenant, open_run.run_id), "refused", {})
    after = await world.rows(workflow_runs)
    assert [row for row in after if row["run_id"] != open_run.run_id] == before
    assert await world.writer.fail_launch(open_run, "refused", {})


@pytest.mark.parametrize("status", ["RUNNING", "WAITING"])
async def test_a_cancel_writes_run_waits_log_and_audit(world: World, status: str) -> None:
    key = await world.add_run(status=status, node_path="root.steps[0]", error_json={"category": "QuotaExceeded"})
    waiting = await world.add_wait(key)
    resolved = await world.add_wait(key, status="RESOLVED", resolved_at=NOON)
    bystander = await world.add_wait(await world.add_run())
    await world.add_step(key)
    assert await world.writer.cancel(key, record_of(world, key))
    row = await world.row(workflow_runs, run_id=key.run_id)
    assert (row["status"], row["node_path"], row["error_json"]) == ("CANCELED", None, {"category": "QuotaExceeded"})
    assert row["completed_at"] is not None
    assert row["completed_at"] == row["updated_at"] or row["completed_at"] < row["updated_at"]
    waits: dict[UUID, Any] = {one["wait_id"]: one for one in await world.rows(workflow_run_waits)}
    assert (waits[waiting]["status"], waits[waiting]["resolved_at"] is not None) == ("CANCELED", True)
    assert (waits[resolved]["status"], waits[resolved]["resolved_at"]) == ("RESOLVED", NOON)
    assert waits[bystander]["status"] == "WAITING"
    assert len(await world.rows(workflow_run_logs)) == len(await world.rows(audit_logs)) == 1


async def test_an_ended_run_is_not_rewritten(world: World) -> None:
    for status in ("SUCCEEDED", "FAILED", "CANCELED"):
        key = await world.add_run(status=status, completed_at=NOON)
        wait = await world.add_wait(key)
        assert not await world.writer.cancel(key, record_of(world, key))
        row = await world.row(workflow_runs, run_id=key.run_id)
        assert (row["status"], row["completed_at"]) == (status, NOON)
        assert (await world.row(workflow_run_waits, wait_id=wait))["status"] == "WAITING"
    assert await world.rows(audit_logs) == await world.rows(workflow_run_logs) == []


async def test_effect_and_record_are_one_transaction(world: World) -> None:
    key = await world.add_run()
    bad = record_of(world, RunKey(world.tenant, uuid4()))
    with pytest.raises(DBAPIError):
        await world.writer.cancel(key, bad)
    assert (await world.row(workflow_runs))["status"] == "RUNNING"
    assert await world.rows(audit_logs) == []


async def test_the_tenant_setting_does_not_outlive_its_transaction(world: World) -> None:
    key = await world.add_run()
    await world.writer.record(world.tenant, record_of(world, key))
    async with world.database.reading() as connection:
        setting = await connection.scalar(text("SELECT current_setting('app.current_tenant', true)"))
    assert not setting
