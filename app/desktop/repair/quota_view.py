"""The dialog that ends a quota pause: how much is used, what will happen, why."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.run_page.facts_grid import Fact, FactsGrid
from app.desktop.shell.controls import text_label
from app.desktop.shell.error_text import error_text
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import exact_utc, local_time
from app.domain.quota_pause import ResumeWay
from app.domain.run import RunRow
from app.services.quota_resume import ResumePlan
from app.services.reason import MIN_REASON_LENGTH, is_reason

_WIDTH = 560


class QuotaDialog(ActionDialog):
    """Shows the quota as it stands and asks for a reason.

    Args:
        theme: Colours and fonts.
        row: The run.
        parent: The window that is blocked meanwhile.
    """

    reason_edited = Signal()

    def __init__(self, theme: Theme, row: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(theme, "quota", parent)
        self.resize(_WIDTH, self.height())
        self.setMinimumWidth(440)
        name = row.workflow_name or self.tr("unnamed workflow")
        meaning = self.tr(
            "The run pauses because the tenant's steps of this period were used up. If some are left now, it goes on "
            "with the step at which it paused."
        )
        title = self.tr("Resume quota pause: {workflow}").format(workflow=name)
        self.set_heading(title, str(row.key.run_id)[:8], meaning)
        self._facts = FactsGrid()
        card = QFrame()
        set_role(card, "card")
        self._card_layout = QVBoxLayout(card)
        self._card_layout.setContentsMargins(12, 10, 12, 10)
        self._card_layout.addWidget(self._facts)
        self.body.addWidget(card)
        self.plan = text_label(self.tr("The quota is being read…"))
        self.plan.setObjectName("quota.plan")
        self.plan.setWordWrap(True)
        self.body.addWidget(self.plan)
        self.reason = QLineEdit()
        self.reason.setObjectName("quota.reason")
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Recorded in the run's log and in the audit trail"))
        self.reason.setMaxLength(2_000)
        self.reason.textChanged.connect(lambda _text: self.reason_edited.emit())
        label = text_label(self.tr("Reason"), "muted")
        label.setBuddy(self.reason)
        self.body.addWidget(label)
        self.body.addWidget(self.reason)
        self.reason.setFocus()

    def show_plan(self, plan: ResumePlan) -> None:
        """Show the quota and what a resume would do."""
        facts = []
        usage, wait = plan.facts.usage, plan.facts.wait
        if wait is not None:
            facts.append(Fact("quota.step", self.tr("Paused at"), wait.step_path))
            facts.append(Fact("quota.since", self.tr("Since"), local_time(wait.created_at), exact_utc(wait.created_at)))
        if usage is not None:
            limit = self.tr("unlimited") if usage.limit is None else str(usage.limit)
            used = self.tr("{used} of {limit}").format(used=usage.used_count, limit=limit)
            facts.append(Fact("quota.used", self.tr("Steps used"), used))
            facts.append(
                Fact("quota.until", self.tr("Period ends"), local_time(usage.period_end), exact_utc(usage.period_end))
            )
        self._facts.show_facts(tuple(facts))
        self.plan.setText(self._plan_text(plan))
        self._fit_height()

    def show_problem(self, text: str) -> None:
        """Say why the quota could not be read."""
        self.plan.setText(text)
        self._fit_height()

    def show_state(self, refusal: str | None, *, sending: bool) -> None:
        """Show whether the pause can be ended now, and whether that is under way."""
        if refusal is None and not is_reason(self.reason.text()):
            refusal = self.tr("Give a reason of at least %n character(s).", "", MIN_REASON_LENGTH)
        self.set_confirm(self.tr("End the pause"), refusal)
        if sending != self.is_sending:
            self.reason.setReadOnly(sending)
            self.set_sending(self.tr("Ending the pause…") if sending else None)

    def show_error(self, text: str, details: str = "") -> None:
        """Show why it failed, with room for it."""
        super().show_error(text, details)
        self._fit_height()

    def has_edits(self) -> bool:
        """Say whether a reason was typed."""
        return bool(self.reason.text().strip())

    def _plan_text(self, plan: ResumePlan) -> str:
        if plan.refusal is not None:
            return error_text(plan.refusal)
        if plan.way is ResumeWay.SIGNAL_ONLY:
            return self.tr(
                "The rows say that the run was resumed. If its execution still pauses, the signal was lost and is sent "
                "again; nothing else is written."
            )
        return self.tr(
            "The wait becomes RESOLVED and the run RUNNING, with log and audit; then the execution is signalled until "
            "it has left its pause."
        )

    def _fit_height(self) -> None:
        self._card_layout.activate()  # before the dialog's own, which asks it for its height
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))
