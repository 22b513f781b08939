"""Drives a repair's dialog: the plan from both sides, one command with what was confirmed, its outcome."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.repair.view import RepairDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import coded_text, error_details, error_text
from app.desktop.shell.words import translate
from app.domain.errors import RuleViolation, RundeskError
from app.domain.operator import Operator, Right
from app.domain.repair import RepairAction, RepairPlan
from app.domain.run import RunRow
from app.services.repair_acts import RepairCommand, RepairOutcome


class RepairController:
    """One opening of a repair's dialog.

    Args:
        context: The desktop's surroundings.
        action: The repair.
        row: The run as the page shows it.
        parent: The window that is blocked meanwhile.
    """

    def __init__(self, context: DesktopContext, action: RepairAction, row: RunRow, parent: QWidget | None) -> None:
        self._context = context
        self._action = action
        self._row = row
        self._request_id = uuid4()
        self._plan: RepairPlan | None = None
        self._looking: SpawnedTask | None = None
        self._task: SpawnedTask | None = None
        self._sending = False
        self._outcome: RepairOutcome | None = None
        self.dialog = RepairDialog(context.theme, action, row, parent)
        self.dialog.reason_edited.connect(self._show)
        self.dialog.arguments_edited.connect(self._arguments_edited)
        self.dialog.look_wanted.connect(self._look_afresh)
        self.dialog.confirmed.connect(self._confirm)

    async def repair(self) -> RepairOutcome | None:
        """Show the dialog until it closes; return the outcome, or None when it was given up."""
        if self.dialog.takes_input:
            self.dialog.show_no_plan(translate("Repair", "Type it, then let yourself be shown what will be written."))
            self._show()
        else:
            self._look()
        try:
            await show_dialog(self.dialog)
        finally:
            for task in (self._task, self._looking):
                if task is not None:
                    task.cancel()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._outcome

    def _arguments_edited(self) -> None:
        self._plan = None
        self.dialog.show_no_plan(translate("Repair", "What you typed has changed since; look at it again."))
        self._show()

    def _look_afresh(self) -> None:
        self.dialog.clear_error()
        self._look()

    def _look(self) -> None:
        operator = self._context.operator
        if operator is None or self._sending:
            self._show()
            return
        if self._looking is not None:
            self._looking.cancel()
        self._plan = None
        self.dialog.show_no_plan(translate("Repair", "Both sides are being asked…"))
        self._looking = self._context.tasks.spawn(f"plan {self._action}", self._read_plan(operator))
        self._show()

    async def _read_plan(self, operator: Operator) -> None:
        command = self._command(operator)
        if command is None:
            self.dialog.show_no_plan(translate("Repair", "The id of the recorded event is no id."))
            return
        try:
            plan: RepairPlan = await self._context.bridge.call(lambda: self._context.console.repair.plan(command))
        except RundeskError as error:
            self.dialog.show_no_plan(error_text(error))
        else:
            self._plan = plan
            self.dialog.show_plan(plan)
        self._show()

    def _show(self) -> None:
        refusal = self._context.refusal(Right.ADMIN)
        if refusal is None and self._plan is None:
            refusal = translate("Repair", "It is not known yet what would be written.")
        if refusal is None and self._plan is not None and self._plan.needs_repair_mode and not self._is_allowed():
            refusal = translate("Repair", "The repair mode is off. Switch it on in the menu, under Way out.")
        self.dialog.show_state(refusal, sending=self._sending)

    def _is_allowed(self) -> bool:
        return self._context.commands.action("repair.mode").isChecked()

    def _command(self, operator: Operator) -> RepairCommand | None:
        """Return the command as typed; None when the event's id is none."""
        arguments = self.dialog.arguments
        if self.dialog.typed_event_id:
            try:
                arguments = replace(arguments, event_id=UUID(self.dialog.typed_event_id))
            except ValueError:
                return None
        return RepairCommand(
            key=self._row.key,
            action=self._action,
            reason=self.dialog.reason.text().strip(),
            operator=operator,
            request_id=self._request_id,
            repair_mode=self._is_allowed(),
            arguments=arguments,
            confirmed=None if self._plan is None else self._plan.writes,
        )

    def _confirm(self) -> None:
        operator = self._context.operator
        command = None if operator is None else self._command(operator)
        if command is None or self._sending or self._plan is None:
            return
        self._sending = True
        self._show()
        self._task = self._context.tasks.spawn(f"{self._action} {self._row.key.run_id}", self._send(command))

    async def _send(self, command: RepairCommand) -> None:
        try:
            outcome: RepairOutcome = await self._context.bridge.call(
                lambda: self._context.console.repair.apply(command)
            )
        except RundeskError as error:
            self._failed(error_text(error), error_details(error), definite=isinstance(error, RuleViolation))
        except Exception:
            self._failed(translate("Repair", "Rundesk failed at this. Nothing you typed is lost."), "", definite=False)
            raise
        else:
            self._answered(outcome)

    def _failed(self, text: str, details: str, *, definite: bool) -> None:
        self._sending = False
        if definite:
            self._request_id = uuid4()
            self._look()
        self._show()
        self.dialog.show_error(text, details)

    def _answered(self, outcome: RepairOutcome) -> None:
        self._outcome = outcome
        text = coded_text(outcome.code, outcome.message)
        say = self._context.notify.success if outcome.observed else self._context.notify.warning
        say(text, str(self._row.key.run_id))
        self.dialog.done(QDialog.DialogCode.Accepted)
