"""Which environment this is, so that nobody takes production for the sandbox."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import FRAME_PX, Tokens

EnvironmentKind = Literal["sandbox", "production", "other"]
"""Decides the colour: sandbox green, production red, anything else blue."""


def environment_colour(tokens: Tokens, kind: EnvironmentKind) -> str:
    """Return the colour of an environment's name and frame."""
    return {"sandbox": tokens.succeeded, "production": tokens.failed, "other": tokens.running}[kind]


class EnvironmentFrame(QWidget):
    """The 3 px frame of a window, in the environment's colour: above everything, and all around in production."""

    def __init__(self, theme: Theme, kind: EnvironmentKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind: EnvironmentKind = kind
        self.setObjectName("environment.frame")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        side = FRAME_PX if kind == "production" else 0
        self.setContentsMargins(side, FRAME_PX, side, side)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill the frame; the content covers the rest."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(environment_colour(self._theme.tokens, self._kind)))
        painter.fillRect(self.contentsRect(), QColor(self._theme.tokens.background))
        painter.end()
