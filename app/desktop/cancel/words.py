"""A cancel in words: what it would write, the three moments, and what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from PySide6.QtCore import QObject

from app.desktop.shell.times import local_time, short_time
from app.domain.cancellation import CancelPreview, CancelProgress, CancelWay, ClosedParts, OpenAction
from app.domain.execution import ExecutionStatus
from app.domain.run import WaitType

_NAMED_STEPS = 3


class CancelWords(QObject):
    """Translates when asked, so that a change of language needs nothing else."""

    def meaning(self, way: CancelWay) -> str:
        """Return what the dialog is about to do, or why it cannot."""
        return {
            CancelWay.CANCEL: self.tr(
                "Temporal is asked to end the execution; when it has accepted, the run is marked as canceled. "
                "What has been done stays done; an action under way at this moment may still finish. "
                "This cannot be undone."
            ),
            CancelWay.CLOSE_ROW: self.tr(
                "Temporal answers, but knows no execution of this run: its history is past retention, or it was "
                "never Temporal's. There is nothing to cancel. On your word alone, its row can be closed in the "
                "database; nothing proves how the run really ended."
            ),
            CancelWay.FAIL_LAUNCH: self.tr(
                "This launch was recorded, but its execution never started, so there is nothing to cancel. "
                "Repair it as a failed launch; that keeps the true story."
            ),
            CancelWay.PROJECT_CLOSE: self.tr(
                "The execution has already ended; only its row is still open, so there is nothing to cancel. "
                "Repair the row; it then takes the outcome that the execution had."
            ),
            CancelWay.ENDED: self.tr("The run has ended, so there is nothing to cancel."),
            CancelWay.ASK_LATER: self.tr(
                "Temporal does not answer, so nothing can be said about the execution. Nothing is done until it does."
            ),
        }[way]

    def writes(self, look: CancelPreview) -> Iterator[str]:
        """Yield what will be written, one thing a line; nothing where nothing will."""
        if look.way not in {CancelWay.CANCEL, CancelWay.CLOSE_ROW}:
            return
        parts = look.parts
        yield self.tr("The run: canceled, with a log entry and an audit entry in your name")
        for wait_type, number in sorted(Counter(parts.waits).items()):
            yield self.tr("%n open wait(s) ({kind}): canceled", "", number).format(kind=self._wait(wait_type))
        if parts.steps:
            named = ", ".join(parts.steps[:_NAMED_STEPS]) + (" …" if len(parts.steps) > _NAMED_STEPS else "")
            yield self._then(look, self.tr("%n started step(s): canceled", "", len(parts.steps))) + f" ({named})"
        if parts.tasks:
            yield self._then(look, self.tr("%n human task(s): taken out of the inbox", "", parts.tasks))
        if parts.children and look.way is CancelWay.CANCEL:
            more = " …" if parts.more_children else ""
            yield self.tr("%n child run(s): canceled once their executions have ended", "", len(parts.children)) + more

    def under_way(self, look: CancelPreview) -> str:
        """Return which actions may still finish, "" when none is under way."""
        if not look.parts.actions or look.way is not CancelWay.CANCEL:
            return ""
        return self.tr("Under way now, may still take effect: {actions}").format(
            actions=", ".join(map(self.action, look.parts.actions[:_NAMED_STEPS]))
        )

    def action(self, action: OpenAction) -> str:
        """Return an action with its place and since when it runs."""
        if action.started_at is None:
            return self.tr("{action} at {step}").format(action=action.action_id, step=action.step_path)
        return self.tr("{action} at {step}, since {time}").format(
            action=action.action_id, step=action.step_path, time=local_time(action.started_at)
        )

    def moments(self, run: str, progress: CancelProgress) -> str:
        """Return the three moments in one sentence."""
        requested, accepted = self._time(progress.requested_at), self._time(progress.accepted_at)
        if not progress.is_closed:
            return self.tr(
                "Run {run}: cancel requested {requested} → accepted {accepted} → still open. Rundesk goes on following."
            ).format(run=run, requested=requested, accepted=accepted)
        if progress.forgotten:
            return self.tr(
                "Run {run}: cancel requested {requested} → accepted {accepted} → no longer known to Temporal."
            ).format(run=run, requested=requested, accepted=accepted)
        closed = accepted if progress.closed_at is None else self._time(progress.closed_at)
        return self.tr(
            "Run {run} is {word}: requested {requested} → accepted {accepted} → execution closed {closed}."
        ).format(run=run, word=self._ended(progress), requested=requested, accepted=accepted, closed=closed)

    def leftovers(self, progress: CancelProgress) -> str:
        """Return what is not over although the execution has closed, "" when nothing is."""
        said = []
        if progress.is_closed and progress.still_running:
            said.append(
                self.tr("Still running in the worker, so its effect may yet come: {actions}.").format(
                    actions=", ".join(map(self.action, progress.still_running[:_NAMED_STEPS]))
                )
            )
        if progress.open_children:
            said.append(self.tr("%n child execution(s) still open.", "", len(progress.open_children)))
        if progress.unanswered:
            said.append(self.tr("One of the servers did not answer at the last look."))
        return " ".join(said)

    def closed(self, parts: ClosedParts) -> str:
        """Return what was closed in the database after the execution, "" when nothing was."""
        said = [
            *([self.tr("%n run(s)", "", len(parts.runs))] if parts.runs else []),
            *([self.tr("%n step(s)", "", parts.steps)] if parts.steps else []),
            *([self.tr("%n wait(s)", "", parts.waits)] if parts.waits else []),
            *([self.tr("%n human task(s)", "", parts.tasks)] if parts.tasks else []),
        ]
        return self.tr("Closed in the database: {parts}.").format(parts=", ".join(said)) if said else ""

    def _then(self, look: CancelPreview, text: str) -> str:
        return self.tr("After the close: {what}").format(what=text) if look.way is CancelWay.CANCEL else text

    def _wait(self, wait_type: str) -> str:
        words: dict[str, str] = {
            WaitType.EVENT: self.tr("event"),
            WaitType.TIME: self.tr("time"),
            WaitType.HUMAN: self.tr("human task"),
            WaitType.QUOTA: self.tr("step quota"),
        }
        return words.get(wait_type, wait_type)

    def _ended(self, progress: CancelProgress) -> str:
        return {
            ExecutionStatus.CANCELED: self.tr("canceled"),
            ExecutionStatus.TERMINATED: self.tr("terminated"),
            ExecutionStatus.COMPLETED: self.tr("completed after all"),
            ExecutionStatus.FAILED: self.tr("failed after all"),
            ExecutionStatus.TIMED_OUT: self.tr("timed out"),
        }.get(progress.closed_as or ExecutionStatus.CANCELED, self.tr("canceled"))

    def _time(self, moment: datetime) -> str:
        return short_time(moment, moment)
