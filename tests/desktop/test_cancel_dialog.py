"""Canceling through the real dialog."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.cancel.controller import CancelController
from app.desktop.cancel.view import CancelDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.domain.errors import ActionRefused, TemporalUnavailable
from tests.desktop.inspections import FakeCancel, is_gone, make_console, make_row, running_inspection

REASON = "Customer closed the ticket"
Opened = tuple[CancelController, CancelDialog, FakeCancel]


@pytest.fixture
def open_dialog(qtbot: QtBot, context: DesktopContext) -> Callable[..., Opened]:
    def open_it(fake: FakeCancel | None = None) -> Opened:
        inspection, fake = running_inspection(), fake or FakeCancel()
        context.console = make_console(inspection, cancel=fake)
        controller = CancelController(context, inspection.run.row, None)
        context.tasks.spawn("cancel dialog", controller.cancel())
        qtbot.waitUntil(controller.dialog.isVisible)
        return controller, controller.dialog, fake

    return open_it


def test_a_cancel_is_sent_once_with_its_reason_and_told(
    qtbot: QtBot, open_dialog: Callable[..., Opened], notices: list[Notice]
) -> None:
    controller, dialog, fake = open_dialog()
    assert not dialog.confirm_button.isEnabled()
    dialog.reason.setText(f" {REASON}")
    QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert command.reason == REASON
    assert command.key == running_inspection().run.row.key
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]
    assert controller._outcome is not None


def test_a_failure_keeps_the_reason_and_the_same_request(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    fake = FakeCancel(error=TemporalUnavailable("temporal.unavailable", "Temporal does not answer."))
    _, dialog, _ = open_dialog(fake)
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert dialog.error.text.text().startswith("Temporal cannot be reached.")
    assert dialog.reason.text() == REASON
    assert not dialog.reason.isReadOnly()
    fake.error = None
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].request_id == fake.commands[1].request_id


def test_a_refusal_begins_a_new_request(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    fake = FakeCancel(error=ActionRefused("cancel.no_execution", "Temporal knows no execution of this run."))
    _, dialog, _ = open_dialog(fake)
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    dialog.clear_error()
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert fake.commands[0].request_id != fake.commands[1].request_id
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_a_cancel_that_came_too_late_is_said_inside(
    qtbot: QtBot, open_dialog: Callable[..., Opened], notices: list[Notice]
) -> None:
    _, dialog, _ = open_dialog(FakeCancel(accepted=False))
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert "before the cancel took effect" in dialog.error.text.text()
    assert notices == []
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_a_run_that_ends_meanwhile_cannot_be_canceled(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    controller, dialog, fake = open_dialog()
    dialog.reason.setText(REASON)
    assert dialog.confirm_button.isEnabled()
    controller.row_changed(make_row("SUCCEEDED"))
    assert not dialog.confirm_button.isEnabled()
    assert "ended" in dialog.hint.text()
    dialog.confirm()
    assert fake.commands == []
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_controls_have_their_names(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    _, dialog, _ = open_dialog()
    named = (dialog.reason, dialog.confirm_button, dialog.close_button, dialog.error)
    assert [widget.objectName() for widget in named] == [
        "cancel.reason",
        "cancel.confirm",
        "cancel.close",
        "cancel.error",
    ]
    assert all(widget.accessibleName() for widget in named[:3])
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_there_is_room_for_an_error_only_while_there_is_one(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    _, dialog, _ = open_dialog()
    below = dialog.confirm_button.mapTo(dialog, dialog.confirm_button.rect().bottomLeft()).y()
    field = dialog.reason.mapTo(dialog, dialog.reason.rect().bottomLeft()).y()
    assert below - field < 80
    without = dialog.height()
    dialog.show_error("Temporal cannot be reached.", "temporal.unavailable")
    assert dialog.height() > without
    dialog.clear_error()
    assert dialog.height() == without
