"""Which runs Temporal is asked about one by one: only those whose cheap facts leave something open.

A healthy wait is known from its row and from the visibility list; a describe would tell nothing new.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.diagnosis.execution_facts import Execution, QueueState
from app.domain.diagnosis.facts import RowFacts, WaitFacts
from app.domain.diagnosis.limits import Limits
from app.domain.diagnosis.queue_causes import unpolled_since_start
from app.domain.diagnosis.states import is_between_attempts
from app.domain.diagnosis.wait_causes import TASK_ENDED
from app.domain.execution import ExecutionStatus
from app.domain.run import WaitType


def deserves_describe(
    row: RowFacts,
    seen: Execution | None,
    queue: QueueState | None,
    contract_queue: str,
    now: datetime,
    limits: Limits,
) -> bool:
    """Say whether only a describe can tell what the run does.

    ``seen`` is its entry of the visibility list, ``queue`` the contract's if it was looked at.
    """
    if seen is None or seen.is_open == row.is_closed:
        return True
    if row.is_closed:
        return False
    if seen.task_queue != contract_queue or row.is_legacy:
        return True
    if unpolled_since_start(row, queue, now) or row.children:
        return False  # the queue proves it already; each child is looked at itself
    return _is_unclear(row, now, limits)


def deserves_history(row: RowFacts, execution: Execution, now: datetime, limits: Limits) -> bool:
    """Say whether the end of the history holds the proof: a close, a failed task, a retry's timer, a signal."""
    if not execution.is_open:
        return not row.is_closed
    if execution.task is not None and execution.task.attempt > 1:
        return True
    return is_between_attempts(row) or (row.wait is not None and _was_answered(row, row.wait, now, limits))


def deserves_query(row: RowFacts, execution: Execution, now: datetime) -> bool:
    """Say whether the workflow's own word on its wait is needed."""
    if execution.status is not ExecutionStatus.RUNNING:
        return False
    overdue = row.wait is not None and row.wait.timeout_at is not None and row.wait.timeout_at < now
    return overdue or row.resolved_quota is not None


def _is_unclear(row: RowFacts, now: datetime, limits: Limits) -> bool:
    if row.wait is not None:
        return not _waits_as_planned(row, row.wait, now, limits)
    return is_between_attempts(row) or row.resolved_quota is not None or now - row.moved_at > limits.quiet_after


def _waits_as_planned(row: RowFacts, wait: WaitFacts, now: datetime, limits: Limits) -> bool:
    if _is_overdue(wait, now, limits) or _meets_deadline(row, wait, now, limits):
        return False
    if wait.wait_type == WaitType.EVENT:
        return not _was_answered(row, wait, now, limits)
    if wait.wait_type == WaitType.HUMAN:
        return row.task is not None and row.task.status.lower() not in TASK_ENDED
    return True


def _is_overdue(wait: WaitFacts, now: datetime, limits: Limits) -> bool:
    return wait.timeout_at is not None and now - wait.timeout_at > limits.settling


def _meets_deadline(row: RowFacts, wait: WaitFacts, now: datetime, limits: Limits) -> bool:
    """Say whether the contract's execution timeout may end the run before its wait; the describe knows for sure."""
    ends = row.started_at + limits.execution_timeout
    return ends - now < limits.deadline_watch if wait.timeout_at is None else wait.timeout_at > ends


def _was_answered(row: RowFacts, wait: WaitFacts, now: datetime, limits: Limits) -> bool:
    return any(
        event.same_name and event.same_key and event.created_at >= wait.created_at
        for event in row.events
        if now - event.created_at > limits.signal_grace
    )
