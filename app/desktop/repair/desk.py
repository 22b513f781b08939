"""Offers the ways out of the run shown: binds their commands, says why one cannot be used, opens its dialog."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.desktop.repair.controller import RepairController
from app.desktop.repair.quota_controller import QuotaController
from app.desktop.repair.words import REPAIRS
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.words import translate
from app.domain.operator import Right
from app.domain.repair import RepairAction
from app.domain.repair_offers import offers_quota_resume, offers_repair
from app.domain.run import RunInspection, RunRow

QUOTA_COMMAND = "quota.resume"


class WayOutDesk:
    """The repairs of one window's run page.

    Args:
        context: The desktop's surroundings.
        window: What dialogs are in front of.
        done: Called when something was done, so that page and list are read again.
    """

    def __init__(self, context: DesktopContext, window: Callable[[], QWidget], done: Callable[[], None]) -> None:
        self._context = context
        self._window = window
        self._done = done
        self._inspection: RunInspection | None = None
        self._open = False
        context.commands.bind(QUOTA_COMMAND, self._resume)
        for action in RepairAction:
            context.commands.bind(command_of(action), partial(self._repair, action))

    def allow(self, inspection: RunInspection | None) -> None:
        """Enable what fits the run shown, and say why not where it does not."""
        self._inspection = inspection
        commands = self._context.commands
        for action in RepairAction:
            commands.set_allowed(command_of(action), self._refusal(action, inspection))
        commands.set_allowed(QUOTA_COMMAND, self._quota_refusal(inspection))

    def _refusal(self, action: RepairAction, inspection: RunInspection | None) -> str | None:
        if inspection is None:
            return translate("Run", "No run is shown.")
        if not offers_repair(action, inspection):
            return translate("Repair", REPAIRS[action].unfit)
        return self._no_right(inspection.run.row)

    def _quota_refusal(self, inspection: RunInspection | None) -> str | None:
        if inspection is None:
            return translate("Run", "No run is shown.")
        if not offers_quota_resume(inspection):
            return translate("Quota", "The run does not pause on the step quota.")
        return self._no_right(inspection.run.row)

    def _no_right(self, row: RunRow) -> str | None:
        if row.key.tenant is None:
            return translate("Run", "This run belongs to no tenant, so nobody has a right to act on it.")
        return self._context.refusal(Right.ADMIN)

    def _repair(self, action: RepairAction) -> None:
        row = self._row()
        if row is not None:
            controller = RepairController(self._context, action, row, self._window())
            self._show(f"dialog of {action}", controller.repair())

    def _resume(self) -> None:
        row = self._row()
        if row is not None:
            controller = QuotaController(self._context, row, self._window())
            self._show("dialog of a quota pause", controller.resume())

    def _row(self) -> RunRow | None:
        """Return the run shown unless a dialog is open already."""
        return None if self._inspection is None or self._open else self._inspection.run.row

    def _show(self, name: str, dialog: Coroutine[Any, Any, object | None]) -> None:
        self._open = True
        self._context.tasks.spawn(name, self._until_closed(dialog))

    async def _until_closed(self, dialog: Coroutine[Any, Any, object | None]) -> None:
        try:
            outcome = await dialog
        finally:
            self._open = False
        if outcome is not None:
            self._done()


def command_of(action: RepairAction) -> str:
    """Return the id of a repair's command."""
    return f"repair.{action}"
