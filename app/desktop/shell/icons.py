"""The few icons of the product, drawn as paths in whatever colour is asked for, sharp at every scale."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from app.desktop.shell.state_look import StateKind


def paint_state_icon(painter: QPainter, box: QRectF, kind: StateKind, colour: str) -> None:
    """Draw the icon of a look inside ``box`` (logical pixels)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / 12.0, box.height() / 12.0)
    ink = QColor(colour)
    filled = _FILLED.get(kind)
    if filled is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPath(filled)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 1.7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(_LINES[kind])
    painter.restore()


def state_icon(kind: StateKind, colour: str, size: int = 14) -> QIcon:
    """Return the icon of a look as a QIcon, for menus, lists and tabs; ``size`` in logical pixels."""
    return _icon(size, lambda painter, box: paint_state_icon(painter, box, kind, colour))


def paint_chevron(painter: QPainter, box: QRectF, colour: str) -> None:
    """Draw a downward chevron in the middle of ``box``: "opens a choice"."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    middle = box.center()
    painter.drawPolyline(
        QPolygonF([middle + QPointF(-3.5, -1.75), middle + QPointF(0, 1.75), middle + QPointF(3.5, -1.75)])
    )
    painter.restore()


def search_icon(colour: str, size: int = 14) -> QIcon:
    """Return a magnifying glass."""

    def draw(painter: QPainter, box: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawEllipse(QPointF(box.width() * 0.43, box.height() * 0.43), box.width() * 0.3, box.height() * 0.3)
        painter.drawLine(
            QPointF(box.width() * 0.66, box.height() * 0.66), QPointF(box.width() * 0.92, box.height() * 0.92)
        )

    return _icon(size, draw)


def application_icon(background: str, ink: str, size: int = 64) -> QIcon:
    """Return the application's icon: a console line that plays."""

    def draw(painter: QPainter, box: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(background))
        painter.drawRoundedRect(box, box.width() * 0.22, box.height() * 0.22)
        paint_state_icon(painter, box.adjusted(*(box.width() * s for s in (0.24, 0.2, -0.2, -0.2))), _PLAY, ink)

    return _icon(size, draw)


def _icon(size: int, draw: Callable[[QPainter, QRectF], None]) -> QIcon:
    icon = QIcon()
    for ratio in (1, 2):
        pixmap = QPixmap(QSize(size, size) * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        draw(painter, QRectF(0, 0, size, size))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def _polygon(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _lines(*strokes: tuple[tuple[float, float], ...]) -> QPainterPath:
    path = QPainterPath()
    for stroke in strokes:
        path.moveTo(*stroke[0])
        for point in stroke[1:]:
            path.lineTo(*point)
    return path


def _clock() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(6, 6), 4.6, 4.6)
    path.moveTo(6, 3.4)
    path.lineTo(6, 6)
    path.lineTo(7.9, 7.1)
    return path


def _square() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(2.5, 2.5, 7, 7), 1, 1)
    return path


def _question() -> QPainterPath:
    path = QPainterPath()
    path.moveTo(3.6, 4.0)
    path.cubicTo(3.6, 0.8, 8.6, 0.8, 8.6, 3.9)
    path.cubicTo(8.6, 5.8, 6.1, 5.8, 6.1, 7.8)
    path.moveTo(6.1, 10.4)
    path.lineTo(6.1, 10.5)
    return path


_PLAY = StateKind.RUNNING
_FILLED = {
    StateKind.RUNNING: _polygon((2.8, 1.8), (10.2, 6), (2.8, 10.2)),
    StateKind.STUCK: _polygon((6, 1.2), (11.4, 10.8), (0.6, 10.8)),
    StateKind.CANCELED: _square(),
}
_LINES = {
    StateKind.SUCCEEDED: _lines(((2.2, 6.4), (4.8, 9.0), (9.8, 3.2))),
    StateKind.FAILED: _lines(((2.9, 2.9), (9.1, 9.1)), ((9.1, 2.9), (2.9, 9.1))),
    StateKind.WAITING: _clock(),
    StateKind.UNKNOWN: _question(),
}
