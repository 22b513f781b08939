"""Every statement on a tenant's table names that table's tenant: hosted installations shard by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text

from app.domain.errors import NotFound
from app.domain.launching import AuditNote, CopiedPayload, PatchOperation, RunNote
from app.domain.replay_preview import VersionChoice
from app.domain.run import RunKey, WaitType
from app.domain.run_query import RunFilter, RunQuery, RunSort
from app.postgres.built_statement import BuiltStatement, Values
from app.postgres.database import Database
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.postgres.failure_groups import PostgresFailureReader
from app.postgres.operators import PostgresOperatorDirectory
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.postgres.replay_preview import PostgresPreviewReader
from app.postgres.run_closing import PostgresRunClosing
from app.postgres.tables import metadata
from app.services.ports import ActionRecord
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

OF_A_TENANT = [table.name for table in metadata.sorted_tables if "tenant" in table.c]


@pytest.fixture
def statements(shaped: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect the text of every statement that reaches the driver, through the toolkit or past it."""
    seen: list[str] = []

    def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    bind = BuiltStatement.parameters

    def bind_and_collect(built: BuiltStatement, values: Values) -> dict[str, object]:
        seen.append(built.text)
        return bind(built, values)

    monkeypatch.setattr(BuiltStatement, "parameters", bind_and_collect)
    event.listen(shaped._engine.sync_engine, "before_cursor_execute", collect)
    yield seen
    event.remove(shaped._engine.sync_engine, "before_cursor_execute", collect)


def tables_without_tenant(statement: str) -> list[str]:
    """Return the tables that a statement uses without saying whose rows it means."""
    used = [name for name in OF_A_TENANT if re.search(rf"(?:FROM|JOIN|UPDATE|INTO) {name}\b", statement)]
    return [
        name
        for name in used
        if not re.search(rf"\b{name}\.tenant\b", statement)
        and not re.search(rf"INTO {name} \([^)]*\btenant\b", statement)
        and not re.search(rf"FROM {name}\s+WHERE tenant = ", statement)
    ]


async def test_the_check_itself_finds_a_statement_without_tenant() -> None:
    assert tables_without_tenant("SELECT * FROM workflow_runs WHERE run_id = 1") == ["workflow_runs"]
    joined = "SELECT 1 FROM workflow_runs JOIN workflow_run_waits ON true WHERE workflow_runs.tenant = 1"
    assert tables_without_tenant(joined) == ["workflow_run_waits"]


async def test_reads_carry_the_tenant(world: World, statements: list[str]) -> None:
    key = await world.add_run(
        status="FAILED", input_json={"a": 1}, trigger_metadata_json={"replayOfRunId": str(uuid4())}
    )
    await world.add_wait(await world.add_run(seconds_ago=100))
    invocation = await world.add_invocation(key, status="FAILED")
    statements.clear()
    everything = RunFilter(("FAILED",), world.workflow_id, "ab", None, None, True, True, True)
    for run_filter in (RunFilter(), everything):
        for sort in RunSort:
            page = await world.reader.page(RunQuery(world.tenant, run_filter, sort, limit=1))
            if page.next:
                await world.reader.page(RunQuery(world.tenant, run_filter, sort, limit=1, after=page.next))
    await world.reader.stuck(world.tenant)
    await world.reader.rows(world.tenant, (key.run_id,))
    await world.reader.inspect(key, documents=True)
    await world.reader.invocation_documents(key, invocation)
    await world.reader.workflows(world.tenant)
    await world.reader.tenants()
    await world.reader.locate(key.run_id)
    await world.writer.replay_source(key)
    await world.reader.history_border(key)
    await PostgresRunClosing(world.database).open_parts(key)
    await PostgresFailureReader(world.database).failures(world.tenant, timedelta(days=1))
    await look_before_a_replay(world, key)
    await read_diagnosis_facts(world)
    with pytest.raises(NotFound):
        await PostgresOperatorDirectory(world.database).find(world.tenant, "ada@example.com")
    assert len(statements) > 60
    assert [tables_without_tenant(statement) for statement in statements if tables_without_tenant(statement)] == []
    assert [statement for statement in statements if re.search(r"\boffset\b", statement, re.IGNORECASE)] == []


