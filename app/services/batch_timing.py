"""The clocks of a running batch, in one place so that tests can let time pass at will."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime


async def _until_set(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


@dataclass(frozen=True, slots=True)
class BatchTiming:
    """How a batch measures and lets pass time.

    Attributes:
        clock: Monotonic seconds.
        now: The time of day, for the ledger.
        wait: Waits until an event is set or some seconds are over.
    """

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait: Callable[[asyncio.Event, float], Awaitable[None]] = _until_set
