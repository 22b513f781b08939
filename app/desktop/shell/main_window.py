"""The window: frame, top bar, views, list, run page, status line, notices; and what the window's commands do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.batch.controller import BatchController
from app.desktop.batch.unfinished_banner import UnfinishedBanner
from app.desktop.batch.view import BatchesView
from app.desktop.cases.controller import CasesController
from app.desktop.cases.view import CasesPage
from app.desktop.compare.controller import CompareController
from app.desktop.compare.view import ComparePage
from app.desktop.fingerprints.controller import FingerprintsController
from app.desktop.fingerprints.view import FingerprintsPage
from app.desktop.health.controller import HealthController
from app.desktop.run_page.view import RunPage
from app.desktop.runs.controller import RunsController
from app.desktop.runs.filter_bar import SearchField
from app.desktop.runs.filter_state import FilterState
from app.desktop.runs.sidebar import Sidebar
from app.desktop.runs.view import RunsView
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.controls import separator
from app.desktop.shell.environment import EnvironmentFrame
from app.desktop.shell.language import LanguageSwitch
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.look_choices import LookChoices
from app.desktop.shell.main_menu import MainMenu
from app.desktop.shell.notice_area import NoticeArea
from app.desktop.shell.preferences import PreferenceStore
from app.desktop.shell.status_line import StatusLine
from app.desktop.shell.theme import set_role
from app.desktop.shell.top_bar import TopBar
from app.desktop.stranded.controller import StrandedController
from app.domain.case import CaseComparison
from app.domain.run import RunKey
from app.domain.run_query import RunFilter
from app.domain.run_query import RunPage as PageOfRuns

_TICK_MS = 1000
_SIZE = (1440, 900)
_SMALLEST = (960, 600)
_RUN_PAGE_SHARE = 0.32
"""Width of the run page as a share of the window, until the operator moves the divider."""


class MainWindow(QMainWindow):
    """Everything an operator sees. ``close_wanted`` is emitted instead of closing; ``tenant_chosen`` carries a choice.

    Args:
        context: The surroundings of all screens.
        preferences: What to remember; None keeps nothing.
        language: The language switch; None leaves the language alone.
    """

    close_wanted = Signal()
    tenant_chosen = Signal(object)

    def __init__(
        self,
        context: DesktopContext,
        preferences: PreferenceStore | None = None,
        language: LanguageSwitch | None = None,
    ) -> None:
        super().__init__()
        self._context = context
        self._store = preferences
        self._may_close = False
        self._divided = False
        self.setObjectName("main")
        self.resize(QSize(*_SIZE).boundedTo(self.screen().availableSize()))
        self.setMinimumSize(*_SMALLEST)
        theme, commands = context.theme, context.commands
        self.state = FilterState(self)
        self.search = SearchField(theme, self.state)
        self.menu = MainMenu(commands, self)
        self.top_bar = TopBar(theme, commands, self.search, self.menu)
        self.sidebar = Sidebar(theme)
        self.runs = RunsView(theme, commands, self.state)
        self.batches = BatchesView(theme, commands)
        self._lay_understanding()
        self.unfinished = UnfinishedBanner()
        self.runs.add_banner(self.unfinished)
        self.pages = QStackedWidget()
        self.run_page = RunPage(context)
        self.status_line = StatusLine()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self.notices = NoticeArea(self)
        self.controller = RunsController(context, self.state, self.runs, self.sidebar, self)
        self.batch_controller = BatchController(context, self.batches, self.runs.selection, self)
        self._control_understanding()
        self.health = HealthController(context, lambda: self)
        self.stranded = StrandedController(context, lambda: self)
        self._look = LookChoices(theme, commands, preferences, language, self)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._connect()
        self._bind()
        self.top_bar.show_environment(context.environment_name, context.environment_kind)
        self.show_operator()
        self._restore()
        self.retranslate()

    def start(self) -> None:
        """Read and follow the runs; call it on the running UI loop."""
        self._tick.start()
        self.controller.start()
        self.batch_controller.start()
        self.runs.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop(self) -> None:
        """Stop timers and listening, and remember the window's shape."""
        self._tick.stop()
        self.controller.stop()
        self.batch_controller.stop()
        self.cases_controller.stop()
        self.notices.clear()
        if self._store is not None:
            self._store.save_geometry("window", self.saveGeometry())
            self._store.save_geometry("splitter", self.splitter.saveState())

    async def settle(self) -> None:
        """Bring what runs here to an orderly stop, before everything is ended."""
        await self.cases_controller.settle()
        await self.batch_controller.desk.pause_all()

    def change_tenant(self) -> None:
        """Show the runs of the context's tenant, from the beginning."""
        self.run_page.clear()
        self.compare_controller.forget()
        self.fingerprints_controller.forget()
        self.show_list()
        self.controller.change_tenant()
        self.batch_controller.change_tenant()
        self.show_operator()

    def show_operator(self) -> None:
        """Show who acts and what they may do, after the operator or the tenant changed."""
        self.controller.operator_changed()
        self.run_page.controller.allow_actions()
        self.batch_controller.allow_actions()
        operator = self._context.operator
        self.status_line.show_operator(
            None if operator is None else operator.display_name, verified=operator is not None and operator.verified
        )

    def show_list(self) -> None:
        """Show the list of runs in the middle."""
        if self.pages.currentWidget() is not self.runs:
            self._show_page(self.runs)
            self.sidebar.mark(self.state.view_id())

    def show_batches(self) -> None:
        """Show the batches in the middle."""
        self._show_page(self.batches)
        self.sidebar.mark_batches()

    def show_comparison(self) -> None:
        """Show two runs side by side, in the whole width."""
        self._show_page(self.comparison)
        self.sidebar.mark(None)

    def show_failures(self) -> None:
        """Show the failures in the middle."""
        self._show_page(self.failures)
        self.sidebar.mark_failures()

    def show_cases(self) -> None:
        """Show the cases in the middle."""
        self._show_page(self.cases)
        self.sidebar.mark_cases()

    def _show_page(self, page: QWidget) -> None:
        """Show a page in the middle; a comparison needs the room of the run page beside it."""
        self.pages.setCurrentWidget(page)
        self.run_page.setVisible(page is not self.comparison)

    def allow_close(self) -> None:
        """Let the next close event through: everything has ended."""
        self._may_close = True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hand the first close event over to the orderly end."""
        if self._may_close:
            super().closeEvent(event)
            return
        event.ignore()
        self._ask_to_close()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language; follow whether the window can be seen."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.controller.set_seen(self.isVisible() and not self.isMinimized())

    def showEvent(self, event: QShowEvent) -> None:
        """Look for causes again, now that they can be seen."""
        super().showEvent(event)
        self.controller.set_seen(not self.isMinimized())

    def hideEvent(self, event: QHideEvent) -> None:
        """Let both servers rest while nobody looks."""
        super().hideEvent(event)
        self.controller.set_seen(False)

    def retranslate(self) -> None:
        """Put the window's own texts and the commands' in the current language."""
        self.setWindowTitle(f"{self._context.environment_name} — Rundesk")
        self._context.commands.retranslate()
        self.splitter.setAccessibleName(self.tr("List and run"))
        self.show_operator()

    def _lay_out(self) -> None:
        frame = EnvironmentFrame(self._context.theme, self._context.environment_kind, self)
        whole = QVBoxLayout(frame)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        middle = QWidget()
        set_role(middle, "ground")
        line = QHBoxLayout(middle)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.sidebar)
        line.addWidget(separator(vertical=True))
        line.addWidget(self.splitter, 1)
        self.splitter.setObjectName("main.splitter")
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.pages.addWidget(self.runs)
        for page in (self.batches, self.comparison, self.failures, self.cases):
            self.pages.addWidget(page)
        self.splitter.addWidget(self.pages)
        self.splitter.addWidget(self.run_page)
        self.pages.setMinimumWidth(480)
        self.run_page.setMinimumWidth(360)
        self.splitter.setStretchFactor(0, round(100 * (1 - _RUN_PAGE_SHARE)))
        self.splitter.setStretchFactor(1, round(100 * _RUN_PAGE_SHARE))
        for part in (self.top_bar, separator(), middle, separator(), self.status_line):
            whole.addWidget(part, 1 if part is middle else 0)
        self.setCentralWidget(frame)

    def _connect(self) -> None:
        controller = self.controller
        controller.run_shown.connect(self.run_page.show_run)
        controller.run_entered.connect(self._enter_run)
        controller.inspection_received.connect(self.run_page.update_inspection)
        controller.chain_received.connect(self.run_page.update_chain)
        controller.desk.changed.connect(self.run_page.update_troubles)
        controller.notifications.window_wanted.connect(self._come_to_front)
        controller.diagnosis_received.connect(self.run_page.update_diagnosis)
        controller.health_received.connect(self.status_line.show_health)
        controller.reading_changed.connect(self.status_line.show_reading)
        controller.page_received.connect(self._page_received)
        self.run_page.navigate_run.connect(controller.show_run)
        self._context.navigate.run_requested.connect(self._go_to_run)
        self._context.navigate.stuck_requested.connect(self._show_stuck)
        self._context.notify.posted.connect(self.notices.show_notice)
        self.notices.run_wanted.connect(controller.show_run)
        self.top_bar.tenant_chosen.connect(self.tenant_chosen)
        self._connect_batches()
        self._connect_understanding()
        for tick in (self.runs.model.tick, self.runs.banner.tick, self.status_line.tick):
            self._tick.timeout.connect(tick)

    def _connect_batches(self) -> None:
        batches, desk = self.batch_controller, self.batch_controller.desk
        batches.page_wanted.connect(self.show_batches)
        batches.run_wanted.connect(self.controller.show_run)
        batches.watch_banner(self.unfinished)
        self.sidebar.batches_chosen.connect(batches.show_batches)
        self.sidebar.view_chosen.connect(lambda _view: self.show_list())
        self.state.changed.connect(self.show_list)
        self.status_line.batch_wanted.connect(batches.show_batch)
        desk.known_changed.connect(self._batches_changed)

    def _lay_understanding(self) -> None:
        theme, commands = self._context.theme, self._context.commands
        self.comparison = ComparePage(theme, commands)
        self.failures = FingerprintsPage(theme, commands)
        self.cases = CasesPage(theme, commands)

    def _control_understanding(self) -> None:
        context = self._context
        self.compare_controller = CompareController(context, self.comparison, lambda: self, self)
        self.fingerprints_controller = FingerprintsController(context, self.failures, self)
        self.cases_controller = CasesController(context, self.cases, lambda: self, self)

    def _connect_understanding(self) -> None:
        compare, failures, cases = self.compare_controller, self.fingerprints_controller, self.cases_controller
        compare.page_wanted.connect(self.show_comparison)
        compare.left.connect(self.show_list)
        failures.page_wanted.connect(self.show_failures)
        failures.runs_wanted.connect(lambda run_ids: self.state.show(RunFilter(run_ids=run_ids)))
        cases.page_wanted.connect(self.show_cases)
        cases.comparison = lambda: compare.pair
        self.sidebar.failures_chosen.connect(failures.show)
        self.sidebar.cases_chosen.connect(cases.show)
        self.comparison.run_wanted.connect(self._go_to_run)
        self.cases.editor.run_wanted.connect(self.controller.show_run)
        self.cases.editor.comparison_wanted.connect(self._compare)
        for listener in (compare, cases):
            self.run_page.inspected.connect(listener.run_shown)
        self.runs.selection.changed.connect(lambda: cases.runs_selected(self.runs.table.selected_runs()))

    def _compare(self, comparison: CaseComparison) -> None:
        self.compare_controller.compare(comparison.first, comparison.second)

    def _batches_changed(self) -> None:
        desk = self.batch_controller.desk
        still, running = desk.unfinished, desk.running
        self.sidebar.show_batches(len(still) + len(running), trouble=bool(still))
        self.status_line.show_batches(running)

    def _ask_to_close(self) -> None:
        """Close at once unless a batch runs here; a second request while the question is open answers it."""
        if self.batch_controller.may_close():
            self.close_wanted.emit()

    def _bind(self) -> None:
        commands = self._context.commands
        for command in commands:
            self.addAction(commands.action(command.command_id))
        commands.bind("runs.search", self._focus_search)
        commands.bind("app.quit", self._ask_to_close)
        self.batch_controller.close_agreed.connect(self.close_wanted)
        commands.action("runs.live").toggled.connect(self.status_line.set_live)

    def _page_received(self, page: PageOfRuns) -> None:
        statuses = self.state.filter.statuses
        matching = sum(count for status, count in page.counts if not statuses or status in statuses)
        self.status_line.show_total(matching)
        self.runs.selection.take_matching(matching)

    def _show_stuck(self) -> None:
        self.show_list()
        self.controller.show_view("trouble")

    def _come_to_front(self) -> None:
        """Show the window again, from the tray."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def _go_to_run(self, key: RunKey) -> None:
        """Show a run that an action made; the button that began the action is no place for the keyboard any more."""
        self.show_list()
        self.runs.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.controller.show_run(key)

    def _enter_run(self, _key: RunKey) -> None:
        self.run_page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _focus_search(self) -> None:
        self.show_list()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide list and run page once the window knows its first size."""
        super().resizeEvent(event)
        if not self._divided:
            run_page = round(self.width() * _RUN_PAGE_SHARE)
            self.splitter.setSizes([self.width() - self.sidebar.width() - run_page, run_page])
            self._divided = self.isVisible()

    def _restore(self) -> None:
        if self._store is None:
            return
        window, splitter = self._store.geometry("window"), self._store.geometry("splitter")
        if window is not None:
            self.restoreGeometry(window)
        if splitter is not None:
            self._divided = self.splitter.restoreState(splitter)
