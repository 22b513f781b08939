"""The ports of batches: facts of many runs in a few statements, and the journal on this computer's disk."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.domain.batch import BatchAction, BatchPlan, BatchSettings
from app.domain.batch_facts import ScopeFacts
from app.domain.batch_ledger import BatchState, EntryState, LedgerEntry
from app.domain.batch_pace import LaunchRoom
from app.domain.launching import PatchOperation
from app.domain.run_query import RunFilter
from app.services.ports import OperatorDirectory, RunReader


class BatchFacts(Protocol):
    """Reads the projection for batches. Each method is one read transaction of a few statements, however many runs."""

    async def matching(self, tenant: UUID, run_filter: RunFilter, limit: int) -> tuple[UUID, ...]:
        """Return the ids of everything that matches, oldest run first, at most ``limit``: one snapshot."""

    async def facts(
        self, tenant: UUID, run_ids: Sequence[UUID], action: BatchAction, patch: tuple[PatchOperation, ...]
    ) -> ScopeFacts:
        """Return what is known of these runs; nothing about input and replays is read for a cancel."""

    async def room(self, tenant: UUID, workflows: Sequence[UUID]) -> LaunchRoom:
        """Return how many starts the gates leave room for at this moment. Read without locks: others may start too."""

    async def ends(self, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[tuple[UUID, str], ...]:
        """Return those of these runs that have ended, with their status words."""

    async def existing(self, tenant: UUID, run_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return those of these runs that the tenant has: which requests of a batch were admitted before a crash."""


class Wish(StrEnum):
    """What an operator wants of a batch that runs, perhaps in another process."""

    NONE = "none"
    PAUSE = "pause"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a batch stands by the journal.

    ``held`` says whether a living runner has it, ``planned_elsewhere`` that it is about another database or Temporal.

    ``forgiven`` and ``forgiven_bad`` are the outcomes, and the bad ones among them, that no longer count for the
    failure rate, as the operator has gone on knowing them.
    """

    state: BatchState
    code: str | None = None
    message: str | None = None
    wish: Wish = Wish.NONE
    forgiven: int = 0
    forgiven_bad: int = 0
    held: bool = False
    planned_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class BatchHead:
    """A batch without its runs: the plan's ``items`` are left out, ``counts`` are its entries per state."""

    plan: BatchPlan
    counts: tuple[tuple[EntryState, int], ...]


class BatchJournal(Protocol):
    """The record of batches on disk. A method that writes returns when the disk has it.

    Everything raises JournalUnusable when the disk refuses or the file cannot be understood.
    """

    async def keep(self, plan: BatchPlan) -> None:
        """Write a new plan with an entry for each run."""

    async def plan(self, batch_id: UUID) -> BatchPlan:
        """Return a plan. NotFound."""

    async def entries(self, batch_id: UUID) -> tuple[LedgerEntry, ...]:
        """Return every entry, in the plan's order."""

    async def write(self, batch_id: UUID, entries: Sequence[LedgerEntry]) -> None:
        """Replace these entries in one transaction, behind those of :meth:`write_later`."""

    def write_later(self, batch_id: UUID, entry: LedgerEntry) -> None:
        """Replace an entry with the next :meth:`write`; until then a crash loses it."""

    async def standing(self, batch_id: UUID) -> Standing:
        """Return where the batch stands. NotFound."""

    async def stand(self, batch_id: UUID, standing: Standing) -> None:
        """Write where the batch stands, all but ``held`` and ``planned_elsewhere``."""

    async def settle(self, batch_id: UUID, settings: BatchSettings) -> None:
        """Write with which settings the batch is run."""

    async def wish(self, batch_id: UUID, wish: Wish) -> None:
        """Write what the operator wants; the runner reads it before each send."""

    def hold(self, batch_id: UUID, *, moved: bool = False) -> AbstractAsyncContextManager[None]:
        """Be the one runner of this batch while inside; the operating system frees it when the process ends.

        ActionRefused when another runner has it, or when it was planned on a database at another address, unless
        ``moved`` says that it is the same database.
        """

    async def busy_runs(self, tenant: UUID, besides: UUID) -> frozenset[UUID]:
        """Return the runs that unfinished batches of this tenant hold, all but the batch named."""

    async def known(self, tenant: UUID) -> tuple[BatchHead, ...]:
        """Return the batches of this tenant that were planned on this place, newest first."""

    async def planned_elsewhere(self, tenant: UUID) -> tuple[tuple[UUID, str], ...]:
        """Return the batches of this tenant that were planned on other places, newest first, with the places."""


@dataclass(frozen=True, slots=True)
class BatchSources:
    """Where batches look and write: the journal, the projection (many runs at a time and one), and the people."""

    journal: BatchJournal
    facts: BatchFacts
    reader: RunReader
    operators: OperatorDirectory
