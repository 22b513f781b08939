"""How UI code asks a service: one awaited call from the UI loop into the I/O loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from app.bridge.io_thread import DRAIN_SECONDS, IoThread

T = TypeVar("T")


class Bridge:
    """Awaits work of the I/O thread on the UI loop. Only frozen dataclasses should cross."""

    def __init__(self, io: IoThread) -> None:
        self._io = io

    async def call(self, factory: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ``factory()`` on the I/O loop and return what it returns.

        Canceling the awaiting task cancels the work; an exception of the work is raised here.
        """
        return await asyncio.wrap_future(self._io.submit(factory))

    def on_close(self, closer: Callable[[], Awaitable[object]]) -> None:
        """Await ``closer()`` on the I/O loop when the application ends, newest first."""
        self._io.add_closer(closer)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """End all I/O in order without blocking the window, then end the thread."""
        await asyncio.wrap_future(self._io.drain(seconds))
        self._io.join(seconds)
