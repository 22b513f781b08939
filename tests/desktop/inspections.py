"""Runs with their steps, waits and invocations to show, and stand-ins for the services that act on them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

import shiboken6
from PySide6.QtWidgets import QWidget

from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.operator import Operator
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import chipped
from app.domain.payload_schema import SchemaCheck, SchemaState
from app.domain.placeholders import REDACTED, find_placeholders
from app.domain.run import (
    EffectiveState,
    Invocation,
    JsonValue,
    LogEntry,
    RedactedDocument,
    RunDetail,
    RunError,
    RunInspection,
    RunKey,
    RunLink,
    RunRow,
    Step,
    Wait,
)
from app.domain.run_query import RunQuery, TenantChoice, WorkflowChoice
from app.domain.triage import EnvironmentFacts, RunListing, TriageReport, account_of, report_of
from app.services.export_audit import ExportRecorded
from app.services.inspect_run import ExecutionView
from app.services.ports import InvocationDocuments, ReplaySource
from app.services.replay_preview import PayloadVerdict
from app.services.replay_run import ReplayCommand, ReplayForm, ReplayOutcome
from app.services.start_run import StartCommand
from tests.desktop.cancel_doubles import FakeCancel, FakeCancelPreview, FakeCloseRow, FakeFollow
from tests.desktop.fake_starts import FakeChains, FakePrepareStart
from tests.desktop.identities import NOW, REPLAY, RUN, SPACE, TENANT
from tests.desktop.preview_doubles import FakePreviews

INPUT: dict[str, JsonValue] = {
    "invoiceId": "INV-2291",
    "amount": 184,
    "customer": {"id": "C-118", "authorization": REDACTED},
    "gateway": "stripe-us",
    "retry": True,
}


def redacted(value: JsonValue) -> RedactedDocument:
    """Return a document whose placeholders are its masked leaves."""
    return RedactedDocument(value, find_placeholders(value))


def make_row(status: str = "FAILED", *, seconds: float = 1.2, run_id: UUID = RUN, **changes: Any) -> RunRow:
    """Return a row that started ``seconds`` before it ended, or before NOW when it has not."""
    ended = NOW if status in {"SUCCEEDED", "FAILED", "CANCELED"} else None
    states = {"FAILED": EffectiveState.FAILED, "SUCCEEDED": EffectiveState.SUCCEEDED}
    row = RunRow(
        key=RunKey(TENANT, run_id),
        workflow_id=uuid5(SPACE, "payment failed"),
        workflow_name="Payment failed",
        workflow_version=4,
        status=status,
        engine="temporal",
        trigger_type="event",
        event_type="PAYMENT_FAILED",
        node_path=None if ended else "root.steps[2]",
        started_at=NOW - timedelta(seconds=seconds),
        updated_at=NOW,
        completed_at=ended,
        age_seconds=seconds,
        has_steps=True,
        stuck=False,
        state=states.get(status, EffectiveState.EXECUTING),
        open_wait=None,
        replay_of=None,
        error_text=None,
    )
    return replace(row, **changes)


def make_detail(row: RunRow, **changes: Any) -> RunDetail:
    """Return the detail of a row."""
    detail = RunDetail(
        row=row,
        input=redacted(INPUT),
        input_bytes=412,
        damaged_paths=(),
        error_json=None,
        trigger_metadata={"eventType": "PAYMENT_FAILED"},
        trigger_fire_key=None,
        source_payload_schema_ref=None,
        trigger_mapping_applied=False,
        temporal_workflow_id=f"workflow-runtime-v2:run:{row.key.run_id}",
        temporal_run_id=None,
        definition_hash=None,
        runtime_semantics_version=None,
        parent_run_id=None,
        root_run_id=None,
        snapshot_count=0,
        replay_reason=None,
        replays=(),
        source_run=None,
    )
    return replace(detail, **changes)


def make_step(number: int, start: float, end: float | None, row: RunRow, **changes: Any) -> Step:
    """Return step ``number``; times are seconds since the run's start."""
    began = row.started_at + timedelta(seconds=start)
    step = Step(
        step_id=uuid5(row.key.run_id, f"step {number} {start}"),
        step_path=f"root.steps[{number}]",
        definition_step_id=f"step-{number}",
        status="SUCCEEDED" if end is not None else "STARTED",
        attempt=1,
        duration_ms=None if end is None else round((end - start) * 1000),
        started_at=began,
        completed_at=None if end is None else row.started_at + timedelta(seconds=end),
        error=None,
        name=f"Step {number}",
        step_type="action.call",
    )
    return replace(step, **changes)


