"""Shows the window."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from app.bootstrap.connection import configured
from app.bootstrap.display import require_display
from app.cli.rooms import ConnectionFlags


def run_desktop(flags: ConnectionFlags) -> int:
    """Show the window until it is closed; with nothing configured, on the sandbox.

    Raises:
        Misconfigured: the connection or the settings cannot be used, or there is no display.
    """
    connection = configured(flags, os.environ)
    require_display(os.environ)
    from PySide6.QtWidgets import QApplication

    from app.bootstrap.opening import opening_of, window_kind
    from app.desktop.shell.application import make_application
    from app.desktop.shell.preferences import PreferenceStore
    from app.desktop.shell.session import run_session

    application = make_application(sys.argv[:1])

    def close_windows(_number: int, _frame: FrameType | None) -> None:
        QApplication.closeAllWindows()

    # Python runs a handler between two of its own instructions; the window's ticks make sure that there are some.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, close_windows)
    return run_session(
        application,
        opening_of(connection, flags),
        sandbox=connection is None,
        kind=window_kind(connection),
        store=PreferenceStore(),
    )
