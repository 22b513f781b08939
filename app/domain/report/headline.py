"""The one sentence that needs no further knowledge: what happened to a run and, where the facts show it, why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.domain.execution import ExecutionFacts, QueueFacts
from app.domain.report.states import execution_word
from app.domain.report.words import Said, Word, count, say, seconds
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
from app.domain.triage import RunAccount

_LONGEST_MESSAGE = 240
_PROJECTION_LAG = timedelta(seconds=10)
"""A row may say RUNNING this long after its execution closed before that is worth a word."""


def headline(account: RunAccount) -> Said:
    """Return what happened to the run."""
    row, execution = account.row, account.environment.execution
    if execution is not None and _was_never_told(account.inspection, execution):
        return say(
            "{run} is recorded as {status}, but its execution in Temporal has already ended ({outcome}), "
            "so it will not move on by itself.",
            run=name_of(row),
            status=row.status,
            outcome=execution_word(execution.status),
        )
    if row.stuck:
        return _stuck(account)
    return STATE_SENTENCES[row.state](account.inspection)


def is_open(row: RunRow) -> bool:
    """Say whether the run has not ended, as far as its row tells."""
    return row.completed_at is None and row.state not in {EffectiveState.UNKNOWN, EffectiveState.CANCELING}


def name_of(row: RunRow) -> Word:
    """Return what the run is called: its workflow's name, or the beginning of its id."""
    if row.workflow_name:
        return say("“{name}”", name=row.workflow_name)
    return say("Workflow {id}", id=str(row.workflow_id)[:8])


def step_name(step: Step) -> Word:
    """Return what a step is called, in quotes."""
    return say("“{name}”", name=step.name or step.definition_step_id)


def newest_open_step(inspection: RunInspection) -> Step | None:
    """Return the step that began last and has not ended."""
    open_steps = [step for step in inspection.steps if step.status == StepStatus.STARTED]
    return max(open_steps, key=lambda step: step.started_at, default=None)


def newest_open_wait(inspection: RunInspection) -> Wait | None:
    """Return the wait that opened last and is still open."""
    open_waits = [wait for wait in inspection.waits if wait.status == WaitStatus.WAITING]
    return max(open_waits, key=lambda wait: wait.created_at, default=None)


def place_of(inspection: RunInspection) -> str | None:
    """Return the path of the step that failed the run, or at which it stands; None for a run that has neither."""
    row = inspection.run.row
    if inspection.error is not None:
        return inspection.error.step_path
    if not is_open(row):
        return None
    step, wait = newest_open_step(inspection), newest_open_wait(inspection)
    return step.step_path if step else wait.step_path if wait else row.node_path


def one_line(message: str) -> str:
    """Return a message as one sentence that is not too long."""
    line = " ".join(message.split())
    if len(line) > _LONGEST_MESSAGE:
        line = line[: _LONGEST_MESSAGE - 1] + "…"
    return line if line.endswith((".", "!", "?", "…")) else line + "."


def run_length(row: RunRow) -> timedelta:
    """Return how long the run took, or has taken so far."""
    return seconds(row.age_seconds if row.completed_at is None else (row.completed_at - row.started_at).total_seconds())


def absent_workers(queue: QueueFacts, account: RunAccount) -> Said | None:
    """Return that no worker polls the queue, or None when one does or it cannot be told."""
    now = account.inspection.read_at
    if not queue.pollers:
        return say("no worker is listed for the task queue {queue}", queue=queue.task_queue)
    if queue.last_access is None or not queue.accesses or queue.live_pollers(now):
        return None
    return say(
        "no worker has asked the task queue {queue} for work for {span}",
        queue=queue.task_queue,
        span=now - queue.last_access,
    )


def present_workers(queue: QueueFacts, account: RunAccount) -> Said:
    """Return how many workers poll the queue."""
    live = queue.live_pollers(account.inspection.read_at)
    return count(
        live,
        "1 worker polls the task queue {queue}",
        "{n} workers poll the task queue {queue}",
        queue=queue.task_queue,
    )


def _was_never_told(inspection: RunInspection, execution: ExecutionFacts) -> bool:
    """Say whether the row is still open although its execution closed a while ago."""
    closed_at = execution.closed_at
    return closed_at is not None and is_open(inspection.run.row) and closed_at < inspection.read_at - _PROJECTION_LAG


def _stuck(account: RunAccount) -> Said:
    row, queue = account.row, account.environment.queue
    begin = say("{run} was recorded as started {span} ago, but no step has run", run=name_of(row), span=run_length(row))
    if account.environment.execution_missing:
        return say("{what}: {why}.", what=begin, why=_unknown_execution(account.inspection.run))
    absent = None if queue is None else absent_workers(queue, account)
    if absent is not None:
        return say("{what}: {why}.", what=begin, why=absent)
    if queue is not None and queue.live_pollers(account.inspection.read_at):
        return say("{what}, although {fact}.", what=begin, fact=present_workers(queue, account))
    return say("{what}; the workflow worker may be down or may not be connected to Temporal.", what=begin)


