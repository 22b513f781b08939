"""The waiting steps: ``event.wait``, ``time.wait`` and ``human.task`` (runtime.md 7.4 to 7.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow

from app.domain.run import WaitType
from app.engine import messages
from app.engine.definition import EventWaitStep, HumanTaskStep, TimeWaitStep
from app.engine.event_filters import passes
from app.engine.expression_functions import to_string
from app.engine.failures import Category, StepFailure
from app.engine.inbox import EventSignal, HumanTaskSignal
from app.engine.instants import iso_text, parse_instant
from app.engine.patience import wait_until
from app.engine.projecting import project, project_and_read, project_or_fail_step
from app.engine.run_state import RunState, UnderWay
from app.temporal.contract import ADMIN_RESUME

_OVERRIDE = "__admin_override"

Opening = TypeVar("Opening", messages.WaitOpening, messages.HumanTaskOpening)


async def wait_for_event(state: RunState, step: EventWaitStep, under_way: UnderWay) -> None:
    """Wait for a matching signal; only a wait with ``timeoutMs`` can time out (fault F1).

    Raises:
        StepFailure: Category TimeoutError.
    """
    opening = _handed_over(messages.WaitOpening, state, under_way)
    if opening is None:
        opening = _event_opening(state, step)
        await project(messages.OPEN_WAIT, opening)
        under_way.wait = asdict(opening)
    key, timeout_at = opening.key, opening.timeout_at
    descriptor = {"eventName": step.event_name, "correlationKey": key, "timeoutAt": timeout_at}
    state.current_wait = _current("event.wait", step.path, descriptor)

    def matches(signal: EventSignal) -> bool:
        same_key = key is None or signal.correlation_key == key
        return signal.event_name == step.event_name and same_key and passes(signal.payload, step.filters)

    due = None if timeout_at is None else parse_instant(timeout_at)
    signal = await _next_event(state, matches, due)
    await project(messages.CLOSE_WAIT, _closing(opening, signal))
    state.current_wait = None
    if signal is None:
        raise StepFailure(Category.TIMEOUT, f"event.wait timed out waiting for {step.event_name}")
    state.scopes.vars["event"] = signal.payload
    state.scopes.vars["eventName"] = signal.event_name
    state.assign_all(step.assign)


async def wait_for_time(state: RunState, step: TimeWaitStep, under_way: UnderWay) -> None:
    """Sleep for a duration or until an instant; an instant in the past does not sleep.

    Raises:
        StepFailure: ``until`` is no instant.
    """
    opening = _handed_over(messages.WaitOpening, state, under_way)
    if opening is None:
        opening = _time_opening(state, step)
        await project(messages.OPEN_WAIT, opening)
        under_way.wait = asdict(opening)
    due_at = str(opening.timeout_at)
    state.current_wait = _current("time.wait", step.path, {"dueAt": due_at, "mode": step.mode})
    await wait_until(state, parse_instant(due_at))
    await project(messages.CLOSE_WAIT, messages.WaitClosing(state.run, opening.wait_id, step.path))
    state.current_wait = None
    state.scopes.vars["timeWait"] = {"mode": step.mode, "dueAt": due_at, "resumedAt": iso_text(workflow.now())}
    state.assign_all(step.assign)


async def wait_for_person(state: RunState, step: HumanTaskStep, under_way: UnderWay) -> None:
    """Open a task and wait for a response that fits its form; one that does not is logged and waited past (F29).

    Raises:
        StepFailure: The title is no text, or nobody defined the task type.
    """
    opening = _handed_over(messages.HumanTaskOpening, state, under_way)
    if opening is None:
        opening = _task_opening(state, step)
        await project_or_fail_step(messages.OPEN_HUMAN_TASK, opening, type(None))
        under_way.wait = asdict(opening)
    descriptor = {"taskId": opening.task_id, "taskType": step.task_type}
    state.current_wait = _current("human.task", step.path, descriptor)
    signal = await _accepted_response(state, opening)
    state.current_wait = None
    state.scopes.vars["event"] = signal.payload
    state.scopes.vars["eventName"] = signal.event_name
    state.assign_all(step.assign)


async def _next_event(
    state: RunState, matches: Callable[[EventSignal], bool], due: datetime | None
) -> EventSignal | None:
    """Take the oldest matching signal out of the inbox, or return None when the due time passes first."""
    await wait_until(state, due, lambda: state.inbox.first_event(matches) is not None)
    signal = state.inbox.first_event(matches)
    if signal is not None:
        state.inbox.events.remove(signal)
    return signal


async def _accepted_response(state: RunState, task: messages.HumanTaskOpening) -> HumanTaskSignal:
    while True:
        await wait_until(state, None, lambda: state.inbox.first_response(task.task_id) is not None)
        signal = state.inbox.first_response(task.task_id)
        if signal is None:
            continue
        state.inbox.human_tasks.remove(signal)
        response = messages.HumanTaskResponse(
            run=state.run,
            wait_id=task.wait_id,
            task_id=task.task_id,
            step_path=task.step_path,
            event_name=signal.event_name,
            response=signal.payload,
            override=signal.event_name == ADMIN_RESUME or signal.payload.get(_OVERRIDE) is True,
            log_id=str(workflow.uuid4()),
            resolved_at=iso_text(workflow.now()),
        )
        if await project_and_read(messages.COMPLETE_HUMAN_TASK, response, bool):
            return signal


def _handed_over(kind: type[Opening], state: RunState, under_way: UnderWay) -> Opening | None:
    """Return the wait that the execution before this one has opened, or None."""
    return None if under_way.wait is None else kind(**{**under_way.wait, "run": state.run})


def _event_opening(state: RunState, step: EventWaitStep) -> messages.WaitOpening:
    key = _correlation_key(state.evaluate(step.correlation_key))
    due = None if step.timeout_ms is None else workflow.now() + timedelta(milliseconds=step.timeout_ms)
    timeout_at = None if due is None else iso_text(due)
    filters = [item.as_json() for item in step.filters]
    return messages.WaitOpening(
        **_opening(state, step.path, WaitType.EVENT, timeout_at),
        key=key,
        event_name=step.event_name,
        payload={
            "eventName": step.event_name,
            "correlationKey": key,
            "filters": filters,
            "timeoutAt": timeout_at,
        },
    )


def _time_opening(state: RunState, step: TimeWaitStep) -> messages.WaitOpening:
    due_at = iso_text(_due(state, step))
    return messages.WaitOpening(
        **_opening(state, step.path, WaitType.TIME, due_at),
        key=None,
        event_name=None,
        payload={"mode": step.mode, "durationMs": step.duration_ms, "dueAt": due_at},
    )


def _task_opening(state: RunState, step: HumanTaskStep) -> messages.HumanTaskOpening:
    title = state.evaluate(step.title)
    if not isinstance(title, str):
        raise StepFailure(Category.VALIDATION, "human.task title must evaluate to a text")
    return messages.HumanTaskOpening(
        run=state.run,
        wait_id=str(workflow.uuid4()),
        task_id=str(workflow.uuid4()),
        step_path=step.path,
        task_type=step.task_type,
        title=title,
        description=None if step.description is None else to_string(state.evaluate(step.description)),
        context_data={name: state.evaluate(expression) for name, expression in step.context_data},
    )


def _opening(state: RunState, path: str, wait_type: WaitType, timeout_at: str | None) -> dict[str, Any]:
    return {
        "run": state.run,
        "wait_id": str(workflow.uuid4()),
        "step_path": path,
        "wait_type": str(wait_type),
        "timeout_at": timeout_at,
    }


def _closing(opening: messages.WaitOpening, signal: EventSignal | None) -> messages.WaitClosing:
    event_id = None if signal is None else signal.event_id
    added = {"matchedEventId": event_id, "resolvedAt": iso_text(workflow.now())}
    return messages.WaitClosing(opening.run, opening.wait_id, opening.step_path, added, event_id)


def _current(kind: str, path: str, descriptor: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "stepPath": path, "descriptor": descriptor}


def _correlation_key(value: Any) -> str | None:
    """A null key matches every signal of the name, as in the reference, though only a direct signal can reach it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return to_string(value)
    raise StepFailure(Category.VALIDATION, "event.wait correlationKey must evaluate to a text, a number or null")


def _due(state: RunState, step: TimeWaitStep) -> datetime:
    if step.until is None:
        return workflow.now() + timedelta(milliseconds=step.duration_ms or 0)
    try:
        return parse_instant(state.evaluate(step.until))
    except ValueError as error:
        raise StepFailure(Category.VALIDATION, f"time.wait until: {error}") from error
