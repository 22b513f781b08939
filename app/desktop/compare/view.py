"""The page that shows two runs side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.compare.panes import ComparisonPanes
from app.desktop.compare.side_card import SideCard
from app.desktop.compare.steps import WIDTHS, ComparedColumns, PlacedStep
from app.desktop.compare.words import divergence_text, relation_text
from app.desktop.dialog.message_card import MessageCard
from app.desktop.run_page.data_table import DataTable
from app.desktop.run_page.keyed_table import KeyedTableModel
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import text_label
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tick_box import TickBox
from app.desktop.shell.tokens import SPACE
from app.domain.run_comparison import RunComparison


class ComparePage(QWidget):
    """Two runs, their steps aligned, and what differs. ``run_wanted`` carries the key of a run to open.

    Args:
        theme: Colours and fonts.
        commands: The commands of a comparison.
        parent: The owning widget.
    """

    run_wanted = Signal(object)

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare.page")
        set_role(self, "ground")
        self._theme = theme
        self._comparison: RunComparison | None = None
        self._title = text_label("", "title")
        self._relation = text_label("", "muted")
        self.first, self.second = SideCard(theme, "compare.first"), SideCard(theme, "compare.second")
        for card in (self.first, self.second):
            card.run_wanted.connect(self.run_wanted)
        self.verdict = MessageCard("info-card", "compare.verdict")
        self.restricted = MessageCard("info-card", "compare.restricted")
        self.only_differing = TickBox(theme, "")
        self.only_differing.setObjectName("compare.only_differing")
        self.only_differing.toggled.connect(lambda _on: self._fill())
        self.model: KeyedTableModel[PlacedStep] = KeyedTableModel(lambda row: row.place, self)
        self._columns = ComparedColumns(theme, self)
        self.model.set_columns(self._columns.columns())
        self.table = DataTable(theme, "compare.steps", "")
        self.table.use(self.model, WIDTHS, 0, optional=())
        self.table.row_selected.connect(self._selected)
        self.panes = ComparisonPanes(theme)
        self._note = text_label("", "muted")
        self._note.setObjectName("compare.note")
        self._note.setWordWrap(True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self._lay_out(commands)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    @property
    def comparison(self) -> RunComparison | None:
        """What is shown, or None."""
        return self._comparison

    def show_loading(self) -> None:
        """Say that the runs are being read."""
        self._say(self.tr("Both runs are being read…"))

    def show_failure(self, text: str) -> None:
        """Say why the runs cannot be compared."""
        self._say(text)

    def show_comparison(self, comparison: RunComparison) -> None:
        """Show a comparison, the first divergence selected."""
        self._comparison = comparison
        self.panes.show_comparison(comparison)
        self._describe(comparison)
        self._fill()
        self.stack.setCurrentIndex(1)
        self.select(comparison.first_divergence)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def select(self, place: int | None) -> None:
        """Select the step at a place of the comparison, None for none."""
        self.table.select_row(-1 if place is None else self.model.row_of(place))

    def step_differences(self, direction: int) -> None:
        """Go to the next (1) or the one before (-1) of the steps that diverge, going round at the end."""
        rows: Sequence[PlacedStep] = self.model.rows()
        diverging = [number for number, row in enumerate(rows) if row.step.diverges]
        if not diverging:
            return
        at = self.table.currentIndex().row()
        ahead = [number for number in diverging if (number - at) * direction > 0]
        nearest = (min if direction > 0 else max)(ahead or diverging)
        self.table.select_row(nearest)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._title.setText(self.tr("Two runs compared"))
        self.only_differing.setText(self.tr("Only what differs"))
        self.only_differing.setAccessibleName(self.only_differing.text())
        self.table.setAccessibleName(self.tr("Steps of both runs"))
        self.model.set_columns(self._columns.columns())
        if self._comparison is not None:
            self._describe(self._comparison)

    def _lay_out(self, commands: CommandBook) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._relation, 1)
        for command in ("compare.previous", "compare.next", "compare.swap", "case.add_comparison", "compare.close"):
            head.addWidget(commands.button(command))
        cards = QHBoxLayout()
        cards.setSpacing(2 * SPACE)
        cards.addWidget(self.first, 1)
        cards.addWidget(self.second, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("compare.splitter")
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.panes)
        split.setSizes([320, 220])
        filled = QWidget()
        rows = QVBoxLayout(filled)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2 * SPACE)
        rows.addLayout(cards)
        rows.addWidget(self.verdict)
        rows.addWidget(self.restricted)
        rows.addWidget(self.only_differing)
        rows.addWidget(split, 1)
        self.stack.addWidget(self._note)
        self.stack.addWidget(filled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)

    def _say(self, text: str) -> None:
        self._comparison = None
        self._note.setText(text)
        self._note.setAccessibleName(text)
        self.stack.setCurrentIndex(0)

    def _describe(self, comparison: RunComparison) -> None:
        self.first.show_run(self.tr("First run"), comparison.first)
        self.second.show_run(self.tr("Second run"), comparison.second)
        self._relation.setText(relation_text(comparison))
        count = self.tr("%n step(s) differ", "", comparison.differing)
        two_versions = self.tr("they ran two versions of the workflow")
        details = count if comparison.same_version else f"{count} · {two_versions}"
        set_role(self.verdict, "success-card" if comparison.divergence is None else "warning-card")
        self.verdict.say(divergence_text(comparison), details if comparison.differing else "")
        self.restricted.setVisible(comparison.restricted)
        self.restricted.say(self.tr("What actions were given and returned is hidden, so it was not compared."))

    def _fill(self) -> None:
        if self._comparison is None:
            return
        steps = enumerate(self._comparison.steps)
        differing = self.only_differing.isChecked()
        self.model.merge([PlacedStep(at, step) for at, step in steps if not differing or step.aspects or step.diverges])

    def _selected(self, row: int) -> None:
        rows = self.model.rows()
        step = rows[row].step if 0 <= row < len(rows) else None
        self.panes.show_step(step)
        if step is not None and step.error_differs and not step.input.matters:
            self.panes.setCurrentWidget(self.panes.error)
        elif step is not None and step.output.matters and not step.input.matters:
            self.panes.setCurrentWidget(self.panes.returned)
        elif step is not None and step.input.matters:
            self.panes.setCurrentWidget(self.panes.given)
