"""What happens in the run list: asks for pages, follows the watcher, and moves between runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.bridge import Channel, SpawnedTask
from app.desktop.report.controller import ReportExport
from app.desktop.report.subject import of_list
from app.desktop.runs.filter_state import EVERY_TROUBLE, TROUBLE_VIEW, FilterState, find_view
from app.desktop.runs.notifications import WATCH, Notifications, Speaker
from app.desktop.runs.sidebar import Sidebar
from app.desktop.runs.trouble_desk import TroubleDesk
from app.desktop.runs.view import RunsView
from app.desktop.runs.view_counts import ViewCounts
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import launch_details
from app.desktop.shell.tray import Tray
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.run import RunInspection, RunKey
from app.domain.run_query import MAX_PAGE_SIZE, RunFilter, RunPage, RunQuery
from app.services.watching import Interest, TroublePace, WatchUpdate

_MARGIN_ROWS = 50
"""Rows above and below the view that stay live in a list longer than one reading."""


class RunsController(QObject):
    """Joins the list's widgets with the services.

    Signals: ``run_shown`` carries the key the run page should show, ``run_entered`` asks for the keyboard to move
    there, ``inspection_received`` a :class:`RunInspection`, ``health_received`` an ``EnvironmentHealth``,
    ``page_received`` a :class:`RunPage`, ``diagnosis_received`` a ``Diagnosis`` of the open run, ``chain_received`` a
    ``ReplayChain``, ``reading_changed`` says whether the watcher reads well.
    """

    run_shown = Signal(object)
    run_entered = Signal(object)
    inspection_received = Signal(object)
    chain_received = Signal(object)
    health_received = Signal(object)
    page_received = Signal(object)
    reading_changed = Signal(bool)
    diagnosis_received = Signal(object)

    def __init__(
        self,
        context: DesktopContext,
        state: FilterState,
        view: RunsView,
        sidebar: Sidebar,
        parent: QObject,
        tray: Speaker | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._state = state
        self._view = view
        self._counts = ViewCounts(context, sidebar)
        self.desk = TroubleDesk(context, state, view.banner, self._counts, self)
        self._sidebar = sidebar
        self.export = ReportExport(context, view)
        self.notifications = Notifications(context, tray or Tray(context.theme, self), self)
        self._seen = True
        self._channel = Channel(self)
        self._interest = Interest()
        self._open_run: RunKey | None = None
        self._last_page: RunPage | None = None
        self._shown: object = None
        self._loading: SpawnedTask | None = None
        self._watching: SpawnedTask | None = None
        self._connect()

    @property
    def counts_known(self) -> bool:
        """Whether every view in the sidebar has its number."""
        return self._counts.known

    def start(self) -> None:
        """Read the first page and follow what happens."""
        self._state_changed()
        self._context.tasks.spawn("workflows to filter by", self._load_workflows(), self._unimportant)
        self._watch()

    def stop(self) -> None:
        """Stop listening; the tasks are ended by the supervisor."""
        self._channel.close()
        self.notifications.stop()
        self._view.stack.stop()
        self._view.table.fader.stop()

    def change_tenant(self) -> None:
        """Show another tenant's runs, from the beginning."""
        self._open_run = self._last_page = self._shown = None
        self._view.table.select_run(None)
        self._view.model.show((), self._state.sort, more=False)
        self._counts.forget()
        self.notifications.forget()
        self.desk.forget()
        self._show_watched()
        if self._state.narrowed:
            self._state.clear()
        else:
            self._state_changed()
        self._context.tasks.spawn("workflows to filter by", self._load_workflows(), self._unimportant)

    def show_run(self, key: RunKey) -> None:
        """Open a run, also one that the list does not hold; it is selected as soon as the list does."""
        self._view.table.select_run(key)
        self._open(key)

    def show_view(self, view_id: str) -> None:
        """Show a built-in view."""
        view = find_view(view_id)
        self._state.show(view.filter, EVERY_TROUBLE if view.troubled else None)

    def refresh(self) -> None:
        """Read the list again now."""
        self._counts.read_again()
        self._ask()
        if self._watching is None or self._watching.done():
            self._watch()

    def _connect(self) -> None:
        view, commands = self._view, self._context.commands
        self._channel.received.connect(self._receive)
        self._state.changed.connect(self._state_changed)
        commands.bind(WATCH, self._watch_run)
        self._show_watched()
        self.desk.changed.connect(self.notifications.take)
        self.desk.asked_otherwise.connect(self._set_interest)
        self.desk.changed.connect(lambda troubles: view.model.show_diagnoses(troubles.diagnoses, troubles.checked_at))
        self._sidebar.view_chosen.connect(self.show_view)
        view.chips.toggled.connect(lambda statuses: self._state.change(statuses=statuses))
        view.table.sort_chosen.connect(self._state.set_sort)
        view.table.run_selected.connect(self._open)
        view.table.run_opened.connect(self._enter)
        view.table.copy_wanted.connect(self._copy_id)
        view.table.scrolled.connect(self._set_interest)
        view.model.more_wanted.connect(self._load_more)
        commands.bind("runs.refresh", self.refresh)
        commands.bind("runs.clear_filters", self._state.clear)
        commands.bind("runs.open", self._enter_selected)
        commands.bind("runs.copy_id", self._copy_id)
        commands.bind("runs.export", self._export)
        commands.bind("runs.live", self._set_interest)
        commands.bind("stuck.show", lambda: self.show_view(TROUBLE_VIEW))
        commands.action("runs.live").setChecked(True)

    def _state_changed(self) -> None:
        self._sidebar.mark(self._state.view_id())
        self._view.table.show_sort(self._state.sort)
        self._ask()

    def _ask(self) -> None:
        """Read the first page of the present query, dropping an earlier question that is still open."""
        query = self._state.query(self._context.tenant)
        if self._loading is not None:
            self._loading.cancel()
        if self._question != self._shown:
            self._view.stack.begin_loading()
        self._loading = self._context.tasks.spawn("first page", self._load_first(query), self._first_failed)
        self._set_interest()

    async def _load_first(self, query: RunQuery) -> None:
        page = await self._context.bridge.call(lambda: self._context.console.browse.page(query))
        self._show(page, query)

    def _first_failed(self, error: RundeskError) -> None:
        # Rows of another question must not stand there as if they answered this one.
        if self._shown != self._question:
            self._view.stack.show_failure(error)
        self._view.outage.show_problem(error, self._data_from())

    def _load_more(self) -> None:
        if self._view.model.rowCount():
            cursor = self._view.model.cursor_after(self._view.model.rowCount() - 1)
            query = replace(self._state.query(self._context.tenant), after=cursor)
            self._context.tasks.spawn("next page", self._load_next(query), self._more_failed)

    async def _load_next(self, query: RunQuery) -> None:
        page = await self._context.bridge.call(lambda: self._context.console.browse.page(query))
        if self._state.is_asked(query, self._context.tenant):
            self._view.model.append(page.rows, more=page.next is not None)
            self._set_interest()

    def _more_failed(self, _error: RundeskError) -> None:
        self._view.model.fetch_failed()

    async def _load_workflows(self) -> None:
        tenant = self._context.tenant
        workflows = await self._context.bridge.call(lambda: self._context.console.browse.workflows(tenant))
        if tenant == self._context.tenant:
            self._view.filters.set_workflows(workflows)

    def _watch(self) -> None:
        watch, publish = self._context.console.watch, self._channel.publish
        self._watching = self._context.tasks.spawn(
            "watch runs", self._context.bridge.call(lambda: watch.watch(lambda: self._interest, publish))
        )

    def operator_changed(self) -> None:
        """Let the watcher look with the rights of who acts now."""
        self._set_interest()

    def _set_interest(self) -> None:
        """Tell the watcher what is on the screen. The I/O thread reads this one frozen value."""
        query, loaded = self._state.query(self._context.tenant), self._view.model.rowCount()
        if loaded > MAX_PAGE_SIZE:
            first = max(0, self._view.table.first_visible() - _MARGIN_ROWS)
            loaded = self._view.table.visible_count() + 2 * _MARGIN_ROWS
            query = replace(query, after=self._view.model.cursor_after(first - 1) if first else None)
        paused = not self._context.commands.action("runs.live").isChecked()
        followed, operator = self.notifications.watched, self._context.operator
        self._interest = Interest(query, loaded, self._open_run, paused, operator, self._trouble_pace(), followed)

    def _trouble_pace(self) -> TroublePace:
        """Return how eagerly causes are looked for: nobody is to be told while the window is out of sight."""
        if self._seen:
            return TroublePace.CALM
        return TroublePace.SELDOM if self.notifications.wanted else TroublePace.PAUSED

    def set_seen(self, seen: bool) -> None:
        """Say whether the window can be seen."""
        if seen != self._seen:
            self._seen = seen
            self._set_interest()

    def _watch_run(self) -> None:
        """Tell, or no longer tell, when the run shown ends."""
        if self._open_run is not None:
            wanted = self._context.commands.action(WATCH).isChecked()
            self.notifications.watch(self._open_run, wanted=wanted)
            self._set_interest()

    def _show_watched(self) -> None:
        """Let the switch say whether the run shown is watched."""
        key, commands = self._open_run, self._context.commands
        commands.action(WATCH).setChecked(key is not None and key in self.notifications.watched)
        commands.set_allowed(WATCH, translate("Run", "No run is shown.") if key is None else None)

    def _receive(self, update: WatchUpdate) -> None:
        self._view.outage.show_problem(update.problem, self._data_from())
        self.reading_changed.emit(update.problem is None)
        asked = None if update.interest is None else update.interest.query
        if update.page is not None and asked is not None and self._state.is_asked(asked, self._context.tenant):
            if self._loading is not None:
                self._loading.cancel()  # answered; the watcher says it only once, so it must not be overwritten
            self._show(update.page, asked)
        if update.troubles is not None and asked is not None and asked.tenant == self._context.tenant:
            self.desk.take(update.troubles)
        if update.diagnosis is not None and update.diagnosis.key == self._open_run:
            self.diagnosis_received.emit(update.diagnosis)
        if update.inspection is not None:
            self._inspected(update.inspection)
        if update.chain is not None:
            self.chain_received.emit(update.chain)
        if update.health is not None:
            self._view.outage.show_temporal(update.health.temporal)
            self.health_received.emit(update.health)
        if update.ended:
            self.notifications.ended(update.ended)
            self._show_watched()
            self._set_interest()
        for outcome in update.launches:
            self._settled(outcome)

    @property
    def _question(self) -> object:
        return self._state.question(self._context.tenant)

    def _show(self, page: RunPage, asked: RunQuery) -> None:
        """Show a reading: of the same question merged, so that nothing jumps; of another one from its top."""
        question, more = self._question, page.next is not None
        if question == self._shown:
            self._view.table.hold()
            self._view.model.merge(page.rows, more=more, after=asked.after)
            self._view.table.settle()
        elif asked.after is None:
            self._shown = question
            self._view.model.show(page.rows, asked.sort, more=more)
            self._view.table.verticalScrollBar().setValue(0)
        if asked.filter.without_status() == RunFilter():
            self._counts.take(page)
        self._took(page)

    def _took(self, page: RunPage) -> None:
        """Show what comes with every page: numbers, the right place holder, the moment of reading."""
        self._last_page = page
        counts = dict(page.counts)
        self._view.chips.set_counts(counts)
        self._view.filters.status.set_counts(counts)
        if self._view.model.rowCount():
            self._view.stack.show_table()
        else:
            narrowed = self._state.narrowed
            self._view.stack.show_empty(narrowed=narrowed, troubled=self._state.view_id() == TROUBLE_VIEW)
        self._view.outage.show_problem(None, page.read_at)
        self._view.outage.show_rules(closed=page.redaction_closed)
        self._counts.refresh_soon()
        self._set_interest()
        self.page_received.emit(page)

    def _inspected(self, inspection: RunInspection) -> None:
        row = inspection.run.row
        self._view.model.update_rows((row,))
        if row.key == self._open_run:
            self.inspection_received.emit(inspection)

    def _settled(self, outcome: LaunchOutcome) -> None:
        if outcome.state is LaunchState.FAILED:
            text = translate("Runs", "A launch that was unconfirmed did not happen. Nothing runs under its id.")
            self._context.notify.warning(text, launch_details(outcome), outcome.run)
        else:
            text = translate("Runs", "A launch that was unconfirmed did happen. The run goes on as usual.")
            self._context.notify.success(text, launch_details(outcome), outcome.run)

    def _open(self, key: RunKey) -> None:
        if key != self._open_run:
            self._open_run = key
            self._show_watched()
            self._set_interest()
            self.run_shown.emit(key)

    def _enter(self, key: RunKey) -> None:
        self._open(key)
        self.run_entered.emit(key)

    def _enter_selected(self) -> None:
        row = self._view.table.current_run()
        if row is not None:
            self._enter(row.key)

    def _export(self) -> None:
        """Let the operator export the list as it is filtered now, not only the rows that are loaded."""
        subject = of_list(self._state.query(self._context.tenant))
        self._context.tasks.spawn("export list", self.export.export(subject))

    def _copy_id(self) -> None:
        rows = self._view.table.selected_runs()
        if rows:
            QGuiApplication.clipboard().setText("\n".join(str(row.key.run_id) for row in rows))
            one, many = (
                translate("Runs", "The run id is on the clipboard."),
                translate("Runs", "All ids are on the clipboard."),
            )
            self._context.notify.info(one if len(rows) == 1 else many)

    def _data_from(self) -> datetime | None:
        return None if self._last_page is None else self._last_page.read_at

    def _unimportant(self, _error: RundeskError) -> None:
        """Let an outage pass that the outage bar reports anyway."""
