"""Brings what the watcher knows of runs in trouble to banner, list and sidebar, and acknowledges it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.desktop.runs.filter_state import TROUBLE_VIEW, FilterState
from app.desktop.runs.trouble_banner import TroubleBanner
from app.desktop.runs.view_counts import ViewCounts
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.words import translate
from app.domain.diagnosis.troubles import TroubleGroup, Troubles

ACKNOWLEDGE = "troubles.acknowledge"
SHOW_ACKNOWLEDGED = "troubles.show_acknowledged"


class TroubleDesk(QObject):
    """Holds the troubles of the tenant in view.

    ``changed`` carries the newest :class:`Troubles`, ``asked_otherwise`` says that a list narrowed to runs in trouble
    is asked for others than before.
    """

    changed = Signal(object)
    asked_otherwise = Signal()

    def __init__(
        self, context: DesktopContext, state: FilterState, banner: TroubleBanner, counts: ViewCounts, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._state = state
        self._banner = banner
        self._counts = counts
        self._troubles = Troubles()
        banner.scope_chosen.connect(lambda scope: state.show(state.base, scope))
        context.commands.bind(ACKNOWLEDGE, self._acknowledge)
        context.commands.bind(SHOW_ACKNOWLEDGED, self._show)
        self._allow()

    @property
    def troubles(self) -> Troubles:
        """What was heard last."""
        return self._troubles

    def take(self, troubles: Troubles) -> None:
        """Show newer facts."""
        self._troubles = troubles
        self._show()

    def forget(self) -> None:
        """Show nothing until another tenant's troubles are known."""
        self.take(Troubles())

    def _show(self) -> None:
        groups = self._shown()
        self._banner.show_troubles(self._troubles, groups)
        self._counts.show(TROUBLE_VIEW, sum(group.number for group in groups))
        self._allow()
        self.changed.emit(self._troubles)
        if self._state.take_troubles(groups):
            self.asked_otherwise.emit()

    def _shown(self) -> tuple[TroubleGroup, ...]:
        """Return the groups to be seen, with those that were acknowledged where they are asked for."""
        troubles = self._troubles
        if not self._context.commands.action(SHOW_ACKNOWLEDGED).isChecked():
            return troubles.groups
        return troubles.with_acknowledged()

    def _allow(self) -> None:
        reason = None if self._troubles.groups else translate("Troubles", "No run is in trouble that was not seen yet.")
        self._context.commands.set_allowed(ACKNOWLEDGE, reason)

    def _acknowledge(self) -> None:
        """Hide what the list is narrowed to, or else every trouble, until it changes."""
        scope = self._state.scope
        groups = tuple(
            group for group in self._troubles.groups if scope is None or scope.every or group.cause is scope.cause
        )
        if groups:
            self._context.tasks.spawn("acknowledge troubles", self._keep(groups), self._context.notify.failure)

    async def _keep(self, groups: tuple[TroubleGroup, ...]) -> None:
        tenant, acknowledge = self._context.tenant, self._context.console.acknowledge
        await self._context.bridge.call(lambda: acknowledge.acknowledge(tenant, groups))
