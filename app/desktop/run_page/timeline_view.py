"""The timeline, painted line by line: only what is visible is laid out, so 10,000 steps cost as much as 20."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from app.desktop.run_page.time_axis import TimeAxis
from app.desktop.run_page.timeline_painter import RowBox, TimelinePainter
from app.desktop.run_page.timeline_rows import RowKind, TimelineRow, loops_of_steps, timeline_rows
from app.desktop.run_page.timeline_words import TimelineWords
from app.desktop.shell.theme import Theme
from app.domain.timeline import Timeline

ROW_HEIGHT = 24
AXIS_HEIGHT = 28
TOOK_WIDTH = 76
LEFT_MARGIN = 8


class TimelineView(QAbstractScrollArea):
    """Shows a :class:`~app.domain.timeline.Timeline`.

    Arrow keys, Home, End and the page keys move the current line; Right and Left, Enter or Space open and close a loop.
    Moving or clicking selects the line's step.

    Args:
        theme: Colours and fonts.
        parent: The owning widget.
    """

    step_selected = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run.timeline")
        self.setAccessibleName(self.tr("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self._painter = TimelinePainter(theme)
        self._words = TimelineWords()
        self._timeline: Timeline | None = None
        self._rows: tuple[TimelineRow, ...] = ()
        self._expanded: frozenset[str] = frozenset()
        self._current = ""
        self._selected: UUID | None = None
        self._hover: QPoint | None = None
        self.painted_rows = 0
        theme.changed.connect(self.viewport().update)
        self.verticalScrollBar().valueChanged.connect(self._forget_hover)

    @property
    def rows(self) -> tuple[TimelineRow, ...]:
        """The lines, whether visible or not."""
        return self._rows

    @property
    def selected_step(self) -> UUID | None:
        """The step whose lines are marked."""
        return self._selected

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Show a timeline; opened loops, current line, selection and scroll position stay."""
        self._timeline = timeline
        self._lay_out()

    def select_step(self, step_id: UUID | None) -> None:
        """Mark a step's lines and bring the first into view, opening its loop when it is inside one."""
        self._selected = step_id
        if step_id is None or self._timeline is None:
            self.viewport().update()
            return
        loop = loops_of_steps(self._timeline).get(step_id)
        if loop is not None and not any(row.step_id == step_id for row in self._rows):
            self._expanded |= {loop}
            self._lay_out()
        current = self._current_number()
        if current is None or self._rows[current].step_id != step_id:
            found = next((number for number, row in enumerate(self._rows) if row.step_id == step_id), None)
            if found is not None:
                self._current = self._rows[found].key
                self._scroll_to(found)
        self.viewport().update()

    def retranslate(self) -> None:
        """Paint every word in the current language."""
        self.setAccessibleName(self.tr("Timeline"))
        self.viewport().update()

    def row_at(self, point: QPoint) -> TimelineRow | None:
        """Return the line under a point of the viewport."""
        number = self._number_at(point)
        return None if number is None else self._rows[number]

    def bar_rect(self, number: int) -> QRectF:
        """Return where a line's bar is drawn, in viewport pixels."""
        row, top = self._rows[number], self._top(number)
        axis = self.axis()
        left, right = axis.pixel(row.start), axis.pixel(row.end)
        return QRectF(left, top + (ROW_HEIGHT - 10) / 2, max(right - left, 3.0), 10)

    def axis(self) -> TimeAxis:
        """Return the axis as laid out now."""
        timeline = self._timeline
        left = self._label_width() + LEFT_MARGIN
        width = self.viewport().width() - left - TOOK_WIDTH - LEFT_MARGIN
        if timeline is None:
            return TimeAxis(0.0, (), left, width)
        return TimeAxis(timeline.seconds, tuple((fold.start, fold.end) for fold in timeline.folds), left, width)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the axis and the visible lines."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.viewport().rect())
        first = self.verticalScrollBar().value() // ROW_HEIGHT
        last = min(first + self.viewport().height() // ROW_HEIGHT + 2, len(self._rows))
        self.painted_rows = last - first
        if self._rows:
            self._paint_lines(painter, whole, range(first, last))
        elif self._timeline is not None:
            self._painter.sentence(painter, whole, self.tr("No step has begun."))
        painter.end()

    def _paint_lines(self, painter: QPainter, whole: QRectF, numbers: range) -> None:
        axis = self.axis()
        below_axis = whole.adjusted(0, AXIS_HEIGHT, 0, 0)
        painter.setClipRect(below_axis)
        self._painter.ground(painter, axis, below_axis)
        for number in numbers:
            self._paint_row(painter, number, axis)
        painter.setClipping(False)
        self._painter.axis(painter, axis, QRectF(0, 0, whole.width(), AXIS_HEIGHT))
        if self._hover is not None and axis.left <= self._hover.x() <= axis.left + axis.width:
            self._painter.hover(painter, axis, QPointF(self._hover), whole)

    def _paint_row(self, painter: QPainter, number: int, axis: TimeAxis) -> None:
        row = self._rows[number]
        indent = LEFT_MARGIN + min(row.level, 8) * 14
        box = RowBox(
            line=QRectF(0, self._top(number), self.viewport().width(), ROW_HEIGHT),
            label=QRectF(indent, self._top(number), self._label_width() - indent, ROW_HEIGHT),
            bar=self.bar_rect(number),
            took=QRectF(axis.left + axis.width, self._top(number), TOOK_WIDTH, ROW_HEIGHT),
            selected=row.step_id is not None and row.step_id == self._selected,
            current=row.key == self._current and self.hasFocus(),
        )
        self._painter.row(painter, row, box, self._words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out again for the new size; the current line stays in view."""
        super().resizeEvent(event)
        self._update_scroll_range()
        current = self._current_number()
        if current is not None:
            self._scroll_to(current)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the line's step; a click on a loop's arrow or a second click opens it."""
        number = self._number_at(event.position().toPoint())
        if number is None or event.button() != Qt.MouseButton.LeftButton:
            return
        row = self._rows[number]
        self._go_to(number)
        arrow_right = LEFT_MARGIN + min(row.level, 8) * 14 + 14
        if row.expandable and event.position().x() <= arrow_right:
            self._toggle(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take the release of what was pressed here."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open or close a loop."""
        row = self.row_at(event.position().toPoint())
        if row is not None and row.expandable:
            self._toggle(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer with the time under it."""
        self._hover = event.position().toPoint()
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the time under the pointer away."""
        self._forget_hover()
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the exact times of the line under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self.row_at(event.pos())
            if row is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._words.tip(row), self.viewport())
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the current line or open a loop."""
        number = self._current_number()
        target = self._target(Qt.Key(event.key()), -1 if number is None else number)
        if target is not None and self._rows:
            self._go_to(min(max(target, 0), len(self._rows) - 1))
            return
        row = None if number is None else self._rows[number]
        if row is not None and row.expandable and self._toggles(Qt.Key(event.key()), row):
            self._toggle(row)
            return
        super().keyPressEvent(event)

    def _target(self, key: Qt.Key, number: int) -> int | None:
        page = max(self.viewport().height() // ROW_HEIGHT - 2, 1)
        return {
            Qt.Key.Key_Up: number - 1,
            Qt.Key.Key_Down: number + 1,
            Qt.Key.Key_PageUp: number - page,
            Qt.Key.Key_PageDown: number + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self._rows) - 1,
        }.get(key)

    def _toggles(self, key: Qt.Key, row: TimelineRow) -> bool:
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            return True
        return key == (Qt.Key.Key_Left if row.expanded else Qt.Key.Key_Right)

    def _toggle(self, row: TimelineRow) -> None:
        self._expanded ^= {row.key}
        self._lay_out()

    def _go_to(self, number: int) -> None:
        row = self._rows[number]
        self._current = row.key
        self._scroll_to(number)
        self.setAccessibleDescription(self._words.spoken(row))
        if row.step_id is not None and row.step_id != self._selected:
            self._selected = row.step_id
            self.step_selected.emit(row.step_id)
        self.viewport().update()

    def _lay_out(self) -> None:
        timeline = self._timeline
        self._rows = () if timeline is None else timeline_rows(timeline, self._expanded)
        self._update_scroll_range()
        self.viewport().update()

    def _update_scroll_range(self) -> None:
        bar = self.verticalScrollBar()
        room = max(self.viewport().height() - AXIS_HEIGHT, ROW_HEIGHT)
        bar.setPageStep(room)
        bar.setSingleStep(ROW_HEIGHT)
        bar.setRange(0, max(len(self._rows) * ROW_HEIGHT + 8 - room, 0))

    def _scroll_to(self, number: int) -> None:
        bar = self.verticalScrollBar()
        top = number * ROW_HEIGHT
        room = max(self.viewport().height() - AXIS_HEIGHT, ROW_HEIGHT)
        if top < bar.value():
            bar.setValue(top)
        elif top + ROW_HEIGHT > bar.value() + room:
            bar.setValue(top + ROW_HEIGHT - room)

    def _current_number(self) -> int | None:
        return next((number for number, row in enumerate(self._rows) if row.key == self._current), None)

    def _number_at(self, point: QPoint) -> int | None:
        if point.y() < AXIS_HEIGHT:
            return None
        number = (point.y() - AXIS_HEIGHT + self.verticalScrollBar().value()) // ROW_HEIGHT
        return number if number < len(self._rows) else None

    def _top(self, number: int) -> float:
        return AXIS_HEIGHT + number * ROW_HEIGHT - self.verticalScrollBar().value()

    def _label_width(self) -> int:
        return min(max(self.viewport().width() * 34 // 100, 130), 320)

    def _forget_hover(self) -> None:
        self._hover = None
        self.viewport().update()


__all__ = ["AXIS_HEIGHT", "ROW_HEIGHT", "RowKind", "TimelineView"]
