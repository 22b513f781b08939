"""Makes the QApplication."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.desktop.shell.icons import application_icon
from app.desktop.shell.tokens import LIGHT


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the QApplication. The composition root has made sure that there is a display: without one Qt aborts."""
    existing = QCoreApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(list(argv))
    application.setApplicationName("Rundesk")
    application.setOrganizationName("Rundesk")
    application.setApplicationDisplayName("Rundesk")
    application.setDesktopFileName("rundesk")
    application.setWindowIcon(application_icon(LIGHT.accent, LIGHT.on_accent))
    # The last window closing must not stop the loop before tasks and connections have ended (quitter.py).
    application.setQuitOnLastWindowClosed(False)
    return application
