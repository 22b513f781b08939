"""The environment check on real servers: what is true is said with evidence, what cannot be asked is unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from app.bootstrap.services import wire, wire_doctor
from app.domain.health.check import Check, CheckState, HealthCheck
from app.postgres.database import Database
from app.sandbox.server_process import free_port
from app.services.doctor import Doctor, HealthReport
from app.temporal.contract import WORKFLOW_TYPE, workflow_id_of
from app.temporal.gateway import TemporalGateway
from app.temporal.ignored_environment import IGNORED_VARIABLES
from tests.cli.command_line import rundesk
from tests.conftest import Stack, TestDatabase
from tests.services.rescue import Rescue

pytestmark = pytest.mark.asyncio

LOGIN = {"user": "reader", "password": "hunter2-pw"}


def found(report: HealthReport, check: Check) -> HealthCheck:
    (one,) = [each for each in report.checks if each.check is check]
    return one


def states(report: HealthReport, *checks: Check) -> dict[Check, CheckState]:
    return {check: found(report, check).state for check in checks}


async def examine(doctor: Doctor) -> HealthReport:
    report = await doctor.examine()
    assert [each.check for each in report.checks] == list(Check)
    assert all(each.evidence for each in report.checks)
    assert all(each.remedy for each in report.checks if each.state is not CheckState.OK)
    return report


@pytest.mark.usefixtures("engine")
async def test_a_sound_environment_has_no_problem(rescue: Rescue) -> None:
    await rescue.bench.until(lambda: is_polled(rescue))
    report = await examine(rescue.console.doctor)
    assert CheckState.PROBLEM not in {each.state for each in report.checks}, report
    fine = (Check.POSTGRES, Check.PRIVILEGES, Check.SHAPE, Check.POOLING, Check.TEMPORAL, Check.NAMESPACE)
    assert set(states(report, *fine, Check.POLLERS, Check.QUEUES, Check.CLOCK).values()) == {CheckState.OK}
    assert found(report, Check.POSTGRES_VERSION).params["version"]
    assert found(report, Check.RETENTION).code == "retention_short"  # the dev server keeps a day
    assert found(report, Check.BUILDS).code == "builds_one"
    assert (found(report, Check.SHAPE).code, found(report, Check.POOLING).code) == ("shape_plain", "pool_none")


async def is_polled(rescue: Rescue) -> bool:
    """Say whether Temporal lists both kinds of pollers, which takes a moment after a worker's start."""
    return found(await rescue.console.doctor.examine(), Check.POLLERS).state is CheckState.OK


async def test_open_executions_on_another_queue_are_a_split_brain(rescue: Rescue) -> None:
    run_id, queue = uuid4(), f"old-queue-{uuid4()}"
    rescue.bench.launched.append(run_id)
    await rescue.bench.client.start_workflow(WORKFLOW_TYPE, {}, id=workflow_id_of(run_id), task_queue=queue)

    async def is_listed() -> HealthCheck | None:
        check = found(await rescue.console.doctor.examine(), Check.QUEUES)
        return check if queue in check.evidence else None

    check = await rescue.bench.until(is_listed)
    assert (check.state, check.code) == (CheckState.PROBLEM, "queues_split")
    assert "Split brain" in check.evidence


async def test_either_side_away_leaves_its_checks_unknown_and_the_others_answered(rescue: Rescue, stack: Stack) -> None:
    here = rescue.bench.database
    deaf = TemporalGateway(f"127.0.0.1:{free_port()}", "default")
    report = await examine(wire_doctor(here, deaf))
    assert (found(report, Check.TEMPORAL).state, report.worst) == (CheckState.PROBLEM, CheckState.PROBLEM)
    unknown = (Check.NAMESPACE, Check.RETENTION, Check.POLLERS, Check.QUEUES, Check.BACKLOG, Check.BUILDS)
    assert set(states(report, *unknown).values()) == {CheckState.UNKNOWN}
    assert set(states(report, Check.POSTGRES, Check.PRIVILEGES, Check.CLOCK).values()) == {CheckState.OK}

    nowhere = Database.open(f"postgresql://u:{LOGIN['password']}@127.0.0.1:{free_port()}/x")
    report = await examine(wire_doctor(nowhere, TemporalGateway(stack.temporal_address, stack.namespace)))
    await nowhere.dispose()
    assert found(report, Check.POSTGRES).state is CheckState.PROBLEM
    assert set(states(report, Check.PRIVILEGES, Check.CLOCK, Check.INDEXES).values()) == {CheckState.UNKNOWN}
    assert set(states(report, Check.TEMPORAL, Check.NAMESPACE).values()) == {CheckState.OK}
    assert LOGIN["password"] not in str(report)

    foreign = Database.open(stack.url("postgres"))
    report = await examine(wire_doctor(foreign, deaf))
    await foreign.dispose()
    assert found(report, Check.POSTGRES).state is CheckState.PROBLEM


