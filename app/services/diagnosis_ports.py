"""The ports of diagnosis: facts of many runs in a few statements and calls, more of one run when it is asked for.

Implemented by ``app.postgres.diagnosis_facts`` and ``app.temporal.execution_reader``; errors as in
:mod:`app.services.ports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from app.domain.diagnosis.execution_facts import CurrentWait, Execution, HistoryTail, QueueState
from app.domain.diagnosis.facts import RowFacts, UsageFacts


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows of one tenant in one snapshot; ``read_at`` is the database's clock.

    ``total`` counts all that match, also beyond the limit.
    """

    rows: tuple[RowFacts, ...]
    read_at: datetime
    total: int
    usage: UsageFacts | None = None


class TextScrubber(Protocol):
    """Hides one run's secrets in texts that did not come from Postgres."""

    def text(self, raw: str | None) -> str | None:
        """Return the text fit for display."""


@dataclass(frozen=True, slots=True)
class CloserFacts:
    """One run looked at closely: keys, near misses and filters in ``row``, and a scrubber that knows its secrets."""

    row: RowFacts
    scrubber: TextScrubber


class DiagnosisReader(Protocol):
    """The projection's side. Each method is one read-only transaction."""

    async def active(self, tenant: UUID | None, closed_within: timedelta | None, limit: int) -> RowBatch:
        """Return runs that are not finally closed, oldest first, then those that closed within this span."""

    async def runs(self, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> RowBatch:
        """Return these runs; ids that do not exist are left out."""

    async def closer(self, row: RowFacts) -> CloserFacts:
        """Return the run with what is too dear to read for many."""


class ExecutionReader(Protocol):
    """Temporal's side. Raises TemporalUnavailable when no answer can be had."""

    async def listed(self, run_ids: tuple[UUID, ...], *, presumed_open: bool) -> dict[UUID, Execution]:
        """Return the newest execution of each of these runs that the visibility store lists; it may lag.

        With ``presumed_open`` running ones on the contract's queue are counted first, which is cheaper by far.
        """

    async def described(self, run_id: UUID) -> Execution | None:
        """Return the newest execution with what is pending in it, or None when Temporal does not know it."""

    async def queue(self, name: str) -> QueueState:
        """Return pollers and backlog of a task queue, workflow and activity tasks."""

    async def tail(self, run_id: UUID) -> HistoryTail | None:
        """Return what the end of the newest execution's history says; None when it is not there any more."""

    async def current_wait(self, run_id: UUID) -> CurrentWait | None:
        """Ask the workflow what it waits for; None when no worker answers in a short time."""

    async def retention(self) -> timedelta:
        """Return how long the namespace keeps closed executions."""

    async def namespace_in_use(self) -> bool:
        """Say whether the namespace holds any execution of the product's workflow type."""
