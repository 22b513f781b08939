"""The dialog of stranded rows: which they are, what Temporal says of them, and their end."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.dialog.message_card import MessageCard
from app.desktop.run_page.data_table import DataTable
from app.desktop.run_page.keyed_table import KeyedTableModel
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme, set_role
from app.desktop.stranded.table import WIDTHS, StrandedColumns
from app.domain.stranded import JudgedRun, StrandedFate
from app.services.finalize_stranded import StrandedReport
from app.services.reason import MIN_REASON_LENGTH, is_reason

_SIZE = (860, 560)


class StrandedDialog(ActionDialog):
    """Lists the rows and asks for a reason.

    Args:
        theme: Colours and fonts.
        parent: The window that is blocked meanwhile.
    """

    reason_edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "stranded", parent)
        self._doomed = 0
        self.resize(*_SIZE)
        self.setMinimumSize(600, 400)
        set_role(self.confirm_button, "danger")
        meaning = self.tr(
            "These rows look active, but the engine that executed them was removed. Finalizing writes CANCELED on them "
            "and on their open waits; steps that look started stay as they are. What Temporal knows is left alone."
        )
        self.set_heading(self.tr("Stranded runs"), "", meaning)
        self.model = KeyedTableModel[JudgedRun](lambda judged: judged.run.key, self)
        self.model.set_columns(StrandedColumns(theme, self).columns())
        self.table = DataTable(theme, "stranded.runs", self.tr("Stranded runs"))
        self.table.use(self.model, WIDTHS, stretched=len(WIDTHS) - 1)
        self.empty = text_label(self.tr("The rows are being read, and Temporal is asked about each…"), "muted")
        self.empty.setObjectName("stranded.empty")
        self.empty.setWordWrap(True)
        self.unverified = MessageCard("warning-card", "stranded.unverified")
        self.unverified.say(
            self.tr("This Temporal cannot tell whether these rows truly run, so nothing can be finalized now.")
        )
        self.unverified.setVisible(False)
        self.reason = QLineEdit()
        self.reason.setObjectName("stranded.reason")
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Recorded in the audit trail of every run"))
        self.reason.setMaxLength(2_000)
        self.reason.textChanged.connect(lambda _text: self.reason_edited.emit())
        label = text_label(self.tr("Reason"), "muted")
        label.setBuddy(self.reason)
        self.body.addWidget(self.table, 1)
        # The text that stands in for the table takes its room; else the room would part the reason from its label.
        self.body.addWidget(self.empty, 1)
        for part in (self.unverified, label, self.reason):
            self.body.addWidget(part)
        self.table.setVisible(False)
        self.reason.setFocus()

    def show_report(self, report: StrandedReport) -> None:
        """Show the rows with their fate."""
        self._doomed = sum(judged.fate is StrandedFate.FINALIZE for judged in report.runs)
        self.model.merge(report.runs)
        self.table.setVisible(bool(report.runs))
        self.empty.setText("" if report.runs else self.tr("No run is stranded."))
        self.empty.setVisible(not report.runs)
        self.unverified.setVisible(not report.verified)

    def show_problem(self, text: str) -> None:
        """Say why the rows could not be read."""
        self._doomed = 0
        self.table.setVisible(False)
        self.empty.setText(text)
        self.empty.setVisible(True)

    def show_state(self, refusal: str | None, *, sending: bool) -> None:
        """Show whether there is something to finalize, and whether that is under way."""
        if refusal is None and not self._doomed:
            refusal = self.tr("There is nothing to finalize.")
        if refusal is None and not is_reason(self.reason.text()):
            refusal = self.tr("Give a reason of at least %n character(s).", "", MIN_REASON_LENGTH)
        self.set_confirm(self.tr("Finalize %n run(s)", "", self._doomed), refusal)
        if sending != self.is_sending:
            self.reason.setReadOnly(sending)
            self.set_sending(self.tr("Finalizing…") if sending else None)

    def has_edits(self) -> bool:
        """Say whether a reason was typed."""
        return bool(self.reason.text().strip())
