"""Canceling through the real dialog."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.cancel.controller import CancelController
from app.desktop.cancel.view import CancelDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.domain.cancellation import CancelPreview, CancelWay, ClosedParts, OpenAction, OpenParts, TemporalWord
from app.domain.errors import ActionRefused, DatabaseUnavailable, TemporalUnavailable
from app.domain.execution import ExecutionStatus
from tests.desktop.inspections import (
    NOW,
    RUN,
    FakeCancel,
    FakeCancelPreview,
    FakeCloseRow,
    FakeFollow,
    is_gone,
    make_console,
    make_row,
    running_inspection,
)

REASON = "Customer closed the ticket"
Opened = tuple[CancelController, CancelDialog, FakeCancel]


@pytest.fixture
def open_dialog(qtbot: QtBot, context: DesktopContext) -> Callable[..., Opened]:
    def open_it(fake: FakeCancel | None = None, **services: object) -> Opened:
        inspection, fake = running_inspection(), fake or FakeCancel()
        context.console = make_console(inspection, cancel=fake, **services)
        controller = CancelController(context, inspection.run.row, None)
        context.tasks.spawn("cancel dialog", controller.cancel())
        qtbot.waitUntil(lambda: controller.dialog.isVisible() and controller.looked)
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
    qtbot.waitUntil(lambda: [notice.kind for notice in notices] == [NoticeKind.SUCCESS])
    assert "requested" in notices[0].text
    assert "execution closed 14:33:19" in notices[0].text.replace(local_hour(), "14:33:19")
    assert controller._outcome is not None


def test_what_will_be_written_is_shown_before_it_is(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    _, dialog, _ = open_dialog()
    lines = dialog.writes.text().splitlines()
    assert len(lines) == 5
    assert "human task" in lines[1]
    assert "root.steps[2]" in lines[2]
    assert "email.send at root.steps[2]" in dialog.warning.text.text()
    assert not dialog.confirmation.isVisible()
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_accepted_is_told_before_closed_and_what_still_runs_is_named(
    qtbot: QtBot, open_dialog: Callable[..., Opened], notices: list[Notice]
) -> None:
    running = OpenAction(RUN, "email.send", "root.steps[2]", None)
    closed = {"closed_as": ExecutionStatus.CANCELED, "closed_at": NOW, "still_running": (running,)}
    follow = FakeFollow([{}, closed | {"closed": ClosedParts(steps=1, tasks=1)}])
    _, dialog, _ = open_dialog(cancel_follow=follow)
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(lambda: len(notices) == 2)
    assert [notice.kind for notice in notices] == [NoticeKind.INFO, NoticeKind.WARNING]
    assert "still open" in notices[0].text
    assert "email.send at root.steps[2]" in notices[1].text
    assert all(part in notices[1].details for part in ("1 step", "1 human task"))  # with or without plural forms
    assert {cancel.request_id for cancel in follow.followed} == {follow.followed[0].request_id}


def test_a_run_that_temporal_does_not_know_is_closed_by_its_typed_id(
    qtbot: QtBot, open_dialog: Callable[..., Opened], notices: list[Notice]
) -> None:
    look = CancelPreview("RUNNING", TemporalWord.UNKNOWN_ID, None, OpenParts(steps=("s",)), CancelWay.CLOSE_ROW)
    close = FakeCloseRow()
    controller, dialog, fake = open_dialog(cancel_preview=FakeCancelPreview(look), close_row=close)
    dialog.reason.setText(REASON)
    assert dialog.confirm_button.text() == "Close the row only"
    assert not dialog.confirm_button.isEnabled()
    assert dialog.confirmation.isVisible()
    assert "nothing proves" in dialog.meaning.text()
    dialog.confirmation.setText(str(RUN)[:7])
    dialog.confirm()
    dialog.confirmation.setText(str(RUN)[:8].upper())
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = close.commands
    assert (command.key.run_id, command.reason) == (RUN, REASON)
    assert fake.commands == []
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]
    assert controller._outcome is not None


@pytest.mark.parametrize("way", [CancelWay.FAIL_LAUNCH, CancelWay.PROJECT_CLOSE, CancelWay.ASK_LATER, CancelWay.ENDED])
def test_where_a_cancel_is_not_the_way_the_dialog_says_which_is(
    qtbot: QtBot, open_dialog: Callable[..., Opened], way: CancelWay
) -> None:
    look = CancelPreview("RUNNING", TemporalWord.UNKNOWN_ID, None, OpenParts(), way, "Temporal is away.")
    _, dialog, fake = open_dialog(cancel_preview=FakeCancelPreview(look))
    dialog.reason.setText(REASON)
    assert not dialog.confirm_button.isEnabled()
    assert dialog.hint.text()
    assert not dialog.plan.isVisible()
    dialog.confirm()
    assert fake.commands == []
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


@pytest.mark.parametrize(
    ("way", "command_id"),
    [(CancelWay.FAIL_LAUNCH, "repair.fail-launch"), (CancelWay.PROJECT_CLOSE, "repair.project-close")],
)
def test_it_leads_to_the_repair_that_fits(
    qtbot: QtBot, context: DesktopContext, open_dialog: Callable[..., Opened], way: CancelWay, command_id: str
) -> None:
    look = CancelPreview("RUNNING", TemporalWord.UNKNOWN_ID, None, OpenParts(), way)
    done: list[str] = []
    context.commands.bind(command_id, lambda: done.append(command_id))
    context.commands.set_allowed(command_id, None)
    _, dialog, fake = open_dialog(cancel_preview=FakeCancelPreview(look))
    button = dialog.findChild(QPushButton, f"cancel.{command_id}")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert (done, fake.commands) == ([command_id], [])


def test_a_database_that_does_not_answer_the_preview_still_lets_cancel(
    qtbot: QtBot, open_dialog: Callable[..., Opened]
) -> None:
    away = FakeCancelPreview(error=DatabaseUnavailable("database.unavailable", "Away."))
    _, dialog, fake = open_dialog(cancel_preview=away)
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert len(fake.commands) == 1


def local_hour() -> str:
    return NOW.astimezone().strftime("%H:%M:%S")


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
