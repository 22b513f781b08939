"""The end that Temporal sets to an execution: met with a projected failure instead of silence (fault F38)."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from app.engine.failures import Category, StepFailure

_LONGEST_MARGIN = timedelta(minutes=10)


def chain_started_at(checkpoint: dict[str, object] | None) -> datetime:
    """Return when the first execution of the chain began; a continue-as-new hands it on in its checkpoint."""
    handed_on = None if checkpoint is None else checkpoint.get("chainStartedAt")
    return datetime.fromisoformat(handed_on) if isinstance(handed_on, str) else workflow.info().workflow_start_time


def seconds_left(started_at: datetime) -> float | None:
    """Return how long the run may go on so that its end can still be projected; None without a timeout.

    The margin is a tenth of the timeout, at most ten minutes.
    """
    info = workflow.info()
    ends = []
    if info.execution_timeout:
        ends.append(started_at + info.execution_timeout - _margin(info.execution_timeout))
    if info.run_timeout:
        ends.append(info.workflow_start_time + info.run_timeout - _margin(info.run_timeout))
    return max((min(ends) - workflow.now()).total_seconds(), 0) if ends else None


def deadline_failure() -> StepFailure:
    """Return what the run fails with."""
    return StepFailure(
        Category.TIMEOUT,
        "The run reached its execution timeout and was ended while its outcome could still be recorded",
    )


def _margin(timeout: timedelta) -> timedelta:
    return min(timeout / 10, _LONGEST_MARGIN)
