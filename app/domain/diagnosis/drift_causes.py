"""Causes where one side has ended and the other has not (S14, S15, S16), and S19: not known."""

from __future__ import annotations

from app.domain.diagnosis.codes import Act, Cause, Severity, Source, Verdict
from app.domain.diagnosis.execution_facts import ActivityRole, Execution, FailedActivity, HistoryTail
from app.domain.diagnosis.facts import RunFacts
from app.domain.diagnosis.finding import Evidence, Finding, from_row, from_temporal
from app.domain.diagnosis.verdicts import verdict_of
from app.domain.execution import ExecutionStatus
from app.domain.run import RunStatus


def cannot_verify(facts: RunFacts) -> Finding | None:
    """S19: Temporal did not answer, so nothing is said about the execution, or about who should take its task."""
    problem = facts.temporal.problem or _unread_queue(facts)
    if problem is None:
        return None
    row = facts.row
    return Finding(
        cause=Cause.CANNOT_VERIFY,
        kind="temporal" if facts.temporal.problem is not None else "queue",
        severity=Severity.WATCH,
        title=f"Cannot verify: {problem}",
        evidence=(
            from_temporal(problem, facts.temporal.asked_at),
            from_row("The row says {status}", row.updated_at, status=row.status),
        ),
        advice="Bring Temporal back or correct the connection, then diagnose again.",
        engineering="The console could not ask Temporal; the run itself may be healthy.",
        params=(("problem", problem),),
    )


def _unread_queue(facts: RunFacts) -> str | None:
    """Return why the pollers are not known, while a task lies there that they should take."""
    execution = facts.temporal.execution
    if execution is None or not execution.is_open or execution.task is None or execution.task.started_at is not None:
        return None
    return facts.temporal.queue_problem


def zombie_row(facts: RunFacts) -> Finding | None:
    """S14: the execution has closed and the row was never told."""
    execution = facts.temporal.execution
    if execution is None or verdict_of(facts) is not Verdict.ZOMBIE_ROW:
        return None
    kind, title = _why_closed(execution, facts.temporal.tail)
    return Finding(
        cause=Cause.ZOMBIE_ROW,
        kind=kind,
        severity=Severity.TROUBLE,
        title=title,
        evidence=(
            from_row("The row says {status}", facts.row.updated_at, status=facts.row.status),
            from_temporal("The execution is {status}", execution.closed_at, status=execution.status),
            *_close_evidence(facts.temporal.tail),
        ),
        actions=(Act.PROJECT_CLOSE, Act.REPLAY),
        advice="Nothing executes this run any more. Project the close onto the row, then replay the run if it matters.",
        engineering="The engine did not project the end of the execution (F4, F13, F38); nothing reconciles it (F40).",
    )


def phantom_completion(facts: RunFacts) -> Finding | None:
    """S15: the row has ended and the execution goes on."""
    execution, row = facts.temporal.execution, facts.row
    if execution is None or not execution.is_open or verdict_of(facts) is not Verdict.PHANTOM_COMPLETION:
        return None
    launched_after_all = row.status == RunStatus.FAILED and row.error_stage == "launch"
    ending = execution.cancel_requested and bool(execution.activities)
    return Finding(
        cause=Cause.PHANTOM_COMPLETION,
        kind="launched_after_all" if launched_after_all else "cancel_pending" if ending else "still_open",
        severity=Severity.WATCH if ending else Severity.TROUBLE,
        title="Recorded as failed at launch, but Temporal had accepted the start and executes it."
        if launched_after_all
        else f"The row says {row.status}, but the execution is still open.",
        evidence=(
            from_row("{status} with completed_at", row.completed_at, status=row.status),
            from_temporal("The execution is running", execution.started_at),
            *(
                from_temporal("Activity {activity} is pending", each.started_at, activity=each.activity_type)
                for each in execution.activities
            ),
        ),
        actions=(Act.COMPLETE_LAUNCH,) if launched_after_all else (),
        advice="Complete the launch, so that the row follows the execution."
        if launched_after_all
        else "What the execution still does takes effect. If it should not, cancel it in Temporal.",
        engineering="A launch was recorded as FAILED although the server had accepted it (F30), or a cancel was "
        "recorded before the execution ended (F14).",
        params=(("status", row.status),),
    )


def failing_not_closed(facts: RunFacts) -> Finding | None:
    """S16: FAILED without ``completed_at`` and an open execution: the failure is being handled (F39)."""
    if verdict_of(facts) is not Verdict.FAILING or facts.temporal.execution is None:
        return None
    lasting = facts.now - facts.row.updated_at
    long = lasting > facts.limits.task_waits
    return Finding(
        cause=Cause.FAILING_NOT_CLOSED,
        kind="lasting" if long else "routing",
        severity=Severity.TROUBLE if long and not facts.temporal.execution.activities else Severity.WATCH,
        title="A step failed and the run has not closed; the failure may still be handled.",
        evidence=(
            from_row("FAILED without completed_at", facts.row.updated_at),
            from_temporal("The execution is running", facts.temporal.execution.started_at),
        ),
        actions=(Act.CANCEL,),
        advice="Wait for the run's own error handling; do not count it as failed yet.",
        engineering="The engine writes FAILED before it looks for a handler (F39).",
    )


def _why_closed(execution: Execution, tail: HistoryTail | None) -> tuple[str, str]:
    """Return the kind and the sentence of a close that the row missed."""
    if execution.status is ExecutionStatus.CANCELED:
        return "canceled_outside", "Canceled outside of the product; the row was never told."
    if execution.status is ExecutionStatus.TERMINATED:
        return "terminated", "Terminated in Temporal; the row was never told."
    if execution.status is ExecutionStatus.TIMED_OUT:
        return "timed_out", "The execution reached its time limit; the row was never told."
    if execution.status is ExecutionStatus.COMPLETED:
        return "completed", "The execution completed; the row was never told."
    return _why_failed(tail)


def _why_failed(tail: HistoryTail | None) -> tuple[str, str]:
    failed = None if tail is None else tail.failed_activity
    if failed is not None and failed.role is ActivityRole.LOAD:
        if failed.about_hash:
            return "definition_hash", "Its definition was changed after the launch, so the engine refused to load it."
        return "load_failed", "The engine could not load the run's definition; the row was never told."
    if failed is not None and failed.role is ActivityRole.STEP_START:
        return "step_start_failed", "The engine could not write a step's start and gave the run up."
    return "failed", "The execution failed; the row was never told."


def _close_evidence(tail: HistoryTail | None) -> tuple[Evidence, ...]:
    if tail is None:
        return ()
    found: list[Evidence] = []
    if tail.close is not None:
        close = tail.close
        parts = [close.kind, close.failure_type, close.message, None if close.by is None else f"by {close.by}"]
        found.append(from_temporal(": ".join(part for part in parts if part), close.at, Source.HISTORY))
    if tail.failed_activity is not None:
        failed = tail.failed_activity
        found.append(_failure_evidence(failed))
    if tail.cancel_requested_at is not None:
        found.append(
            from_temporal(
                "Cancel requested at {requested}",
                tail.cancel_requested_at,
                Source.HISTORY,
                requested=tail.cancel_requested_at,
            )
        )
    return tuple(found)


def _failure_evidence(failed: FailedActivity) -> Evidence:
    name = failed.activity_type
    if not failed.message:
        return from_temporal("Activity {activity} failed", failed.at, Source.HISTORY, activity=name)
    return from_temporal(
        "Activity {activity} failed: {problem}", failed.at, Source.HISTORY, activity=name, problem=failed.message
    )
