"""The sentences of the triage report: one headline that a newcomer understands, and the evidence behind it.

Reports are English in this release; the desktop has its own translated words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from app.domain.durations import spoken_duration
from app.domain.execution import ExecutionFacts, ExecutionStatus, QueueFacts
from app.domain.run import (
    ENGINE_TEMPORAL,
    EffectiveState,
    RunDetail,
    RunInspection,
    RunRow,
    Step,
    StepStatus,
    Wait,
    WaitStatus,
    WaitType,
)

_LONGEST_MESSAGE = 240
_PROJECTION_LAG = timedelta(seconds=10)
"""A row may say RUNNING this long after its execution closed before that is worth a word."""


def headline(
    inspection: RunInspection, execution: ExecutionFacts | None, queue: QueueFacts | None, *, missing: bool
) -> str:
    """Return one sentence: what happened to the run and, where the facts show it, why.

    Args:
        inspection: The run as read.
        execution: What Temporal says about its execution, if it was asked and knows it.
        queue: Pollers of the task queue, if known.
        missing: Whether Temporal answered that it does not know the execution.
    """
    row = inspection.run.row
    if execution is not None and _was_never_told(inspection, execution):
        return (
            f"{_name(row)} is recorded as {row.status}, but its execution in Temporal has already ended "
            f"({_words(execution.status)}), so it will not move on by itself."
        )
    if row.stuck:
        return _stuck(inspection, queue, missing=missing)
    return _STATE_SENTENCES[row.state](inspection)


def evidence(
    inspection: RunInspection, execution: ExecutionFacts | None, queue: QueueFacts | None, *, problem: str | None
) -> tuple[str, ...]:
    """Return the facts that a reader should know besides the headline, one sentence each."""
    return (
        *_temporal_facts(execution, problem),
        *_queue_facts(queue, inspection),
        *_row_facts(inspection),
    )


def _is_open(row: RunRow) -> bool:
    return row.completed_at is None and row.state not in {EffectiveState.UNKNOWN, EffectiveState.CANCELING}


def _was_never_told(inspection: RunInspection, execution: ExecutionFacts) -> bool:
    """Say whether the row is still open although its execution closed a while ago."""
    closed_at = execution.closed_at
    return closed_at is not None and _is_open(inspection.run.row) and closed_at < inspection.read_at - _PROJECTION_LAG


def _name(row: RunRow) -> str:
    return f"“{row.workflow_name}”" if row.workflow_name else f"Workflow {str(row.workflow_id)[:8]}"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _age(row: RunRow) -> str:
    return spoken_duration(row.age_seconds)


def _length(row: RunRow) -> str:
    if row.completed_at is None:
        return _age(row)
    return spoken_duration((row.completed_at - row.started_at).total_seconds())


def _stuck(inspection: RunInspection, queue: QueueFacts | None, *, missing: bool) -> str:
    row = inspection.run.row
    begin = f"{_name(row)} was recorded as started {_age(row)} ago, but no step has run"
    if missing:
        return f"{begin}: {_unknown_execution(inspection.run)}."
    absent = None if queue is None else _absent_workers(queue, inspection.read_at)
    if absent is not None:
        return f"{begin}: {absent}."
    if queue is not None and queue.live_pollers(inspection.read_at):
        return f"{begin}, although {_present_workers(queue, inspection.read_at)}."
    return f"{begin}; the workflow worker may be down or may not be connected to Temporal."


def _unknown_execution(run: RunDetail) -> str:
    if run.row.engine != ENGINE_TEMPORAL:
        return "it was not recorded for Temporal, and no other engine exists any more"
    if run.temporal_run_id is not None:
        return "Temporal no longer knows its execution, although it was started there"
    return "Temporal does not know its execution, so the launch never reached Temporal"


def _absent_workers(queue: QueueFacts, now: datetime) -> str | None:
    """Return in words that no worker polls the queue, or None when one does or it cannot be told."""
    if not queue.pollers:
        return f"no worker is listed for the task queue {queue.task_queue}"
    if queue.last_access is None or not queue.accesses or queue.live_pollers(now):
        return None
    ago = spoken_duration((now - queue.last_access).total_seconds())
    return f"no worker has asked the task queue {queue.task_queue} for work for {ago}"


def _present_workers(queue: QueueFacts, now: datetime) -> str:
    return f"{_count(queue.live_pollers(now), 'worker polls', 'workers poll')} the task queue {queue.task_queue}"


def _succeeded(inspection: RunInspection) -> str:
    row = inspection.run.row
    swallowed = sum(step.swallowed_error for step in inspection.steps)
    tail = f", although {_count(swallowed, 'failure was', 'failures were')} ignored on the way" if swallowed else ""
    return f"{_name(row)} succeeded after {_length(row)} and {_count(len(inspection.steps), 'step', 'steps')}{tail}."


def _failed(inspection: RunInspection) -> str:
    row, error = inspection.run.row, inspection.error
    if error is None:
        return f"{_name(row)} failed after {_length(row)} without a recorded error."
    if error.category == "launch":
        return f"{_name(row)} was never started: {_quoted(error.message)}"
    where = _step_words(inspection, error.step_path)
    return f"{_name(row)} failed{where} after {_length(row)}: {_quoted(error.message)}"


def _failing(inspection: RunInspection) -> str:
    error = inspection.error
    what = f": {_quoted(error.message)}" if error else "."
    return (
        f"{_name(inspection.run.row)} has a failed step and has not ended yet; the failure may still be handled{what}"
    )


def _canceled(inspection: RunInspection) -> str:
    row = inspection.run.row
    why = f": {_quoted(inspection.error.message)}" if inspection.error else "."
    return f"{_name(row)} was canceled after {_length(row)}{why}"


def _canceling(inspection: RunInspection) -> str:
    return f"{_name(inspection.run.row)} is being canceled; its row has not been closed yet."


def _queued(inspection: RunInspection) -> str:
    row = inspection.run.row
    return f"{_name(row)} was started {_age(row)} ago and waits for a worker to take its first step."


def _executing(inspection: RunInspection) -> str:
    row = inspection.run.row
    current = _newest_open_step(inspection)
    doing = f" and is at step {_step_name(current)}" if current else ""
    return f"{_name(row)} has been running for {_age(row)}{doing}."


def _waiting(inspection: RunInspection) -> str:
    row, wait = inspection.run.row, _newest_open_wait(inspection)
    if wait is None:
        return f"{_name(row)} is waiting."
    since = spoken_duration(max((inspection.read_at - wait.created_at).total_seconds(), 0.0))
    return f"{_name(row)} has been waiting for {since} {_waited_for(wait)}{_until(inspection, wait)}."


def _waited_for(wait: Wait) -> str:
    if wait.wait_type == WaitType.EVENT:
        return f"for the event {wait.event_name or 'without a name'}"
    if wait.wait_type == WaitType.HUMAN:
        return "for a person to complete a task"
    if wait.wait_type == WaitType.QUOTA:
        return "because the tenant's step quota is used up"
    if wait.wait_type == WaitType.TIME:
        return "for a time to come"
    return f"({wait.wait_type})"


def _until(inspection: RunInspection, wait: Wait) -> str:
    if wait.timeout_at is None:
        return ""
    left = (wait.timeout_at - inspection.read_at).total_seconds()
    return f"; {spoken_duration(left)} are left" if left > 0 else f"; its time passed {spoken_duration(-left)} ago"


def _unknown(inspection: RunInspection) -> str:
    row = inspection.run.row
    return f"{_name(row)} is in a state that this console does not know: {row.status}."


_STATE_SENTENCES: dict[EffectiveState, Callable[[RunInspection], str]] = {
    EffectiveState.QUEUED: _queued,
    EffectiveState.EXECUTING: _executing,
    EffectiveState.RETRYING: _executing,
    EffectiveState.WAITING_EVENT: _waiting,
    EffectiveState.WAITING_TIME: _waiting,
    EffectiveState.WAITING_HUMAN: _waiting,
    EffectiveState.WAITING_QUOTA: _waiting,
    EffectiveState.WAITING_CHILD: _waiting,
    EffectiveState.FAILING: _failing,
    EffectiveState.CANCELING: _canceling,
    EffectiveState.SUCCEEDED: _succeeded,
    EffectiveState.FAILED: _failed,
    EffectiveState.CANCELED: _canceled,
    EffectiveState.TERMINATED: _failed,
    EffectiveState.TIMED_OUT: _failed,
    EffectiveState.UNKNOWN: _unknown,
}


def _temporal_facts(execution: ExecutionFacts | None, problem: str | None) -> Iterator[str]:
    if problem is not None:
        yield f"Temporal could not be asked: {problem}"
    elif execution is None:
        yield "Temporal does not know the execution: it was never started, or its history is past retention."
    elif execution.status is ExecutionStatus.RUNNING:
        yield f"Temporal: the execution is running, with {_count(execution.history_length, 'event', 'events')} so far."
    else:
        yield f"Temporal: the execution has ended ({_words(execution.status)})."


def _queue_facts(queue: QueueFacts | None, inspection: RunInspection) -> Iterator[str]:
    if queue is None or not _is_open(inspection.run.row):
        return
    absent = _absent_workers(queue, inspection.read_at)
    if absent is not None:
        yield f"{absent[0].upper()}{absent[1:]}."
    elif queue.accesses:
        yield f"{_present_workers(queue, inspection.read_at)}."
    else:
        # Temporal lists a stopped poller for about five minutes, so a listed one proves nothing by itself.
        listed = _count(len(queue.pollers), "worker is", "workers are")
        yield f"{listed} listed for the task queue {queue.task_queue}; one that stopped stays listed for about 5 min."


def _row_facts(inspection: RunInspection) -> Iterator[str]:
    run = inspection.run
    if run.legacy_note:
        yield run.legacy_note
    if run.source_run is not None:
        yield f"This run is a replay of {run.source_run.run_id}."
    if run.replays:
        ended = ", ".join(f"{str(link.run_id)[:8]} {link.status}" for link in run.replays)
        yield f"It has been replayed {_count(len(run.replays), 'time', 'times')}: {ended}."
    if run.damaged_paths:
        yield f"The stored input itself holds placeholders instead of values, at {', '.join(run.damaged_paths)}."
    if inspection.redaction_closed:
        yield "The tenant's redaction rules could not be read, so every document and text is hidden."
    if inspection.restricted:
        yield "Whoever made this report lacks workflow:manage, so inputs and outputs of actions are hidden."


def _step_words(inspection: RunInspection, path: str | None) -> str:
    if path is None:
        return ""
    step = next((step for step in reversed(inspection.steps) if step.step_path == path), None)
    return f" at step {_step_name(step)}" if step else f" at {path}"


def _step_name(step: Step) -> str:
    return f"“{step.name or step.definition_step_id}”"


def _newest_open_step(inspection: RunInspection) -> Step | None:
    open_steps = [step for step in inspection.steps if step.status == StepStatus.STARTED]
    return max(open_steps, key=lambda step: step.started_at, default=None)


def _newest_open_wait(inspection: RunInspection) -> Wait | None:
    open_waits = [wait for wait in inspection.waits if wait.status == WaitStatus.WAITING]
    return max(open_waits, key=lambda wait: wait.created_at, default=None)


def _quoted(message: str) -> str:
    line = " ".join(message.split())
    if len(line) > _LONGEST_MESSAGE:
        line = line[: _LONGEST_MESSAGE - 1] + "…"
    return line if line.endswith((".", "!", "?", "…")) else line + "."


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
