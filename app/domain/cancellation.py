"""What a cancel leaves behind: three moments that must not be taken for one another, and rows that stay open.

Temporal accepts a cancel long before the execution has closed, and an activity under way runs on even after that
(runtime.md F14). The reference worker closes nothing but what its operator's own statements close (F13, F17).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.execution import ExecutionFacts, ExecutionStatus

ENDED_BY_THE_CANCEL: frozenset[ExecutionStatus] = frozenset({ExecutionStatus.CANCELED, ExecutionStatus.TERMINATED})
"""How an execution, or a child with its parent, ends by a cancel; other ends are an outcome of its own."""
CONFIRMATION_LENGTH = 8
"""Characters of the run id that confirm an act without Temporal's word."""


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An invocation in status STARTED: a side effect that may still happen."""

    run_id: UUID
    action_id: str
    step_path: str
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenParts:
    """What of a run the projection shows as open.

    ``waits`` are the types of its WAITING waits, ``steps`` the paths of its STARTED steps, ``tasks`` counts human tasks
    nobody has completed. ``children`` are active descendants, parents before their children; ``more_children`` says
    that there are further ones beyond the bound. ``never_started`` is True for a launch whose execution was never
    recorded: no step and no Temporal id.
    """

    waits: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    tasks: int = 0
    actions: tuple[OpenAction, ...] = ()
    children: tuple[UUID, ...] = ()
    more_children: bool = False
    never_started: bool = False


@dataclass(frozen=True, slots=True)
class ClosedParts:
    """How many rows one closing wrote: runs (the run itself and children), steps, waits, human tasks."""

    runs: tuple[UUID, ...] = ()
    steps: int = 0
    waits: int = 0
    tasks: int = 0

    def __bool__(self) -> bool:
        """Say whether anything was written."""
        return bool(self.runs or self.steps or self.waits or self.tasks)


class TemporalWord(StrEnum):
    """What Temporal says of a run before it is canceled."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN_ID = "unknown_id"
    UNREACHABLE = "unreachable"


class CancelWay(StrEnum):
    """What can be done with a run that is to end."""

    CANCEL = "cancel"
    CLOSE_ROW = "close_row"
    FAIL_LAUNCH = "fail_launch"
    PROJECT_CLOSE = "project_close"
    ENDED = "ended"
    ASK_LATER = "ask_later"


@dataclass(frozen=True, slots=True)
class CancelPreview:
    """What a cancel would find and write, both sides asked; ``status`` is the row's word, ``problem`` Temporal's."""

    status: str
    temporal: TemporalWord
    execution: ExecutionFacts | None
    parts: OpenParts
    way: CancelWay
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class CancelProgress:
    """A cancel between its request and the end of the execution, as far as is known now.

    ``closed_at`` is Temporal's time, the other two are this computer's. ``closed_as`` None means that the execution is
    still open. ``still_running`` are actions under way although the execution has closed. ``open_children`` are runs
    below it whose executions have not ended by the cancel. ``unanswered`` says that a side did not answer at the last
    look.
    """

    requested_at: datetime
    accepted_at: datetime
    closed_at: datetime | None = None
    closed_as: ExecutionStatus | None = None
    forgotten: bool = False
    still_running: tuple[OpenAction, ...] = ()
    open_children: tuple[UUID, ...] = ()
    closed: ClosedParts = ClosedParts()
    unanswered: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the execution has ended, or Temporal no longer knows it."""
        return self.closed_as is not None or self.forgotten

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to follow: the execution and those of its children have ended, rows included."""
        return self.is_closed and not self.open_children and not self.unanswered

    def unknown_now(self) -> CancelProgress:
        """Return the same after a look that got no answer."""
        return replace(self, unanswered=True)


def way_of(*, ended: bool, temporal: TemporalWord, parts: OpenParts) -> CancelWay:
    """Return the one act that can honestly end the run (runtime.md F15, F16, F30, F40)."""
    if ended:
        return CancelWay.ENDED
    if temporal is TemporalWord.OPEN:
        return CancelWay.CANCEL
    if temporal is TemporalWord.CLOSED:
        return CancelWay.PROJECT_CLOSE
    if temporal is TemporalWord.UNREACHABLE:
        return CancelWay.ASK_LATER
    return CancelWay.FAIL_LAUNCH if parts.never_started else CancelWay.CLOSE_ROW
