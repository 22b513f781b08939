"""The UI loop, a context with small stand-ins, and hunters for what a window may leave behind."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QThread, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from app.bridge import Bridge, IoThread, TaskSupervisor, close_ui_loop, make_ui_loop
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.context import DesktopContext, Navigator
from app.desktop.shell.notifier import Notice, Notifier
from app.desktop.shell.theme import Theme
from app.domain.operator import Operator
from tests.desktop.doubles import OPERATOR, TENANT, FakeWatch, Rows, make_console


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer, or a window."""
    threads = set(threading.enumerate())
    windows = set(QApplication.topLevelWidgets())
    gc.freeze()  # what was there before is not this test's, and would be walked again after each of them
    yield
    QApplication.clipboard().clear()  # what Python put there, Qt would delete after the interpreter's end, and crash
    _settle(qapp)
    for translator in [t for t in gc.get_objects() if isinstance(t, QTranslator) and _alive(t)]:
        QApplication.removeTranslator(translator)  # later tests read the texts of the source
    left = [thread.name for thread in threading.enumerate() if thread not in threads]
    assert not left, f"threads left: {left}"
    shown = [w for w in QApplication.topLevelWidgets() if w not in windows and w.isVisible()]
    assert not shown, f"windows left: {shown}"
    gc.collect()
    timers = [t for t in gc.get_objects() if isinstance(t, QTimer) and _alive(t) and t.isActive()]
    assert not timers, f"timers left: {[(t.parent(), t.interval()) for t in timers]}"
    running = [t for t in gc.get_objects() if isinstance(t, QThread) and _alive(t) and t.isRunning()]
    assert [t for t in running if t is not qapp.thread()] == []


@pytest.fixture
def ui_loop(qapp: QApplication) -> Iterator[asyncio.AbstractEventLoop]:
    """Run asyncio on Qt's loop under the test; at the end nothing may still be running on it."""
    loop = make_ui_loop(qapp)
    yield loop
    for _ in range(5):
        qapp.processEvents()
    left = {task.get_name() for task in asyncio.all_tasks(loop)}
    close_ui_loop(qapp, loop)
    assert left == set(), f"tasks left: {left}"


@pytest.fixture
def io(ui_loop: asyncio.AbstractEventLoop) -> Iterator[IoThread]:
    """Run an I/O thread, drained at the end."""
    thread = IoThread()
    thread.start()
    yield thread
    thread.drain(5.0).result(10.0)
    assert thread.join(5.0)


@pytest.fixture
def errors() -> list[tuple[str, Exception]]:
    """Collect bugs and unclaimed errors of the tasks; a test that expects some clears the list, else it fails."""
    return []


@pytest.fixture
def tasks(qapp: QApplication, io: IoThread, errors: list[tuple[str, Exception]]) -> Iterator[TaskSupervisor]:
    """Supervise the UI's coroutines and end them with the test."""
    supervisor = TaskSupervisor(lambda name, error: errors.append((name, error)))
    yield supervisor
    ending = supervisor.spawn("end of test", supervisor.cancel_all())
    _until(qapp, ending.done)
    assert errors == []


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """Apply the light theme."""
    theme = Theme("light")
    theme.apply()
    return theme


@pytest.fixture
def rows() -> Rows:
    """Hold the rows behind the stand-ins."""
    return Rows()


@pytest.fixture
def watch() -> FakeWatch:
    """Publish what a test wants to be news."""
    return FakeWatch()


@pytest.fixture
def operator() -> Operator:
    """Return an administrator."""
    return OPERATOR


@pytest.fixture
def context(
    io: IoThread, tasks: TaskSupervisor, theme: Theme, rows: Rows, watch: FakeWatch, operator: Operator
) -> DesktopContext:
    """Return surroundings on stand-ins for the services and a real bridge."""
    return DesktopContext(
        bridge=Bridge(io),
        tasks=tasks,
        console=make_console(rows, watch),
        theme=theme,
        commands=CommandBook(),
        notify=Notifier(),
        navigate=Navigator(),
        environment_name="Sandbox",
        environment_kind="sandbox",
        tenant=TENANT,
        operator=operator,
        operator_name=operator.email,
    )


@pytest.fixture
def notices(context: DesktopContext) -> list[Notice]:
    """Collect what is told to the operator."""
    told: list[Notice] = []
    context.notify.posted.connect(told.append)
    return told


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Return settings of this test alone."""
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


def _settle(application: QApplication) -> None:
    for _ in range(3):
        application.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _until(application: QApplication, done: Callable[[], bool]) -> None:
    while not done():
        application.processEvents()


def _alive(thing: QTimer | QThread | QTranslator) -> bool:
    import shiboken6

    return bool(shiboken6.isValid(thing))
