"""Makes the QApplication, after making sure that there is a display for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.desktop.shell.icons import application_icon
from app.desktop.shell.tokens import LIGHT

NO_DISPLAY_EXIT = 2
_DISPLAYLESS_PLATFORMS = frozenset({"offscreen", "minimal", "vnc"})


def missing_display(environment: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """Return one sentence when no window can be shown, else None. Without a display Qt would abort the process."""
    if not platform.startswith(("linux", "freebsd")):
        return None
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if chosen in _DISPLAYLESS_PLATFORMS or chosen.startswith(("eglfs", "linuxfb")):
        return None
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return None
    return (
        "rundesk: there is no display, so no window can be shown. Set DISPLAY or WAYLAND_DISPLAY, "
        "or use the command line: rundesk --help"
    )


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the QApplication.

    Raises:
        SystemExit: with status 2, after one line on standard error, when there is no display.
    """
    problem = missing_display(os.environ)
    if problem is not None:
        sys.stderr.write(problem + "\n")
        raise SystemExit(NO_DISPLAY_EXIT)
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
