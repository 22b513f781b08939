"""The facts of a run at a glance, in words."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.desktop.run_page.agreement import Agreement, agreement
from app.desktop.run_page.facts_grid import Fact, FactsGrid
from app.desktop.run_page.near_time import near_time
from app.desktop.shell.error_text import execution_problem_text
from app.desktop.shell.state_look import status_look
from app.desktop.shell.times import age_text, ago_text, exact_utc, took_text
from app.domain.execution import ExecutionStatus
from app.domain.run import JsonValue, RunDetail, RunInspection, RunKey, RunLink, RunRow
from app.services.inspect_run import ExecutionView

MAX_REPLAYS_SHOWN = 3
_TROUBLE = frozenset({Agreement.DIFFERS, Agreement.MISSING})


class RunSummary(FactsGrid):
    """Tenant, trigger, times, what Temporal says, and where the run came from or was replayed to."""

    run_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run.summary")
        self._tenant_name = ""
        self.link_activated.connect(self.run_requested)

    def show_run(self, inspection: RunInspection, execution: ExecutionView | None, tenant_name: str) -> None:
        """Show an inspection; ``execution`` is None while Temporal is being asked."""
        detail, row = inspection.run, inspection.run.row
        facts = [
            Fact("run.tenant", self.tr("Tenant"), tenant_name),
            Fact("run.trigger", self.tr("Trigger"), self._trigger(detail)),
            Fact("run.started", self.tr("Started"), near_time(row.started_at, inspection.read_at), self._exact(row)),
            self._took(inspection),
            self._execution(row, execution),
        ]
        if row.node_path and row.completed_at is None:
            facts.append(Fact("run.node_path", self.tr("At step"), row.node_path))
        facts += self._provenance(row.key, detail)
        self.show_facts(tuple(facts))

    def _exact(self, row: RunRow) -> str:
        lines = [self.tr("Started {utc}").format(utc=exact_utc(row.started_at))]
        lines.append(self.tr("Updated {utc}").format(utc=exact_utc(row.updated_at)))
        if row.completed_at is not None:
            lines.append(self.tr("Completed {utc}").format(utc=exact_utc(row.completed_at)))
        return "\n".join(lines)

    def _took(self, inspection: RunInspection) -> Fact:
        row = inspection.run.row
        if row.completed_at is None:
            return Fact("run.took", self.tr("Running for"), age_text(row.age_seconds), ago_text(row.age_seconds))
        seconds = max((row.completed_at - row.started_at).total_seconds(), 0.0)
        return Fact("run.took", self.tr("Took"), took_text(seconds * 1000), exact_utc(row.completed_at))

    def _trigger(self, detail: RunDetail) -> str:
        row = detail.row
        if row.replay_of is not None:
            return self.tr("Replay")
        if row.event_type:
            return row.event_type
        metadata = detail.trigger_metadata
        schedule = _text_of(metadata, "scheduleName")
        if schedule:
            return self.tr("Schedule {name}").format(name=schedule)
        if detail.parent_run_id is not None:
            return self.tr("Another run")
        return row.trigger_type or self.tr("Started by hand")

    def _execution(self, row: RunRow, view: ExecutionView | None) -> Fact:
        label = self.tr("Execution")
        if view is None:
            return Fact("run.execution", label, self.tr("Asking Temporal…"))
        verdict = agreement(row, view)
        text = self._execution_words(verdict, row, view)
        tip = "" if view.problem is None else execution_problem_text(view)
        if view.facts is not None:
            tip = self.tr("{workflow}\nTask queue {queue}, %n events", "", view.facts.history_length).format(
                workflow=view.facts.workflow_id, queue=view.facts.task_queue
            )
        return Fact("run.execution", label, text, tip, "trouble" if verdict in _TROUBLE else "")

    def _execution_words(self, verdict: Agreement, row: RunRow, view: ExecutionView) -> str:
        if view.facts is not None and verdict in {Agreement.AGREES, Agreement.DIFFERS}:
            state = self._status_word(view.facts.status)
            if verdict is Agreement.AGREES:
                return self.tr("{state}, agrees with the row").format(state=state)
            return self.tr("{state}, but the row says {row}").format(state=state, row=status_look(row.status).word)
        return {
            Agreement.MISSING: self.tr("Unknown to Temporal, but the row says {row}").format(
                row=status_look(row.status).word
            ),
            Agreement.GONE: self.tr("No longer kept by Temporal"),
            Agreement.UNREACHABLE: self.tr("Temporal does not answer"),
        }.get(verdict, self.tr("Not run by Temporal"))

    def _status_word(self, status: ExecutionStatus) -> str:
        return {
            ExecutionStatus.RUNNING: self.tr("Running"),
            ExecutionStatus.COMPLETED: self.tr("Completed"),
            ExecutionStatus.FAILED: self.tr("Failed"),
            ExecutionStatus.CANCELED: self.tr("Canceled"),
            ExecutionStatus.TERMINATED: self.tr("Terminated"),
            ExecutionStatus.CONTINUED_AS_NEW: self.tr("Continued as new"),
            ExecutionStatus.TIMED_OUT: self.tr("Timed out"),
        }[status]

    def _provenance(self, key: RunKey, detail: RunDetail) -> list[Fact]:
        facts: list[Fact] = []
        if detail.source_run is not None:
            facts.append(self._link(key, "run.replay_of", self.tr("Replay of"), detail.source_run))
        if detail.replay_reason:
            facts.append(Fact("run.replay_reason", self.tr("Reason"), detail.replay_reason))
        for number, link in enumerate(detail.replays[:MAX_REPLAYS_SHOWN]):
            label = self.tr("Replayed as") if number == 0 else ""
            facts.append(self._link(key, f"run.replays.{number}", label, link))
        hidden = len(detail.replays) - MAX_REPLAYS_SHOWN
        if hidden > 0:
            facts.append(Fact("run.replays.more", "", self.tr("and %n more", "", hidden)))
        if detail.parent_run_id is not None:
            parent = RunKey(key.tenant, detail.parent_run_id)
            short = str(detail.parent_run_id)[:8]
            facts.append(Fact("run.parent", self.tr("Called by"), short, str(detail.parent_run_id), link=parent))
        return facts

    def _link(self, key: RunKey, name: str, label: str, link: RunLink) -> Fact:
        text = self.tr("{run} {state}").format(run=str(link.run_id)[:8], state=status_look(link.status).word)
        lines = [str(link.run_id), exact_utc(link.started_at), link.reason or ""]
        tip = "\n".join(line for line in lines if line)
        return Fact(name, label, text, tip, link=RunKey(key.tenant, link.run_id))


def _text_of(value: JsonValue, member: str) -> str:
    found = value.get(member) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
