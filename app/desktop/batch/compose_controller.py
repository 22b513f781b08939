"""Drives the dialog that describes a batch: one plan, made once, given up on demand, errors inside the dialog."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.batch.compose_dialog import ComposeDialog
from app.desktop.batch.pace_settings import usual_settings
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_details, error_text
from app.desktop.shell.words import translate
from app.domain.batch import BatchAction, BatchOrder, BatchPlan, BatchScope
from app.domain.errors import RundeskError
from app.domain.operator import Right


class ComposeController:
    """One dialog, from opening to a plan or to none.

    Args:
        context: The desktop's surroundings.
        scope: Which runs.
        action: What is to be done to each.
        runs: How many runs that are, as far as is known.
        parent: The window that is blocked meanwhile.
    """

    def __init__(
        self, context: DesktopContext, scope: BatchScope, action: BatchAction, runs: int | None, parent: QWidget
    ) -> None:
        self._context = context
        self._scope = scope
        self._action = action
        self._settings = usual_settings()
        self._task: SpawnedTask | None = None
        self._plan: BatchPlan | None = None
        self.dialog = ComposeDialog(context.theme, action, runs, parent)
        self.dialog.edited.connect(self._show)
        self.dialog.confirmed.connect(self._confirm)
        self.dialog.stop_wanted.connect(self._give_up)

    def begin_with(self, order: BatchOrder) -> None:
        """Fill the dialog with what an earlier plan of the same runs said."""
        self._settings = order.settings
        self.dialog.show_order(order)

    async def compose(self) -> BatchPlan | None:
        """Show the dialog until it closes; return the plan, or None when it was given up."""
        self._show()
        try:
            await show_dialog(self.dialog)
        finally:
            if self._task is not None:
                self._task.cancel()
            self.dialog.done(QDialog.DialogCode.Rejected)
            self.dialog.deleteLater()
        return self._plan

    def _show(self) -> None:
        self.dialog.show_state(self._context.refusal(Right.ADMIN))

    def _confirm(self) -> None:
        if self._context.operator is None or self.dialog.is_sending:
            return
        order = BatchOrder(
            batch_id=uuid4(),
            scope=self._scope,
            action=self._action,
            name=self.dialog.name.text().strip(),
            reason=self.dialog.reason.text().strip(),
            patch=self.dialog.patch.patch if self._action is BatchAction.REPLAY else (),
            settings=replace(self._settings, include=frozenset()),  # decisions are taken on the plan
        )
        self.dialog.set_planning(True)
        self._task = self._context.tasks.spawn(f"plan batch {order.batch_id}", self._make(order))

    def _give_up(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.dialog.set_planning(False)
        self._show()

    async def _make(self, order: BatchOrder) -> None:
        operator, planning = self._context.operator, self._context.console.batch_planning
        if operator is None:
            return
        try:
            plan: BatchPlan = await self._context.bridge.call(lambda: planning.plan(order, operator))
        except RundeskError as error:
            self._failed(error_text(error), error_details(error))
        except Exception:
            self._failed(translate("Compose", "Rundesk failed at this. Nothing you typed is lost."), "")
            raise
        else:
            self._plan = plan
            self.dialog.set_planning(False)
            self.dialog.done(QDialog.DialogCode.Accepted)

    def _failed(self, text: str, details: str) -> None:
        self.dialog.set_planning(False)
        self._show()
        self.dialog.show_error(text, details)
