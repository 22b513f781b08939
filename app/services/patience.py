"""How long a service keeps asking a side that does not answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from app.domain.errors import DatabaseUnavailable

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """A span of asking again, with the clock that measures it.

    Args:
        seconds: How long to go on; 0 asks once.
        clock: Monotonic seconds.
        pause: Waits for some seconds.
    """

    seconds: float = 3.0
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def until_known(self, ask: Callable[[], Awaitable[T | None]]) -> T | None:
        """Ask until the answer is not None; None when patience ends first."""
        deadline = self.clock() + self.seconds
        delay = FIRST_PAUSE_SECONDS
        while (answer := await ask()) is None and self.clock() + delay <= deadline:
            await self.pause(delay)
            delay = min(delay * 2, LONGEST_PAUSE_SECONDS)
        return answer

    async def persist(self, write: Callable[[], Awaitable[T]]) -> T:
        """Await a database call that may be repeated, again while Postgres is away; then its DatabaseUnavailable."""
        deadline = self.clock() + self.seconds
        delay = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await write()
            except DatabaseUnavailable:
                if self.clock() + delay > deadline:
                    raise
            await self.pause(delay)
            delay = min(delay * 2, LONGEST_PAUSE_SECONDS)
