"""A tick box that is seen on every surface and in both themes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from app.desktop.shell.icons import paint_state_icon
from app.desktop.shell.state_look import StateKind
from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SPACE

_BOX_PX = 16
_CORNER_PX = 3


class TickBox(QCheckBox):
    """A check box drawn from the theme's tokens: Fusion's own box vanishes on a dark card."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the room for box and text."""
        metrics = self.fontMetrics()
        width = _BOX_PX + 2 * SPACE + metrics.horizontalAdvance(self.text()) + 2
        return QSize(width, max(_BOX_PX, metrics.height()) + SPACE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw box, tick and text."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - _BOX_PX) / 2 + 0.5, _BOX_PX - 1, _BOX_PX - 1)
        marked = self.isChecked() or self.hasFocus()
        painter.setPen(QPen(QColor(tokens.accent if marked else tokens.muted), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(tokens.accent if self.isChecked() else tokens.panel))
        painter.drawRoundedRect(box, _CORNER_PX, _CORNER_PX)
        if self.isChecked():
            paint_state_icon(painter, box.adjusted(2, 2, -2, -2), StateKind.SUCCEEDED, tokens.on_accent)
        painter.setPen(QColor(tokens.text if self.isEnabled() else tokens.muted))
        painter.drawText(
            self.rect().adjusted(_BOX_PX + 2 * SPACE, 0, 0, 0),
            int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
            self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - _BOX_PX - 2 * SPACE),
        )
        painter.end()
