"""Drives the run page: reads the run, asks Temporal beside it, carries out the commands on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import Qt

from app.bridge import SpawnedTask
from app.desktop.cancel.controller import CancelController
from app.desktop.repair.desk import WayOutDesk
from app.desktop.replay.controller import ReplayController
from app.desktop.report.controller import ReportExport
from app.desktop.report.subject import of_run
from app.desktop.run_page.chain_reading import ChainReading
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_text
from app.desktop.shell.words import translate
from app.desktop.start.controller import StartController
from app.domain.errors import RundeskError
from app.domain.operator import Right
from app.domain.run import TERMINAL_STATUSES, RunInspection, RunKey, RunRow
from app.domain.timeline import Timeline, build_timeline
from app.services.inspect_run import ExecutionView

if TYPE_CHECKING:
    from app.desktop.run_page.view import RunPage

EXECUTION_SECONDS = 5.0
"""An open run's execution is described again after this time, sooner when its row changes."""
BACKGROUND_STEPS = 400
"""Timelines of more steps are made off the UI thread."""


class RunPageController:
    """Joins a run page with the services.

    Args:
        context: The desktop's surroundings.
        page: What shows the run.
    """

    def __init__(self, context: DesktopContext, page: RunPage) -> None:
        self._context = context
        self._page = page
        self.key: RunKey | None = None
        self._inspection: RunInspection | None = None
        self._execution: ExecutionView | None = None
        self._asked_for: tuple[object, ...] = ()
        self._asked_at = float("-inf")
        self._reading: SpawnedTask | None = None
        self._asking: SpawnedTask | None = None
        self._making: SpawnedTask | None = None
        self._timeline_wanted: RunInspection | None = None
        self._replaying: ReplayController | None = None
        self._canceling: CancelController | None = None
        self._tenant_names: dict[UUID | None, str] = {}
        self._starting: StartController | None = None
        self.chains = ChainReading(context, page)
        self.export = ReportExport(context, page)
        self.way_out = WayOutDesk(context, page.window, self._done)
        context.commands.bind("runs.start", self.start_workflow)
        context.commands.bind("run.start_like", self.start_like)
        context.commands.bind("run.replay", self.replay)
        context.commands.bind("run.cancel", self.cancel)
        context.commands.bind("run.export", self.export_report)

    @property
    def tenant_name(self) -> str:
        """The name of the run's tenant, or the beginning of its id until the name is known."""
        tenant = None if self.key is None else self.key.tenant
        if tenant in self._tenant_names:
            return self._tenant_names[tenant]
        return translate("Run", "Unassigned") if tenant is None else str(tenant)[:8]

    def open(self, key: RunKey) -> None:
        """Read a run and show it."""
        self.close()
        self.key = key
        self.read_again()
        self.chains.open(key)
        if key.tenant not in self._tenant_names:
            self._spawn("read tenant names", self._read_tenants())

    def close(self) -> None:
        """Forget the run."""
        for task in (self._reading, self._asking):
            if task is not None:
                task.cancel()
        self.chains.close()
        self._timeline_wanted = None
        self.key = self._inspection = self._execution = None
        self._asked_for, self._asked_at = (), float("-inf")
        self.allow_actions()

    def read_again(self) -> None:
        """Read the open run anew."""
        if self.key is not None:
            self._reading = self._spawn("read run", self._read(self.key))

    def follow(self, inspection: RunInspection) -> None:
        """Show the watcher's reading, and no longer wait for the page's own: arriving later, it could be older."""
        if self._reading is not None:
            self._reading.cancel()
        self.take(inspection)

    def take(self, inspection: RunInspection) -> None:
        """Show a reading of the open run."""
        self._inspection = inspection
        row = inspection.run.row
        if self._replaying is not None:
            self._replaying.source_changed(row)
        if self._canceling is not None:
            self._canceling.row_changed(row)
        self._page.render_inspection(inspection, self._execution)
        self.chains.show()
        self.allow_actions()
        self._ask_temporal(row)
        self._make_timeline(inspection)

    def allow_actions(self) -> None:
        """Enable what can be done with the run now, and say why not where it cannot."""
        row = None if self._inspection is None else self._inspection.run.row
        commands = self._context.commands
        commands.set_allowed("runs.start", self._context.refusal(Right.MANAGE))
        commands.set_allowed("run.start_like", self._refusal_of_acting(row, Right.MANAGE))
        commands.set_allowed("run.replay", self._refusal_of_replay(row))
        commands.set_allowed("run.cancel", self._refusal_of_cancel(row))
        commands.set_allowed("run.export", self._refusal_of_export(row))
        self.way_out.allow(self._inspection)

    def replay(self) -> None:
        """Open the replay dialog on the run shown."""
        inspection = self._inspection
        if inspection is not None and self._replaying is None:
            self._replaying = ReplayController(self._context, inspection.run.row, self._page.window())
            self._spawn("replay dialog", self._replay(self._replaying))

    def cancel(self) -> None:
        """Open the cancel dialog on the run shown."""
        inspection = self._inspection
        if inspection is not None and self._canceling is None:
            self._canceling = CancelController(self._context, inspection.run.row, self._page.window())
            self._spawn("cancel dialog", self._cancel(self._canceling))

    def start_workflow(self) -> None:
        """Open the start dialog; it needs no run."""
        self._open_start(None)

    def start_like(self) -> None:
        """Open the start dialog with the payload of the run shown."""
        if self._inspection is not None:
            self._open_start(self._inspection.run.row.key)

    def _open_start(self, like: RunKey | None) -> None:
        if self._starting is None:
            self._starting = StartController(self._context, self._page.window(), like=like)
            self._spawn("start dialog", self._start(self._starting))

    def export_report(self) -> None:
        """Let the operator export the report of the run shown."""
        if self._inspection is not None:
            self._spawn("export report", self._export(self._inspection.run.row))

    def _spawn(self, name: str, coroutine: Coroutine[Any, Any, None]) -> SpawnedTask:
        return self._context.tasks.spawn(name, coroutine)

    async def _read(self, key: RunKey) -> None:
        try:
            viewer = self._context.operator
            inspection: RunInspection = await self._context.bridge.call(
                lambda: self._context.console.inspect.open(key, viewer=viewer)
            )
        except RundeskError as error:
            if key == self.key:
                self._page.render_problem(error_text(error))
            return
        if key == self.key:
            self.take(inspection)

    async def _read_tenants(self) -> None:
        try:
            tenants = await self._context.bridge.call(self._context.console.browse.tenants)
        except RundeskError:
            return  # the beginning of the id stays; the outage itself is shown by whatever else is read
        self._tenant_names = {choice.tenant: choice.name for choice in tenants}
        self._page.render_execution(self._execution)

    def _ask_temporal(self, row: RunRow) -> None:
        """Ask again when the row changed, or after a while as long as it is open."""
        wanted = (row.key, row.status, row.completed_at)
        old = time.monotonic() - self._asked_at >= EXECUTION_SECONDS and row.completed_at is None
        busy = self._asking is not None and not self._asking.done()
        if busy or (wanted == self._asked_for and not old):
            return
        self._asked_for, self._asked_at = wanted, time.monotonic()
        self._asking = self._spawn("describe execution", self._ask(row.key))

    async def _ask(self, key: RunKey) -> None:
        view: ExecutionView = await self._context.bridge.call(lambda: self._context.console.inspect.execution(key))
        if key == self.key:
            self._execution = view
            self._page.render_execution(view)

    def _make_timeline(self, inspection: RunInspection) -> None:
        if len(inspection.steps) <= BACKGROUND_STEPS:
            self._page.render_timeline(build_timeline(inspection))
            return
        self._timeline_wanted = inspection
        if self._making is None or self._making.done():
            self._making = self._spawn("make timeline", self._make_in_background())

    async def _make_in_background(self) -> None:
        """Make the newest wanted timeline until none is wanted; readings in between are skipped."""
        while self._timeline_wanted is not None:
            inspection, self._timeline_wanted = self._timeline_wanted, None

            async def make(of: RunInspection = inspection) -> Timeline:
                return await asyncio.to_thread(build_timeline, of)

            timeline = await self._context.bridge.call(make)
            if inspection.run.row.key == self.key:
                self._page.render_timeline(timeline)

    async def _replay(self, controller: ReplayController) -> None:
        try:
            outcome = await controller.replay()
        finally:
            self._replaying = None
        if outcome is not None:
            self._read_list()

    async def _cancel(self, controller: CancelController) -> None:
        try:
            outcome = await controller.cancel()
        finally:
            self._canceling = None
        self.read_again()
        if outcome is not None:
            self._page.setFocus(Qt.FocusReason.OtherFocusReason)  # its button has nothing left to do
            self._read_list()

    async def _start(self, controller: StartController) -> None:
        try:
            outcome = await controller.start()
        finally:
            self._starting = None
        if outcome is not None:
            self._read_list()

    def _done(self) -> None:
        """Read page and list after a way out was taken."""
        self.read_again()
        self._page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._read_list()

    def _read_list(self) -> None:
        """Let the list and the numbers beside the views show at once what has just been done."""
        self._context.commands.action("runs.refresh").trigger()

    async def _export(self, row: RunRow) -> None:
        await self.export.export(of_run(row))

    def _refusal_of_replay(self, row: RunRow | None) -> str | None:
        return self._refusal_of_acting(row, Right.ADMIN)

    def _refusal_of_acting(self, row: RunRow | None, need: Right) -> str | None:
        if row is None:
            return translate("Run", "No run is shown.")
        if row.key.tenant is None:
            return translate("Run", "This run belongs to no tenant, so nobody has a right to act on it.")
        return self._context.refusal(need)

    def _refusal_of_cancel(self, row: RunRow | None) -> str | None:
        if row is not None and row.status in TERMINAL_STATUSES and row.completed_at is not None:
            return translate("Run", "The run has ended, so there is nothing to cancel.")
        return self._refusal_of_replay(row)

    def _refusal_of_export(self, row: RunRow | None) -> str | None:
        if row is None:
            return translate("Run", "No run is shown.")
        if self._context.render_report is None:
            return translate("Run", "Reports are not available here.")
        return None
