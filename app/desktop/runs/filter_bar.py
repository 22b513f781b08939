"""The row of filters above the list, and the search field in the window's top bar: both show one filter state."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.desktop.runs.filter_state import FilterState
from app.desktop.runs.moment_field import MomentField
from app.desktop.runs.status_filter import StatusFilter
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import Picker
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.icons import search_icon
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_filled
from app.desktop.shell.tokens import SPACE
from app.domain.run_query import RunSort, WorkflowChoice

_TYPING_PAUSE_MS = 250


class SearchField(QLineEdit):
    """Filters by run id, its beginning, or a correlation key; waits for a pause in typing, Enter skips the wait."""

    def __init__(self, theme: Theme, state: FilterState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self.setObjectName("runs.search")
        self.setClearButtonEnabled(True)
        self._icon = self.addAction(search_icon(theme.tokens.muted), QLineEdit.ActionPosition.LeadingPosition)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.apply)
        self.textEdited.connect(self._pause.start)
        self.returnPressed.connect(self.apply)
        state.changed.connect(self._follow)
        theme.changed.connect(self._recolour)
        self.retranslate()

    def apply(self) -> None:
        """Filter by what is typed, now."""
        self._pause.stop()
        self._state.change(text=self.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear the search with Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.apply()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.setPlaceholderText(self.tr("Run id, its beginning, or a correlation key"))
        self.setAccessibleName(self.tr("Find runs"))

    def _follow(self) -> None:
        if self.text().strip() != self._state.filter.text and not self._pause.isActive():
            self.setText(self._state.filter.text)

    def _recolour(self) -> None:
        self._icon.setIcon(search_icon(self._theme.tokens.muted))


class FilterBar(QWidget):
    """Status, workflow, time range, sort order, and a way back to everything."""

    def __init__(self, theme: Theme, state: FilterState, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._workflows: tuple[WorkflowChoice, ...] = ()
        self.status = StatusFilter(theme, self)
        self.workflow = Picker(theme, self)
        self.workflow.setObjectName("runs.filter.workflow")
        self.workflow.setMaximumWidth(220)
        self.started_from = MomentField(theme, "runs.filter.from", is_start=True, parent=self)
        self.started_to = MomentField(theme, "runs.filter.to", is_start=False, parent=self)
        self.sort = Picker(theme, self)
        self.sort.setObjectName("runs.sort")
        self.sort.setMaximumWidth(144)
        # A sign alone, so that it keeps its place on the row also in a language of long words.
        self.clear = commands.button("runs.clear_filters", self, role="icon")
        self.clear.set_text("✕")
        self.clear.setStyleSheet("QPushButton { padding: 5px 8px; }")
        self._lay_out()
        self._connect()
        self.retranslate()
        self._follow()

    def set_workflows(self, workflows: tuple[WorkflowChoice, ...]) -> None:
        """Offer these workflows to filter by."""
        if workflows != self._workflows:
            self._workflows = workflows
            self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language and show the state."""
        with QSignalBlocker(self.workflow), QSignalBlocker(self.sort):
            self.workflow.clear()
            self.workflow.addItem(self.tr("Any workflow"), None)
            for workflow in self._workflows:
                self.workflow.addItem(workflow.name, workflow.workflow_id)
            self.sort.clear()
            for sort, text in (
                (RunSort.STARTED_DESC, self.tr("Newest first")),
                (RunSort.STARTED_ASC, self.tr("Oldest first")),
                (RunSort.UPDATED_DESC, self.tr("Latest change")),
                (RunSort.UPDATED_ASC, self.tr("Earliest change")),
            ):
                self.sort.addItem(text, sort)
        self.workflow.setAccessibleName(self.tr("Filter by workflow"))
        self.workflow.setToolTip(self.tr("Show runs of one workflow"))
        self.sort.setAccessibleName(self.tr("Sort order"))
        self.sort.setToolTip(self.tr("Order of the list; a click on a column title does the same"))
        self._follow()

    def _lay_out(self) -> None:
        line = FlowLayout(self, 2 * SPACE)
        for widget in (self.status, self.workflow, self.started_from, self.started_to, self.sort, self.clear):
            line.addWidget(widget)

    def _connect(self) -> None:
        self._state.changed.connect(self._follow)
        self.status.chosen.connect(lambda statuses: self._state.change(statuses=statuses))
        self.workflow.currentIndexChanged.connect(self._workflow_chosen)
        self.started_from.chosen.connect(lambda moment: self._state.change(started_from=moment))
        self.started_to.chosen.connect(lambda moment: self._state.change(started_to=moment))
        self.sort.currentIndexChanged.connect(self._sort_chosen)

    def _workflow_chosen(self) -> None:
        chosen = self.workflow.currentData()
        self._state.change(workflow_id=chosen if isinstance(chosen, UUID) else None)

    def _sort_chosen(self) -> None:
        self._state.set_sort(RunSort(self.sort.currentData()))

    def _follow(self) -> None:
        """Show the state without announcing it again."""
        terms = self._state.filter
        with QSignalBlocker(self.workflow), QSignalBlocker(self.sort):
            self.workflow.setCurrentIndex(self._workflow_index(terms.workflow_id))
            self.sort.setCurrentIndex(max(0, self.sort.findData(self._state.sort)))
        set_filled(self.workflow, terms.workflow_id is not None)
        self.status.show_statuses(terms.statuses)
        self.started_from.show_moment(terms.started_from)
        self.started_to.show_moment(terms.started_to)
        self.clear.setVisible(self._state.narrowed)

    def _workflow_index(self, workflow_id: UUID | None) -> int:
        ids = [None, *(workflow.workflow_id for workflow in self._workflows)]
        return ids.index(workflow_id) if workflow_id in ids else 0
