"""The report service on a real database; Temporal's answers are ordered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from app.bootstrap.reports import render_report
from app.domain.errors import InvalidInput, NotFound
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.run import MaskRule, RunKey
from app.domain.run_query import RunFilter, RunQuery
from app.domain.triage import TriageReport
from app.postgres.database import Database
from app.postgres.report_reader import PostgresReportReader
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.services.export_audit import ExportAudit
from app.services.triage_report import MOST_RUNS, ReportSources, TriageReports
from tests.rendering.opened import FORMATS, texts
from tests.services.conftest import Seeded
from tests.services.doubles import NOW, TENANT, MemoryGateway, operator

SECRET = "sk_live_4f9a8b7c"
PATH = "root.steps[0]"


def failed_run(seeded: Seeded) -> RunKey:
    """Store a failed run whose error message and log repeat a secret of its input."""
    run_id = uuid4()
    seeded.execute(
        "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, input_json,"
        " error_json, completed_at) VALUES (%s, %s, %s, 1, 'FAILED', 'temporal', %s, %s, now())",
        run_id,
        TENANT,
        seeded.workflow_id,
        json.dumps({"invoice": "INV-1", "apiKey": SECRET}),
        json.dumps({"message": "Activity task failed", "nodePath": PATH}),
    )
    seeded.execute(
        "INSERT INTO workflow_run_steps (run_id, tenant, step_path, definition_step_id, status, error_json)"
        " VALUES (%s, %s, %s, 'charge', 'FAILED', %s)",
        run_id,
        TENANT,
        PATH,
        json.dumps({"message": "Activity task failed"}),
    )
    seeded.execute(
        "INSERT INTO workflow_action_invocations (run_id, tenant, step_path, action_id, action_version,"
        " idempotency_key, status, input_json, error_message)"
        " VALUES (%s, %s, %s, 'payments.charge', 1, %s, 'FAILED', %s, %s)",
        run_id,
        TENANT,
        PATH,
        str(run_id),
        json.dumps({"key": SECRET}),
        f"Charge refused for {SECRET}",
    )
    seeded.execute(
        "INSERT INTO workflow_run_logs (run_id, tenant, level, message) VALUES (%s, %s, 'INFO', %s)",
        run_id,
        TENANT,
        f"Charging with {SECRET}",
    )
    return RunKey(TENANT, run_id)


def reports_on(database: Database, gateway: MemoryGateway) -> TriageReports:
    return TriageReports(
        ReportSources(
            reader=PostgresRunReader(database),
            gateway=gateway,
            surroundings=PostgresReportReader(database),
            audit=ExportAudit(PostgresRunWriter(database)),
        )
    )


@pytest_asyncio.fixture
async def database_of(seeded: Seeded) -> AsyncIterator[Database]:
    database = Database.open(seeded.url)
    yield database
    await database.dispose()


def only(report: TriageReport) -> dict[str, Any]:
    (run,) = json.loads(render_report(report, "json"))["runs"]
    return run


@pytest.mark.asyncio
async def test_a_report_explains_the_run_and_shows_no_secret(seeded: Seeded, database_of: Database) -> None:
    key = failed_run(seeded)
    execution = ExecutionFacts("wf", "first", ExecutionStatus.FAILED, "q", NOW, NOW, 9)
    reports = reports_on(database_of, MemoryGateway(executions={key.run_id: execution}))
    report = await reports.report((key,), operator("manage"))
    restricted = only(await reports.report((key,), operator("read")))
    assert restricted["invocations"][0]["input"] == {"redacted": True}
    assert restricted["redaction"]["restricted"]
    assert restricted["surroundings"]["acts"] is None
    document = only(report)
    assert "Charge refused for [REDACTED]" in document["headline"]
    assert report.accounts[0].environment.execution == execution
    assert document["invocations"][0]["input"] == {"key": "[REDACTED]"}
    assert document["summary"]["input"] == {"invoice": "INV-1", "apiKey": "[REDACTED]"}
    assert dict(report.masked.counts)[MaskRule.KEY] == 1
    assert dict(report.masked.counts)[MaskRule.REPEATED] >= 2
    for form in FORMATS:
        for text in texts(form, render_report(report, form, "de")):
            assert SECRET not in text


@pytest.mark.asyncio
async def test_a_report_says_how_the_workflow_fares_and_what_was_done(seeded: Seeded, database_of: Database) -> None:
    keys = [failed_run(seeded) for _ in range(3)]
    seeded.execute(
        "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, completed_at)"
        " VALUES (%s, %s, %s, 1, 'SUCCEEDED', 'temporal', now())",
        uuid4(),
        TENANT,
        seeded.workflow_id,
    )
    reports = reports_on(database_of, MemoryGateway())
    admin = operator("admin")
    first = await reports.report((keys[0],), admin)
    noted = await reports.note_export(first, "pdf", admin)
    assert noted.recorded
    around = (await reports.report((keys[0],), admin)).accounts[0].surroundings
    assert around.tenant_name == "Emerald City"
    assert around.record is not None
    assert (around.record.failed, around.record.succeeded, around.record.same_place) == (3, 1, 3)
    assert around.record.last_success is not None
    assert [act.operation for act in around.acts or ()] == ["workflow_run_export"]
    (row,) = seeded.rows("SELECT record_id, details FROM audit_logs WHERE operation = 'workflow_run_export'")
    assert row["record_id"] == str(keys[0].run_id)
    assert row["details"]["format"] == "pdf"
    assert row["details"]["maskedValues"] == first.masked.total > 0


@pytest.mark.asyncio
async def test_events_with_the_name_and_key_of_a_wait_are_told(seeded: Seeded, database_of: Database) -> None:
    key = failed_run(seeded)
    seeded.execute(
        "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, status, event_name, key)"
        " VALUES (%s, %s, %s, 'event', 'WAITING', 'PAID', 'K-1')",
        key.run_id,
        TENANT,
        PATH,
    )
    for name, correlation, matched in (("PAID", "K-1", None), ("PAID", "K-2", None), ("OTHER", "K-9", key.run_id)):
        seeded.execute(
            "INSERT INTO workflow_runtime_events (tenant, event_name, correlation_key, matched_run_id)"
            " VALUES (%s, %s, %s, %s)",
            TENANT,
            name,
            correlation,
            matched,
        )
    report = await reports_on(database_of, MemoryGateway()).report((key,), operator("manage"))
    events = report.accounts[0].surroundings.events
    assert {(event.event_name, event.correlation_key, event.matched) for event in events} == {
        ("PAID", "K-1", False),
        ("OTHER", "K-9", True),
    }


@pytest.mark.asyncio
async def test_a_list_is_read_whole_up_to_its_limit_and_audited_run_by_run(
    seeded: Seeded, database_of: Database
) -> None:
    keys = {failed_run(seeded) for _ in range(3)}
    reports = reports_on(database_of, MemoryGateway())
    query = RunQuery(TENANT, RunFilter(statuses=("FAILED",)))
    whole = await reports.listing(query, (("status", "FAILED"),))
    assert set(whole.keys()) == keys
    cut = await reports.listing(query, limit=2)
    assert cut.listing is not None
    assert (len(cut.listing.rows), cut.listing.total, cut.listing.cut) == (2, 3, True)
    assert (await reports.note_export(whole, "csv", operator("manage"))).recorded
    assert len(seeded.rows("SELECT 1 FROM audit_logs WHERE operation = 'workflow_run_export'")) == 3


@pytest.mark.asyncio
async def test_an_audit_that_may_not_be_written_is_said_not_raised(seeded: Seeded, database_of: Database) -> None:
    key = failed_run(seeded)
    reports = reports_on(database_of, MemoryGateway())
    report = await reports.report((key,))
    seeded.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE insufficient_privilege USING MESSAGE = 'no'; END $$"
    )
    seeded.execute("CREATE TRIGGER refuse BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION refuse()")
    noted = await reports.note_export(report, "html", None)
    assert not noted.recorded
    assert noted.problem


@pytest.mark.asyncio
async def test_an_unreachable_temporal_is_part_of_the_report(seeded: Seeded, database_of: Database) -> None:
    report = await reports_on(database_of, MemoryGateway(reachable=False)).report((failed_run(seeded),))
    environment = report.accounts[0].environment
    assert environment.problem == "Temporal cannot be reached."
    assert environment.execution is None
    assert not environment.execution_missing


@pytest.mark.asyncio
async def test_what_temporal_said_of_the_execution_stays_true_when_the_queue_is_not_known(
    seeded: Seeded, database_of: Database
) -> None:
    gateway = MemoryGateway()
    gateway.queue = MemoryGateway(reachable=False).queue  # type: ignore[method-assign]
    report = await reports_on(database_of, gateway).report((failed_run(seeded),))
    assert report.accounts[0].environment.execution_missing
    assert report.accounts[0].environment.queue is None


@pytest.mark.asyncio
async def test_a_run_that_does_not_exist_has_no_report(database_of: Database) -> None:
    with pytest.raises(NotFound):
        await reports_on(database_of, MemoryGateway()).report((RunKey(TENANT, UUID(int=0)),))


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [0, MOST_RUNS + 1])
async def test_a_report_tells_of_a_bounded_number_of_runs(database_of: Database, number: int) -> None:
    keys = [RunKey(TENANT, UUID(int=each)) for each in range(number)]
    with pytest.raises(InvalidInput):
        await reports_on(database_of, MemoryGateway()).report(keys)
