"""Consoles killed at every boundary of an act, and a new one that finds out what happened and completes the rest."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from app.bootstrap.services import wire
from app.domain.errors import JournalUnusable, NotFound, NotPermitted
from app.domain.intent import Intent, IntentFinding, MissingAct
from app.domain.run import RunKey
from app.local.intent_journal import FileIntentJournal
from app.postgres.database import Database
from app.services.cancel_run import CancelCommand
from app.services.console import Console
from app.services.launch_intent import cancel_intent
from app.services.ports import ActionRecord, ExecutionStart
from app.services.replay_run import Acceptance, ReplayCommand
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.conftest import Seeded
from tests.services.doubles import TENANT, operator
from tests.services.dying_console import PLACE, REASON, admin
from tests.temporal.until import until

SECRET = "sk-live-0123456789abcdef"
INPUT = f'{{"client": "Emerald", "api_key": "{SECRET}", "big": 12345678901234567890123}}'
EDITED = INPUT.replace("Emerald", "Ruby")
REPLAYS = ("noted", "admitted", "started", "confirmed")
CANCELS = ("noted", "requested", "recorded", "closed")
DIED = 137
PROJECT = Path(__file__).parents[2]


@dataclass
class Scene:
    """One database and one Temporal on which consoles die."""

    stack: Stack
    seeded: Seeded
    journal: Path
    client: Client
    gateway: TemporalGateway
    cleanup: AsyncExitStack

    async def run(self) -> UUID:
        """A RUNNING run with an execution and a started step, whose worker projects nothing."""
        run_id = uuid4()
        self.seeded.execute(
            "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, input_json)"
            " VALUES (%s, %s, %s, 1, 'RUNNING', 'temporal', %s)",
            run_id,
            TENANT,
            self.seeded.workflow_id,
            INPUT,
        )
        self.seeded.execute(
            "INSERT INTO workflow_run_steps (run_id, tenant, step_path, definition_step_id, status)"
            " VALUES (%s, %s, 'root.steps[0]', 's', 'STARTED')",
            run_id,
            TENANT,
        )
        await self.gateway.start(ExecutionStart(run_id, TENANT, self.seeded.workflow_id, 1, None, "launch-1"))
        return run_id

    async def die(self, *deaths: tuple[str, str, UUID]) -> list[UUID]:
        """Let consoles die of (kind, boundary, run); return the requests that they left unfinished."""
        orders = [self._order(*death) for death in deaths]
        dying = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.services.dying_console", json.dumps(orders), cwd=PROJECT, stdout=PIPE
        )
        for _, boundary, run_id in deaths:
            if boundary == "closed":
                await until(lambda run_id=run_id: self._is_canceled(run_id), within=120)
                await self.terminate(run_id)
        out, _ = await dying.communicate()
        ends = dict(zip([death[:2] for death in deaths], json.loads(out), strict=True))
        assert set(ends.values()) == {DIED}, ends
        return [UUID(order["request_id"]) for order in orders]

    def _order(self, kind: str, boundary: str, run_id: UUID) -> dict[str, str]:
        return {
            "database_url": self.seeded.url,
            "temporal_address": self.stack.temporal_address,
            "namespace": self.stack.namespace,
            "journal": str(self.journal),
            "tenant": str(TENANT),
            "run_id": str(run_id),
            "request_id": str(uuid4()),
            "kind": kind,
            "boundary": boundary,
        }

    async def _is_canceled(self, run_id: UUID) -> bool:
        return self.status(run_id) == "CANCELED"

    def status(self, run_id: UUID) -> object:
        rows = self.seeded.rows("SELECT status FROM workflow_runs WHERE run_id = %s", run_id)
        return rows[0]["status"] if rows else None

    async def terminate(self, run_id: UUID) -> None:
        await self.client.get_workflow_handle(f"workflow-runtime-v2:run:{run_id}").terminate()

    def console(self) -> Console:
        """A new console, half a minute later."""
        console = self.console_on(FileIntentJournal(self.journal, PLACE))
        console.intents._now = lambda: datetime.now(UTC) + timedelta(seconds=30)
        return console

    def console_on(self, journal: FileIntentJournal) -> Console:
        database = Database.open(self.seeded.url)
        self.cleanup.push_async_callback(database.dispose)
        return wire(database, self.gateway, intents=journal)

    def audits(self, operation: str, record_id: UUID) -> int:
        query = "SELECT 1 FROM audit_logs WHERE operation = %s AND record_id = %s"
        return len(self.seeded.rows(query, operation, str(record_id)))

    def logs(self, run_id: UUID) -> list[object]:
        query = "SELECT message FROM workflow_run_logs WHERE run_id = %s ORDER BY created_at, log_id"
        return [row["message"] for row in self.seeded.rows(query, run_id)]


@pytest_asyncio.fixture
async def scene(stack: Stack, seeded: Seeded, tmp_path: Path) -> AsyncIterator[Scene]:
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    gateway = TemporalGateway(stack.temporal_address, stack.namespace)
    async with AsyncExitStack() as cleanup:
        yield Scene(stack, seeded, tmp_path, client, gateway, cleanup)


def by_request(findings: tuple[IntentFinding, ...]) -> dict[UUID, IntentFinding]:
    return {finding.intent.request_id: finding for finding in findings}


@pytest.mark.asyncio
async def test_whatever_was_left_half_done_is_found_and_completed_once(scene: Scene) -> None:
    source = await scene.run()
    doomed = [await scene.run() for _ in CANCELS]
    requests = await scene.die(
        *(("replay", boundary, source) for boundary in REPLAYS),
        *(("cancel", boundary, run_id) for boundary, run_id in zip(CANCELS, doomed, strict=True)),
    )
    replays = dict(zip(REPLAYS, requests[: len(REPLAYS)], strict=True))
    cancels = dict(zip(CANCELS, requests[len(REPLAYS) :], strict=True))
    victims = dict(zip(CANCELS, doomed, strict=True))
    assert not [
        path for path in scene.journal.rglob("*.json") if SECRET in path.read_text() or "Ruby" in path.read_text()
    ]

    console = scene.console()
    found = by_request(await console.intents.look())

    assert found.keys() == set(requests)
    codes = {boundary: found[request].code for boundary, request in replays.items()}
    assert codes == {
        "noted": "intent.came_to_nothing",
        "admitted": "intent.never_started",
        "started": "intent.launch_completed",
        "confirmed": "intent.launch_completed",
    }
    assert {boundary: found[request].missing for boundary, request in cancels.items()} == {
        "noted": MissingAct.CANCEL,
        "requested": MissingAct.CANCEL,  # accepted or not: no worker has ended the execution yet
        "recorded": MissingAct.CLOSE,
        "closed": MissingAct.NOTHING,
    }

    with pytest.raises(NotPermitted):
        await console.intents.carry_out(replays["admitted"], operator("manage"))
    started = await console.intents.carry_out(replays["admitted"], admin())
    assert started.code == "intent.started_now"
    for boundary in ("noted", "requested"):
        again = await console.intents.carry_out(cancels[boundary], admin())
        assert again.missing is MissingAct.CLOSE
    for boundary in ("noted", "requested", "recorded"):
        await scene.terminate(victims[boundary])
    with pytest.raises(NotFound):
        await console.intents.carry_out(replays["admitted"], admin())

    rest = by_request(await console.intents.look())
    assert {finding.missing for finding in rest.values()} == {MissingAct.NOTHING}
    assert await console.intents.look() == ()

    assert scene.status(replays["noted"]) is None
    for boundary in ("admitted", "started", "confirmed"):
        await assert_replayed_once(scene, source, replays[boundary])
    assert scene.audits("workflow_run_replay", source) == 3
    for victim in doomed:
        assert scene.status(victim) == "CANCELED"
        assert scene.audits("workflow_run_cancel", victim) == 1
        assert scene.logs(victim).count("Run canceled by operator") == 1
        steps = scene.seeded.rows("SELECT status FROM workflow_run_steps WHERE run_id = %s", victim)
        assert [step["status"] for step in steps] == ["CANCELED"]
    assert list(scene.journal.rglob("*.json")) == []


async def assert_replayed_once(scene: Scene, source: UUID, new: UUID) -> None:
    query = "SELECT *, input_json = %s::jsonb AS is_edited FROM workflow_runs WHERE run_id = %s"
    (run,) = scene.seeded.rows(query, EDITED, new)
    facts = await scene.gateway.describe(new)
    assert facts is not None
    assert (run["status"], run["is_edited"], run["temporal_run_id"]) == ("RUNNING", True, facts.first_run_id)
    assert run["trigger_metadata_json"]["replayOfRunId"] == str(source)
    assert scene.logs(new) == ["Run started", "Run replayed from previous run"]
    visible = f'WorkflowId = "workflow-runtime-v2:run:{new}"'
    assert (await scene.client.count_workflows(visible)).count <= 1
    audits = scene.seeded.rows("SELECT details FROM audit_logs WHERE changed_data->>'replayedRunId' = %s", str(new))
    assert [audit["details"]["reason"] for audit in audits] == [REASON]


@pytest.mark.asyncio
async def test_two_consoles_on_one_journal_do_not_disturb_each_other(scene: Scene) -> None:
    first, second = (FileIntentJournal(scene.journal, PLACE) for _ in range(2))
    console = scene.console()
    run_id = await scene.run()
    intent = left_behind(run_id)
    dead = FileIntentJournal(scene.journal, PLACE)
    await dead.begin(intent)
    assert await first.unfinished() == ()
    await dead.let_go(request := intent.request_id)
    assert await first.unfinished() == (intent,)

    async with first.hold(request) as held:
        assert held
        assert await second.unfinished() == ()
        async with second.hold(request) as also:
            assert not also
        assert await console.intents.look() == ()
        with pytest.raises(NotFound):
            await console.intents.carry_out(request, admin())
        await second.begin(intent)  # another console that is sent the same request waits for nobody
        await second.finish(request)
        assert len(list(scene.journal.rglob("*.json"))) == 1
    assert await second.unfinished() == (intent,)
    await second.finish(request)
    assert await first.unfinished() == ()
    assert await FileIntentJournal(scene.journal, "elsewhere").unfinished() == ()


def left_behind(run_id: UUID) -> Intent:
    command = CancelCommand(RunKey(TENANT, run_id), REASON, admin(), uuid4())
    return cancel_intent(command, TENANT, ActionRecord(command.request_id, command.operator))


@pytest.mark.asyncio
async def test_without_a_place_to_write_it_down_nothing_is_done(scene: Scene) -> None:
    blocked = scene.journal / "a file where a directory should be"
    blocked.write_text("")
    console = scene.console_on(FileIntentJournal(blocked, PLACE))
    run_id = await scene.run()
    with pytest.raises(JournalUnusable):
        await console.cancel.cancel(CancelCommand(RunKey(TENANT, run_id), REASON, admin(), uuid4()))
    assert scene.status(run_id) == "RUNNING"


@pytest.mark.asyncio
async def test_without_a_place_to_write_it_down_nothing_is_replayed(scene: Scene) -> None:
    blocked = scene.journal / "another file where a directory should be"
    blocked.write_text("")
    console = scene.console_on(FileIntentJournal(blocked, PLACE))
    source, request = await scene.run(), uuid4()
    accepted = frozenset({Acceptance.ACTIVE_SOURCE})
    with pytest.raises(JournalUnusable):
        await console.replay.replay(ReplayCommand(RunKey(TENANT, source), REASON, admin(), request, accepts=accepted))
    assert scene.status(request) is None
    assert console.launch.unsettled == ()
    assert await scene.gateway.describe(request) is None
