"""Drives the start dialog: reads the workflows, checks the payload, starts one run and lands on it."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.json_view.folding import BrokenFold
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_details, error_text, launch_details, launch_text
from app.desktop.shell.words import translate
from app.desktop.start.draft import StartDraft, TextProblem, problem_of
from app.desktop.start.view import StartDialog
from app.domain.errors import RuleViolation, RundeskError
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.operator import Right
from app.domain.run_query import WorkflowChoice
from app.services.start_run import StartCommand

DEBOUNCE_MS = 150


class StartController:
    """One start dialog, from opening to its end. One request id serves every attempt until a definite refusal.

    Args:
        context: The desktop's surroundings.
        parent: The window that is blocked meanwhile.
        chosen: The workflow to begin with, for instance the one the list is filtered by.
    """

    def __init__(self, context: DesktopContext, parent: QWidget | None, chosen: UUID | None = None) -> None:
        self._context = context
        self._chosen = chosen
        self._request_id = uuid4()
        self._unclear: StartCommand | None = None
        self._tasks: list[SpawnedTask] = []
        self._outcome: LaunchOutcome | None = None
        refusal = context.refusal(Right.MANAGE)
        if context.tenant is None:
            refusal = translate("Start", "Choose a tenant first; a run belongs to one.")
        self._draft = StartDraft(refusal=refusal)
        self.dialog = StartDialog(context.theme, parent)
        self._debounce = QTimer(self.dialog)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(DEBOUNCE_MS)
        self._debounce.timeout.connect(self._check)
        self.dialog.payload_edited.connect(self._debounce.start)
        self.dialog.workflow_chosen.connect(self._choose)
        self.dialog.load_requested.connect(self._load)
        self.dialog.confirmed.connect(self._confirm)

    async def start(self) -> LaunchOutcome | None:
        """Show the dialog until it closes; return the launch, or None when it was given up."""
        self._change()
        self._load()
        try:
            await show_dialog(self.dialog)
        finally:
            self._debounce.stop()
            for task in self._tasks:
                task.cancel()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._outcome

    def _change(self, **changes: Any) -> None:
        self._draft = replace(self._draft, **changes)
        self.dialog.show_draft(self._draft)

    def _spawn(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(self._context.tasks.spawn(name, coroutine))

    def _load(self) -> None:
        self.dialog.show_loading()
        self._spawn("read workflows to start", self._read())

    async def _read(self) -> None:
        tenant = self._context.tenant
        try:
            choices: tuple[WorkflowChoice, ...] = await self._context.bridge.call(
                lambda: self._context.console.browse.workflows(tenant)
            )
        except RundeskError as error:
            self.dialog.show_load_problem(error_text(error), error_details(error))
            return
        self._change(choices=choices)
        self.dialog.show_workflows(choices, self._chosen)

    def _choose(self, workflow_id: object) -> None:
        choices = self._draft.choices or ()
        choice = next((choice for choice in choices if choice.workflow_id == workflow_id), None)
        if choice is not None:
            self._chosen = choice.workflow_id
        self._change(choice=choice)

    def _check(self) -> None:
        self._debounce.stop()
        try:
            text = self.dialog.payload.whole_text()
        except BrokenFold as broken:
            message = translate("Start", "A folded text was changed in part. Undo that, or replace it whole.")
            self._change(problem=TextProblem(message, broken.line))
            return
        problem = problem_of(
            text,
            translate("Start", "The payload of a run must be a JSON object, in braces."),
            translate("Start", "A placeholder stands for a masked value elsewhere. Type the real value."),
        )
        self._change(text=text, problem=problem)

    def _confirm(self) -> None:
        if self._debounce.isActive():
            self._check()
        command = self._command()
        if self._draft.blocker() is None and command is not None:
            self._change(sending=True)
            self._spawn(f"start {command.request_id}", self._send(command))

    def _command(self) -> StartCommand | None:
        tenant, operator, choice = self._context.tenant, self._context.operator, self._draft.choice
        if tenant is None or operator is None or choice is None:
            return None
        command = StartCommand(
            tenant=tenant,
            workflow_id=choice.workflow_id,
            payload_text=None if self._draft.empty else self._draft.text,
            operator=operator,
            request_id=self._request_id,
        )
        if self._unclear not in {None, command}:
            # An equal request would continue the attempt whose answer was lost, with the payload of then.
            self._request_id = uuid4()
            command = replace(command, request_id=self._request_id)
        self._unclear = command
        return command

    async def _send(self, command: StartCommand) -> None:
        try:
            outcome: LaunchOutcome = await self._context.bridge.call(lambda: self._context.console.start.start(command))
        except RundeskError as error:
            self._failed(error_text(error), error_details(error), definite=isinstance(error, RuleViolation))
        except Exception:
            self._failed(translate("Start", "Rundesk failed at this. Nothing you typed is lost."), "", definite=False)
            raise
        else:
            self._answered(outcome)

    def _failed(self, text: str, details: str, *, definite: bool) -> None:
        if definite:
            self._request_id, self._unclear = uuid4(), None
        self._change(sending=False)
        self.dialog.show_error(text, details)

    def _answered(self, outcome: LaunchOutcome) -> None:
        if outcome.state is LaunchState.FAILED:
            text = translate("Start", "Temporal refused to start the run, so nothing runs.")
            self._failed(launch_text(outcome) or text, launch_details(outcome), definite=True)
            return
        self._outcome = outcome
        short = str(outcome.run.run_id)[:8]
        if outcome.state is LaunchState.UNCONFIRMED:
            text = translate("Start", "Run {run} is recorded, but Temporal has not confirmed it yet.")
            self._context.notify.warning(text.format(run=short), launch_text(outcome), outcome.run)
        else:
            self._context.notify.success(translate("Start", "Run {run} started.").format(run=short))
        self.dialog.done(QDialog.DialogCode.Accepted)
        self._context.navigate.open_run(outcome.run)
