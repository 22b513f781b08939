"""What Temporal says about an execution and its task queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    """Pollers Temporal lists for the contract's task queue. Stopped ones stay listed about 295 s."""

    task_queue: str
    pollers: tuple[str, ...]
    last_access: datetime | None
