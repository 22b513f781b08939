"""Which runs the operator has chosen to act on: some rows, or everything that matches the filter."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.runs.filter_state import FilterState
from app.desktop.runs.table import RunsTable
from app.domain.batch import BatchScope
from app.domain.run import TERMINAL_STATUSES


class RunSelection(QObject):
    """Follows the table's selection and remembers when "all that match" was asked for. ``changed`` says it differs.

    "All that match" is the filter itself, not the rows that happen to be loaded; it ends as soon as the operator
    selects other rows or asks for other runs.
    """

    changed = Signal()

    def __init__(self, table: RunsTable, state: FilterState, parent: QObject) -> None:
        super().__init__(parent)
        self._table = table
        self._state = state
        self._all_matching = False
        self._matching = 0
        table.selection_changed.connect(self._selection_changed)
        table.model().rowsInserted.connect(self._rows_came)
        table.model().modelReset.connect(self._leave_all)
        state.changed.connect(self._leave_all)

    @property
    def all_matching(self) -> bool:
        """Whether everything that matches the filter is chosen."""
        return self._all_matching

    @property
    def matching(self) -> int:
        """How many runs match the filter, by the last reading."""
        return self._matching

    @property
    def count(self) -> int:
        """How many runs are chosen."""
        return self._matching if self._all_matching else self._table.selected_count

    @property
    def only_ended(self) -> bool:
        """Whether every chosen run is known to have ended."""
        if self._all_matching:
            statuses = self._state.filter.statuses
            return bool(statuses) and set(statuses) <= set(TERMINAL_STATUSES)
        rows = self._table.selected_runs()
        return bool(rows) and all(row.completed_at is not None for row in rows)

    def scope(self, tenant: UUID) -> BatchScope:
        """Return the chosen runs as the scope of a batch."""
        if self._all_matching:
            return BatchScope(tenant, None, self._state.filter)
        return BatchScope(tenant, tuple(row.key.run_id for row in self._table.selected_runs()))

    def take_matching(self, number: int) -> None:
        """Take over how many runs match the filter."""
        if number != self._matching:
            self._matching = number
            self.changed.emit()

    def choose_all_matching(self) -> None:
        """Choose everything that matches, loaded or not."""
        self._all_matching = True
        self._table.select_loaded()
        self.changed.emit()

    def clear(self) -> None:
        """Choose nothing."""
        self._all_matching = False
        self._table.drop_selection()
        self.changed.emit()

    def _selection_changed(self) -> None:
        if self._all_matching:
            # Rows on their way out are deselected first; only what is still listed afterwards was deselected by hand.
            QTimer.singleShot(0, self, self._leave_all_unless_whole)
        self.changed.emit()

    def _leave_all_unless_whole(self) -> None:
        if self._table.selected_count < self._table.model().rowCount():
            self._leave_all()

    def _rows_came(self) -> None:
        if self._all_matching:
            self._table.select_loaded()

    def _leave_all(self) -> None:
        if self._all_matching:
            self._all_matching = False
            self.changed.emit()
