"""When each repair is refused, and what a closed execution should have projected (runtime.md 8.1, F1, F13, F30)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.errors import ActionRefused
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.launching import PRODUCT_SEMANTICS_VERSION
from app.domain.repair import (
    FAIL_LAUNCH_AFTER_SECONDS,
    REPAIR_STAGE,
    ClosedProjection,
    OpenWaitFacts,
    RecordedEvent,
    RepairFacts,
)
from app.domain.run import ENGINE_TEMPORAL, TERMINAL_STATUSES, JsonValue, RunStatus, StepStatus, WaitType
from app.domain.run_message import ExecutionEnd

_NO_OUTCOME: dict[ExecutionStatus, tuple[str, str]] = {
    ExecutionStatus.TERMINATED: ("Terminated", "The execution was terminated from outside"),
    ExecutionStatus.TIMED_OUT: ("TimeoutError", "The execution reached its time limit"),
}
"""Category and sentence of the ends that no worker can project (rulings.md)."""


def require_unstarted_launch(facts: RepairFacts) -> None:
    """Refuse rows that are no launch without an execution: another engine's, ended, or begun."""
    _require_temporal(facts)
    if facts.status != RunStatus.RUNNING or facts.completed_at is not None:
        raise ActionRefused(
            "repair.not_running",
            f"The row says {facts.status}, not RUNNING: it is no launch that waits. Nothing was written.",
            status=facts.status,
        )
    if facts.has_steps or facts.has_waits:  # a quota pause before the first step leaves a wait alone
        raise ActionRefused(
            "repair.has_steps",
            "The run has begun steps or waits, so its execution did start once. Nothing was written.",
        )


def require_running_behind(facts: RepairFacts, execution: ExecutionFacts | None) -> None:
    """Refuse to reopen a failed launch whose execution does not run."""
    _require_temporal(facts)
    if execution is None or execution.status is not ExecutionStatus.RUNNING:
        raise ActionRefused(
            "repair.not_running",
            f"The row says {facts.status}, and no execution runs behind it. Nothing was written.",
            status=facts.status,
        )


def require_startable(facts: RepairFacts) -> None:
    """Refuse to start what its parent starts, or what Temporal once had and no longer knows."""
    if facts.parent_run_id is not None:
        raise _child_run(facts)
    if facts.temporal_run_id is not None:
        raise ActionRefused(
            "repair.had_execution",
            "The row holds the id of an execution that Temporal no longer knows: it ran once, and its retention has "
            "passed or it lives in another namespace. Starting it again could do everything twice. Nothing was done.",
        )


def require_lost_launch(
    facts: RepairFacts, execution: ExecutionFacts | None, parent: ExecutionFacts | None = None
) -> None:
    """Refuse to fail a launch that Temporal knows, that may still be under way, or that an open parent is to start."""
    require_unstarted_launch(facts)
    if parent is not None and parent.status in (ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW):
        raise _child_run(facts)
    if execution is not None:
        raise ActionRefused(
            "repair.execution_exists",
            f"Temporal has an execution of this run, it is {execution.status}. Nothing was written.",
            execution=str(execution.status),
        )
    if facts.age_seconds < FAIL_LAUNCH_AFTER_SECONDS:
        raise ActionRefused(
            "repair.too_young",
            f"The run was launched {facts.age_seconds:.0f} s ago, so its start may still be under way. Wait until it "
            f"is {FAIL_LAUNCH_AFTER_SECONDS:.0f} s old. Nothing was written.",
            seconds=round(facts.age_seconds),
            needed=round(FAIL_LAUNCH_AFTER_SECONDS),
        )


def require_closed_execution(facts: RepairFacts, execution: ExecutionFacts | None) -> None:
    """Refuse to project an end onto a row that has one, or from an execution that has none."""
    _require_temporal(facts)
    if facts.status in TERMINAL_STATUSES and facts.completed_at is not None:
        raise ActionRefused(
            "repair.row_closed",
            f"The row has already ended as {facts.status}. Nothing was written.",
            status=facts.status,
        )
    if execution is None:
        raise ActionRefused(
            "repair.no_execution",
            "Temporal knows no execution of this run, so there is no outcome to take over. Nothing was written.",
        )
    if execution.status in (ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW):
        raise ActionRefused(
            "repair.execution_open",
            "The execution is still open: what it writes next would contradict the repair. Nothing was written.",
        )