def make_invocation(step: Step, start: float, end: float | None, row: RunRow, **changes: Any) -> Invocation:
    """Return an invocation of a step; times are seconds since the run's start."""
    began = row.started_at + timedelta(seconds=start)
    invocation = Invocation(
        invocation_id=uuid5(step.step_id, f"invocation {start}"),
        step_path=step.step_path,
        action_id="payments.charge",
        action_version=1,
        status="SUCCEEDED" if end is not None else "STARTED",
        attempt=1,
        idempotency_key=f"key {start}",
        created_at=began,
        started_at=began,
        completed_at=None if end is None else row.started_at + timedelta(seconds=end),
        error_message=None,
        error=None,
        input_bytes=210,
        output_bytes=64,
    )
    return replace(invocation, **changes)


def make_log(number: int, row: RunRow, message: str, **changes: Any) -> LogEntry:
    """Return a log line."""
    entry = LogEntry(
        log_id=uuid5(row.key.run_id, f"log {number}"),
        created_at=row.started_at + timedelta(milliseconds=number),
        level="INFO",
        message=message,
        step_path=None,
        source="runtime",
        correlation_key=None,
        event_name=None,
        context={"workflowVersion": 4},
    )
    return replace(entry, **changes)


def make_wait(step: Step, start: float, end: float | None, row: RunRow, **changes: Any) -> Wait:
    """Return an event wait of a step."""
    wait = Wait(
        wait_id=uuid5(step.step_id, f"wait {start}"),
        step_path=step.step_path,
        wait_type="event",
        status="WAITING" if end is None else "RESOLVED",
        key="ticket-48213",
        event_name="TICKET_REPLIED",
        timeout_at=row.started_at + timedelta(days=7),
        created_at=row.started_at + timedelta(seconds=start),
        resolved_at=None if end is None else row.started_at + timedelta(seconds=end),
        payload={"filters": {"ticketId": "48213"}, "token": REDACTED},
    )
    return replace(wait, **changes)


def inspection_of(row: RunRow, steps: tuple[Step, ...] = (), **parts: Any) -> RunInspection:
    """Return an inspection; detail changes go under ``detail``."""
    detail = make_detail(row, **parts.pop("detail", {}))
    defaults: dict[str, Any] = {"waits": (), "invocations": (), "logs": (), "error": None, "read_at": NOW}
    return RunInspection(run=detail, steps=steps, **(defaults | parts))


