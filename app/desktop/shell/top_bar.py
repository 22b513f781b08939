"""The window's top bar: where we are, whose runs these are, the search, and what concerns the whole list."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import MenuButton, Picker, text_label
from app.desktop.shell.environment import EnvironmentKind
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tokens import SPACE
from app.domain.run_query import TenantChoice

_HEIGHT = 48


class TopBar(QWidget):
    """``tenant_chosen`` carries the :class:`TenantChoice` that was picked."""

    tenant_chosen = Signal(object)

    def __init__(
        self, theme: Theme, commands: CommandBook, search: QWidget, menu: QMenu, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tenants: tuple[TenantChoice, ...] = ()
        self.environment = text_label("")
        self.environment.setObjectName("environment.name")
        self.tenant_name = text_label("", "muted")
        self.tenant_name.setObjectName("tenant.name")
        self.tenant = Picker(theme, self)
        self.tenant.setObjectName("tenant.select")
        set_role(self.tenant, "bare")
        self.tenant.hide()
        self.menu = MenuButton(theme, self)
        self.menu.setObjectName("app.menu")
        self.menu.clicked.connect(lambda: menu.popup(self.menu.mapToGlobal(self.menu.rect().bottomLeft())))
        set_role(self, "panel")
        self.setFixedHeight(_HEIGHT)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 0, 14, 0)
        line.setSpacing(2 * SPACE)
        for widget in (self.environment, self.tenant_name, self.tenant):
            line.addWidget(widget)
        line.addSpacing(SPACE)
        line.addWidget(search, 1)
        line.addWidget(commands.button("runs.live", self, role="toggle"))
        for command_id in ("runs.refresh", "runs.start"):
            line.addWidget(commands.button(command_id, self))
        line.addWidget(self.menu)
        self.tenant.currentIndexChanged.connect(self._picked)
        self.retranslate()

    def show_environment(self, name: str, kind: EnvironmentKind) -> None:
        """Name the environment, in its colour."""
        self.environment.setText(name)
        set_role(self.environment, f"environment-{kind}")

    def show_tenants(self, tenants: Sequence[TenantChoice], current: UUID | None) -> None:
        """Name the tenant; where there are several, offer them."""
        self._tenants = tuple(tenants)
        with QSignalBlocker(self.tenant):
            self.tenant.clear()
            for choice in self._tenants:
                self.tenant.addItem(self._name(choice))
            chosen = [choice.tenant for choice in self._tenants]
            self.tenant.setCurrentIndex(chosen.index(current) if current in chosen else -1)
        several = len(self._tenants) > 1
        self.tenant.setVisible(several)
        self.tenant_name.setVisible(not several)
        self.tenant_name.setText(self._name(self._tenants[0]) if self._tenants else "")

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.menu.setText(self.tr("&Menu"))
        self.menu.setAccessibleName(self.tr("Menu"))
        self.menu.setToolTip(self.tr("Views, look, language, quit"))
        self.tenant.setAccessibleName(self.tr("Tenant"))
        self.tenant.setToolTip(self.tr("Whose runs are shown"))
        self.environment.setToolTip(self.tr("The environment this window is connected to"))

    def _name(self, choice: TenantChoice) -> str:
        return self.tr("Unassigned runs") if choice.tenant is None else choice.name

    def _picked(self, index: int) -> None:
        if 0 <= index < len(self._tenants):
            self.tenant_chosen.emit(self._tenants[index])
