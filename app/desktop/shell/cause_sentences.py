"""What the operator reads about every form of every cause: a title and what to do about it.

A title may name what :attr:`app.domain.diagnosis.finding.Finding.params` holds; times come out local, spans in words.
A cause that has no entry here fails tests/architecture/test_cause_sentences.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.desktop.shell.words import QT_TRANSLATE_NOOP
from app.domain.diagnosis.codes import Cause


@dataclass(frozen=True, slots=True)
class CauseSentence:
    """Source texts, marked for translation."""

    title: str
    advice: str


CAUSE_WORDS: dict[Cause | None, str] = {
    None: QT_TRANSLATE_NOOP("Causes", "No step begun"),
    Cause.NO_WORKER: QT_TRANSLATE_NOOP("Causes", "No worker"),
    Cause.BACKLOG: QT_TRANSLATE_NOOP("Causes", "Backlog"),
    Cause.TASK_FAILING: QT_TRANSLATE_NOOP("Causes", "Workflow task fails"),
    Cause.ACTIVITY_NOT_PICKED_UP: QT_TRANSLATE_NOOP("Causes", "Activity not taken"),
    Cause.ACTIVITY_IN_FLIGHT: QT_TRANSLATE_NOOP("Causes", "Activity in flight"),
    Cause.RETRY_BACKOFF: QT_TRANSLATE_NOOP("Causes", "Next attempt"),
    Cause.TIME_WAIT: QT_TRANSLATE_NOOP("Causes", "Timer overdue"),
    Cause.EVENT_WAIT: QT_TRANSLATE_NOOP("Causes", "Event missed"),
    Cause.HUMAN_WAIT: QT_TRANSLATE_NOOP("Causes", "Task not released"),
    Cause.QUOTA_PAUSE: QT_TRANSLATE_NOOP("Causes", "Quota pause"),
    Cause.CHILD_RUN: QT_TRANSLATE_NOOP("Causes", "Child run"),
    Cause.LAUNCH_GAP: QT_TRANSLATE_NOOP("Causes", "Never launched"),
    Cause.MISSING_EXECUTION: QT_TRANSLATE_NOOP("Causes", "Execution missing"),
    Cause.ZOMBIE_ROW: QT_TRANSLATE_NOOP("Causes", "Ended unseen"),
    Cause.PHANTOM_COMPLETION: QT_TRANSLATE_NOOP("Causes", "Still executing"),
    Cause.FAILING_NOT_CLOSED: QT_TRANSLATE_NOOP("Causes", "Failing"),
    Cause.DEADLINE_AHEAD: QT_TRANSLATE_NOOP("Causes", "Deadline ahead"),
    Cause.LEGACY_ROW: QT_TRANSLATE_NOOP("Causes", "Stranded"),
    Cause.CANNOT_VERIFY: QT_TRANSLATE_NOOP("Causes", "Cannot verify"),
    Cause.OTHER_QUEUE: QT_TRANSLATE_NOOP("Causes", "Other queue"),
}
"""A word or two for chips and badges; None is a run without a step whose cause is not known yet."""

_START_WORKER = QT_TRANSLATE_NOOP(
    "Causes", "Start the workflow worker (or `rundesk worker`) on task queue {queue}; the run goes on by itself."
)
_PROJECT_CLOSE = QT_TRANSLATE_NOOP(
    "Causes", "Nothing executes this run any more. Take over the execution's end, then replay the run if it matters."
)
_NAMESPACE = QT_TRANSLATE_NOOP(
    "Causes",
    "Nothing executes this run any more. Check that this connection uses the product's namespace, then replay the run "
    "if it matters.",
)
_DELIVER = QT_TRANSLATE_NOOP(
    "Causes",
    "Deliver the event to this run where that is offered. Else cancel the run and replay it: the reference worker "
    "fails a run whose wait without a timeout gets its event.",
)
_TIMER = QT_TRANSLATE_NOOP("Causes", "The timer should have fired. Look at the worker and the workflow task.")
_MEND = QT_TRANSLATE_NOOP(
    "Causes",
    "The run tries again by itself. Mend what the action calls before the next attempt, or cancel the run.",
)
_RESUME = QT_TRANSLATE_NOOP("Causes", "Resume it.")
_TEMPORAL_BACK = QT_TRANSLATE_NOOP("Causes", "Bring Temporal back or correct the connection. Rundesk keeps asking.")
_OTHER_QUEUE = QT_TRANSLATE_NOOP("Causes", "Started on task queue {queue}, not on {contract_queue}.")
_OTHER_QUEUE_ADVICE = QT_TRANSLATE_NOOP(
    "Causes",
    "Start a worker that polls {queue}, or cancel this run and replay it: a replay starts on {contract_queue}.",
)
_ROW_SAYS = QT_TRANSLATE_NOOP("Causes", "The row says {status}, but the execution is still open.")
_STILL_EXECUTES = QT_TRANSLATE_NOOP(
    "Causes", "What the execution still does takes effect. If it should not, cancel it in Temporal."
)
_A_STEP_FAILED = QT_TRANSLATE_NOOP(
    "Causes", "A step failed and the run has not closed; the failure may still be handled."
)
_WAIT_FOR_HANDLING = QT_TRANSLATE_NOOP(
    "Causes", "Wait for the run's own error handling; do not count it as failed yet."
)
_IN_FLIGHT = QT_TRANSLATE_NOOP("Causes", "{action} has been in flight for {seconds} of at most {limit}.")
_GIVES_UP = QT_TRANSLATE_NOOP(
    "Causes", "Temporal gives it up at {until}. A cancel does not undo what the action has already done."
)
_NEXT_ATTEMPT = QT_TRANSLATE_NOOP(
    "Causes", "Action {action} failed (attempts: {attempts}); the next one is due at {due}."
)

CAUSE_SENTENCES: dict[tuple[Cause, str], CauseSentence] = {
    (Cause.NO_WORKER, "no_pollers"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "No worker polls task queue {queue}."), _START_WORKER
    ),
    (Cause.NO_WORKER, "cannot_tell_yet"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "No worker has taken it yet; whether one still polls cannot be told yet."),
        _START_WORKER,
    ),
    (Cause.BACKLOG, "backlog"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Workers poll {queue}, but the run has waited {seconds} for one."),
        QT_TRANSLATE_NOOP(
            "Causes",
            "The workers are busy or cannot take this task. Add workers, or wait until the backlog is gone.",
        ),
    ),
    (Cause.TASK_FAILING, "failing"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The worker fails this run's workflow task; attempt {attempt} is pending."),
        QT_TRANSLATE_NOOP(
            "Causes",
            "Temporal goes on trying. A worker that can execute this run lets it go on by itself; else cancel it.",
        ),
    ),
    (Cause.TASK_FAILING, "not_finishing"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "A worker has had this run's workflow task for over a minute and does not finish it."
        ),
        QT_TRANSLATE_NOOP("Causes", "Look at the worker: it may wait for the database or be overloaded."),
    ),
    (Cause.TASK_FAILING, "no_step"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The execution is open, but no step has started."),
        QT_TRANSLATE_NOOP(
            "Causes", "Look at the worker's log: it has the run, but cannot load it or write its first step."
        ),
    ),
    (Cause.ACTIVITY_NOT_PICKED_UP, "no_pollers"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "No worker polls {queue} for activities."),
        QT_TRANSLATE_NOOP("Causes", "Start a worker that executes activities on {queue}; the run goes on by itself."),
    ),
    (Cause.ACTIVITY_NOT_PICKED_UP, "waiting"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Activity {activity} has waited {seconds} for a worker."),
        QT_TRANSLATE_NOOP("Causes", "Start a worker that executes activities on {queue}; the run goes on by itself."),
    ),
    (Cause.ACTIVITY_IN_FLIGHT, "in_flight"): CauseSentence(_IN_FLIGHT, _GIVES_UP),
    (Cause.ACTIVITY_IN_FLIGHT, "overdue"): CauseSentence(_IN_FLIGHT, _GIVES_UP),
    (Cause.RETRY_BACKOFF, "backoff"): CauseSentence(_NEXT_ATTEMPT, _MEND),
    (Cause.RETRY_BACKOFF, "overdue"): CauseSentence(_NEXT_ATTEMPT, _TIMER),
    (Cause.RETRY_BACKOFF, "server_retry"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Activity {activity} failed; Temporal tries attempt {attempt} at {due}."),
        QT_TRANSLATE_NOOP("Causes", "Temporal tries again by itself."),
    ),
    (Cause.TIME_WAIT, "overdue"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The time it waits for passed at {due}, and the run has not gone on."), _TIMER
    ),
    (Cause.EVENT_WAIT, "null_key"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "Waits for an event without a correlation key: no recorded event can ever match it."
        ),
        _DELIVER,
    ),
    (Cause.EVENT_WAIT, "never_signalled"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "Event {event} was recorded {seconds} after the wait opened, but never reached the run."
        ),
        _DELIVER,
    ),
    (Cause.EVENT_WAIT, "filtered_out"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Event {event} arrived, but the wait's filter {filter} refused it."),
        QT_TRANSLATE_NOOP(
            "Causes",
            "The run waits for another event. If this one should have counted, deliver it corrected where that is "
            "offered, or cancel the run and replay it.",
        ),
    ),
    (Cause.EVENT_WAIT, "arrived_early"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "Event {event} arrived {seconds} before this wait opened; it is not delivered again."
        ),
        _DELIVER,
    ),
    (Cause.EVENT_WAIT, "near_miss"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "Nothing that matches has arrived, but event {event} came with a key or name spelled otherwise."
        ),
        QT_TRANSLATE_NOOP("Causes", "Compare the event's key and name with what the run waits for."),
    ),
    (Cause.EVENT_WAIT, "overdue"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The wait timed out at {due}, and the run has not gone on."), _TIMER
    ),
    (Cause.EVENT_WAIT, "nothing_arrived"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Waiting for event {event}; nothing that matches has arrived."), ""
    ),
    (Cause.HUMAN_WAIT, "done_not_signaled"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The task was completed, but the run was never told."),
        QT_TRANSLATE_NOOP("Causes", "Release the human task with the person's answer."),
    ),
    (Cause.HUMAN_WAIT, "task_gone"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Its task is not open any more, so nobody can answer it."),
        QT_TRANSLATE_NOOP("Causes", "Release the human task with the person's answer."),
    ),
    (Cause.QUOTA_PAUSE, "paused"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Paused: the tenant's step quota is used up."),
        QT_TRANSLATE_NOOP("Causes", "It goes on when the period ends or the plan's limit is raised."),
    ),
    (Cause.QUOTA_PAUSE, "resumable"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Paused by the step quota, although there is quota again."), _RESUME
    ),
    (Cause.QUOTA_PAUSE, "resume_lost"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "The quota pause was lifted in the database, but the signal never reached the run."
        ),
        QT_TRANSLATE_NOOP("Causes", "Send the resume again; that is harmless."),
    ),
    (Cause.CHILD_RUN, "child"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Waits for child run {child}."),
        QT_TRANSLATE_NOOP("Causes", "Look at the child run."),
    ),
    (Cause.CHILD_RUN, "child_stuck"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Waits for child run {child}, which is in trouble itself."),
        QT_TRANSLATE_NOOP("Causes", "Look at the child run."),
    ),
    (Cause.LAUNCH_GAP, "never_started"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The launch never reached Temporal."),
        QT_TRANSLATE_NOOP(
            "Causes",
            "Complete the launch (same run id, safe to repeat) or mark it failed and launch it again. A child run is "
            "its parent's to start: look there.",
        ),
    ),
    (Cause.MISSING_EXECUTION, "expired"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "Temporal does not know its execution any more; if it closed back then, retention has deleted it."
        ),
        _NAMESPACE,
    ),
    (Cause.MISSING_EXECUTION, "other_namespace"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "Temporal does not know its execution, nor any other of the product's in this namespace."
        ),
        _NAMESPACE,
    ),
    (Cause.MISSING_EXECUTION, "lost"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Temporal does not know its execution, although retention would have kept it."),
        _NAMESPACE,
    ),
    (Cause.ZOMBIE_ROW, "canceled_outside"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Canceled outside of the product; the row was never told."), _PROJECT_CLOSE
    ),
    (Cause.ZOMBIE_ROW, "terminated"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Terminated in Temporal; the row was never told."), _PROJECT_CLOSE
    ),
    (Cause.ZOMBIE_ROW, "timed_out"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The execution reached its time limit; the row was never told."), _PROJECT_CLOSE
    ),
    (Cause.ZOMBIE_ROW, "completed"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The execution completed; the row was never told."), _PROJECT_CLOSE
    ),
    (Cause.ZOMBIE_ROW, "definition_hash"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Its definition was changed after the launch, so the engine refused to load it."),
        _PROJECT_CLOSE,
    ),
    (Cause.ZOMBIE_ROW, "load_failed"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The engine could not load the run's definition; the row was never told."),
        _PROJECT_CLOSE,
    ),
    (Cause.ZOMBIE_ROW, "step_start_failed"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The engine could not write a step's start and gave the run up."), _PROJECT_CLOSE
    ),
    (Cause.ZOMBIE_ROW, "failed"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The execution failed; the row was never told."), _PROJECT_CLOSE
    ),
    (Cause.PHANTOM_COMPLETION, "launched_after_all"): CauseSentence(
        QT_TRANSLATE_NOOP(
            "Causes", "Recorded as failed at launch, but Temporal had accepted the start and executes it."
        ),
        QT_TRANSLATE_NOOP("Causes", "Complete the launch, so that the row follows the execution."),
    ),
    (Cause.PHANTOM_COMPLETION, "cancel_pending"): CauseSentence(_ROW_SAYS, _STILL_EXECUTES),
    (Cause.PHANTOM_COMPLETION, "still_open"): CauseSentence(_ROW_SAYS, _STILL_EXECUTES),
    (Cause.FAILING_NOT_CLOSED, "routing"): CauseSentence(_A_STEP_FAILED, _WAIT_FOR_HANDLING),
    (Cause.FAILING_NOT_CLOSED, "lasting"): CauseSentence(_A_STEP_FAILED, _WAIT_FOR_HANDLING),
    (Cause.DEADLINE_AHEAD, "near"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Its execution ends at {ends}, whether or not the wait has been answered."),
        QT_TRANSLATE_NOOP("Causes", "Have the wait answered before then, or plan a replay."),
    ),
    (Cause.DEADLINE_AHEAD, "before_due"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Its execution ends at {ends}, before the time the wait is due."),
        QT_TRANSLATE_NOOP("Causes", "Have the wait answered before then, or plan a replay."),
    ),
    (Cause.LEGACY_ROW, "stranded"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Left behind by an engine that was removed; nothing will execute it."),
        QT_TRANSLATE_NOOP("Causes", "Finalize it as canceled, then replay it if it matters."),
    ),
    (Cause.LEGACY_ROW, "executing"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "The row names no Temporal engine, yet Temporal executes it."),
        QT_TRANSLATE_NOOP("Causes", "Leave it alone: it runs."),
    ),
    (Cause.CANNOT_VERIFY, "temporal"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Why it does not go on cannot be verified: Temporal does not answer."),
        _TEMPORAL_BACK,
    ),
    (Cause.CANNOT_VERIFY, "queue"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Whether a worker polls cannot be verified: Temporal does not describe the queue."),
        _TEMPORAL_BACK,
    ),
    (Cause.CANNOT_VERIFY, "postgres"): CauseSentence(
        QT_TRANSLATE_NOOP("Causes", "Nothing can be verified: Postgres does not answer."),
        QT_TRANSLATE_NOOP("Causes", "Bring the database back or correct the connection. Rundesk keeps asking."),
    ),
    (Cause.OTHER_QUEUE, "unserved"): CauseSentence(_OTHER_QUEUE, _OTHER_QUEUE_ADVICE),
    (Cause.OTHER_QUEUE, "served"): CauseSentence(_OTHER_QUEUE, _OTHER_QUEUE_ADVICE),
}
