"""Unfinished acts in the window: told at the start, completed on a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.intents.controller import IntentsController
from app.desktop.intents.view import IntentsDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.domain.errors import JournalUnusable, TemporalUnavailable
from app.domain.intent import Intent, IntentFinding, IntentKind, MissingAct
from tests.desktop.doubles import OPERATOR, TENANT, FakeIntents

AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


def finding(missing: MissingAct, code: str = "intent.never_started") -> IntentFinding:
    kind = IntentKind.CANCEL if missing is MissingAct.CANCEL else IntentKind.REPLAY
    intent = Intent(uuid4(), kind, TENANT, uuid4(), OPERATOR, "the gateway is back", AT, source_run=uuid4())
    return IntentFinding(intent, code, "The run is recorded.", missing, "RUNNING")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def begin(context: DesktopContext, window: QWidget) -> Callable[..., tuple[IntentsController, FakeIntents]]:
    def begin_with(*findings: IntentFinding) -> tuple[IntentsController, FakeIntents]:
        fake = FakeIntents(*findings)
        context.console.intents = fake
        return IntentsController(context, window), fake

    return begin_with


def dialog_of(window: QWidget) -> IntentsDialog | None:
    return window.findChild(IntentsDialog)


def test_the_start_tells_what_was_left_and_what_is_known(qtbot: QtBot, begin, notices: list[Notice]) -> None:
    known, left = finding(MissingAct.NOTHING, "intent.launch_completed"), finding(MissingAct.START)
    controller, _ = begin(known, left)
    controller.look()
    qtbot.waitUntil(lambda: len(notices) == 2)
    assert [notice.kind for notice in notices] == [NoticeKind.INFO, NoticeKind.WARNING]
    assert notices[1].run == left.intent.key
    assert "Dana Reyes" in notices[1].details
    assert "never started" in notices[1].details


def test_nothing_left_says_nothing(qtbot: QtBot, context: DesktopContext, begin, notices: list[Notice]) -> None:
    controller, fake = begin()
    controller.look()
    looked = context.tasks.spawn("look", context.bridge.call(fake.look))
    qtbot.waitUntil(looked.done)
    assert notices == []


def test_a_journal_that_cannot_be_read_is_said(qtbot: QtBot, begin, notices: list[Notice]) -> None:
    controller, fake = begin()

    async def broken() -> tuple[IntentFinding, ...]:
        raise JournalUnusable("intent.damaged", "The note cannot be understood.", path="/x")

    fake.look = broken
    controller.look()
    qtbot.waitUntil(lambda: len(notices) == 1)
    assert notices[0].kind is NoticeKind.ERROR


def test_the_missing_act_is_done_on_a_click(
    qtbot: QtBot, context: DesktopContext, begin, window: QWidget, notices: list[Notice]
) -> None:
    start, wait = finding(MissingAct.START), finding(MissingAct.CLOSE, "intent.cancel_closing")
    _, fake = begin(start, wait)
    context.commands.action("intents.show").trigger()
    name = f"intents.act.{start.intent.request_id}"
    qtbot.waitUntil(lambda: window.findChild(QPushButton, name) is not None)
    button = window.findChild(QPushButton, name)
    assert button is not None
    assert (button.text(), button.isEnabled()) == ("Start it now", True)
    assert window.findChild(QPushButton, f"intents.act.{wait.intent.request_id}") is None
    fake.error = TemporalUnavailable("temporal.unavailable", "Temporal does not answer.")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window)
    assert dialog is not None
    qtbot.waitUntil(dialog.error.isVisible)
    fake.error = None
    qtbot.waitUntil(button.isEnabled)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fake.carried_out == [start.intent.request_id])
    qtbot.waitUntil(lambda: window.findChild(QPushButton, name) is None)
    dialog.accept()
    qtbot.waitUntil(lambda: dialog_of(window) is None)


def test_without_an_operator_the_act_says_why_not(
    qtbot: QtBot, context: DesktopContext, begin, window: QWidget
) -> None:
    context.operator = None
    start = finding(MissingAct.START)
    begin(start)
    context.commands.action("intents.show").trigger()
    name = f"intents.act.{start.intent.request_id}"
    qtbot.waitUntil(lambda: window.findChild(QPushButton, name) is not None)
    button = window.findChild(QPushButton, name)
    assert button is not None
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "intents.again").isEnabled())
    assert not button.isEnabled()
    assert "operator" in button.toolTip()
    opened: list[object] = []
    context.navigate.run_requested.connect(opened.append)
    QTest.mouseClick(
        window.findChild(QPushButton, f"intents.open.{start.intent.request_id}"), Qt.MouseButton.LeftButton
    )
    qtbot.waitUntil(lambda: dialog_of(window) is None)
    assert opened == [start.intent.key]
