"""Drives the cancel dialog: what both sides say, one command, its outcome, errors inside the dialog."""

from __future__ import annotations

from uuid import uuid4

from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.cancel.follower import CancelFollower
from app.desktop.cancel.view import CancelDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import cancel_text, error_details, error_text
from app.desktop.shell.words import translate
from app.domain.cancellation import CancelPreview, CancelWay, ClosedParts
from app.domain.errors import RuleViolation, RundeskError
from app.domain.operator import Right
from app.domain.run import TERMINAL_STATUSES, RunRow
from app.services.cancel_run import CancelCommand, CancelOutcome
from app.services.close_row import CloseRowCommand
from app.services.follow_cancel import followed_cancel

_REPAIRS = {CancelWay.FAIL_LAUNCH: "repair.fail-launch", CancelWay.PROJECT_CLOSE: "repair.project-close"}


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
        self._looking: SpawnedTask | None = None
        self._outcome: CancelOutcome | None = None
        self._follower = CancelFollower(context)
        self.looked = False
        self.dialog = CancelDialog(context.theme, row, parent)
        self.dialog.reason_edited.connect(lambda _reason: self._show())
        self.dialog.confirmation_edited.connect(lambda _typed: self._show())
        self.dialog.confirmed.connect(self._confirm)

    async def cancel(self) -> CancelOutcome | None:
        """Show the dialog until it closes; return the outcome, or None when it was given up."""
        self._show()
        self._looking = self._context.tasks.spawn(f"look before canceling {self._row.key.run_id}", self._look())
        try:
            await show_dialog(self.dialog)
        finally:
            for task in (self._task, self._looking):
                if task is not None:
                    task.cancel()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._outcome

    def row_changed(self, row: RunRow) -> None:
        """Take the run's newest state: it may have ended meanwhile."""
        if row.key == self._row.key:
            self._row = row
            self.dialog.show_row(row)
            self._show()

    async def _look(self) -> None:
        """Ask both sides what is open; a side that is down does not keep the dialog from being used."""
        key = self._row.key
        try:
            look: CancelPreview = await self._context.bridge.call(
                lambda: self._context.console.cancel_preview.look(key)
            )
        except RundeskError:
            self.dialog.show_no_preview()
        else:
            self.dialog.show_preview(look)
            self._offer_repair(look.way)
        self.looked = True
        self._show()

    def _offer_repair(self, way: CancelWay) -> None:
        """Lead to the repair that fits where a cancel does not; its dialog takes the place of this one."""
        command_id = _REPAIRS.get(way)
        if command_id is not None:
            button = self._context.commands.button(command_id, name=f"cancel.{command_id}")
            button.clicked.connect(lambda: self.dialog.done(QDialog.DialogCode.Rejected))
            self.dialog.offer(button)

    def _show(self) -> None:
        refusal = self._context.refusal(Right.ADMIN)
        if self._row.status in TERMINAL_STATUSES and self._row.completed_at is not None and not self._sending:
            refusal = translate("Run", "The run has ended, so there is nothing to cancel.")
        if refusal is None and not self.looked:
            refusal = translate("Cancel", "Both sides are being asked what is open.")
        self.dialog.show_state(refusal, sending=self._sending)

    def _confirm(self) -> None:
        operator = self._context.operator
        if operator is None or self._sending:
            return
        self._sending = True
        self._show()
        reason = self.dialog.reason.text().strip()
        if self.dialog.way is CancelWay.CLOSE_ROW:
            typed = self.dialog.confirmation.text()
            close = CloseRowCommand(self._row.key, reason, operator, self._request_id, typed)
            self._task = self._context.tasks.spawn(f"close row {self._row.key.run_id}", self._close_row(close))
            return
        command = CancelCommand(key=self._row.key, reason=reason, operator=operator, request_id=self._request_id)
        self._task = self._context.tasks.spawn(f"cancel {self._row.key.run_id}", self._send(command))

    async def _close_row(self, command: CloseRowCommand) -> None:
        try:
            closed: ClosedParts = await self._context.bridge.call(
                lambda: self._context.console.close_row.close(command)
            )
        except RundeskError as error:
            self._failed(error_text(error), error_details(error), definite=isinstance(error, RuleViolation))
        except Exception:
            self._failed(translate("Cancel", "Rundesk failed at this. Nothing you typed is lost."), "", definite=False)
            raise
        else:
            self._row_closed(closed)

    def _row_closed(self, closed: ClosedParts) -> None:
        key = self._row.key
        self._outcome = CancelOutcome(key, False, False, "CANCELED", "Only the row was closed.")
        text = translate("Cancel", "Only the row of run {run} was closed: Temporal knows no execution of it.")
        self._context.notify.success(text.format(run=str(key.run_id)[:8]), self._follower.words.closed(closed))
        self.dialog.done(QDialog.DialogCode.Accepted)

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
            self._answered(command, outcome)

    def _failed(self, text: str, details: str, *, definite: bool) -> None:
        if definite:
            self._request_id = uuid4()
        self._sending = False
        self._show()
        self.dialog.show_error(text, details)

    def _answered(self, command: CancelCommand, outcome: CancelOutcome) -> None:
        if not outcome.accepted:
            self._failed(cancel_text(outcome), outcome.message, definite=True)
            return
        self._outcome = outcome
        self._follower.follow(followed_cancel(command, outcome))
        self.dialog.done(QDialog.DialogCode.Accepted)
