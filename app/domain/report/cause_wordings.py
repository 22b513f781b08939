"""What each form of each cause is called, and what to do about it, as wordings that reports translate.

The desktop marks the same sentences for its own translation; tests/domain/report holds the two equal.
"""

from __future__ import annotations

from app.domain.diagnosis.codes import Cause

_START_WORKER = "Start the workflow worker (or `rundesk worker`) on task queue {queue}; the run goes on by itself."
_START_ACTIVITY_WORKER = "Start a worker that executes activities on {queue}; the run goes on by itself."
_IN_FLIGHT = "{action} has been in flight for {seconds} of at most {limit}."
_GIVES_UP = "Temporal gives it up at {until}. A cancel does not undo what the action has already done."
_NEXT_ATTEMPT = "Action {action} failed (attempts: {attempts}); the next one is due at {due}."
_LOOK_AT_WORKER = "The timer should have fired. Look at the worker and the workflow task."
_DELIVER = (
    "Deliver the event to this run where that is offered. Else cancel the run and replay it: the reference worker"
    " fails a run whose wait without a timeout gets its event."
)
_RELEASE = "Release the human task with the person's answer."
_LOOK_AT_CHILD = "Look at the child run."
_CHECK_NAMESPACE = (
    "Nothing executes this run any more. Check that this connection uses the product's namespace, then replay the"
    " run if it matters."
)
_TAKE_OVER = "Nothing executes this run any more. Take over the execution's end, then replay the run if it matters."
_ROW_SAYS = "The row says {status}, but the execution is still open."
_STILL_EXECUTES = "What the execution still does takes effect. If it should not, cancel it in Temporal."
_A_STEP_FAILED = "A step failed and the run has not closed; the failure may still be handled."
_WAIT_FOR_HANDLING = "Wait for the run's own error handling; do not count it as failed yet."
_HAVE_ANSWERED = "Have the wait answered before then, or plan a replay."
_BRING_TEMPORAL_BACK = "Bring Temporal back or correct the connection. Rundesk keeps asking."
_OTHER_QUEUE = "Started on task queue {queue}, not on {contract_queue}."
_POLL_OTHER_QUEUE = (
    "Start a worker that polls {queue}, or cancel this run and replay it: a replay starts on {contract_queue}."
)

