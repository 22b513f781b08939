"""Signals to an execution, its current-wait query and its close event (runtime.md 2.3, 2.4 and 8.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.enums.v1 import EventType, HistoryEventFilterType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryResponse,
    SignalWorkflowExecutionRequest,
    SignalWorkflowExecutionResponse,
)
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.converter import DataConverter

from app.domain.errors import TemporalUnavailable
from app.domain.execution import ExecutionStatus
from app.domain.run import JsonValue
from app.domain.run_message import CurrentWait, EventMessage, ExecutionEnd, QuotaResume, RunMessage, TaskResponse
from app.temporal.contract import (
    ADMIN_RESUME,
    FAILURE_TYPE_PREFIX,
    HUMAN_TASK_COMPLETED,
    QUERY_CURRENT_WAIT,
    SIGNAL_EVENT,
    SIGNAL_HUMAN_TASK,
    SIGNAL_QUOTA_RESUME,
    workflow_id_of,
)
from app.temporal.gateway import RPC_TIMEOUT, TemporalGateway

_ENDS: dict[int, ExecutionStatus] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: ExecutionStatus.COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: ExecutionStatus.FAILED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: ExecutionStatus.CANCELED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: ExecutionStatus.TERMINATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: ExecutionStatus.TIMED_OUT,
}
QUERY_TIMEOUT = timedelta(seconds=3)
"""A live worker answers in milliseconds, one that must replay a long history in about a second."""
_RESUME_REASON = "quota_available"


class TemporalRunMessages:
    """Implements :class:`app.services.repair_ports.RunMessages` on a gateway's connection."""

    def __init__(self, gateway: TemporalGateway) -> None:
        self._gateway = gateway

    async def send(self, run_id: UUID, message: RunMessage, request_id: UUID) -> bool:
        """Signal the run; False when Temporal knows no open execution of it.

        Sent again with an equal request id, the server keeps the first one only.
        """
        name, content = _signal_of(message)
        request = SignalWorkflowExecutionRequest(
            namespace=self._gateway.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id_of(run_id)),
            signal_name=name,
            input=Payloads(payloads=await DataConverter.default.encode([content])),
            request_id=str(request_id),
            identity="rundesk",
        )

        async def send(client: Client) -> SignalWorkflowExecutionResponse:
            return await client.workflow_service.signal_workflow_execution(request, retry=True, timeout=RPC_TIMEOUT)

        return await self._gateway.ask(send) is not None

    async def current_wait(self, run_id: UUID) -> CurrentWait | None:
        """Ask the execution what it waits on; None when nobody answers for it: no worker, or no such query."""

        async def send(client: Client) -> CurrentWait:
            handle = client.get_workflow_handle(workflow_id_of(run_id))
            wait = await handle.query(QUERY_CURRENT_WAIT, rpc_timeout=QUERY_TIMEOUT)
            return CurrentWait(wait.get("type"), wait.get("stepPath")) if isinstance(wait, dict) else CurrentWait(None)

        try:
            return await self._gateway.ask(send)
        except (TemporalUnavailable, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return None  # the caller asks a live worker through the server: silence of either proves nothing

    async def end(self, run_id: UUID) -> ExecutionEnd | None:
        """Return how the newest execution of the run's chain closed; None while it is open or not known."""
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self._gateway.namespace,
            execution=WorkflowExecution(workflow_id=workflow_id_of(run_id)),
            history_event_filter_type=HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
        )

        async def send(client: Client) -> GetWorkflowExecutionHistoryResponse:
            return await client.workflow_service.get_workflow_execution_history(
                request, retry=True, timeout=RPC_TIMEOUT
            )

        answer = await self._gateway.ask(send)
        closing = [] if answer is None else [event for event in answer.history.events if event.event_type in _ENDS]
        return await _end_of(closing[-1]) if closing else None


def _signal_of(message: RunMessage) -> tuple[str, dict[str, Any]]:
    if isinstance(message, EventMessage):
        return SIGNAL_EVENT, {
            "eventId": str(message.event_id),
            "eventName": message.event_name,
            "correlationKey": message.correlation_key,
            "payload": _plain(message.payload),
            "receivedAt": _iso(message.received_at),
        }
    if isinstance(message, TaskResponse):
        name = ADMIN_RESUME if message.override else HUMAN_TASK_COMPLETED
        return SIGNAL_HUMAN_TASK, {"taskId": message.task_id, "eventName": name, "payload": _plain(message.response)}
    return SIGNAL_QUOTA_RESUME, _resume(message)


def _resume(message: QuotaResume) -> dict[str, Any]:
    return {
        "waitId": str(message.wait_id),
        "reason": _RESUME_REASON,
        "resumedBy": f"admin-{message.resumed_by}",
        "resumedAt": _iso(message.resumed_at),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: JsonValue) -> Any:
    """Return a value that the SDK's converter takes; a number beyond a double loses digits, as in the product."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


async def _end_of(event: HistoryEvent) -> ExecutionEnd:
    status, closed_at = _ENDS[event.event_type], event.event_time.ToDatetime(tzinfo=UTC)
    if status is ExecutionStatus.TERMINATED:
        return ExecutionEnd(status, closed_at, event.workflow_execution_terminated_event_attributes.reason or None)
    if status is not ExecutionStatus.FAILED:
        return ExecutionEnd(status, closed_at)
    failure = event.workflow_execution_failed_event_attributes.failure
    detail = await _first_detail(failure)
    category = failure.application_failure_info.type.removeprefix(FAILURE_TYPE_PREFIX) or None
    path = detail.get("nodePath")
    return ExecutionEnd(status, closed_at, failure.message, category, path if isinstance(path, str) else None)


async def _first_detail(failure: Failure) -> dict[str, Any]:
    payloads = failure.application_failure_info.details.payloads
    found = await DataConverter.default.decode(payloads[:1]) if payloads else []
    return found[0] if found and isinstance(found[0], dict) else {}
