"""A server dies under the open window: what is shown stays and says from when it is; then it recovers by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from app.desktop.runs.columns import Column
from app.postgres.run_writer import PostgresRunWriter
from app.sandbox.seed_steps import set_state
from app.temporal.gateway import TemporalGateway
from tests.end_to_end.desk import Desk
from tests.end_to_end.stage import Stage

REASON = "the first attempt was lost"
POSTGRES, TEMPORAL = "postgres", "temporal"
WORDS = {POSTGRES: "Postgres cannot be reached. You see data from", TEMPORAL: "Temporal cannot be reached."}
_IDS = "SELECT temporal_run_id IS NOT NULL FROM workflow_runs WHERE run_id = %(run)s"
_NOTES = "SELECT count(*) FROM workflow_run_logs WHERE run_id = %(run)s AND message = 'Run replay created'"


@pytest.fixture(scope="module")
def workflow(stage: Stage) -> UUID:
    """Publish a workflow that ends at once."""
    return stage.publish("Password expiry", [set_state("note", "NOTED")])


@pytest.fixture(scope="module", autouse=True)
def worker(stage: Stage) -> Iterator[None]:
    """Have a worker, which has to survive the outages too."""
    with stage.worker():
        yield


@pytest.fixture(autouse=True)
def servers_up_again(stage: Stage, desk: Desk) -> Iterator[None]:
    """Give the next test what it needs, also after a failure."""
    yield
    for server in (POSTGRES, TEMPORAL):
        stage.start(server)
    desk.until(lambda: outage(desk) == "", 60_000)


@pytest.fixture
def source(stage: Stage, workflow: UUID) -> UUID:
    """Make a run that has ended."""
    return stage.run_to_its_end(workflow, '{"user": "ada", "password": "hunter2-forever"}')


def outage(desk: Desk) -> str:
    """Return what the window says of an outage."""
    return desk.says("runs.outage.text")


def listed(desk: Desk) -> int:
    """Return how many rows the list holds."""
    return desk.window.runs.table.model().rowCount()


def prepare_replay(desk: Desk, source: UUID) -> None:
    """Open the replay dialog and fill it in."""
    desk.choose(source)
    desk.click("run.replay")
    desk.until(lambda: "user" in desk.named("replay.payload", QPlainTextEdit).toPlainText())
    desk.type("replay.reason", REASON)


def assert_nothing_is_lost(desk: Desk, source: UUID) -> None:
    """Check that the dialog is open with what was typed, its error in it, over the source run."""
    assert desk.says("replay.error.text") != ""
    assert desk.named("replay.reason", QLineEdit).text() == REASON
    assert "user" in desk.named("replay.payload", QPlainTextEdit).toPlainText()
    assert desk.page_shows(source)


def assert_done_once(desk: Desk, stage: Stage, source: UUID) -> None:
    """Wait until the replay is done; check that it was done once, on both sides and with its notes."""
    desk.until(lambda: len(stage.replays_of(source)) == 1)
    (replay,) = stage.replays_of(source)
    desk.until(lambda: desk.page_shows(replay) and desk.seen("replay.dialog") is None)
    desk.until(lambda: stage.status(replay) == "SUCCEEDED", 60_000)
    desk.until(lambda: desk.page_state() == "Succeeded")
    desk.until(lambda: desk.cell(replay, Column.STATE) == "Succeeded")
    desk.until(lambda: stage.one(_IDS, run=replay) and stage.one(_NOTES, run=source) == 1)
    assert stage.replays_of(source) == [replay]
    assert stage.executions(replay) == 1


def kill_during(monkeypatch: pytest.MonkeyPatch, owner: type, method: str, kill: Callable[[], None]) -> None:
    """End a server when the window's service is about to call this method for the first time."""
    original = getattr(owner, method)
    killed = asyncio.Event()

    async def call(self: Any, *args: Any) -> Any:
        if not killed.is_set():
            killed.set()
            await asyncio.to_thread(kill)
        return await original(self, *args)

    monkeypatch.setattr(owner, method, call)


