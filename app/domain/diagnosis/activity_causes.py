"""Causes at an activity: nobody takes it (S04), it is in flight (S05), its retry is ahead (S06)."""

from __future__ import annotations

from datetime import datetime

from app.domain.diagnosis.codes import Act, Cause, Severity, Source
from app.domain.diagnosis.execution_facts import OpenTimer, PendingActivity, PollerProof, QueueState
from app.domain.diagnosis.facts import RunFacts
from app.domain.diagnosis.finding import Evidence, Finding, from_row, from_temporal, moment
from app.domain.diagnosis.limits import ACTIVITY_TIMEOUT
from app.domain.diagnosis.queue_causes import poller_evidence
from app.domain.diagnosis.states import is_between_attempts


def not_picked_up(facts: RunFacts) -> Finding | None:
    """S04: an activity is scheduled and no worker has taken it."""
    activity, queue = oldest_pending(facts), _queue_of_activity(facts)
    if activity is None or queue is None or activity.started_at is not None or activity.next_attempt_at is not None:
        return None
    proof = queue.activity.proof(activity.scheduled_at, facts.now, queue.read_at)
    waited = facts.now - activity.scheduled_at
    if proof is PollerProof.LIVE and waited <= facts.limits.quiet_after:
        return None
    proved = proof is PollerProof.NONE
    long = waited > facts.limits.task_waits and proof is PollerProof.LIVE
    return Finding(
        cause=Cause.ACTIVITY_NOT_PICKED_UP,
        kind="no_pollers" if proved else "waiting",
        severity=Severity.TROUBLE if proved or long else Severity.WATCH,
        title=f"No worker polls {queue.name} for activities."
        if proved
        else f"Activity {activity.activity_type} has waited {int(waited.total_seconds())} s for a worker.",
        evidence=(
            from_temporal(
                "Activity {activity} scheduled, not started", activity.scheduled_at, activity=activity.activity_type
            ),
            *poller_evidence(queue, queue.activity, "activity"),
        ),
        actions=(Act.START_WORKER, Act.CANCEL),
        advice=f"Start a worker that executes activities on {queue.name}; the run goes on by itself.",
        engineering="Workflow tasks are executed but activities are not: the worker runs without activity pollers, or "
        "all its activity slots are taken.",
        params=(("queue", queue.name), ("activity", activity.activity_type), ("seconds", int(waited.total_seconds()))),
    )


def in_flight(facts: RunFacts) -> Finding | None:
    """S05: an activity is being executed; whether it makes progress is not known, as the contract has no heartbeat."""
    activity = oldest_pending(facts)
    if activity is None or activity.started_at is None:
        return None
    elapsed = facts.now - activity.started_at
    if elapsed <= facts.limits.activity_watch:
        return None
    overdue = elapsed > ACTIVITY_TIMEOUT + facts.limits.overdue_after
    return Finding(
        cause=Cause.ACTIVITY_IN_FLIGHT,
        kind="overdue" if overdue else "in_flight",
        severity=Severity.TROUBLE if overdue else Severity.WATCH,
        title=f"{_called(facts, activity)} has been in flight for {int(elapsed.total_seconds())} s of at most "
        f"{int(ACTIVITY_TIMEOUT.total_seconds())} s.",
        evidence=(
            _start_evidence(activity),
            *_heartbeat(activity),
        ),
        actions=(Act.CANCEL,),
        advice=f"Temporal gives it up at {moment(activity.started_at + ACTIVITY_TIMEOUT)}. A cancel does not undo what "
        "the action has already done.",
        engineering="An action does not return. Look at what it calls; the worker's log names the activity.",
        params=(
            ("action", _called(facts, activity)),
            ("seconds", int(elapsed.total_seconds())),
            ("limit", int(ACTIVITY_TIMEOUT.total_seconds())),
            ("until", activity.started_at + ACTIVITY_TIMEOUT),
        ),
    )


