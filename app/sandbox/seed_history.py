"""Runs of the time before Temporal, written as history: nothing here can be executed any more.

This is the only place that writes another engine's rows or snapshots. One run ended well in March 2026 and kept its
snapshots; two were still active when the old engine was removed in June, and look as that migration left them
(database.md 4.2): canceled, with their steps still STARTED.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain import json_text
from app.domain.run import InvocationStatus, JsonValue, RunStatus, StepStatus, WaitStatus, WaitType
from app.sandbox.seed_identity import TENANT, demo_id
from app.sandbox.seed_rows import TableRows

LEGACY_ENGINE = "db"
CUTOVER = datetime(2026, 6, 9, 12, 0, 4, 318000, tzinfo=UTC)
_MIGRATION_ERROR = {
    "message": "Canceled: the DB workflow execution engine was removed before this run had ended.",
    "stage": "migration",
    "migration": "20260609120000_cancel_stranded_db_engine_workflow_runs",
}
_FINISHED_AT = datetime(2026, 3, 17, 9, 41, 22, 105000, tzinfo=UTC)
_STEP_MS = 640

FINISHED_RUN = demo_id("run", "legacy:finished")
STRANDED_RUNS = (demo_id("run", "legacy:waiting-for-reply"), demo_id("run", "legacy:between-reminders"))


def history_rows() -> tuple[TableRows, ...]:
    """Return the three runs with their children, in an order that keeps every foreign key."""
    return (*_finished(), *_waiting_for_reply(), *_between_reminders())


def _finished() -> Iterator[TableRows]:
    run = FINISHED_RUN
    customer: dict[str, JsonValue] = {"name": "Bluefin Dental"}
    payload: dict[str, JsonValue] = {
        "ticketId": "T-10382",
        "subject": "Printer on floor 2 offline",
        "customer": customer,
    }
    ended = _FINISHED_AT + timedelta(seconds=2.4)
    yield _run(run, "ticket-triage", _FINISHED_AT, payload, status=str(RunStatus.SUCCEEDED), completed_at=ended)
    variables: dict[str, JsonValue] = {}
    for index, step in enumerate(("set-state", "comment")):
        path, at = f"root.steps[{index}]", _FINISHED_AT + timedelta(seconds=index)
        snapshot, done = demo_id("snapshot", f"legacy:finished:{index}"), at + timedelta(milliseconds=_STEP_MS)
        yield _step(run, path, step, at, duration_ms=_STEP_MS, snapshot=snapshot)
        envelope = _envelope(run, payload, variables)
        yield TableRows.one(
            "workflow_run_snapshots",
            snapshot_id=snapshot,
            run_id=run,
            tenant=TENANT,
            step_path=path,
            envelope_json=envelope,
            size_bytes=len(json_text.dump(envelope)),
            created_at=done,
        )
        yield _log(run, f"Step succeeded: {step}", done, path)
        variables = {"comment": {"commentId": "C-88213"}}
    yield _log(run, "Run completed", ended)


def _envelope(run: UUID, payload: JsonValue, variables: JsonValue) -> dict[str, JsonValue]:
    """Return the old engine's snapshot of a run (database.md 3.7)."""
    return {
        "v": 1,
        "run": {
            "id": str(run),
            "workflowId": str(demo_id("workflow", "ticket-triage")),
            "workflowVersion": 1,
            "startedAt": _iso(_FINISHED_AT),
        },
        "payload": payload,
        "meta": {"state": "TRIAGE", "traceId": None, "tags": {}, "redactions": []},
        "vars": variables,
        "error": None,
    }


def _waiting_for_reply() -> Iterator[TableRows]:
    run, started = STRANDED_RUNS[0], datetime(2026, 6, 5, 15, 2, 51, 70000, tzinfo=UTC)
    ticket, path, waiting = "T-11907", "root.steps[2]", started + timedelta(seconds=2)
    customer: dict[str, JsonValue] = {"name": "Alder & Finch LLP"}
    payload: dict[str, JsonValue] = {"ticketId": ticket, "subject": "VPN drops every hour", "customer": customer}
    yield _run(run, "ticket-triage", started, payload, node_path=path, updated_at=waiting)
    yield _step(run, "root.steps[0]", "set-state", started, duration_ms=12)
    yield _step(run, path, "await-reply", waiting)
    yield _canceled_wait(
        run,
        waiting,
        step_path=path,
        wait_type=str(WaitType.EVENT),
        key=ticket,
        event_name="TICKET_REPLIED",
        payload={"eventName": "TICKET_REPLIED", "correlationKey": ticket, "filters": [], "timeoutAt": None},
    )
    yield _log(run, "Step waiting: await-reply", waiting, path)


