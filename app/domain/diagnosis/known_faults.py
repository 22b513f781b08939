"""Known faults of the reference engine, recognised on a run by the console proofs of runtime.md section 10.

The next fault is one more entry in :data:`KNOWN_FAULTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.domain.diagnosis.codes import Verdict
from app.domain.diagnosis.execution_facts import ActivityRole, Execution, FailedActivity
from app.domain.diagnosis.facts import RowFacts, RunFacts
from app.domain.diagnosis.verdicts import verdict_of
from app.domain.diagnosis.wait_causes import QUOTA_WAIT, TASK_DONE, resume_is_under_way
from app.domain.execution import ExecutionStatus
from app.domain.launching import PRODUCT_SEMANTICS_VERSION
from app.domain.run import RunStatus, WaitType

_ALMOST = timedelta(days=1)
"""How much earlier than its full span an execution may end and still count as ended by it."""


@dataclass(frozen=True, slots=True)
class KnownFault:
    """One fault of the engine.

    Attributes:
        fault_id: As in runtime.md section 10.
        title: What the engine does wrong.
        meaning: What that means for this run.
        remedy: What the operator does.
        holds: The proof.
    """

    fault_id: str
    title: str
    meaning: str
    remedy: str
    holds: Callable[[RunFacts], bool]


def known_faults(facts: RunFacts) -> tuple[str, ...]:
    """Return the ids of the faults that are proved on this run, in the order of the catalogue."""
    return tuple(fault.fault_id for fault in KNOWN_FAULTS if fault.holds(facts))


def fault(fault_id: str) -> KnownFault:
    """Return one entry; KeyError for an unknown id."""
    return _BY_ID[fault_id]


def _runs_by_reference(row: RowFacts) -> bool:
    """Say whether the product's engine runs this row; ours stamps another version and corrects the fault."""
    return row.semantics_version == PRODUCT_SEMANTICS_VERSION


def _closed(facts: RunFacts) -> Execution | None:
    execution = facts.temporal.execution
    return None if execution is None or execution.is_open else execution


def _open(facts: RunFacts) -> Execution | None:
    execution = facts.temporal.execution
    return execution if execution is not None and execution.is_open else None


def _failed_activity(facts: RunFacts) -> FailedActivity | None:
    return None if facts.temporal.tail is None else facts.temporal.tail.failed_activity


def _is_zombie(facts: RunFacts) -> bool:
    return verdict_of(facts) is Verdict.ZOMBIE_ROW


def _event_wait_without_timeout(facts: RunFacts) -> bool:
    wait = facts.row.wait
    waits_without = (
        wait is not None
        and wait.wait_type == WaitType.EVENT
        and wait.timeout_at is None
        and _runs_by_reference(facts.row)
        and _open(facts) is not None
    )
    return waits_without or facts.row.marks.unmatched_resolved_wait


def _load_or_step_start_failed(facts: RunFacts) -> bool:
    execution, failed = _closed(facts), _failed_activity(facts)
    if execution is None or execution.status is not ExecutionStatus.FAILED or failed is None:
        return False
    return _is_zombie(facts) and failed.role in (ActivityRole.LOAD, ActivityRole.STEP_START)


def _text_taken_for_a_cancel(facts: RunFacts) -> bool:
    execution, tail = _closed(facts), facts.temporal.tail
    return (
        facts.row.status == RunStatus.CANCELED
        and not facts.row.marks.cancel_logged
        and execution is not None
        and execution.status is ExecutionStatus.FAILED
        and tail is not None
        and tail.complete
        and tail.cancel_requested_at is None
    )


def _ended_outside(facts: RunFacts) -> bool:
    execution = _closed(facts)
    outside = (ExecutionStatus.CANCELED, ExecutionStatus.TERMINATED, ExecutionStatus.TIMED_OUT)
    return _is_zombie(facts) and execution is not None and execution.status in outside


def _written_after_the_end(facts: RunFacts) -> bool:
    row = facts.row
    reopened = row.is_active and row.completed_at is not None and _closed(facts) is not None
    return reopened or row.marks.late_invocation


def _finished_run_cancelled(facts: RunFacts) -> bool:
    execution = _closed(facts)
    ended = (ExecutionStatus.COMPLETED, ExecutionStatus.FAILED)
    if facts.row.status != RunStatus.CANCELED or not facts.row.marks.cancel_logged or execution is None:
        return False
    canceled_at, closed_at = facts.row.completed_at, execution.closed_at
    before = canceled_at is None or closed_at is None or closed_at <= canceled_at
    return execution.status in ended and before