def failed_inspection() -> RunInspection:
    """Return a run that failed at its third step, in the second attempt, and was replayed once."""
    row = make_row(error_text="payments.charge refused: token lacks scope charge:write")
    charge_error: JsonValue = {
        "category": "ActionError",
        "code": "PERMISSION_DENIED",
        "message": "payments.charge refused: token lacks scope charge:write",
        "details": {"apiKey": REDACTED, "scope": "charge:write"},
    }
    load = make_step(0, 0.01, 0.13, row, name="Load customer")
    find = make_step(1, 0.13, 0.216, row, name="Find invoice")
    charge = make_step(
        2, 0.216, 0.918, row, name="Charge card", status="FAILED", error={"message": "Activity task failed"}
    )
    notify = make_step(3, 0.92, 1.16, row, name="Notify owner")
    invocations = (
        make_invocation(load, 0.012, 0.128, row, action_id="customers.load"),
        make_invocation(find, 0.132, 0.214, row, action_id="invoices.find"),
        make_invocation(
            charge, 0.218, 0.426, row, status="FAILED", error=charge_error, error_message=charge_error["message"]
        ),
        make_invocation(
            charge, 0.726, 0.916, row, status="FAILED", attempt=2, error=charge_error,
            error_message=charge_error["message"],
        ),
        make_invocation(notify, 0.925, 1.158, row, action_id="notifications.send"),
    )  # fmt: skip
    error = RunError(
        message="payments.charge refused: token lacks scope charge:write",
        source="invocation",
        code="PERMISSION_DENIED",
        category="ActionError",
        step_path="root.steps[2]",
        action_id="payments.charge",
        at=row.started_at + timedelta(seconds=0.916),
        attempts=2,
        technical="Activity task failed",
    )
    link = RunLink(REPLAY, "SUCCEEDED", NOW + timedelta(minutes=1), NOW + timedelta(minutes=2), "Token renewed")
    logs = (make_log(1, row, "Run started"), make_log(2, row, "Run replay created", level="WARN"))
    return inspection_of(
        row, (load, find, charge, notify), invocations=invocations, error=error, logs=logs, detail={"replays": (link,)}
    )


def running_inspection(*, more_steps: int = 0) -> RunInspection:
    """Return a run that has waited for an event for three days."""
    row = make_row("RUNNING", seconds=3 * 86_400 + 4 * 3_600, workflow_name="Ticket triage", event_type=None)
    row = replace(row, trigger_type=None, state=EffectiveState.WAITING_EVENT)
    steps = [
        make_step(0, 0.02, 0.4, row, name="Classify ticket"),
        make_step(1, 0.4, 1.1, row, name="Ask the customer"),
        make_step(2, 1.2, None, row, name="Wait for the reply", step_type="event.wait"),
    ]
    steps.extend(make_step(10 + number, 1.2 + number, None, row) for number in range(more_steps))
    return inspection_of(row, tuple(steps), waits=(make_wait(steps[2], 1.25, None, row),))


def swallowed_inspection() -> RunInspection:
    """Return a run that succeeded although a step's error was swallowed."""
    row = make_row("SUCCEEDED", seconds=11.8, workflow_name="RMM sync")
    steps = tuple(
        make_step(number, number * 2.0, number * 2.0 + 1.8, row, name=name, swallowed_error=number == 2)
        for number, name in enumerate(("List devices", "Map assets", "Push warranty dates", "Store cursor", "Report"))
    )
    failed = make_invocation(
        steps[2], 4.1, 5.7, row, status="FAILED", error_message="warranty service answered 503",
        error={"category": "TransientError", "message": "warranty service answered 503"},
    )  # fmt: skip
    return inspection_of(row, steps, invocations=(failed,))


def stuck_inspection(seconds: float = 745.0) -> RunInspection:
    """Return a run that was started and never began a step."""
    row = make_row("RUNNING", seconds=seconds, workflow_name="Invoice dunning", has_steps=False)
    row = replace(row, stuck=seconds > 60, state=EffectiveState.QUEUED, node_path="root.steps[0]")
    return inspection_of(row, (), logs=(make_log(1, row, "Run started"),))


def long_inspection(count: int = 10_000) -> RunInspection:
    """Return a run of many steps, some failed, some passes of a loop."""
    row = make_row("RUNNING", seconds=float(count))
    steps = []
    for number in range(count):
        looped = number % 10 < 4
        path = f"root.steps[{number // 10 * 10}].body.steps[0]" if looped else f"root.steps[{number}]"
        steps.append(
            make_step(
                number, number * 1.0, number + 0.2 + number % 7 * 0.1, row, step_path=path, attempt=number % 10 + 1,
                status="FAILED" if number % 97 == 0 else "SUCCEEDED",
                name=f"Sync device {number // 10}" if looped else f"Step {number}",
            )
        )  # fmt: skip
    return inspection_of(row, tuple(steps))


