"""What Temporal says about a run: its execution, the pollers of its queue, its queries and the end of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.execution import LIVE_POLLER_SECONDS, ExecutionStatus

OPEN = frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW})


class PollerProof(StrEnum):
    """What the pollers prove about a task that nobody has taken since it was scheduled."""

    LIVE = "live"
    NONE = "none"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Pollers:
    """Who asked a queue for one kind of task, and what lies there."""

    identities: tuple[str, ...] = ()
    accesses: tuple[datetime, ...] = ()
    backlog: int | None = None
    backlog_age: timedelta | None = None

    @property
    def last_access(self) -> datetime | None:
        """The newest access of any poller, also of those that have stopped since."""
        return max(self.accesses, default=None)

    def proof(self, scheduled_at: datetime, *clocks: datetime) -> PollerProof:
        """Say whether anybody polls, for a task scheduled then (stack-facts.md, "Temporal facts and their delay").

        Nobody does when every access is older than a live idle poller's can be, and older than the task. An access
        after the task proves the opposite. Between the two lies what cannot be told yet.

        Args:
            scheduled_at: When the task came to the queue.
            clocks: The present by each clock that was read. Temporal tells none of its own, so what is proved must be
                so by all of them: one that is wrong makes no worker disappear.
        """
        newest = self.last_access
        if newest is None:
            return PollerProof.NONE
        if newest >= scheduled_at:
            alive = (max(clocks) - newest).total_seconds() < LIVE_POLLER_SECONDS
            return PollerProof.LIVE if alive else PollerProof.CANNOT_TELL
        gone = (min(clocks) - newest).total_seconds() > LIVE_POLLER_SECONDS
        return PollerProof.NONE if gone else PollerProof.CANNOT_TELL


@dataclass(frozen=True, slots=True)
class QueueState:
    """One task queue, read at ``read_at`` (this computer's clock)."""

    name: str
    workflow: Pollers
    activity: Pollers
    read_at: datetime


@dataclass(frozen=True, slots=True)
class PendingTask:
    """The pending workflow task; ``started_at`` None means that no worker has it."""

    scheduled_at: datetime
    started_at: datetime | None
    attempt: int


@dataclass(frozen=True, slots=True)
class PendingActivity:
    """A pending activity; ``next_attempt_at`` is set while the server itself waits to try again.

    ``task_queue`` is where it was scheduled, None where Temporal does not say: on the execution's own queue.
    """

    activity_type: str
    scheduled_at: datetime
    started_at: datetime | None
    attempt: int
    last_heartbeat_at: datetime | None = None
    next_attempt_at: datetime | None = None
    worker: str | None = None
    failure: str | None = None
    task_queue: str | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """The newest execution of a chain; as the visibility store has it when not ``described``, then without the rest.

    ``started_at`` is None when it was only counted among the running ones.
    """

    status: ExecutionStatus
    task_queue: str
    started_at: datetime | None
    closed_at: datetime | None
    described: bool = False
    expires_at: datetime | None = None
    cancel_requested: bool = False
    task: PendingTask | None = None
    activities: tuple[PendingActivity, ...] = ()
    children: tuple[str, ...] = ()
    first_run_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still do something."""
        return self.status in OPEN

    @property
    def oldest_activity(self) -> PendingActivity | None:
        """The activity that has been pending longest."""
        return min(self.activities, key=lambda activity: activity.scheduled_at, default=None)

    @property
    def activity_queue(self) -> str | None:
        """Where the oldest activity lies, if that is not the execution's own queue."""
        oldest = self.oldest_activity
        return None if oldest is None or oldest.task_queue == self.task_queue else oldest.task_queue


class ActivityRole(StrEnum):
    """What a failed activity was for, whichever worker's names the history holds."""

    LOAD = "load"
    STEP_START = "step_start"
    ACTION = "action"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FailedActivity:
    """The last failed activity of a history; ``message`` is its innermost cause, redacted, empty where it may not show.

    ``about_hash`` and ``about_duplicate_key`` are what the raw message was found to be about.
    """

    role: ActivityRole
    activity_type: str
    message: str
    at: datetime
    about_hash: bool = False
    about_duplicate_key: bool = False


@dataclass(frozen=True, slots=True)
class FailedTask:
    """The last failed workflow task: Temporal's cause word and the worker's message, redacted."""

    cause: str
    message: str
    at: datetime
    worker: str | None = None


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """An event signal in the history; ids as sent, None where they were no text."""

    event_id: str | None
    event_name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CloseEvent:
    """The event that closed the execution; ``message`` and ``by`` as far as the event has them, redacted."""

    kind: str
    at: datetime
    message: str | None = None
    failure_type: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """A timer that has neither fired nor been cancelled."""

    timer_id: str
    started_at: datetime
    fires_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryTail:
    """What the end of a history says. ``complete``: the tail reaches the first event of this execution."""

    complete: bool
    close: CloseEvent | None = None
    failed_task: FailedTask | None = None
    failed_activity: FailedActivity | None = None
    action_attempts: int = 0
    signals: tuple[SignalSeen, ...] = ()
    timers: tuple[OpenTimer, ...] = ()
    cancel_requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CurrentWait:
    """The workflow's own answer: what it waits for (``type`` None is nothing) and where."""

    type: str | None
    step_path: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class TemporalSide:
    """Everything Temporal said about one run, or in ``problem`` why it said nothing.

    ``execution`` None without a problem means that Temporal was asked and knows no execution under the run's id; only
    then are ``retention`` and ``namespace_in_use`` (it holds executions of the product at all) asked for.
    ``queue`` is the execution's own, ``activity_queue`` that of its oldest pending activity where it is another one.
    """

    asked_at: datetime
    execution: Execution | None = None
    problem: str | None = None
    queue: QueueState | None = None
    activity_queue: QueueState | None = None
    queue_problem: str | None = None
    retention: timedelta | None = None
    namespace_in_use: bool | None = None
    tail: HistoryTail | None = None
    current_wait: CurrentWait | None = None
