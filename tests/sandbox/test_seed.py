"""The demo data, by SQL: what a newcomer sees, and that it was really executed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from app.sandbox.seed_definitions import DEMO_WORKFLOWS
from app.sandbox.seed_history import CUTOVER, FINISHED_RUN, STRANDED_RUNS
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT
from app.sandbox.seed_launches import STUCK_RUN
from app.sandbox.seed_plans import Replayed, demo_plans
from app.temporal.contract import SEMANTICS_VERSION, workflow_id_of
from tests.conftest import SandboxUnderTest


def query(demo: SandboxUnderTest, statement: str, *parameters: object) -> list[dict[str, Any]]:
    with psycopg.connect(demo.info.database_url, row_factory=dict_row) as connection:
        return connection.execute(statement, parameters).fetchall()


def test_info_names_tenant_and_operator(demo: SandboxUnderTest) -> None:
    assert (demo.info.tenant, demo.info.operator) == (str(TENANT), OPERATOR_EMAIL)
    assert query(demo, "SELECT client_name FROM tenants") == [{"client_name": "Harbor Managed IT"}]


def test_there_are_runs_in_every_state_and_of_every_workflow(demo: SandboxUnderTest) -> None:
    counts = {row["status"]: row["n"] for row in query(demo, "SELECT status, count(*) n FROM workflow_runs GROUP BY 1")}
    assert sum(counts.values()) >= 60
    assert set(counts) == {"RUNNING", "SUCCEEDED", "FAILED", "CANCELED"}
    assert min(counts.values()) >= 3
    waits = query(demo, "SELECT wait_type, count(*) n FROM workflow_run_waits WHERE status = 'WAITING' GROUP BY 1")
    assert {row["wait_type"]: row["n"] >= 3 for row in waits} == {"event": True, "time": True, "human": True}
    used = query(demo, "SELECT DISTINCT workflow_id FROM workflow_runs")
    assert len(used) == len(DEMO_WORKFLOWS) >= 6


def test_failures_have_different_causes(demo: SandboxUnderTest) -> None:
    codes = query(
        demo,
        "SELECT DISTINCT i.error_json->>'code' code FROM workflow_action_invocations i "
        "JOIN workflow_runs r USING (run_id) WHERE i.status = 'FAILED' AND r.status = 'FAILED'",
    )
    assert {row["code"] for row in codes} >= {
        "PERMISSION_DENIED",
        "CARD_EXPIRED",
        "RATE_LIMITED",
        "PAGER_UNREACHABLE",
        "CONFLICT",
    }
    messages = query(demo, "SELECT DISTINCT error_json->>'message' m FROM workflow_runs WHERE status = 'FAILED'")
    texts = " | ".join(row["m"] for row in messages)
    for words in (
        "timed out waiting for RMM_SCAN_FINISHED",
        "payload.ageHours < 26",
        "notifications.send is not valid",
    ):
        assert words in texts


def test_a_swallowed_error_and_successful_retries_are_there(demo: SandboxUnderTest) -> None:
    swallowed = query(
        demo,
        "SELECT 1 FROM workflow_action_invocations i JOIN workflow_runs r USING (run_id)"
        " JOIN workflow_run_steps s ON s.run_id = r.run_id AND s.step_path = i.step_path"
        " WHERE i.status = 'FAILED' AND s.status = 'SUCCEEDED' AND r.status = 'SUCCEEDED'",
    )
    assert swallowed


def test_one_launch_never_reached_temporal_and_looks_twelve_minutes_old(demo: SandboxUnderTest) -> None:
    stuck = query(
        demo,
        "SELECT run_id, engine, temporal_run_id, extract(epoch FROM ("
        "SELECT min(started_at) FROM workflow_runs WHERE temporal_run_id IS NOT NULL) - started_at) / 60 minutes, "
        "(SELECT count(*) FROM workflow_run_logs l WHERE l.run_id = r.run_id AND l.created_at = r.started_at) logs "
        "FROM workflow_runs r WHERE status = 'RUNNING' AND started_at < now() - interval '60 seconds' "
        "AND NOT EXISTS (SELECT 1 FROM workflow_run_steps s WHERE s.run_id = r.run_id)",
    )
    assert [(row["run_id"], row["engine"], row["temporal_run_id"], row["logs"]) for row in stuck] == [
        (STUCK_RUN, "temporal", None, 1)
    ]
    assert 11 <= stuck[0]["minutes"] < 13, "before the first run that was really executed"


@pytest.mark.asyncio
async def test_every_other_run_was_executed_when_its_row_says_so(demo: SandboxUnderTest) -> None:
    client = await Client.connect(demo.info.temporal_address, namespace=demo.info.namespace)
    executions = {item.id: item async for item in client.list_workflows()}
    rows = query(demo, "SELECT * FROM workflow_runs WHERE engine = 'temporal' AND run_id <> %s", STUCK_RUN)
    assert len(rows) >= 60
    for row in rows:
        execution = executions[workflow_id_of(row["run_id"])]
        assert row["temporal_run_id"] == execution.run_id
        assert abs((row["started_at"] - execution.start_time).total_seconds()) < 30
        assert row["runtime_semantics_version"] != SEMANTICS_VERSION, "our worker stamps its own rules"
    assert workflow_id_of(STUCK_RUN) not in executions


def test_history_looks_as_the_migration_left_it(demo: SandboxUnderTest) -> None:
    legacy = query(demo, "SELECT * FROM workflow_runs WHERE engine IS DISTINCT FROM 'temporal'")
    by_id = {row["run_id"]: row for row in legacy}
    assert set(by_id) == {FINISHED_RUN, *STRANDED_RUNS}
    assert by_id[FINISHED_RUN]["status"] == "SUCCEEDED"
    assert query(demo, "SELECT DISTINCT run_id FROM workflow_run_snapshots") == [{"run_id": FINISHED_RUN}]
    for run in STRANDED_RUNS:
        row = by_id[run]
        assert (row["status"], row["completed_at"], row["error_json"]["stage"]) == ("CANCELED", CUTOVER, "migration")
        assert row["updated_at"] < CUTOVER
        open_steps = query(demo, "SELECT 1 FROM workflow_run_steps WHERE run_id = %s AND status = 'STARTED'", run)
        assert open_steps
        waits = query(demo, "SELECT status, resolved_at FROM workflow_run_waits WHERE run_id = %s", run)
        assert waits == [{"status": "CANCELED", "resolved_at": CUTOVER}]


def test_replays_keep_the_secret_and_the_edited_one_succeeds(demo: SandboxUnderTest) -> None:
    pairs = query(
        demo,
        "SELECT s.input_json source, r.input_json replay, s.status before, r.status after FROM workflow_runs r "
        "JOIN workflow_runs s ON s.run_id::text = r.trigger_metadata_json->>'replayOfRunId' "
        "WHERE r.run_id = ANY(%s) ORDER BY r.status",
        planned := [plan.replay_id for plan in demo_plans() if isinstance(plan.follow_up, Replayed)],
    )
    assert len(pairs) == len(planned)
    unedited, edited = pairs
    assert unedited["source"] == unedited["replay"]
    assert (edited["before"], edited["after"]) == ("FAILED", "SUCCEEDED")
    assert edited["source"]["apiKey"] == edited["replay"]["apiKey"] != "[REDACTED]"
    assert {**edited["source"], "simulate": {}} == edited["replay"]


def test_people_have_the_rights_their_roles_promise(demo: SandboxUnderTest) -> None:
    rows = query(
        demo,
        "SELECT u.email, array_agg(p.action ORDER BY p.action) actions FROM users u "
        "JOIN user_roles USING (tenant, user_id) JOIN role_permissions USING (tenant, role_id) "
        "JOIN permissions p USING (tenant, permission_id) WHERE p.resource = 'workflow' GROUP BY 1",
    )
    rights = {row["email"].partition("@")[0]: row["actions"] for row in rows}
    assert rights == {
        "maria.ortiz": ["admin", "manage", "publish", "read", "view"],
        "jonas.weber": ["manage", "read", "view"],
        "priya.nair": ["read", "view"],
    }


def test_every_workflow_is_published_with_a_schema_and_an_example_that_fits(demo: SandboxUnderTest) -> None:
    rows = query(
        demo,
        "SELECT d.name, v.payload_schema_json FROM workflow_definitions d JOIN workflow_definition_versions v "
        "USING (workflow_id) WHERE d.status = 'published'",
    )
    assert {row["name"] for row in rows} == {workflow.name for workflow in DEMO_WORKFLOWS}
    for row in rows:
        schema = row["payload_schema_json"]
        for example in schema["examples"]:
            assert set(schema["required"]) <= set(example)


def test_no_log_holds_a_payload_secret(demo: SandboxUnderTest) -> None:
    logs = b"".join(log.read_bytes() for log in (Path(demo.info.data_dir) / "logs").iterdir())
    for plan in demo_plans():
        for name in ("apiKey", "initialPassword", "iban"):
            if name in plan.payload:
                assert str(plan.payload[name]).encode() not in logs


@pytest.mark.asyncio
async def test_closed_executions_stay_readable_for_ninety_days(demo: SandboxUnderTest) -> None:
    client = await Client.connect(demo.info.temporal_address, namespace=demo.info.namespace)
    request = DescribeNamespaceRequest(namespace=demo.info.namespace)
    described = await client.workflow_service.describe_namespace(request)
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=90)
