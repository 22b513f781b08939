"""How a cell of the run list is drawn: quiet lines, one selected row with an edge, the state as a pill."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from app.desktop.runs.columns import RIGHT_ALIGNED, Column
from app.desktop.runs.diagnosed_cells import badge_look, diagnosed_look
from app.desktop.runs.fader import Fader
from app.desktop.runs.model import DIAGNOSIS_ROLE, ROW_ROLE
from app.desktop.shell.cause_text import cause_word
from app.desktop.shell.pill import paint_pill, pill_size
from app.desktop.shell.state_look import StateLook
from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import mix
from app.domain.diagnosis.finding import Diagnosis
from app.domain.run import RunRow

_PAD = 10
_EDGE = 2
_BADGE_GAP = 6
_NARROWEST = 24
"""Least room in which a text can say anything, in pixels."""


class RunDelegate(QStyledItemDelegate):
    """Draws every cell of the run list from its row and the theme's tokens."""

    def __init__(self, theme: Theme, fader: Fader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fader = fader

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw ground, line and content of one cell."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, RunRow):
            return
        column = Column(index.column())
        painter.save()
        self._ground(painter, option, index, row)
        box = option.rect.adjusted(_PAD, 0, -_PAD, -1)
        found = index.data(DIAGNOSIS_ROLE)
        diagnosis = found if isinstance(found, Diagnosis) else None
        if column is Column.STATE:
            self._pill(painter, box, diagnosed_look(row, diagnosis))
        elif column is Column.WHY:
            short = self._badge(painter, box, diagnosis)
            self._text(painter, box, short or str(index.data()), column)
        else:
            self._text(painter, box, str(index.data()), column)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the row's height; widths are the header's business."""
        return QSize(0, self._theme.row_height)

    def _ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, row: RunRow
    ) -> None:
        tokens, column = self._theme.tokens, Column(index.column())
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(option.rect, QColor(tokens.selection))
        fade = self._fader.strength(row.key)
        if fade > 0:
            ground = tokens.selection if selected else tokens.background
            painter.fillRect(option.rect, QColor(mix(tokens.accent, ground, 0.18 * fade)))
        line = QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1)
        painter.fillRect(line, QColor(tokens.line))
        if selected and column is Column.RUN and self._is_looked_at(option.widget, index):
            edge = QRect(option.rect.left(), option.rect.top(), _EDGE, option.rect.height() - 1)
            painter.fillRect(edge, QColor(tokens.accent))

    def _is_looked_at(self, view: QWidget, index: QModelIndex | QPersistentModelIndex) -> bool:
        """Say whether the row is the one on the run page: of several selected rows it alone has the edge."""
        return isinstance(view, QTableView) and view.currentIndex().row() == index.row()

    def _badge(self, painter: QPainter, box: QRect, diagnosis: Diagnosis | None) -> str:
        """Draw the badge of a cause and leave the rest of the cell.

        Where the badge has no room its code stands alone, and its word is returned, to follow instead of the title.
        """
        badge = badge_look(diagnosis)
        if badge is None or diagnosis is None:
            return ""
        narrow = pill_size(badge, QFontMetrics(self._theme.secondary())).width() > box.width()
        look = StateLook(badge.kind, str(diagnosis.cause)) if narrow else badge
        box.setLeft(self._pill(painter, box, look) + _BADGE_GAP)
        return cause_word(diagnosis.cause) if narrow else ""

    def _pill(self, painter: QPainter, box: QRect, look: StateLook) -> int:
        """Draw a pill at the left of a cell; return where it ends."""
        font = self._theme.secondary()
        painter.setFont(font)
        size = pill_size(look, QFontMetrics(font))
        top = box.top() + (box.height() - size.height()) / 2
        width = min(size.width(), box.width() + _PAD)
        paint_pill(painter, QRectF(box.left(), top, width, size.height()), look, self._theme.tokens)
        return box.left() + width

    def _text(self, painter: QPainter, box: QRect, text: str, column: Column) -> None:
        if box.width() < _NARROWEST:
            return  # beside a badge: an ellipsis alone says nothing
        tokens = self._theme.tokens
        if column is Column.RUN:
            font = self._theme.mono()
        else:
            font = self._theme.figures() if column in RIGHT_ALIGNED else self._theme.body()
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted if column is Column.WHY else tokens.text))
        side = Qt.AlignmentFlag.AlignRight if column in RIGHT_ALIGNED else Qt.AlignmentFlag.AlignLeft
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
