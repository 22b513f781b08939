"""Rows of the removed engine end as the product's migration ended them; what truly runs is never touched (S18)."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from app.bootstrap.services import wire
from app.domain.errors import ActionRefused, NotPermitted, TemporalUnavailable
from app.domain.operator import Operator
from app.domain.stranded import FINALIZE_MIGRATION, FINALIZE_OPERATION, StrandedFate
from app.sandbox.server_process import free_port
from app.services.finalize_stranded import BATCH, FinalizeCommand, FinalizeOutcome
from app.temporal.execution_reader import TemporalExecutionReader
from app.temporal.gateway import TemporalGateway
from tests.cli.command_line import rundesk
from tests.services.rescue import REASON, Rescue
from tests.temporal.until import until

pytestmark = pytest.mark.asyncio

LEGACY = {"engine": "db", "status": "RUNNING"}


@pytest_asyncio.fixture(autouse=True)
async def namespace_in_use(rescue: Rescue) -> None:
    """Have an execution of the product in the namespace, as every installation's has."""
    run_id = uuid4()
    rescue.bench.launched.append(run_id)
    await rescue.bench.start(run_id, await rescue.bench.publish([]))
    # A reader of its own each time: it remembers an answer for a while.
    await until(lambda: TemporalExecutionReader(rescue.gateway).namespace_in_use())


def command(rescue: Rescue, request_id: UUID | None = None, operator: Operator | None = None) -> FinalizeCommand:
    return FinalizeCommand(rescue.tenant, REASON, operator or rescue.operator, request_id or uuid4())


async def finalize(rescue: Rescue) -> FinalizeOutcome:
    return await rescue.console.stranded.apply(command(rescue))


async def snapshot(rescue: Rescue, run_id: UUID) -> tuple[Any, ...]:
    bench = rescue.bench
    return await bench.run(run_id), await bench.steps(run_id), await bench.waits(run_id)


async def test_only_rows_without_an_engine_and_without_an_execution_are_finalized(rescue: Rescue) -> None:
    bench = rescue.bench
    workflow_id = await bench.publish([])
    ended = {"message": "x", "stage": "launch"}
    db_running, null_waiting, *untouched = await rescue.add_runs(
        workflow_id,
        {**LEGACY, "node_path": "root.steps[3]"},
        {"engine": None, "status": "WAITING"},
        {"engine": "db", "status": "SUCCEEDED"},
        {"engine": "temporal", "status": "RUNNING"},
        {"engine": None, "status": "FAILED", "error_json": ended},
    )
    await rescue.add_step(db_running)
    await rescue.add_wait(db_running, status="RESOLVED")
    waits = {await rescue.add_wait(null_waiting), await rescue.add_wait(null_waiting, wait_type="human", key="k")}
    await rescue.add_wait(untouched[0])
    before = [await snapshot(rescue, run_id) for run_id in untouched]
    stale = await bench.run(db_running)

    plan = await rescue.console.stranded.plan(rescue.tenant)
    assert {each.run.key.run_id: each.run.open_waits for each in plan.runs} == {db_running: 0, null_waiting: 2}
    assert {each.fate for each in plan.runs} == {StrandedFate.FINALIZE}
    assert all(each.run.age_seconds > 3000 for each in plan.runs)
    outcome = await finalize(rescue)

    assert set(outcome.finalized) == {db_running, null_waiting}
    assert [await snapshot(rescue, run_id) for run_id in untouched] == before
    for run_id in outcome.finalized:
        run = await bench.run(run_id)
        assert (run["status"], run["completed_at"]) == ("CANCELED", outcome.completed_at)
        assert run["error_json"].keys() == {"message", "stage", "migration"}
        assert (run["error_json"]["stage"], run["error_json"]["migration"]) == ("migration", FINALIZE_MIGRATION)
    run = await bench.run(db_running)
    assert (run["node_path"], run["updated_at"]) == ("root.steps[3]", stale["updated_at"])
    (step,) = await bench.steps(db_running)
    assert (step["status"], step["completed_at"]) == ("STARTED", None)
    assert [wait["status"] for wait in await bench.waits(db_running)] == ["RESOLVED"]
    closed = {wait["wait_id"]: (wait["status"], wait["resolved_at"]) for wait in await bench.waits(null_waiting)}
    assert closed == dict.fromkeys(waits, ("CANCELED", outcome.completed_at))
    audits = await rescue.audits(FINALIZE_OPERATION)
    assert {audit["record_id"] for audit in audits} == {str(db_running), str(null_waiting)}
    assert {(audit["details"]["reason"], audit["user_id"]) for audit in audits} == {
        (REASON, str(rescue.operator.user_id))
    }
    page = await rescue.console.inspect.open(rescue.key(db_running))
    assert "never finished" in (page.run.legacy_note or "")

    again = await finalize(rescue)
    assert (again.finalized, again.spared) == ((), ())
    assert len(await rescue.audits(FINALIZE_OPERATION)) == 2


async def test_what_temporal_knows_is_spared(rescue: Rescue) -> None:
    """A lost write of ``engine`` makes a running run look stranded; Temporal is asked, not the row."""
    bench = rescue.bench
    workflow_id = await bench.publish([])
    elsewhere_row = {**LEGACY, "temporal_run_id": "in another namespace"}
    executing, ended, elsewhere, lost = await rescue.add_runs(
        workflow_id, LEGACY, {"engine": None, "status": "RUNNING"}, elsewhere_row, LEGACY
    )
    for run_id in (executing, ended):
        bench.launched.append(run_id)
        await bench.start(run_id, workflow_id)
    await bench.handle(ended).terminate()
    spared = (executing, ended, elsewhere)
    before = [await snapshot(rescue, run_id) for run_id in spared]

    outcome = await finalize(rescue)

    assert outcome.finalized == (lost,)
    fates = {each.run.key.run_id: each.fate for each in outcome.spared}
    assert fates == {
        executing: StrandedFate.EXECUTING,
        ended: StrandedFate.ENDED,
        elsewhere: StrandedFate.ELSEWHERE,
    }
    assert [await snapshot(rescue, run_id) for run_id in spared] == before


