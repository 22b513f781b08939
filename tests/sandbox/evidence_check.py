"""Checks the evidence of a diagnosis as a reader would by hand: in tables and in Temporal, past all our own readers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from temporalio.api.enums.v1 import EventType, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from app.temporal.contract import QUERY_CURRENT_WAIT, TASK_QUEUE, WORKFLOW_TYPE, workflow_id_of

Line = dict[str, Any]
MILLISECOND = timedelta(milliseconds=1)


@dataclass
class Hand:
    """One run, looked at by hand."""

    sql: psycopg.Connection[Any]
    client: Client
    run_id: UUID

    def one(self, query: str, *values: object) -> Any:
        """Return the first row of a query, each ``%s`` of which may be the run's id."""
        row = self.sql.execute(query, values or (self.run_id,)).fetchone()
        assert row is not None, query
        return row

    async def described(self) -> WorkflowExecutionDescription | None:
        """Describe the execution; None when Temporal does not know it."""
        try:
            return await self.client.get_workflow_handle(workflow_id_of(self.run_id)).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None

    async def raw(self) -> Any:
        """Return the described execution as Temporal sent it."""
        description = await self.described()
        assert description is not None
        return description.raw_description

    async def events(self, kind: EventType.ValueType) -> list[Any]:
        """Return the events of one type."""
        handle = self.client.get_workflow_handle(workflow_id_of(self.run_id))
        return [event async for event in handle.fetch_history_events() if event.event_type == kind]

    async def pollers(self, queue: str, kind: str) -> list[Any]:
        """Return who polls a queue."""
        kinds = {
            "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        }
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kinds[kind]
        )
        return list((await self.client.workflow_service.describe_task_queue(request)).pollers)


def same(told: str | None, true: datetime) -> None:
    """Fail unless the told time is the true one, to the millisecond."""
    assert told is not None
    assert abs(datetime.fromisoformat(told) - true) < MILLISECOND, (told, true)


def of(stamp: Any) -> datetime:
    """Return Temporal's time as a datetime."""
    return stamp.ToDatetime(UTC)


async def _row_status(hand: Hand, line: Line, found: re.Match[str]) -> None:
    status, updated = hand.one("SELECT status, updated_at FROM workflow_runs WHERE run_id = %s")
    assert status == found["status"]
    same(line["at"], updated)


async def _row_since(hand: Hand, line: Line, found: re.Match[str]) -> None:
    status, started, untold, steps = hand.one(
        "SELECT status, started_at, temporal_workflow_id IS NULL, (SELECT count(*) FROM workflow_run_steps s"
        " WHERE s.run_id = r.run_id) FROM workflow_runs r WHERE run_id = %s"
    )
    assert (status, untold, steps) == (found["status"], True, 0)
    same(line["at"], started)


async def _row_ended(hand: Hand, line: Line, found: re.Match[str]) -> None:
    status, completed = hand.one("SELECT status, completed_at FROM workflow_runs WHERE run_id = %s")
    assert status == found["status"]
    same(line["at"], completed)


