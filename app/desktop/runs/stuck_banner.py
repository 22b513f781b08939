"""The banner that cannot be overlooked: how many runs are stuck, since when, and a way to them."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import separator, text_label
from app.desktop.shell.icons import paint_state_icon
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import StateKind
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import age_text
from app.desktop.shell.tokens import SPACE
from app.domain.run_query import StuckRuns

_ICON_PX = 16


class StuckBanner(QFrame):
    """Shows when runs are stuck by the database's judgement, hides when none is."""

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stuck: StuckRuns | None = None
        self._received = 0.0
        self._workers: int | None = None
        self.setObjectName("stuck.banner")
        set_role(self, "warning-card")
        self._number = text_label("", "strong")
        self._oldest = text_label("")
        self._meaning = text_label("", "muted")
        self._meaning.setWordWrap(True)
        self.show_button = commands.button("stuck.show", self)
        line = QHBoxLayout(self)
        line.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        line.setSpacing(3 * SPACE)
        line.addWidget(_Triangle(theme, self))
        facts = QVBoxLayout()
        facts.setSpacing(0)
        facts.addWidget(self._number)
        facts.addWidget(self._oldest)
        line.addLayout(facts)
        line.addWidget(separator(vertical=True, parent=self))
        line.addWidget(self._meaning, 1)
        line.addWidget(self.show_button)
        self.hide()

    @property
    def number(self) -> int:
        """How many runs are stuck."""
        return 0 if self._stuck is None else self._stuck.total

    def show_stuck(self, stuck: StuckRuns | None) -> None:
        """Show newer facts."""
        self._stuck = stuck
        self._received = time.monotonic()
        self.retranslate()
        self.setVisible(self.number > 0)

    def show_workers(self, workers: int | None) -> None:
        """Say whether a worker polls the task queue, where that is known."""
        if workers != self._workers:
            self._workers = workers
            self.retranslate()

    def tick(self) -> None:
        """Let the age grow on the screen."""
        if self.number:
            self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.show_button.set_text(self.tr("Show"))
        if self._stuck is None or not self.number:
            return
        age = age_text(self._stuck.oldest_seconds + time.monotonic() - self._received)
        number = self.tr("%n runs are stuck", "", self.number)
        since = self.tr("for {age}") if self.number == 1 else self.tr("the oldest for {age}")
        oldest = since.format(age=age)
        if self._workers == 0:
            meaning = self.tr("No step has begun, and no worker polls the task queue. Check that the worker runs.")
        else:
            meaning = self.tr("No step has begun for more than a minute. Check that the worker runs and polls.")
        self._number.setText(number)
        self._oldest.setText(oldest)
        self._meaning.setText(meaning)
        self.setAccessibleName(f"{number}, {oldest}")
        self.setAccessibleDescription(meaning)


class _Triangle(QWidget):
    """The warning sign."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(QSize(_ICON_PX, _ICON_PX))
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sign."""
        painter = QPainter(self)
        paint_state_icon(painter, QRectF(self.rect()), StateKind.STUCK, self._theme.tokens.waiting)
        painter.end()
