"""The run list's table: keyboard first, sorted by its titles, and steady while rows come in."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.desktop.runs.columns import SORTS, Column
from app.desktop.runs.delegate import RunDelegate
from app.desktop.runs.fader import Fader
from app.desktop.runs.model import RunsModel
from app.desktop.shell.pill import pill_size
from app.desktop.shell.state_look import run_looks
from app.desktop.shell.theme import Theme, set_role
from app.domain.run import RunKey, RunRow
from app.domain.run_query import RunSort

_PADDING = 22
"""Room around a cell's content, in pixels."""
_SAMPLES = {Column.RUN: "00000000", Column.AGE: "30 min 30", Column.STARTED: "00:00:00", Column.UPDATED: "00:00:00"}
"""The widest usual content; titles and state words are measured in the language in force."""
_WORKFLOW_SHARE = 0.22
_WORKFLOW_WIDTHS = (112, 220)
"""Narrowest and widest workflow column, in pixels."""
_BEGINS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space})
"""Keys that select the row that has the keyboard while none is selected."""
_SELECT = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
_ROOM_FOR_UPDATED = 860
"""Below this width, in pixels, the time of the last change is shown only when the list is sorted by it."""


class RunsTable(QTableView):
    """Shows a :class:`RunsModel`. Many rows can be selected; the *current* one of them is the run that is looked at.

    ``run_selected`` and ``run_opened`` carry a key, ``selection_changed`` says that other rows are selected,
    ``copy_wanted`` asks for the selected runs' ids, ``sort_chosen`` carries a :class:`RunSort`, ``scrolled`` says that
    other rows may have come into view.
    """

    run_selected = Signal(object)
    run_opened = Signal(object)
    selection_changed = Signal()
    copy_wanted = Signal()
    sort_chosen = Signal(object)
    scrolled = Signal()

    def __init__(self, theme: Theme, model: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs = model
        self._sort = RunSort.STARTED_DESC
        self._told: RunKey | None = None
        self._chosen: frozenset[RunKey] = frozenset()
        self._anchor: tuple[RunKey, int] | None = None
        self._unrevealed = False
        self.fader = Fader(theme, self)
        self.setObjectName("runs.table")
        self.setModel(model)
        self.setItemDelegate(RunDelegate(theme, self.fader, self))
        self._look()
        self._columns()
        self.fader.moved.connect(self.viewport().update)
        model.rows_changed.connect(self.fader.light)
        model.modelReset.connect(self._restore_selection)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.selectionModel().currentRowChanged.connect(self._follow_current)
        self.doubleClicked.connect(self._opened)
        self.verticalScrollBar().valueChanged.connect(self.scrolled)
        theme.changed.connect(self._follow_theme)
        self._follow_theme()

    def current_run(self) -> RunRow | None:
        """Return the selected run that is looked at, or None. A row that merely has the keyboard is not selected."""
        chosen = self.selectionModel()
        if chosen.isRowSelected(chosen.currentIndex().row()):
            return self._runs.row_at(chosen.currentIndex())
        selected = chosen.selectedRows()
        return self._runs.row_at(selected[0]) if len(selected) == 1 else None

    def selected_runs(self) -> tuple[RunRow, ...]:
        """Return every selected run, top to bottom."""
        rows, chosen = self._runs.rows, self.selectionModel().selection()
        stretches = [chosen.at(number) for number in range(chosen.count())]
        positions = {place for stretch in stretches for place in range(stretch.top(), stretch.bottom() + 1)}
        return tuple(rows[place] for place in sorted(positions))

    @property
    def selected_count(self) -> int:
        """How many runs are selected."""
        return len(self._chosen)

    def select_loaded(self) -> None:
        """Select every row that is loaded, and go on looking at the same run."""
        last = self._runs.rowCount() - 1
        if last >= 0:
            everything = QItemSelection(self._runs.index(0, 0), self._runs.index(last, 0))
            self.selectionModel().select(everything, _SELECT)

    def drop_selection(self) -> None:
        """Select nothing; the run that is looked at stays on its page."""
        self.selectionModel().clearSelection()

    def select_run(self, key: RunKey | None) -> bool:
        """Select a run, now or as soon as a later reading lists it; say whether the list holds it.

        None clears the selection.
        """
        self._told = key
        position = None if key is None else self._runs.position(key)
        if position is None:
            self.selectionModel().clear()
            return key is None
        self._go_to(self._runs.index(position, 0))
        self._reveal()
        return True

    def first_visible(self) -> int:
        """Return the position of the uppermost row in view, 0 when there is none."""
        return max(0, self.rowAt(0))

    def visible_count(self) -> int:
        """Return how many rows fit into the view."""
        return self.viewport().height() // max(1, self._theme.row_height) + 1

    def hold(self) -> None:
        """Remember what is at the top of the view, before rows are merged in."""
        index = self.indexAt(QPoint(0, 0))
        row = self._runs.row_at(index)
        at_top = self.verticalScrollBar().value() == 0
        self._anchor = None if row is None or at_top else (row.key, self.visualRect(index).top())

    def settle(self) -> None:
        """Bring what was at the top of the view back there; a list scrolled to its beginning shows new rows."""
        if self._told is not None and self._is_awaited(self._told):
            self.select_run(self._told)
        if self._anchor is None:
            return
        key, top = self._anchor
        position = self._runs.position(key)
        if position is not None:
            self.verticalScrollBar().setValue(position * self._theme.row_height - top)

    def show_sort(self, sort: RunSort) -> None:
        """Show the order in the column titles."""
        self._sort = sort
        self._runs.show_sort(sort)
        self._fit_columns()

    def retranslate(self) -> None:
        """Measure the columns anew in the language in force."""
        self._fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the run with Enter; Esc drops a selection of several."""
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.key() in _BEGINS and self.current_run() is None and index.isValid():
            self._go_to(index.siblingAtColumn(0))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self._opened(index)
        elif event.key() == Qt.Key.Key_Escape and len(self._chosen) > 1:
            self.drop_selection()
        else:
            super().keyPressEvent(event)

    def moveCursor(  # noqa: N802  Qt's own name
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Go to the first and the last row with Home and End, where a table would go to another column."""
        last = self._runs.rowCount() - 1
        if last >= 0 and action in (self.CursorAction.MoveHome, self.CursorAction.MoveEnd):
            return self._runs.index(0 if action is self.CursorAction.MoveHome else last, 0)
        return super().moveCursor(action, modifiers)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the reason the room that is left."""
        super().resizeEvent(event)
        self._fit_columns()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring the run into view that was selected while another page covered the list."""
        super().showEvent(event)
        if self._unrevealed:
            self._reveal()

    def _go_to(self, index: QModelIndex) -> None:
        """Select a row alone, whatever key is held down, and let Shift extend the selection from there."""
        self.setSelectionMode(self.SelectionMode.SingleSelection)
        self.setCurrentIndex(index)
        self.setSelectionMode(self.SelectionMode.ExtendedSelection)

    def _reveal(self) -> None:
        """Bring the selected run into view, or remember to while the list is covered and has no size to scroll in."""
        hint = self.ScrollHint.PositionAtCenter if self._unrevealed else self.ScrollHint.EnsureVisible
        looked_at = self._looked_at()
        self._unrevealed = looked_at.isValid() and not self.isVisible()
        if looked_at.isValid() and self.isVisible():
            self.scrollTo(looked_at, hint)

    def _restore_view(self) -> None:
        """Bring the selected run into view again: laying out new rows has scrolled to the top meanwhile."""
        self._unrevealed = not self._shows_selected()
        self._reveal()

    def _shows_selected(self) -> bool:
        looked_at = self._looked_at()
        return looked_at.isValid() and self.viewport().rect().intersects(self.visualRect(looked_at))

    def _looked_at(self) -> QModelIndex:
        """Return the index of :meth:`current_run`, an invalid one when there is none."""
        row = self.current_run()
        position = None if row is None else self._runs.position(row.key)
        return QModelIndex() if position is None else self._runs.index(position, 0)

    def _look(self) -> None:
        set_role(self, "list")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()

    def _columns(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setFixedHeight(30)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(Column.WHY, QHeaderView.ResizeMode.Stretch)
        header.sectionClicked.connect(self._title_clicked)
        self.show_sort(self._sort)

    def _fit_columns(self) -> None:
        width = self.viewport().width()
        for column in (Column.RUN, Column.STATE, Column.AGE, Column.STARTED, Column.UPDATED):
            self.setColumnWidth(column, self._content_width(column))
        narrowest, widest = _WORKFLOW_WIDTHS
        self.setColumnWidth(Column.WORKFLOW, max(narrowest, min(widest, round(width * _WORKFLOW_SHARE))))
        by_update = self._sort in SORTS[Column.UPDATED]
        self.setColumnHidden(Column.UPDATED, not by_update and width < _ROOM_FOR_UPDATED)

    def _content_width(self, column: Column) -> int:
        """Return the width that shows title and content of a column whole."""
        small, figures = QFontMetrics(self._theme.secondary()), QFontMetrics(self._theme.figures())
        title = small.horizontalAdvance(str(self._runs.headerData(column, Qt.Orientation.Horizontal)))
        if column is Column.STATE:
            content = max(pill_size(look, small).width() for look in run_looks())
        elif column is Column.RUN:
            content = QFontMetrics(self._theme.mono()).horizontalAdvance(_SAMPLES[column])
        else:
            content = figures.horizontalAdvance(_SAMPLES[column])
        return max(title, content) + _PADDING

    def _title_clicked(self, section: int) -> None:
        sorts = SORTS.get(Column(section))
        if sorts is not None:
            newest, oldest = sorts
            self.sort_chosen.emit(oldest if self._sort is newest else newest)

    def _selection_changed(self) -> None:
        self._chosen = frozenset(row.key for row in self.selected_runs())
        self._follow_current()
        self.selection_changed.emit()

    def _follow_current(self) -> None:
        row = self.current_run()
        if row is not None and row.key != self._told:
            self._told = row.key
            self.run_selected.emit(row.key)

    def _is_awaited(self, key: RunKey) -> bool:
        """Say whether a run waits to be selected as soon as it is listed; one the operator left alone does not."""
        here = self._runs.row_at(self.currentIndex())
        return not self.selectionModel().hasSelection() and (here is None or here.key != key)

    def _restore_selection(self) -> None:
        """Select again what was selected before the rows were replaced, as far as it is listed."""
        chosen = self._chosen
        if self._told is not None:
            self.select_run(self._told)
            QTimer.singleShot(0, self._restore_view)
        if len(chosen) > 1:
            self._select_also(chosen)
        self._selection_changed()

    def _select_also(self, keys: frozenset[RunKey]) -> None:
        more = QItemSelection()
        for position, row in enumerate(self._runs.rows):
            if row.key in keys:
                more.select(self._runs.index(position, 0), self._runs.index(position, 0))
        self.selectionModel().select(more, _SELECT)

    def _opened(self, index: QModelIndex) -> None:
        row = self._runs.row_at(index)
        if row is not None:
            self.run_opened.emit(row.key)

    def _follow_theme(self) -> None:
        self.verticalHeader().setMinimumSectionSize(self._theme.row_height)
        self.verticalHeader().setDefaultSectionSize(self._theme.row_height)
        self.viewport().update()
