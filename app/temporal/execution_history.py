"""What the end of a history says, read backwards; payloads are looked into for event ids and names only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

from app.domain.diagnosis.execution_facts import (
    ActivityRole,
    CloseEvent,
    FailedActivity,
    FailedTask,
    HistoryTail,
    OpenTimer,
    SignalSeen,
)
from app.temporal.contract import SIGNAL_EVENT
from app.temporal.failures import clean, failure_type, innermost_text
from app.temporal.stamps import moment_of

TAIL_EVENTS = 250
"""How far back a tail reaches; what holds a run up happened lately."""

_ROLES: dict[str, ActivityRole] = {
    "loadWorkflowRuntimeV2PinnedDefinition": ActivityRole.LOAD,
    "rundeskLoadDefinition": ActivityRole.LOAD,
    "projectWorkflowRuntimeV2StepStart": ActivityRole.STEP_START,
    "rundeskProjectStepStart": ActivityRole.STEP_START,
    "executeWorkflowRuntimeV2ActionStep": ActivityRole.ACTION,
    "rundeskExecuteAction": ActivityRole.ACTION,
}
"""Activity names of the reference worker and of our own: a history holds those of whoever executed it."""


async def read_tail(client: Client, workflow_id: str, rpc_timeout: timedelta) -> HistoryTail:
    """Read the newest events of a workflow id's newest execution.

    Raises:
        RPCError: NOT_FOUND for an unknown execution.
    """
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id),
        maximum_page_size=TAIL_EVENTS,
    )
    answer = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=rpc_timeout)
    return tail_of(answer.history.events)


def tail_of(newest_first: Sequence[HistoryEvent]) -> HistoryTail:
    """Return what these events say."""
    reading = _Reading(oldest_first=tuple(reversed(newest_first)))
    reading.read()
    return HistoryTail(
        complete=bool(newest_first) and newest_first[-1].event_id == 1,
        close=reading.close,
        failed_task=reading.failed_task,
        failed_activity=reading.failed_activity,
        action_attempts=reading.action_failures,
        signals=tuple(reading.signals),
        timers=tuple(reading.timers.values()),
        cancel_requested_at=reading.cancel_requested_at,
    )


@dataclass(slots=True)
class _Reading:
    """One pass over the events, oldest first: later ones overwrite or remove what earlier ones left."""

    oldest_first: tuple[HistoryEvent, ...]
    scheduled: dict[int, str] = field(default_factory=dict)
    timers: dict[int, OpenTimer] = field(default_factory=dict)
    signals: list[SignalSeen] = field(default_factory=list)
    close: CloseEvent | None = None
    failed_task: FailedTask | None = None
    failed_activity: FailedActivity | None = None
    action_failures: int = 0
    cancel_requested_at: datetime | None = None

    def read(self) -> None:
        readers = {
            EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: self._task_failed,
            EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT: self._task_timed_out,
            EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: self._task_completed,
            EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: self._activity_scheduled,
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: self._activity_completed,
            EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: self._activity_failed,
            EventType.EVENT_TYPE_TIMER_STARTED: self._timer_started,
            EventType.EVENT_TYPE_TIMER_FIRED: self._timer_fired,
            EventType.EVENT_TYPE_TIMER_CANCELED: self._timer_canceled,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: self._signaled,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED: self._cancel_requested,
            EventType.EVENT_TYPE_MARKER_RECORDED: self._marker,
        }
        for event in self.oldest_first:
            reader = readers.get(event.event_type)
            if reader is not None:
                reader(event, moment_of(event.event_time))
            elif event.event_type in _CLOSES:
                self.close = _close_of(event)

    def _task_failed(self, event: HistoryEvent, at: datetime) -> None:
        failed = event.workflow_task_failed_event_attributes
        cause = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower()
        self.failed_task = FailedTask(cause, innermost_text(failed.failure), at, failed.identity or None)

    def _task_timed_out(self, _event: HistoryEvent, at: datetime) -> None:
        self.failed_task = FailedTask("timed_out", "", at)

    def _task_completed(self, _event: HistoryEvent, _at: datetime) -> None:
        self.failed_task = None

    def _activity_scheduled(self, event: HistoryEvent, _at: datetime) -> None:
        self.scheduled[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name

    def _activity_completed(self, event: HistoryEvent, _at: datetime) -> None:
        done = self.scheduled.get(event.activity_task_completed_event_attributes.scheduled_event_id, "")
        if _role(done) is ActivityRole.ACTION:
            self.action_failures = 0

    def _activity_failed(self, event: HistoryEvent, at: datetime) -> None:
        failed = event.activity_task_failed_event_attributes
        name = self.scheduled.get(failed.scheduled_event_id, "activity")
        self.failed_activity = _failed_activity(name, failed.failure, at)
        self.action_failures += _role(name) is ActivityRole.ACTION

    def _marker(self, event: HistoryEvent, at: datetime) -> None:
        """A local activity leaves a marker; a failed one holds its failure."""
        marker = event.marker_recorded_event_attributes
        if not marker.HasField("failure"):
            return
        name = _local_activity_name(marker.details)
        self.failed_activity = _failed_activity(name, marker.failure, at)

    def _timer_started(self, event: HistoryEvent, at: datetime) -> None:
        started = event.timer_started_event_attributes
        fires = at + started.start_to_fire_timeout.ToTimedelta()
        self.timers[event.event_id] = OpenTimer(started.timer_id, at, fires)

    def _timer_fired(self, event: HistoryEvent, _at: datetime) -> None:
        self.timers.pop(event.timer_fired_event_attributes.started_event_id, None)

    def _timer_canceled(self, event: HistoryEvent, _at: datetime) -> None:
        self.timers.pop(event.timer_canceled_event_attributes.started_event_id, None)

    def _signaled(self, event: HistoryEvent, at: datetime) -> None:
        signal = event.workflow_execution_signaled_event_attributes
        if signal.signal_name == SIGNAL_EVENT:
            content = _json(signal.input.payloads[0].data) if signal.input.payloads else None
            self.signals.append(SignalSeen(_text(content, "eventId"), _text(content, "eventName"), at))

    def _cancel_requested(self, _event: HistoryEvent, at: datetime) -> None:
        self.cancel_requested_at = at


_CLOSES: dict[EventType.ValueType, str] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "completed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "timed_out",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "canceled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "terminated",
}


def _close_of(event: HistoryEvent) -> CloseEvent:
    kind, at = _CLOSES[event.event_type], moment_of(event.event_time)
    if kind == "failed":
        failure = event.workflow_execution_failed_event_attributes.failure
        return CloseEvent(kind, at, innermost_text(failure), failure_type(failure))
    if kind == "terminated":
        ended = event.workflow_execution_terminated_event_attributes
        return CloseEvent(kind, at, clean(ended.reason) or None, by=clean(ended.identity) or None)
    return CloseEvent(kind, at)


def _failed_activity(name: str, failure: Failure, at: datetime) -> FailedActivity:
    text = innermost_text(failure)
    lower = text.lower()
    return FailedActivity(
        role=_role(name),
        activity_type=name,
        message=text,
        at=at,
        about_hash="hash" in lower and "definition" in lower,
        about_duplicate_key="duplicate key" in lower or "23505" in lower,
    )


def _role(activity_type: str) -> ActivityRole:
    return _ROLES.get(activity_type, ActivityRole.OTHER)


def _local_activity_name(details: Any) -> str:
    """Return the activity type that an SDK wrote into a local activity's marker, as far as it is readable."""
    found = (_json(payload.data) for payloads in details.values() for payload in payloads.payloads)
    names: Iterable[str | None] = (
        _text(content, "activity_type") or _text(content, "activityType") for content in found
    )
    return next((name for name in names if name), "local activity")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:  # another converter's payload: nothing to be read from it
        return None


def _text(content: Any, name: str) -> str | None:
    value = content.get(name) if isinstance(content, dict) else None
    return value if isinstance(value, str) else None
