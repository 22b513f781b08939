"""The asyncio loop of the UI thread: qasync under a running ``app.exec()``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from app.bridge.pause_tuning import UiCollector

LoopErrorHandler = Callable[[dict[str, Any]], None]


def make_ui_loop(application: QApplication, on_error: LoopErrorHandler | None = None) -> asyncio.AbstractEventLoop:
    """Return the loop on which coroutines of the UI run, already running for asyncio.

    The loop runs under ``application.exec()`` instead of ``run_until_complete``: a window that closes can then never
    stop the loop in the middle of a coroutine.

    Args:
        application: The one QApplication.
        on_error: Gets asyncio's context of an error nobody awaited.
    """
    loop: asyncio.AbstractEventLoop = QEventLoop(application, already_running=True)
    UiCollector(application)
    if on_error is not None:
        handler = on_error
        loop.set_exception_handler(lambda _loop, context: handler(context))
    return loop


def close_ui_loop(application: QApplication, loop: asyncio.AbstractEventLoop, *, rounds: int = 5) -> None:
    """Cancel what is left, let it unwind, and close the loop. Call it after ``exec()`` returned."""
    for task in asyncio.all_tasks(loop):
        task.cancel()
    for _ in range(rounds):
        application.processEvents()
    for collector in application.findChildren(UiCollector):
        collector.stop()
    asyncio.events._set_running_loop(None)  # noqa: SLF001  the counterpart of what already_running=True set
    # stop() would also tell Qt to quit, which would end every later event loop of a process that goes on (tests).
    loop._QEventLoop__is_running = False  # type: ignore[attr-defined]  # noqa: SLF001
    loop.close()
