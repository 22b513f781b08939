"""Whether row and execution tell the same story."""

from __future__ import annotations

from app.domain.diagnosis.codes import Verdict
from app.domain.diagnosis.execution_facts import Execution
from app.domain.diagnosis.facts import RowFacts, RunFacts
from app.domain.execution import ExecutionStatus
from app.domain.run import ENGINE_TEMPORAL, RunStatus

_ENDS: dict[str, frozenset[ExecutionStatus]] = {
    RunStatus.SUCCEEDED: frozenset({ExecutionStatus.COMPLETED}),
    RunStatus.FAILED: frozenset({ExecutionStatus.FAILED, ExecutionStatus.TERMINATED, ExecutionStatus.TIMED_OUT}),
    RunStatus.CANCELED: frozenset({ExecutionStatus.CANCELED, ExecutionStatus.TERMINATED}),
}
"""How an execution may have closed behind each terminal row. A repair projects terminated ones as FAILED."""


def verdict_of(facts: RunFacts) -> Verdict:
    """Return the verdict; CANNOT_VERIFY whenever Temporal did not answer for this run."""
    if facts.temporal.problem is not None:
        return Verdict.CANNOT_VERIFY
    execution = facts.temporal.execution
    if execution is None:
        return _without_execution(facts)
    if facts.row.is_active:
        return Verdict.AGREE if execution.is_open else _closed_behind(facts, execution, Verdict.ZOMBIE_ROW)
    if facts.row.completed_at is None:
        return _open_end(facts, execution)
    return _closed_row(facts, execution)


def ended_otherwise(facts: RunFacts) -> bool:
    """Say whether both sides have ended for good, with different outcomes: nothing is stuck, but the row is wrong."""
    execution = facts.temporal.execution
    return (
        execution is not None
        and not execution.is_open
        and facts.row.completed_at is not None
        and verdict_of(facts) is Verdict.PHANTOM_COMPLETION
    )


def launch_is_young(facts: RunFacts) -> bool:
    """Say whether the launcher may still be about to start the execution (runtime.md 3.2)."""
    row = facts.row
    return row.is_active and row.step is None and facts.now - row.started_at <= facts.limits.stuck_after


def is_past_retention(facts: RunFacts) -> bool:
    """Say whether an execution that closed when the row last moved would have been deleted by now."""
    return facts.temporal.retention is not None and facts.now - facts.row.moved_at > facts.temporal.retention


def never_had_an_execution(row: RowFacts) -> bool:
    """Say whether a closed row may rightly stand without an execution: a refused launch, or another engine's."""
    return row.error_stage == "launch" or row.engine != ENGINE_TEMPORAL


def _without_execution(facts: RunFacts) -> Verdict:
    if launch_is_young(facts):
        return Verdict.LAGGING
    if not facts.row.is_closed:
        return Verdict.MISSING
    if never_had_an_execution(facts.row):
        return Verdict.AGREE
    return Verdict.CANNOT_VERIFY if is_past_retention(facts) else Verdict.MISSING


def _open_end(facts: RunFacts, execution: Execution) -> Verdict:
    """Judge a row whose status is terminal without ``completed_at``: on its way, or left there."""
    if not execution.is_open:
        return _closed_behind(facts, execution, Verdict.ZOMBIE_ROW)
    return Verdict.FAILING if facts.row.status == RunStatus.FAILED else Verdict.LAGGING


def _closed_row(facts: RunFacts, execution: Execution) -> Verdict:
    completed = facts.row.completed_at
    if execution.is_open:
        settling = completed is not None and facts.now - completed <= facts.limits.settling
        return Verdict.LAGGING if settling else Verdict.PHANTOM_COMPLETION
    ends = _ENDS.get(facts.row.status)
    return Verdict.AGREE if ends is None or execution.status in ends else Verdict.PHANTOM_COMPLETION


def _closed_behind(facts: RunFacts, execution: Execution, verdict: Verdict) -> Verdict:
    """Return the verdict on a row that is behind a close, unless the close is so young that it may be on its way."""
    closed = execution.closed_at
    return Verdict.LAGGING if closed is not None and facts.now - closed <= facts.limits.settling else verdict