async def _row_failing(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    status, completed, updated = hand.one("SELECT status, completed_at, updated_at FROM workflow_runs WHERE run_id=%s")
    assert (status, completed) == ("FAILED", None)
    same(line["at"], updated)


async def _row_moved(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    noted, steps = hand.one(
        "SELECT temporal_workflow_id IS NOT NULL, (SELECT count(*) FROM workflow_run_steps s"
        " WHERE s.run_id = r.run_id) FROM workflow_runs r WHERE run_id = %s"
    )
    assert noted if found["trace"].startswith("Temporal") else steps


async def _resumed_row(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    status, updated = hand.one("SELECT status, updated_at FROM workflow_runs WHERE run_id = %s")
    assert status == "RUNNING"
    same(line["at"], updated)


async def _engine(hand: Hand, line: Line, found: re.Match[str]) -> None:
    engine, status, updated = hand.one("SELECT engine, status, updated_at FROM workflow_runs WHERE run_id = %s")
    assert (engine or "null", status) == (found["engine"], found["status"])
    same(line["at"], updated)


async def _open_waits(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    count = hand.one("SELECT count(*) FROM workflow_run_waits WHERE run_id = %s AND status = 'WAITING'")
    assert count == (int(found["count"]),)


async def _wait(hand: Hand, line: Line, found: re.Match[str]) -> None:
    kind, path, created = hand.one(
        "SELECT wait_type, step_path, created_at FROM workflow_run_waits WHERE run_id = %s AND status = 'WAITING'"
    )
    assert (kind, path) == (found["kind"], found["path"])
    same(line["at"], created)


async def _null_key(hand: Hand, _line: Line, _found: re.Match[str]) -> None:
    assert hand.one("SELECT key FROM workflow_run_waits WHERE run_id = %s AND status = 'WAITING'") == (None,)


async def _due(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    (due,) = hand.one("SELECT timeout_at FROM workflow_run_waits WHERE run_id = %s AND status = 'WAITING'")
    same(line["at"], due)


async def _quota_resolved(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    status, resolved = hand.one(
        "SELECT status, resolved_at FROM workflow_run_waits WHERE run_id = %s AND wait_type = 'quota'"
    )
    assert status == "RESOLVED"
    same(line["at"], resolved)


async def _usage(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    query = "SELECT used_count, effective_limit FROM workflow_step_usage_periods WHERE %s IS NOT NULL"
    used, limit = hand.one(query)
    assert used >= int(found["used"]), "steps are counted meanwhile"
    assert limit == int(found["limit"])


async def _event(hand: Hand, line: Line, found: re.Match[str]) -> None:
    query = "SELECT event_name, created_at FROM workflow_runtime_events WHERE event_id = %s"
    name, created = hand.one(query, found["event"])
    assert name == found["name"]
    same(line["at"], created)


async def _nothing_came(hand: Hand, _line: Line, _found: re.Match[str]) -> None:
    query = (
        "SELECT count(*) FROM workflow_runtime_events e JOIN workflow_run_waits w ON e.event_name = w.event_name"
        " AND e.correlation_key = w.key AND e.created_at >= w.created_at WHERE w.run_id = %s"
    )
    assert hand.one(query) == (0,)


async def _absent_signal(hand: Hand, _line: Line, _found: re.Match[str]) -> None:
    assert await hand.events(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED) == []


async def _signal(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    first, *_ = await hand.events(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)  # a repeated seeding repeats it
    same(line["at"], of(first.event_time))


async def _filter(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    (filters,) = hand.one("SELECT payload -> 'filters' FROM workflow_run_waits WHERE run_id = %s")
    assert f"{filters[0]['path']} {filters[0]['op']}" == found["filter"]


async def _task(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    query = "SELECT status FROM workflow_tasks WHERE task_id = %s AND execution_id = %s"
    assert hand.one(query, found["task"], hand.run_id) == (found["status"],)


async def _child(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    query = "SELECT parent_run_id, status FROM workflow_runs WHERE run_id = %s"
    assert hand.one(query, found["child"]) == (hand.run_id, "RUNNING")


async def _invocation(hand: Hand, line: Line, found: re.Match[str]) -> None:
    action, completed, attempt = hand.one(
        "SELECT action_id, completed_at, attempt FROM workflow_action_invocations WHERE run_id = %s"
    )
    assert (action, attempt) == (found["action"], int(found["attempt"]))
    same(line["at"], completed)


async def _timer(hand: Hand, line: Line, found: re.Match[str]) -> None:
    started = await hand.events(EventType.EVENT_TYPE_TIMER_STARTED)
    (timer,) = [each for each in started if each.timer_started_event_attributes.timer_id == found["timer"]]
    same(line["at"], of(timer.event_time))


async def _no_execution(hand: Hand, _line: Line, _found: re.Match[str]) -> None:
    assert await hand.described() is None


async def _retention(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    assert found["days"] == "90"
    assert (await hand.client.count_workflows(f"WorkflowType = '{WORKFLOW_TYPE}'")).count > 0


async def _status(hand: Hand, line: Line, found: re.Match[str]) -> None:
    description = await hand.described()
    assert description is not None
    assert description.status is not None
    assert description.status.name.lower().replace("_", " ") == found["status"].lower().replace("_", " ")
    moment = description.close_time or description.start_time
    if not found["status"].startswith("running"):
        same(line["at"], moment)


async def _expires(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    ends = of((await hand.raw()).workflow_extended_info.execution_expiration_time)
    assert ends.strftime("%Y-%m-%d %H:%M:%S") == found["moment"]


async def _own_queue(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    assert (await hand.raw()).execution_config.task_queue.name == found["queue"]


async def _contract_queue(_hand: Hand, _line: Line, found: re.Match[str]) -> None:
    assert found["queue"] == TASK_QUEUE


async def _task_pending(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    task = (await hand.raw()).pending_workflow_task
    assert task.attempt >= int(found["attempt"])


async def _task_failed(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    failed = await hand.events(EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    assert any(abs(of(event.event_time) - datetime.fromisoformat(line["at"])) < MILLISECOND for event in failed)


async def _activity_pending(hand: Hand, line: Line, found: re.Match[str]) -> None:
    (activity,) = (await hand.raw()).pending_activities
    assert activity.activity_type.name == found["activity"]
    waits = "scheduled, not started" in line["fact"]
    same(line["at"], of(activity.scheduled_time if waits else activity.last_started_time))


async def _no_heartbeat(hand: Hand, _line: Line, _found: re.Match[str]) -> None:
    (activity,) = (await hand.raw()).pending_activities
    assert not activity.HasField("last_heartbeat_time")


async def _heartbeat(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    (activity,) = (await hand.raw()).pending_activities
    assert of(activity.last_heartbeat_time) >= datetime.fromisoformat(line["at"]) - MILLISECOND


async def _nobody_polls(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    assert await hand.pollers(found["queue"], found["kind"]) == []


async def _polls(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    identities = {poller.identity for poller in await hand.pollers(found["queue"], found["kind"])}
    assert identities & set(found["names"].split(", "))


async def _backlog(_hand: Hand, _line: Line, found: re.Match[str]) -> None:
    assert int(found["count"]) >= 0


async def _query(hand: Hand, _line: Line, found: re.Match[str]) -> None:
    answer = await hand.client.get_workflow_handle(workflow_id_of(hand.run_id)).query(QUERY_CURRENT_WAIT)
    assert found["what"] == ("nothing" if answer is None else answer["type"])


async def _close(hand: Hand, line: Line, found: re.Match[str]) -> None:
    closed = EventType.Value(f"EVENT_TYPE_WORKFLOW_EXECUTION_{found['kind'].upper()}")
    (event,) = await hand.events(closed)
    same(line["at"], of(event.event_time))


async def _activity_failed(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    (event,) = await hand.events(EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED)
    same(line["at"], of(event.event_time))


async def _cancel_requested(hand: Hand, line: Line, _found: re.Match[str]) -> None:
    (event,) = await hand.events(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED)
    same(line["at"], of(event.event_time))


Check = Callable[[Hand, Line, re.Match[str]], Awaitable[None]]
_CHECKS: dict[str, Check] = {
    r"The row says RUNNING, and no step has started since": _resumed_row,
    r"The row says (?P<status>\w+)": _row_status,
    r"Row (?P<status>\w+) since .*, without Temporal ids and steps": _row_since,
    r"(?P<status>\w+) with completed_at": _row_ended,
    r"FAILED without completed_at": _row_failing,
    r"(?P<trace>Temporal ids are stored|Steps or waits were projected); the row last moved at .*": _row_moved,
    r"engine is (?P<engine>\w+), status (?P<status>\w+)": _engine,
    r"[Oo]pen waits: (?P<count>\d+)": _open_waits,
    r"(?P<kind>\w+) wait WAITING (?:for .* )?at (?P<path>\S+)": _wait,
    r"The wait's key is null": _null_key,
    r"The wait is due at .*": _due,
    r"Quota wait RESOLVED": _quota_resolved,
    r"(?P<used>\d+) of (?P<limit>\d+) steps used, period ends .*": _usage,
    r"Event (?P<name>\w+) (?:with key \S+ )?recorded as (?P<event>\S+)": _event,
    r"No matching event since the wait opened": _nothing_came,
    r"The payload fails the filter (?P<filter>.+)": _filter,
    r"The signal is in the history": _signal,
    r"No signal with event id \S+ in the execution's history": _absent_signal,
    r"Task (?P<task>\S+) is (?P<status>\w+)": _task,
    r"Child run (?P<child>\S+) is active": _child,
    r"Invocation of (?P<action>\S+) FAILED, attempt (?P<attempt>\d+)": _invocation,
    r"Timer (?P<timer>\S+) fires at .*": _timer,
    r"No execution under the run's workflow id": _no_execution,
    r"The namespace keeps closed executions for (?P<days>\d+) days": _retention,
    r"The execution is (?P<status>[\w ]+)": _status,
    r"The execution times out at (?P<moment>\S+ \S+) UTC": _expires,
    r"The execution's task queue is (?P<queue>\S+)": _own_queue,
    r"The contract's task queue is (?P<queue>\S+)": _contract_queue,
    r"Workflow task (?:scheduled, not started|started, not completed), attempt (?P<attempt>\d+)": _task_pending,
    r"Workflow task failed: .*": _task_failed,
    r"Activity (?P<activity>\w+) (?:scheduled, not started|started.*|is pending)": _activity_pending,
    r"No heartbeat, so nothing is known of its progress": _no_heartbeat,
    r"Last heartbeat": _heartbeat,
    r"(?P<queue>\S+) has no (?P<kind>\w+) poller": _nobody_polls,
    r"Last access of (?P<kind>\w+) pollers of (?P<queue>\S+) \(\d+\): (?P<names>.+)": _polls,
    r"Backlog of about (?P<count>\d+) workflow tasks.*": _backlog,
    r"The workflow says it waits for (?P<what>\w+)(?: at .*)?": _query,
    r"(?P<kind>canceled|terminated|timed_out|completed|failed)(?:: .*)?": _close,
    r"Cancel requested at .*": _cancel_requested,
    r"Activity \w+ failed: .*": _activity_failed,
}


async def check(hand: Hand, line: Line) -> None:
    """Fail unless the line is known here, says its source, and is true."""
    assert line["source"] in {"postgres", "temporal", "temporal.history", "temporal.queue", "temporal.query"}
    for pattern, look in _CHECKS.items():
        found = re.fullmatch(pattern, line["fact"])
        if found is not None:
            await look(hand, line, found)
            return
    raise AssertionError(f"nobody can check by hand: {line['fact']}")
