"""The real window, opened as the product opens it, and hands and eyes for a test: names, clicks, keys, texts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar, cast
from uuid import UUID

import shiboken6
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.bootstrap.connection import Connection
from app.bootstrap.opening import opening_of, window_kind
from app.cli.rooms import ConnectionFlags
from app.desktop.runs.columns import Column
from app.desktop.shell.main_window import MainWindow
from app.desktop.shell.pill import StatePill
from app.desktop.shell.preferences import PreferenceStore
from app.desktop.shell.session import DesktopSession

WidgetT = TypeVar("WidgetT", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 45_000
_TEXT_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)


class Desk:
    """One sitting at the window.

    Args:
        qtbot: Waits and presses.
        application: The one QApplication.
        connection: What the window is connected to.
        settings: Where it keeps its preferences.
    """

    def __init__(self, qtbot: QtBot, application: QApplication, connection: Connection, settings: Path) -> None:
        self._qtbot = qtbot
        store = PreferenceStore(QSettings(str(settings), QSettings.Format.IniFormat))
        self._session = DesktopSession(
            application,
            opening_of(connection, ConnectionFlags()),
            sandbox=False,
            kind=window_kind(connection),
            store=store,
        )
        self._known: dict[tuple[str, type[QWidget]], list[QWidget]] = {}
        self._searched_at = 0.0
        self.slowest: dict[str, float] = {}
        """Seconds until the window showed that it had understood, by action; the slowest of each."""

    def open(self) -> None:
        """Open the window and wait until it has read its first page."""
        self._session.begin()
        self.until(lambda: self._session.window is not None)
        self.until(lambda: self.says("status.total") != "")

    def close(self) -> None:
        """Close the window and wait until everything behind it has ended."""
        window = self._session.window
        self._session.quit()
        self.until(lambda: window is None or not shiboken6.isValid(window) or not window.isVisible())
        self._session.close()

    @property
    def window(self) -> MainWindow:
        """The main window."""
        window = self._session.window
        assert window is not None
        return window

    @property
    def at_work(self) -> str:
        """What the window's coroutines are doing, by their names."""
        return ", ".join(self._session._tasks.names())

    def command(self, name: str) -> QAction:
        """Return a command's action."""
        return next(action for action in self.window.actions() if action.objectName() == name)

    def until(self, condition: Callable[[], object], milliseconds: int = PATIENCE_MS) -> None:
        """Let the window live until the condition holds."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=milliseconds)

    def seen(self, name: str, kind: type[WidgetT] = QWidget) -> WidgetT | None:  # type: ignore[assignment]
        """Return the widget of this name that the operator can see, or None."""
        known = [widget for widget in self._known.get((name, kind), ()) if shiboken6.isValid(widget)]
        if not known or (not any(widget.isVisible() for widget in known) and self._may_search_again()):
            tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
            named = [top for top in tops if top.objectName() == name and isinstance(top, kind)]
            known = [*{*known, *named, *(w for top in tops for w in top.findChildren(kind, name))}]
            self._known[name, kind] = known
        found = [widget for widget in known if widget.isVisible()]
        assert len(found) < 2, f"{name} is there {len(found)} times"
        return cast("WidgetT | None", next(iter(found), None))

    def _may_search_again(self) -> bool:
        """Say yes four times a second: a search makes Python objects of Qt's own inner widgets, which come and go."""
        now = time.monotonic()
        if now - self._searched_at < 0.25:
            return False
        self._searched_at = now
        return True

    def named(self, name: str, kind: type[WidgetT] = QWidget) -> WidgetT:  # type: ignore[assignment]
        """Return the widget of this name once the operator can see it."""
        self.until(lambda: self.seen(name, kind) is not None)
        widget = self.seen(name, kind)
        assert widget is not None
        return widget

    def says(self, name: str) -> str:
        """Return the text of a visible label, or "" when there is none."""
        label = self.seen(name, QLabel)
        return "" if label is None else label.text()

    def may(self, name: str) -> bool:
        """Say whether the button of this name can be pressed now."""
        button = self.seen(name, QPushButton)
        return button is not None and button.isEnabled()

    def click(self, name: str) -> None:
        """Press a button as soon as it can be pressed."""
        self.until(lambda: self.may(name))
        self._qtbot.mouseClick(self.named(name, QPushButton), LEFT)

    def double_click(self, name: str) -> None:
        """Press a button twice, as a nervous hand does."""
        self.until(lambda: self.may(name))
        button = self.named(name, QPushButton)
        self._qtbot.mouseDClick(button, LEFT)
        self._qtbot.mouseClick(button, LEFT)

    def press(self, name: str, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press one key in a widget."""
        self._qtbot.keyClick(self.named(name), key, modifier)

    def type(self, name: str, text: str) -> None:
        """Type into a field or choose in a list by typing."""
        self._qtbot.keyClicks(self.named(name), text)

    def acknowledged(self, what: str, act: Callable[[], None], reaction: Callable[[], object]) -> None:
        """Act, wait for the window's first reaction and note how long it took, painting included."""
        QApplication.processEvents()
        began = time.perf_counter()
        act()
        while not reaction():
            QApplication.processEvents()
            assert time.perf_counter() - began < PATIENCE_MS / 1000, f"{what}: no reaction"
        QApplication.processEvents()
        self.slowest[what] = max(self.slowest.get(what, 0.0), time.perf_counter() - began)

    # The list.

    def row_of(self, run_id: UUID) -> int | None:
        """Return in which row of the list a run is, or None."""
        model = self.named("runs.table", QTableView).model()
        short = str(run_id)[:8]
        return next((r for r in range(model.rowCount()) if model.index(r, Column.RUN).data() == short), None)

    def cell(self, run_id: UUID, column: Column) -> str:
        """Return what the list says of a run, "" while it does not list it."""
        row = self.row_of(run_id)
        return "" if row is None else str(self.named("runs.table", QTableView).model().index(row, column).data())

    def is_in_view(self, run_id: UUID) -> bool:
        """Say whether the run's row is within the list's visible part."""
        table, row = self.named("runs.table", QTableView), self.row_of(run_id)
        if row is None:
            return False
        return table.viewport().rect().contains(table.visualRect(table.model().index(row, 0)).center())

    def click_row(self, run_id: UUID) -> None:
        """Click a run in the list."""
        table, row = self.named("runs.table", QTableView), self.row_of(run_id)
        assert row is not None
        index = table.model().index(row, Column.WORKFLOW)
        table.scrollTo(index)
        self._qtbot.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())

    def choose(self, run_id: UUID) -> None:
        """Wait for a run in the list, click it, and wait until its page is there."""
        self.until(lambda: self.row_of(run_id) is not None)
        self.click_row(run_id)
        self.until(lambda: self.page_shows(run_id))

    # The run page.

    def page_shows(self, run_id: UUID) -> bool:
        """Say whether the run page shows this run."""
        return self.says("run.id") == str(run_id)

    def page_state(self) -> str:
        """Return the state that the run page shows, in words."""
        pill = self.window.run_page.findChild(StatePill)
        return pill.accessibleName() if pill is not None and pill.isVisible() else ""

    # Everything.

    def everything_said(self) -> str:
        """Return every text that any widget, action or list holds, visible or not, and the clipboard.

        What is painted rather than said comes from the inspection, so all of that counts as said too.
        """
        texts = [QApplication.clipboard().text(), repr(self.window.run_page.inspection)]
        for widget in QApplication.allWidgets():
            texts += _texts_of(widget)
        texts += [text for action in self.window.findChildren(QAction) for text in (action.text(), action.toolTip())]
        texts += [document.toPlainText() for document in self.window.findChildren(QTextDocument)]
        return "\n".join(texts)


def _texts_of(widget: QWidget) -> Iterator[str]:
    yield from (widget.toolTip(), widget.whatsThis(), widget.statusTip(), widget.windowTitle())
    yield from (widget.accessibleName(), widget.accessibleDescription())
    if isinstance(widget, QLabel | QPushButton | QLineEdit):
        yield widget.text()
    if isinstance(widget, QPlainTextEdit):
        yield widget.toPlainText()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(i) for i in range(widget.count()))
    if isinstance(widget, QTabWidget):
        yield from (widget.tabText(i) for i in range(widget.count()))
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        model = widget.model()
        for row in range(model.rowCount()):
            column = 0
            while model.hasIndex(row, column):
                yield from (str(model.index(row, column).data(role)) for role in _TEXT_ROLES)
                column += 1
