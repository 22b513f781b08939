"""Waits until a view shows all it has, then takes its picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QPlainTextEdit, QTextEdit, QWidget

from app.bootstrap.shot_catalogue import BatchKey

if TYPE_CHECKING:
    from app.desktop.shell.main_window import MainWindow
    from app.domain.diagnosis.troubles import Troubles
    from app.domain.run import RunKey

SECONDS = 30
_LOOK_MS = 300
"""Between two looks; a view is at rest when two of them are equal, so nothing is loading or fading any more."""
_DIM = 0.25
_DIALOG_COMMANDS = {
    "replay": "run.replay",
    "export": "run.export",
    "exportlist": "runs.export",
    "cancel": "run.cancel",
    "start": "runs.start",
    "startlike": "run.start_like",
    "health": "health.show",
    "stranded": "stranded.finalize",
    "quota": "quota.resume",
    "launch": "repair.complete-launch",
    "close": "repair.project-close",
    "release": "repair.release-human-task",
}
_LOADED_WIDGETS = {
    "replay": "replay.payload",
    "export": "export.preview",
    "exportlist": "export.preview",
    "cancel": "cancel.reason",
    "start": "start.workflow",
    "startlike": "start.version",
    "health": "health.postgres.reachable.state",
    "stranded": "stranded.reason",
    "quota": "quota.reason",
    "launch": "repair.reason",
    "close": "repair.reason",
    "release": "repair.reason",
}


class Photographer(QObject):
    """Drives a window to a view and photographs it.

    Args:
        view: Name of the view, as ``rundesk shot --list`` says it, without the run.
        key: The run or the batch to show, where the view needs one.
        size: Of the window, in logical pixels.
        finished: Called once, when ``picture`` or ``problem`` is known.
    """

    stopped = Signal()

    def __init__(
        self, view: str, key: RunKey | BatchKey | None, size: tuple[int, int], finished: Callable[[], None]
    ) -> None:
        super().__init__()
        self.picture: QPixmap | None = None
        self.problem = ""
        self._view = view
        self._key = key
        self._size = size
        self._window: MainWindow | None = None
        self._awaited = {"page", "troubles", "health"}
        self._asked = False
        self._last: QPixmap | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.timeout.connect(lambda: self._give_up(f"The view was not ready within {SECONDS} s."))
        self.stopped.connect(finished)

    def limit_time(self) -> None:
        """Give up after a while."""
        self._limit.start(SECONDS * 1000)

    def begin(self, window: MainWindow) -> None:
        """Bring the window to the view and wait for it."""
        QApplication.setCursorFlashTime(0)  # a blinking cursor never comes to rest
        self._window = window
        window.resize(*self._size)
        window.controller.page_received.connect(lambda _page: self._awaited.discard("page"))
        window.controller.desk.changed.connect(self._heard_of_troubles)
        window.controller.health_received.connect(lambda _health: self._awaited.discard("health"))
        if isinstance(self._key, BatchKey):
            window.batch_controller.show_batch(self._key.batch_id)
        elif self._key is not None:
            window.controller.show_run(self._key)
        elif self._view == "troubles":
            window.controller.show_view("trouble")
        elif self._view == "batches":
            window.batch_controller.show_batches()
        self._timer.start()

    def _heard_of_troubles(self, troubles: Troubles) -> None:
        if troubles.checked_at is not None:
            self._awaited.discard("troubles")

    def _look(self) -> None:
        window = self._window
        if window is None or self._awaited or not self._is_complete(window):
            return
        if self._view in _DIALOG_COMMANDS and not self._asked:
            self._open_dialog(window, _DIALOG_COMMANDS[self._view])
            return
        if self._view == "replays":
            window.run_page.show_generations()
        if not self._dialog_is_filled():
            return
        picture = self._compose(window)
        if self._last is not None and picture.toImage() == self._last.toImage():
            self.picture = picture
            self._stop()
        self._last = picture

    def _is_complete(self, window: MainWindow) -> bool:
        """Say whether everything that arrives by itself is there: numbers, the run, and what Temporal says of it."""
        if not window.controller.counts_known:
            return False
        page = window.run_page
        if isinstance(self._key, BatchKey):
            return window.batches.page.batch_id == self._key.batch_id
        if self._key is None:
            return True
        shown = page.inspection is not None and page.inspection.run.row.key == self._key
        return shown and page.execution is not None

    def _open_dialog(self, window: MainWindow, command: str) -> None:
        action: QAction = next(action for action in window.actions() if action.objectName() == command)
        if not action.isEnabled():
            self._give_up(action.toolTip())
            return
        self._asked = True
        action.trigger()

    def _dialog_is_filled(self) -> bool:
        name = _LOADED_WIDGETS.get(self._view)
        if name is None:
            return True
        dialog = _open_dialog()
        widget = None if dialog is None else dialog.findChild(QWidget, name)
        if isinstance(widget, QPlainTextEdit | QTextEdit):
            return bool(widget.toPlainText())
        if isinstance(widget, QComboBox):
            return widget.count() > 0
        return widget is not None

    def _compose(self, window: MainWindow) -> QPixmap:
        """Return the window with the open dialog over it, as a desktop would show them."""
        picture = window.grab()
        dialog = _open_dialog()
        if dialog is not None:
            painter = QPainter(picture)
            painter.setOpacity(_DIM)
            painter.fillRect(window.rect(), Qt.GlobalColor.black)
            painter.setOpacity(1)
            free = window.size() - dialog.size()
            painter.drawPixmap(QPoint(max(free.width(), 0) // 2, max(free.height(), 0) // 2), dialog.grab())
            painter.end()
        return picture

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        self._stop()

    def _stop(self) -> None:
        self._timer.stop()
        self._limit.stop()
        self.stopped.emit()


def _open_dialog() -> QDialog | None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            return widget
    return None
