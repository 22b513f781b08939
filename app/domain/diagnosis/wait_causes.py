"""Causes in a wait: a time (S07), a person (S09), quota (S10), a child run (S11), and a deadline before its end (S17).

A wait that is going as planned yields an OK finding or none: what a healthy run waits for is its effective state.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.diagnosis.codes import Act, Cause, Severity, Source
from app.domain.diagnosis.facts import RunFacts, TaskFacts, WaitFacts
from app.domain.diagnosis.finding import Evidence, Finding, from_row, from_temporal, moment
from app.domain.diagnosis.states import is_waiting_for
from app.domain.run import RunStatus, WaitType

TASK_DONE = "completed"
TASK_ENDED = frozenset({TASK_DONE, "canceled", "cancelled"})
"""Words of ``workflow_tasks.status`` under which nobody answers any more; the vocabulary is open."""
QUOTA_WAIT = "quota"
"""``type`` of the current-wait query during a quota pause (runtime.md 2.4)."""


def time_wait(facts: RunFacts) -> Finding | None:
    """S07: the time has passed and the run still waits for it."""
    wait = _open_wait(facts, WaitType.TIME)
    if wait is None or wait.timeout_at is None or facts.now - wait.timeout_at <= facts.limits.overdue_after:
        return None
    return Finding(
        cause=Cause.TIME_WAIT,
        kind="overdue",
        severity=Severity.TROUBLE,
        title=f"The time it waits for passed at {moment(wait.timeout_at)}, and the run has not gone on.",
        evidence=(_wait_evidence(wait), _due_evidence(wait.timeout_at), *_query_evidence(facts)),
        actions=(Act.CANCEL, Act.REPLAY),
        advice="The timer should have fired. Look at the worker and the workflow task.",
        engineering="A time wait is overdue although its execution is open: look for a failing workflow task.",
        params=(("due", wait.timeout_at),),
    )


def human_wait(facts: RunFacts) -> Finding | None:
    """S09: the person has answered, or cannot any more, and the run was not told (F28)."""
    wait, task = _open_wait(facts, WaitType.HUMAN), facts.row.task
    if wait is None or (task is not None and task.status.lower() not in TASK_ENDED):
        return None
    done = task is not None and task.status.lower() == TASK_DONE
    return Finding(
        cause=Cause.HUMAN_WAIT,
        kind="done_not_signaled" if done else "task_gone",
        severity=Severity.TROUBLE,
        title="The task was completed, but the run was never told."
        if done
        else "Its task is not open any more, so nobody can answer it.",
        evidence=(_wait_evidence(wait), _task_evidence(facts, task)),
        actions=(Act.RELEASE_HUMAN_TASK, Act.CANCEL),
        advice="Release the human task with the person's answer.",
        engineering="Completing a task in the inbox does not signal the workflow (F28).",
    )


def resume_is_under_way(facts: RunFacts) -> bool:
    """Say whether a quota wait was resolved so lately that its signal, sent after the rows, may still arrive."""
    wait = facts.row.resolved_quota
    resolved = None if wait is None else wait.resolved_at
    return resolved is not None and facts.now - resolved <= facts.limits.signal_grace


def quota_pause(facts: RunFacts) -> Finding | None:
    """S10: paused by quota, quota there again, or resumed in the row only (F36)."""
    return _lost_resume(facts) or _paused(facts)


def child_run(facts: RunFacts) -> Finding | None:
    """S11: waits for a child run; what holds that one up is found by looking at it."""
    execution = facts.temporal.execution
    if execution is None or not execution.is_open or not (facts.row.children or execution.children):
        return None
    child = str(facts.row.children[0]) if facts.row.children else execution.children[0]
    return Finding(
        cause=Cause.CHILD_RUN,
        kind="child",
        severity=Severity.OK,
        title=f"Waits for child run {child}.",
        evidence=(from_row("Child run {child} is active", facts.now, child=child),),
        actions=(),
        advice="Look at the child run.",
        params=(("child", child),),
    )


def deadline_ahead(facts: RunFacts) -> Finding | None:
    """S17: the execution ends before what it waits for can come (F38)."""
    execution, wait = facts.temporal.execution, facts.row.wait
    if execution is None or not execution.is_open or wait is None or execution.expires_at is None:
        return None
    ends = execution.expires_at
    too_late = wait.timeout_at is not None and wait.timeout_at > ends
    near = wait.timeout_at is None and ends - facts.now < facts.limits.deadline_watch
    if not too_late and not near:
        return None
    return Finding(
        cause=Cause.DEADLINE_AHEAD,
        kind="before_due" if too_late else "near",
        severity=Severity.WATCH,
        title=f"Its execution ends at {moment(ends)}"
        + (", before the time the wait is due." if too_late else ", whether or not the wait has been answered."),
        evidence=(
            from_temporal("The execution times out at {ends}", execution.started_at, ends=ends),
            _wait_evidence(wait),
            *(() if wait.timeout_at is None else (_due_evidence(wait.timeout_at),)),
        ),
        actions=(Act.REPLAY, Act.CANCEL),
        advice="Have the wait answered before then, or plan a replay.",
        engineering="The execution timeout of 30 days is shorter than this wait (F38).",
        params=(("ends", ends),),
    )


def _paused(facts: RunFacts) -> Finding | None:
    wait = _open_wait(facts, WaitType.QUOTA)
    if wait is None:
        return None
    room = facts.usage is not None and facts.usage.has_room
    used_up = facts.usage is not None and not room  # also in the period that came after the pause's own
    ended = wait.timeout_at is not None and facts.now - wait.timeout_at > facts.limits.overdue_after
    period_over = ended and not used_up
    resumable = period_over or room
    return Finding(
        cause=Cause.QUOTA_PAUSE,
        kind="resumable" if resumable else "paused",
        severity=Severity.TROUBLE if period_over else Severity.WATCH if room else Severity.OK,
        title="Paused by the step quota, although there is quota again."
        if resumable
        else "Paused: the tenant's step quota is used up.",
        evidence=(_wait_evidence(wait), *_usage_evidence(facts)),
        actions=(Act.QUOTA_RESUME, Act.CANCEL),
        advice="Resume it." if resumable else "It goes on when the period ends or the plan's limit is raised.",
        engineering="The scan that resumes quota pauses every five minutes has not taken this run."
        if resumable
        else "",
    )


def _lost_resume(facts: RunFacts) -> Finding | None:
    """Recognise F36 by its proof: the wait is RESOLVED and the workflow itself still says quota."""
    wait, current = facts.row.resolved_quota, facts.temporal.current_wait
    if facts.row.status != RunStatus.RUNNING or wait is None or current is None or current.type != QUOTA_WAIT:
        return None
    if resume_is_under_way(facts):
        return None
    return Finding(
        cause=Cause.QUOTA_PAUSE,
        kind="resume_lost",
        severity=Severity.TROUBLE,
        title="The quota pause was lifted in the database, but the signal never reached the run.",
        evidence=(
            from_row("Quota wait RESOLVED", wait.resolved_at),
            from_row("The row says RUNNING, and no step has started since", facts.row.updated_at),
            from_temporal("The workflow says it waits for quota", current.asked_at, Source.QUERY),
        ),
        actions=(Act.QUOTA_RESUME,),
        advice="Send the resume again; that is harmless.",
        engineering="The resume writes the database first and signals last (F36).",
    )


def _open_wait(facts: RunFacts, wait_type: WaitType) -> WaitFacts | None:
    execution = facts.temporal.execution
    if execution is None or not execution.is_open or not is_waiting_for(facts.row, wait_type):
        return None
    return facts.row.wait


def _wait_evidence(wait: WaitFacts) -> Evidence:
    return from_row("{type} wait WAITING at {step}", wait.created_at, type=wait.wait_type, step=wait.step_path)


def _due_evidence(due: datetime) -> Evidence:
    return from_row("The wait is due at {due}", due, due=due)


def _query_evidence(facts: RunFacts) -> tuple[Evidence, ...]:
    current = facts.temporal.current_wait
    if current is None:
        return ()
    if current.type is None:
        return (from_temporal("The workflow says it waits for nothing", current.asked_at, Source.QUERY),)
    return (
        from_temporal(
            "The workflow says it waits for {type} at {step}",
            current.asked_at,
            Source.QUERY,
            type=current.type,
            step=str(current.step_path),
        ),
    )


def _task_evidence(facts: RunFacts, task: TaskFacts | None) -> Evidence:
    if task is None:
        return from_row("No task row has the wait's task id", facts.now)
    return from_row("Task {task} is {status}", task.completed_at, task=str(task.task_id), status=task.status)


def _usage_evidence(facts: RunFacts) -> tuple[Evidence, ...]:
    usage = facts.usage
    if usage is None:
        return ()
    used, ends = usage.used, usage.period_end
    if usage.limit is None:
        return (from_row("{used} steps used, no limit, period ends {ends}", facts.now, used=used, ends=ends),)
    return (
        from_row(
            "{used} of {allowed} steps used, period ends {ends}",
            facts.now,
            used=used,
            allowed=usage.limit,
            ends=ends,
        ),
    )
