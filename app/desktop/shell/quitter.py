"""The orderly end, in one place: stop listening, end the UI's tasks, drain the I/O, then leave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.bridge import Bridge, TaskSupervisor

DRAIN_SECONDS = 5.0
SETTLE_SECONDS = 10.0
"""How long work may take to write down where it stands, before it is cut off."""


class Quitter(QObject):
    """Ends the application once.

    A window's first close event is ignored and handed to :meth:`quit`; the application leaves when everything has
    ended, so no coroutine is cut off and no server is left behind. ``began`` and ``finished`` frame the end.

    Args:
        bridge: Drained last.
        tasks: Canceled first.
        leave: What ends the event loop.
    """

    began = Signal()
    finished = Signal()

    def __init__(self, bridge: Bridge, tasks: TaskSupervisor, leave: Callable[[], None] = QApplication.quit) -> None:
        super().__init__()
        self._bridge = bridge
        self._tasks = tasks
        self._leave = leave
        self._stops: list[Callable[[], None]] = []
        self._settlers: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._quitting = False

    @property
    def quitting(self) -> bool:
        """Whether the end has begun."""
        return self._quitting

    def on_quit(self, stop: Callable[[], None]) -> None:
        """Call ``stop`` first, before tasks are canceled: for timers and channels."""
        self._stops.append(stop)

    def before_end(self, settle: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Await ``settle()`` after the stops and before tasks are canceled: for work that is to stop in order."""
        self._settlers.append(settle)

    def quit(self) -> None:
        """Begin the end; further calls do nothing."""
        if self._quitting:
            return
        self._quitting = True
        self.began.emit()
        for stop in self._stops:
            stop()
        self._tasks.spawn("quit", self._end())

    async def _end(self) -> None:
        try:
            await self._settle()
            await self._tasks.cancel_all()
            await self._bridge.drain(DRAIN_SECONDS)
        finally:
            self.finished.emit()
            self._leave()

    async def _settle(self) -> None:
        for task in [self._tasks.spawn("settle", settle()) for settle in self._settlers]:
            with contextlib.suppress(TimeoutError):  # what has not settled by then is canceled next
                await asyncio.wait_for(task.wait(), SETTLE_SECONDS)
