"""Drives the dialog of stranded rows."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_details, error_text
from app.desktop.shell.words import translate
from app.desktop.stranded.view import StrandedDialog
from app.domain.errors import RuleViolation, RundeskError
from app.domain.operator import Right
from app.services.finalize_stranded import FinalizeCommand, FinalizeOutcome, StrandedReport


class StrandedController:
    """The stranded rows of one window's tenant.

    Args:
        context: The desktop's surroundings.
        window: What the dialog is in front of.
    """

    def __init__(self, context: DesktopContext, window: Callable[[], QWidget]) -> None:
        self._context = context
        self._window = window
        self._request_id = uuid4()
        self._sending = False
        self._looked = False
        self._tasks: list[SpawnedTask] = []
        self.dialog: StrandedDialog | None = None
        context.commands.bind("stranded.finalize", self.show)

    def show(self) -> None:
        """Open the dialog unless it is open."""
        if self.dialog is None:
            self._request_id, self._sending, self._looked = uuid4(), False, False
            self.dialog = StrandedDialog(self._context.theme, self._window())
            self.dialog.reason_edited.connect(self._show)
            self.dialog.confirmed.connect(self._confirm)
            self._context.tasks.spawn("stranded runs", self._until_closed(self.dialog))

    async def _until_closed(self, dialog: StrandedDialog) -> None:
        self._show()
        self._tasks = [self._context.tasks.spawn("read stranded runs", self._look(dialog))]
        try:
            await show_dialog(dialog)
        finally:
            self.dialog = None
            for task in self._tasks:
                task.cancel()
            dialog.done(QDialog.DialogCode.Rejected)
            dialog.deleteLater()

    async def _look(self, dialog: StrandedDialog) -> None:
        tenant: UUID | None = self._context.tenant
        try:
            report: StrandedReport = await self._context.bridge.call(
                lambda: self._context.console.stranded.plan(tenant)
            )
        except RundeskError as error:
            dialog.show_problem(error_text(error))
        else:
            dialog.show_report(report)
        self._looked = True
        self._show()

    def _show(self) -> None:
        if self.dialog is None:
            return
        refusal = self._context.refusal(Right.ADMIN)
        if refusal is None and self._context.tenant is None:
            refusal = translate("Stranded", "These rows belong to no tenant, so nobody has a right to act on them.")
        if refusal is None and not self._looked:
            refusal = translate("Stranded", "Temporal is being asked about each row.")
        self.dialog.show_state(refusal, sending=self._sending)

    def _confirm(self) -> None:
        operator, tenant, dialog = self._context.operator, self._context.tenant, self.dialog
        if operator is None or tenant is None or dialog is None or self._sending:
            return
        self._sending = True
        self._show()
        command = FinalizeCommand(tenant, dialog.reason.text().strip(), operator, self._request_id)
        self._tasks.append(self._context.tasks.spawn("finalize stranded runs", self._send(dialog, command)))

    async def _send(self, dialog: StrandedDialog, command: FinalizeCommand) -> None:
        try:
            outcome: FinalizeOutcome = await self._context.bridge.call(
                lambda: self._context.console.stranded.apply(command)
            )
        except RundeskError as error:
            self._failed(error_text(error), error_details(error), definite=isinstance(error, RuleViolation))
        except Exception:
            self._failed(
                translate("Stranded", "Rundesk failed at this. Nothing you typed is lost."), "", definite=False
            )
            raise
        else:
            self._answered(dialog, outcome)

    def _failed(self, text: str, details: str, *, definite: bool) -> None:
        if definite:
            self._request_id = uuid4()
        self._sending = False
        self._show()
        if self.dialog is not None:
            self.dialog.show_error(text, details)

    def _answered(self, dialog: StrandedDialog, outcome: FinalizeOutcome) -> None:
        self._sending = False
        text = translate("Stranded", "{count} stranded runs are finalized as CANCELED.")
        kept = translate("Stranded", "{count} runs are known to Temporal and were left untouched.")
        details = kept.format(count=len(outcome.spared)) if outcome.spared else ""
        self._context.notify.success(text.format(count=len(outcome.finalized)), details)
        self._context.commands.action("runs.refresh").trigger()
        dialog.done(QDialog.DialogCode.Accepted)
