"""The tray: an icon that shows the worst trouble from anywhere, and messages of the desktop, where there is a tray."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from app.desktop.shell.icons import application_icon, state_icon
from app.desktop.shell.state_look import StateKind
from app.desktop.shell.theme import Theme

_ICON_PX = 22
_MESSAGE_MS = 10_000


class Tray(QObject):
    """An icon while :meth:`show` was called last; ``activated`` asks for the window."""

    activated = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon: QSystemTrayIcon | None = None

    @property
    def available(self) -> bool:
        """Whether this desktop has a tray now; some only start one later."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self, text: str, *, trouble: bool) -> None:
        """Show the icon in the colour of trouble or of calm; ``text`` is seen when hovering it."""
        if not self.available:
            return
        if self._icon is None:
            self._icon = QSystemTrayIcon(self)
            self._icon.activated.connect(lambda _reason: self.activated.emit())
            self._icon.messageClicked.connect(self.activated)
        tokens = self._theme.tokens
        calm = application_icon(tokens.accent, tokens.on_accent, _ICON_PX)
        self._icon.setIcon(state_icon(StateKind.STUCK, tokens.failed, _ICON_PX) if trouble else calm)
        self._icon.setToolTip(text)
        self._icon.show()

    def hide(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()

    def tell(self, title: str, text: str) -> None:
        """Show a message of the desktop; nothing without an icon."""
        if self._icon is not None and self._icon.isVisible() and QSystemTrayIcon.supportsMessages():
            self._icon.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning, _MESSAGE_MS)
