"""A table of frozen rows that can be read with the keyboard and copied as text."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QRect, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.desktop.run_page.keyed_table import Index, KeyedTableModel, RowT
from app.desktop.shell.theme import Theme, set_role


class _RowDelegate(QStyledItemDelegate):
    """Draws the selection as a pale ground with an accent edge, so that coloured words keep their colour."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw ground, edge and line, then the cell as if it were not selected."""
        tokens = self._theme.tokens
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(tokens.selection))
            if index.column() == 0:
                painter.fillRect(
                    QRect(option.rect.left(), option.rect.top(), 2, option.rect.height()), QColor(tokens.accent)
                )
        painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), QColor(tokens.line))
        option.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        super().paint(painter, option, index)


class DataTable(QTableView):
    """A list-like table: whole rows, one selected, no editing, Ctrl+C copies the row.

    Args:
        theme: Row height and fonts.
        name: Object name.
        accessible_name: What the table lists, already translated.
        parent: The owning widget.
    """

    row_selected = Signal(int)

    def __init__(self, theme: Theme, name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._widths: tuple[int, ...] = ()
        self._optional: tuple[int, ...] = ()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        set_role(self, "list")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().setVisible(False)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(48)
        self.horizontalHeader().setStyleSheet("QHeaderView::section { padding: 4px 3px; }")
        self.setItemDelegate(_RowDelegate(theme, self))
        theme.changed.connect(self._apply_density)
        self._apply_density()

    def use(
        self, model: KeyedTableModel[RowT], widths: tuple[int, ...], stretched: int, optional: tuple[int, ...] = ()
    ) -> None:
        """Show a model.

        Args:
            model: The rows.
            widths: Pixels per column; for the stretched one the least.
            stretched: The column that takes the rest.
            optional: Columns that are left out, in this order, while there is no room for them.
        """
        self.setModel(model)
        self._widths, self._optional = widths, optional
        header = self.horizontalHeader()
        for column, width in enumerate(widths):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(
            lambda current, _previous: self.row_selected.emit(current.row())
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        needed = sum(self._widths)
        for column in self._optional:
            hidden = needed > self.viewport().width()
            self.setColumnHidden(column, hidden)
            needed -= self._widths[column] if hidden else 0

    def select_row(self, row: int) -> None:
        """Select a row and bring it into view; -1 clears the selection."""
        if row < 0:
            self.clearSelection()
            return
        if self.currentIndex().row() == row:
            return
        index = self.model().index(row, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the row on the platform's copy keys."""
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy) and index.isValid():
            cells = (str(index.siblingAtColumn(column).data() or "") for column in range(self.model().columnCount()))
            QGuiApplication.clipboard().setText("\t".join(cells))
            return
        super().keyPressEvent(event)

    def _apply_density(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.row_height)
