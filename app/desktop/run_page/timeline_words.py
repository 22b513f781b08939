"""The words of a timeline: labels, lengths and the exact times on hover."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject

from app.desktop.run_page.timeline_rows import RowKind, TimelineRow
from app.desktop.shell.times import exact_utc, local_time, took_text
from app.domain.run import WaitType
from app.domain.timeline import Outcome


class TimelineWords(QObject):
    """Translates what a line shows; asked while painting, so a change of language needs nothing else."""

    def label(self, row: TimelineRow) -> str:
        """Return the line's label."""
        if row.kind is RowKind.ATTEMPT:
            return self.tr("attempt {number}").format(number=row.number)
        if row.kind is RowKind.BACKOFF:
            return self.tr("pause before it")
        if row.kind is RowKind.WAIT:
            return self._wait_words().get(row.entry.label, row.entry.label)
        if row.kind is RowKind.LOOP:
            return self.tr("{step}, %n pass(es)", "", row.number).format(step=row.entry.label)
        if row.number:
            return self.tr("{step}, pass {number}").format(step=row.entry.label, number=row.number)
        return row.entry.label

    def took(self, row: TimelineRow) -> str:
        """Return the line's length."""
        return took_text(row.seconds * 1000)

    def spoken(self, row: TimelineRow) -> str:
        """Return the line as one sentence for a screen reader."""
        return self.tr("{label}, {outcome}, {length}").format(
            label=self.label(row), outcome=self.outcome(row.outcome), length=self.took(row)
        )

    def outcome(self, outcome: Outcome) -> str:
        """Return the word of an outcome."""
        return {
            Outcome.RUNNING: self.tr("running"),
            Outcome.SUCCEEDED: self.tr("succeeded"),
            Outcome.FAILED: self.tr("failed"),
            Outcome.WAITING: self.tr("waiting"),
            Outcome.CANCELED: self.tr("canceled"),
            Outcome.UNKNOWN: self.tr("unknown"),
        }[outcome]

    def tip(self, row: TimelineRow) -> str:
        """Return the exact times, local and UTC."""
        entry = row.entry
        lines = [self.spoken(row)]
        if row.kind is not RowKind.BACKOFF:
            lines.append(self._moment(self.tr("Began {local} ({utc})"), entry.started_at))
            if entry.ended_at is not None:
                lines.append(self._moment(self.tr("Ended {local} ({utc})"), entry.ended_at))
        if entry.swallowed:
            lines.append(self.tr("An error was swallowed here: the step counts as succeeded."))
        lines.append(entry.step_path)
        return "\n".join(lines)

    def _moment(self, pattern: str, at: datetime) -> str:
        return pattern.format(local=local_time(at), utc=exact_utc(at))

    def _wait_words(self) -> dict[str, str]:
        return {
            WaitType.EVENT: self.tr("waits for an event"),
            WaitType.TIME: self.tr("waits for a time"),
            WaitType.HUMAN: self.tr("waits for a person"),
            WaitType.QUOTA: self.tr("waits for quota"),
        }
