"""What the projection says about a run, as far as a diagnosis needs it; nothing here holds a stored document."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.diagnosis.execution_facts import TemporalSide
from app.domain.diagnosis.limits import DEFAULT_LIMITS, Limits
from app.domain.run import ACTIVE_STATUSES, ENGINE_TEMPORAL, RunKey, StepStatus, WaitStatus, WaitType


@dataclass(frozen=True, slots=True)
class StepFacts:
    """The newest step row of a run."""

    step_path: str
    status: str
    attempt: int
    started_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitFacts:
    """A wait row. ``key`` is redacted and None unless one run was looked at closely; ``has_key`` is always true.

    ``filters``: how many filters its event must pass.
    """

    wait_id: UUID
    wait_type: str
    status: str
    step_path: str
    event_name: str | None
    has_key: bool
    timeout_at: datetime | None
    created_at: datetime
    resolved_at: datetime | None = None
    filters: int = 0
    key: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return self.status == WaitStatus.WAITING


@dataclass(frozen=True, slots=True)
class InvocationFacts:
    """The newest invocation of a run at the path of its newest step."""

    step_path: str
    action_id: str
    status: str
    attempt: int
    started_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """The ``workflow_tasks`` row an open human wait points to."""

    task_id: UUID
    status: str
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventFacts:
    """A recorded event near an open event wait.

    ``same_name`` and ``same_key`` say how near: both means that the event matches up to its filters.
    ``similar``: what differs does so in spelling only. ``rejected_by`` is the filter that its payload fails, as
    ``path op``. ``failed``: its delivery left an error. ``consumed``: an earlier wait of the run took it. ``key`` as in
    :class:`WaitFacts`.
    """

    event_id: UUID
    event_name: str
    created_at: datetime
    same_name: bool = True
    same_key: bool = True
    rejected_by: str | None = None
    failed: bool = False
    consumed: bool = False
    similar: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class UsageFacts:
    """The tenant's step quota now; ``limit``: what the next step will meet (``quota_pause.limit_ahead``)."""

    used: int
    limit: int | None
    period_end: datetime

    @property
    def has_room(self) -> bool:
        """Whether another step may start."""
        return self.limit is None or self.used < self.limit


@dataclass(frozen=True, slots=True)
class Marks:
    """Traces of known faults that Postgres itself recognised, so that no stored text has to leave it.

    Each is a proof of runtime.md section 10; the names say which rows were found.
    """

    continued_as_new_failure: bool = False
    generic_failure_text: bool = False
    duplicate_key_text: bool = False
    singleton_list_text: bool = False
    expression_time_text: bool = False
    cancel_logged: bool = False
    swallowed_failure: bool = False
    unmatched_resolved_wait: bool = False
    refused_response: bool = False
    late_invocation: bool = False
    error_beside_success: bool = False
    open_steps: bool = False
    open_tasks: bool = False


@dataclass(frozen=True, slots=True)
class RowFacts:
    """One ``workflow_runs`` row with what hangs on it."""

    key: RunKey
    workflow_name: str | None
    status: str
    engine: str | None
    started_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    has_temporal_ids: bool = False
    parent_run_id: UUID | None = None
    replay_of: UUID | None = None
    semantics_version: str | None = None
    error_stage: str | None = None
    step: StepFacts | None = None
    waits: tuple[WaitFacts, ...] = ()
    invocation: InvocationFacts | None = None
    task: TaskFacts | None = None
    events: tuple[EventFacts, ...] = ()
    children: tuple[UUID, ...] = ()
    marks: Marks = field(default_factory=Marks)

    @property
    def is_active(self) -> bool:
        """Whether the row says RUNNING or WAITING."""
        return self.status in ACTIVE_STATUSES

    @property
    def is_closed(self) -> bool:
        """Whether the row's status is terminal and final (F39)."""
        return not self.is_active and self.completed_at is not None

    @property
    def is_legacy(self) -> bool:
        """Whether another engine than Temporal's wrote an active row (S18)."""
        return self.is_active and self.engine != ENGINE_TEMPORAL

    @property
    def wait(self) -> WaitFacts | None:
        """The newest open wait."""
        newest: WaitFacts | None = None
        for wait in self.waits:
            if wait.is_open and (newest is None or wait.created_at > newest.created_at):
                newest = wait
        return newest

    @property
    def open_step(self) -> StepFacts | None:
        """The newest step, while it is STARTED."""
        return self.step if self.step is not None and self.step.status == StepStatus.STARTED else None

    @property
    def resolved_quota(self) -> WaitFacts | None:
        """The newest quota wait, when it is resolved and nothing was projected at its path since (F36)."""
        quota = [wait for wait in self.waits if wait.wait_type == WaitType.QUOTA]
        if not quota:
            return None
        newest = max(quota, key=lambda wait: wait.created_at, default=None)
        if newest is None or newest.resolved_at is None or newest.is_open:
            return None
        later_step = self.step is not None and self.step.started_at >= newest.resolved_at
        return None if later_step else newest

    @property
    def moved_at(self) -> datetime:
        """When the run last left a trace in Postgres."""
        times = [self.updated_at, self.started_at]
        if self.step is not None:
            times += [self.step.started_at, self.step.completed_at or self.step.started_at]
        if self.invocation is not None:
            times += [time for time in (self.invocation.started_at, self.invocation.completed_at) if time is not None]
        return max(times)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Both sides of one run at ``now``, the database's clock.

    Temporal's times are by its own clock, which it does not tell. Limits are wide enough for the skew that the
    environment check tolerates, and that nobody polls must be so by this computer's clock too.
    """

    row: RowFacts
    now: datetime
    temporal: TemporalSide
    contract_queue: str
    usage: UsageFacts | None = None
    limits: Limits = DEFAULT_LIMITS
