"""What an operator may tell an execution, and what it or its history answers (runtime.md 2.3 and 2.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.execution import ExecutionStatus
from app.domain.run import JsonValue


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event for one run. ``correlation_key`` is the wait's own key; ``payload`` a JSON object."""

    event_id: UUID
    event_name: str
    correlation_key: str | None
    payload: JsonValue = field(repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True)
class TaskResponse:
    """A response to a human task; ``override`` skips the worker's check against the form."""

    task_id: str
    response: JsonValue = field(repr=False)
    override: bool


@dataclass(frozen=True, slots=True)
class QuotaResume:
    """The end of a quota pause. The workflow ignores the content; it is kept in the history for the reader."""

    wait_id: UUID
    resumed_by: UUID
    resumed_at: datetime


RunMessage = EventMessage | TaskResponse | QuotaResume


class WaitKind(StrEnum):
    """``type`` in the answer to the current-wait query."""

    TIME = "time.wait"
    EVENT = "event.wait"
    HUMAN = "human.task"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class CurrentWait:
    """What a live execution says it waits on; ``kind`` None means that it does not wait."""

    kind: str | None
    step_path: str | None = None


@dataclass(frozen=True, slots=True)
class ExecutionEnd:
    """How an execution closed.

    ``message``, ``category`` and ``node_path`` come from its failure; ``message`` of a termination is its reason.
    """

    status: ExecutionStatus
    closed_at: datetime
    message: str | None = None
    category: str | None = None
    node_path: str | None = None
