"""The known faults of the engine: the sentences of the domain's catalogue, marked for translation.

A sentence that is missing here fails tests/architecture/test_cause_sentences.py; it would be shown in English.
"""

from __future__ import annotations

from app.desktop.shell.words import QT_TRANSLATE_NOOP

FAULTS = frozenset(
    {
        QT_TRANSLATE_NOOP("Faults", "An event wait without a timeout fails when its event arrives."),
        QT_TRANSLATE_NOOP(
            "Faults",
            "When the awaited event comes, this run fails with a timeout that nobody configured, or has done so.",
        ),
        QT_TRANSLATE_NOOP(
            "Faults",
            "Give the wait a timeout in the definition. Do not deliver the event to this run; replay it with a "
            "corrected version instead.",
        ),
        QT_TRANSLATE_NOOP("Faults", "The 250th step breaks the run."),
        QT_TRANSLATE_NOOP(
            "Faults",
            'A step that succeeded was marked FAILED with "Workflow continued as new"; nothing is wrong with it.',
        ),
        QT_TRANSLATE_NOOP("Faults", "Split the workflow into child runs of fewer than 250 steps, then replay."),
        QT_TRANSLATE_NOOP("Faults", "A failing load or step start strands the row."),
        QT_TRANSLATE_NOOP("Faults", "The execution has failed before or between steps, and the row was never told."),
        QT_TRANSLATE_NOOP("Faults", "Project the close, mend what the history's last failure names, then replay."),
        QT_TRANSLATE_NOOP("Faults", 'An error text with "canceled" counts as a cancellation.'),
        QT_TRANSLATE_NOOP(
            "Faults", "Nobody cancelled this run: an error's wording made the engine treat it as a cancel."
        ),
        QT_TRANSLATE_NOOP("Faults", "Read the step's error; change its wording or the step, then replay."),
        QT_TRANSLATE_NOOP("Faults", "A list with one element is not a list."),
        QT_TRANSLATE_NOOP("Faults", "The loop failed because its list had exactly one element."),
        QT_TRANSLATE_NOOP("Faults", "Have the definition build the list explicitly, then replay."),
        QT_TRANSLATE_NOOP("Faults", "The expression time limit is a wall clock."),
        QT_TRANSLATE_NOOP("Faults", "An expression was refused because the worker was slow at that moment."),
        QT_TRANSLATE_NOOP("Faults", "Replay it; it usually succeeds."),
        QT_TRANSLATE_NOOP("Faults", "Cancel, terminate and timeout leave the rows untouched."),
        QT_TRANSLATE_NOOP("Faults", "The execution has ended; the row, its step and its waits still look active."),
        QT_TRANSLATE_NOOP("Faults", "Project the close onto the row."),
        QT_TRANSLATE_NOOP("Faults", "An activity in flight survives the cancel."),
        QT_TRANSLATE_NOOP("Faults", "Something was written after the run had ended; its side effects took place."),
        QT_TRANSLATE_NOOP("Faults", "Look at the last invocation before you replay: it may have done its work."),
        QT_TRANSLATE_NOOP("Faults", "Cancelling a finished run rewrites it."),
        QT_TRANSLATE_NOOP("Faults", "The row says CANCELED; the execution had really ended by itself."),
        QT_TRANSLATE_NOOP("Faults", "Believe the execution's outcome. Do not replay what has succeeded."),
        QT_TRANSLATE_NOOP("Faults", "A cancel leaves steps, tasks and children open."),
        QT_TRANSLATE_NOOP("Faults", "Steps, tasks or child runs of this canceled run still look active."),
        QT_TRANSLATE_NOOP("Faults", "Close the tasks by hand and look at the child runs."),
        QT_TRANSLATE_NOOP("Faults", "Failure texts are generic."),
        QT_TRANSLATE_NOOP("Faults", "The run's own error says only that an activity failed."),
        QT_TRANSLATE_NOOP("Faults", "Read the invocation's error, which is shown as the run's error here."),
        QT_TRANSLATE_NOOP("Faults", "A retried action collides with its own first attempt."),
        QT_TRANSLATE_NOOP(
            "Faults", "Every further attempt failed on a duplicate key; the first attempt has the true error."
        ),
        QT_TRANSLATE_NOOP("Faults", "Read the first invocation's error, mend it, and replay as a new run."),
        QT_TRANSLATE_NOOP("Faults", "A handled action failure leaves no trace in the step."),
        QT_TRANSLATE_NOOP("Faults", "A step is green although its action failed."),
        QT_TRANSLATE_NOOP(
            "Faults", "Read the failed invocation at that step and decide whether its work must be done by hand."
        ),
        QT_TRANSLATE_NOOP("Faults", "A stale wait poisons its event."),
        QT_TRANSLATE_NOOP(
            "Faults", "This run cannot receive events any more, yet its open wait makes their delivery to others fail."
        ),
        QT_TRANSLATE_NOOP("Faults", "Project the close, which closes the wait."),
        QT_TRANSLATE_NOOP("Faults", "A wait without a key is unreachable."),
        QT_TRANSLATE_NOOP("Faults", "No recorded event can ever match this wait."),
        QT_TRANSLATE_NOOP(
            "Faults",
            "Deliver the event to this run where that is offered. Without a timeout that would fail the run (F1): "
            "cancel it and replay it instead.",
        ),
        QT_TRANSLATE_NOOP("Faults", "The task inbox does not release the run."),
        QT_TRANSLATE_NOOP("Faults", "The person has answered, and the run waits on."),
        QT_TRANSLATE_NOOP("Faults", "Release the human task with the answer."),
        QT_TRANSLATE_NOOP("Faults", "An invalid response ends the task."),
        QT_TRANSLATE_NOOP(
            "Faults", "One response that did not fit its form failed the step; the task cannot be answered again."
        ),
        QT_TRANSLATE_NOOP("Faults", "Replay the run."),
        QT_TRANSLATE_NOOP("Faults", "A launch is not atomic."),
        QT_TRANSLATE_NOOP("Faults", "Row and execution disagree about whether this run was ever started."),
        QT_TRANSLATE_NOOP("Faults", "Complete the launch, or mark it FAILED."),
        QT_TRANSLATE_NOOP("Faults", "Refused replays leave rows."),
        QT_TRANSLATE_NOOP("Faults", "This run never began: it is what a refused replay left behind."),
        QT_TRANSLATE_NOOP("Faults", "Read its error, correct the payload, and replay the source run again."),
        QT_TRANSLATE_NOOP("Faults", "Child runs lack their Temporal ids."),
        QT_TRANSLATE_NOOP(
            "Faults", "The row has no link to its execution; the workflow id is derived from the run id."
        ),
        QT_TRANSLATE_NOOP("Faults", "Nothing to do."),
        QT_TRANSLATE_NOOP("Faults", "A quota resume cannot be repeated by the product."),
        QT_TRANSLATE_NOOP("Faults", "The database says resumed, the workflow still sleeps."),
        QT_TRANSLATE_NOOP("Faults", "Send the quota resume again; that is harmless."),
        QT_TRANSLATE_NOOP("Faults", "Long waits end at 30 days without a trace."),
        QT_TRANSLATE_NOOP("Faults", "The execution reached its 30 days while it waited."),
        QT_TRANSLATE_NOOP("Faults", "Project the close, then replay."),
        QT_TRANSLATE_NOOP("Faults", "The run row flickers and keeps stale fields."),
        QT_TRANSLATE_NOOP(
            "Faults",
            "The row's status or error is not final: a failure that is handled was written as if it were the run's.",
        ),
        QT_TRANSLATE_NOOP("Faults", "Judge the run by its execution and its steps."),
    }
)
"""Title, meaning and remedy of every entry of app/domain/diagnosis/known_faults.py."""
