"""Facts of made-up runs: a healthy one, to be changed where a test needs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.diagnosis.execution_facts import (
    Execution,
    HistoryTail,
    PendingActivity,
    PendingTask,
    Pollers,
    QueueState,
    TemporalSide,
)
from app.domain.diagnosis.facts import (
    EventFacts,
    InvocationFacts,
    RowFacts,
    RunFacts,
    StepFacts,
    TaskFacts,
    UsageFacts,
    WaitFacts,
)
from app.domain.execution import ExecutionStatus
from app.domain.launching import PRODUCT_SEMANTICS_VERSION
from app.domain.run import RunKey

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
QUEUE = "workflow-runtime-v2"
RUN, OTHER = UUID(int=1), UUID(int=2)
PATH = "root.steps[0]"


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def ahead(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def row(**changes: Any) -> RowFacts:
    """A RUNNING row that started 600 s ago and has one step."""
    values: dict[str, Any] = {
        "key": RunKey(UUID(int=9), RUN),
        "workflow_name": "Dunning",
        "status": "RUNNING",
        "engine": "temporal",
        "started_at": ago(600),
        "updated_at": ago(600),
        "completed_at": None,
        "has_temporal_ids": True,
        "semantics_version": "ours",
        "step": step(),
    }
    return RowFacts(**(values | changes))


def step(status: str = "STARTED", seconds_ago: float = 600) -> StepFacts:
    return StepFacts(PATH, status, 1, ago(seconds_ago), None if status == "STARTED" else ago(seconds_ago - 1))


def wait(wait_type: str = "event", **changes: Any) -> WaitFacts:
    """An open wait since 500 s, without a time limit."""
    values: dict[str, Any] = {
        "wait_id": UUID(int=7),
        "wait_type": wait_type,
        "status": "WAITING",
        "step_path": PATH,
        "event_name": "REPLY" if wait_type == "event" else None,
        "has_key": True,
        "timeout_at": None,
        "created_at": ago(500),
    }
    return WaitFacts(**(values | changes))


def event(seconds_ago: float, **changes: Any) -> EventFacts:
    return EventFacts(UUID(int=77), "REPLY", ago(seconds_ago), **changes)


def task(status: str) -> TaskFacts:
    return TaskFacts(UUID(int=8), status, None if status == "pending" else ago(60))


def invocation(status: str, seconds_ago: float = 100) -> InvocationFacts:
    return InvocationFacts(PATH, "mail.send", status, 1, ago(seconds_ago + 1), ago(seconds_ago))


def usage(used: int, limit: int | None) -> UsageFacts:
    return UsageFacts(used, limit, ahead(86_400))


def execution(status: ExecutionStatus = ExecutionStatus.RUNNING, **changes: Any) -> Execution:
    """A described execution on the contract's queue that ends in 30 days; a closed one closed 300 s ago."""
    values: dict[str, Any] = {
        "status": status,
        "task_queue": QUEUE,
        "started_at": ago(600),
        "closed_at": None if status is ExecutionStatus.RUNNING else ago(300),
        "described": True,
        "expires_at": ahead(30 * 86_400 - 600),
    }
    return Execution(**(values | changes))


def pending_task(seconds_ago: float, attempt: int = 1, started: float | None = None) -> PendingTask:
    return PendingTask(ago(seconds_ago), None if started is None else ago(started), attempt)


def pending_activity(seconds_ago: float, **changes: Any) -> PendingActivity:
    values: dict[str, Any] = {
        "activity_type": "act",
        "scheduled_at": ago(seconds_ago),
        "started_at": None,
        "attempt": 1,
    }
    return PendingActivity(**(values | changes))


def queue(*last_accesses: float, name: str = QUEUE) -> QueueState:
    """A queue whose pollers, of both kinds, asked these seconds ago."""
    pollers = Pollers(tuple(f"w{n}" for n in range(len(last_accesses))), tuple(map(ago, last_accesses)))
    return QueueState(name, pollers, pollers, NOW)


def facts(of_row: RowFacts | None = None, found: Execution | None = None, **more: Any) -> RunFacts:
    """Both sides of a run; ``found`` None is an execution Temporal does not know."""
    limits = {"limits": more.pop("limits")} if "limits" in more else {}
    used = more.pop("usage", None)
    side = TemporalSide(asked_at=NOW, execution=found, **more)
    return RunFacts(row=of_row or row(), now=NOW, temporal=side, contract_queue=QUEUE, usage=used, **limits)


def tail(**changes: Any) -> HistoryTail:
    return HistoryTail(**{"complete": True, **changes})


REFERENCE = PRODUCT_SEMANTICS_VERSION
