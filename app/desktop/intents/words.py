"""An unfinished act in words: what was set out to do, what became of it, and what completes it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.desktop.shell.error_text import coded_text
from app.desktop.shell.times import local_time
from app.domain.intent import IntentFinding, IntentKind, MissingAct


class IntentWords(QObject):
    """Translates when asked."""

    def title(self, finding: IntentFinding) -> str:
        """Return which act it was, of whom and when."""
        intent = finding.intent
        run = str(intent.run_id)[:8]
        source = "" if intent.source_run is None else str(intent.source_run)[:8]
        what = {
            IntentKind.START: self.tr("Start of run {run}"),
            IntentKind.REPLAY: self.tr("Replay of {source} as run {run}"),
            IntentKind.CANCEL: self.tr("Cancel of run {run}"),
        }[intent.kind].format(run=run, source=source)
        who = "" if intent.operator is None else intent.operator.display_name
        return self.tr("{what}, {who}, {time}").format(what=what, who=who or "-", time=local_time(intent.at))

    def became(self, finding: IntentFinding) -> str:
        """Return what became of it."""
        return coded_text(finding.code, finding.message, status=finding.status or "")

    def act(self, missing: MissingAct) -> str:
        """Return the label of the act that is missing, "" when none can be done."""
        return {MissingAct.START: self.tr("Start it now"), MissingAct.CANCEL: self.tr("Cancel it now")}.get(missing, "")

    def summary(self, findings: tuple[IntentFinding, ...]) -> str:
        """Return the notice for acts that still lack something."""
        return self.tr(
            "%n unfinished action(s), the first of {time}. See “Unfinished actions” in the menu.", "", len(findings)
        ).format(time=local_time(findings[0].intent.at))

    def completed(self, findings: tuple[IntentFinding, ...]) -> str:
        """Return the notice for acts whose end is known now."""
        return self.tr(
            "%n unfinished action(s) of an earlier session: what became of them is known now.", "", len(findings)
        )