def launched(
    run_id: UUID = REPLAY, state: LaunchState = LaunchState.STARTED, message: str | None = None
) -> LaunchOutcome:
    """Return the outcome of a launch."""
    return LaunchOutcome(
        RunKey(TENANT, run_id), 4, "FAILED" if state is LaunchState.FAILED else "RUNNING", state, message
    )


@dataclass
class FakeInspect:
    """Stands in for InspectRun."""

    inspections: dict[RunKey, RunInspection] = field(default_factory=dict)
    view: ExecutionView | None = None
    error: Exception | None = None
    document: JsonValue = field(default_factory=lambda: dict(INPUT))
    asked_documents: list[UUID] = field(default_factory=list)
    viewers: list[Operator | None] = field(default_factory=list)

    async def open(self, key: RunKey, *, documents: bool = False, viewer: Operator | None = None) -> RunInspection:
        del documents
        self.viewers.append(viewer)
        if self.error is not None:
            raise self.error
        return self.inspections[key]

    async def documents(
        self, _key: RunKey, invocation_id: UUID, _viewer: Operator | None = None
    ) -> InvocationDocuments:
        self.asked_documents.append(invocation_id)
        if self.error is not None:
            raise self.error
        output: JsonValue = {"receipt": "R-1", "token": REDACTED}
        return InvocationDocuments(invocation_id, redacted(self.document), redacted(output))

    async def execution(self, key: RunKey) -> ExecutionView:
        if self.view is not None:
            return self.view
        status = {
            "FAILED": ExecutionStatus.FAILED,
            "SUCCEEDED": ExecutionStatus.COMPLETED,
            "CANCELED": ExecutionStatus.CANCELED,
        }.get(self.inspections[key].run.row.status, ExecutionStatus.RUNNING)
        facts = ExecutionFacts(
            f"workflow-runtime-v2:run:{key.run_id}", "first", status, "workflow-runtime-v2", NOW, None, 41
        )
        return ExecutionView(facts)


@dataclass
class FakeReplay:
    """Stands in for ReplayRun. ``pause`` and ``prepare_pause`` hold answers back until set."""

    source: RunInspection
    document: JsonValue = field(default_factory=lambda: dict(INPUT))
    damaged: tuple[str, ...] = ()
    ancestor: UUID | None = None
    error: Exception | None = None
    prepare_error: Exception | None = None
    outcome: LaunchOutcome = field(default_factory=launched)
    commands: list[ReplayCommand] = field(default_factory=list)
    pause: asyncio.Event | None = None
    prepare_pause: asyncio.Event | None = None

    async def prepare(self, key: RunKey, input_of: UUID | None = None) -> ReplayForm:
        if self.prepare_pause is not None:
            await self.prepare_pause.wait()
        if self.prepare_error is not None:
            raise self.prepare_error
        row = self.source.run.row
        document = redacted(self.document)
        damaged = self.damaged if input_of is None else ()
        masked = tuple(path for path in document.masked if path not in damaged)
        source = ReplaySource(
            key=key,
            workflow_id=row.workflow_id,
            workflow_name=row.workflow_name,
            workflow_version=row.workflow_version,
            status=row.status,
            redacted=RedactedDocument(document.value, masked),
            input_hash="hash",
            damaged_paths=damaged,
            whole_ancestor=self.ancestor,
            input_of=input_of,
            event_type=None,
            source_payload_schema_ref=None,
            trigger_mapping_applied=False,
        )
        return ReplayForm(source, chipped(source.redacted))

    async def replay(self, command: ReplayCommand) -> ReplayOutcome:
        self.commands.append(command)
        if self.pause is not None:
            await self.pause.wait()
        if self.error is not None:
            raise self.error
        return ReplayOutcome(self.outcome, "original" if command.edit is None else "edited")


