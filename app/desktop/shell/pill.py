"""The state pill: icon, word and colour on a pale ground, as a painter routine and as a widget."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.shell.icons import paint_state_icon
from app.desktop.shell.state_look import StateKind, StateLook, state_colour
from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SPACE, Tokens, tint

_ICON_PX = 10
_PAD = 2 * SPACE
_GAP = 6


def pill_size(look: StateLook, metrics: QFontMetrics) -> QSize:
    """Return the pill's size in logical pixels."""
    return QSize(_PAD + _ICON_PX + _GAP + metrics.horizontalAdvance(look.word) + _PAD, metrics.height() + SPACE)


def paint_pill(painter: QPainter, box: QRectF, look: StateLook, tokens: Tokens) -> None:
    """Draw the pill inside ``box``, with the painter's font."""
    colour = state_colour(tokens, look.kind)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tint(tokens, colour)))
    painter.drawRoundedRect(box, 4, 4)
    icon_top = box.center().y() - _ICON_PX / 2
    paint_state_icon(painter, QRectF(box.left() + _PAD, icon_top, _ICON_PX, _ICON_PX), look.kind, colour)
    painter.setPen(QColor(colour))
    text_box = box.adjusted(_PAD + _ICON_PX + _GAP, 0, -SPACE, 0)
    painter.drawText(text_box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, look.word)
    painter.restore()


class StatePill(QWidget):
    """A state pill as a widget; its accessible name is the word."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = StateLook(StateKind.UNKNOWN, "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def look(self) -> StateLook:
        """What is shown."""
        return self._look

    def set_look(self, look: StateLook) -> None:
        """Show another state."""
        if look != self._look:
            self._look = look
            self.setAccessibleName(look.word)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the pill's own size."""
        return pill_size(self._look, QFontMetrics(self._theme.secondary()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pill unless nothing was set yet."""
        if self._look.word:
            painter = QPainter(self)
            painter.setFont(self._theme.secondary())
            paint_pill(painter, QRectF(self.rect()), self._look, self._theme.tokens)
            painter.end()
