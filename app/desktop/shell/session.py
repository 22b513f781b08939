"""One sitting at the desktop: connect, show the window, follow the operator between tenants, and end in order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QApplication

from app.bridge import Bridge, Channel, IoThread, TaskSupervisor, close_ui_loop, make_ui_loop
from app.desktop.intents.controller import IntentsController
from app.desktop.sandbox_start.view import StartWindow
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.context import DesktopContext, Navigator, RenderLedger, RenderReport
from app.desktop.shell.crash import CrashReporter
from app.desktop.shell.dialogs import tell
from app.desktop.shell.environment import EnvironmentKind
from app.desktop.shell.error_text import error_text
from app.desktop.shell.language import LanguageSwitch
from app.desktop.shell.main_window import MainWindow
from app.desktop.shell.notifier import Notifier
from app.desktop.shell.preferences import PreferenceStore
from app.desktop.shell.quitter import Quitter
from app.desktop.shell.theme import Theme
from app.desktop.shell.words import translate
from app.domain.errors import NotFound
from app.domain.operator import Operator
from app.domain.run_query import TenantChoice

if TYPE_CHECKING:
    from app.services.console import Console


@dataclass(frozen=True, slots=True)
class OpenedConsole:
    """A connection, as the composition root opens it on the I/O loop.

    Attributes:
        console: The services.
        environment_name: As shown in the window.
        environment_kind: Decides the colour of the frame.
        tenant: Id or exact name of the tenant to show first, or None for the first one.
        operator: User id or e-mail of who acts, or None.
        unverified_may_act: Whether an operator whom the database login does not prove may write.
        render_report: Turns a report into a file's bytes.
        render_ledger: Turns the ledger of a batch into a file's bytes.
        repair_mode: Whether the profile allows the repairs that are off by default.
    """

    console: Console
    environment_name: str
    environment_kind: EnvironmentKind
    tenant: str | None
    operator: str | None
    unverified_may_act: bool
    render_report: RenderReport
    render_ledger: RenderLedger | None = None
    repair_mode: bool = False


Opening = Callable[[Callable[[str], None]], AbstractAsyncContextManager[OpenedConsole]]
"""Opens a connection on the I/O loop, saying step by step what it does; leaving it stops what it started."""


def run_session(
    application: QApplication, opening: Opening, *, sandbox: bool, kind: EnvironmentKind, store: PreferenceStore
) -> int:
    """Show the desktop until it is closed; return the exit status.

    Args:
        application: From :func:`app.desktop.shell.application.make_application`.
        opening: How to connect.
        sandbox: Whether connecting starts embedded servers, which takes a while the first time.
        kind: What the connection leads to, for the frame while it is being opened.
        store: The operator's preferences.
    """
    session = DesktopSession(application, opening, sandbox=sandbox, kind=kind, store=store)
    session.begin()
    status = application.exec()
    session.close()
    return status


class DesktopSession(QObject):
    """Owns the loops and everything that lives as long as the window. ``ready`` carries the :class:`MainWindow`."""

    ready = Signal(object)

    def __init__(
        self,
        application: QApplication,
        opening: Opening,
        *,
        sandbox: bool,
        kind: EnvironmentKind,
        store: PreferenceStore,
    ) -> None:
        super().__init__()
        self._application = application
        self._opening = opening
        self._store = store
        self._notify = Notifier()
        self._crash = CrashReporter(_crash_directory(), self._notify)
        self._crash.crashed.connect(self._crashed)
        self._loop = make_ui_loop(application, self._crash.report_context)
        self._io = IoThread()
        self._io.start()
        self._bridge = Bridge(self._io)
        self._tasks = TaskSupervisor(self._crash.report)
        self._quitter = Quitter(self._bridge, self._tasks)
        chosen = store.load()
        self._language = LanguageSwitch()
        self._language.use(chosen.language)
        self._theme = Theme(chosen.theme, chosen.density)
        self._theme.set_reduced_motion(chosen.reduced_motion)
        self._theme.apply()
        self._commands = CommandBook()
        self._steps = Channel(self)
        self._start = StartWindow(self._theme, kind, sandbox=sandbox)
        self._window: MainWindow | None = None
        self._context: DesktopContext | None = None
        self._opened: OpenedConsole | None = None
        self._unverified_may_act = True
        self._crash_shown = False
        self._intents: IntentsController | None = None
        self._connect()

    @property
    def window(self) -> MainWindow | None:
        """The main window, once connected."""
        return self._window

    def begin(self) -> None:
        """Show the start window and connect."""
        self._crash.install()
        self._start.show()
        self._attempt()

    def quit(self) -> None:
        """End in order, as closing the window does."""
        self._quitter.quit()

    def close(self) -> None:
        """Give back loops and hooks, after the event loop has ended."""
        self._crash.uninstall()
        close_ui_loop(self._application, self._loop)

    def _connect(self) -> None:
        self._steps.received.connect(self._start.show_step)
        self._start.again_wanted.connect(self._attempt)
        self._start.quit_wanted.connect(self.quit)
        self._quitter.on_quit(self._stop_listening)
        self._quitter.finished.connect(self._let_go)

    def _attempt(self) -> None:
        self._start.begin()
        self._tasks.spawn("connect", self._open(), self._start.show_problem)

    async def _open(self) -> None:
        if self._opened is None:
            self._opened = await self._bridge.call(self._enter)
        opened = self._opened
        browse = opened.console.browse
        tenants = await self._bridge.call(browse.tenants)
        self._unverified_may_act = opened.unverified_may_act
        self._commands.action("repair.mode").setChecked(opened.repair_mode)
        self._context = DesktopContext(
            bridge=self._bridge,
            tasks=self._tasks,
            console=opened.console,
            theme=self._theme,
            commands=self._commands,
            notify=self._notify,
            navigate=Navigator(),
            environment_name=opened.environment_name,
            environment_kind=opened.environment_kind,
            tenant=_first_tenant(tenants, opened.tenant),
            operator=None,
            operator_name=opened.operator,
            render_report=opened.render_report,
            render_ledger=opened.render_ledger,
        )
        await self._find_operator(self._context)
        self._show_window(self._context, tenants)

    async def _enter(self) -> OpenedConsole:
        """Open the connection on the I/O loop; the drain leaves it again."""
        async with AsyncExitStack() as stack:
            opened = await stack.enter_async_context(self._opening(self._steps.publish))
            self._bridge.on_close(stack.pop_all().aclose)
            return opened

    async def _find_operator(self, context: DesktopContext) -> None:
        """Look up who acts in the tenant in view; without one, keep the reason."""
        context.operator = context.operator_problem = None
        tenant, name, operators = context.tenant, context.operator_name, context.console.operators
        if tenant is None:
            context.operator_problem = translate(
                "Session", "Runs without a tenant can be looked at, not acted upon: nobody holds rights there."
            )
            return
        if name is None:
            return
        try:
            operator = await context.bridge.call(lambda: operators.find(tenant, name))
        except NotFound as error:
            context.operator_problem = error_text(error)
            return
        self._let_act(context, operator)

    def _let_act(self, context: DesktopContext, operator: Operator) -> None:
        if operator.verified or self._unverified_may_act:
            context.operator = operator
            return
        context.operator_problem = translate(
            "Session",
            "The database login does not prove that you are {operator}, and this profile lets only proven "
            "operators act.",
        ).format(operator=operator.display_name)

    def _show_window(self, context: DesktopContext, tenants: tuple[TenantChoice, ...]) -> None:
        window = MainWindow(context, self._store, self._language)
        window.top_bar.show_tenants(tenants, context.tenant)
        window.close_wanted.connect(self.quit)
        window.tenant_chosen.connect(self._tenant_chosen)
        self._window = window
        self._quitter.before_end(window.settle)
        window.start()
        window.show()
        self._start.stop()
        self._start.hide()
        self._intents = IntentsController(context, window)
        self._intents.look()
        self.ready.emit(window)

    def _tenant_chosen(self, choice: TenantChoice) -> None:
        if self._context is not None:
            self._tasks.spawn("change tenant", self._change_tenant(self._context, choice), self._notify.failure)

    async def _change_tenant(self, context: DesktopContext, choice: TenantChoice) -> None:
        context.tenant = choice.tenant
        context.operator = None
        if self._window is not None:
            self._window.change_tenant()
        await self._find_operator(context)
        if self._window is not None:
            self._window.show_operator()

    def _stop_listening(self) -> None:
        self._start.show_ending()
        self._steps.close()
        if self._window is not None:
            self._window.stop()

    def _let_go(self) -> None:
        if self._window is not None:
            self._window.allow_close()
            self._window.close()
            self._window.deleteLater()
        self._start.hide()
        self._start.deleteLater()

    def _crashed(self, path: Path) -> None:
        """Say it in one dialog at a time; a bug that repeats must not bury the window."""
        if not self._crash_shown and not self._quitter.quitting:
            self._crash_shown = True
            self._tasks.spawn("crash dialog", self._tell_crash(path))

    async def _tell_crash(self, path: Path) -> None:
        try:
            await tell(
                self._window or self._start,
                "Rundesk",
                translate(
                    "Session",
                    "Something in Rundesk itself went wrong. Runs are not affected. A report without any of your data "
                    "was saved; please attach it when you tell us. If the window misbehaves, close and open it again.",
                ),
                str(path),
            )
        finally:
            self._crash_shown = False


def _first_tenant(tenants: tuple[TenantChoice, ...], wanted: str | None) -> UUID | None:
    """Return the tenant called so (id or exact name), else the first.

    Raises:
        NotFound: no tenant, or none of that name.
    """
    if wanted is not None:
        for choice in tenants:
            if wanted == choice.name or wanted.lower() == str(choice.tenant):
                return choice.tenant
        raise NotFound("tenant.unknown", f"There is no tenant {wanted}.", tenant=wanted)
    if not tenants:
        raise NotFound("tenant.none", "This database holds no tenant, so there is nothing to show.")
    return tenants[0].tenant


def _crash_directory() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
    return Path(place) / "crash-reports"


__all__ = ["DesktopSession", "OpenedConsole", "Opening", "run_session"]
