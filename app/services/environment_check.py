"""Do both sides answer, and does anybody poll the task queue?"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from app.domain.errors import EnvironmentFailure
from app.domain.execution import QueueFacts
from app.services.ports import DatabaseProbe, EnvironmentHealth, ExecutionGateway, SideHealth


class EnvironmentCheck:
    """Looks at Postgres, Temporal and the pollers at one moment.

    Args:
        probe: The Postgres side.
        gateway: The Temporal side.
        notes: Sentences to show with every answer, for example settings that have no effect.
    """

    def __init__(self, probe: DatabaseProbe, gateway: ExecutionGateway, notes: tuple[str, ...] = ()) -> None:
        self._probe = probe
        self._gateway = gateway
        self._notes = notes

    async def check(self) -> EnvironmentHealth:
        """Return both sides' health; a side that is down is an answer, not an error."""
        (postgres, clock), (temporal, queue) = await asyncio.gather(self._look_at_postgres(), self._look_at_temporal())
        # Postgres' clock is the common one; this computer's stands in only while Postgres is away.
        now = clock or datetime.now(UTC)
        return EnvironmentHealth(
            postgres=postgres,
            temporal=temporal,
            workers=None if queue is None else queue.live_pollers(now),
            checked_at=now,
            notes=self._notes,
        )

    async def _look_at_postgres(self) -> tuple[SideHealth, datetime | None]:
        try:
            milliseconds = await self._probe.ping()
            clock = await self._probe.clock()
        except EnvironmentFailure as error:
            return _down(error), None
        return SideHealth(reachable=True, milliseconds=milliseconds), clock

    async def _look_at_temporal(self) -> tuple[SideHealth, QueueFacts | None]:
        started = time.perf_counter()
        try:
            await self._gateway.ping()
            milliseconds = (time.perf_counter() - started) * 1000
            queue = await self._gateway.queue()
        except EnvironmentFailure as error:
            return _down(error), None
        return SideHealth(reachable=True, milliseconds=milliseconds), queue


def _down(error: EnvironmentFailure) -> SideHealth:
    return SideHealth(reachable=False, milliseconds=None, problem=error.message, code=error.code)
