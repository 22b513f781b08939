"""The cancel dialog: which run, what both sides say of it, what will be written, why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from app.desktop.cancel.words import CancelWords
from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.dialog.message_card import MessageCard
from app.desktop.run_page.facts_grid import Fact, FactsGrid
from app.desktop.shell.controls import text_label
from app.desktop.shell.state_look import run_look
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import age_text, exact_utc, local_time
from app.domain.cancellation import CancelPreview, CancelWay
from app.domain.run import RunRow
from app.services.close_row import confirmation_of
from app.services.reason import MIN_REASON_LENGTH, is_reason

_WIDTH = 560


class CancelDialog(ActionDialog):
    """Shows the run as it is now, what a cancel will write, and asks for a reason.

    A run that Temporal does not know cannot be canceled; the dialog then offers to close its row, which takes the
    beginning of the run's id, typed.

    Args:
        theme: Colours and fonts.
        row: The run.
        parent: The window that is blocked meanwhile.
    """

    reason_edited = Signal(str)
    confirmation_edited = Signal(str)

    def __init__(self, theme: Theme, row: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(theme, "cancel", parent)
        self.resize(_WIDTH, self.height())
        self.setMinimumWidth(440)
        set_role(self.confirm_button, "danger")
        self._facts = FactsGrid()
        card = QFrame()
        set_role(card, "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(self._facts)
        self.body.addWidget(card)
        self._words = CancelWords(self)
        self._row = row
        self._look: CancelPreview | None = None
        self.meaning = text_label(self._words.meaning(CancelWay.CANCEL))
        self.meaning.setObjectName("cancel.meaning")
        self.meaning.setWordWrap(True)
        self.body.addWidget(self.meaning)
        self.warning = MessageCard("warning-card", "cancel.warning")
        self.warning.setVisible(False)
        self.body.addWidget(self.warning)
        self.body.addWidget(self._make_plan())
        self._make_reason()
        self._make_confirmation(row)
        self._show_confirmation(wanted=False)
        self.show_row(row)
        self.reason.setFocus()

    def _make_reason(self) -> None:
        self.reason = QLineEdit()
        self.reason.setObjectName("cancel.reason")
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Recorded in the run's log and in the audit trail"))
        self.reason.setMaxLength(2_000)
        self.reason.textChanged.connect(self.reason_edited)
        self.body.addLayout(_labeled(self.tr("Reason"), self.reason))

    def _make_confirmation(self, row: RunRow) -> None:
        self.confirmation = QLineEdit()
        self.confirmation.setObjectName("cancel.confirmation")
        self.confirmation.setAccessibleName(self.tr("Confirmation"))
        self.confirmation.setPlaceholderText(confirmation_of(row.key))
        self.confirmation.setFont(self.theme.mono())
        self.confirmation.textChanged.connect(self.confirmation_edited)
        self._confirmation_label = text_label("", "muted")
        self._confirmation_label.setBuddy(self.confirmation)
        self._confirmation_part = QWidget()
        column = QVBoxLayout(self._confirmation_part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._confirmation_label)
        column.addWidget(self.confirmation)
        self.body.addWidget(self._confirmation_part)

    def _make_plan(self) -> QFrame:
        self.plan = QFrame()
        self.plan.setObjectName("cancel.plan")
        set_role(self.plan, "card")
        inside = QVBoxLayout(self.plan)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(4)
        inside.addWidget(text_label(self.tr("What will be written"), "muted"))
        self.writes = text_label(self.tr("Both sides are being asked…"))
        self.writes.setObjectName("cancel.writes")
        self.writes.setWordWrap(True)
        inside.addWidget(self.writes)
        return self.plan

    @property
    def way(self) -> CancelWay:
        """What confirming does; a cancel until both sides have said otherwise."""
        return CancelWay.CANCEL if self._look is None else self._look.way

    @property
    def confirms_row(self) -> bool:
        """Whether the beginning of the run's id was typed."""
        return self.confirmation.text().strip().lower() == confirmation_of(self._row.key)

    def show_preview(self, look: CancelPreview) -> None:
        """Show what both sides say and what will be written."""
        self._look = look
        self.meaning.setText(self._words.meaning(look.way))
        lines = tuple(self._words.writes(look))
        self.writes.setText("\n".join(f"• {line}" for line in lines))
        self.plan.setVisible(bool(lines))
        under_way = self._words.under_way(look)
        self.warning.say(under_way, details=look.problem or "")
        self.warning.setVisible(bool(under_way))
        self._show_confirmation(wanted=look.way is CancelWay.CLOSE_ROW)
        self._fit_height()

    def offer(self, act: QWidget) -> None:
        """Show the control of the act that is the right one here."""
        self.body.insertWidget(self.body.indexOf(self.meaning) + 1, act, 0, Qt.AlignmentFlag.AlignLeft)
        act.show()  # the layout would do so later, and takes no room for it until then
        self._fit_height()

    def show_no_preview(self) -> None:
        """Say that it is not known what is open; the act itself still checks everything."""
        self.writes.setText(self.tr("It could not be read what is open. Whatever is open will be closed."))
        self._fit_height()

    def _show_confirmation(self, *, wanted: bool) -> None:
        self._confirmation_label.setText(
            self.tr("Type {confirmation} to close the row without Temporal's word").format(
                confirmation=confirmation_of(self._row.key)
            )
        )
        self._confirmation_part.setVisible(wanted)
        self.close_button.setText(self.tr("Leave as it is") if wanted else self.tr("Keep running"))
        self.close_button.setAccessibleName(self.close_button.text())

    def show_row(self, row: RunRow) -> None:
        """Show the run's newest state."""
        self._row = row
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
        """Show whether the run can be ended in the way that is open, and whether that is under way."""
        closes_row = self.way is CancelWay.CLOSE_ROW
        if refusal is None and self.way not in {CancelWay.CANCEL, CancelWay.CLOSE_ROW}:
            refusal = self.tr("There is nothing that a cancel could do here.")
        if refusal is None and not is_reason(self.reason.text()):
            refusal = self.tr("Give a reason of at least %n character(s).", "", MIN_REASON_LENGTH)
        if refusal is None and closes_row and not self.confirms_row:
            refusal = self.tr("Type the beginning of the run id.")
        self.set_confirm(self.tr("Close the row only") if closes_row else self.tr("Cancel run"), refusal)
        if sending != self.is_sending:
            self.reason.setReadOnly(sending)
            self.confirmation.setReadOnly(sending)
            under_way = self.tr("Closing…") if closes_row else self.tr("Canceling…")
            self.set_sending(under_way if sending else None)
        self._fit_height()


def _labeled(text: str, field: QLineEdit) -> QVBoxLayout:
    label = text_label(text, "muted")
    label.setBuddy(field)
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(label)
    column.addWidget(field)
    return column
