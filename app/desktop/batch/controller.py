"""What happens with many runs: from the selection over the plan to the last outcome."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from app.desktop.batch.closing_dialog import ClosingDialog
from app.desktop.batch.compose_controller import ComposeController
from app.desktop.batch.desk import BatchDesk
from app.desktop.batch.export import LedgerExport
from app.desktop.batch.follower import LedgerFollower
from app.desktop.batch.permissions import BatchPermissions
from app.desktop.batch.unfinished_banner import UnfinishedBanner
from app.desktop.batch.view import BatchesView
from app.desktop.batch.words import end_text, standstill_text, wish_text
from app.desktop.runs.selection import RunSelection
from app.desktop.shell.context import DesktopContext, LedgerFormat
from app.desktop.shell.dialogs import show_dialog
from app.desktop.shell.error_text import error_details, error_text
from app.desktop.shell.words import translate
from app.domain.batch import BatchAction, BatchOrder, BatchScope, BatchSettings
from app.domain.batch_ledger import BatchLedger, BatchProgress, BatchState
from app.domain.errors import RundeskError
from app.domain.run import RunKey


class BatchController(QObject):
    """Joins selection, batch pages and services.

    Signals: ``page_wanted`` asks the window to show the batches, ``run_wanted`` carries the key of a run to look at,
    ``close_agreed`` follows the question whether to close the window while a batch runs.

    Args:
        context: The desktop's surroundings.
        view: The batches' pages.
        selection: What is chosen in the run list.
        parent: The window.
    """

    page_wanted = Signal()
    run_wanted = Signal(object)
    close_agreed = Signal()

    def __init__(self, context: DesktopContext, view: BatchesView, selection: RunSelection, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._view = view
        self._selection = selection
        self._window = parent
        self._composing: ComposeController | None = None
        self._asked_for: UUID | None = None
        self._banner: UnfinishedBanner | None = None
        self._waved_off: set[UUID] = set()
        self._closing: ClosingDialog | None = None
        self._abort_asked: UUID | None = None
        self._stopped = False
        self.desk = BatchDesk(context, self)
        self._follower = LedgerFollower(context, self.desk, self._show_ledger, self._unread)
        self._permissions = BatchPermissions(context, self.desk, selection, view.page)
        self.export = LedgerExport(context, parent)
        self._connect()
        self.allow_actions()

    def start(self) -> None:
        """Read which batches there are."""
        self.desk.load()

    def stop(self) -> None:
        """Stop listening; the tasks are ended by the supervisor."""
        self._stopped = True
        self._follower.stop()
        self.desk.stop()

    def watch_banner(self, banner: UnfinishedBanner) -> None:
        """Let a banner speak of the batches that stood still when the window was opened."""
        self._banner = banner
        banner.resume_wanted.connect(self.resume)
        banner.show_wanted.connect(self.show_batch)
        banner.abort_wanted.connect(self._show_to_abort)
        banner.closed.connect(self._wave_off)

    def may_close(self) -> bool:
        """Say whether the window may close now; else ask, and emit ``close_agreed`` when the operator agrees."""
        if not self.desk.running or self._closing is not None:
            return True
        self._closing = ClosingDialog(self._context.theme, self.desk.running, self._window)
        self._context.tasks.spawn("ask before closing", self._ask_to_close(self._closing))
        return False

    def change_tenant(self) -> None:
        """Show another tenant's batches."""
        self._show_list()
        self.desk.forget()
        self.desk.load()
        self.allow_actions()

    def show_batches(self) -> None:
        """Show the list of batches."""
        self._show_list()
        self.desk.load()
        self.page_wanted.emit()

    def show_batch(self, batch_id: UUID) -> None:
        """Show one batch."""
        self._asked_for = batch_id
        self._follower.follow(batch_id)
        self.page_wanted.emit()

    def allow_actions(self) -> None:
        """Enable what can be done now, and say why not where it cannot."""
        self._permissions.apply(self._page_batch())

    def retranslate(self) -> None:
        """Put reasons into the current language."""
        self.allow_actions()
        self._show_progress()

    def _connect(self) -> None:
        commands, desk, page = self._context.commands, self.desk, self._view.page
        for command_id, act in {
            "batch.show": self.show_batches,
            "batch.select_all": self._selection.choose_all_matching,
            "batch.clear": self._selection.clear,
            "batch.replay": lambda: self._compose_selection(BatchAction.REPLAY),
            "batch.cancel": lambda: self._compose_selection(BatchAction.CANCEL),
            "batch.start": self._start,
            "batch.resume": self._resume,
            "batch.pause": self._pause,
            "batch.abort": page.footer.ask,
            "batch.replan": self._replan,
            "batch.export": self._choose_export,
        }.items():
            commands.bind(command_id, act)
        self._selection.changed.connect(self.allow_actions)
        self._view.overview.batch_chosen.connect(self.show_batch)
        page.back_wanted.connect(self.show_batches)
        page.run_wanted.connect(self._show_run)
        page.problem.moved_confirmed.connect(lambda: self._run(page.settings, moved=True))
        page.choice_changed.connect(self.allow_actions)
        page.footer.abort_confirmed.connect(self._abort)
        desk.known_changed.connect(self._known_changed)
        desk.ended.connect(self._ended)
        desk.failed.connect(self._failed)
        desk.unreadable.connect(self._unreadable)

    # What is shown.

    def _show_run(self, run_id: UUID) -> None:
        ledger = self._view.page.ledger
        if ledger is not None:
            self.run_wanted.emit(RunKey(ledger.plan.order.scope.tenant, run_id))

    def _show_list(self) -> None:
        self._asked_for = None
        self._follower.stop()
        self._view.setCurrentWidget(self._view.overview)
        self.allow_actions()

    def _show_ledger(self, ledger: BatchLedger) -> None:
        if ledger.plan.order.batch_id != self._asked_for:
            return
        self._view.page.show_ledger(ledger)
        if self._view.currentWidget() is not self._view.page:
            self._view.setCurrentWidget(self._view.page)
            self._view.page.table.setFocus()
        self._show_progress()
        if self._abort_asked == self._asked_for:
            self._abort_asked = None
            self._view.page.footer.ask()
        self.allow_actions()

    def _show_progress(self) -> None:
        batch = self._page_batch()
        if batch is not None:
            self._view.page.show_progress(batch, wish_text(self.desk.wish(batch.batch_id)))

    def _known_changed(self) -> None:
        if self.desk.loaded:
            self._view.overview.show_batches(self.desk.known)
        self._show_progress()
        self._show_banner()
        self.allow_actions()

    def _show_banner(self) -> None:
        if self._banner is not None:
            shown = [batch for batch in self.desk.unfinished if batch.batch_id not in self._waved_off]
            self._banner.show_batches(shown, self._permissions.right())

    def _wave_off(self, batch_id: UUID) -> None:
        self._waved_off.add(batch_id)
        self._show_banner()

    def _show_to_abort(self, batch_id: UUID) -> None:
        """Show a batch and ask whether it is to end; nothing is ended from a banner alone."""
        self.show_batch(batch_id)
        self._abort_asked = batch_id

    async def _ask_to_close(self, dialog: ClosingDialog) -> None:
        try:
            agreed = await show_dialog(dialog) == QDialog.DialogCode.Accepted
        finally:
            self._closing = None
            dialog.deleteLater()
        if agreed:
            self.close_agreed.emit()

    def _page_batch(self) -> BatchProgress | None:
        """Return how the batch on the page stands, None while no page of a batch is shown."""
        page_id = self._view.page.batch_id
        return None if page_id is None or page_id != self._asked_for else self.desk.batch(page_id)

    def _unread(self, error: RundeskError) -> None:
        self._view.page.problem.show_problem(error_text(error), error_details(error), may_have_moved=False)
        if self._view.page.batch_id != self._asked_for:  # nothing of this batch was ever read
            self._view.overview.show_failure(error_text(error))

    def _unreadable(self, error: RundeskError) -> None:
        self._view.overview.show_failure(error_text(error))

    # What is done.

    def _compose_selection(self, action: BatchAction) -> None:
        tenant = self._context.tenant
        if tenant is not None:
            self._compose(self._selection.scope(tenant), action, self._selection.count, None)

    def _replan(self) -> None:
        ledger = self._view.page.ledger
        if ledger is not None:
            order = ledger.plan.order
            runs = None if order.scope.run_ids is None else len(order.scope.run_ids)
            self._compose(order.scope, order.action, runs, order)

    def _compose(self, scope: BatchScope, action: BatchAction, runs: int | None, earlier: BatchOrder | None) -> None:
        if self._composing is None:
            self._composing = ComposeController(self._context, scope, action, runs, self._window)
            if earlier is not None:
                self._composing.begin_with(earlier)
            self._context.tasks.spawn("describe batch", self._composed(self._composing, earlier))

    async def _composed(self, composing: ComposeController, earlier: BatchOrder | None) -> None:
        try:
            plan = await composing.compose()
        finally:
            self._composing = None
        if plan is None:
            return
        replaced = None if earlier is None else self.desk.batch(earlier.batch_id)
        if replaced is not None and replaced.state is BatchState.PLANNED:
            self.desk.abort(replaced.batch_id)
        self.show_batch(plan.order.batch_id)

    def _start(self) -> None:
        self._run(self._view.page.settings)

    def _resume(self) -> None:
        self._run(self._view.page.settings)

    def resume(self, batch_id: UUID) -> None:
        """Go on with a batch as it was set, and show it."""
        self._waved_off.add(batch_id)
        self.show_batch(batch_id)
        self.desk.run(batch_id, None)

    def _run(self, settings: BatchSettings, *, moved: bool = False) -> None:
        batch = self._page_batch()
        if batch is not None:
            self._waved_off.add(batch.batch_id)
            self._view.page.problem.hide()
            self.desk.run(batch.batch_id, settings, moved=moved)

    def _pause(self) -> None:
        batch = self._page_batch()
        if batch is not None:
            self.desk.pause(batch.batch_id)

    def _abort(self) -> None:
        batch = self._page_batch()
        if batch is not None:
            self.desk.abort(batch.batch_id)

    def _choose_export(self) -> None:
        """Offer the formats of a ledger above the button."""
        menu = QMenu(self._window)
        menu.setObjectName("batch.export.menu")
        for ledger_format, text in _formats().items():
            action = menu.addAction(text)
            action.setObjectName(f"batch.export.{ledger_format}")
            action.triggered.connect(lambda _on=False, chosen=ledger_format: self.save_ledger(chosen))
        menu.aboutToHide.connect(menu.deleteLater)
        button = self._view.page.footer.export
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 2)))

    def save_ledger(self, ledger_format: LedgerFormat) -> None:
        """Save the ledger of the batch shown."""
        batch = self._page_batch()
        if batch is not None:
            saving = self.export.export(batch.batch_id, batch.name, ledger_format)
            self._context.tasks.spawn("save ledger", saving)

    def _ended(self, progress: BatchProgress) -> None:
        """Tell how a session ended; the list of runs reads what has come of it."""
        if self._stopped:
            return
        on_screen = self._view.isVisible() and progress.batch_id == self._asked_for
        if not on_screen and progress.state is BatchState.FINISHED and not progress.bad:
            self._context.notify.success(end_text(progress))
        elif not on_screen and progress.state in (BatchState.FINISHED, BatchState.STOPPED):
            self._context.notify.warning(end_text(progress), standstill_text(progress))
        self._context.commands.run("runs.refresh")

    def _failed(self, batch_id: UUID, error: RundeskError) -> None:
        if batch_id == self._asked_for:
            elsewhere = error.code == "batch.other_place"
            self._view.page.problem.show_problem(error_text(error), error_details(error), may_have_moved=elsewhere)
        else:
            self._context.notify.failure(error)
        self.desk.load()


def _formats() -> dict[LedgerFormat, str]:
    return {"csv": translate("Ledger", "Table (CSV)…"), "json": translate("Ledger", "Data (JSON)…")}
