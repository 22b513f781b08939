"""The run list as a Qt table model: frozen rows, merged by key so that selection and scrolling survive an update."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.desktop.runs.columns import (
    HEADER_TOOLTIPS,
    HEADERS,
    RIGHT_ALIGNED,
    SORTS,
    Column,
    cell_text,
    cell_tooltip,
    duration_seconds,
)
from app.desktop.runs.diagnosed_cells import DIAGNOSED, diagnosed_spoken, diagnosed_text, diagnosed_tooltip
from app.desktop.shell.times import age_text
from app.desktop.shell.words import translate
from app.domain.diagnosis.finding import Diagnosis
from app.domain.keyset import decode_cursor, encode_cursor
from app.domain.run import RunKey, RunRow
from app.domain.run_query import RunSort

AnyIndex = QModelIndex | QPersistentModelIndex
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The whole :class:`RunRow` of an index."""
DIAGNOSIS_ROLE = ROW_ROLE + 1
"""The row's :class:`~app.domain.diagnosis.finding.Diagnosis` where one is known that still fits it, else None."""


class RunsModel(QAbstractTableModel):
    """Rows of one query, in its order.

    ``rows_changed`` carries the keys whose visible content changed; ``more_wanted`` asks for the next page.
    """

    rows_changed = Signal(object)
    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._received: dict[RunKey, float] = {}
        self._sort = self._marked = RunSort.STARTED_DESC
        self._more = False
        self._fetching = False
        self._diagnoses: Mapping[RunKey, Diagnosis] = {}
        self._diagnosed_at: datetime | None = None

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """What is shown, top to bottom."""
        return tuple(self._rows)

    def row_at(self, index: AnyIndex) -> RunRow | None:
        """Return the row of an index, or None for an invalid one."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def position(self, key: RunKey) -> int | None:
        """Return where a run is shown, or None."""
        return next((i for i, row in enumerate(self._rows) if row.key == key), None)

    def cursor_after(self, position: int) -> str:
        """Return the keyset cursor behind the row at this position."""
        row = self._rows[position]
        value = row.started_at if self._by_start else row.updated_at
        return encode_cursor(self._sort, value, row.key.run_id)

    def age_seconds(self, row: RunRow) -> float:
        """Return the row's age by the database's clock: as read, plus the time that has passed since."""
        return row.age_seconds + time.monotonic() - self._received.get(row.key, time.monotonic())

    def show_diagnoses(self, diagnoses: Mapping[RunKey, Diagnosis], checked_at: datetime | None) -> None:
        """Take over what the runs are really doing and what holds them up, as of ``checked_at``."""
        before, self._diagnoses, self._diagnosed_at = self._diagnoses, diagnoses, checked_at
        for at, row in enumerate(self._rows):
            if before.get(row.key) != diagnoses.get(row.key):
                self.dataChanged.emit(self.index(at, Column.STATE), self.index(at, Column.WHY))

    def diagnosis_of(self, row: RunRow) -> Diagnosis | None:
        """Return a row's diagnosis, unless the row has moved on since it was made."""
        known = self._diagnoses.get(row.key)
        if known is None or self._diagnosed_at is None:
            return None
        return known if known.status == row.status and row.updated_at <= self._diagnosed_at else None

    def tick(self) -> None:
        """Let the ages of runs that go on grow on the screen."""
        for at, row in enumerate(self._rows):
            if row.completed_at is None:
                index = self.index(at, Column.AGE)
                self.dataChanged.emit(index, index, [int(Qt.ItemDataRole.DisplayRole)])

    def show(self, rows: Sequence[RunRow], sort: RunSort, *, more: bool) -> None:
        """Show the first page of another query, replacing everything."""
        self.beginResetModel()
        self._rows = list(rows)
        self._received = dict.fromkeys((row.key for row in rows), time.monotonic())
        self._sort, self._more, self._fetching = sort, more, False
        self.endResetModel()

    def append(self, rows: Sequence[RunRow], *, more: bool) -> None:
        """Add the next page at the end; rows that came in meanwhile by a merge are not doubled."""
        self._more, self._fetching = more, False
        known = {row.key for row in self._rows}
        fresh = [row for row in rows if row.key not in known]
        self._received.update(dict.fromkeys((row.key for row in fresh), time.monotonic()))
        self._insert(len(self._rows), fresh)

    def fetch_failed(self) -> None:
        """Let scrolling ask for the next page again."""
        self._fetching = False

    def merge(self, window: Sequence[RunRow], *, more: bool, after: str | None = None) -> None:
        """Take over a newer reading of a stretch of the same query.

        Args:
            window: The rows read.
            more: Whether the database holds rows behind the window.
            after: The cursor the window was read from; None for the top. Rows before it, and rows behind the
                window's last row, were not read and stay.
        """
        if more and not window:
            return
        seen = {row.key for row in window}
        kept = [(self._order(row), row) for row in self._rows if row.key not in seen]
        start = None if after is None else self._cursor_order(after)
        before = [row for order, row in kept if start is not None and order <= start]
        edge = self._order(window[-1]) if more else None
        behind = [row for order, row in kept if edge is not None and order > edge]
        self._more = more and (self._more or not behind)
        target = [*before, *window, *behind]
        self._drop_missing({row.key for row in target})
        self._place(target)
        self._received.update(dict.fromkeys(seen, time.monotonic()))

    def update_rows(self, rows: Sequence[RunRow]) -> None:
        """Take over newer readings of rows that are shown; others are ignored."""
        places = {row.key: i for i, row in enumerate(self._rows)}
        self._received.update(dict.fromkeys((row.key for row in rows if row.key in places), time.monotonic()))
        self._replace([(places[row.key], row) for row in rows if row.key in places])

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return the cell's text, tooltip, alignment, or (``ROW_ROLE``) the whole row."""
        row = self.row_at(index)
        if row is None:
            return None
        column = Column(index.column())
        if column is Column.AGE and role in _SHOWN:
            return age_text(duration_seconds(replace(row, age_seconds=self.age_seconds(row))))
        if role == DIAGNOSIS_ROLE:
            return self.diagnosis_of(row)
        if column in DIAGNOSED and role in _DIAGNOSED_ANSWERS:
            return _DIAGNOSED_ANSWERS[role](row, column, self.diagnosis_of(row))
        answer = _ANSWERS.get(role)
        return None if answer is None else answer(row, column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        """Return a column's title, tooltip or alignment."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return translate("RunColumns", HEADER_TOOLTIPS.get(column, "")) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def show_sort(self, sort: RunSort) -> None:
        """Mark the column by which the list is, or is about to be, sorted."""
        self._marked = sort
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def canFetchMore(self, parent: AnyIndex) -> bool:
        """Say whether scrolling on can bring further rows."""
        return not parent.isValid() and self._more and not self._fetching

    def fetchMore(self, parent: AnyIndex) -> None:
        """Ask for the next page; it arrives through :meth:`append`."""
        if self.canFetchMore(parent):
            self._fetching = True
            self.more_wanted.emit()

    def retranslate(self) -> None:
        """Say that every text changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)
        if self._rows:
            self._changed(0, len(self._rows) - 1)

    def _title(self, column: Column) -> str:
        title = translate("RunColumns", HEADERS[column])
        newest, oldest = SORTS.get(column, (None, None))
        return f"{title} ↓" if self._marked is newest else f"{title} ↑" if self._marked is oldest else title

    @property
    def _by_start(self) -> bool:
        return self._sort in (RunSort.STARTED_DESC, RunSort.STARTED_ASC)

    def _order(self, row: RunRow) -> tuple[float, int]:
        """Return a key that grows from the top of the list to its bottom."""
        return self._rank(row.started_at if self._by_start else row.updated_at, row.key.run_id)

    def _cursor_order(self, cursor: str) -> tuple[float, int]:
        return self._rank(*decode_cursor(cursor, self._sort))

    def _rank(self, moment: datetime, run_id: UUID) -> tuple[float, int]:
        falling = self._sort in (RunSort.STARTED_DESC, RunSort.UPDATED_DESC)
        seconds = moment.timestamp()
        return (-seconds if falling else seconds, -run_id.int)

    def _drop_missing(self, wanted: set[RunKey]) -> None:
        last = len(self._rows) - 1
        while last >= 0:
            if self._rows[last].key in wanted:
                last -= 1
                continue
            first = last
            while first > 0 and self._rows[first - 1].key not in wanted:
                first -= 1
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
            last = first - 1

    def _place(self, target: list[RunRow]) -> None:
        """Bring the list into the target's order: insert what is new, move what moved, update what differs."""
        known = {row.key for row in self._rows}
        updates: list[tuple[int, RunRow]] = []
        at = 0
        while at < len(target):
            row = target[at]
            if row.key not in known:
                run = 1
                while at + run < len(target) and target[at + run].key not in known:
                    run += 1
                self._insert(at, target[at : at + run])
                at += run
                continue
            if self._rows[at].key != row.key:
                self._move(row.key, at)
            updates.append((at, row))
            at += 1
        self._replace(updates)

    def _insert(self, at: int, rows: Sequence[RunRow]) -> None:
        if rows:
            self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
            self._rows[at:at] = rows
            self.endInsertRows()

    def _move(self, key: RunKey, to: int) -> None:
        origin = next(i for i in range(to + 1, len(self._rows)) if self._rows[i].key == key)
        self.beginMoveRows(QModelIndex(), origin, origin, QModelIndex(), to)
        self._rows.insert(to, self._rows.pop(origin))
        self.endMoveRows()

    def _replace(self, updates: Sequence[tuple[int, RunRow]]) -> None:
        """Put newer rows in place; announce every difference, but a mere growth of age is not news."""
        news: list[RunKey] = []
        for at, row in updates:
            old = self._rows[at]
            if old == row:
                continue
            self._rows[at] = row
            self._changed(at, at)
            if replace(old, age_seconds=row.age_seconds) != row:
                news.append(row.key)
        if news:
            self.rows_changed.emit(tuple(news))

    def _changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in RIGHT_ALIGNED else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


_SHOWN = frozenset({int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.AccessibleTextRole)})

_DIAGNOSED_ANSWERS: dict[int, Callable[[RunRow, Column, Diagnosis | None], str]] = {
    int(Qt.ItemDataRole.DisplayRole): diagnosed_text,
    int(Qt.ItemDataRole.AccessibleTextRole): diagnosed_spoken,
    int(Qt.ItemDataRole.ToolTipRole): diagnosed_tooltip,
}

_ANSWERS: dict[int, Callable[[RunRow, Column], Any]] = {
    int(Qt.ItemDataRole.DisplayRole): cell_text,
    int(Qt.ItemDataRole.AccessibleTextRole): cell_text,
    int(Qt.ItemDataRole.ToolTipRole): cell_tooltip,
    int(Qt.ItemDataRole.TextAlignmentRole): lambda _row, column: _alignment(column),
    ROW_ROLE: lambda row, _column: row,
}
