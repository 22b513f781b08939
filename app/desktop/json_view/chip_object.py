"""A masked value as one character of a text document: painted as a chip, carrying where its value is stored."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPen,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)

from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SECONDARY_PX, hover, mix

CHIP_TYPE = int(QTextFormat.ObjectTypes.UserObject.value) + 1
_ORIGIN = int(QTextFormat.Property.UserProperty.value) + 1
_LABEL = _ORIGIN + 1
_PADDING = 7.0
_GAP = 1.0


@dataclass(frozen=True, slots=True)
class ChipWords:
    """What a chip says: ``label`` on it, ``description`` in its tooltip and to a screen reader; both translated."""

    label: str
    description: str


def chip_format(origin: str, label: str) -> QTextCharFormat:
    """Return the format of the one character that stands for the value stored at a JSON pointer."""
    made = QTextCharFormat()
    made.setObjectType(CHIP_TYPE)
    made.setProperty(_ORIGIN, origin)
    made.setProperty(_LABEL, label)
    return made


def origin_of(text_format: QTextFormat) -> str | None:
    """Return the JSON pointer that a character's format carries, or None when the character is no chip."""
    if text_format.objectType() != CHIP_TYPE:
        return None
    origin = text_format.property(_ORIGIN)
    return origin if isinstance(origin, str) else ""  # PySide stores the whole document's "" as an empty list


class ChipObject(QPyTextObject):
    """Measures and paints chips. One instance serves a whole document.

    Args:
        theme: Colours and fonts.
        parent: The editor.
    """

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self.use_theme()

    def use_theme(self) -> None:
        """Take over the theme's fonts anew."""
        self._font = self._theme.secondary()
        self._font.setPixelSize(SECONDARY_PX - 1)
        self._metrics = QFontMetricsF(self._font)
        self._height = QFontMetricsF(self._theme.mono()).ascent()
        self._widths: dict[str, float] = {}

    def intrinsicSize(self, _document: QTextDocument, _position: int, text_format: QTextFormat) -> QSizeF:
        """Return the chip's size; it is no higher than a line of text."""
        label: str = text_format.property(_LABEL)
        width = self._widths.get(label)
        if width is None:
            width = self._widths[label] = self._metrics.horizontalAdvance(label) + 2 * (_PADDING + _GAP)
        return QSizeF(width, self._height)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        _document: QTextDocument,
        _position: int,
        text_format: QTextFormat,
    ) -> None:
        """Paint the chip around the line's letters."""
        tokens = self._theme.tokens
        self._paint(
            painter, QRectF(rect), text_format, mix(tokens.text, tokens.panel, 0.16), hover(tokens), tokens.muted
        )

    def paint_selected(self, painter: QPainter, rect: QRectF, text_format: QTextFormat) -> None:
        """Paint a selected chip anew: the text engine veils it with the selection's colour."""
        tokens = self._theme.tokens
        painter.fillRect(rect, QColor(tokens.accent))
        box = QRectF(rect.left(), rect.top(), rect.width(), self._height)
        self._paint(painter, box, text_format, tokens.on_accent, tokens.accent, tokens.on_accent)

    def _paint(
        self, painter: QPainter, rect: QRectF, text_format: QTextFormat, line: str, ground: str, letters: str
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = rect.adjusted(_GAP + 0.5, 0.5, -_GAP - 0.5, 2.5)
        painter.setPen(QPen(QColor(line), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(letters))
        painter.setFont(self._font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text_format.property(_LABEL))
        painter.restore()
