"""The filter by status: several at once, each with its number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.shell.controls import MenuButton
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import run_status_look
from app.desktop.shell.theme import Theme, set_filled
from app.desktop.shell.tokens import SPACE
from app.domain.run import RunStatus


class StatusFilter(MenuButton):
    """Chooses statuses. ``chosen`` carries a tuple of status words; an empty one means any."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._counts: dict[str, int] = {}
        self._menu = _StayingMenu(self)
        self._menu.setObjectName("runs.filter.status.menu")
        self._actions = {str(status): self._add(str(status)) for status in RunStatus}
        self.setObjectName("runs.filter.status")
        self.clicked.connect(self._open)
        self.retranslate()

    @property
    def statuses(self) -> tuple[str, ...]:
        """The chosen statuses, in the order of the menu."""
        return tuple(status for status, action in self._actions.items() if action.isChecked())

    def action_of(self, status: str) -> QAction:
        """Return the menu entry of a status."""
        return self._actions[status]

    def show_statuses(self, statuses: tuple[str, ...]) -> None:
        """Show a choice without announcing it."""
        for status, action in self._actions.items():
            action.setChecked(status in statuses)
        self.retranslate()

    def set_counts(self, counts: dict[str, int]) -> None:
        """Show how many runs each status would list."""
        if counts != self._counts:
            self._counts = dict(counts)
            self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        for status, action in self._actions.items():
            look = run_status_look(status)
            count = self._counts.get(status)
            # The number stands where other menus have shortcuts. No icon: it would take the place of the check mark.
            action.setText(look.word if count is None else f"{look.word}\t{QLocale().toString(count)}")
        words = [run_status_look(status).word for status in self.statuses]
        set_filled(self, bool(words))
        if not words:
            self.setText(self.tr("Status: any"))
        elif len(words) <= 2:
            self.setText(self.tr("Status: {statuses}").format(statuses=", ".join(words)))
        else:
            self.setText(self.tr("Status: {number} chosen").format(number=len(words)))
        self.setAccessibleName(self.tr("Filter by status"))
        self.setToolTip(self.tr("Show runs in any of the chosen statuses"))

    def _add(self, status: str) -> QAction:
        action = self._menu.addAction(status)
        action.setObjectName(f"runs.filter.status.{status}")
        action.setCheckable(True)
        action.triggered.connect(self._announce)
        return action

    def _announce(self) -> None:
        self.retranslate()
        self.chosen.emit(self.statuses)

    def _open(self) -> None:
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + SPACE)))


class _StayingMenu(QMenu):
    """A menu that stays open while its entries are checked with the mouse."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Toggle the entry without closing."""
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isEnabled() and event.button() == Qt.MouseButton.LeftButton:
            action.trigger()
            return
        super().mouseReleaseEvent(event)
