"""Paints the parts of a timeline: ground and folds, axis, one line, the moment under the pointer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from app.desktop.run_page.time_axis import TimeAxis
from app.desktop.run_page.timeline_rows import RowKind, TimelineRow
from app.desktop.run_page.timeline_words import TimelineWords
from app.desktop.shell.icons import paint_state_icon
from app.desktop.shell.state_look import StateKind, state_colour
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import age_text, took_text
from app.desktop.shell.tokens import Tokens, mix, tint
from app.domain.timeline import Outcome

_KINDS = {
    Outcome.RUNNING: StateKind.RUNNING,
    Outcome.SUCCEEDED: StateKind.SUCCEEDED,
    Outcome.FAILED: StateKind.FAILED,
    Outcome.WAITING: StateKind.WAITING,
    Outcome.CANCELED: StateKind.CANCELED,
    Outcome.UNKNOWN: StateKind.UNKNOWN,
}
_ARROW = 12


@dataclass(frozen=True, slots=True)
class RowBox:
    """Where a line's parts are drawn, in viewport pixels, and how it is marked."""

    line: QRectF
    label: QRectF
    bar: QRectF
    took: QRectF
    selected: bool
    current: bool


class TimelinePainter:
    """Draws with the theme's tokens; keeps nothing of a timeline.

    Args:
        theme: Colours and fonts, asked at every paint.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def ground(self, painter: QPainter, axis: TimeAxis, box: QRectF) -> None:
        """Draw tick lines and folded stretches behind the lines."""
        tokens = self._theme.tokens
        for stretch in axis.stretches:
            if stretch.folded:
                band = QRectF(stretch.left, box.top(), stretch.right - stretch.left, box.height())
                painter.fillRect(band, QColor(mix(tokens.text, tokens.panel, 0.03)))
                painter.setPen(QPen(QColor(tokens.line), 1, Qt.PenStyle.DashLine))
                painter.drawLine(band.topLeft(), band.bottomLeft())
                painter.drawLine(band.topRight(), band.bottomRight())
        painter.setPen(QPen(QColor(mix(tokens.line, tokens.panel, 0.6)), 1))
        for tick in axis.ticks():
            pixel = round(axis.pixel(tick)) + 0.5
            painter.drawLine(QPointF(pixel, box.top()), QPointF(pixel, box.bottom()))

    def axis(self, painter: QPainter, axis: TimeAxis, box: QRectF) -> None:
        """Draw the axis with round moments and the lengths of folded stretches."""
        tokens = self._theme.tokens
        painter.setFont(self._theme.secondary())
        painter.setPen(QColor(tokens.line))
        painter.drawLine(QPointF(box.left(), box.bottom() - 0.5), QPointF(box.right(), box.bottom() - 0.5))
        painter.setPen(QColor(tokens.muted))
        folds = [stretch for stretch in axis.stretches if stretch.folded]
        for tick in axis.ticks():
            text = "0" if tick == 0 else took_text(tick * 1000)
            width = painter.fontMetrics().horizontalAdvance(text) + 4
            place = QRectF(axis.pixel(tick) + 3, box.top(), width, box.height())
            if place.right() <= box.right() and not any(_overlap(place, fold.left, fold.right) for fold in folds):
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(tokens.waiting))
        for fold in folds:
            place = QRectF(fold.left, box.top(), fold.right - fold.left, box.height())
            text = painter.fontMetrics().elidedText(
                age_text(fold.end - fold.start), Qt.TextElideMode.ElideRight, round(place.width())
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def sentence(self, painter: QPainter, box: QRectF, text: str) -> None:
        """Write a sentence where there is nothing to draw."""
        painter.setFont(self._theme.body())
        painter.setPen(QColor(self._theme.tokens.muted))
        painter.drawText(box.adjusted(0, 12, 0, 0), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, text)

    def row(self, painter: QPainter, row: TimelineRow, box: RowBox, words: TimelineWords) -> None:
        """Draw one line: label, bar, length."""
        tokens = self._theme.tokens
        if box.selected:
            painter.fillRect(box.line, QColor(tokens.selection))
            painter.fillRect(QRectF(0, box.line.top(), 2, box.line.height()), QColor(tokens.accent))
        if box.current:
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.line.adjusted(0.5, 0.5, -0.5, -0.5))
        self._label(painter, row, box, words)
        self._bar(painter, row, box.bar)
        painter.setFont(self._theme.figures())
        painter.setPen(QColor(tokens.muted))
        painter.drawText(box.took, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words.took(row))

    def hover(self, painter: QPainter, axis: TimeAxis, point: QPointF, box: QRectF) -> None:
        """Draw a line at the moment under the pointer and write the moment on the axis."""
        tokens = self._theme.tokens
        painter.setPen(QPen(QColor(tokens.muted), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(point.x(), box.top() + 24), QPointF(point.x(), box.bottom()))
        painter.setFont(self._theme.secondary())
        text = f"+ {took_text(axis.seconds(point.x()) * 1000)}"
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        left = min(max(point.x() - width / 2, axis.left), axis.left + axis.width - width)
        place = QRectF(left, 4, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.text))
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(QColor(tokens.panel))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _label(self, painter: QPainter, row: TimelineRow, box: RowBox, words: TimelineWords) -> None:
        tokens = self._theme.tokens
        place = QRectF(box.label)
        if row.expandable:
            self._arrow(painter, QRectF(place.left(), place.center().y() - 4, 8, 8), opened=row.expanded)
            place.setLeft(place.left() + _ARROW)
        nested = row.kind in {RowKind.ATTEMPT, RowKind.BACKOFF, RowKind.WAIT}
        if row.entry.swallowed:
            icon = QRectF(place.right() - 18, place.center().y() - 5, 10, 10)
            paint_state_icon(painter, icon, StateKind.STUCK, tokens.waiting)
            place.setRight(icon.left() - 4)
        painter.setFont(self._theme.body())
        painter.setPen(QColor(tokens.muted if nested else tokens.text))
        text = painter.fontMetrics().elidedText(words.label(row), Qt.TextElideMode.ElideRight, round(place.width()) - 8)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def _bar(self, painter: QPainter, row: TimelineRow, bar: QRectF) -> None:
        tokens = self._theme.tokens
        colour = QColor(state_colour(tokens, _KINDS[row.outcome]))
        if row.kind in {RowKind.WAIT, RowKind.BACKOFF}:
            self._hatched(painter, bar, colour, tokens)
            return
        shape = bar if row.kind in {RowKind.STEP, RowKind.LOOP} else bar.adjusted(0, 1.5, 0, -1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        radius = 3 if shape.width() > 6 else 1
        painter.drawRoundedRect(shape, radius, radius)

    def _hatched(self, painter: QPainter, bar: QRectF, colour: QColor, tokens: Tokens) -> None:
        shape = bar.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colour, 1))
        painter.setBrush(QColor(tint(tokens, colour.name())))
        painter.drawRoundedRect(shape, 2, 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colour, Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(shape, 2, 2)

    def _arrow(self, painter: QPainter, box: QRectF, *, opened: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tokens.muted))
        corners = (
            (box.topLeft(), box.topRight(), QPointF(box.center().x(), box.bottom()))
            if opened
            else (box.topLeft(), QPointF(box.right(), box.center().y()), box.bottomLeft())
        )
        painter.drawPolygon(QPolygonF(list(corners)))


def _overlap(place: QRectF, left: float, right: float) -> bool:
    return place.left() < right and place.right() > left
