"""What can be done with many runs now, and the sentence that says why where it cannot."""

from __future__ import annotations

from app.desktop.batch.desk import UNFINISHED_STATES, BatchDesk
from app.desktop.batch.page import BatchPage
from app.desktop.batch.words import wish_text
from app.desktop.runs.selection import RunSelection
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.words import translate
from app.domain.batch_ledger import ENDED_STATES, BatchProgress, BatchState
from app.domain.operator import Right


class BatchPermissions:
    """Judges every command on many runs.

    Args:
        context: Who acts.
        desk: How batches stand.
        selection: What is chosen in the run list.
        page: The page of one batch, with the decisions that are ticked on it.
    """

    def __init__(self, context: DesktopContext, desk: BatchDesk, selection: RunSelection, page: BatchPage) -> None:
        self._context = context
        self._desk = desk
        self._selection = selection
        self._page = page

    def apply(self, batch: BatchProgress | None) -> None:
        """Enable the commands for the selection and for the batch shown, None when none is."""
        for command_id, reason in {
            "batch.select_all": self._refusal_of_select_all(),
            "batch.clear": None if self._selection.count else translate("Batch", "No run is selected."),
            "batch.replay": self._refusal_of_selection(),
            "batch.cancel": self._refusal_of_cancel(),
            "batch.start": self._refusal_of_start(batch),
            "batch.pause": self._refusal_of_pause(batch),
            "batch.resume": self._refusal_of_resume(batch),
            "batch.abort": self._refusal_of_abort(batch),
            "batch.replan": self._refusal_of_replan(batch),
            "batch.export": self._refusal_of_export(batch),
        }.items():
            self._context.commands.set_allowed(command_id, reason)

    def right(self) -> str | None:
        """Return why the operator may not act on many runs, or None when they may."""
        if self._context.tenant is None:
            return translate("Batch", "These runs belong to no tenant, so nobody has a right to act on them.")
        return self._context.refusal(Right.ADMIN)

    def _refusal_of_select_all(self) -> str | None:
        if not self._selection.matching:
            return translate("Batch", "No run matches.")
        if self._selection.all_matching:
            return translate("Batch", "All that match are selected already.")
        return None

    def _refusal_of_selection(self) -> str | None:
        if not self._selection.count:
            return translate("Batch", "Select runs in the list first: Ctrl or Shift with a click, or Ctrl+A.")
        return self.right()

    def _refusal_of_cancel(self) -> str | None:
        if self._selection.only_ended:
            return translate("Batch", "All of these runs have ended, so there is nothing to cancel.")
        return self._refusal_of_selection()

    def _refusal_of_start(self, batch: BatchProgress | None) -> str | None:
        if batch is None or batch.state is not BatchState.PLANNED:
            return translate("Batch", "No plan is shown.")
        if self._desk.runs_here(batch.batch_id):
            return translate("Batch", "It is being started.")
        if not self._page.chosen:
            return translate("Batch", "No run of this plan is eligible, and no decision is accepted.")
        return self.right()

    def _refusal_of_pause(self, batch: BatchProgress | None) -> str | None:
        if batch is None or batch.state is not BatchState.RUNNING:
            return translate("Batch", "No running batch is shown.")
        return None if self._desk.wish(batch.batch_id) is None else wish_text(self._desk.wish(batch.batch_id))

    def _refusal_of_resume(self, batch: BatchProgress | None) -> str | None:
        if batch is None or batch.state not in UNFINISHED_STATES:
            return translate("Batch", "No batch that stands still is shown.")
        if self._desk.runs_here(batch.batch_id):
            return translate("Batch", "It is being taken up.")
        return self.right()

    def _refusal_of_abort(self, batch: BatchProgress | None) -> str | None:
        if batch is None or batch.state in ENDED_STATES:
            return translate("Batch", "No batch that could be ended is shown.")
        if self._desk.wish(batch.batch_id) is BatchState.ABORTED:
            return wish_text(self._desk.wish(batch.batch_id))
        return self.right()

    def _refusal_of_replan(self, batch: BatchProgress | None) -> str | None:
        if batch is None or (batch.state is not BatchState.PLANNED and batch.state not in ENDED_STATES):
            return translate("Batch", "No plan and no batch that has ended is shown.")
        return self.right()

    def _refusal_of_export(self, batch: BatchProgress | None) -> str | None:
        if batch is None:
            return translate("Batch", "No batch is shown.")
        if self._context.render_ledger is None:
            return translate("Batch", "Ledgers cannot be saved here.")
        return None
