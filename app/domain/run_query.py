"""What a run list is asked for and what it answers. One filter drives rows, counts and exports."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.run import RunRow

MAX_PAGE_SIZE = 500
"""Largest page a reader accepts, in rows."""


class RunSort(StrEnum):
    """Sort orders of the run list; ties are broken by run id, descending."""

    STARTED_DESC = "started_at:desc"
    STARTED_ASC = "started_at:asc"
    UPDATED_DESC = "updated_at:desc"
    UPDATED_ASC = "updated_at:asc"


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs match. ``text`` is a run id, a run-id prefix or a correlation key (wait key), all exact-cased.

    ``started_from`` and ``started_to`` are aware and inclusive, the latter with its whole millisecond. ``stuck_only``
    keeps stuck runs only, ``run_ids`` those that something else found, for example a diagnosis; None is no such term.
    """

    statuses: tuple[str, ...] = ()
    workflow_id: UUID | None = None
    text: str = ""
    started_from: datetime | None = None
    started_to: datetime | None = None
    stuck_only: bool = False
    open_wait_only: bool = False
    replays_only: bool = False
    run_ids: tuple[UUID, ...] | None = None

    def without_status(self) -> RunFilter:
        """Return the filter that list counts use: every term except status (rulings.md)."""
        return replace(self, statuses=())


@dataclass(frozen=True, slots=True)
class RunQuery:
    """One keyset page of a tenant's runs. ``tenant`` None asks for the pseudo-tenant "unassigned"."""

    tenant: UUID | None
    filter: RunFilter = field(default_factory=RunFilter)
    sort: RunSort = RunSort.STARTED_DESC
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page. ``next`` is an opaque cursor or None; ``counts`` are status to number over all that matches.

    ``redaction_closed``: the tenant's rules for masking cannot be used, so the texts of the rows are hidden.
    """

    rows: tuple[RunRow, ...]
    next: str | None
    counts: tuple[tuple[str, int], ...]
    read_at: datetime
    redaction_closed: bool = False

    @property
    def total(self) -> int:
        """Number of runs that match every term except status."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class StuckRuns:
    """Runs that are RUNNING with zero steps and older than the threshold, oldest first, by the database's clock."""

    runs: tuple[RunRow, ...]
    total: int
    oldest_seconds: float
    read_at: datetime


@dataclass(frozen=True, slots=True)
class WorkflowChoice:
    """A workflow an operator may filter by or run. ``published_version`` is max(version) or None."""

    workflow_id: UUID
    name: str
    published_version: int | None
    is_paused: bool
    concurrency_limit: int | None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class TenantChoice:
    """A tenant the connection can see. ``tenant`` None is the pseudo-tenant "unassigned"."""

    tenant: UUID | None
    name: str
