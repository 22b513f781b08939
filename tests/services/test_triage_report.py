"""The report service on a real database; Temporal's answers are ordered."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest

from app.domain.errors import NotFound
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.run_reader import PostgresRunReader
from app.rendering.html_report import render_html
from app.rendering.json_report import render_json
from app.services.triage_report import TriageReports
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
        " VALUES (%s, %s, %s, 'payments.charge', 1, 'k', 'FAILED', %s, %s)",
        run_id,
        TENANT,
        PATH,
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


@pytest.mark.asyncio
async def test_a_report_explains_the_run_and_shows_no_secret(seeded: Seeded) -> None:
    key = failed_run(seeded)
    execution = ExecutionFacts("wf", "first", ExecutionStatus.FAILED, "q", NOW, NOW, 9)
    database = Database.open(seeded.url)
    try:
        reports = TriageReports(PostgresRunReader(database), MemoryGateway(executions={key.run_id: execution}))
        report = await reports.report(key, operator("manage"))
        restricted = json.loads(render_json(await reports.report(key, operator("read"))))
    finally:
        await database.dispose()
    assert restricted["invocations"][0]["input"] == {"redacted": True}
    assert restricted["redaction"]["restricted"]
    assert "Charge refused for [REDACTED]" in report.headline
    assert report.environment.execution == execution
    assert report.environment.problem is None
    document = json.loads(render_json(report))
    assert document["invocations"][0]["input"] == {"key": "[REDACTED]"}
    assert document["summary"]["input"] == {"invoice": "INV-1", "apiKey": "[REDACTED]"}
    for rendered in (render_json(report), render_html(report)):
        assert SECRET.encode() not in rendered


@pytest.mark.asyncio
async def test_an_unreachable_temporal_is_part_of_the_report(seeded: Seeded) -> None:
    key = failed_run(seeded)
    database = Database.open(seeded.url)
    try:
        report = await TriageReports(PostgresRunReader(database), MemoryGateway(reachable=False)).report(key)
    finally:
        await database.dispose()
    assert report.environment.problem == "Temporal cannot be reached."
    assert report.environment.execution is None
    assert not report.environment.execution_missing


@pytest.mark.asyncio
async def test_what_temporal_said_of_the_execution_stays_true_when_the_queue_is_not_known(seeded: Seeded) -> None:
    key = failed_run(seeded)
    gateway = MemoryGateway()
    gateway.queue = MemoryGateway(reachable=False).queue  # type: ignore[method-assign]
    database = Database.open(seeded.url)
    try:
        report = await TriageReports(PostgresRunReader(database), gateway).report(key)
    finally:
        await database.dispose()
    assert report.environment.execution_missing
    assert report.environment.queue is None


@pytest.mark.asyncio
async def test_a_run_that_does_not_exist_has_no_report(seeded: Seeded) -> None:
    database = Database.open(seeded.url)
    try:
        with pytest.raises(NotFound):
            await TriageReports(PostgresRunReader(database), MemoryGateway()).report(RunKey(TENANT, UUID(int=0)))
    finally:
        await database.dispose()