def sent_text(command: ReplayCommand) -> str:
    """Return the edited text that a command carries."""
    assert isinstance(command.edit, ChippedText)
    return command.edit.text


@dataclass
class FakeStart:
    """Stands in for StartRun; ``verdict`` is what the schema says of every payload."""

    error: Exception | None = None
    outcome: LaunchOutcome = field(default_factory=launched)
    commands: list[StartCommand] = field(default_factory=list)
    verdict: PayloadVerdict = field(
        default_factory=lambda: PayloadVerdict(SchemaCheck(SchemaState.NO_SCHEMA, 3), refuses=False)
    )
    checked: list[StartCommand] = field(default_factory=list)

    async def check(self, command: StartCommand) -> PayloadVerdict:
        self.checked.append(command)
        return self.verdict

    async def start(self, command: StartCommand) -> LaunchOutcome:
        self.commands.append(command)
        if self.error is not None:
            raise self.error
        return self.outcome


@dataclass
class FakeReports:
    """Stands in for TriageReports."""

    inspection: RunInspection
    error: Exception | None = None
    audit: ExportRecorded = field(default_factory=lambda: ExportRecorded(recorded=True))
    noted: list[str] = field(default_factory=list)

    async def report(self, _keys: Sequence[RunKey], _viewer: Operator | None = None, **_more: object) -> TriageReport:
        if self.error is not None:
            raise self.error
        return report_of(account_of(self.inspection, EnvironmentFacts()))

    async def listing(self, _query: RunQuery, terms: tuple[tuple[str, str], ...] = ()) -> TriageReport:
        if self.error is not None:
            raise self.error
        return TriageReport((), self.inspection.read_at, listing=RunListing((self.inspection.run.row,), 1, terms))

    async def note_export(
        self, _report: TriageReport, form: str, _operator: Operator | None, _request_id: UUID | None = None
    ) -> ExportRecorded:
        self.noted.append(form)
        return self.audit


class FakeBrowse:
    """Stands in for BrowseRuns, as far as a run page and the start dialog need it."""

    error: Exception | None = None

    async def tenants(self) -> tuple[TenantChoice, ...]:
        return (TenantChoice(TENANT, "Harbor Managed IT"),)

    async def workflows(self, _tenant: UUID | None) -> tuple[WorkflowChoice, ...]:
        if self.error is not None:
            raise self.error
        return (
            WorkflowChoice(uuid5(SPACE, "dunning"), "Invoice dunning", 3, False, None, "Reminds a customer to pay."),
            WorkflowChoice(uuid5(SPACE, "triage"), "Ticket triage", 4, False, 10, "Sorts new tickets by urgency."),
            WorkflowChoice(uuid5(SPACE, "onboarding"), "New hire onboarding", 2, True, None),
            WorkflowChoice(uuid5(SPACE, "draft"), "Quarterly review", None, False, None),
        )


def is_gone(window: QWidget) -> bool:
    """Say whether a window is closed, or deleted after it was."""
    return not shiboken6.isValid(window) or not window.isVisible()


def make_console(inspection: RunInspection, **services: Any) -> Any:
    """Return something with the pieces of a Console that a run page needs."""
    defaults = {
        "inspect": FakeInspect({inspection.run.row.key: inspection}),
        "replay": FakeReplay(inspection),
        "previews": FakePreviews(),
        "cancel": FakeCancel(),
        "cancel_preview": FakeCancelPreview(),
        "cancel_follow": FakeFollow(),
        "close_row": FakeCloseRow(),
        "start": FakeStart(),
        "prepare_start": FakePrepareStart(),
        "chains": FakeChains(),
        "reports": FakeReports(inspection),
        "browse": FakeBrowse(),
    }
    return SimpleNamespace(**(defaults | services))
