"""Causes at the task queue: another queue (S20), no worker (S01), a failing workflow task (S03), a backlog (S02).

S01 to S03 are judged on the execution's own queue (rulings.md).
"""

from __future__ import annotations

from datetime import datetime

from app.domain.diagnosis.codes import Act, Cause, Severity, Source
from app.domain.diagnosis.execution_facts import (
    Execution,
    FailedTask,
    PendingTask,
    PollerProof,
    Pollers,
    QueueState,
)
from app.domain.diagnosis.facts import RowFacts, RunFacts
from app.domain.diagnosis.finding import Evidence, Finding, from_row, from_temporal
from app.domain.stuck import is_stuck

_ONE_FAILURE = 2
"""Attempt number after one failed workflow task: a worker that died in the middle of one leaves it, too."""


def other_queue(facts: RunFacts) -> Finding | None:
    """S20: the execution's own task queue is not the contract's."""
    execution = facts.temporal.execution
    if execution is None or not execution.is_open or execution.task_queue == facts.contract_queue:
        return None
    queue = facts.temporal.queue
    proof = None if queue is None else queue.workflow.proof(_waiting_since(facts, execution), facts.now, queue.read_at)
    unserved = proof is PollerProof.NONE or is_unstarted(facts)
    return Finding(
        cause=Cause.OTHER_QUEUE,
        kind="unserved" if unserved else "served",
        severity=Severity.TROUBLE if unserved else Severity.WATCH,
        title=f"Started on task queue {execution.task_queue}, not on {facts.contract_queue}.",
        evidence=(
            from_temporal("The execution's task queue is {queue}", execution.started_at, queue=execution.task_queue),
            from_temporal("The contract's task queue is {queue}", None, queue=facts.contract_queue),
            *(() if queue is None else poller_evidence(queue, queue.workflow, "workflow")),
        ),
        actions=(Act.START_WORKER, Act.CANCEL, Act.REPLAY),
        advice=f"Start a worker that polls {execution.task_queue}, or cancel this run and replay it: a replay starts "
        f"on {facts.contract_queue}.",
        engineering="Split brain: some launcher starts runs on another task queue. Look for an old "
        "task queue setting in a server's environment, or for an old build.",
        params=(("queue", execution.task_queue), ("contract_queue", facts.contract_queue)),
    )


def no_worker(facts: RunFacts) -> Finding | None:
    """S01: a workflow task lies there and nobody polls its queue; or that cannot be told yet."""
    if _is_unpolled(facts):
        return _no_worker(facts, PollerProof.NONE, from_row("No step row exists", facts.now))
    waiting = _unclaimed(facts)
    if waiting is None:
        return None
    _, task, queue = waiting
    proof = queue.workflow.proof(task.scheduled_at, facts.now, queue.read_at)
    return None if proof is PollerProof.LIVE else _no_worker(facts, proof, _task_evidence(task))


def unpolled_since_start(row: RowFacts, queue: QueueState | None, now: datetime) -> bool:
    """Say whether nobody can have taken even the run's first task: no step, and no poller since before it began.

    Its execution began after its row, so that this needs no look at the execution beyond that it is running.
    """
    if queue is None or row.step is not None or not row.is_active:
        return False
    return queue.workflow.proof(row.started_at, now, queue.read_at) is PollerProof.NONE


def task_failing(facts: RunFacts) -> Finding | None:
    """S03: a worker takes the workflow task and fails it, or never finishes it."""
    execution = facts.temporal.execution
    if execution is None or not execution.is_open or execution.task is None:
        return None
    if execution.task.attempt > 1:
        return _failing(facts, execution.task)
    overdue = execution.task.started_at is not None and facts.now - execution.task.started_at > facts.limits.task_waits
    return _not_finishing(execution.task) if overdue else None


