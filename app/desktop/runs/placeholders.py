"""What the list's place shows when there are no rows: a skeleton, an empty state, or why nothing could be read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import text_label
from app.desktop.shell.error_text import error_text
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SPACE, mix
from app.domain.errors import RundeskError

SKELETON_DELAY_MS = 200
"""An answer within this time shows no skeleton: a flash is worse than a short wait."""
_BARS = ((10, 62), (92, 120), (260, 86), (384, 150))
"""Left edge and width of the grey bars of a skeleton row, in pixels."""


class Skeleton(QWidget):
    """Grey bars where rows will be."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("runs.loading")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars, paler towards the bottom."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        height = self._theme.row_height
        for row in range(max(0, (self.height() - height) // height)):
            ground = mix(tokens.line, tokens.background, max(0.15, 0.9 - row * 0.06))
            painter.setBrush(QColor(ground))
            for left, width in _BARS:
                painter.drawRoundedRect(QRectF(left, (row + 1) * height + height / 2 - 5, width, 10), 4, 4)
        painter.end()


class EmptyState(QWidget):
    """One sentence and the next useful act."""

    def __init__(self, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._narrowed = False
        self._troubled = False
        self._title = text_label("", "title")
        self._text = text_label("", "muted")
        self.clear = commands.button("runs.clear_filters", self, name="runs.empty.clear")
        self.start = commands.button("runs.start", self, name="runs.empty.start")
        _centre(self, self._title, self._text, self.clear, self.start)
        self.setObjectName("runs.empty")
        self.retranslate()

    def show_reason(self, *, narrowed: bool, troubled: bool) -> None:
        """Say why the list is empty: the filter, or that there are no runs."""
        self._narrowed, self._troubled = narrowed, troubled
        self.clear.setVisible(narrowed)
        self.start.setVisible(not narrowed)
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        if self._troubled:
            self._title.setText(self.tr("No run is in trouble"))
            self._text.setText(self.tr("Every run goes on by itself, or waits for what it should wait for."))
        elif self._narrowed:
            self._title.setText(self.tr("No runs match"))
            self._text.setText(self.tr("No run of this tenant matches every filter."))
        else:
            self._title.setText(self.tr("No runs yet"))
            self._text.setText(self.tr("Run a workflow, or wait for an event to start one."))
        self.setAccessibleName(self._title.text())


class FailureState(QWidget):
    """Why nothing could be read, while nothing is there to keep on the screen."""

    def __init__(self, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error: RundeskError | None = None
        self._title = text_label("", "title")
        self._text = text_label("", "muted")
        self.again = commands.button("runs.refresh", self, name="runs.failure.refresh")
        _centre(self, self._title, self._text, self.again)
        self.setObjectName("runs.failure")
        self.retranslate()

    def show_error(self, error: RundeskError) -> None:
        """Say what went wrong."""
        self._error = error
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._title.setText(self.tr("The runs cannot be read"))
        self._text.setText("" if self._error is None else error_text(self._error))
        self.setAccessibleName(self._title.text())


class ListStack(QStackedWidget):
    """The list's place: exactly one of table, skeleton, empty state and failure."""

    def __init__(self, table: QWidget, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self.skeleton = Skeleton(theme, self)
        self.empty = EmptyState(commands, self)
        self.failure = FailureState(commands, self)
        for page in (table, self.skeleton, self.empty, self.failure):
            self.addWidget(page)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(SKELETON_DELAY_MS)
        self._delay.timeout.connect(lambda: self.setCurrentWidget(self.skeleton))

    def begin_loading(self) -> None:
        """Rows are being read; the skeleton comes only when that takes longer than a moment."""
        self._delay.start()

    def show_table(self) -> None:
        """Show the rows."""
        self._show(self._table)

    def show_empty(self, *, narrowed: bool, troubled: bool) -> None:
        """Show that there is nothing, and why."""
        self.empty.show_reason(narrowed=narrowed, troubled=troubled)
        self._show(self.empty)

    def show_failure(self, error: RundeskError) -> None:
        """Show why nothing could be read."""
        self.failure.show_error(error)
        self._show(self.failure)

    def stop(self) -> None:
        """Stop waiting for the moment to show the skeleton."""
        self._delay.stop()

    def _show(self, page: QWidget) -> None:
        self._delay.stop()
        self.setCurrentWidget(page)


def _centre(page: QWidget, *widgets: QWidget) -> None:
    rows = QVBoxLayout(page)
    rows.setSpacing(2 * SPACE)
    rows.addStretch(2)
    for widget in widgets:
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(widget)
        line.addStretch(1)
        rows.addLayout(line)
    rows.addStretch(3)