def _left_open_by_a_cancel(facts: RunFacts) -> bool:
    row = facts.row
    left = row.marks.open_steps or row.marks.open_tasks or row.children
    return row.status == RunStatus.CANCELED and row.completed_at is not None and bool(left)


def _collided(facts: RunFacts) -> bool:
    failed = _failed_activity(facts)
    told = failed is not None and failed.about_duplicate_key
    return told or facts.row.marks.duplicate_key_text


def _poisons(facts: RunFacts) -> bool:
    wait = facts.row.wait
    if wait is None or wait.wait_type not in (WaitType.EVENT, WaitType.HUMAN):
        return False
    return verdict_of(facts) in (Verdict.ZOMBIE_ROW, Verdict.MISSING)


def _null_key(facts: RunFacts) -> bool:
    wait = facts.row.wait
    return wait is not None and wait.wait_type == WaitType.EVENT and not wait.has_key and not facts.row.is_closed


def _inbox_did_not_signal(facts: RunFacts) -> bool:
    wait, task = facts.row.wait, facts.row.task
    waits = wait is not None and wait.wait_type == WaitType.HUMAN
    return waits and task is not None and task.status.lower() == TASK_DONE


def _launch_not_atomic(facts: RunFacts) -> bool:
    row = facts.row
    if facts.temporal.problem is not None or row.is_legacy:
        return False
    failed_but_runs = row.status == RunStatus.FAILED and row.error_stage == "launch" and _open(facts) is not None
    gap = (
        verdict_of(facts) is Verdict.MISSING
        and row.is_active
        and row.step is None
        and not row.has_temporal_ids
        and not row.waits
    )
    return failed_but_runs or gap


def _refused_replay(facts: RunFacts) -> bool:
    row = facts.row
    refused = row.status == RunStatus.FAILED and row.error_stage == "launch"
    return refused and row.engine is None and row.replay_of is not None


def _resume_lost(facts: RunFacts) -> bool:
    current = facts.temporal.current_wait
    if facts.row.resolved_quota is None or resume_is_under_way(facts):
        return False
    return current is not None and current.type == QUOTA_WAIT


def _ended_by_timeout(facts: RunFacts) -> bool:
    execution = _closed(facts)
    if execution is None or execution.status is not ExecutionStatus.TIMED_OUT or not _is_zombie(facts):
        return False
    closed = execution.closed_at
    return closed is not None and closed - facts.row.started_at >= facts.limits.execution_timeout - _ALMOST


def _stale_fields(facts: RunFacts) -> bool:
    row = facts.row
    failing = row.status == RunStatus.FAILED and row.completed_at is None and _open(facts) is not None
    return failing or (row.status == RunStatus.SUCCEEDED and row.marks.error_beside_success)