def backlog(facts: RunFacts) -> Finding | None:
    """S02: workers poll, and the task still waits for its turn."""
    waiting = _unclaimed(facts)
    if waiting is None:
        return None
    execution, task, queue = waiting
    pollers = queue.workflow
    if pollers.proof(task.scheduled_at, facts.now, queue.read_at) is not PollerProof.LIVE:
        return None
    waited = facts.now - task.scheduled_at
    if waited <= facts.limits.quiet_after:
        return None
    long = waited > facts.limits.task_waits
    return Finding(
        cause=Cause.BACKLOG,
        kind="backlog",
        severity=Severity.TROUBLE if long else Severity.WATCH,
        title=f"Workers poll {execution.task_queue}, but the run has waited {int(waited.total_seconds())} s for one.",
        evidence=(
            _task_evidence(task),
            *poller_evidence(facts.temporal.queue, pollers, "workflow"),
            *_backlog_evidence(pollers),
        ),
        actions=(Act.START_WORKER, Act.CANCEL),
        advice="The workers are busy or cannot take this task. Add workers, or wait until the backlog is gone.",
        engineering="Tasks wait although pollers are live: check the workers' slots, their load and build ids.",
        params=(("queue", execution.task_queue), ("seconds", int(waited.total_seconds()))),
    )


def no_progress(facts: RunFacts) -> Finding | None:
    """S03 as the last resort: open, and not one step in a minute, whatever else is known."""
    execution = facts.temporal.execution
    if execution is None or not execution.described or not execution.is_open or not is_unstarted(facts):
        return None
    if facts.row.waits:  # a quota pause at the first step leaves a wait and no step (runtime.md 4.7)
        return None
    return Finding(
        cause=Cause.TASK_FAILING,
        kind="no_step",
        severity=Severity.TROUBLE,
        title="The execution is open, but no step has started.",
        evidence=(
            from_row("No step row exists", facts.now),
            from_row("The run began at {began}", facts.row.started_at, began=facts.row.started_at),
            _idle_evidence(facts, execution),
        ),
        actions=(Act.CANCEL, Act.REPLAY),
        advice="Look at the worker's log: it has the run, but cannot load it or write its first step.",
        engineering="The worker holds the run without a step: look for database errors while it loads the definition "
        "or projects the first step.",
    )


def is_unstarted(facts: RunFacts) -> bool:
    """Say whether the run counts as stuck (:mod:`app.domain.stuck`), which the banner always shows.

    A WAITING run does not, with or without a step: it has come as far as its wait.
    """
    row, after = facts.row, int(facts.limits.stuck_after.total_seconds())
    return is_stuck(row.status, row.step is not None, (facts.now - row.started_at).total_seconds(), after)


def poller_evidence(queue: QueueState | None, pollers: Pollers, kind: str) -> tuple[Evidence, ...]:
    """Return who polls the queue for this kind of task."""
    if queue is None:
        return ()
    if pollers.last_access is None:
        return (
            from_temporal("{queue} has no {kind} poller", queue.read_at, Source.QUEUE, queue=queue.name, kind=kind),
        )
    return (
        from_temporal(
            "Last access of {kind} pollers of {queue} ({count}): {names}",
            pollers.last_access,
            Source.QUEUE,
            kind=kind,
            queue=queue.name,
            count=len(pollers.identities),
            names=", ".join(sorted(set(pollers.identities))[:3]),
        ),
    )


def _is_unpolled(facts: RunFacts) -> bool:
    """Say whether pollers alone prove S01, for an execution that was therefore not described."""
    execution = facts.temporal.execution
    if execution is None or execution.described or not execution.is_open:
        return False
    return unpolled_since_start(facts.row, facts.temporal.queue, facts.now)


def _no_worker(facts: RunFacts, proof: PollerProof, untaken: Evidence) -> Finding:
    execution, queue = facts.temporal.execution, facts.temporal.queue
    name = facts.contract_queue if execution is None else execution.task_queue
    proved = proof is PollerProof.NONE
    return Finding(
        cause=Cause.NO_WORKER,
        kind="no_pollers" if proved else "cannot_tell_yet",
        severity=Severity.TROUBLE if proved else Severity.WATCH,
        title=f"No worker polls task queue {name}."
        if proved
        else "Not taken by a worker; whether one still polls cannot be told yet.",
        evidence=(
            untaken,
            from_temporal("The execution is running", facts.temporal.asked_at),
            *(() if queue is None else poller_evidence(queue, queue.workflow, "workflow")),
        ),
        actions=(Act.START_WORKER, Act.CANCEL),
        advice=f"Start the workflow worker (or `rundesk worker`) on task queue {name}; the run goes on by itself.",
        engineering=f"No process polls {name} for workflow tasks. The worker's health endpoint stays green without "
        "pollers (F46): look at the process and its connection to Temporal.",
        params=(("queue", name),),
    )


