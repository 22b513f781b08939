"""What became of a batch: one entry per run, and the progress that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.batch import BatchAction, BatchPlan


class EntryState(StrEnum):
    """How far the act on one run has come.

    ``sending`` is written before anything is sent: after a crash it says "perhaps", and the next runner sends the same
    request again. ``under_way``: the servers have it, its end is not known yet.
    """

    LEFT_OUT = "left_out"
    PENDING = "pending"
    SENDING = "sending"
    UNDER_WAY = "under_way"
    RECOVERED = "recovered"
    NOT_RECOVERED = "not_recovered"
    CANCELED = "canceled"
    REFUSED = "refused"
    FAILED = "failed"


FINAL_STATES: frozenset[EntryState] = frozenset(
    {
        EntryState.RECOVERED,
        EntryState.NOT_RECOVERED,
        EntryState.CANCELED,
        EntryState.REFUSED,
        EntryState.FAILED,
    }
)
"""States after which nothing more happens to a run that was acted upon."""
BAD_STATES: frozenset[EntryState] = frozenset({EntryState.NOT_RECOVERED, EntryState.REFUSED, EntryState.FAILED})
"""Final states that count as failures."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of one run.

    Attributes:
        run_id: The run that was replayed or canceled.
        state: How far it is.
        new_run_id: The replay, once it was launched.
        status: The last status word seen, of the new run for a replay, of the run itself for a cancel.
        code: Names what ``message`` says.
        message: Why it was left out, refused or failed; redacted.
        sent_at: When it was first sent, by this computer's clock.
        ended_at: When its end was seen, by this computer's clock.
    """

    run_id: UUID
    state: EntryState
    new_run_id: UUID | None = None
    status: str | None = None
    code: str | None = None
    message: str | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    workflow_id: UUID | None = None
    workflow_name: str | None = None


class BatchState(StrEnum):
    """What a batch is doing.

    ``paused`` on the operator's wish, ``stopped`` by its own rules (failure rate, canary, pause of a workflow, lost
    right, outage): both can be gone on with. ``interrupted``: its runner is gone without a word. ``aborted`` and
    ``finished`` are the end.
    """

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ABORTED = "aborted"
    FINISHED = "finished"


ENDED_STATES: frozenset[BatchState] = frozenset({BatchState.ABORTED, BatchState.FINISHED})


class WaitingFor(StrEnum):
    """What a running batch waits for before it sends the next request."""

    RATE = "rate"
    TENANT_LIMIT = "tenant_limit"
    CONCURRENCY = "concurrency"
    AT_ONCE = "at_once"
    CANARY = "canary"
    SERVERS = "servers"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """One moment of a batch.

    Attributes:
        code: Names why it stopped or paused, with ``message`` in words; None while it runs or ended well.
        counts: Entries per state, every state named.
        per_minute: Starts of the last minute of this runner; None before the first.
        seconds_left: Estimate until the last request is sent, in seconds; None while unknown.
        waiting_for: What it waits for, None while it sends.
    """

    batch_id: UUID
    name: str
    action: BatchAction
    state: BatchState
    counts: tuple[tuple[EntryState, int], ...]
    code: str | None = None
    message: str | None = None
    per_minute: float | None = None
    seconds_left: float | None = None
    waiting_for: WaitingFor | None = None
    planned_at: datetime | None = None

    def count(self, *states: EntryState) -> int:
        """Return how many entries are in these states."""
        return sum(number for state, number in self.counts if state in states)

    @property
    def total(self) -> int:
        """Runs that are acted upon: every entry that was not left out."""
        return sum(number for state, number in self.counts if state is not EntryState.LEFT_OUT)

    @property
    def done(self) -> int:
        """Runs whose end is known."""
        return self.count(*FINAL_STATES)

    @property
    def bad(self) -> int:
        """Runs that were refused, failed or did not recover."""
        return self.count(*BAD_STATES)


@dataclass(frozen=True, slots=True)
class BatchLedger:
    """A batch with its plan and every entry, in the order in which they are sent."""

    plan: BatchPlan
    progress: BatchProgress
    entries: tuple[LedgerEntry, ...]