KNOWN_FAULTS: tuple[KnownFault, ...] = (
    KnownFault(
        "F1",
        "An event wait without a timeout fails when its event arrives.",
        "When the awaited event comes, this run fails with a timeout that nobody configured, or has done so.",
        "Give the wait a timeout in the definition. Do not deliver the event to this run; replay it with a corrected "
        "version instead.",
        _event_wait_without_timeout,
    ),
    KnownFault(
        "F2",
        "The 250th step breaks the run.",
        'A step that succeeded was marked FAILED with "Workflow continued as new"; nothing is wrong with it.',
        "Split the workflow into child runs of fewer than 250 steps, then replay.",
        lambda facts: facts.row.marks.continued_as_new_failure,
    ),
    KnownFault(
        "F4",
        "A failing load or step start strands the row.",
        "The execution has failed before or between steps, and the row was never told.",
        "Project the close, mend what the history's last failure names, then replay.",
        _load_or_step_start_failed,
    ),
    KnownFault(
        "F5",
        'An error text with "canceled" counts as a cancellation.',
        "Nobody cancelled this run: an error's wording made the engine treat it as a cancel.",
        "Read the step's error; change its wording or the step, then replay.",
        _text_taken_for_a_cancel,
    ),
    KnownFault(
        "F10",
        "A list with one element is not a list.",
        "The loop failed because its list had exactly one element.",
        "Have the definition build the list explicitly, then replay.",
        lambda facts: facts.row.marks.singleton_list_text,
    ),
    KnownFault(
        "F12",
        "The expression time limit is a wall clock.",
        "An expression was refused because the worker was slow at that moment.",
        "Replay it; it usually succeeds.",
        lambda facts: facts.row.marks.expression_time_text,
    ),
    KnownFault(
        "F13",
        "Cancel, terminate and timeout leave the rows untouched.",
        "The execution has ended; the row, its step and its waits still look active.",
        "Project the close onto the row.",
        _ended_outside,
    ),
    KnownFault(
        "F14",
        "An activity in flight survives the cancel.",
        "Something was written after the run had ended; its side effects took place.",
        "Look at the last invocation before you replay: it may have done its work.",
        _written_after_the_end,
    ),
    KnownFault(
        "F15",
        "Cancelling a finished run rewrites it.",
        "The row says CANCELED; the execution had really ended by itself.",
        "Believe the execution's outcome. Do not replay what has succeeded.",
        _finished_run_cancelled,
    ),
    KnownFault(
        "F17",
        "A cancel leaves steps, tasks and children open.",
        "Steps, tasks or child runs of this canceled run still look active.",
        "Close the tasks by hand and look at the child runs.",
        _left_open_by_a_cancel,
    ),
    KnownFault(
        "F19",
        "Failure texts are generic.",
        "The run's own error says only that an activity failed.",
        "Read the invocation's error, which is shown as the run's error here.",
        lambda facts: facts.row.marks.generic_failure_text,
    ),
    KnownFault(
        "F20",
        "A retried action collides with its own first attempt.",
        "Every further attempt failed on a duplicate key; the first attempt has the true error.",
        "Read the first invocation's error, mend it, and replay as a new run.",
        _collided,
    ),
    KnownFault(
        "F22",
        "A handled action failure leaves no trace in the step.",
        "A step is green although its action failed.",
        "Read the failed invocation at that step and decide whether its work must be done by hand.",
        lambda facts: facts.row.marks.swallowed_failure and _runs_by_reference(facts.row),
    ),
    KnownFault(
        "F24",
        "A stale wait poisons its event.",
        "This run cannot receive events any more, yet its open wait makes their delivery to others fail.",
        "Project the close, which closes the wait.",
        _poisons,
    ),
    KnownFault(
        "F27",
        "A wait without a key is unreachable.",
        "No recorded event can ever match this wait.",
        "Deliver the event to this run where that is offered. Without a timeout that would fail the run (F1): cancel "
        "it and replay it instead.",
        _null_key,
    ),
    KnownFault(
        "F28",
        "The task inbox does not release the run.",
        "The person has answered, and the run waits on.",
        "Release the human task with the answer.",
        _inbox_did_not_signal,
    ),
    KnownFault(
        "F29",
        "An invalid response ends the task.",
        "One response that did not fit its form failed the step; the task cannot be answered again.",
        "Replay the run.",
        lambda facts: facts.row.marks.refused_response,
    ),
    KnownFault(
        "F30",
        "A launch is not atomic.",
        "Row and execution disagree about whether this run was ever started.",
        "Complete the launch, or mark it FAILED.",
        _launch_not_atomic,
    ),
    KnownFault(
        "F34",
        "Refused replays leave rows.",
        "This run never began: it is what a refused replay left behind.",
        "Read its error, correct the payload, and replay the source run again.",
        _refused_replay,
    ),
    KnownFault(
        "F35",
        "Child runs lack their Temporal ids.",
        "The row has no link to its execution; the workflow id is derived from the run id.",
        "Nothing to do.",
        lambda facts: facts.row.parent_run_id is not None and not facts.row.has_temporal_ids,
    ),
    KnownFault(
        "F36",
        "A quota resume cannot be repeated by the product.",
        "The database says resumed, the workflow still sleeps.",
        "Send the quota resume again; that is harmless.",
        _resume_lost,
    ),
    KnownFault(
        "F38",
        "Long waits end at 30 days without a trace.",
        "The execution reached its 30 days while it waited.",
        "Project the close, then replay.",
        _ended_by_timeout,
    ),
    KnownFault(
        "F39",
        "The run row flickers and keeps stale fields.",
        "The row's status or error is not final: a failure that is handled was written as if it were the run's.",
        "Judge the run by its execution and its steps.",
        _stale_fields,
    ),
)
_BY_ID = {entry.fault_id: entry for entry in KNOWN_FAULTS}