def _unclaimed(facts: RunFacts) -> tuple[Execution, PendingTask, QueueState] | None:
    """Return the pending workflow task that no worker has, with its queue."""
    execution, queue = facts.temporal.execution, facts.temporal.queue
    if execution is None or queue is None or not execution.is_open or execution.task is None:
        return None
    return None if execution.task.started_at is not None else (execution, execution.task, queue)


def _idle_evidence(facts: RunFacts, execution: Execution) -> Evidence:
    if execution.task is not None:
        return _unread_evidence(execution.task, facts.temporal.queue_problem)
    if execution.activities:
        pending = execution.activities[0].activity_type
        return from_temporal("Activity {activity} is pending", facts.temporal.asked_at, activity=pending)
    return from_temporal("Neither a workflow task nor an activity is pending", facts.temporal.asked_at)


def _failing(facts: RunFacts, task: PendingTask) -> Finding:
    failed = None if facts.temporal.tail is None else facts.temporal.tail.failed_task
    once = task.attempt <= _ONE_FAILURE and facts.now - task.scheduled_at <= facts.limits.task_waits
    return Finding(
        cause=Cause.TASK_FAILING,
        kind="failing",
        severity=Severity.WATCH if once else Severity.TROUBLE,
        title=f"The worker fails this run's workflow task; attempt {task.attempt} is pending.",
        evidence=(_task_evidence(task), *_failure_evidence(failed)),
        actions=(Act.CANCEL, Act.REPLAY),
        advice="Temporal goes on trying. A worker that can execute this run lets it go on by itself; else cancel it.",
        engineering="A workflow task fails in the worker's code: usually a worker that does not know the workflow "
        "type, a non-deterministic change of the code, or a history written by another implementation.",
        params=(("attempt", task.attempt),),
    )


def _not_finishing(task: PendingTask) -> Finding:
    return Finding(
        cause=Cause.TASK_FAILING,
        kind="not_finishing",
        severity=Severity.TROUBLE,
        title="A worker has had this run's workflow task for over a minute and does not finish it.",
        evidence=(_task_evidence(task), from_temporal("A worker took the workflow task", task.started_at)),
        actions=(Act.CANCEL,),
        advice="Look at the worker: it may wait for the database or be overloaded.",
        engineering="A workflow task stays started: the worker blocks in it, or keeps it alive while a local activity "
        "(a projection) cannot be done.",
    )


def _task_evidence(task: PendingTask) -> Evidence:
    return from_temporal(
        "Workflow task scheduled, not started, attempt {attempt}"
        if task.started_at is None
        else "Workflow task started, not completed, attempt {attempt}",
        task.scheduled_at,
        attempt=task.attempt,
    )


def _unread_evidence(task: PendingTask, problem: str | None) -> Evidence:
    """Return what is known of a task, and why its queue is not."""
    if problem is None:
        return _task_evidence(task)
    return from_temporal(
        "Workflow task scheduled, not started, attempt {attempt} ({problem})"
        if task.started_at is None
        else "Workflow task started, not completed, attempt {attempt} ({problem})",
        task.scheduled_at,
        attempt=task.attempt,
        problem=problem,
    )


def _failure_evidence(failed: FailedTask | None) -> tuple[Evidence, ...]:
    if failed is None:
        return ()
    words = failed.cause + (f": {failed.message}" if failed.message else "")
    by = f" (worker {failed.worker})" if failed.worker else ""
    return (from_temporal("Workflow task failed: {problem}", failed.at, Source.HISTORY, problem=words + by),)


def _backlog_evidence(pollers: Pollers) -> tuple[Evidence, ...]:
    if pollers.backlog is None:
        return ()
    count = pollers.backlog
    if pollers.backlog_age is None:
        return (from_temporal("Backlog of about {count} workflow tasks", None, Source.QUEUE, count=count),)
    age = int(pollers.backlog_age.total_seconds())
    return (
        from_temporal(
            "Backlog of about {count} workflow tasks, the oldest {age} s old",
            None,
            Source.QUEUE,
            count=count,
            age=age,
        ),
    )


def _waiting_since(facts: RunFacts, execution: Execution) -> datetime:
    if execution.task is not None:
        return execution.task.scheduled_at
    return execution.started_at or facts.row.started_at
