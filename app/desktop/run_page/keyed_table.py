"""A table model that merges fresh rows by key, so that a live update keeps selection and scroll position."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QIcon

RowT = TypeVar("RowT")
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows; ``tip`` falls back to ``text``."""

    text: str
    tip: str = ""
    font: QFont | None = None
    colour: QColor | None = None
    icon: QIcon | None = None


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """A column: its translated title and what it shows of a row."""

    title: str
    cell: Callable[[RowT], Cell]
    right: bool = False


class KeyedTableModel(QAbstractTableModel, Generic[RowT]):
    """Rows of frozen dataclasses under columns given as data.

    Args:
        key: What identifies a row.
        parent: The owning object.
    """

    def __init__(self, key: Callable[[RowT], Hashable], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self._columns: tuple[Column[RowT], ...] = ()
        self._rows: list[RowT] = []

    def set_columns(self, columns: tuple[Column[RowT], ...]) -> None:
        """Show these columns; also after a change of language or theme."""
        if len(columns) != len(self._columns):
            self.beginResetModel()
            self._columns = columns
            self.endResetModel()
            return
        self._columns = columns
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)
        self.refresh()

    def refresh(self) -> None:
        """Announce that every cell may look different, for instance because time passed."""
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._columns) - 1))

    def rows(self) -> Sequence[RowT]:
        """Return the rows as shown."""
        return self._rows

    def row_of(self, key: Hashable) -> int:
        """Return the number of the row with this key, or -1."""
        return next((number for number, row in enumerate(self._rows) if self._key(row) == key), -1)

    def merge(self, rows: Sequence[RowT]) -> None:
        """Show ``rows``; those at the beginning and end whose keys stay are kept, only changed ones are announced.

        Runs grow at one end (steps below, logs above), so a selection stays where it is.
        """
        above = _common(self._key, self._rows, rows)
        below = _common(self._key, self._rows[above:][::-1], rows[above:][::-1])
        gone, new = len(self._rows) - below, len(rows) - below
        if above < gone:
            self.beginRemoveRows(QModelIndex(), above, gone - 1)
            del self._rows[above:gone]
            self.endRemoveRows()
        if above < new:
            self.beginInsertRows(QModelIndex(), above, new - 1)
            self._rows[above:above] = rows[above:new]
            self.endInsertRows()
        self._replace_changed(rows)

    def _replace_changed(self, rows: Sequence[RowT]) -> None:
        changed = [number for number, row in enumerate(rows) if self._rows[number] != row]
        for number in changed:
            self._rows[number] = rows[number]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self._columns) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column title and its alignment."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(self._columns[section].right)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows in a role."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column.right)
        read = _READERS.get(role)
        return None if read is None else read(column.cell(self._rows[index.row()]))


def _common(key: Callable[[RowT], Hashable], old: Sequence[RowT], new: Sequence[RowT]) -> int:
    """Return how many rows from the beginning have the same keys."""
    for number, (before, after) in enumerate(zip(old, new, strict=False)):
        if key(before) != key(after):
            return number
    return min(len(old), len(new))


def _side(right: bool) -> Qt.AlignmentFlag:
    return (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


_READERS: dict[int, Callable[[Cell], object]] = {
    Qt.ItemDataRole.DisplayRole: lambda cell: cell.text,
    Qt.ItemDataRole.ToolTipRole: lambda cell: cell.tip or cell.text,
    Qt.ItemDataRole.AccessibleTextRole: lambda cell: cell.text,
    Qt.ItemDataRole.FontRole: lambda cell: cell.font,
    Qt.ItemDataRole.ForegroundRole: lambda cell: cell.colour,
    Qt.ItemDataRole.DecorationRole: lambda cell: cell.icon,
}
