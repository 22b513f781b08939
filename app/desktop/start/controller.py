"""Drives the start dialog: reads what can be started and with what, checks the payload, starts one run, lands on it."""

from __future__ import annotations

import asyncio
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
from app.desktop.start.draft import EMPTY, ProblemWords, StartDraft, TextProblem, problem_of
from app.desktop.start.draft_keeper import DraftKeeper
from app.desktop.start.reading import StartReading
from app.desktop.start.view import StartDialog
from app.domain import json_text
from app.domain.errors import InvalidInput, RuleViolation, RundeskError
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.operator import Right
from app.domain.payload_change import ChippedText
from app.domain.run import RunKey
from app.domain.run_query import WorkflowChoice
from app.services.ports import ReplaySource
from app.services.replay_preview import PayloadVerdict
from app.services.start_run import InputOfRun, StartCommand

DEBOUNCE_MS = 150
KEEP_MS = 1000
"""Pause in typing after which what was typed is kept as a draft."""
BACKGROUND_CHARACTERS = 64 * 1024
"""Longer payloads are judged off the UI thread."""


class StartController:
    """One start dialog, from opening to its end. One request id serves every attempt until a definite refusal.

    Args:
        context: The desktop's surroundings.
        parent: The window that is blocked meanwhile.
        chosen: The workflow to begin with, for instance the one the list is filtered by.
        like: The run whose input to begin with; its workflow is then the one to begin with.
    """

    def __init__(
        self,
        context: DesktopContext,
        parent: QWidget | None,
        chosen: UUID | None = None,
        like: RunKey | None = None,
    ) -> None:
        self._context = context
        self._chosen = chosen
        self._like = like
        self._request_id = uuid4()
        self._unclear: StartCommand | None = None
        self._tasks: list[SpawnedTask] = []
        self._outcome: LaunchOutcome | None = None
        self._generation = 0
        self._keeper = DraftKeeper(context)
        self._reading = StartReading(context, context.tenant)
        refusal = context.refusal(Right.MANAGE)
        if context.tenant is None:
            refusal = translate("Start", "Choose a tenant first; a run belongs to one.")
        self._draft = StartDraft(refusal=refusal)
        self.dialog = StartDialog(context.theme, parent)
        self._debounce = self._timer(DEBOUNCE_MS, self._check)
        self._keeping = self._timer(KEEP_MS, self._keep)
        self.dialog.payload_edited.connect(self._debounce.start)
        self.dialog.workflow_chosen.connect(self._choose)
        self.dialog.version_chosen.connect(self._choose_version)
        self.dialog.newest_wanted.connect(lambda: self._spawn("read newest input", self._take_newest()))
        self.dialog.example_wanted.connect(self._take_example)
        self.dialog.empty_wanted.connect(lambda: self._open(EMPTY, None))
        self.dialog.draft_discarded.connect(self._discard)
        self.dialog.load_requested.connect(self._load)
        self.dialog.confirmed.connect(self._confirm)

    def _timer(self, milliseconds: int, act: Any) -> QTimer:
        timer = QTimer(self.dialog)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(act)
        return timer

    async def start(self) -> LaunchOutcome | None:
        """Show the dialog until it closes; return the launch, or None when it was given up."""
        self._change()
        self._load()
        try:
            await show_dialog(self.dialog)
        finally:
            for timer in (self._debounce, self._keeping):
                timer.stop()
            for task in self._tasks:
                task.cancel()
            self._leave()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._outcome

    def _leave(self) -> None:
        """Keep what was typed, unless it was sent or thrown away."""
        tenant, choice = self._context.tenant, self._draft.choice
        if tenant is None or choice is None:
            return
        if self._outcome is not None or self.dialog.asks_to_discard:
            self._keeper.discard(tenant, choice.workflow_id)
        else:
            self._look()
            self._keep()

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
        try:
            choices = await self._reading.workflows()
            if self._like is not None:
                taken = await self._reading.input_of(self._like)
                self._chosen = taken.source.workflow_id
                self._open(taken.content, taken.source)
        except RundeskError as error:
            self.dialog.show_load_problem(error_text(error), error_details(error))
            return
        self._like = None
        self._change(choices=choices)
        self.dialog.show_workflows(choices, self._chosen)

    def _choose(self, workflow_id: object) -> None:
        choices = self._draft.choices or ()
        choice = next((choice for choice in choices if choice.workflow_id == workflow_id), None)
        if choice is None or choice == self._draft.choice:
            self._change(choice=choice)
            return
        self._look()
        self._keep()
        self._chosen = choice.workflow_id
        keeps_payload = self._draft.choice is None or self._draft.source is not None
        self._change(choice=choice, version=None, form=None, verdict=None, restored=None)
        self.dialog.show_form(self._draft)
        if not keeps_payload:
            self._open(EMPTY, None)
        self._spawn("read what the workflow takes", self._prepare(choice, None, restores=True))

    def _choose_version(self, version: int | None) -> None:
        choice = self._draft.choice
        if choice is not None and version != self._draft.version:
            self._change(version=version, verdict=None)
            self._spawn("read what the version takes", self._prepare(choice, version, restores=False))

    async def _prepare(self, choice: WorkflowChoice, version: int | None, *, restores: bool) -> None:
        """Read form and draft; a draft never replaces what is typed already or another run's input."""
        try:
            form = await self._reading.form(choice.workflow_id, version)
        except RundeskError as error:
            self.dialog.show_error(error_text(error), error_details(error))
            return
        if choice != self._draft.choice or version != self._draft.version:
            return
        self._change(form=form)
        self.dialog.show_form(self._draft)
        self._check()
        if restores and not self._draft.touched and self._draft.source is None:
            await self._restore(choice)

    async def _restore(self, choice: WorkflowChoice) -> None:
        try:
            draft = await self._reading.draft(choice.workflow_id)
        except RundeskError as error:
            self._context.notify.warning(error_text(error))
            return
        if draft is None or choice != self._draft.choice or self._draft.touched:
            return
        if draft.content is None:
            self._context.notify.warning(
                translate("Start", "A draft could not be restored: the input that it changes is another one by now.")
            )
            return
        version = draft.kept.version
        self._open(draft.content, draft.source, restored=draft.kept, version=version)
        if version is not None:
            await self._prepare(choice, version, restores=False)

    async def _take_newest(self) -> None:
        choice = self._draft.choice
        if choice is None:
            return
        try:
            taken = await self._reading.newest_input(choice.workflow_id)
        except RundeskError as error:
            self.dialog.show_error(error_text(error), error_details(error))
            return
        if taken is None:
            text = translate("Start", "This workflow has no run yet, so there is nothing to take.")
            self._context.notify.info(text)
        elif choice == self._draft.choice:
            self._open(taken.content, taken.source)

    def _take_example(self) -> None:
        form = None if self._draft.form is None else self._draft.form.form
        if form is not None and form.example is not None:
            self._open(ChippedText(json_text.dump(form.example, indent=2)), None)

    def _discard(self) -> None:
        tenant, choice = self._context.tenant, self._draft.choice
        if tenant is not None and choice is not None:
            self._keeper.discard(tenant, choice.workflow_id)
        self._open(EMPTY, None)

    def _open(self, content: ChippedText, source: ReplaySource | None, **changes: Any) -> None:
        """Put another payload into the dialog; what it was opened with counts as untouched."""
        opened = {"content": content, "opened": content, "source": source, "verdict": None, "restored": None}
        self._change(**(opened | changes))
        self.dialog.show_payload(self._draft, content)
        self._check()

    def _look(self) -> None:
        """Take the payload as it is in the dialog, also when nothing was judged yet."""
        try:
            content = self.dialog.panel.content()
        except BrokenFold:
            return
        if content != self._draft.content:
            self._draft = replace(self._draft, content=content, verdict=None)

    def _check(self) -> None:
        """Judge the payload as it is now, at once when it is small, else off the UI thread."""
        self._debounce.stop()
        self._generation += 1
        try:
            content = self.dialog.panel.content()
        except BrokenFold as broken:
            message = translate("Start", "A folded text was changed in part. Undo that, or replace it whole.")
            self._change(problem=TextProblem(message, broken.line, unreadable=True), verdict=None)
            return
        source = self._draft.source
        if len(content.text) <= BACKGROUND_CHARACTERS:
            self._judged(content, problem_of(content, source, self._words()))
        else:
            self._spawn("judge payload", self._judge_in_background(content, source, self._generation))

    async def _judge_in_background(self, content: ChippedText, source: ReplaySource | None, generation: int) -> None:
        words = self._words()

        async def judge() -> TextProblem | None:
            return await asyncio.to_thread(problem_of, content, source, words)

        problem = await self._context.bridge.call(judge)
        if generation == self._generation:
            self._judged(content, problem)

    def _judged(self, content: ChippedText, problem: TextProblem | None) -> None:
        changed = content != self._draft.content
        self._change(content=content, problem=problem, **({"verdict": None} if changed or problem else {}))
        if self._draft.touched:
            self._keeping.start()
        command = None if problem is not None else self._command_now()
        if command is not None and self._draft.form is not None:
            self._spawn("check payload against its schema", self._check_schema(command, self._generation))

    async def _check_schema(self, command: StartCommand, generation: int) -> None:
        try:
            verdict: PayloadVerdict | None = await self._context.bridge.call(
                lambda: self._context.console.start.check(command)
            )
        except RundeskError:
            verdict = None  # the start checks again, and says then what is wrong
        if generation == self._generation:
            self._change(verdict=verdict)

    def _keep(self) -> None:
        tenant, choice, source = self._context.tenant, self._draft.choice, self._draft.source
        if tenant is None or choice is None or not self._draft.touched:
            return
        if source is None or source.workflow_id == choice.workflow_id:
            self._keeper.keep(tenant, choice.workflow_id, self._draft)

    def _words(self) -> ProblemWords:
        return ProblemWords(
            translate("Start", "The payload of a run must be a JSON object, in braces."),
            translate("Start", "A placeholder stands for a masked value elsewhere. Type the real value."),
            translate("Start", "That run's input is damaged at {paths}. Type the real value there."),
        )

    def _confirm(self) -> None:
        if self._debounce.isActive():
            self._check()
        if self._draft.blocker() is not None:
            return
        command = self._command()
        if command is not None:
            self._change(sending=True)
            self._spawn(f"start {command.request_id}", self._send(command))

    def _command_now(self) -> StartCommand | None:
        """Return what would be sent now, also by somebody who may not."""
        tenant, operator = self._context.tenant, self._context.operator
        choice, source = self._draft.choice, self._draft.source
        if tenant is None or operator is None or choice is None:
            return None
        edit = self._draft.content
        return StartCommand(
            tenant=tenant,
            workflow_id=choice.workflow_id,
            payload_text=None if self._draft.empty or source is not None else edit.text,
            operator=operator,
            request_id=self._request_id,
            workflow_version=self._draft.version,
            like=None if source is None else InputOfRun(source.key, edit, source.input_hash),
        )

    def _command(self) -> StartCommand | None:
        command = self._command_now()
        if command is None:
            return None
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
            if isinstance(error, InvalidInput):
                self._check()
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
