"""Work inside an activity that a cancel must not interrupt halfway, such as a database write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from temporalio import activity

_HEARTBEAT_SECONDS = 1.0

T = TypeVar("T")


async def undisturbed(work: Coroutine[Any, Any, T]) -> tuple[T, bool]:
    """Finish ``work`` and return its result with whether a cancel arrived meanwhile; the caller acts on it."""
    task = asyncio.get_running_loop().create_task(work, name="undisturbed")
    try:
        return await asyncio.shield(task), False
    except asyncio.CancelledError:
        return await task, True


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Heartbeat while an action is under way, which is also how it learns that it was cancelled."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    # Not a TaskGroup: it would wrap the action's own error in an exception group.
    heart = asyncio.get_running_loop().create_task(beat(), name=f"heartbeat {activity.info().activity_id}")
    try:
        yield
    finally:
        heart.cancel()
        await asyncio.wait([heart])