def retry_ahead(facts: RunFacts) -> Finding | None:
    """S06: an action failed and its retry lies ahead: a timer of the workflow, not the server's own retry."""
    activity = oldest_pending(facts)
    if activity is not None and activity.next_attempt_at is not None:
        return _server_retry(facts, activity, activity.next_attempt_at)
    row = facts.row
    if not is_between_attempts(row) or row.invocation is None or activity is not None:
        return None
    timer = next_timer(facts)
    if timer is None:
        return None
    ahead = timer.fires_at - facts.now
    overdue = -ahead > facts.limits.overdue_after
    attempts = 0 if facts.temporal.tail is None else facts.temporal.tail.action_attempts
    attempt = max(row.invocation.attempt, attempts)
    return Finding(
        cause=Cause.RETRY_BACKOFF,
        kind="overdue" if overdue else "backoff",
        severity=_retry_severity(facts, timer.fires_at),
        title=f"Action {row.invocation.action_id} failed {attempt} time(s); the next attempt is due at "
        f"{moment(timer.fires_at)}.",
        evidence=(
            from_row(
                "Invocation of {action} FAILED, attempt {attempt}",
                row.invocation.completed_at,
                action=row.invocation.action_id,
                attempt=attempt,
            ),
            from_temporal(
                "Timer {timer} fires at {due}",
                timer.started_at,
                Source.HISTORY,
                timer=timer.timer_id,
                due=timer.fires_at,
            ),
        ),
        actions=(Act.CANCEL,),
        advice="The run tries again by itself. Mend what the action calls before the next attempt, or cancel the run.",
        engineering="A retry policy of the definition is at work; the invocation row has the action's own error.",
        params=(("action", row.invocation.action_id), ("attempts", attempt), ("due", timer.fires_at)),
    )


def oldest_pending(facts: RunFacts) -> PendingActivity | None:
    """Return the activity that has been pending longest in an open execution."""
    execution = facts.temporal.execution
    return None if execution is None or not execution.is_open else execution.oldest_activity


def next_timer(facts: RunFacts) -> OpenTimer | None:
    """Return the open timer that fires first of those that began with the last failure."""
    timers = () if facts.temporal.tail is None else facts.temporal.tail.timers
    failed_at = None if facts.row.invocation is None else facts.row.invocation.completed_at
    later = [timer for timer in timers if failed_at is None or timer.started_at >= failed_at - facts.limits.settling]
    return min(later, key=lambda timer: timer.fires_at, default=None)


def _queue_of_activity(facts: RunFacts) -> QueueState | None:
    execution = facts.temporal.execution
    elsewhere = execution is not None and execution.activity_queue is not None
    return facts.temporal.activity_queue if elsewhere else facts.temporal.queue


def _server_retry(facts: RunFacts, activity: PendingActivity, due: datetime) -> Finding:
    return Finding(
        cause=Cause.RETRY_BACKOFF,
        kind="server_retry",
        severity=_retry_severity(facts, due),
        title=f"Activity {activity.activity_type} failed; Temporal tries attempt {activity.attempt} at {moment(due)}.",
        evidence=(
            from_temporal(
                "Attempt {attempt} is due at {due}", activity.scheduled_at, attempt=activity.attempt, due=due
            ),
            *(
                ()
                if activity.failure is None
                else (from_temporal("Last failure: {problem}", None, problem=activity.failure),)
            ),
        ),
        actions=(Act.CANCEL,),
        advice="Temporal tries again by itself.",
        engineering="The server retries an activity, which the reference worker never lets it do: another worker "
        "executes this run.",
        params=(("activity", activity.activity_type), ("attempt", activity.attempt), ("due", due)),
    )


def _retry_severity(facts: RunFacts, due: datetime) -> Severity:
    ahead = due - facts.now
    if -ahead > facts.limits.overdue_after:
        return Severity.TROUBLE
    return Severity.WATCH if ahead > facts.limits.retry_watch else Severity.OK


def _called(facts: RunFacts, activity: PendingActivity) -> str:
    step, invocation = facts.row.open_step, facts.row.invocation
    if step is not None and invocation is not None and invocation.step_path == step.step_path:
        return f"Action {invocation.action_id}"
    return f"Activity {activity.activity_type}"


def _start_evidence(activity: PendingActivity) -> Evidence:
    name, at = activity.activity_type, activity.started_at
    if activity.worker is None:
        return from_temporal("Activity {activity} started", at, activity=name)
    return from_temporal("Activity {activity} started on worker {worker}", at, activity=name, worker=activity.worker)


def _heartbeat(activity: PendingActivity) -> tuple[Evidence, ...]:
    if activity.last_heartbeat_at is None:
        return (from_temporal("No heartbeat, so nothing is known of its progress", None),)
    return (from_temporal("Last heartbeat", activity.last_heartbeat_at),)
