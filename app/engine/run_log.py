"""One line in the worker's log when a run starts, and one when it ends. Neither holds a text of the run's own."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from app.temporal.contract import FAILURE_TYPE_PREFIX, WORKFLOW_TYPE

_log = logging.getLogger(__name__)


class RunLog(Interceptor):
    """Has the start and the end of each run logged."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002 - the SDK's own name
        """Return what stands before each execution."""
        return _LoggedRun


class _LoggedRun(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's own name
        """Execute, with a line before and after; a continue-as-new is neither, and a replay writes none."""
        info = workflow.info()
        if info.workflow_type != WORKFLOW_TYPE:
            return await self.next.execute_workflow(input)
        argument = input.args[0] if input.args and isinstance(input.args[0], dict) else {}
        run_id = argument.get("runId")
        if info.continued_run_id is None:
            _say("Run %s starts: workflow %s version %s, tenant %s", run_id, *_named(argument))
        try:
            result = await self.next.execute_workflow(input)
        except asyncio.CancelledError:
            _end(run_id, "CANCELED", "", info)
            raise
        except ApplicationError as error:
            _end(run_id, "FAILED", f" ({(error.type or '').removeprefix(FAILURE_TYPE_PREFIX)})", info)
            raise
        _end(run_id, "SUCCEEDED", "", info)
        return result


def _named(argument: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(argument.get(name) for name in ("workflowId", "workflowVersion", "tenantId"))


def _end(run_id: object, status: str, why: str, info: workflow.Info) -> None:
    seconds = (workflow.now() - info.workflow_start_time).total_seconds()
    _say("Run %s ends: %s%s after %.1f s in its last execution", run_id, status, why, seconds)


def _say(message: str, *values: object) -> None:
    if not workflow.unsafe.is_replaying():
        _log.info(message, *values)
