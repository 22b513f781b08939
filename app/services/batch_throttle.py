"""May the next replay of a batch start now? The tenant's limits are looked at, never found out by failing."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.batch import BatchAction, BatchOrder
from app.domain.batch_ledger import WaitingFor
from app.domain.batch_pace import LaunchRoom
from app.services.batch_ports import BatchFacts
from app.services.batch_timing import BatchTiming

LOOK_SECONDS = 1.0
"""How long a look at the gates is good for: others start runs too."""
MEASURED_SECONDS = 60.0
_SOONEST_MEASURE = 3.0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing may be sent now, and after how many seconds it is worth looking again.

    ``waiting_for`` None: it is only busy.
    """

    waiting_for: WaitingFor | None
    seconds: float


class Throttle:
    """Keeps the pace of one runner.

    Args:
        facts: Where the gates are looked at.
        order: The batch; a cancel passes no launch gate.
        workflows: The workflows of the batch's runs.
        timing: The clocks.
    """

    def __init__(self, facts: BatchFacts, order: BatchOrder, workflows: Sequence[UUID], timing: BatchTiming) -> None:
        self._facts = facts
        self._tenant = order.scope.tenant
        self._gated = order.action is BatchAction.REPLAY
        self._rate = order.settings.rate_per_minute
        self._workflows = tuple(workflows)
        self._clock = timing.clock
        self._began = self._clock()
        self._next_start = self._began
        self._starts: deque[float] = deque()
        self._room: LaunchRoom | None = None
        self._looked_at = self._began
        self._taken: Counter[UUID | None] = Counter()

    async def obstacle(self) -> Obstacle | None:
        """Return what keeps every start from going now: the batch's own rate, or the tenant's limit."""
        now = self._clock()
        if now < self._next_start:
            return Obstacle(WaitingFor.RATE, self._next_start - now)
        if not self._gated:
            return None
        room = await self._look()
        free = room.free_starts
        if free is None or self._taken.total() < free:
            return None
        return Obstacle(WaitingFor.TENANT_LIMIT, self._until_next_look())

    def has_room(self, workflow_id: UUID | None) -> bool:
        """Say whether the workflow's concurrency limit leaves a place, by the last look."""
        room = None if self._room is None else self._room.of(workflow_id)
        return room is None or room.free is None or self._taken[workflow_id] < room.free

    def full(self) -> Obstacle:
        """Return the obstacle of workflows that have no place left."""
        return Obstacle(WaitingFor.CONCURRENCY, self._until_next_look())

    def started(self, workflow_id: UUID | None) -> None:
        """Count a start that is about to be sent."""
        now = self._clock()
        self._taken[workflow_id] += 1
        self._starts.append(now)
        if self._rate is not None:
            self._next_start = max(now, self._next_start) + 60.0 / self._rate

    def look_again(self) -> None:
        """Forget the last look, as somebody else was faster."""
        self._room = None

    @property
    def per_minute(self) -> float | None:
        """Starts per minute over the last minute, None in the first seconds."""
        now = self._clock()
        while self._starts and now - self._starts[0] > MEASURED_SECONDS:
            self._starts.popleft()
        measured = min(now - self._began, MEASURED_SECONDS)
        return len(self._starts) * 60.0 / measured if measured >= _SOONEST_MEASURE and self._starts else None

    async def _look(self) -> LaunchRoom:
        if self._room is None or self._clock() - self._looked_at >= LOOK_SECONDS:
            # What is sent while the answer is under way may be counted twice, never not at all.
            self._taken.clear()
            self._looked_at = self._clock()
            self._room = await self._facts.room(self._tenant, self._workflows)
        return self._room

    def _until_next_look(self) -> float:
        return max(0.05, LOOK_SECONDS - (self._clock() - self._looked_at))
