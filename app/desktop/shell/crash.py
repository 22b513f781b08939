"""What happens when the program itself is wrong: a report file without any data, and a calm dialog.

A failing environment or a refusal never comes here as a crash; it is shown as a message.
"""

from __future__ import annotations

import json
import platform
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, Signal

from app.desktop.shell.notifier import Notifier
from app.domain.errors import RundeskError

KEPT_REPORTS = 20
"""Older report files are deleted."""


class CrashReporter(QObject):
    """Turns unexpected errors of any thread into a report file and one notice.

    ``crashed`` carries the path of the new report; it is emitted on the UI thread.

    Args:
        directory: Where report files go.
        notify: Where errors of the tree go instead.
    """

    crashed = Signal(object)
    _caught = Signal(str, object)

    def __init__(self, directory: Path, notify: Notifier) -> None:
        super().__init__()
        self._directory = directory
        self._notify = notify
        self._before: tuple[Any, Any] | None = None
        self._caught.connect(self._handle)

    def report(self, where: str, error: BaseException) -> None:
        """Take an error that nobody handled. ``where`` names the task or thread; call it from any thread."""
        self._caught.emit(where, error)

    def report_context(self, context: dict[str, Any]) -> None:
        """Take what asyncio's loop reports about something nobody awaited."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(str(context.get("message", "event loop")), error)

    def install(self) -> None:
        """Take over the hooks of the interpreter for errors that nothing catches."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._excepthook
        threading.excepthook = self._thread_hook

    def uninstall(self) -> None:
        """Give the hooks back."""
        if self._before is not None:
            sys.excepthook, threading.excepthook = self._before
            self._before = None

    def write(self, where: str, error: BaseException) -> Path:
        """Write a report and return its path. It holds code positions, never messages or values of variables."""
        self._directory.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC)
        path = self._directory / f"crash-{stamp:%Y%m%dT%H%M%S}-{uuid4().hex[:6]}.json"
        path.write_text(json.dumps(describe(where, error, stamp), indent=2), encoding="utf-8")
        for old in sorted(self._directory.glob("crash-*.json"))[:-KEPT_REPORTS]:
            old.unlink(missing_ok=True)
        return path

    def _handle(self, where: str, error: BaseException) -> None:
        if isinstance(error, RundeskError):
            self._notify.failure(error)
            return
        self.crashed.emit(self.write(where, error))

    def _excepthook(self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        self.report("main", error)

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            self.report(arguments.thread.name if arguments.thread else "thread", arguments.exc_value)


def describe(where: str, error: BaseException, at: datetime) -> dict[str, object]:
    """Return the report's document: types and positions of the error and its causes.

    Messages are left out because they may quote documents; so are local variables.
    """
    return {
        "at": at.isoformat(),
        "where": where,
        "errors": [_one(link) for link in _chain(error)],
        "python": platform.python_version(),
        "qt": pyside_version,
        "platform": platform.platform(),
    }


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links


def _one(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [{"file": _short(frame.filename), "line": frame.lineno, "function": frame.name} for frame in frames],
    }


def _short(filename: str) -> str:
    """Return a source path from the package on, without the user's directories."""
    parts = Path(filename).parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    if "app" in parts:
        return "/".join(parts[parts.index("app") :])
    return Path(filename).name