@pytest.fixture
def poor_login(stack: Stack, database: TestDatabase) -> Iterator[str]:
    """Yield the address of a login that may read runs, waits and settings and nothing else."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'hunter2-pw'")
        connection.execute("GRANT SELECT ON workflow_runs, workflow_run_waits, tenant_settings TO reader")
        yield make_url(database.url).set(username="reader", password="hunter2-pw").render_as_string(False)
        connection.execute("DROP OWNED BY reader")
        connection.execute("DROP ROLE reader")


async def test_lacking_rights_are_named_table_by_table(rescue: Rescue, poor_login: str) -> None:
    database = Database.open(poor_login)
    report = await examine(wire_doctor(database, TemporalGateway(f"127.0.0.1:{free_port()}", "default")))
    await database.dispose()
    check = found(report, Check.PRIVILEGES)
    assert (check.state, check.code) == (CheckState.PROBLEM, "may_not_read")
    assert "SELECT on workflow_run_steps" in check.evidence
    assert "workflow_run_waits" not in check.evidence
    assert "hunter2-pw" not in str(report)


async def test_indexes_are_worth_asking_for_once_the_tables_are_large(rescue: Rescue) -> None:
    workflow_id = await rescue.bench.publish([])
    (run_id,) = await rescue.add_runs(workflow_id, {"status": "SUCCEEDED"})
    check = found(await examine(rescue.console.doctor), Check.INDEXES)
    assert (check.state, check.code) == (CheckState.OK, "indexes_small")
    await rescue.bench.execute(
        "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, status)"
        " SELECT :r, :t, 'root', 'time', 'RESOLVED' FROM generate_series(1, 30000)",
        r=run_id,
        t=rescue.tenant,
    )
    with psycopg.connect(rescue.flags[1], autocommit=True) as connection:
        connection.execute("ANALYZE workflow_run_waits")
        check = found(await examine(rescue.console.doctor), Check.INDEXES)
        assert (check.state, check.code) == (CheckState.WARNING, "indexes_missing")
        statement = str(check.params["statements"]).rstrip(";")
        assert "times less" in check.evidence
        assert statement == "CREATE INDEX CONCURRENTLY ON workflow_run_waits (run_id)"
        connection.execute(statement)
    assert "run_waits" not in found(await examine(rescue.console.doctor), Check.INDEXES).evidence


async def test_the_shape_of_a_hosted_installation_is_recognized(
    citus_shape_database: TestDatabase, stack: Stack
) -> None:
    database = Database.open(citus_shape_database.url)
    report = await examine(wire_doctor(database, TemporalGateway(stack.temporal_address, stack.namespace)))
    await database.dispose()
    assert found(report, Check.SHAPE).code == "shape_citus_keys"


async def test_leftover_variables_are_named_and_never_valued(rescue: Rescue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(IGNORED_VARIABLES[0], "value-of-it")
    gateway = TemporalGateway(f"127.0.0.1:{free_port()}", "default")
    check = found(await examine(wire(rescue.bench.database, gateway).doctor), Check.VARIABLES)
    assert (check.state, IGNORED_VARIABLES[0] in check.evidence) == (CheckState.WARNING, True)
    assert "value-of-it" not in check.evidence


@pytest.mark.usefixtures("engine")
async def test_the_command_line_prints_every_check_and_no_password(rescue: Rescue) -> None:
    await rescue.bench.until(lambda: is_polled(rescue))
    said = await asyncio.to_thread(rundesk, "doctor", "--json", *rescue.flags)
    assert said.code == 0
    assert [each["check"] for each in said.document["checks"]] == list(Check)
    assert {"state", "evidence", "remedy", "code"} <= said.document["checks"][0].keys()
    password = make_url(rescue.flags[1]).password
    assert password
    assert password not in said.out + said.err
    plain = await asyncio.to_thread(rundesk, "doctor", *rescue.flags)
    assert "postgres.reachable" in plain.out
