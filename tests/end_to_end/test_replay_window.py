"""Replay through the real widgets: the list, the failed run, the dialog, the new run; and the secret nowhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTabWidget

from app.desktop.runs.columns import Column
from app.domain.run import RunInspection, RunKey
from app.sandbox.seed_steps import Call, call, choose, expr, set_state
from app.services.inspect_run import InspectRun
from app.services.replay_run import ReplayCommand, ReplayOutcome, ReplayRun
from tests.end_to_end.desk import Desk
from tests.end_to_end.stage import Stage

SECRET = "marigold-4711-tangerine"
PAYLOAD = f"""{{
    "apiKey": "{SECRET}",
    "note": "the key is {SECRET}",
    "amount": 1.10,
    "account": 12345678901234567890123,
    "customer": {{"name": "Ada Lovelace", "city": "Z\\u00fcrich"}},
    "fixed": false
}}"""
STEPS = [
    call("export", "Export", Call("demo.echo", {"value": expr("payload.apiKey")}, save_as="vars.key")),
    choose(
        "choose",
        "payload.fixed",
        [set_state("done", "EXPORTED")],
        [call("refuse", "Refuse", Call("demo.fail", {"message": expr('"Refused key " & payload.apiKey')}))],
    ),
]
REASON = "customer asked for it"
CTRL = Qt.KeyboardModifier.ControlModifier
_INPUT = "SELECT input_json::text FROM workflow_runs WHERE run_id = %(run)s"
_EQUAL = "SELECT a.input_json = b.input_json FROM workflow_runs a, workflow_runs b"
_PAUSE = "UPDATE workflow_definitions SET is_paused = %(paused)s WHERE workflow_id = %(workflow)s"


@pytest.fixture(scope="module")
def workflow(stage: Stage) -> UUID:
    """Publish a workflow that fails unless its payload says that it is fixed."""
    return stage.publish("Invoice export", STEPS)


@pytest.fixture(scope="module", autouse=True)
def worker(stage: Stage) -> Iterator[None]:
    """Have a worker all the time."""
    with stage.worker():
        yield


@pytest.fixture
def source(stage: Stage, workflow: UUID) -> UUID:
    """Make a failed run whose input holds a secret."""
    run_id = stage.run_to_its_end(workflow, PAYLOAD)
    assert stage.status(run_id) == "FAILED"
    return run_id


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[ReplayCommand]:
    """Collect what reaches the service; it is carried out all the same."""
    commands: list[ReplayCommand] = []
    replay = ReplayRun.replay

    async def listen(self: ReplayRun, command: ReplayCommand) -> ReplayOutcome:
        commands.append(command)
        return await replay(self, command)

    monkeypatch.setattr(ReplayRun, "replay", listen)
    return commands


@pytest.fixture(autouse=True)
def secret_is_not_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Listen to everything Rundesk logs and prints."""
    caplog.set_level(logging.DEBUG, logger="app")
    yield
    out, err = capfd.readouterr()
    assert SECRET not in caplog.text + out + err


def open_dialog(desk: Desk, source: UUID) -> QPlainTextEdit:
    """Go from the list over the run to its replay dialog; return the editor once it holds the payload."""
    desk.choose(source)
    desk.click("run.replay")
    editor = desk.named("replay.payload", QPlainTextEdit)
    desk.until(lambda: "customer" in editor.toPlainText())
    return editor


def replace_text(desk: Desk, editor: QPlainTextEdit, old: str, new: str) -> None:
    """Select some text, as by dragging over it, and type over it."""
    editor.moveCursor(editor.textCursor().MoveOperation.Start)
    assert editor.find(old)
    desk.type("replay.payload", new)


def look_everywhere(desk: Desk) -> str:
    """Turn every tab of the run page, copy what can be copied, and return every text that ever showed."""
    said = desk.everything_said()
    tabs = desk.named("run.tabs", QTabWidget)
    for tab in range(tabs.count()):
        tabs.setCurrentIndex(tab)
        QApplication.processEvents()
        said += desk.everything_said()
    return said


def equal_inputs(stage: Stage, one: UUID, other: UUID) -> bool:
    return bool(stage.one(f"{_EQUAL} WHERE a.run_id = %(one)s AND b.run_id = %(other)s", one=one, other=other))


def test_an_unedited_replay_sends_no_payload_and_the_secret_shows_nowhere(
    stage: Stage, desk: Desk, source: UUID, sent: list[ReplayCommand]
) -> None:
    desk.choose(source)
    desk.until(lambda: desk.page_state() == "Failed")
    said = look_everywhere(desk)
    editor = open_dialog(desk, source)
    assert desk.says("replay.dirty") == "Unchanged: the original will be sent"
    desk.press("replay.payload", Qt.Key.Key_A, CTRL)
    desk.press("replay.payload", Qt.Key.Key_C, CTRL)
    assert "customer" in QApplication.clipboard().text()
    assert editor.textCursor().hasSelection()
    said += desk.everything_said()
    desk.type("replay.reason", REASON)
    desk.click("replay.confirm")
    desk.until(lambda: stage.replays_of(source))
    (replay,) = stage.replays_of(source)
    desk.until(lambda: desk.page_shows(replay) and desk.is_in_view(replay))
    desk.until(lambda: desk.page_state() == "Failed" == desk.cell(replay, Column.STATE))
    said += look_everywhere(desk)

    assert [(command.edit, command.reason) for command in sent] == [(None, REASON)]
    assert equal_inputs(stage, source, replay)
    assert SECRET in stage.one(_INPUT, run=replay)
    assert "[REDACTED]" in said
    assert "Ada Lovelace" in said
    assert SECRET not in said


