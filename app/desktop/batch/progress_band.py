"""How far a batch is, drawn as one bar of outcomes and said in two lines."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.batch.words import entry_look, pace_text, stand_text, standstill_text, waiting_text
from app.desktop.shell.controls import text_label
from app.desktop.shell.state_look import state_colour
from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SPACE
from app.domain.batch_ledger import BatchProgress, BatchState, EntryState

_BAR_PX = 8
_SHOWN = (
    EntryState.RECOVERED,
    EntryState.CANCELED,
    EntryState.NOT_RECOVERED,
    EntryState.REFUSED,
    EntryState.FAILED,
    EntryState.SENDING,
    EntryState.UNDER_WAY,
)
"""The states that fill the bar, from its left; what is not sent yet stays empty."""


class ProgressBand(QWidget):
    """Bar, numbers and what is waited for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = OutcomeBar(theme, self)
        self.numbers = text_label("", "strong", self)
        self.numbers.setObjectName("batch.numbers")
        self.numbers.setWordWrap(True)
        self.waits = text_label("", "muted", self)
        self.waits.setObjectName("batch.waits")
        self.waits.setWordWrap(True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE + 2)
        for widget in (self._bar, self.numbers, self.waits):
            rows.addWidget(widget)

    def show_progress(self, progress: BatchProgress, wished: str) -> None:
        """Show one moment; ``wished`` is a sentence about what was asked of the batch and has not happened yet."""
        self._bar.show_progress(progress)
        running = progress.state is BatchState.RUNNING
        parts = [stand_text(progress), *_outcomes(progress)]
        self.numbers.setText(" · ".join(part for part in (*parts, pace_text(progress) if running else "") if part))
        self.waits.setText(wished or (waiting_text(progress) if running else standstill_text(progress)))
        self.waits.setVisible(bool(self.waits.text()))


class OutcomeBar(QWidget):
    """A bar whose parts are outcomes in their colours; its accessible name says the same in words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._progress: BatchProgress | None = None
        self.setObjectName("batch.bar")
        self.setFixedHeight(_BAR_PX)
        theme.changed.connect(self.update)

    def show_progress(self, progress: BatchProgress) -> None:
        """Show other numbers."""
        self._progress = progress
        self.setAccessibleName(" · ".join((stand_text(progress), *_outcomes(progress))))
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and parts."""
        tokens, whole = self._theme.tokens, QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        shape = QPainterPath()
        shape.addRoundedRect(whole, _BAR_PX / 2, _BAR_PX / 2)
        painter.setClipPath(shape)
        painter.fillRect(whole, QColor(tokens.line))
        if self._progress is not None and self._progress.total:
            left = 0.0
            for state in _SHOWN:
                width = whole.width() * self._progress.count(state) / self._progress.total
                colour = state_colour(tokens, entry_look(state).kind)
                painter.fillRect(QRectF(left, 0, width, _BAR_PX), QColor(colour))
                left += width
        painter.end()


def _outcomes(progress: BatchProgress) -> list[str]:
    """Return the outcomes that there are, in words: "Recovered 112"."""
    locale = QLocale()
    return [
        f"{entry_look(state).word} {locale.toString(progress.count(state))}"
        for state in _SHOWN
        if progress.count(state)
    ]
