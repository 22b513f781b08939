"""Crash handling, notices, dialogs, the start window, the session and its orderly end."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.bridge import Bridge, IoThread, TaskSupervisor
from app.desktop.sandbox_start.step_texts import step_text
from app.desktop.sandbox_start.view import StartWindow
from app.desktop.shell.crash import CrashReporter
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_details, error_text
from app.desktop.shell.main_window import MainWindow
from app.desktop.shell.notice_area import NoticeArea
from app.desktop.shell.notifier import Notice, NoticeKind, Notifier
from app.desktop.shell.preferences import PreferenceStore
from app.desktop.shell.quitter import Quitter
from app.desktop.shell.session import DesktopSession, OpenedConsole
from app.desktop.shell.theme import Theme
from app.domain.errors import DatabaseUnavailable, GateClosed, RuleViolation, SandboxUnavailable
from tests.desktop.doubles import FakeWatch, Rows, make_console, make_row

SECRET = "hunter2-card-4111"


@pytest.fixture
def reporter(qtbot: QtBot, tmp_path: Path) -> Iterator[CrashReporter]:
    reporter = CrashReporter(tmp_path / "crashes", Notifier())
    yield reporter
    reporter.uninstall()


def failing_with_data() -> None:
    payload = {"card": SECRET}
    raise KeyError(payload["card"])


def test_a_report_holds_positions_and_no_data(reporter: CrashReporter) -> None:
    try:
        failing_with_data()
    except KeyError as error:
        path = reporter.write("replay", error)
    text = path.read_text("utf-8")
    document = json.loads(text)
    assert SECRET not in text
    assert document["where"] == "replay"
    assert document["errors"][0]["type"] == "builtins.KeyError"
    assert document["errors"][0]["frames"][-1]["function"] == "failing_with_data"
    assert str(Path.home()) not in text


def test_the_end_waits_for_what_has_to_settle_before_tasks_are_canceled(
    qtbot: QtBot, io: IoThread, tasks: TaskSupervisor
) -> None:
    order: list[str] = []
    going = asyncio.Event()

    async def work() -> None:
        await going.wait()
        order.append("settled")

    async def settle() -> None:
        going.set()
        await working.wait()

    working = tasks.spawn("work", work())
    quitter = Quitter(Bridge(io), tasks, leave=lambda: order.append("left"))
    quitter.before_end(settle)
    quitter.quit()
    qtbot.waitUntil(lambda: order == ["settled", "left"])


def test_old_reports_are_cleared_away(reporter: CrashReporter, tmp_path: Path) -> None:
    for number in range(25):
        reporter.write(str(number), ValueError())
    assert len(list((tmp_path / "crashes").glob("*.json"))) == 20


def test_bugs_of_any_thread_are_reported_on_the_ui_thread(qtbot: QtBot, reporter: CrashReporter) -> None:
    seen: list[tuple[Path, threading.Thread]] = []
    reporter.crashed.connect(lambda path: seen.append((path, threading.current_thread())))
    reporter.install()
    assert sys.excepthook == reporter._excepthook
    thread = threading.Thread(target=failing_with_data)
    thread.start()
    thread.join()
    reporter.report_context({"message": "never retrieved", "exception": ValueError("x")})
    reporter.report_context({"message": "nothing to report"})
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert {at for _, at in seen} == {threading.main_thread()}
    reporter.uninstall()
    assert sys.excepthook != reporter._excepthook


def test_a_failing_environment_is_a_notice_and_never_a_crash(qtbot: QtBot, tmp_path: Path) -> None:
    notify, notices, crashes = Notifier(), [], []
    notify.posted.connect(notices.append)
    reporter = CrashReporter(tmp_path, notify)
    reporter.crashed.connect(crashes.append)
    reporter.report("watch", DatabaseUnavailable("database.unreachable", "Postgres cannot be reached."))
    qtbot.waitUntil(lambda: bool(notices))
    assert notices[0].kind is NoticeKind.ERROR
    assert notices[0].text.startswith("The database cannot be reached.")
    assert crashes == []


def test_known_errors_are_translated_by_code_and_others_keep_their_sentence(qtbot: QtBot) -> None:
    known = GateClosed("launch.paused", "English.", workflow="Ticket triage")
    assert error_text(known).startswith("Ticket triage is paused")
    assert error_details(known) == "launch.paused\nEnglish."
    incomplete = GateClosed("launch.paused", "English.")
    assert error_text(incomplete) == "English."
    assert error_text(RuleViolation("new.code", "A new sentence.")) == "A new sentence."


@pytest.fixture
def area(qtbot: QtBot, theme: Theme) -> Iterator[NoticeArea]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    area = NoticeArea(window)
    window.show()
    yield area
    area.clear()


def test_a_notice_can_be_unfolded_followed_and_closed(qtbot: QtBot, area: NoticeArea) -> None:
    wanted: list[Any] = []
    area.run_wanted.connect(wanted.append)
    key = make_row(1).key
    area.show_notice(Notice(NoticeKind.ERROR, "It was not sent.", "temporal.unavailable", key))
    card = area.cards[0]
    details = card.findChild(QPushButton, "notice.details")
    qtbot.mouseClick(details, Qt.MouseButton.LeftButton)
    assert card._details.isVisible()
    qtbot.mouseClick(card.findChild(QPushButton, "notice.open"), Qt.MouseButton.LeftButton)
    assert wanted == [key]
    qtbot.mouseClick(card.findChild(QPushButton, "notice.close"), Qt.MouseButton.LeftButton)
    assert area.cards == ()
    assert not area.isVisible()


def test_notices_do_not_pile_up_and_stay_inside_the_window(qtbot: QtBot, area: NoticeArea) -> None:
    for number in range(9):
        area.show_notice(Notice(NoticeKind.INFO, f"Notice {number}. " * 12))
    assert len(area.cards) == 4
    assert area.cards[-1].notice.text.startswith("Notice 8")
    assert area.parentWidget().rect().contains(area.geometry())


def test_a_dialog_can_be_awaited_and_ends_with_its_task(qtbot: QtBot, tasks: TaskSupervisor) -> None:
    dialog, results = QDialog(), []
    qtbot.addWidget(dialog)

    async def ask() -> None:
        results.append(await show_dialog(dialog))

    tasks.spawn("ask", ask())
    qtbot.waitUntil(dialog.isVisible)
    dialog.accept()
    qtbot.waitUntil(lambda: results == [QDialog.DialogCode.Accepted])
    task = tasks.spawn("ask again", ask())
    qtbot.waitUntil(dialog.isVisible)
    task.cancel()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert len(results) == 1


def test_the_end_is_orderly_and_happens_once(qtbot: QtBot, ui_loop: asyncio.AbstractEventLoop) -> None:
    io, order = IoThread(), []
    io.start()
    bridge = Bridge(io)
    supervisor = TaskSupervisor(lambda name, error: order.append(f"{name}: {error!r}"))
    quitter = Quitter(bridge, supervisor, lambda: order.append("leave"))

    async def follow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            order.append("task")

    async def close() -> None:
        order.append("closer")

    quitter.on_quit(lambda: order.append("stop"))
    bridge.on_close(close)
    supervisor.spawn("follow", follow())
    qtbot.wait(10)
    quitter.quit()
    quitter.quit()
    qtbot.waitUntil(lambda: "leave" in order)
    assert order == ["stop", "task", "closer", "leave"]
    assert not io.running


def test_the_start_window_shows_steps_then_why_it_cannot_go_on(qtbot: QtBot, theme: Theme) -> None:
    window = StartWindow(theme, "sandbox", sandbox=True)
    qtbot.addWidget(window)
    window.show()
    for step in ("Starting Postgres", "Starting Temporal"):
        window.show_step(step)
    assert window.steps == ("Starting Postgres", "Starting Temporal")
    window.show_problem(SandboxUnavailable("sandbox.missing", "No Temporal server for this platform."))
    again = window.findChild(QPushButton, "start.again")
    assert again.isVisible()
    with qtbot.waitSignal(window.again_wanted):
        qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    window.begin()
    assert window.steps == ()
    assert not again.isVisible()
    with qtbot.waitSignal(window.quit_wanted):
        window.close()
    window.stop()


def test_steps_of_the_sandbox_are_known_and_others_are_shown_as_said(qtbot: QtBot) -> None:
    assert step_text("Running 69 demo workflows") == "Running 69 demo workflows"
    assert step_text("Something new, 3 of 4") == "Something new, 3 of 4"


class Sitting:
    """A session on stand-ins, with what its opening and closing did."""

    def __init__(self, qapp: QApplication, settings: QSettings, tmp_path: Path, monkeypatch: Any) -> None:
        self.events: list[str] = []
        self.rows = Rows([make_row(n) for n in range(1, 5)])
        self.problem: Exception | None = None
        self.who: str | None = "dana@example.com"
        self.tenant: str | None = "Harbor Managed IT"
        self.unverified_may_act = True
        monkeypatch.setattr("app.desktop.shell.session._crash_directory", lambda: tmp_path / "crashes")
        monkeypatch.setattr(qapp, "quit", lambda: self.events.append("left"))
        self.session = DesktopSession(qapp, self.open, sandbox=True, kind="sandbox", store=PreferenceStore(settings))
        self.session._quitter._leave = lambda: self.events.append("left")

    @asynccontextmanager
    async def open(self, progress: Callable[[str], None]) -> AsyncIterator[OpenedConsole]:
        """Open like the composition root does."""
        progress("Starting Postgres")
        if self.problem is not None:
            raise self.problem
        self.events.append("opened")
        console = make_console(self.rows, FakeWatch())
        try:
            yield OpenedConsole(
                console, "Sandbox", "sandbox", self.tenant, self.who, self.unverified_may_act, lambda *_: b""
            )
        finally:
            self.events.append("closed")

    @property
    def start(self) -> StartWindow:
        return self.session._start

    @property
    def window(self) -> MainWindow | None:
        return self.session.window


@pytest.fixture
def sitting(
    qtbot: QtBot, qapp: QApplication, settings: QSettings, tmp_path: Path, monkeypatch: Any
) -> Iterator[Sitting]:
    sitting = Sitting(qapp, settings, tmp_path, monkeypatch)
    yield sitting
    sitting.session.quit()
    qtbot.waitUntil(lambda: "left" in sitting.events)
    sitting.session.close()


def test_a_session_connects_shows_the_runs_and_closes_what_it_opened(qtbot: QtBot, sitting: Sitting) -> None:
    sitting.session.begin()
    assert sitting.start.isVisible()
    qtbot.waitUntil(lambda: sitting.window is not None and sitting.window.runs.model.rowCount() == 4)
    assert sitting.window is not None
    assert not sitting.start.isVisible()
    assert sitting.window.top_bar.tenant_name.text() == "Harbor Managed IT"
    assert sitting.window.status_line.operator.text() == "acting as Dana Reyes, unverified"
    sitting.window.close()
    assert sitting.window.isVisible(), "the first close event begins the end instead of tearing the window away"
    qtbot.waitUntil(lambda: "left" in sitting.events)
    assert sitting.events == ["opened", "closed", "left"]


def test_a_failed_start_says_why_and_can_begin_again(qtbot: QtBot, sitting: Sitting) -> None:
    sitting.problem = SandboxUnavailable("sandbox.missing", "No Temporal server for this platform.")
    sitting.session.begin()
    again = sitting.start.findChild(QPushButton, "start.again")
    qtbot.waitUntil(again.isVisible)
    assert sitting.window is None
    sitting.problem = None
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: sitting.window is not None)


def test_quitting_while_starting_ends_the_start(qtbot: QtBot, sitting: Sitting) -> None:
    sitting.rows.pause = asyncio.Event()
    sitting.session.begin()
    qtbot.waitUntil(lambda: sitting.start.steps == ("Starting Postgres",))
    sitting.start.close()
    qtbot.waitUntil(lambda: "left" in sitting.events)


def test_an_unknown_operator_may_look_and_reads_why(qtbot: QtBot, sitting: Sitting) -> None:
    sitting.who = "nobody@example.com"
    sitting.session.begin()
    qtbot.waitUntil(lambda: sitting.window is not None)
    assert sitting.window is not None
    start = sitting.window.findChild(QPushButton, "runs.start")
    assert not start.isEnabled()
    assert start.toolTip() == "Nobody called nobody@example.com works in this tenant."


def test_an_unproven_operator_acts_only_where_the_profile_allows(qtbot: QtBot, sitting: Sitting) -> None:
    sitting.unverified_may_act = False
    sitting.session.begin()
    qtbot.waitUntil(lambda: sitting.window is not None)
    assert sitting.window is not None
    assert "does not prove" in sitting.window.findChild(QPushButton, "runs.start").toolTip()


def test_a_bug_makes_a_report_and_one_dialog(qtbot: QtBot, sitting: Sitting, tmp_path: Path) -> None:
    sitting.session.begin()
    qtbot.waitUntil(lambda: sitting.window is not None)
    assert sitting.window is not None
    window = sitting.window
    for _ in range(3):
        sitting.session._crash.report("a task", ValueError(SECRET))
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    assert len(window.findChildren(QMessageBox)) == 1
    reports = list((tmp_path / "crashes").glob("*.json"))
    assert len(reports) == 3
    assert not any(SECRET in report.read_text("utf-8") for report in reports)


def test_look_and_language_choices_work_from_the_menu_and_last(
    qtbot: QtBot, sitting: Sitting, settings: QSettings
) -> None:
    sitting.session.begin()
    qtbot.waitUntil(lambda: sitting.window is not None)
    commands = sitting.session._commands
    commands.run("view.theme.dark")
    commands.run("view.density.compact")
    commands.run("view.language.de")
    commands.run("view.theme.dark")
    assert commands.action("view.theme.dark").isChecked()
    assert not commands.action("view.theme.light").isChecked()
    saved = PreferenceStore(settings).load()
    assert (saved.theme, saved.density, saved.language) == ("dark", "compact", "de")
    commands.run("view.theme.toggle")
    commands.run("view.language.en")
    assert PreferenceStore(settings).load().theme == "light"


def test_every_control_of_the_window_has_a_name_to_find_it_by_and_a_name_to_say(qtbot: QtBot, sitting: Sitting) -> None:
    sitting.session.begin()
    qtbot.waitUntil(lambda: sitting.window is not None)
    assert sitting.window is not None
    kinds = (QAbstractButton, QComboBox, QLineEdit, QDateTimeEdit, QAbstractItemView)
    controls = [w for w in sitting.window.findChildren(QWidget) if isinstance(w, kinds) and not is_qts_own(w)]
    assert len(controls) > 20
    assert [(type(w).__name__, w.objectName()) for w in controls if not w.accessibleName()] == []
    assert [(type(w).__name__, w.accessibleName()) for w in controls if not w.objectName()] == []


def is_qts_own(widget: QWidget) -> bool:
    """Say whether Qt made this widget as a part of another one."""
    parent = widget.parentWidget()
    inside = isinstance(parent, QComboBox | QDateTimeEdit | QLineEdit | QAbstractItemView)
    return inside or "Private" in parent.metaObject().className() or widget.objectName().startswith("qt_")
