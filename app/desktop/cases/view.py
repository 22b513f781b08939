"""The page of cases: all of them at the left, one of them at the right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.cases.editor import CaseEditor, saved_label
from app.desktop.cases.words import severity_kind, severity_text
from app.desktop.dialog.message_card import MessageCard
from app.desktop.run_page.data_table import DataTable
from app.desktop.run_page.keyed_table import Cell, Column, KeyedTableModel
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import text_label
from app.desktop.shell.icons import state_icon
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import state_colour
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import exact_utc, short_time
from app.desktop.shell.tokens import SPACE
from app.domain.case import Case
from app.services.case_ports import DamagedCase

_WIDTHS = (150, 84)


class CasesPage(QWidget):
    """Lists cases and edits one. ``case_chosen`` carries an id, ``undo_wanted`` nothing.

    Args:
        theme: Colours and fonts.
        commands: The commands of cases.
        parent: The owning widget.
    """

    case_chosen = Signal(object)
    undo_wanted = Signal()

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cases.page")
        set_role(self, "ground")
        self._theme = theme
        self._title = text_label("", "title")
        self.saved = saved_label()
        self.model: KeyedTableModel[Case] = KeyedTableModel(lambda case: case.case_id, self)
        self.model.set_columns(self._columns())
        self.table = DataTable(theme, "cases.list", "")
        self.table.use(self.model, _WIDTHS, 0)
        self.table.row_selected.connect(self._selected)
        self.editor = CaseEditor(theme)
        self.damaged = MessageCard("warning-card", "cases.damaged")
        self.problem = MessageCard("error-card", "cases.problem")
        self.removed = MessageCard("info-card", "cases.removed")
        self.undo = QPushButton()
        self.undo.setObjectName("cases.undo")
        self.undo.clicked.connect(lambda _on: self.undo_wanted.emit())
        self.removed.links.insertWidget(0, self.undo)
        for card in (self.damaged, self.problem, self.removed):
            card.setVisible(False)
        self.empty = text_label("", "muted")
        self.empty.setObjectName("cases.empty")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self._lay_out(commands)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    def show_cases(self, cases: Sequence[Case], shown: UUID | None) -> None:
        """Show the cases, one of them chosen."""
        self.model.merge(cases)
        self.stack.setCurrentIndex(1 if cases else 0)
        self.table.select_row(-1 if shown is None else self.model.row_of(shown))

    def show_damaged(self, damaged: Sequence[DamagedCase]) -> None:
        """Name the files that could not be read."""
        self.damaged.setVisible(bool(damaged))
        self.damaged.say(
            self.tr("%n case(s) could not be read. The files are kept.", "", len(damaged)),
            details="\n".join(each.path for each in damaged),
        )

    def show_problem(self, text: str) -> None:
        """Say why cases cannot be read or kept; an empty text takes that away."""
        self.problem.say(text)
        self.problem.setVisible(bool(text))

    def show_removed(self, case: Case | None) -> None:
        """Offer to bring a removed case back."""
        self.removed.setVisible(case is not None)
        self.removed.say("" if case is None else self.tr("“{title}” is removed.").format(title=self._name(case)))

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._title.setText(self.tr("Cases"))
        self.table.setAccessibleName(self.tr("Cases"))
        self.undo.setText(self.tr("Undo"))
        self.undo.setAccessibleName(self.tr("Bring the removed case back"))
        self.empty.setText(
            self.tr(
                "No case yet. A case collects runs with your notes, what was tried, and what you ask of whoever reads "
                "its report. It stays on this computer."
            )
        )
        self.empty.setAccessibleName(self.empty.text())
        self.model.set_columns(self._columns())

    def _lay_out(self, commands: CommandBook) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self.saved, 1)
        for command in ("case.new", "case.remove"):
            head.addWidget(commands.button(command))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setObjectName("cases.splitter")
        split.setChildrenCollapsible(False)
        self.table.setMinimumWidth(180)
        self.editor.setMinimumWidth(360)
        split.addWidget(self.table)
        split.addWidget(self.editor)
        split.setSizes([240, 520])
        split.setStretchFactor(1, 1)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(split)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(head)
        for card in (self.problem, self.damaged, self.removed):
            layout.addWidget(card)
        layout.addWidget(self.stack, 1)

    def _columns(self) -> tuple[Column[Case], ...]:
        return (Column(self.tr("Case"), self._title_cell), Column(self.tr("Changed"), self._changed))

    def _title_cell(self, case: Case) -> Cell:
        kind = severity_kind(case.severity)
        colour = state_colour(self._theme.tokens, kind)
        tip = " · ".join(part for part in (severity_text(case.severity), case.customer) if part)
        return Cell(self._name(case), tip, icon=state_icon(kind, colour, 12), colour=QColor(self._theme.tokens.text))

    def _changed(self, case: Case) -> Cell:
        return Cell(short_time(case.updated_at, datetime.now(UTC)), exact_utc(case.updated_at))

    def _name(self, case: Case) -> str:
        return case.title.strip() or self.tr("Untitled case")

    def _selected(self, row: int) -> None:
        rows = self.model.rows()
        if 0 <= row < len(rows):
            self.case_chosen.emit(rows[row].case_id)