async def test_without_temporal_the_dry_run_says_so_and_applying_refuses(rescue: Rescue) -> None:
    (run_id,) = await rescue.add_runs(await rescue.bench.publish([]), LEGACY)
    gateway = TemporalGateway(f"127.0.0.1:{free_port()}", "default")
    deaf = wire(rescue.bench.database, gateway).stranded
    before = await snapshot(rescue, run_id)
    plan = await deaf.plan(rescue.tenant)
    assert (plan.verified, [each.fate for each in plan.runs]) == (False, [StrandedFate.UNVERIFIED])
    with pytest.raises(TemporalUnavailable):
        await deaf.apply(command(rescue))
    assert await snapshot(rescue, run_id) == before


async def test_a_namespace_without_the_products_executions_proves_nothing(rescue: Rescue) -> None:
    """One letter off in the connection, and every run is unknown there, also one that truly runs elsewhere."""
    (run_id,) = await rescue.add_runs(await rescue.bench.publish([]), LEGACY)
    unused = await Client.connect(rescue.bench.client.service_client.config.target_host)
    name = f"unused-{uuid4()}"
    await unused.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=Duration(seconds=86_400))
    )
    gateway = TemporalGateway(unused.service_client.config.target_host, name)

    async def is_known() -> bool:
        try:
            await gateway.ping()
        except TemporalUnavailable:
            return False
        return True

    await until(is_known)
    elsewhere = wire(rescue.bench.database, gateway).stranded
    before = await snapshot(rescue, run_id)
    plan = await elsewhere.plan(rescue.tenant)
    assert (plan.verified, [each.fate for each in plan.runs]) == (False, [StrandedFate.UNVERIFIED])
    with pytest.raises(ActionRefused) as refusal:
        await elsewhere.apply(command(rescue))
    assert refusal.value.code == "stranded.unused_namespace"
    assert await snapshot(rescue, run_id) == before
    await gateway.close()


async def test_only_an_admin_of_the_tenant_finalizes(rescue: Rescue) -> None:
    (run_id,) = await rescue.add_runs(await rescue.bench.publish([]), LEGACY)
    operator = replace(rescue.operator, rights=frozenset({"manage"}))
    with pytest.raises(NotPermitted):
        await rescue.console.stranded.apply(command(rescue, operator=operator))
    assert (await rescue.bench.run(run_id))["status"] == "RUNNING"


async def test_an_act_that_is_killed_between_transactions_is_finished_by_the_next(rescue: Rescue) -> None:
    """The second batch waits for a lock that this test holds: by then the first one is committed."""
    workflow_id = await rescue.bench.publish([])
    runs = sorted(await rescue.add_runs(workflow_id, *[LEGACY] * (BATCH + 20)))
    waits = {run_id: await rescue.add_wait(run_id) for run_id in (runs[0], runs[-1])}
    url = rescue.flags[1]
    argv = ("stranded", "--apply", "--reason", REASON, "--json", *rescue.flags)
    with psycopg.connect(url) as holding:
        holding.execute("SELECT FROM workflow_runs WHERE run_id = %s FOR UPDATE", (runs[-1],))
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "app", *argv)
        await rescue.bench.until(lambda: blocked(rescue))
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        holding.rollback()

    states = {run_id: (await rescue.bench.run(run_id))["status"] for run_id in runs}
    assert [states[run_id] for run_id in runs] == ["CANCELED"] * BATCH + ["RUNNING"] * 20
    assert await wait_states(rescue, waits) == ["CANCELED", "WAITING"]
    finished = await asyncio.to_thread(rundesk, *argv)
    assert (finished.code, finished.document["total"]) == (0, 20)
    assert {(await rescue.bench.run(run_id))["status"] for run_id in runs} == {"CANCELED"}
    assert await wait_states(rescue, waits) == ["CANCELED", "CANCELED"]
    audits = await rescue.audits(FINALIZE_OPERATION)
    assert sorted(audit["record_id"] for audit in audits) == [str(run_id) for run_id in runs]


async def blocked(rescue: Rescue) -> bool:
    """Say whether somebody waits for a row of this database, the first batch behind him."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND application_name = 'rundesk' AND query LIKE 'UPDATE workflow_runs%'"
    )
    async with rescue.bench.database.reading() as connection:
        return bool((await connection.exec_driver_sql(query, execution_options={"no_parameters": True})).scalar())


async def wait_states(rescue: Rescue, waits: dict[UUID, UUID]) -> list[str]:
    return [(await rescue.bench.waits(run_id))[0]["status"] for run_id in waits]


async def test_the_command_line_lists_first_and_wants_a_reason(rescue: Rescue) -> None:
    (run_id,) = await rescue.add_runs(await rescue.bench.publish([]), LEGACY)
    listed = await asyncio.to_thread(rundesk, "stranded", "--json", *rescue.flags)
    (entry,) = listed.document["stranded"]
    assert (entry["run_id"], entry["fate"], listed.document["applied"]) == (str(run_id), "finalize", False)
    refused = await asyncio.to_thread(rundesk, "stranded", "--apply", "--json", *rescue.flags)
    assert refused.code == 2
    assert (await rescue.bench.run(run_id))["status"] == "RUNNING"
