"""The cancel dialog: which run, what will happen, why."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.run_page.facts_grid import Fact, FactsGrid
from app.desktop.shell.controls import text_label
from app.desktop.shell.state_look import run_look
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import age_text, exact_utc, local_time
from app.domain.run import RunRow
from app.services.reason import MIN_REASON_LENGTH, is_reason

_WIDTH = 560


class CancelDialog(ActionDialog):
    """Shows the run as it is now and asks for a reason.

    Args:
        theme: Colours and fonts.
        row: The run.
        parent: The window that is blocked meanwhile.
    """

    reason_edited = Signal(str)

    def __init__(self, theme: Theme, row: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(theme, "cancel", parent)
        self.resize(_WIDTH, self.height())
        self.setMinimumWidth(440)
        self.close_button.setText(self.tr("Keep running"))
        self.close_button.setAccessibleName(self.close_button.text())
        set_role(self.confirm_button, "danger")
        self._facts = FactsGrid()
        card = QFrame()
        set_role(card, "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(self._facts)
        self.body.addWidget(card)
        meaning = text_label(
            self.tr(
                "Temporal is asked to end the execution, open waits are closed and the run is marked as canceled. "
                "What has been done stays done; an action under way at this moment may still finish. "
                "This cannot be undone."
            )
        )
        meaning.setWordWrap(True)
        self.body.addWidget(meaning)
        self.reason = QLineEdit()
        self.reason.setObjectName("cancel.reason")
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Recorded in the run's log and in the audit trail"))
        self.reason.setMaxLength(2_000)
        self.reason.textChanged.connect(self.reason_edited)
        label = text_label(self.tr("Reason"), "muted")
        label.setBuddy(self.reason)
        reason = QVBoxLayout()
        reason.setSpacing(4)
        reason.addWidget(label)
        reason.addWidget(self.reason)
        self.body.addLayout(reason)
        self.show_row(row)
        self.reason.setFocus()

    def show_row(self, row: RunRow) -> None:
        """Show the run's newest state."""
        name = row.workflow_name or self.tr("unnamed workflow")
        self.set_heading(self.tr("Cancel {workflow}").format(workflow=name), str(row.key.run_id)[:8], "")
        facts = [
            Fact("cancel.state", self.tr("State"), run_look(row).word),
            Fact("cancel.started", self.tr("Started"), local_time(row.started_at), exact_utc(row.started_at)),
        ]
        if row.completed_at is None:
            facts.append(Fact("cancel.age", self.tr("Running for"), age_text(row.age_seconds)))
        if row.node_path:
            facts.append(Fact("cancel.node", self.tr("At step"), row.node_path))
        self._facts.show_facts(tuple(facts))

    def has_edits(self) -> bool:
        """Say whether a reason was typed."""
        return bool(self.reason.text().strip())

    def showEvent(self, event: QShowEvent) -> None:
        """Take as much height as the texts need."""
        super().showEvent(event)
        self._fit_height()

    def show_error(self, text: str, details: str = "") -> None:
        """Show why canceling failed, with room for it."""
        super().show_error(text, details)
        self._fit_height()

    def clear_error(self) -> None:
        """Take the error away, and its room."""
        super().clear_error()
        self._fit_height()

    def _fit_height(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def show_state(self, refusal: str | None, *, sending: bool) -> None:
        """Show whether the run can be canceled, and whether it is being canceled."""
        if refusal is None and not is_reason(self.reason.text()):
            refusal = self.tr("Give a reason of at least %n character(s).", "", MIN_REASON_LENGTH)
        self.set_confirm(self.tr("Cancel run"), refusal)
        if sending != self.is_sending:
            self.reason.setReadOnly(sending)
            self.set_sending(self.tr("Canceling…") if sending else None)
