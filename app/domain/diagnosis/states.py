"""What a run is really doing, now that both sides are known: refines :mod:`app.domain.effective_state`."""

from __future__ import annotations

from app.domain.diagnosis.execution_facts import Execution
from app.domain.diagnosis.facts import RowFacts, RunFacts
from app.domain.diagnosis.finding import moment
from app.domain.diagnosis.verdicts import ended_otherwise
from app.domain.effective_state import effective_state
from app.domain.execution import ExecutionStatus
from app.domain.run import EffectiveState, InvocationStatus, OpenWait, WaitType

_CLOSED: dict[ExecutionStatus, EffectiveState] = {
    ExecutionStatus.COMPLETED: EffectiveState.SUCCEEDED,
    ExecutionStatus.FAILED: EffectiveState.FAILED,
    ExecutionStatus.CANCELED: EffectiveState.CANCELED,
    ExecutionStatus.TERMINATED: EffectiveState.TERMINATED,
    ExecutionStatus.TIMED_OUT: EffectiveState.TIMED_OUT,
}


def state_of(facts: RunFacts) -> EffectiveState:
    """Return the effective state: a closed execution's word goes above the row's, the row's above a guess."""
    row, execution = facts.row, facts.temporal.execution
    stored = row_state(row)
    if execution is not None and ended_otherwise(facts):
        return _CLOSED[execution.status]
    if execution is None or row.is_closed:
        return _of_closed_row(facts, stored)
    if not execution.is_open:
        return _CLOSED[execution.status]
    if execution.cancel_requested:
        return EffectiveState.CANCELING
    return _of_open(facts, execution, stored)


def row_state(row: RowFacts) -> EffectiveState:
    """Return what the projection alone says."""
    wait = row.wait
    open_wait = None if wait is None else OpenWait(wait.wait_type, wait.event_name, wait.timeout_at, wait.created_at)
    return effective_state(row.status, row.completed_at, row.step is not None, open_wait)


def is_between_attempts(row: RowFacts) -> bool:
    """Say whether the open step's action has failed and the interpreter has not given up: a retry is ahead."""
    step, invocation = row.open_step, row.invocation
    if step is None or invocation is None or row.wait is not None or invocation.completed_at is None:
        return False
    same_pass = invocation.step_path == step.step_path and invocation.completed_at >= step.started_at
    return same_pass and invocation.status == InvocationStatus.FAILED


def describe_state(facts: RunFacts, state: EffectiveState) -> str:
    """Return one sentence on what the run does, for a run that nothing is wrong with."""
    wait = facts.row.wait
    if wait is None or state not in _WAITING:
        return _SENTENCES[state]
    until = "" if wait.timeout_at is None else f" until {moment(wait.timeout_at)}"
    if state is EffectiveState.WAITING_EVENT:
        return f"Waiting for event {wait.event_name or 'without a name'}{until}."
    return f"{_SENTENCES[state].removesuffix('.')}{until}."


_WAITING = frozenset({EffectiveState.WAITING_EVENT, EffectiveState.WAITING_TIME, EffectiveState.WAITING_QUOTA})
_SENTENCES: dict[EffectiveState, str] = {
    EffectiveState.QUEUED: "Queued: no step has started yet.",
    EffectiveState.EXECUTING: "Executing.",
    EffectiveState.RETRYING: "A failed action is about to be tried again.",
    EffectiveState.WAITING_EVENT: "Waiting for an event.",
    EffectiveState.WAITING_TIME: "Waiting for a time.",
    EffectiveState.WAITING_HUMAN: "Waiting for a person.",
    EffectiveState.WAITING_QUOTA: "Paused: the tenant's step quota is used up.",
    EffectiveState.WAITING_CHILD: "Waiting for a child run.",
    EffectiveState.FAILING: "A step failed and the run has not closed: the failure may still be handled.",
    EffectiveState.CANCELING: "A cancel was requested; the execution has not closed yet.",
    EffectiveState.SUCCEEDED: "Succeeded.",
    EffectiveState.FAILED: "Failed.",
    EffectiveState.CANCELED: "Canceled.",
    EffectiveState.TERMINATED: "The execution was terminated.",
    EffectiveState.TIMED_OUT: "The execution timed out.",
    EffectiveState.UNKNOWN: "The row's status is not one this console knows.",
}


def _of_closed_row(facts: RunFacts, stored: EffectiveState) -> EffectiveState:
    execution = facts.temporal.execution
    if execution is not None and execution.is_open and execution.cancel_requested:
        return EffectiveState.CANCELING
    return _waiting_child(facts.row, stored)


def _of_open(facts: RunFacts, execution: Execution, stored: EffectiveState) -> EffectiveState:
    if any(activity.next_attempt_at is not None for activity in execution.activities):
        return EffectiveState.RETRYING
    if execution.children:
        return EffectiveState.WAITING_CHILD
    if _pauses_on_quota(facts):
        return EffectiveState.WAITING_QUOTA
    if stored is EffectiveState.QUEUED and execution.activities:
        return EffectiveState.EXECUTING
    return _waiting_child(facts.row, stored)


def _pauses_on_quota(facts: RunFacts) -> bool:
    """Say whether the workflow itself says so, although its row was resumed (F36)."""
    current = facts.temporal.current_wait
    return facts.row.resolved_quota is not None and current is not None and current.type == WaitType.QUOTA


def _waiting_child(row: RowFacts, stored: EffectiveState) -> EffectiveState:
    if stored is not EffectiveState.EXECUTING:
        return stored
    if is_between_attempts(row):
        return EffectiveState.RETRYING
    return EffectiveState.WAITING_CHILD if row.children else stored


def is_waiting_for(row: RowFacts, wait_type: WaitType) -> bool:
    """Say whether the newest open wait of an open row is of this type."""
    wait = row.wait
    return not row.is_closed and wait is not None and wait.wait_type == wait_type
