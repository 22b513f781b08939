"""How fast a batch may go: the tenant's start limit and the workflows' limits are kept, and others get their share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from app.domain.launching import GateFacts

RESERVED_SHARE = 10
"""Percent of the tenant's start limit that a batch leaves free for people (at least one start)."""


@dataclass(frozen=True, slots=True)
class WorkflowRoom:
    """Gate facts of one workflow. ``concurrency_limit`` None or 0 means unlimited."""

    workflow_id: UUID
    concurrency_limit: int | None
    active_runs: int

    @property
    def free(self) -> int | None:
        """Runs that may still start, None for any number; one slot stays free for people where there are several."""
        if not self.concurrency_limit:
            return None
        return max(0, self.concurrency_limit - reserved_slots(self.concurrency_limit) - self.active_runs)


@dataclass(frozen=True, slots=True)
class LaunchRoom:
    """Gate facts of a tenant and some workflows, read without locks.

    Attributes:
        starts_in_window: Runs of the tenant started in the last 60 s by the database's clock.
        starts_per_minute: The tenant's limit, None for none.
        seconds_to_next: Until the oldest of those starts leaves the window; None when there was none.
    """

    starts_in_window: int
    starts_per_minute: int | None
    seconds_to_next: float | None
    workflows: tuple[WorkflowRoom, ...] = ()

    @property
    def free_starts(self) -> int | None:
        """Starts that a batch may make now, None for any number; a share of the limit stays free for people."""
        limit = self.starts_per_minute
        if limit is None:
            return None
        return max(0, limit - reserved_starts(limit) - self.starts_in_window)

    def of(self, workflow_id: UUID | None) -> WorkflowRoom | None:
        """Return the facts of a workflow, None when it is not among them."""
        return next((room for room in self.workflows if room.workflow_id == workflow_id), None)


def reserved_starts(limit: int) -> int:
    """Return how many starts per minute a batch leaves to people; a limit of one leaves none."""
    return 0 if limit <= 1 else max(1, limit * RESERVED_SHARE // 100)


def reserved_slots(concurrency_limit: int) -> int:
    """Return how many runs at once a batch leaves to people; a limit of one leaves none."""
    return 1 if concurrency_limit > 1 else 0


def gates_of_batch(facts: GateFacts) -> GateFacts:
    """Return the gates as a launch of a batch meets them, which two batches that looked at the same moment need."""
    starts, slots = facts.starts_per_minute, facts.concurrency_limit
    return replace(
        facts,
        starts_per_minute=None if starts is None else starts - reserved_starts(starts),
        concurrency_limit=slots - reserved_slots(slots) if slots else slots,
    )
