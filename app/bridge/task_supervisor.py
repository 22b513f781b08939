"""Holds every coroutine of the UI by name, so that none is lost, silent, or alive after its window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

ErrorHandler = Callable[[Exception], None]


class TaskSupervisor:
    """Spawns UI coroutines under a name, keeps strong references and routes their errors.

    qasync holds the tasks of its own slots only weakly and shows their errors at garbage collection, if at all;
    therefore no slot is a coroutine: a slot hands its coroutine to this class.

    Args:
        on_error: Where errors go that the spawner did not want itself; gets the task's name and the error.
    """

    def __init__(self, on_error: Callable[[str, Exception], None]) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(
        self, name: str, coroutine: Coroutine[Any, Any, Any], on_error: ErrorHandler | None = None
    ) -> asyncio.Task[Any]:
        """Run the coroutine on the UI loop under ``name`` (for logs and crash reports) and return its task."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._finished(done, on_error))
        return task

    def names(self) -> tuple[str, ...]:
        """Return the names of what is running, sorted."""
        return tuple(sorted(task.get_name() for task in self._tasks))

    async def cancel_all(self) -> None:
        """Cancel every task but the calling one and wait until each has ended."""
        current = asyncio.current_task()
        pending = {task for task in self._tasks if task is not current}
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending)

    def _finished(self, task: asyncio.Task[Any], on_error: ErrorHandler | None) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Exception):
            if on_error is not None:
                on_error(error)
            else:
                self._on_error(task.get_name(), error)