def projection_of(end: ExecutionEnd, *, has_steps: bool) -> ClosedProjection:
    """Return what the engine would have written at this end; for an end without an outcome what rulings.md says."""
    if end.status is ExecutionStatus.COMPLETED:
        return ClosedProjection(RunStatus.SUCCEEDED, StepStatus.SUCCEEDED, end.closed_at)
    if end.status is ExecutionStatus.CANCELED:
        return ClosedProjection(RunStatus.CANCELED, StepStatus.CANCELED, end.closed_at, keeps_error=True)
    return ClosedProjection(RunStatus.FAILED, StepStatus.FAILED, end.closed_at, _error(end, has_steps=has_steps))


def human_wait(facts: RepairFacts, execution: ExecutionFacts | None) -> OpenWaitFacts:
    """Return the open human wait that a response can release; refuse when nobody would take it."""
    require_open(facts, execution)
    waits = [wait for wait in facts.open_waits if wait.wait_type == WaitType.HUMAN and _is_task_id(wait.key)]
    if not waits:
        raise ActionRefused("repair.no_task", "The run waits for no person. Nothing was sent.")
    return waits[-1]


def event_wait(facts: RepairFacts, execution: ExecutionFacts | None, wait_id: UUID | None) -> OpenWaitFacts:
    """Return the open event wait that an event can resolve; refuse where it would fail the run instead (F1)."""
    require_open(facts, execution)
    waits = [
        wait
        for wait in facts.open_waits
        if wait.wait_type == WaitType.EVENT and wait.wait_id in (wait_id or wait.wait_id,)
    ]
    if not waits:
        raise ActionRefused("repair.no_event_wait", "The run has no such open event wait. Nothing was sent.")
    if len(waits) > 1:
        raise ActionRefused(
            "repair.several_waits",
            f"The run has {len(waits)} open event waits. Name one. Nothing was sent.",
            count=len(waits),
        )
    (wait,) = waits
    if event_fails_run(facts.semantics_version, wait.timeout_at):
        raise ActionRefused(
            "repair.event_fails_run",
            "This wait has no timeout and is the reference worker's, in which an arriving event fails such a wait "
            "(fault F1): the event would end the run. Nothing was sent. Cancel the run and replay it instead.",
        )
    return wait


def event_fails_run(semantics_version: str | None, timeout_at: datetime | None) -> bool:
    """Say whether an event would fail the run that waits for it (F1); of an unnamed engine it is to be feared."""
    return timeout_at is None and semantics_version in (None, PRODUCT_SEMANTICS_VERSION)


def require_match(wait: OpenWaitFacts, event: RecordedEvent) -> None:
    """Refuse a recorded event that this wait does not wait for."""
    same_key = wait.key is None or wait.key == event.correlation_key
    if event.event_name != wait.event_name or not same_key:
        raise ActionRefused(
            "repair.event_mismatch",
            f"The run waits for {wait.event_name} with another name or key than the recorded event has. "
            "Nothing was sent.",
            event_name=str(wait.event_name),
        )


def _is_task_id(key: str | None) -> bool:
    try:
        return key is not None and bool(UUID(key))
    except ValueError:
        return False


def require_open(facts: RepairFacts, execution: ExecutionFacts | None) -> None:
    """Refuse to speak to a run that has ended on either side."""
    _require_temporal(facts)
    if facts.status in TERMINAL_STATUSES and facts.completed_at is not None:
        raise ActionRefused(
            "repair.row_closed",
            f"The row has already ended as {facts.status}. Nothing was written.",
            status=facts.status,
        )
    if execution is None or execution.status is not ExecutionStatus.RUNNING:
        said = "unknown to Temporal" if execution is None else str(execution.status)
        raise ActionRefused(
            "repair.not_executing",
            f"No open execution of this run can take a message: it is {said}. Nothing was sent.",
            execution=said,
        )


def _child_run(facts: RepairFacts) -> ActionRefused:
    return ActionRefused(
        "repair.child_run",
        f"This is a child run: its parent {facts.parent_run_id} starts it and waits for it. Repair the parent.",
        parent=str(facts.parent_run_id),
    )


def _require_temporal(facts: RepairFacts) -> None:
    if facts.engine != ENGINE_TEMPORAL:
        raise ActionRefused(
            "repair.legacy",
            "This row is not Temporal's: its engine was removed. Finalize it with the stranded runs instead. "
            "Nothing was written.",
        )


def _error(end: ExecutionEnd, *, has_steps: bool) -> dict[str, JsonValue]:
    known = _NO_OUTCOME.get(end.status)
    if known is not None:
        category, sentence = known
        message = f"{sentence}: {end.message}" if end.message else f"{sentence}."
        return {"message": message, "stage": REPAIR_STAGE, "category": category}
    message = end.message or "The execution failed without a message."
    if not has_steps:
        return {"message": message, "stage": "launch", "details": {}}
    return {"message": message, "nodePath": end.node_path}
