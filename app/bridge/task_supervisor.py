"""Holds every coroutine of the UI by name, so that none is lost, silent, or alive after its window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from app.domain.errors import RundeskError


class SpawnedTask:
    """A handle on a spawned coroutine: it can be ended and asked, but nobody needs to await it."""

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task

    @property
    def name(self) -> str:
        """The name it was spawned under."""
        return self._task.get_name()

    def cancel(self) -> None:
        """Ask it to end."""
        self._task.cancel()

    def done(self) -> bool:
        """Say whether it has ended."""
        return self._task.done()

    async def wait(self) -> None:
        """Return once the coroutine has ended, however it ended; its errors go where they always go."""
        await asyncio.wait({self._task})

    def add_done_callback(self, callback: Callable[[SpawnedTask], object]) -> None:
        """Call ``callback`` with this handle once the coroutine has ended, however it ended."""
        self._task.add_done_callback(lambda _task: callback(self))


class TaskSupervisor:
    """Spawns UI coroutines under a name, keeps strong references and routes their errors.

    qasync holds the tasks of its own slots only weakly and shows their errors at garbage collection, if at all;
    therefore no slot is a coroutine: a slot hands its coroutine to this class.

    Args:
        on_error: Where errors go that no spawner takes; gets the task's name and the error.
    """

    def __init__(self, on_error: Callable[[str, Exception], None]) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(
        self,
        name: str,
        coroutine: Coroutine[Any, Any, Any],
        on_error: Callable[[RundeskError], None] | None = None,
    ) -> SpawnedTask:
        """Run the coroutine on the UI loop.

        Args:
            name: For logs and crash reports.
            coroutine: What to run.
            on_error: Takes an error of the tree; a bug always goes to the supervisor's own handler.
        """
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._finished(done, on_error))
        return SpawnedTask(task)

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

    def _finished(self, task: asyncio.Task[Any], on_error: Callable[[RundeskError], None] | None) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if on_error is not None and isinstance(error, RundeskError):
            on_error(error)
        elif isinstance(error, Exception):
            self._on_error(task.get_name(), error)
