"""The thread in which everything that awaits a socket runs: one asyncio loop that owns every client and pool."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)

THREAD_NAME = "rundesk-io"
DRAIN_SECONDS = 5.0
"""How long unfinished work may take to end when the application closes."""


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of the I/O thread: a selector loop on Windows too, since psycopg refuses the Proactor loop."""
    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()
    return asyncio.new_event_loop()


class IoThread:
    """Owns the named I/O thread and its loop: start, submit work, and end in order.

    Work is submitted as a factory, so that its coroutine is created on the loop that runs it and no coroutine is
    left un-awaited when the thread refuses it. Closers (pools, clients, the sandbox) run newest first at the end.
    """

    def __init__(self, name: str = THREAD_NAME) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closers: list[Callable[[], Awaitable[object]]] = []
        self._closing = False

    @property
    def running(self) -> bool:
        """Whether the thread accepts work."""
        return self._thread is not None and self._thread.is_alive() and not self._closing

    def start(self) -> None:
        """Start the thread and return once its loop runs."""
        if self._thread is not None:
            raise RuntimeError("The I/O thread was already started")
        self._loop = _new_loop()
        ready = threading.Event()
        self._loop.call_soon(ready.set)
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        ready.wait()

    def submit(self, factory: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Run ``factory()`` on the I/O loop and return its thread-safe future; canceling it cancels the work.

        Raises:
            RuntimeError: The thread is not running or is closing.
        """
        if self._loop is None or not self.running:
            raise RuntimeError("The I/O thread is not running")
        return asyncio.run_coroutine_threadsafe(self._tracked(factory), self._loop)

    def add_closer(self, closer: Callable[[], Awaitable[object]]) -> None:
        """Register what the drain awaits at its end, newest first; call it from any thread."""
        self._closers.append(closer)

    def drain(self, seconds: float = DRAIN_SECONDS) -> Future[None]:
        """Refuse new work, cancel what runs, await it and the closers for at most ``seconds``; then stop the loop."""
        if self._loop is None or not self.running:
            done: Future[None] = Future()
            done.set_result(None)
            return done
        self._closing = True
        return asyncio.run_coroutine_threadsafe(self._drain(seconds), self._loop)

    def join(self, seconds: float = DRAIN_SECONDS) -> bool:
        """End the loop and wait for the thread; say whether it ended. Call it after :meth:`drain`."""
        if self._loop is None or self._thread is None:
            return True
        self._closing = True
        with contextlib.suppress(RuntimeError):  # the loop is already closed
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        loop = self._loop
        assert loop is not None  # noqa: S101  set by start() before the thread exists
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            # Rendering and checking of large documents run in the loop's worker threads; none may outlive it.
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    async def _tracked(self, factory: Callable[[], Coroutine[Any, Any, T]]) -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine that runs has a task
        self._tasks.add(task)
        try:
            return await factory()
        finally:
            self._tasks.discard(task)

    async def _drain(self, seconds: float) -> None:
        pending = set(self._tasks)
        for task in pending:
            task.cancel()
        if pending:
            _, stubborn = await asyncio.wait(pending, timeout=seconds)
            for task in stubborn:
                _log.warning("I/O task %s did not end within %.1f s", task.get_name(), seconds)
        while self._closers:
            await self._close_one(self._closers.pop(), seconds)

    async def _close_one(self, closer: Callable[[], Awaitable[object]], seconds: float) -> None:
        try:
            await asyncio.wait_for(_awaited(closer), seconds)
        except Exception:  # noqa: BLE001  one closer that fails must not keep the others open
            _log.warning("Closing a connection failed", exc_info=True)


async def _awaited(closer: Callable[[], Awaitable[object]]) -> None:
    await closer()