def _between_reminders() -> Iterator[TableRows]:
    run, started = STRANDED_RUNS[1], datetime(2026, 6, 8, 6, 0, 0, 411000, tzinfo=UTC)
    path, waiting, due = "root.steps[2]", started + timedelta(seconds=1), started + timedelta(days=7)
    customer: dict[str, JsonValue] = {"name": "Copperline Logistics", "email": "ap@copperline.example"}
    payload: dict[str, JsonValue] = {"invoiceId": "INV-1874", "amount": 960, "customer": customer}
    yield _run(run, "invoice-dunning", started, payload, node_path=path, updated_at=waiting, engine=None)
    yield _step(run, "root.steps[1]", "first", started)
    yield TableRows.one(
        "workflow_action_invocations",
        invocation_id=demo_id("invocation", "legacy:between-reminders"),
        run_id=run,
        tenant=TENANT,
        step_path="root.steps[1]",
        action_id="notifications.send",
        action_version=1,
        idempotency_key=f"{TENANT}:{run}:first",
        status=str(InvocationStatus.STARTED),
        input_json={"to": "ap@copperline.example", "message": "Invoice INV-1874 is open."},
        created_at=started,
        started_at=started,
    )
    yield _step(run, path, "grace", waiting)
    yield _canceled_wait(
        run,
        waiting,
        step_path=path,
        wait_type=str(WaitType.TIME),
        timeout_at=due,
        payload={"mode": "duration", "durationMs": 604800000, "dueAt": _iso(due)},
    )


def _run(run: UUID, workflow: str, started: datetime, payload: JsonValue, **columns: Any) -> TableRows:
    """Return a run of the old engine; a stranded one, as the migration left it, unless ``columns`` say otherwise."""
    ended = columns.pop("completed_at", CUTOVER)
    status = columns.pop("status", str(RunStatus.CANCELED))
    return TableRows.one(
        "workflow_runs",
        run_id=run,
        tenant=TENANT,
        workflow_id=demo_id("workflow", workflow),
        workflow_version=1,
        status=status,
        input_json=payload,
        error_json=_MIGRATION_ERROR if status == RunStatus.CANCELED else None,
        started_at=started,
        completed_at=ended,
        **{"node_path": None, "updated_at": ended, "engine": LEGACY_ENGINE, **columns},
    )


def _step(
    run: UUID, path: str, name: str, started: datetime, *, duration_ms: int | None = None, snapshot: UUID | None = None
) -> TableRows:
    """Return a step: SUCCEEDED with a duration, STARTED without."""
    ended = None if duration_ms is None else started + timedelta(milliseconds=duration_ms)
    return TableRows.one(
        "workflow_run_steps",
        step_id=demo_id("step", f"{run}:{path}"),
        run_id=run,
        tenant=TENANT,
        step_path=path,
        definition_step_id=name,
        status=str(StepStatus.STARTED if ended is None else StepStatus.SUCCEEDED),
        duration_ms=duration_ms,
        snapshot_id=snapshot,
        started_at=started,
        completed_at=ended,
    )


def _canceled_wait(run: UUID, created: datetime, **columns: Any) -> TableRows:
    return TableRows.one(
        "workflow_run_waits",
        wait_id=demo_id("wait", str(run)),
        run_id=run,
        tenant=TENANT,
        status=str(WaitStatus.CANCELED),
        created_at=created,
        resolved_at=CUTOVER,
        **columns,
    )


def _log(run: UUID, message: str, at: datetime, path: str | None = None) -> TableRows:
    return TableRows.one(
        "workflow_run_logs",
        log_id=demo_id("log", f"{run}:{message}"),
        run_id=run,
        tenant=TENANT,
        step_path=path,
        level="INFO",
        message=message,
        source="runtime",
        created_at=at,
    )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