def test_an_edited_replay_keeps_what_is_masked_and_is_followed_to_its_end(
    stage: Stage, desk: Desk, source: UUID, sent: list[ReplayCommand]
) -> None:
    editor = open_dialog(desk, source)
    replace_text(desk, editor, "false", "true")
    desk.until(lambda: desk.says("replay.dirty").startswith("Edited, 1 change"))
    desk.type("replay.reason", REASON)
    desk.press("replay.reason", Qt.Key.Key_Return)
    desk.until(lambda: stage.replays_of(source))
    (replay,) = stage.replays_of(source)
    desk.until(lambda: desk.page_shows(replay))
    desk.until(lambda: desk.page_state() == "Succeeded" == desk.cell(replay, Column.STATE))

    (command,) = sent
    assert command.edit is not None
    assert SECRET not in repr(command.edit)
    assert stage.one(_INPUT, run=replay) == stage.one(_INPUT, run=source).replace('"fixed": false', '"fixed": true')
    assert SECRET not in look_everywhere(desk)


def test_text_that_is_no_json_reaches_no_service_and_says_where_it_is_wrong(
    stage: Stage, desk: Desk, source: UUID, sent: list[ReplayCommand]
) -> None:
    editor = open_dialog(desk, source)
    desk.type("replay.reason", REASON)
    replace_text(desk, editor, "false", "nope")
    desk.press("replay.payload", Qt.Key.Key_Return, CTRL)
    desk.until(lambda: desk.says("replay.dirty").startswith("Invalid JSON at line"))
    assert not desk.may("replay.confirm")
    for name in ("replay.payload", "replay.reason"):
        desk.press(name, Qt.Key.Key_Return, CTRL)
    replace_text(desk, editor, "nope", "false")
    desk.until(lambda: desk.may("replay.confirm"))
    assert sent == []
    assert stage.replays_of(source) == []
    desk.press("replay.reason", Qt.Key.Key_Escape)
    desk.click("replay.discard")
    desk.until(lambda: desk.seen("replay.dialog") is None)


def test_a_refused_replay_keeps_everything_and_can_be_sent_again(
    stage: Stage, desk: Desk, source: UUID, workflow: UUID
) -> None:
    editor = open_dialog(desk, source)
    replace_text(desk, editor, "Ada Lovelace", "Grace Hopper")
    desk.type("replay.reason", REASON)
    prepared = editor.toPlainText()
    stage.ask(_PAUSE, paused=True, workflow=workflow)
    try:
        desk.click("replay.confirm")
        desk.until(lambda: "paused" in desk.says("replay.error.text"))
    finally:
        stage.ask(_PAUSE, paused=False, workflow=workflow)
    assert desk.seen("replay.dialog") is not None
    assert editor.toPlainText() == prepared
    assert not editor.isReadOnly()
    assert desk.named("replay.reason", QLineEdit).text() == REASON
    assert desk.page_shows(source)
    assert stage.replays_of(source) == []

    desk.click("replay.confirm")
    desk.until(lambda: stage.replays_of(source))
    (replay,) = stage.replays_of(source)
    desk.until(lambda: desk.page_shows(replay) and desk.seen("replay.dialog") is None)
    assert "Grace Hopper" in stage.one(_INPUT, run=replay)


def test_a_reading_that_arrives_late_does_not_take_the_page_back_in_time(
    stage: Stage, desk: Desk, source: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, held = InspectRun.open, Event()
    late: list[RunInspection] = []

    async def read_slowly(self: InspectRun, key: RunKey, **wanted: Any) -> RunInspection:
        inspection = await read(self, key, **wanted)
        task = asyncio.current_task()
        own = task is not None and not task.get_name().startswith("watch")
        if own and not late and inspection.run.row.completed_at is None:
            late.append(inspection)
            await asyncio.to_thread(held.wait, 30)
        return inspection

    open_dialog(desk, source)
    desk.type("replay.reason", REASON)
    monkeypatch.setattr(InspectRun, "open", read_slowly)
    stage.stop("worker")  # so that the run cannot end before it is read
    try:
        desk.click("replay.confirm")
        desk.until(lambda: late)
    finally:
        stage.start("worker")
    (replay,) = stage.replays_of(source)
    desk.until(lambda: desk.page_shows(replay) and desk.page_state() == "Failed")
    held.set()
    desk.until(lambda: "read run" not in desk.at_work)
    assert len(late) == 1
    assert desk.page_state() == "Failed"


def test_a_double_click_sends_once(stage: Stage, desk: Desk, source: UUID, sent: list[ReplayCommand]) -> None:
    open_dialog(desk, source)
    desk.type("replay.reason", REASON)
    desk.double_click("replay.confirm")
    desk.until(lambda: stage.replays_of(source))
    (replay,) = stage.replays_of(source)
    desk.until(lambda: desk.page_shows(replay))
    desk.until(lambda: desk.page_state() == "Failed")
    assert len(sent) == 1
    assert stage.replays_of(source) == [replay]
    assert stage.executions(replay) == 1
