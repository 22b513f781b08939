"""What every screen is given: the way to the services, the operator, and how to speak and move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.bridge import Bridge, TaskSupervisor
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.environment import EnvironmentKind
from app.desktop.shell.notifier import Notifier
from app.desktop.shell.theme import Theme
from app.desktop.shell.words import translate
from app.domain.operator import Operator, Right
from app.domain.run import RunKey

if TYPE_CHECKING:
    from app.domain.batch_ledger import BatchLedger
    from app.domain.triage import TriageReport
    from app.services.console import Console

ReportFormat = Literal["html", "pdf", "md", "json", "csv", "xlsx"]
RenderReport = Callable[["TriageReport", ReportFormat, str, str], bytes]
LedgerFormat = Literal["csv", "json"]
RenderLedger = Callable[["BatchLedger", LedgerFormat], bytes]


class Navigator(QObject):
    """Asks the window to go somewhere; screens do not know the window."""

    run_requested = Signal(object)
    stuck_requested = Signal()

    def open_run(self, key: RunKey) -> None:
        """Show this run, also when the list's filter hides it."""
        self.run_requested.emit(key)

    def show_stuck(self) -> None:
        """List the stuck runs."""
        self.stuck_requested.emit()


@dataclass(slots=True)
class DesktopContext:
    """The surroundings of a screen; ``tenant`` and ``operator`` change together when another tenant is chosen.

    Attributes:
        bridge: The way to the I/O loop: ``await context.bridge.call(lambda: console.browse.page(query))``.
        tasks: Spawns UI coroutines by name.
        console: The services.
        theme: Colours, fonts and density.
        commands: Every command's action.
        notify: Messages to the operator.
        navigate: Moves between runs.
        environment_name: As shown at the top left ("Sandbox").
        environment_kind: Its colour.
        tenant: The tenant in view; None is the pseudo-tenant of unassigned runs.
        operator: Who acts, or None: then nothing can be changed and every such control says so.
        operator_name: Whom to look up in another tenant (user id or e-mail), or None.
        operator_problem: Why ``operator`` is None, as a translated sentence, where more is known.
        render_report: Turns a triage report into a file's bytes; the composition root wires ``app.rendering`` to it.
        render_ledger: Turns the ledger of a batch into a file's bytes, wired in the same way.
    """

    bridge: Bridge
    tasks: TaskSupervisor
    console: Console
    theme: Theme
    commands: CommandBook
    notify: Notifier
    navigate: Navigator
    environment_name: str
    environment_kind: EnvironmentKind
    tenant: UUID | None
    operator: Operator | None
    operator_name: str | None = None
    operator_problem: str | None = None
    render_report: RenderReport | None = None
    render_ledger: RenderLedger | None = None

    def refusal(self, need: Right) -> str | None:
        """Return why the operator may not act with this right, in the current language, or None when they may."""
        if self.operator is None:
            return self.operator_problem or translate(
                "Context", "Nobody is set as the operator, so nothing can be changed. Start Rundesk with --operator."
            )
        if not self.operator.may(need):
            return translate(
                "Context", "{operator} lacks the right workflow:{right}. An administrator of this tenant can grant it."
            ).format(operator=self.operator.display_name, right=str(need))
        return None
