"""Work that a worker repeats beside its runs: never fatal, never overlapping, and seen when it stops."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.service import RPCError

from app.domain.errors import EnvironmentFailure

_log = logging.getLogger(__name__)
_LONGEST_PASS = timedelta(minutes=5)
"""A pass is some statements with deadlines of their own; one that takes longer hangs."""

Work = Callable[[], Awaitable[Mapping[str, int]]]
"""One pass; returns what it counted."""


@dataclass(frozen=True, slots=True)
class PassCounts:
    """What a part has done since the worker started; ``last_error`` is None when its newest pass went well."""

    passes: int
    failures: int
    last_pass_at: datetime | None
    last_error: str | None
    counted: Mapping[str, int]


class Periodic:
    """Repeats one kind of pass.

    Args:
        name: As in the readiness answer and in the log.
        interval: Between the end of a pass and the begin of the next.
        work: The pass.
        at_once: Whether the first pass comes at once and not after one interval.
    """

    def __init__(self, name: str, interval: timedelta, work: Work, *, at_once: bool = False) -> None:
        self.name = name
        self._interval = interval
        self._work = work
        self._at_once = at_once
        self._counted: Counter[str] = Counter()
        self._passes = self._failures = 0
        self._last_pass_at: datetime | None = None
        self._last_error: str | None = None
        self._is_running = False
        self._seen_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether the task runs, and neither sleeps nor works longer than it may; failing passes are no death."""
        silence = time.monotonic() - self._seen_at
        return self._is_running and silence < (self._interval + _LONGEST_PASS).total_seconds()

    @property
    def counts(self) -> PassCounts:
        """What was done so far."""
        return PassCounts(
            self._passes, self._failures, self._last_pass_at, self._last_error, dict(sorted(self._counted.items()))
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Repeat passes until told to stop; one under way is finished."""
        self._is_running = True
        self._seen_at = time.monotonic()
        try:
            if self._at_once:
                await self._pass()
            while not await _is_set_within(stop, self._interval):
                await self._pass()
        finally:
            self._is_running = False

    async def _pass(self) -> None:
        self._seen_at = time.monotonic()
        try:
            counted = await self._work()
        except (EnvironmentFailure, RPCError, TimeoutError, OSError) as error:
            self._failed(error)
        except Exception as bug:  # noqa: BLE001 - a fault of ours in beside-work must not end the runs
            self._failed(bug)
            _log.exception("%s: a pass broke in a way it should not", self.name)
        else:
            self._last_error = None
            self._counted.update(counted)
            if any(counted.values()):
                _log.info("%s: %s", self.name, ", ".join(f"{count} {what}" for what, count in counted.items() if count))
        self._passes += 1
        self._last_pass_at = datetime.now(UTC)
        self._seen_at = time.monotonic()

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._last_error = type(error).__name__
        _log.warning("%s: a pass failed (%s); the next comes in %s", self.name, error, self._interval)


async def _is_set_within(stop: asyncio.Event, interval: timedelta) -> bool:
    try:
        async with asyncio.timeout(interval.total_seconds()):
            await stop.wait()
    except TimeoutError:
        return False
    return True
