"""Opens the environment check and makes the checks when it is asked to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.bridge import SpawnedTask
from app.desktop.health.view import HealthDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_text
from app.domain.errors import RundeskError
from app.services.doctor import HealthReport


class HealthController:
    """The environment check of one window.

    Args:
        context: The desktop's surroundings.
        window: What the dialog is in front of.
    """

    def __init__(self, context: DesktopContext, window: Callable[[], QWidget]) -> None:
        self._context = context
        self._window = window
        self._checking: SpawnedTask | None = None
        self.dialog: HealthDialog | None = None
        context.commands.bind("health.show", self.show)

    def show(self) -> None:
        """Open the dialog unless it is open."""
        if self.dialog is None:
            self.dialog = HealthDialog(self._context.theme, self._window())
            self.dialog.refresh_wanted.connect(self._check)
            self._context.tasks.spawn("environment check", self._until_closed(self.dialog))

    async def _until_closed(self, dialog: HealthDialog) -> None:
        self._check()
        try:
            await show_dialog(dialog)
        finally:
            self.dialog = None
            if self._checking is not None:
                self._checking.cancel()
            dialog.deleteLater()

    def _check(self) -> None:
        dialog = self.dialog
        if dialog is not None and (self._checking is None or self._checking.done()):
            dialog.show_checking()
            self._checking = self._context.tasks.spawn("make the checks", self._examine(dialog))

    async def _examine(self, dialog: HealthDialog) -> None:
        try:
            report: HealthReport = await self._context.bridge.call(self._context.console.doctor.examine)
        except RundeskError as error:
            dialog.show_problem(error_text(error))
        else:
            dialog.show_report(report)
