"""Trouble first: the banner of a run that was started and has begun no step."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.shell.commands import CommandBook
from app.desktop.shell.icons import paint_state_icon
from app.desktop.shell.state_look import StateKind
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import age_text
from app.domain.run import RunRow
from app.domain.run_query import StuckRuns

TICK_MS = 5_000
"""How often the written age grows."""


class StuckRunBanner(QFrame):
    """Says how long the run has been waiting for its first step and how many others do; leads to them.

    Whether the banner shows is the database's judgement; between two readings only the written age grows.

    Args:
        theme: Colours.
        commands: Has the command that lists stuck runs.
        parent: The owning widget.
    """

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run.stuck.banner")
        set_role(self, "warning-card")
        self._row: RunRow | None = None
        self._others: StuckRuns | None = None
        self._text = QLabel()
        self._text.setWordWrap(True)
        set_role(self._text, "strong")
        self._meaning = QLabel()
        self._meaning.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._text)
        words.addWidget(self._meaning)
        self.show_button = commands.button("stuck.show", self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(12)
        layout.addWidget(_Triangle(theme))
        layout.addLayout(words, 1)
        layout.addWidget(self.show_button)
        self._read_at = 0.0
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._render)
        self.setVisible(False)

    def show_row(self, row: RunRow | None) -> None:
        """Show or hide the banner for the newest reading of the run."""
        self._row = row
        self._read_at = time.monotonic()
        self._render()

    def show_others(self, stuck: StuckRuns) -> None:
        """Take the tenant's stuck runs, for their number and greatest age."""
        self._others = stuck
        self._render()

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._render()

    def _render(self) -> None:
        row = self._row
        self.setVisible(row is not None and row.stuck)
        if row is None or not row.stuck:
            self._tick.stop()
            return
        self._tick.start()
        self._text.setText(self.tr("This run is stuck for {age}").format(age=age_text(self._age(row))))
        self._meaning.setText(self._explanation())
        self.show_button.set_text(self.tr("Show"))
        self.setAccessibleName(self._text.text())
        self.setAccessibleDescription(self._meaning.text())

    def _age(self, row: RunRow) -> float:
        """Return the age that the database read, grown by the time since; whether it is stuck is never judged here."""
        return row.age_seconds + time.monotonic() - self._read_at

    def _explanation(self) -> str:
        meaning = self.tr("It was started, but no worker has begun its first step.")
        others = self._others
        if others is None or others.total < 2:
            return meaning
        more = self.tr("%n run(s) stuck, the oldest for {age}.", "", others.total)
        return self.tr("{meaning} {others}").format(
            meaning=meaning, others=more.format(age=age_text(others.oldest_seconds))
        )


class _Triangle(QWidget):
    """The warning sign."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(QSize(16, 16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sign in the waiting colour, as in the list's banner."""
        painter = QPainter(self)
        paint_state_icon(painter, QRectF(1, 1, 14, 14), StateKind.STUCK, self._theme.tokens.waiting)
        painter.end()
