"""Drives the cancel dialog: one command, its outcome, errors inside the dialog."""

from __future__ import annotations

from uuid import uuid4

from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.cancel.view import CancelDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import cancel_text, error_details, error_text
from app.desktop.shell.words import translate
from app.domain.errors import RuleViolation, RundeskError
from app.domain.operator import Right
from app.domain.run import TERMINAL_STATUSES, RunRow
from app.services.cancel_run import CancelCommand, CancelOutcome


class CancelController:
    """One cancel dialog, from opening to its end.

    The request id stays the same until the answer is certain, so sending again after a lost answer records one cancel.

    Args:
        context: The desktop's surroundings.
        row: The run as the page shows it.
        parent: The window that is blocked meanwhile.
    """

    def __init__(self, context: DesktopContext, row: RunRow, parent: QWidget | None) -> None:
        self._context = context
        self._row = row
        self._request_id = uuid4()
        self._sending = False
        self._task: SpawnedTask | None = None
        self._outcome: CancelOutcome | None = None
        self.dialog = CancelDialog(context.theme, row, parent)
        self.dialog.reason_edited.connect(lambda _reason: self._show())
        self.dialog.confirmed.connect(self._confirm)

    async def cancel(self) -> CancelOutcome | None:
        """Show the dialog until it closes; return the outcome, or None when it was given up."""
        self._show()
        try:
            await show_dialog(self.dialog)
        finally:
            if self._task is not None:
                self._task.cancel()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._outcome

    def row_changed(self, row: RunRow) -> None:
        """Take the run's newest state: it may have ended meanwhile."""
        if row.key == self._row.key:
            self._row = row
            self.dialog.show_row(row)
            self._show()

    def _show(self) -> None:
        refusal = self._context.refusal(Right.ADMIN)
        if self._row.status in TERMINAL_STATUSES and self._row.completed_at is not None and not self._sending:
            refusal = translate("Run", "The run has ended, so there is nothing to cancel.")
        self.dialog.show_state(refusal, sending=self._sending)

    def _confirm(self) -> None:
        operator = self._context.operator
        if operator is None or self._sending:
            return
        command = CancelCommand(
            key=self._row.key,
            reason=self.dialog.reason.text().strip(),
            operator=operator,
            request_id=self._request_id,
        )
        self._sending = True
        self._show()
        self._task = self._context.tasks.spawn(f"cancel {self._row.key.run_id}", self._send(command))

    async def _send(self, command: CancelCommand) -> None:
        try:
            outcome: CancelOutcome = await self._context.bridge.call(
                lambda: self._context.console.cancel.cancel(command)
            )
        except RundeskError as error:
            self._failed(error_text(error), error_details(error), definite=isinstance(error, RuleViolation))
        except Exception:
            self._failed(translate("Cancel", "Rundesk failed at this. Nothing you typed is lost."), "", definite=False)
            raise
        else:
            self._answered(outcome)

    def _failed(self, text: str, details: str, *, definite: bool) -> None:
        if definite:
            self._request_id = uuid4()
        self._sending = False
        self._show()
        self.dialog.show_error(text, details)

    def _answered(self, outcome: CancelOutcome) -> None:
        if not outcome.accepted:
            self._failed(cancel_text(outcome), outcome.message, definite=True)
            return
        self._outcome = outcome
        short = str(outcome.key.run_id)[:8]
        self._context.notify.success(translate("Cancel", "Run {run} is canceled.").format(run=short))
        self.dialog.done(QDialog.DialogCode.Accepted)
