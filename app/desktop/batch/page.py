"""One batch: what it is, how far it is, every run of it, and what can be done with it now."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.desktop.batch.decisions import Decisions
from app.desktop.batch.footer import BatchFooter
from app.desktop.batch.forecast_card import ForecastCard
from app.desktop.batch.group_chips import GroupChips
from app.desktop.batch.problem_card import ProblemCard
from app.desktop.batch.progress_band import ProgressBand
from app.desktop.batch.rows import BatchRows
from app.desktop.batch.words import batch_look, entry_look, kind_text, verdict_look
from app.desktop.run_page.data_table import DataTable
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import ElidedLabel
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.pill import StatePill
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import local_time
from app.desktop.shell.tokens import SPACE
from app.domain.batch import BatchSettings, Verdict
from app.domain.batch_ledger import BatchLedger, BatchProgress, BatchState, EntryState

_RUN_PX, _WORKFLOW_PX, _MIDDLE_PX, _WHY_PX = 84, 142, 118, 140
_WORKFLOW, _MIDDLE, _OUTCOME, _WHY = 1, 2, 3, 4
_ICON_AND_AIR_PX = 36


class BatchPage(QWidget):
    """Shows one batch. ``run_wanted`` carries the id of a run to look at, ``back_wanted`` asks for the list.

    ``choice_changed`` says that other decisions or another pace were chosen.
    """

    run_wanted = Signal(object)
    back_wanted = Signal()
    choice_changed = Signal()

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ledger: BatchLedger | None = None
        self._filling = False
        self.back = QPushButton()
        self.back.setObjectName("batch.back")
        self.back.setAutoDefault(False)
        set_role(self.back, "link")
        self.back.clicked.connect(self.back_wanted)
        self.title = ElidedLabel()
        self.title.setObjectName("batch.title")
        set_role(self.title, "title")
        self.pill = StatePill(theme)
        self.subtitle = ElidedLabel()
        set_role(self.subtitle, "secondary")
        self.problem = ProblemCard()
        self.band = ProgressBand(theme)
        self.forecast = ForecastCard()
        self.decisions = Decisions(theme)
        self.chips = GroupChips(theme)
        self.search = QLineEdit()
        self.search.setObjectName("batch.search")
        self.search.setClearButtonEnabled(True)
        self.rows = BatchRows(theme, self)
        self.table = DataTable(theme, "batch.runs", "")
        widths = (_RUN_PX, _WORKFLOW_PX, _MIDDLE_PX, self._outcome_width(), _WHY_PX)
        self.table.use(self.rows.model, widths, _WHY, optional=(_MIDDLE, _WORKFLOW))
        self.footer = BatchFooter(commands)
        self._lay_out()
        self.decisions.changed.connect(self._choice_changed)
        self.footer.pace.changed.connect(self._choice_changed)
        self.chips.chosen.connect(lambda _group: self._filter())
        self.search.textChanged.connect(lambda _text: self._filter())
        self.table.row_selected.connect(self._row_selected)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    @property
    def batch_id(self) -> UUID | None:
        """The batch that is shown."""
        return None if self._ledger is None else self._ledger.plan.order.batch_id

    @property
    def ledger(self) -> BatchLedger | None:
        """The newest reading that is shown."""
        return self._ledger

    @property
    def settings(self) -> BatchSettings:
        """Pace and accepted decisions as they are chosen on the page."""
        return self.footer.settings(self.decisions.accepted)

    @property
    def chosen(self) -> int:
        """How many runs would be acted upon with the decisions that are ticked."""
        return 0 if self._ledger is None else len(self._ledger.plan.chosen(self.decisions.accepted))

    def show_ledger(self, ledger: BatchLedger) -> None:
        """Show a newer reading of the batch, or another batch."""
        other = self._ledger is None or ledger.plan.order.batch_id != self._ledger.plan.order.batch_id
        self._ledger = ledger
        self.problem.hide()
        self._fill(ledger)
        if other:
            self.search.clear()
            self.footer.pace.show_settings(ledger.plan.order.settings)
            self.footer.keep()
            self.decisions.show_plan(ledger.plan, ledger.plan.order.settings.include)
            self.forecast.show_plan(ledger.plan)
            self.table.clearSelection()
            self.table.scrollToTop()
        self._heading()
        self._choice_changed()

    def show_progress(self, progress: BatchProgress, wished: str) -> None:
        """Show how the batch stands now; the rows follow with the next reading of the ledger."""
        planned = progress.state is BatchState.PLANNED
        self.pill.set_look(batch_look(progress))
        self.band.setVisible(not planned)
        self.band.show_progress(progress, wished)
        self.decisions.setVisible(planned and self.decisions.asks)
        self.footer.show_state(progress)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language and look."""
        self.setAccessibleName(self.tr("Batch"))
        self.back.setText("← " + self.tr("Batches"))
        self.back.setAccessibleName(self.tr("Back to the list of batches"))
        self.table.setAccessibleName(self.tr("Runs of the batch"))
        self.problem.retranslate()
        self.search.setPlaceholderText(self.tr("Find in these runs"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.rows.retranslate()
        self.table.setColumnWidth(_OUTCOME, self._outcome_width())
        if self._ledger is not None:
            self.decisions.show_plan(self._ledger.plan, self.decisions.accepted)
            self.forecast.show_plan(self._ledger.plan)
            self._heading()
            self._show_counts()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2 * SPACE)
        head.addWidget(self.title, 1)
        head.addWidget(self.pill)
        finding = QHBoxLayout()
        finding.setSpacing(2 * SPACE)
        finding.addWidget(self.chips, 1)
        self.search.setFixedWidth(180)
        finding.addWidget(self.search, 0, Qt.AlignmentFlag.AlignTop)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        rows.setSpacing(2 * SPACE)
        rows.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addLayout(head)
        for widget in (self.subtitle, self.problem, self.band, self.forecast, self.decisions):
            rows.addWidget(widget)
        rows.addLayout(finding)
        rows.addWidget(self.table, 1)
        rows.addWidget(self.footer)

    def _outcome_width(self) -> int:
        """Return the width that shows every verdict and every outcome whole, in the language in force."""
        looks = (*map(verdict_look, Verdict), *map(entry_look, EntryState))
        return max(self.fontMetrics().horizontalAdvance(look.word) for look in looks) + _ICON_AND_AIR_PX

    def _fill(self, ledger: BatchLedger) -> None:
        """Put the rows in; a row that merely moves or comes is not one that the operator has chosen to look at."""
        self._filling = True
        self.rows.show(ledger)
        self._filling = False
        self._show_counts()

    def _filter(self) -> None:
        self._filling = True
        self.rows.filter(self.chips.current, self.search.text())
        self._filling = False

    def _show_counts(self) -> None:
        if self._ledger is not None:
            self.chips.show_counts(self.rows.counts, self._ledger.plan.order.action, planned=self.rows.planned)

    def _heading(self) -> None:
        if self._ledger is None:
            return
        plan = self._ledger.plan
        self.title.set_text(plan.order.name)
        planned = self.tr("planned {time}").format(time=local_time(plan.planned_at))
        kind = kind_text(plan.order.action, len(plan.items))
        self.subtitle.set_text(f"{kind} · {planned} · {plan.order.reason}")

    def _choice_changed(self) -> None:
        if self._ledger is not None:
            self.footer.show_choice(self._ledger.plan.order.action, self.chosen)
            self.choice_changed.emit()

    def _row_selected(self, number: int) -> None:
        rows = self.rows.model.rows()
        if not self._filling and 0 <= number < len(rows):
            self.run_wanted.emit(rows[number].run_to_open)
