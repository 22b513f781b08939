"""Drives the dialog that ends a quota pause."""

from __future__ import annotations

from uuid import uuid4

from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.repair.quota_view import QuotaDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import coded_text, error_details, error_text
from app.desktop.shell.words import translate
from app.domain.errors import RuleViolation, RundeskError
from app.domain.operator import Right
from app.domain.run import RunRow
from app.services.quota_resume import ResumeCommand, ResumeOutcome, ResumePlan


class QuotaController:
    """One opening of the dialog.

    Args:
        context: The desktop's surroundings.
        row: The run as the page shows it.
        parent: The window that is blocked meanwhile.
    """

    def __init__(self, context: DesktopContext, row: RunRow, parent: QWidget | None) -> None:
        self._context = context
        self._row = row
        self._request_id = uuid4()
        self._plan: ResumePlan | None = None
        self._task: SpawnedTask | None = None
        self._sending = False
        self._outcome: ResumeOutcome | None = None
        self.dialog = QuotaDialog(context.theme, row, parent)
        self.dialog.reason_edited.connect(self._show)
        self.dialog.confirmed.connect(self._confirm)

    async def resume(self) -> ResumeOutcome | None:
        """Show the dialog until it closes; return the outcome, or None when it was given up."""
        self._show()
        looking = self._context.tasks.spawn("read the quota pause", self._look())
        try:
            await show_dialog(self.dialog)
        finally:
            looking.cancel()
            if self._task is not None:
                self._task.cancel()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._outcome

    async def _look(self) -> None:
        key = self._row.key
        try:
            plan: ResumePlan = await self._context.bridge.call(lambda: self._context.console.quota.plan(key))
        except RundeskError as error:
            self.dialog.show_problem(error_text(error))
        else:
            self._plan = plan
            self.dialog.show_plan(plan)
        self._show()

    def _show(self) -> None:
        refusal = self._context.refusal(Right.ADMIN)
        if refusal is None and self._plan is None:
            refusal = translate("Quota", "It is not known yet whether steps are left.")
        if refusal is None and self._plan is not None and self._plan.refusal is not None:
            refusal = translate("Quota", "The pause cannot be ended now.")
        self.dialog.show_state(refusal, sending=self._sending)

    def _confirm(self) -> None:
        operator = self._context.operator
        if operator is None or self._sending:
            return
        self._sending = True
        self._show()
        command = ResumeCommand(self._row.key, self.dialog.reason.text().strip(), operator, self._request_id)
        self._task = self._context.tasks.spawn(f"quota {self._row.key.run_id}", self._send(command))

    async def _send(self, command: ResumeCommand) -> None:
        try:
            outcome: ResumeOutcome = await self._context.bridge.call(
                lambda: self._context.console.quota.resume(command)
            )
        except RundeskError as error:
            self._failed(error_text(error), error_details(error), definite=isinstance(error, RuleViolation))
        except Exception:
            self._failed(translate("Quota", "Rundesk failed at this. Nothing you typed is lost."), "", definite=False)
            raise
        else:
            self._answered(outcome)

    def _failed(self, text: str, details: str, *, definite: bool) -> None:
        if definite:
            self._request_id = uuid4()
        self._sending = False
        self._show()
        self.dialog.show_error(text, details)

    def _answered(self, outcome: ResumeOutcome) -> None:
        self._outcome = outcome
        text = coded_text(outcome.code, outcome.message)
        went_on = outcome.observed and not outcome.paused_again
        say = self._context.notify.success if went_on else self._context.notify.warning
        say(text, str(self._row.key.run_id))
        self.dialog.done(QDialog.DialogCode.Accepted)
