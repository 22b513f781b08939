"""Replaying through the real dialog: what is sent, what is refused, and that nothing typed is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.dialog.badge import Tone
from app.desktop.replay.controller import ReplayController
from app.desktop.replay.draft import Blocker
from app.desktop.replay.view import ReplayDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.domain.chips import HOLE
from app.domain.errors import DatabaseUnavailable, GateClosed, TemporalUnavailable
from app.domain.launching import LaunchState
from app.domain.payload_change import ChippedText
from app.domain.placeholders import REDACTED
from app.domain.run import RunInspection
from app.services.replay_run import Acceptance
from tests.desktop.inspections import (
    INPUT,
    REPLAY,
    RUN,
    FakeReplay,
    failed_inspection,
    is_gone,
    launched,
    make_console,
    make_row,
    running_inspection,
    sent_text,
)

REASON = "Card gateway moved to EU"
Opened = tuple[ReplayController, ReplayDialog, FakeReplay]


@pytest.fixture
def opened_runs(context: DesktopContext) -> list[object]:
    keys: list[object] = []
    context.navigate.run_requested.connect(keys.append)
    return keys


@pytest.fixture
def open_dialog(qtbot: QtBot, context: DesktopContext) -> Callable[..., Opened]:
    def open_it(inspection: RunInspection | None = None, **service: object) -> Opened:
        inspection = inspection or failed_inspection()
        fake = FakeReplay(inspection)
        for name, value in service.items():
            setattr(fake, name, value)
        context.console = make_console(inspection, replay=fake)
        controller = ReplayController(context, inspection.run.row, None)
        context.tasks.spawn("replay dialog", controller.replay())
        qtbot.waitUntil(controller.dialog.isVisible)
        return controller, controller.dialog, fake

    return open_it


@pytest.fixture
def ready(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> Callable[..., Opened]:
    def open_it(inspection: RunInspection | None = None, **service: object) -> Opened:
        controller, dialog, fake = open_dialog(inspection, **service)
        qtbot.waitUntil(lambda: dialog.badge.text().endswith(("original will be sent", "not to be sent as it is")))
        return controller, dialog, fake

    return open_it


def edit(dialog: ReplayDialog, old: str, new: str) -> None:
    """Select some text and type over it, in one undoable step."""
    cursor = dialog.payload.document().find(old)
    assert cursor.hasSelection()
    cursor.insertText(new)


def type_over_next_chip(dialog: ReplayDialog, new: str) -> None:
    """Go to the next masked value by keyboard and type over it."""
    dialog.payload.select_next_chip()
    dialog.payload.textCursor().insertText(new)


def close(qtbot: QtBot, dialog: ReplayDialog) -> None:
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_it_opens_at_once_and_says_that_it_loads(
    qtbot: QtBot, context: DesktopContext, open_dialog: Callable[..., Opened]
) -> None:
    released = asyncio.Event()

    async def release() -> None:
        released.set()

    _, dialog, _ = open_dialog(prepare_pause=released)
    assert dialog.badge.text() == "Loading…"
    assert not dialog.confirm_button.isEnabled()
    context.tasks.spawn("release", context.bridge.call(release))
    qtbot.waitUntil(lambda: dialog.badge.text() == "Unchanged: the original will be sent")
    assert HOLE in dialog.payload.whole_text()
    assert REDACTED not in dialog.payload.whole_text()
    close(qtbot, dialog)


def test_an_unedited_replay_sends_no_payload_and_lands_on_the_new_run(
    qtbot: QtBot, ready: Callable[..., Opened], notices: list[Notice], opened_runs: list[object]
) -> None:
    controller, dialog, fake = ready()
    dialog.reason.setText(f"  {REASON} ")
    QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert command.edit is None
    assert command.expected_hash == "hash"
    assert command.reason == REASON
    assert opened_runs == [launched().run]
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]
    assert controller._outcome is not None


def test_spacing_and_order_are_no_edit(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready()
    edit(dialog, '"retry": true', '"retry":    true')
    qtbot.waitUntil(lambda: dialog.badge.text() == "Reformatted: the original will be sent")
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].edit is None


def test_an_edit_is_counted_shown_and_sent_with_its_chips(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready()
    edit(dialog, "stripe-us", "stripe-eu")
    qtbot.waitUntil(lambda: dialog.badge.text() == "Edited, 1 change(s)")
    changes = dialog.changes.toPlainText()
    assert '- "stripe-us"' in changes
    assert '+ "stripe-eu"' in changes
    assert dialog.confirm_button.text() == "Replay with 1 change(s)"
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    sent = sent_text(fake.commands[0])
    assert "stripe-eu" in sent
    assert HOLE in sent
    assert REDACTED not in sent


def test_invalid_json_says_where_and_calls_no_service(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready()
    dialog.reason.setText(REASON)
    edit(dialog, '"gateway": ', '"gateway" ')
    qtbot.waitUntil(lambda: dialog.badge.text().startswith("Invalid JSON at line 8, column"))
    assert dialog.badge.tone is Tone.TROUBLE
    assert not dialog.confirm_button.isEnabled()
    assert dialog.confirm_button.toolTip() == dialog.hint.text() != ""
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    dialog.confirm()
    assert fake.commands == []
    assert dialog.payload.extraSelections()
    close(qtbot, dialog)


def test_confirming_right_after_typing_judges_the_newest_text(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready()
    dialog.reason.setText(REASON)
    edit(dialog, '"gateway": ', '"gateway" ')
    dialog.confirm()
    assert fake.commands == []
    assert not dialog.confirm_button.isEnabled()
    close(qtbot, dialog)


def test_a_placeholder_elsewhere_is_refused_with_its_path(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready()
    dialog.reason.setText(REASON)
    edit(dialog, '"INV-2291"', f'"{REDACTED}"')
    qtbot.waitUntil(lambda: dialog.badge.text() == "Refused at /invoiceId")
    dialog.confirm()
    assert fake.commands == []
    close(qtbot, dialog)


def test_damaged_input_blocks_until_every_placeholder_is_replaced(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    controller, dialog, fake = ready(damaged=("/customer/authorization",))
    dialog.reason.setText(REASON)
    assert controller._draft.blocker() is Blocker.DAMAGED
    damage = dialog._damage
    assert "/customer/authorization" in damage.secondary.text()
    dialog.confirm()
    assert fake.commands == []
    assert dialog._chips.words("/customer/authorization").label == "placeholder"
    type_over_next_chip(dialog, '"Bearer new"')
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert len(fake.commands) == 1


def test_a_running_source_needs_a_second_yes(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    controller, dialog, fake = ready(running_inspection())
    dialog.reason.setText(REASON)
    beginning = str(controller._row.key.run_id)[:8]
    for typed in ("", beginning[:7], "00000000"):
        dialog._accept_active.setText(typed)
        assert controller._draft.blocker() is Blocker.SOURCE_ACTIVE
    dialog._accept_active.setText(f" {beginning.upper()} ")
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].accepts == {Acceptance.ACTIVE_SOURCE}


def test_a_source_that_ends_meanwhile_needs_it_no_more(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    controller, dialog, _ = ready(running_inspection())
    dialog.reason.setText(REASON)
    ended = make_row("SUCCEEDED")
    controller.source_changed(replace(ended, completed_at=None))
    assert controller._draft.blocker() is Blocker.SOURCE_ACTIVE, "without an end time it flickers (runtime.md F39)"
    controller.source_changed(ended)
    assert dialog.confirm_button.isEnabled()
    close(qtbot, dialog)


def test_damaged_input_is_sent_as_it_is_once_the_run_is_named(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    controller, dialog, fake = ready(damaged=("/customer/authorization",))
    dialog.reason.setText(REASON)
    typed = dialog.findChild(QLineEdit, "replay.send_damaged")
    assert typed is not None
    QTest.keyClicks(typed, "e80b2c5")
    assert controller._draft.blocker() is Blocker.DAMAGED
    assert dialog.badge.text() == "Damaged input: not to be sent as it is"
    QTest.keyClicks(typed, "A")
    assert dialog.badge.text() == "Damaged input: it will be sent as it is"
    assert dialog.confirm_button.text() == "Replay damaged input"
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert (command.edit, command.accepts) == (None, {Acceptance.DAMAGED_INPUT})


def test_the_input_of_a_whole_ancestor_is_opened_in_place_of_a_damaged_one(
    qtbot: QtBot, ready: Callable[..., Opened]
) -> None:
    ancestor = UUID("0dd0a3a1-0000-4000-8000-00000000000a")
    _, dialog, fake = ready(damaged=("/customer/authorization",), ancestor=ancestor)
    dialog.reason.setText(REASON)
    switch = dialog.findChild(QPushButton, "replay.from_ancestor")
    assert switch is not None
    assert switch.text() == "Use the input of run 0dd0a3a1"
    edit(dialog, "stripe-us", "stripe-eu")
    qtbot.waitUntil(lambda: switch.text() == "Drop the changes: Use the input of run 0dd0a3a1")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.badge.text() == "Unchanged: the original will be sent")
    assert "stripe-us" in dialog.payload.whole_text()
    assert dialog._damage.text.text() == "This is the input of run 0dd0a3a1, which is whole."
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.badge.text() == "Damaged input: not to be sent as it is")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert (command.source.run_id, command.input_of, command.accepts) == (RUN, ancestor, frozenset())


def test_a_moved_chip_is_told_by_where_its_value_is_stored(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready()
    dialog.reason.setText(REASON)
    dialog.payload.select_next_chip()
    dialog.payload.copy()
    place = dialog.payload.document().find('"retry": true')
    place.setPosition(place.selectionEnd())
    dialog.payload.setTextCursor(place)
    dialog.payload.insertPlainText(', "again": ')
    dialog.payload.paste()
    qtbot.waitUntil(lambda: dialog.badge.text() == "Edited, 1 change(s)")
    assert "+ ⟨masked value of /customer/authorization⟩" in dialog.changes.toPlainText()
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert isinstance(command.edit, ChippedText)
    assert command.edit.origins == (("customer", "authorization"), ("customer", "authorization"))


def test_long_strings_are_folded_in_the_changes(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, _ = ready(document={**INPUT, "note": "y" * 5_000})
    place = dialog.payload.document().find('"note": "y')
    place.setPosition(place.selectionStart())
    place.movePosition(QTextCursor.MoveOperation.EndOfLine, QTextCursor.MoveMode.KeepAnchor)
    place.insertText('"note": "short"')
    qtbot.waitUntil(lambda: dialog.badge.text() == "Edited, 1 change(s)")
    assert f'- "{"y" * 80}…" (5,000)' in dialog.changes.toPlainText()
    close(qtbot, dialog)


@pytest.mark.parametrize(("reason", "enough"), [("", False), ("ab", False), (" ab ", False), ("abc", True)])
def test_a_reason_of_three_characters_is_needed(
    qtbot: QtBot, ready: Callable[..., Opened], reason: str, *, enough: bool
) -> None:
    _, dialog, _ = ready()
    dialog.reason.setText(reason)
    assert dialog.confirm_button.isEnabled() is enough
    close(qtbot, dialog)


def test_a_double_click_and_every_key_send_once(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready(pause=asyncio.Event())
    dialog.reason.setText(REASON)
    QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    assert dialog.confirm_button.text() == "Sending…", "acknowledged before anything answers"
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    dialog.reject()
    assert dialog.isVisible(), "it cannot be closed while it sends"
    qtbot.waitUntil(lambda: len(fake.commands) == 1)
    assert fake.pause is not None
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert len(fake.commands) == 1


def test_a_failure_keeps_payload_reason_and_dialog_and_shows_the_error(
    qtbot: QtBot, ready: Callable[..., Opened], opened_runs: list[object]
) -> None:
    error = TemporalUnavailable("temporal.unavailable", "Temporal does not answer, so nothing was started.")
    _, dialog, fake = ready(error=error)
    edit(dialog, "stripe-us", "stripe-eu")
    dialog.reason.setText(REASON)
    text = dialog.payload.whole_text()
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert dialog.error.text.text().startswith("Temporal cannot be reached.")
    assert dialog.isVisible()
    assert dialog.payload.whole_text() == text
    assert dialog.reason.text() == REASON
    assert dialog.confirm_button.isEnabled()
    assert opened_runs == []
    fake.error = None
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    first, second = fake.commands
    assert first.request_id == second.request_id, "the lost answer may have been a success: the same run is asked for"


def test_what_was_changed_after_a_lost_answer_is_a_request_of_its_own(
    qtbot: QtBot, ready: Callable[..., Opened]
) -> None:
    """Else the attempt whose answer was lost would be continued, with the payload that is no longer wanted."""
    _, dialog, fake = ready(error=TemporalUnavailable("temporal.unavailable", "Temporal does not answer."))
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    edit(dialog, "stripe-us", "stripe-eu")
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    fake.error = None
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    first, second = fake.commands
    assert first.request_id != second.request_id
    assert (first.edit is None, second.edit is None) == (True, False)


def test_a_definite_refusal_begins_a_new_request(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready(error=GateClosed("launch.paused", "It is paused.", workflow="Payment failed"))
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert "Payment failed is paused" in dialog.error.text.text()
    fake.error = None
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].request_id != fake.commands[1].request_id


def test_a_launch_that_temporal_refused_stays_in_the_dialog(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    outcome = launched(state=LaunchState.FAILED, message="Temporal refused: no such namespace.")
    _, dialog, _ = ready(outcome=outcome)
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert dialog.error.text.text() == "Temporal refused: no such namespace."
    close(qtbot, dialog)


def test_an_unconfirmed_launch_lands_on_its_run_with_a_warning(
    qtbot: QtBot, ready: Callable[..., Opened], notices: list[Notice], opened_runs: list[object]
) -> None:
    _, dialog, _ = ready(outcome=launched(state=LaunchState.UNCONFIRMED))
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert [notice.kind for notice in notices] == [NoticeKind.WARNING]
    assert opened_runs == [launched(REPLAY).run]


def test_a_bug_is_reported_and_loses_nothing(
    qtbot: QtBot, ready: Callable[..., Opened], errors: list[tuple[str, Exception]]
) -> None:
    _, dialog, _ = ready(error=ZeroDivisionError("a bug"))
    dialog.reason.setText(REASON)
    dialog.confirm()
    qtbot.waitUntil(dialog.error.isVisible)
    assert dialog.reason.text() == REASON
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0][1], ZeroDivisionError)
    errors.clear()
    close(qtbot, dialog)


def test_nobody_set_as_operator_may_look_but_not_send(
    qtbot: QtBot, context: DesktopContext, open_dialog: Callable[..., Opened]
) -> None:
    context.operator = None
    controller, dialog, fake = open_dialog()
    qtbot.waitUntil(lambda: controller._draft.assessment is not None)
    dialog.reason.setText(REASON)
    assert controller._draft.blocker() is Blocker.NOT_PERMITTED
    assert "operator" in dialog.hint.text()
    dialog.confirm()
    assert fake.commands == []
    close(qtbot, dialog)


def test_a_payload_that_cannot_be_read_can_be_read_again(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    _, dialog, fake = open_dialog(prepare_error=DatabaseUnavailable("database.unavailable", "Postgres is down."))
    qtbot.waitUntil(dialog.error.isVisible)
    assert not dialog.confirm_button.isEnabled()
    fake.prepare_error = None
    QTest.mouseClick(dialog._load_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "original will be sent" in dialog.badge.text())
    assert not dialog.error.isVisible()
    close(qtbot, dialog)


def test_escape_asks_only_when_something_was_typed(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, _ = ready()
    dialog.reason.setText("half a rea")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.asks_to_discard
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.asks_to_discard
    assert dialog.reason.text() == "half a rea"
    dialog.close()
    assert dialog.isVisible()
    QTest.mouseClick(dialog._discard, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_escape_closes_an_untouched_dialog(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, fake = ready()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands == []


def test_the_original_can_be_restored(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, _ = ready()
    edit(dialog, "stripe-us", "stripe-eu")
    qtbot.waitUntil(lambda: dialog.badge.text().startswith("Edited"))
    QTest.mouseClick(dialog._revert, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.badge.text() == "Unchanged: the original will be sent")
    dialog.payload.undo()
    qtbot.waitUntil(lambda: dialog.badge.text() == "Edited, 1 change(s)")
    close(qtbot, dialog)


def test_a_large_payload_is_judged_off_the_ui_thread(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    document = {**INPUT, "rows": [{"id": number, "name": f"device {number}"} for number in range(3_000)]}
    controller, dialog, fake = ready(document=document)
    dialog.reason.setText(REASON)
    edit(dialog, "stripe-us", "stripe-eu")
    controller._check()
    assert dialog.badge.text() == "Checking…"
    assert controller._draft.blocker() is Blocker.CHECKING
    qtbot.waitUntil(lambda: dialog.badge.text() == "Edited, 1 change(s)", timeout=20_000)
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert '"device 2999"' in sent_text(fake.commands[0])


def test_a_long_text_is_folded_and_sent_whole(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    long_text = "y" * 5_000
    _, dialog, fake = ready(document={**INPUT, "note": long_text})
    assert len(dialog.payload.toPlainText()) < 1_000
    dialog.reason.setText(REASON)
    text = dialog.payload.toPlainText()
    cursor = dialog.payload.textCursor()
    start = text.index("stripe-us")
    cursor.setPosition(start)
    cursor.setPosition(start + len("stripe-us"), QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText("stripe-eu")
    qtbot.waitUntil(lambda: dialog.badge.text() == "Edited, 1 change(s)")
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert long_text in sent_text(fake.commands[0])


def test_a_folded_text_changed_in_part_is_refused(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    controller, dialog, fake = ready(document={**INPUT, "note": "y" * 5_000})
    dialog.reason.setText(REASON)
    cursor = dialog.payload.textCursor()
    cursor.setPosition(dialog.payload.toPlainText().index("⟦") + 1)
    cursor.insertText("z")
    qtbot.waitUntil(lambda: controller._draft.blocker() is Blocker.BROKEN_FOLD)
    dialog.confirm()
    assert fake.commands == []
    close(qtbot, dialog)


def test_every_control_has_its_name_and_can_be_heard(qtbot: QtBot, ready: Callable[..., Opened]) -> None:
    _, dialog, _ = ready(replace(running_inspection()))
    for widget, name in (
        (dialog.payload, "replay.payload"),
        (dialog.reason, "replay.reason"),
        (dialog.badge, "replay.dirty"),
        (dialog.confirm_button, "replay.confirm"),
        (dialog.close_button, "replay.close"),
        (dialog.error, "replay.error"),
    ):
        assert widget.objectName() == name
    for widget in (dialog.payload, dialog.reason, dialog.badge, dialog.confirm_button, dialog.close_button):
        assert widget.accessibleName()
    close(qtbot, dialog)
