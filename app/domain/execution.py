"""What Temporal says about an execution and its task queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LIVE_POLLER_SECONDS = 70
"""Age of the last access under which a poller counts as alive (stack-facts.md, "Temporal facts and their delay")."""


class ExecutionStatus(StrEnum):
    """Temporal's execution status, in its own words, lower case."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    TERMINATED = "terminated"
    CONTINUED_AS_NEW = "continued_as_new"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class ExecutionFacts:
    """A described execution: the latest of its continue-as-new chain."""

    workflow_id: str
    first_run_id: str
    status: ExecutionStatus
    task_queue: str
    started_at: datetime
    closed_at: datetime | None
    history_length: int


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """Pollers Temporal lists for the contract's task queue. Stopped ones stay listed about 295 s.

    ``accesses`` are the pollers' last accesses, in the order of ``pollers``; ``last_access`` is the newest of them.
    """

    task_queue: str
    pollers: tuple[str, ...]
    last_access: datetime | None
    accesses: tuple[datetime, ...] = ()

    def live_pollers(self, now: datetime) -> int:
        """Count the pollers that asked for work recently enough to be alive at ``now`` (an idle one asks each 55 s)."""
        return sum((now - access).total_seconds() < LIVE_POLLER_SECONDS for access in self.accesses)
