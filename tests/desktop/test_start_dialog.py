"""Starting a workflow through the real dialog."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid5

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.desktop.start.controller import StartController
from app.desktop.start.view import StartDialog
from app.domain.errors import DatabaseUnavailable, GateClosed
from app.domain.launching import LaunchState
from app.domain.placeholders import REDACTED
from tests.desktop.inspections import SPACE, FakeBrowse, FakeStart, failed_inspection, is_gone, launched, make_console

Opened = tuple[StartController, StartDialog, FakeStart]


@pytest.fixture
def opened_runs(context: DesktopContext) -> list[object]:
    keys: list[object] = []
    context.navigate.run_requested.connect(keys.append)
    return keys


@pytest.fixture
def open_dialog(qtbot: QtBot, context: DesktopContext) -> Callable[..., Opened]:
    def open_it(fake: FakeStart | None = None) -> Opened:
        fake = fake or FakeStart()
        context.console = make_console(failed_inspection(), start=fake)
        controller = StartController(context, None)
        context.tasks.spawn("start dialog", controller.start())
        qtbot.waitUntil(lambda: dialog_is_filled(controller.dialog))
        return controller, controller.dialog, fake

    return open_it


def dialog_is_filled(dialog: StartDialog) -> bool:
    return dialog.isVisible() and dialog.workflow.count() == 4


def close(qtbot: QtBot, dialog: StartDialog) -> None:
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_only_published_workflows_that_are_not_paused_can_be_chosen(
    qtbot: QtBot, open_dialog: Callable[..., Opened]
) -> None:
    _, dialog, _ = open_dialog()
    texts = [dialog.workflow.itemText(number) for number in range(4)]
    assert texts == [
        "Invoice dunning · v3",
        "Ticket triage · v4",
        "New hire onboarding · paused",
        "Quarterly review · not published",
    ]
    flags = [bool(dialog.workflow.model().index(number, 0).flags() & Qt.ItemFlag.ItemIsEnabled) for number in range(4)]
    assert flags == [True, True, False, False]
    assert dialog.hint.text() == "Choose a workflow."
    close(qtbot, dialog)


def test_it_starts_once_and_lands_on_the_new_run(
    qtbot: QtBot, open_dialog: Callable[..., Opened], notices: list[Notice], opened_runs: list[object]
) -> None:
    _, dialog, fake = open_dialog()
    dialog.workflow.setCurrentIndex(1)
    QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert command.workflow_id == uuid5(SPACE, "triage")
    assert command.payload_text is None
    assert opened_runs == [launched().run]
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]


def test_a_payload_is_sent_as_typed(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    _, dialog, fake = open_dialog()
    dialog.workflow.setCurrentIndex(0)
    text = '{"amount": 184.50, "big": 90071992547409931}'
    dialog.payload.selectAll()
    dialog.payload.insertPlainText(text)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].payload_text == text


@pytest.mark.parametrize(
    ("text", "badge"),
    [('{"a": }', "Invalid JSON at line 1, column 7"), ("[1]", "Refused"), (f'{{"a": "{REDACTED}"}}', "Refused")],
)
def test_a_payload_that_cannot_be_stored_calls_no_service(
    qtbot: QtBot, open_dialog: Callable[..., Opened], text: str, badge: str
) -> None:
    _, dialog, fake = open_dialog()
    dialog.workflow.setCurrentIndex(0)
    dialog.payload.selectAll()
    dialog.payload.insertPlainText(text)
    dialog.confirm()
    qtbot.waitUntil(lambda: dialog.badge.text() == badge)
    assert not dialog.confirm_button.isEnabled()
    assert dialog.hint.text()
    dialog.confirm()
    assert fake.commands == []
    close(qtbot, dialog)


def test_a_failure_keeps_everything(
    qtbot: QtBot, open_dialog: Callable[..., Opened], opened_runs: list[object]
) -> None:
    fake = FakeStart(error=GateClosed("launch.concurrency", "Full.", workflow="Ticket triage", active=10, limit=10))
    _, dialog, _ = open_dialog(fake)
    dialog.workflow.setCurrentIndex(1)
    dialog.payload.selectAll()
    dialog.payload.insertPlainText('{"ticketId": 48213}')
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert "10 active runs" in dialog.error.text.text()
    assert dialog.payload.whole_text() == '{"ticketId": 48213}'
    assert dialog.workflow.currentIndex() == 1
    assert opened_runs == []
    close(qtbot, dialog)


def test_a_launch_that_temporal_refused_stays_in_the_dialog(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    _, dialog, _ = open_dialog(FakeStart(outcome=launched(state=LaunchState.FAILED, message="No such namespace.")))
    dialog.workflow.setCurrentIndex(0)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert dialog.error.text.text() == "No such namespace."
    close(qtbot, dialog)


def test_workflows_that_cannot_be_read_can_be_read_again(qtbot: QtBot, context: DesktopContext) -> None:
    browse = FakeBrowse()
    browse.error = DatabaseUnavailable("database.unavailable", "Postgres is down.")
    context.console = make_console(failed_inspection(), browse=browse)
    controller = StartController(context, None)
    context.tasks.spawn("start dialog", controller.start())
    dialog = controller.dialog
    qtbot.waitUntil(dialog.error.isVisible)
    browse.error = None
    QTest.mouseClick(dialog._load_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog_is_filled(dialog))
    assert not dialog.error.isVisible()
    close(qtbot, dialog)


def test_controls_have_their_names(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    _, dialog, _ = open_dialog()
    named = (dialog.workflow, dialog.payload, dialog.confirm_button, dialog.close_button)
    assert [widget.objectName() for widget in named] == [
        "start.workflow",
        "start.payload",
        "start.confirm",
        "start.close",
    ]
    assert all(widget.accessibleName() for widget in named)
    close(qtbot, dialog)
