"""The workflow's side of the projection: local activities that a cancel neither skips nor interrupts.

Local activities, since a projection is a few milliseconds of SQL and an activity of its own costs ten times that.
They are retried without limit while the database is unavailable, so an outage pauses runs instead of failing them;
anything definite fails them at once. A cancel of the workflow lets a write under way finish before it is raised, so
that the cleanup after it has the last word (faults F13 and F14).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from app.engine import messages
from app.engine.failures import Category, StepFailure, failure_of

_ATTEMPT_TIMEOUT = timedelta(seconds=90)
_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2, maximum_interval=timedelta(seconds=5)
)

Answer = TypeVar("Answer")


class RunFailure(Exception):
    """The run ends FAILED: a failure that no handler of the definition takes, or a projection that cannot be made."""

    def __init__(self, failure: StepFailure, *, stage: str | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.stage = stage

    def run_error(self) -> dict[str, Any]:
        """Return ``workflow_runs.error_json``: the failure, at launch with ``stage`` and ``details``."""
        error = self.failure.for_row()
        if self.stage is None:
            return error
        del error["nodePath"]  # no step has begun
        return {**error, "stage": self.stage, "details": self.failure.details or {}}


async def project(activity: str, request: Any) -> None:
    """Make one projection.

    Raises:
        RunFailure: It can definitely not be made.
    """
    await project_and_read(activity, request, type(None))


async def project_and_read(activity: str, request: Any, answer: type[Answer]) -> Answer:
    """Make one projection and return its answer; as :func:`project`."""
    try:
        return await _finished_despite_cancel(activity, request, answer)
    except (ActivityError, ApplicationError) as error:
        raise RunFailure(failure_of(error)) from error


async def project_or_fail_step(
    activity: str, request: Any, answer: type[Answer], handled: Category = Category.VALIDATION
) -> Answer:
    """Make a projection whose definite failure the definition may handle, such as a task type nobody defined.

    Raises:
        StepFailure: Of the category ``handled``.
        RunFailure: Any other definite failure.
    """
    try:
        return await project_and_read(activity, request, answer)
    except RunFailure as error:
        if error.failure.category == handled:
            raise error.failure from error
        raise


async def _finished_despite_cancel(activity: str, request: Any, answer: type[Answer]) -> Answer:
    handle: workflow.ActivityHandle[Answer] = workflow.start_local_activity(
        activity,
        request,
        result_type=answer,
        start_to_close_timeout=_ATTEMPT_TIMEOUT,
        retry_policy=_RETRY,
    )
    try:
        return await asyncio.shield(handle)
    except asyncio.CancelledError:
        try:
            await handle
        except (ActivityError, ApplicationError) as error:  # the cancel has come first, and the cleanup follows
            workflow.logger.warning("%s was refused while the run was being cancelled: %s", activity, error)
        raise


async def log_line(line: messages.LogLine) -> None:
    """Write a run log."""
    await project(messages.WRITE_LOG, line)
