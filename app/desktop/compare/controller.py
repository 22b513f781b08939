"""Drives the comparison of two runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.bridge import SpawnedTask
from app.desktop.compare.chooser import CompareChooser, Partner
from app.desktop.compare.view import ComparePage
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_text
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError
from app.domain.run import RunInspection, RunKey
from app.domain.run_comparison import RunComparison


class CompareController(QObject):
    """Joins the page with the service. ``page_wanted`` and ``left`` ask the window to show it, and the list again.

    Args:
        context: The desktop's surroundings.
        page: What shows the comparison.
        window: What the dialog is in front of.
        parent: The owning object.
    """

    page_wanted = Signal()
    left = Signal()

    def __init__(
        self, context: DesktopContext, page: ComparePage, window: Callable[[], QWidget], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._page = page
        self._window = window
        self._inspection: RunInspection | None = None
        self._pair: tuple[RunKey, RunKey | None] | None = None
        self._reading: SpawnedTask | None = None
        self.dialog: CompareChooser | None = None
        bind = context.commands.bind
        bind("run.compare", self.choose)
        bind("compare.next", lambda: page.step_differences(1))
        bind("compare.previous", lambda: page.step_differences(-1))
        bind("compare.swap", self.swap)
        bind("compare.close", self.left.emit)
        self._allow()

    @property
    def pair(self) -> tuple[RunKey, RunKey] | None:
        """The runs that are compared, once they are known."""
        comparison = self._page.comparison
        return None if comparison is None else (comparison.rows[0].key, comparison.rows[1].key)

    def run_shown(self, inspection: RunInspection | None) -> None:
        """Take over which run the run page shows."""
        self._inspection = inspection
        self._allow()

    def choose(self) -> None:
        """Ask which run to compare with, unless that is being asked."""
        inspection = self._inspection
        if inspection is not None and self.dialog is None:
            self.dialog = CompareChooser(self._context.theme, inspection, self._window())
            self.dialog.confirmed.connect(lambda: self._chosen(inspection))
            self._context.tasks.spawn("choose comparison", self._until_closed(self.dialog))

    def compare(self, first: RunKey, second: RunKey | None) -> None:
        """Compare two runs; None is the last success of the first one's workflow."""
        self.forget()
        self._pair = first, second
        self._page.show_loading()
        self.page_wanted.emit()
        self._allow()
        self._reading = self._context.tasks.spawn("compare runs", self._compare(first, second))

    def swap(self) -> None:
        """Compare the other way round."""
        if (pair := self.pair) is not None:
            self.compare(pair[1], pair[0])

    def forget(self) -> None:
        """Read nothing more, for instance because another tenant is chosen."""
        if self._reading is not None:
            self._reading.cancel()

    async def _until_closed(self, dialog: CompareChooser) -> None:
        try:
            await show_dialog(dialog)
        finally:
            self.dialog = None
            dialog.deleteLater()

    def _chosen(self, inspection: RunInspection) -> None:
        dialog, key = self.dialog, inspection.run.row.key
        if dialog is None:
            return
        source = inspection.run.row.replay_of
        if dialog.partner is Partner.SOURCE and source is not None:
            first, second = RunKey(key.tenant, source), key
        elif dialog.partner is Partner.REPLAY:
            first, second = key, RunKey(key.tenant, inspection.run.replays[-1].run_id)
        elif dialog.partner is Partner.OTHER and dialog.other_id is not None:
            first, second = key, RunKey(key.tenant, dialog.other_id)
        else:
            dialog.accept()
            self.compare(key, None)
            return
        dialog.accept()
        self.compare(first, second)

    async def _compare(self, first: RunKey, second: RunKey | None) -> None:
        compare, viewer = self._context.console.compare, self._context.operator

        async def read() -> RunComparison:
            other = await compare.last_success(first) if second is None else second
            return await compare.compare(first, other, viewer)

        try:
            comparison = await self._context.bridge.call(read)
        except RundeskError as error:
            self._page.show_failure(error_text(error))
        else:
            self._page.show_comparison(comparison)
        self._allow()

    def _allow(self) -> None:
        allow = self._context.commands.set_allowed
        allow("run.compare", None if self._inspection is not None else translate("Run", "No run is shown."))
        none = None if self._page.comparison is not None else translate("Compare", "No two runs are compared now.")
        for command in ("compare.next", "compare.previous", "compare.swap", "case.add_comparison"):
            allow(command, none)