@pytest.mark.parametrize("server", [POSTGRES, TEMPORAL])
def test_an_outage_is_said_calmly_keeps_the_data_and_ends_by_itself(
    stage: Stage, desk: Desk, source: UUID, workflow: UUID, server: str
) -> None:
    desk.choose(source)
    rows = listed(desk)
    assert rows > 0
    assert outage(desk) == ""
    stage.kill(server)
    desk.until(lambda: outage(desk).startswith(WORDS[server]))
    desk.until(lambda: "cannot be reached" in desk.says(f"status.{server}"))
    assert listed(desk) == rows
    assert desk.page_shows(source)
    assert desk.seen("notice.close") is None, "an outage is shown in its place, never as a pile of messages"

    stage.start(server)
    desk.until(lambda: outage(desk) == "", 60_000)
    desk.until(lambda: "cannot be reached" not in desk.says(f"status.{server}"), 60_000)
    newer = stage.run_to_its_end(workflow, "{}")
    desk.until(lambda: desk.cell(newer, Column.STATE) == "Succeeded")


@pytest.mark.parametrize("server", [POSTGRES, TEMPORAL])
def test_a_replay_during_an_outage_fails_in_its_dialog_and_succeeds_from_there(
    stage: Stage, desk: Desk, source: UUID, server: str
) -> None:
    prepare_replay(desk, source)
    stage.kill(server)
    desk.click("replay.confirm")
    desk.until(lambda: desk.says("replay.error.text") != "", 30_000)
    assert_nothing_is_lost(desk, source)
    desk.until(lambda: outage(desk).startswith(WORDS[server]))  # the dialog may have noticed it first
    stage.start(server)
    desk.until(lambda: outage(desk) == "", 60_000)
    assert stage.replays_of(source) == []
    desk.click("replay.confirm")
    assert_done_once(desk, stage, source)


def test_postgres_dying_before_the_row_leaves_nothing_done_visibly(
    stage: Stage, desk: Desk, source: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_replay(desk, source)
    kill_during(monkeypatch, PostgresRunWriter, "admit", lambda: stage.kill(POSTGRES))
    desk.click("replay.confirm")
    desk.until(lambda: desk.says("replay.error.text") != "", 30_000)
    assert_nothing_is_lost(desk, source)
    stage.start(POSTGRES)
    desk.until(lambda: outage(desk) == "", 60_000)
    desk.click("replay.confirm")
    assert_done_once(desk, stage, source)


def test_temporal_dying_between_row_and_execution_is_settled_when_it_returns(
    stage: Stage, desk: Desk, source: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_replay(desk, source)
    kill_during(monkeypatch, TemporalGateway, "start", lambda: stage.kill(TEMPORAL))
    desk.click("replay.confirm")
    desk.until(lambda: desk.seen("replay.dialog") is None, 60_000)
    (replay,) = stage.replays_of(source)
    assert stage.status(replay) == "RUNNING"
    assert "not confirmed it yet" in desk.everything_said()
    stage.start(TEMPORAL)
    assert_done_once(desk, stage, source)


def test_postgres_dying_before_the_ids_are_recorded_is_completed_when_it_returns(
    stage: Stage, desk: Desk, source: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_replay(desk, source)
    kill_during(monkeypatch, PostgresRunWriter, "confirm_launch", lambda: stage.kill(POSTGRES))
    desk.click("replay.confirm")
    desk.until(lambda: desk.seen("replay.dialog") is None, 60_000)
    stage.start(POSTGRES)
    assert_done_once(desk, stage, source)


def test_a_run_deleted_while_its_ids_are_recorded_is_told_and_crashes_nothing(
    stage: Stage, desk: Desk, source: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_replay(desk, source)
    delete = "DELETE FROM workflow_runs WHERE trigger_metadata_json->>'replayOfRunId' = %(source)s"
    kill_during(monkeypatch, PostgresRunWriter, "confirm_launch", lambda: stage.ask(delete, source=str(source)))
    desk.click("replay.confirm")
    desk.until(lambda: desk.says("replay.error.text") != "")
    assert_nothing_is_lost(desk, source)
