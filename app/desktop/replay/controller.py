"""Drives the replay dialog: reads the payload, checks every edit, sends one command, lands on the new run."""

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
from app.desktop.replay.draft import BACKGROUND_CHARACTERS, Draft
from app.desktop.replay.preview_loader import PreviewLoader
from app.desktop.replay.preview_state import PreviewState
from app.desktop.replay.view import ReplayDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_details, error_text, launch_details, launch_text
from app.desktop.shell.words import translate
from app.domain.errors import RuleViolation, RundeskError
from app.domain.launching import LaunchState
from app.domain.operator import Right
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import PayloadAssessment, assess
from app.domain.run import RunRow
from app.services.replay_run import ReplayCommand, ReplayForm, ReplayOutcome

DEBOUNCE_MS = 150
"""Pause in typing after which the payload is checked."""


class ReplayController:
    """One replay dialog, from opening to its end.

    One request id serves every equal attempt until Rundesk is told for certain that nothing was started; so an attempt
    whose answer was lost can be sent again without a second run. What was changed since is a request of its own: the
    lost one, should it have been recorded, is withdrawn by the launch service.

    Args:
        context: The desktop's surroundings.
        row: The source run as the page shows it.
        parent: The window that is blocked meanwhile.
    """

    def __init__(self, context: DesktopContext, row: RunRow, parent: QWidget | None) -> None:
        self._context = context
        self._row = row
        self._request_id = uuid4()
        self._unclear: ReplayCommand | None = None
        self._generation = 0
        self._input_of: UUID | None = None
        self._tasks: list[SpawnedTask] = []
        self._outcome: ReplayOutcome | None = None
        self._draft = Draft(
            source_status=row.status,
            source_completed=row.completed_at is not None,
            refusal=context.refusal(Right.ADMIN),
        )
        self.dialog = ReplayDialog(context.theme, row, parent)
        self._debounce = QTimer(self.dialog)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(DEBOUNCE_MS)
        self._debounce.timeout.connect(self._check)
        self.dialog.payload_edited.connect(self._payload_edited)
        self.dialog.reason_edited.connect(lambda reason: self._change(reason=reason))
        self.dialog.active_confirmation_typed.connect(lambda typed: self._change(active_typed=typed))
        self.dialog.load_requested.connect(self._load)
        self.dialog.ancestor_wanted.connect(self._use_ancestor)
        self.dialog.damage_confirmation_typed.connect(lambda typed: self._change(damage_typed=typed))
        self.dialog.confirmed.connect(self._confirm)
        self._preview = PreviewLoader(context, row.key, row.workflow_id, self._spawn, self._preview_changed)
        self.dialog.preview.version_chosen.connect(self._preview.choose)
        self.dialog.preview.read_again_requested.connect(self._preview.read_again)

    async def replay(self) -> ReplayOutcome | None:
        """Show the dialog until it closes; return the launched replay, or None when it was given up."""
        self._change()
        self._load()
        self._preview.begin()
        try:
            await show_dialog(self.dialog)
        finally:
            self._debounce.stop()
            for task in self._tasks:
                task.cancel()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._outcome

    def source_changed(self, row: RunRow) -> None:
        """Take the source run's newest state: it may have ended meanwhile."""
        if row.key == self._row.key:
            self._change(source_status=row.status, source_completed=row.completed_at is not None)

    def _change(self, **changes: Any) -> None:
        self._draft = replace(self._draft, **changes)
        self.dialog.show_draft(self._draft)
        if "assessment" in changes:
            self._check_schema()

    def _preview_changed(self, state: PreviewState) -> None:
        self._change(preview=state)

    def _check_schema(self) -> None:
        """Have the payload as it is now checked against the schema, once it is known that it can be sent at all."""
        form, assessment = self._draft.form, self._draft.assessment
        if form is None or assessment is None or assessment.problems:
            self._preview.forget_check()
        else:
            self._preview.check(form.source, assessment.patch if self._draft.edited else ())

    def _spawn(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(self._context.tasks.spawn(f"{name} {self._row.key.run_id}", coroutine))

    def _use_ancestor(self, wanted: bool) -> None:
        """Open the input of the whole ancestor, or the run's own again."""
        source = None if self._draft.form is None else self._draft.form.source
        self._input_of = source.whole_ancestor if wanted and source is not None else None
        self._load()

    def _load(self) -> None:
        self.dialog.show_loading()
        self._spawn("read replay payload", self._read())

    async def _read(self) -> None:
        try:
            form: ReplayForm = await self._context.bridge.call(
                lambda: self._context.console.replay.prepare(self._row.key, self._input_of)
            )
        except RundeskError as error:
            self.dialog.show_load_problem(error_text(error), error_details(error))
            return
        self._generation += 1
        self._change(
            form=form,
            assessment=None,
            source_status=form.source.status,
            source_completed=form.source.completed,
        )
        self.dialog.show_payload(form)

    def _payload_edited(self) -> None:
        self._generation += 1
        if self._draft.assessment is None:
            self._check()
        else:
            self._debounce.start()

    def _check(self) -> None:
        """Judge the text as it is now, at once when it is small, else off the UI thread."""
        self._debounce.stop()
        form = self._draft.form
        if form is None:
            return
        try:
            edit = self.dialog.payload.chipped_text()
        except BrokenFold as broken:
            self._change(assessment=None, broken_fold_line=broken.line)
            return
        if len(edit.text) <= BACKGROUND_CHARACTERS or edit == form.content:
            self._change(assessment=_judged(form, edit), broken_fold_line=None)
            return
        self._change(assessment=None, broken_fold_line=None)
        self._spawn("check payload", self._check_in_background(form, edit, self._generation))

    async def _check_in_background(self, form: ReplayForm, edit: ChippedText, generation: int) -> None:
        async def judge() -> PayloadAssessment:
            return await asyncio.to_thread(_judged, form, edit)

        assessment = await self._context.bridge.call(judge)
        if generation == self._generation:
            self._change(assessment=assessment)

    def _confirm(self) -> None:
        if self._debounce.isActive():
            self._check()
        if self._draft.blocker() is not None:
            return
        command = self._command()
        if command is not None:
            self._change(sending=True)
            self._spawn("replay", self._send(command))

    def _command(self) -> ReplayCommand | None:
        operator, form = self._context.operator, self._draft.form
        if operator is None or form is None:
            return None
        command = ReplayCommand(
            source=self._row.key,
            reason=self._draft.reason.strip(),
            operator=operator,
            request_id=self._request_id,
            edit=self.dialog.payload.chipped_text() if self._draft.edited else None,
            expected_hash=form.source.input_hash,
            workflow_version=self._draft.preview.chosen_version,
            accepts=self._draft.accepts,
            input_of=form.source.input_of,
        )
        if self._unclear not in {None, command}:
            # An equal request would continue the attempt whose answer was lost, with the payload of then.
            self._request_id = uuid4()
            command = replace(command, request_id=self._request_id)
        self._unclear = command
        return command

    async def _send(self, command: ReplayCommand) -> None:
        try:
            outcome: ReplayOutcome = await self._context.bridge.call(
                lambda: self._context.console.replay.replay(command)
            )
        except RundeskError as error:
            self._failed(error_text(error), error_details(error), definite=isinstance(error, RuleViolation))
        except Exception:
            self._failed(
                translate("Replay", "Rundesk failed at this. Nothing you typed is lost."),
                "",
                definite=False,
            )
            raise
        else:
            self._answered(outcome)

    def _failed(self, text: str, details: str, *, definite: bool) -> None:
        if definite:
            self._request_id, self._unclear = uuid4(), None
        self._change(sending=False)
        self.dialog.show_error(text, details)

    def _answered(self, outcome: ReplayOutcome) -> None:
        launch = outcome.launch
        if launch.state is LaunchState.FAILED:
            text = translate("Replay", "Temporal refused to start the new run, so nothing runs.")
            self._failed(launch_text(launch) or text, launch_details(launch), definite=True)
            return
        self._outcome = outcome
        short = str(launch.run.run_id)[:8]
        if launch.state is LaunchState.UNCONFIRMED:
            text = translate("Replay", "Replay {run} is recorded, but Temporal has not confirmed it yet.").format(
                run=short
            )
            self._context.notify.warning(text, launch_text(launch), launch.run)
        elif outcome.payload == "edited":
            self._context.notify.success(
                translate("Replay", "Replay {run} started with your changes.").format(run=short)
            )
        else:
            self._context.notify.success(
                translate("Replay", "Replay {run} started with the original payload.").format(run=short)
            )
        self.dialog.done(QDialog.DialogCode.Accepted)
        self._context.navigate.open_run(launch.run)


def _judged(form: ReplayForm, edit: ChippedText) -> PayloadAssessment:
    source = form.source
    return assess(source.redacted, edit, opened=form.content, damaged=source.damaged_paths, policy=source.policy)