async def read_diagnosis_facts(world: World) -> None:
    """Read a run in every kind of wait, so that no statement is left out."""
    waiting = await world.add_run(seconds_ago=100)
    for wait_type in WaitType:
        await world.add_wait(waiting, wait_type=wait_type, event_name="REPLY", key="k")
    reader = PostgresDiagnosisReader(world.database)
    await reader.active(world.tenant, timedelta(hours=1), 10)
    (row,) = (await reader.runs(world.tenant, (waiting.run_id,))).rows
    await reader.closer(row)


async def test_writes_carry_the_tenant(world: World, statements: list[str]) -> None:
    source = await world.add_run(input_json={"a": 1})
    record = record_on(world, source.run_id)
    statements.clear()
    for patch in ((), (PatchOperation("add", ("b",), "1"),)):
        await world.writer.admit(world.order(CopiedPayload(source.run_id, patch, await hash_of(world, source.run_id))))
    order = world.order(trigger_fire_key="k")
    await world.writer.admit(order)
    await world.writer.confirm_launch(source, "wf", "first", record)
    await world.writer.fail_launch(source, "m", {})
    await world.writer.cancel(source, record)
    await world.writer.record(world.tenant, record)
    await PostgresRunClosing(world.database).close(source, (uuid4(),), record)
    assert len(statements) > 30
    assert [tables_without_tenant(statement) for statement in statements if tables_without_tenant(statement)] == []


async def test_updates_call_no_volatile_function(world: World, statements: list[str]) -> None:
    """Citus refuses them on a distributed table, and nothing else tells before a hosted installation does."""
    keys = [await world.add_run() for _ in range(3)]
    statements.clear()
    await world.writer.confirm_launch(keys[0], "wf", "first", None)
    assert await world.writer.fail_launch(keys[1], "m", {})
    assert await world.writer.cancel(keys[2], record_on(world, keys[2].run_id))
    await PostgresRunClosing(world.database).close(keys[2], (), record_on(world, keys[2].run_id))
    updates = [statement for statement in statements if statement.startswith("UPDATE")]
    assert len(updates) == 8
    called = {name for statement in updates for name in re.findall(r"(\w+)\(", statement)}
    volatile = "SELECT proname FROM pg_proc WHERE provolatile = 'v' AND proname = ANY(:names)"
    async with world.database.reading() as connection:
        assert "statement_timestamp" in called
        assert list(await connection.scalars(text(volatile), {"names": sorted(called)})) == []


async def look_before_a_replay(world: World, key: RunKey) -> None:
    reader, schemas = PostgresPreviewReader(world.database), PostgresPayloadSchemas(world.database)
    await world.add_version(world.workflow_id, world.tenant, 2)
    sql = "UPDATE workflow_definition_versions SET payload_schema_json = 'false' WHERE "
    await world.execute(sql + "workflow_definition_versions.tenant = :tenant", tenant=world.tenant)
    without_definition = await world.add_run(workflow_version=99)
    await reader.versions(key, VersionChoice.LATEST)
    await reader.headroom(world.tenant, world.workflow_id)
    await reader.action_uses(world.tenant, (key.run_id, without_definition.run_id))
    await reader.replays(key)
    assert (await schemas.check_copy(world.tenant, world.workflow_id, 1, CopiedPayload(key.run_id))).faults
    await schemas.check_given(world.tenant, world.workflow_id, None, "{}")


async def hash_of(world: World, run_id: UUID) -> str:
    (key,) = await world.reader.locate(run_id)
    return (await world.writer.replay_source(key)).input_hash


def record_on(world: World, run_id: UUID) -> ActionRecord:
    audit = AuditNote("workflow_run_cancel", run_id, {}, {})
    return ActionRecord(uuid4(), world.operator(), (RunNote(run_id, "INFO", "note"),), audit)
