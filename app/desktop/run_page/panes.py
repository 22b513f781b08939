"""The tabs of a run page and the detail of the selected step, all showing one selection."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from uuid import UUID

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from app.desktop.json_view.view import JsonView
from app.desktop.run_page.data_table import DataTable
from app.desktop.run_page.document_table import DocumentTable
from app.desktop.run_page.documents import DocumentStore
from app.desktop.run_page.generations import GenerationsPane
from app.desktop.run_page.step_detail import StepDetail
from app.desktop.run_page.tables import DocumentKind, DocumentRow, InspectionTables
from app.desktop.run_page.timeline_view import TimelineView
from app.desktop.shell.theme import Theme
from app.domain.placeholders import find_placeholders
from app.domain.replay_chain import ReplayChain
from app.domain.run import JsonValue, RedactedDocument, RunInspection, Step
from app.domain.timeline import Timeline

SIDE_BY_SIDE_WIDTH = 980
"""From this width on the step's detail stands beside the tabs instead of below."""


class Pane(IntEnum):
    """The tabs, in order."""

    TIMELINE = 0
    STEPS = 1
    WAITS = 2
    DATA = 3
    LOGS = 4
    GENERATIONS = 5


class RunPanes(QWidget):
    """Timeline, steps, waits, data and logs of one run; a live update keeps tab, selection and scroll position.

    Args:
        theme: Colours and fonts.
        documents: Where documents of invocations come from.
        parent: The owning widget.
    """

    step_selected = Signal(object)

    def __init__(self, theme: Theme, documents: DocumentStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._documents = documents
        self._inspection: RunInspection | None = None
        self._selected: UUID | None = None
        self._chosen_by_hand = False
        self.models = InspectionTables(theme, self)
        self.timeline = TimelineView(theme)
        self.steps = DataTable(theme, "run.steps", self.tr("Steps"))
        self.steps.use(self.models.steps, (150, 124, 52, 76, 72, 180), stretched=0, optional=(5, 2, 3))
        self.waits = self._make_waits(theme)
        self.data = self._make_data(theme)
        self.logs = self._make_logs(theme)
        self.generations = GenerationsPane(theme)
        self.detail = StepDetail(theme, documents)
        self.detail.setMinimumWidth(240)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("run.tabs")
        self.tabs.setDocumentMode(True)
        for widget in (self.timeline, self.steps, self.waits, self.data, self.logs, self.generations):
            self.tabs.addTab(widget, "")
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(8)
        self._splitter.setStyleSheet("QSplitter::handle { background: transparent; }")
        self._splitter.addWidget(self.tabs)
        self._splitter.addWidget(self.detail)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.timeline.step_selected.connect(self.select_step)
        self.steps.row_selected.connect(self._step_row_selected)
        documents.changed.connect(lambda _invocation: self._show_data_document())
        self.retranslate()

    def _make_waits(self, theme: Theme) -> DocumentTable:
        table = DataTable(theme, "run.waits", self.tr("Waits"))
        table.use(self.models.waits, (150, 110, 130, 110, 76, 76, 76), stretched=0, optional=(2, 3, 6, 4))
        pane = DocumentTable(table, JsonView("run.waits.payload", self.tr("Wait"), theme), Qt.Orientation.Vertical)
        table.row_selected.connect(self._show_wait_document)
        return pane

    def _make_data(self, theme: Theme) -> DocumentTable:
        table = DataTable(theme, "run.data", self.tr("Documents"))
        table.use(self.models.documents, (180, 72), stretched=0)
        pane = DocumentTable(table, JsonView("run.data.text", self.tr("Document"), theme), Qt.Orientation.Horizontal)
        pane.set_sizes(240, 480)
        table.row_selected.connect(lambda _row: self._show_data_document())
        return pane

    def _make_logs(self, theme: Theme) -> DocumentTable:
        table = DataTable(theme, "run.logs", self.tr("Logs"))
        table.use(self.models.logs, (76, 56, 200, 130, 76), stretched=2, optional=(4, 3))
        pane = DocumentTable(table, JsonView("run.logs.context", self.tr("Context"), theme), Qt.Orientation.Vertical)
        table.row_selected.connect(self._show_log_document)
        return pane

    @property
    def selected_step(self) -> UUID | None:
        """The step selected everywhere."""
        return self._selected

    def show_inspection(self, inspection: RunInspection) -> None:
        """Show an inspection of the same run or of another one."""
        another = self._inspection is None or self._inspection.run.row.key != inspection.run.row.key
        self._inspection = inspection
        if another:
            self.generations.forget()
            self._selected = None
            self._chosen_by_hand = False
            self.timeline.select_step(None)
        self.models.merge(inspection)
        self._show_emptiness()
        self._show_tab_titles()
        if not self._chosen_by_hand:
            self._select_telling_step(inspection)
        self.detail.show_step(inspection, self._step(self._selected))
        self._tab_changed(self.tabs.currentIndex())
        for pane in (self.data, self.waits, self.logs):
            if pane.table.currentIndex().row() < 0 and pane.table.model().rowCount():
                pane.table.select_row(0)
        self._show_data_document()

    def show_chain(self, chain: ReplayChain) -> None:
        """Show the generations of the run; the inspection comes first."""
        if self._inspection is not None:
            self.generations.show_chain(chain, self._inspection.read_at)
            self._show_tab_titles()

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Show a timeline, which may come later than its inspection."""
        self.timeline.show_timeline(timeline)
        if timeline is not None:
            self.timeline.select_step(self._selected)

    def select_step(self, step_id: UUID) -> None:
        """Select the step that the operator chose; from then on live updates leave the selection alone."""
        if self._inspection is not None:
            self._chosen_by_hand = True
            self._mark_step(self._inspection, step_id)

    def _mark_step(self, inspection: RunInspection, step_id: UUID) -> None:
        """Mark a step in timeline, table and detail."""
        if step_id == self._selected:
            return
        self._selected = step_id
        self.timeline.select_step(step_id)
        self.steps.select_row(self.models.steps.row_of(step_id))
        self.detail.show_step(inspection, self._step(step_id))
        self.step_selected.emit(step_id)

    def select_path(self, step_path: str) -> None:
        """Select the newest step with this path and show it."""
        steps = () if self._inspection is None else self._inspection.steps
        found = [step for step in steps if step.step_path == step_path]
        if found:
            if self.tabs.currentIndex() > Pane.STEPS:
                self.tabs.setCurrentIndex(Pane.TIMELINE)
            self.select_step(max(found, key=lambda step: step.started_at).step_id)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.tabs.setAccessibleName(self.tr("Parts of the run"))
        self.models.retranslate()
        self.timeline.retranslate()
        self.detail.retranslate()
        self.generations.retranslate()
        self._show_tab_titles()
        self._show_emptiness()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the step's detail beside the tabs when there is room."""
        super().resizeEvent(event)
        wide = self.width() >= SIDE_BY_SIDE_WIDTH
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self._splitter.orientation() is not orientation:
            self._splitter.setOrientation(orientation)
            self._splitter.setHandleWidth(24 if wide else 8)
        self._show_tab_titles()

    def _show_tab_titles(self) -> None:
        inspection = self._inspection
        counts = (
            (0, 0, 0) if inspection is None else (len(inspection.steps), len(inspection.waits), len(inspection.logs))
        )
        titles = {
            Pane.TIMELINE: self.tr("Timeline"),
            Pane.STEPS: self.tr("Steps"),
            Pane.WAITS: self.tr("Waits"),
            Pane.DATA: self.tr("Data"),
            Pane.LOGS: self.tr("Logs"),
            Pane.GENERATIONS: self.tr("Replays"),
        }
        chain = self.generations.list.chain
        numbers = {Pane.STEPS: counts[0], Pane.WAITS: counts[1], Pane.LOGS: counts[2]}
        numbers[Pane.GENERATIONS] = 0 if chain is None else len(chain.generations) - 1
        self._name_tabs({pane: self._title(title, numbers.get(pane, 0)) for pane, title in titles.items()}, tight=False)
        if self.tabs.tabBar().sizeHint().width() > self.tabs.width():
            self._name_tabs(titles, tight=True)  # all tabs in view say more than how much is in them

    def _name_tabs(self, titles: Mapping[Pane, str], *, tight: bool) -> None:
        bar = self.tabs.tabBar()
        if bool(bar.property("tight")) is not tight:
            bar.setProperty("tight", tight)
            bar.style().unpolish(bar)
            bar.style().polish(bar)
        for pane, title in titles.items():
            self.tabs.setTabText(pane, title)

    def _title(self, title: str, number: int) -> str:
        if not number:
            return title
        return self.tr("{title} {number}").format(title=title, number=QLocale().toString(number))

    def _show_emptiness(self) -> None:
        self.waits.show_rows(self.tr("This run has waited for nothing."))
        self.logs.show_rows(self.tr("This run has no logs."))
        self.data.show_rows(self.tr("This run has no documents."))

    def _tab_changed(self, number: int) -> None:
        steps = () if self._inspection is None else self._inspection.steps
        self.detail.setVisible(bool(steps) and number in {Pane.TIMELINE, Pane.STEPS})

    def _select_telling_step(self, inspection: RunInspection) -> None:
        """Select what the operator most likely looks for: the failing step, a swallowed error, else the newest."""
        path = None if inspection.error is None else inspection.error.step_path
        steps = inspection.steps
        telling = [step for step in steps if step.step_path == path]
        telling = telling or [step for step in steps if step.swallowed_error] or list(steps[-1:])
        if telling:
            self._mark_step(inspection, telling[-1].step_id)

    def _step(self, step_id: UUID | None) -> Step | None:
        steps = () if self._inspection is None else self._inspection.steps
        return next((step for step in steps if step.step_id == step_id), None)

    def _step_row_selected(self, row: int) -> None:
        steps = self.models.steps.rows()
        # The table also follows a selection made elsewhere; only another row is the operator's choice.
        if row >= 0 and steps[row].step_id != self._selected:
            self.select_step(steps[row].step_id)

    def _show_wait_document(self, row: int) -> None:
        waits = self.models.waits.rows()
        if 0 <= row < len(waits):
            _show_value(self.waits.document, waits[row].payload, self.tr("This wait has no payload."))

    def _show_log_document(self, row: int) -> None:
        logs = self.models.logs.rows()
        if 0 <= row < len(logs):
            _show_value(self.logs.document, logs[row].context, self.tr("This line has no context."))

    def _show_data_document(self) -> None:
        rows = self.models.documents.rows()
        number = self.data.table.currentIndex().row()
        if self._inspection is None or not 0 <= number < len(rows):
            return
        row, view = rows[number], self.data.document
        if row.kind is DocumentKind.RUN_INPUT:
            view.show_document(self._inspection.run.input)
        elif row.kind is DocumentKind.TRIGGER:
            _show_value(view, self._inspection.run.trigger_metadata, "")
        elif self.tabs.currentIndex() == Pane.DATA:
            self._show_invocation_document(view, row)

    def _show_invocation_document(self, view: JsonView, row: DocumentRow) -> None:
        invocation = row.invocation
        if invocation is None:
            return
        state = self._documents.state(invocation)
        if state.documents is not None:
            view.show_document(state.documents.input if row.kind is DocumentKind.INPUT else state.documents.output)
        elif state.problem is not None:
            view.show_problem(state.problem, lambda: self._documents.forget_problem(invocation))
        else:
            view.show_message(self.tr("Reading the document…"))


def _show_value(view: JsonView, value: JsonValue, sentence_when_none: str) -> None:
    if value is None:
        view.show_message(sentence_when_none)
    else:
        view.show_document(RedactedDocument(value, find_placeholders(value)))
