"""Replay and cancel on a real Postgres and a real Temporal: what is stored, logged and audited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import make_url

from app import __version__
from app.domain.errors import ActionRefused
from app.domain.launching import LaunchState
from app.domain.payload_change import EditedText
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.services.cancel_run import CancelCommand, CancelRun
from app.services.launch_run import LaunchRun
from app.services.replay_run import Acceptance, ReplayCommand, ReplayRun
from app.services.start_run import StartCommand, StartRun
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.conftest import Seeded
from tests.services.doubles import TENANT, operator

SECRET = "sk-live-0123456789abcdef"
INPUT = f'{{"client": "Emerald", "api_key": "{SECRET}", "amount": 1.10, "big": 12345678901234567890123}}'

BESIDE = frozenset({Acceptance.ACTIVE_SOURCE})
"""No worker runs here, so that every source is still under way."""


@dataclass
class Bench:
    """All acting services of one console."""

    seeded: Seeded
    gateway: TemporalGateway
    start: StartRun
    replay: ReplayRun
    cancel: CancelRun

    async def source(self) -> RunKey:
        outcome = await self.start.start(
            StartCommand(TENANT, self.seeded.workflow_id, INPUT, operator("manage"), uuid4())
        )
        assert outcome.state is LaunchState.STARTED
        return outcome.run

    def run(self, run_id: UUID) -> dict[str, object]:
        return self.seeded.rows("SELECT *, input_json::text AS text FROM workflow_runs WHERE run_id = %s", run_id)[0]

    def logs(self, run_id: UUID) -> list[tuple[object, object]]:
        query = "SELECT level, message FROM workflow_run_logs WHERE run_id = %s ORDER BY created_at, log_id"
        return [(log["level"], log["message"]) for log in self.seeded.rows(query, run_id)]

    def audits(self, operation: str) -> list[dict[str, object]]:
        return self.seeded.rows("SELECT * FROM audit_logs WHERE operation = %s", operation)


@pytest_asyncio.fixture
async def bench(stack: Stack, seeded: Seeded) -> AsyncIterator[Bench]:
    database = Database.open(seeded.url)
    reader, writer = PostgresRunReader(database), PostgresRunWriter(database)
    gateway = TemporalGateway(stack.temporal_address, stack.namespace)
    launch, schemas = LaunchRun(writer, gateway), PostgresPayloadSchemas(database)
    yield Bench(
        seeded,
        gateway,
        StartRun(launch, writer, schemas),
        ReplayRun(reader, writer, launch, schemas),
        CancelRun(reader, writer, gateway),
    )
    await database.dispose()


@pytest.mark.asyncio
async def test_an_unedited_replay_is_the_stored_input_exactly(bench: Bench) -> None:
    source = await bench.source()
    form = await bench.replay.prepare(source)
    assert SECRET not in form.text
    command = ReplayCommand(
        source, "asked", operator("admin"), uuid4(), EditedText(form.text), form.source.input_hash, accepts=BESIDE
    )

    outcome = await bench.replay.replay(command)

    assert (outcome.launch.state, outcome.payload) == (LaunchState.STARTED, "original")
    new = bench.run(command.request_id)
    assert new["text"] == bench.run(source.run_id)["text"]
    assert new["trigger_metadata_json"] == {"replayOfRunId": str(source.run_id), "reason": "asked"}
    assert bench.logs(command.request_id) == [("INFO", "Run started"), ("INFO", "Run replayed from previous run")]
    assert bench.logs(source.run_id)[-1] == ("INFO", "Run replay created")
    (audit,) = bench.audits("workflow_run_replay")
    assert audit["record_id"] == str(source.run_id)
    assert audit["changed_data"] == {"replayedRunId": str(command.request_id)}
    assert await bench.gateway.describe(command.request_id) is not None


@pytest.mark.asyncio
async def test_an_edited_replay_changes_that_and_nothing_else(bench: Bench) -> None:
    source = await bench.source()
    form = await bench.replay.prepare(source)
    edited = form.text.replace("Emerald", "Ruby").replace("1.10", "1.100")
    command = ReplayCommand(
        source, "asked", operator("admin"), uuid4(), EditedText(edited), form.source.input_hash, accepts=BESIDE
    )

    outcome = await bench.replay.replay(command)

    assert outcome.payload == "edited"
    query = "SELECT input_json = %s::jsonb AS equal FROM workflow_runs WHERE run_id = %s"
    (same,) = bench.seeded.rows(query, INPUT.replace("Emerald", "Ruby"), command.request_id)
    assert same["equal"]


@pytest.mark.asyncio
async def test_a_source_that_changes_between_form_and_replay_is_refused(bench: Bench) -> None:
    source = await bench.source()
    form = await bench.replay.prepare(source)
    bench.seeded.execute("""UPDATE workflow_runs SET input_json = '{"client": "Other"}'""")
    command = ReplayCommand(source, "asked", operator("admin"), uuid4(), None, form.source.input_hash, accepts=BESIDE)
    with pytest.raises(ActionRefused, match="changed"):
        await bench.replay.replay(command)
    assert len(bench.seeded.rows("SELECT 1 FROM workflow_runs")) == 1


@pytest.mark.asyncio
async def test_a_damaged_input_is_blocked_until_its_path_is_replaced(bench: Bench) -> None:
    source = await bench.source()
    bench.seeded.execute("""UPDATE workflow_runs SET input_json = '{"api_key": "[REDACTED]", "a": 1}'""")
    command = ReplayCommand(source, "asked", operator("admin"), uuid4(), accepts=BESIDE)
    with pytest.raises(ActionRefused) as caught:
        await bench.replay.replay(command)
    assert caught.value.params["paths"] == ("/api_key",)

    repair = EditedText('{"api_key": "typed", "a": 1}')
    repaired = ReplayCommand(source, "asked", operator("admin"), uuid4(), repair, accepts=BESIDE)
    assert (await bench.replay.replay(repaired)).payload == "edited"
    assert bench.run(repaired.request_id)["input_json"] == {"api_key": "typed", "a": 1}


@pytest.mark.asyncio
async def test_a_cancel_reaches_temporal_then_the_row_its_waits_log_and_audit(bench: Bench) -> None:
    source = await bench.source()
    bench.seeded.execute(
        "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, status)"
        " VALUES (%s, %s, 'root.steps[0]', 'event', 'WAITING')",
        source.run_id,
        TENANT,
    )
    command = CancelCommand(source, "wrong client", operator("admin"), uuid4())

    outcome = await bench.cancel.cancel(command)

    assert (outcome.requested, outcome.accepted, outcome.status) == (True, True, "CANCELED")
    row = bench.run(source.run_id)
    assert (row["status"], row["node_path"]) == ("CANCELED", None)
    assert row["completed_at"] is not None
    assert [wait["status"] for wait in bench.seeded.rows("SELECT status FROM workflow_run_waits")] == ["CANCELED"]
    assert bench.logs(source.run_id)[-1] == ("WARN", "Run canceled by operator")
    (audit,) = bench.audits("workflow_run_cancel")
    assert audit["details"]["reason"] == "wrong client"
    assert audit["details"].keys() >= {"actorRoles", "source", "operatorVerified"}
    assert audit["details"]["appVersion"] == __version__
    assert audit["details"]["databaseLogin"] == make_url(bench.seeded.url).username
    with pytest.raises(ActionRefused, match="CANCELED"):
        await bench.cancel.cancel(command)


@pytest.mark.asyncio
async def test_a_run_unknown_to_temporal_cannot_be_cancelled(bench: Bench) -> None:
    run_id = uuid4()
    bench.seeded.execute(
        "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine)"
        " VALUES (%s, %s, %s, 1, 'RUNNING', 'temporal')",
        run_id,
        TENANT,
        bench.seeded.workflow_id,
    )
    command = CancelCommand(RunKey(TENANT, run_id), "wrong client", operator("admin"), uuid4())
    with pytest.raises(ActionRefused, match="never started"):
        await bench.cancel.cancel(command)
    assert bench.run(run_id)["status"] == "RUNNING"
    assert bench.audits("workflow_run_cancel") == []
