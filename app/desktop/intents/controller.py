"""Looks for unfinished acts when the window opens, tells what became of them, and completes them on a word."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QWidget

from app.desktop.intents.view import IntentsDialog
from app.desktop.intents.words import IntentWords
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_details, error_text
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError
from app.domain.intent import IntentFinding
from app.domain.operator import Operator
from app.domain.run import RunKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class IntentsController:
    """One window's way to unfinished acts; carries out ``intents.show``.

    Args:
        context: The desktop's surroundings.
        parent: The window.
    """

    def __init__(self, context: DesktopContext, parent: QWidget) -> None:
        self._context = context
        self._parent = parent
        self._words = IntentWords(parent)
        self._dialog: IntentsDialog | None = None
        self._findings: tuple[IntentFinding, ...] = ()
        context.commands.bind("intents.show", self.show)

    def look(self) -> None:
        """Ask what an earlier session left unfinished, and say so if anything."""
        self._context.tasks.spawn("look for unfinished actions", self._look_and_tell())

    def show(self) -> None:
        """Open the dialog."""
        if self._dialog is None:
            self._context.tasks.spawn("unfinished actions", self._show())

    async def _look_and_tell(self) -> None:
        try:
            findings = await self._found()
        except RundeskError as error:
            self._context.notify.failure(error)
            return
        settled = tuple(finding for finding in findings if finding.is_settled)
        left = tuple(finding for finding in findings if not finding.is_settled)
        if settled:
            self._context.notify.info(self._words.completed(settled), self._lines(settled))
        if left:
            self._context.notify.warning(self._words.summary(left), self._lines(left), left[0].intent.key)

    async def _show(self) -> None:
        dialog = self._dialog = IntentsDialog(self._parent)
        dialog.act_wanted.connect(self._carry_out)
        dialog.run_wanted.connect(self._open)
        dialog.look_wanted.connect(lambda: self._spawn(self._look_again))
        self._spawn(self._look_again)
        try:
            await show_dialog(dialog)
        finally:
            self._dialog = None
            dialog.deleteLater()

    async def _look_again(self) -> None:
        self._render(await self._found())

    def _carry_out(self, request_id: UUID) -> None:
        operator = self._context.operator
        if operator is not None:
            self._spawn(lambda: self._complete(request_id, operator))

    async def _complete(self, request_id: UUID, operator: Operator) -> None:
        done: IntentFinding = await self._context.bridge.call(
            lambda: self._context.console.intents.carry_out(request_id, operator)
        )
        others = tuple(finding for finding in self._findings if finding.intent.request_id != request_id)
        self._render((*others, done))
        self._context.commands.action("runs.refresh").trigger()

    def _spawn(self, act: Callable[[], Awaitable[None]]) -> None:
        self._context.tasks.spawn("unfinished actions: ask", self._guarded(act))

    async def _guarded(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do something for the dialog; what fails is said in it."""
        dialog = self._dialog
        if dialog is None:
            return
        dialog.show_busy(busy=True)
        try:
            await act()
        except RundeskError as error:
            if self._dialog is dialog:
                dialog.show_error(error_text(error), error_details(error))
        finally:
            if self._dialog is dialog:
                dialog.show_busy(busy=False)

    async def _found(self) -> tuple[IntentFinding, ...]:
        findings: tuple[IntentFinding, ...] = await self._context.bridge.call(self._context.console.intents.look)
        return findings

    def _render(self, findings: tuple[IntentFinding, ...]) -> None:
        self._findings = findings
        if self._dialog is not None:
            self._dialog.show_findings(findings, self._refusal())

    def _refusal(self) -> str | None:
        if self._context.operator is not None:
            return None
        return self._context.operator_problem or translate(
            "Intents", "Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator."
        )

    def _open(self, key: RunKey) -> None:
        if self._dialog is not None:
            self._dialog.accept()
        self._context.navigate.open_run(key)

    def _lines(self, findings: tuple[IntentFinding, ...]) -> str:
        return "\n".join(f"{self._words.title(one)}: {self._words.became(one)}" for one in findings)