CAUSE_WORDINGS: dict[tuple[Cause, str], tuple[str, str]] = {
    (Cause.NO_WORKER, "no_pollers"): (
        "No worker polls task queue {queue}.",
        _START_WORKER,
    ),
    (Cause.NO_WORKER, "cannot_tell_yet"): (
        "No worker has taken it yet; whether one still polls cannot be told yet.",
        _START_WORKER,
    ),
    (Cause.BACKLOG, "backlog"): (
        "Workers poll {queue}, but the run has waited {seconds} for one.",
        "The workers are busy or cannot take this task. Add workers, or wait until the backlog is gone.",
    ),
    (Cause.TASK_FAILING, "failing"): (
        "The worker fails this run's workflow task; attempt {attempt} is pending.",
        "Temporal goes on trying. A worker that can execute this run lets it go on by itself; else cancel it.",
    ),
    (Cause.TASK_FAILING, "not_finishing"): (
        "A worker has had this run's workflow task for over a minute and does not finish it.",
        "Look at the worker: it may wait for the database or be overloaded.",
    ),
    (Cause.TASK_FAILING, "no_step"): (
        "The execution is open, but no step has started.",
        "Look at the worker's log: it has the run, but cannot load it or write its first step.",
    ),
    (Cause.ACTIVITY_NOT_PICKED_UP, "no_pollers"): (
        "No worker polls {queue} for activities.",
        _START_ACTIVITY_WORKER,
    ),
    (Cause.ACTIVITY_NOT_PICKED_UP, "waiting"): (
        "Activity {activity} has waited {seconds} for a worker.",
        _START_ACTIVITY_WORKER,
    ),
    (Cause.ACTIVITY_IN_FLIGHT, "in_flight"): (
        _IN_FLIGHT,
        _GIVES_UP,
    ),
    (Cause.ACTIVITY_IN_FLIGHT, "overdue"): (
        _IN_FLIGHT,
        _GIVES_UP,
    ),
    (Cause.RETRY_BACKOFF, "backoff"): (
        _NEXT_ATTEMPT,
        "The run tries again by itself. Mend what the action calls before the next attempt, or cancel the run.",
    ),
    (Cause.RETRY_BACKOFF, "overdue"): (
        _NEXT_ATTEMPT,
        _LOOK_AT_WORKER,
    ),
    (Cause.RETRY_BACKOFF, "server_retry"): (
        "Activity {activity} failed; Temporal tries attempt {attempt} at {due}.",
        "Temporal tries again by itself.",
    ),
    (Cause.TIME_WAIT, "overdue"): (
        "The time it waits for passed at {due}, and the run has not gone on.",
        _LOOK_AT_WORKER,
    ),
    (Cause.EVENT_WAIT, "null_key"): (
        "Waits for an event without a correlation key: no recorded event can ever match it.",
        _DELIVER,
    ),
    (Cause.EVENT_WAIT, "never_signalled"): (
        "Event {event} was recorded {seconds} after the wait opened, but never reached the run.",
        _DELIVER,
    ),
    (Cause.EVENT_WAIT, "filtered_out"): (
        "Event {event} arrived, but the wait's filter {filter} refused it.",
        (
            "The run waits for another event. If this one should have counted, deliver it corrected where that is"
            " offered, or cancel the run and replay it."
        ),
    ),
    (Cause.EVENT_WAIT, "arrived_early"): (
        "Event {event} arrived {seconds} before this wait opened; it is not delivered again.",
        _DELIVER,
    ),
    (Cause.EVENT_WAIT, "near_miss"): (
        "Nothing that matches has arrived, but event {event} came with a key or name spelled otherwise.",
        "Compare the event's key and name with what the run waits for.",
    ),
    (Cause.EVENT_WAIT, "overdue"): (
        "The wait timed out at {due}, and the run has not gone on.",
        _LOOK_AT_WORKER,
    ),
    (Cause.EVENT_WAIT, "nothing_arrived"): (
        "Waiting for event {event}; nothing that matches has arrived.",
        "",
    ),
    (Cause.HUMAN_WAIT, "done_not_signaled"): (
        "The task was completed, but the run was never told.",
        _RELEASE,
    ),
    (Cause.HUMAN_WAIT, "task_gone"): (
        "Its task is not open any more, so nobody can answer it.",
        _RELEASE,
    ),
    (Cause.QUOTA_PAUSE, "paused"): (
        "Paused: the tenant's step quota is used up.",
        "It goes on when the period ends or the plan's limit is raised.",
    ),
    (Cause.QUOTA_PAUSE, "resumable"): (
        "Paused by the step quota, although there is quota again.",
        "Resume it.",
    ),
    (Cause.QUOTA_PAUSE, "resume_lost"): (
        "The quota pause was lifted in the database, but the signal never reached the run.",
        "Send the resume again; that is harmless.",
    ),
    (Cause.CHILD_RUN, "child"): (
        "Waits for child run {child}.",
        _LOOK_AT_CHILD,
    ),
    (Cause.CHILD_RUN, "child_stuck"): (
        "Waits for child run {child}, which is in trouble itself.",
        _LOOK_AT_CHILD,
    ),
    (Cause.LAUNCH_GAP, "never_started"): (
        "The launch never reached Temporal.",
        (
            "Complete the launch (same run id, safe to repeat) or mark it failed and launch it again. A child run"
            " is its parent's to start: look there."
        ),
    ),
    (Cause.MISSING_EXECUTION, "expired"): (
        "Temporal does not know its execution any more; if it closed back then, retention has deleted it.",
        _CHECK_NAMESPACE,
    ),
    (Cause.MISSING_EXECUTION, "other_namespace"): (
        "Temporal does not know its execution, nor any other of the product's in this namespace.",
        _CHECK_NAMESPACE,
    ),
    (Cause.MISSING_EXECUTION, "lost"): (
        "Temporal does not know its execution, although retention would have kept it.",
        _CHECK_NAMESPACE,
    ),
    (Cause.ZOMBIE_ROW, "canceled_outside"): (
        "Canceled outside of the product; the row was never told.",
        _TAKE_OVER,
    ),
    (Cause.ZOMBIE_ROW, "terminated"): (
        "Terminated in Temporal; the row was never told.",
        _TAKE_OVER,
    ),
    (Cause.ZOMBIE_ROW, "timed_out"): (
        "The execution reached its time limit; the row was never told.",
        _TAKE_OVER,
    ),
    (Cause.ZOMBIE_ROW, "completed"): (
        "The execution completed; the row was never told.",
        _TAKE_OVER,
    ),
    (Cause.ZOMBIE_ROW, "definition_hash"): (
        "Its definition was changed after the launch, so the engine refused to load it.",
        _TAKE_OVER,
    ),
    (Cause.ZOMBIE_ROW, "load_failed"): (
        "The engine could not load the run's definition; the row was never told.",
        _TAKE_OVER,
    ),
    (Cause.ZOMBIE_ROW, "step_start_failed"): (
        "The engine could not write a step's start and gave the run up.",
        _TAKE_OVER,
    ),
    (Cause.ZOMBIE_ROW, "failed"): (
        "The execution failed; the row was never told.",
        _TAKE_OVER,
    ),
    (Cause.PHANTOM_COMPLETION, "launched_after_all"): (
        "Recorded as failed at launch, but Temporal had accepted the start and executes it.",
        "Complete the launch, so that the row follows the execution.",
    ),
    (Cause.PHANTOM_COMPLETION, "cancel_pending"): (
        _ROW_SAYS,
        _STILL_EXECUTES,
    ),
    (Cause.PHANTOM_COMPLETION, "still_open"): (
        _ROW_SAYS,
        _STILL_EXECUTES,
    ),
    (Cause.FAILING_NOT_CLOSED, "routing"): (
        _A_STEP_FAILED,
        _WAIT_FOR_HANDLING,
    ),
    (Cause.FAILING_NOT_CLOSED, "lasting"): (
        _A_STEP_FAILED,
        _WAIT_FOR_HANDLING,
    ),
    (Cause.DEADLINE_AHEAD, "near"): (
        "Its execution ends at {ends}, whether or not the wait has been answered.",
        _HAVE_ANSWERED,
    ),
    (Cause.DEADLINE_AHEAD, "before_due"): (
        "Its execution ends at {ends}, before the time the wait is due.",
        _HAVE_ANSWERED,
    ),
    (Cause.LEGACY_ROW, "stranded"): (
        "Left behind by an engine that was removed; nothing will execute it.",
        "Finalize it as canceled, then replay it if it matters.",
    ),
    (Cause.LEGACY_ROW, "executing"): (
        "The row names no Temporal engine, yet Temporal executes it.",
        "Leave it alone: it runs.",
    ),
    (Cause.CANNOT_VERIFY, "temporal"): (
        "Why it does not go on cannot be verified: Temporal does not answer.",
        _BRING_TEMPORAL_BACK,
    ),
    (Cause.CANNOT_VERIFY, "queue"): (
        "Whether a worker polls cannot be verified: Temporal does not describe the queue.",
        _BRING_TEMPORAL_BACK,
    ),
    (Cause.CANNOT_VERIFY, "postgres"): (
        "Nothing can be verified: Postgres does not answer.",
        "Bring the database back or correct the connection. Rundesk keeps asking.",
    ),
    (Cause.OTHER_QUEUE, "unserved"): (
        _OTHER_QUEUE,
        _POLL_OTHER_QUEUE,
    ),
    (Cause.OTHER_QUEUE, "served"): (
        _OTHER_QUEUE,
        _POLL_OTHER_QUEUE,
    ),
}
"""Title and advice by cause and kind; both name what the finding's ``params`` hold."""
