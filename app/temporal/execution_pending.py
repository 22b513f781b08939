"""Turns Temporal's answers about an execution into facts: its status, and what is pending in it."""

from __future__ import annotations

from temporalio.api.enums.v1 import PendingActivityState, WorkflowExecutionStatus
from temporalio.api.workflow.v1 import PendingActivityInfo, WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from app.domain.diagnosis.execution_facts import Execution, PendingActivity, PendingTask
from app.domain.execution import ExecutionStatus
from app.temporal.contract import WORKFLOW_ID_PREFIX
from app.temporal.failures import innermost_text
from app.temporal.stamps import moment_in, moment_of

_STATUS = {
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED: ExecutionStatus.COMPLETED,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED: ExecutionStatus.FAILED,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED: ExecutionStatus.CANCELED,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED: ExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW: ExecutionStatus.CONTINUED_AS_NEW,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT: ExecutionStatus.TIMED_OUT,
}
"""Running and paused executions are open and both count as running."""
_HELD = (
    PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
)
"""States in which a worker has the activity."""


def listed_execution(info: WorkflowExecutionInfo) -> Execution:
    """Return an entry of the visibility list."""
    return Execution(
        status=_STATUS.get(info.status, ExecutionStatus.RUNNING),
        task_queue=info.task_queue,
        started_at=moment_of(info.start_time),
        closed_at=moment_in(info, "close_time"),
        first_run_id=info.first_run_id or None,
    )


def described_execution(answer: DescribeWorkflowExecutionResponse) -> Execution:
    """Return a described execution with its pending work."""
    info, more = answer.workflow_execution_info, answer.workflow_extended_info
    return Execution(
        status=_STATUS.get(info.status, ExecutionStatus.RUNNING),
        task_queue=answer.execution_config.task_queue.name or info.task_queue,
        started_at=moment_of(info.start_time),
        closed_at=moment_in(info, "close_time"),
        described=True,
        expires_at=moment_in(more, "execution_expiration_time"),
        cancel_requested=more.cancel_requested,
        task=_task(answer),
        activities=tuple(map(_activity, answer.pending_activities)),
        children=tuple(child.workflow_id.removeprefix(WORKFLOW_ID_PREFIX) for child in answer.pending_children),
        first_run_id=info.first_run_id or info.execution.run_id,
    )


def _task(answer: DescribeWorkflowExecutionResponse) -> PendingTask | None:
    if not answer.HasField("pending_workflow_task"):
        return None
    task = answer.pending_workflow_task
    # The original time is when it was first due; a failed attempt is scheduled anew.
    scheduled = moment_in(task, "original_scheduled_time") or moment_of(task.scheduled_time)
    return PendingTask(scheduled, moment_in(task, "started_time"), task.attempt)


def _activity(info: PendingActivityInfo) -> PendingActivity:
    held = info.state in _HELD
    return PendingActivity(
        activity_type=info.activity_type.name,
        scheduled_at=moment_of(info.scheduled_time),
        started_at=moment_in(info, "last_started_time") if held else None,
        attempt=info.attempt,
        last_heartbeat_at=moment_in(info, "last_heartbeat_time") if held else None,
        next_attempt_at=None if held else moment_in(info, "next_attempt_schedule_time"),
        worker=info.last_worker_identity or None,
        failure=innermost_text(info.last_failure) if info.HasField("last_failure") else None,
        task_queue=info.activity_options.task_queue.name or None,
    )