def _unknown_execution(run: RunDetail) -> Said:
    if run.row.engine != ENGINE_TEMPORAL:
        return say("it was not recorded for Temporal, and no other engine exists any more")
    if run.temporal_run_id is not None:
        return say("Temporal no longer knows its execution, although it was started there")
    return say("Temporal does not know its execution, so the launch never reached Temporal")


def _succeeded(inspection: RunInspection) -> Said:
    row = inspection.run.row
    swallowed = sum(step.swallowed_error for step in inspection.steps)
    steps = count(len(inspection.steps), "1 step", "{n} steps")
    whole = say("{run} succeeded after {span} and {steps}", run=name_of(row), span=run_length(row), steps=steps)
    if not swallowed:
        return say("{what}.", what=whole)
    ignored = count(swallowed, "1 failure was ignored", "{n} failures were ignored")
    return say("{what}, although {ignored} on the way.", what=whole, ignored=ignored)


def _failed(inspection: RunInspection) -> Said:
    row, error = inspection.run.row, inspection.error
    run = name_of(row)
    if error is None:
        return say("{run} failed after {span} without a recorded error.", run=run, span=run_length(row))
    message = one_line(error.message)
    if error.category == "launch":
        return say("{run} was never started: {message}", run=run, message=message)
    where = _where(inspection, error.step_path)
    if where is None:
        return say("{run} failed after {span}: {message}", run=run, span=run_length(row), message=message)
    return say(
        "{run} failed{where} after {span}: {message}", run=run, where=where, span=run_length(row), message=message
    )


def _failing(inspection: RunInspection) -> Said:
    run, error = name_of(inspection.run.row), inspection.error
    begin = say("{run} has a failed step and has not ended yet; the failure may still be handled", run=run)
    return (
        say("{what}: {message}", what=begin, message=one_line(error.message)) if error else say("{what}.", what=begin)
    )


def _canceled(inspection: RunInspection) -> Said:
    row, error = inspection.run.row, inspection.error
    begin = say("{run} was canceled after {span}", run=name_of(row), span=run_length(row))
    return (
        say("{what}: {message}", what=begin, message=one_line(error.message)) if error else say("{what}.", what=begin)
    )


def _canceling(inspection: RunInspection) -> Said:
    return say("{run} is being canceled; its row has not been closed yet.", run=name_of(inspection.run.row))


def _queued(inspection: RunInspection) -> Said:
    row = inspection.run.row
    return say(
        "{run} was started {span} ago and waits for a worker to take its first step.",
        run=name_of(row),
        span=run_length(row),
    )


def _executing(inspection: RunInspection) -> Said:
    row, current = inspection.run.row, newest_open_step(inspection)
    if current is None:
        return say("{run} has been running for {span}.", run=name_of(row), span=run_length(row))
    return say(
        "{run} has been running for {span} and is at step {step}.",
        run=name_of(row),
        span=run_length(row),
        step=step_name(current),
    )


def _waiting(inspection: RunInspection) -> Said:
    row, wait = inspection.run.row, newest_open_wait(inspection)
    if wait is None:
        return say("{run} is waiting.", run=name_of(row))
    since = seconds((inspection.read_at - wait.created_at).total_seconds())
    begin = say("{run} has been waiting for {span} {what}", run=name_of(row), span=since, what=waited_for(wait))
    if wait.timeout_at is None:
        return say("{what}.", what=begin)
    left = wait.timeout_at - inspection.read_at
    if left > timedelta(0):
        return say("{what}; {span} are left.", what=begin, span=left)
    return say("{what}; its time passed {span} ago.", what=begin, span=-left)


def waited_for(wait: Wait) -> Said:
    """Return what a wait is for, to stand behind "waiting"."""
    if wait.wait_type == WaitType.EVENT:
        if wait.event_name is None:
            return say("for an event without a name")
        return say("for the event {event}", event=wait.event_name)
    return _WAITED_FOR.get(wait.wait_type) or say("({type})", type=wait.wait_type)


_WAITED_FOR: dict[str, Said] = {
    WaitType.HUMAN: say("for a person to complete a task"),
    WaitType.QUOTA: say("in a pause by the tenant's step quota"),
    WaitType.TIME: say("for a time to come"),
}


def _unknown(inspection: RunInspection) -> Said:
    row = inspection.run.row
    return say("{run} is in a state that this console does not know: {status}.", run=name_of(row), status=row.status)


def _where(inspection: RunInspection, path: str | None) -> Word:
    if path is None:
        return None
    step = next((step for step in reversed(inspection.steps) if step.step_path == path), None)
    return say(" at step {step}", step=step_name(step)) if step else say(" at {path}", path=path)


STATE_SENTENCES: dict[EffectiveState, Callable[[RunInspection], Said]] = {
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
