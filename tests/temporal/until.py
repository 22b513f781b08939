"""Waiting on a condition of a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LOOK_EVERY_SECONDS = 0.02


async def until(condition: Callable[[], Awaitable[object]], *, within: float = 15.0) -> None:
    """Return once the condition's answer is true; TimeoutError when it never is."""
    async with asyncio.timeout(within):
        while True:
            if await condition():
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)
