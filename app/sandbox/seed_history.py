"""Runs of the time before Temporal, written as history: nothing here can be executed any more.

This is the only place that writes another engine's rows or snapshots. One run ended well in March 2026 and kept its
snapshots; two were still active when the old engine was removed in June, and look as that migration left them
(database.md 4.2): canceled, with their steps still STARTED.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.domain import json_text
from app.domain.run import InvocationStatus, JsonValue, RunStatus, StepStatus, WaitStatus, WaitType
from app.postgres import tables
from app.sandbox.seed_identity import TENANT, demo_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

LEGACY_ENGINE = "db"
CUTOVER = datetime(2026, 6, 9, 12, 0, 4, 318000, tzinfo=UTC)
_MIGRATION = "20260609120000_cancel_stranded_db_engine_workflow_runs"
_MIGRATION_ERROR = {
    "message": "Canceled: the DB workflow execution engine was removed before this run had ended.",
    "stage": "migration",
    "migration": _MIGRATION,
}
_FINISHED_AT = datetime(2026, 3, 17, 9, 41, 22, 105000, tzinfo=UTC)

FINISHED_RUN = demo_id("run", "legacy:finished")
STRANDED_RUNS = (demo_id("run", "legacy:waiting-for-reply"), demo_id("run", "legacy:between-reminders"))


async def insert_history(connection: AsyncConnection) -> None:
    """Insert the three runs with their children; their workflows must exist."""
    await _insert_finished(connection)
    await _insert_waiting_for_reply(connection)
    await _insert_between_reminders(connection)


async def _insert_finished(connection: AsyncConnection) -> None:
    payload: dict[str, JsonValue] = {
        "ticketId": "T-10382",
        "subject": "Printer on floor 2 offline",
        "customer": {"name": "Bluefin Dental"},
    }
    await _insert_run(connection, FINISHED_RUN, "ticket-triage", _FINISHED_AT, payload, completed_after=2.4)
    envelope: dict[str, JsonValue] = {
        "v": 1,
        "run": {
            "id": str(FINISHED_RUN),
            "workflowId": str(demo_id("workflow", "ticket-triage")),
            "workflowVersion": 1,
            "startedAt": _iso(_FINISHED_AT),
        },
        "payload": payload,
        "meta": {"state": "TRIAGE", "traceId": None, "tags": {}, "redactions": []},
        "vars": {},
        "error": None,
    }
    steps: list[tuple[str, str, JsonValue]] = [
        ("root.steps[0]", "set-state", {}),
        ("root.steps[1]", "comment", {"comment": {"commentId": "C-88213"}}),
    ]
    for index, (path, step_id, variables) in enumerate(steps):
        at = _FINISHED_AT + timedelta(seconds=index)
        snapshot = demo_id("snapshot", f"legacy:finished:{index}")
        await _insert_step(connection, FINISHED_RUN, path, step_id, at, duration_ms=640, snapshot=snapshot)
        document: dict[str, JsonValue] = {**envelope, "vars": variables}
        await connection.execute(
            tables.workflow_run_snapshots.insert(),
            [
                {
                    "snapshot_id": snapshot,
                    "run_id": FINISHED_RUN,
                    "tenant": TENANT,
                    "step_path": path,
                    "envelope_json": document,
                    "size_bytes": len(json_text.dump(document)),
                    "created_at": at + timedelta(milliseconds=640),
                }
            ],
        )
        await _insert_log(
            connection, FINISHED_RUN, f"Step succeeded: {step_id}", at + timedelta(milliseconds=640), path
        )
    await _insert_log(connection, FINISHED_RUN, "Run completed", _FINISHED_AT + timedelta(seconds=2.4))


async def _insert_waiting_for_reply(connection: AsyncConnection) -> None:
    run, started = STRANDED_RUNS[0], datetime(2026, 6, 5, 15, 2, 51, 70000, tzinfo=UTC)
    payload = {"ticketId": "T-11907", "subject": "VPN drops every hour", "customer": {"name": "Alder & Finch LLP"}}
    await _insert_run(connection, run, "ticket-triage", started, payload, node_path="root.steps[2]")
    await _insert_step(connection, run, "root.steps[0]", "set-state", started, duration_ms=12)
    await _insert_step(connection, run, "root.steps[2]", "await-reply", started + timedelta(seconds=2))
    await _insert_canceled_wait(
        connection,
        run,
        started + timedelta(seconds=2),
        step_path="root.steps[2]",
        wait_type=str(WaitType.EVENT),
        key="T-11907",
        event_name="TICKET_REPLIED",
        payload={"eventName": "TICKET_REPLIED", "correlationKey": "T-11907", "filters": [], "timeoutAt": None},
    )
    await _insert_log(connection, run, "Step waiting: await-reply", started + timedelta(seconds=2), "root.steps[2]")


async def _insert_between_reminders(connection: AsyncConnection) -> None:
    run, started = STRANDED_RUNS[1], datetime(2026, 6, 8, 6, 0, 0, 411000, tzinfo=UTC)
    payload = {"invoiceId": "INV-1874", "amountCents": 96000, "customer": {"name": "Copperline Logistics"}}
    due = started + timedelta(days=7)
    await _insert_run(connection, run, "invoice-dunning", started, payload, node_path="root.steps[1]", engine=None)
    await _insert_step(connection, run, "root.steps[0]", "first-reminder", started)
    await connection.execute(
        tables.workflow_action_invocations.insert(),
        [
            {
                "invocation_id": demo_id("invocation", "legacy:between-reminders"),
                "run_id": run,
                "tenant": TENANT,
                "step_path": "root.steps[0]",
                "action_id": "notifications.send",
                "action_version": 1,
                "idempotency_key": f"{TENANT}:{run}:first-reminder",
                "status": str(InvocationStatus.STARTED),
                "input_json": {"to": "billing@copperline.example", "subject": "Reminder: INV-1874"},
                "created_at": started,
                "started_at": started,
            }
        ],
    )
    await _insert_canceled_wait(
        connection,
        run,
        started + timedelta(seconds=1),
        step_path="root.steps[1]",
        wait_type=str(WaitType.TIME),
        timeout_at=due,
        payload={"mode": "duration", "durationMs": 604800000, "dueAt": _iso(due)},
    )


async def _insert_run(  # noqa: PLR0913 - one argument per fact in which the three runs differ
    connection: AsyncConnection,
    run: UUID,
    workflow: str,
    started: datetime,
    payload: dict[str, Any],
    *,
    completed_after: float | None = None,
    node_path: str | None = None,
    engine: str | None = LEGACY_ENGINE,
) -> None:
    stranded = completed_after is None
    ended = CUTOVER if completed_after is None else started + timedelta(seconds=completed_after)
    await connection.execute(
        tables.workflow_runs.insert(),
        [
            {
                "run_id": run,
                "tenant": TENANT,
                "workflow_id": demo_id("workflow", workflow),
                "workflow_version": 1,
                "status": str(RunStatus.CANCELED if stranded else RunStatus.SUCCEEDED),
                "node_path": node_path,
                "input_json": payload,
                "error_json": _MIGRATION_ERROR if stranded else None,
                "started_at": started,
                "completed_at": ended,
                # The migration did not touch updated_at; the old engine last did, a moment after the start.
                "updated_at": started + timedelta(seconds=2) if stranded else ended,
                "engine": engine,
            }
        ],
    )


async def _insert_step(  # noqa: PLR0913 - one argument per column that differs
    connection: AsyncConnection,
    run: UUID,
    path: str,
    definition_step_id: str,
    started: datetime,
    *,
    duration_ms: int | None = None,
    snapshot: UUID | None = None,
) -> None:
    """Insert a step: SUCCEEDED with a duration, STARTED without."""
    ended = None if duration_ms is None else started + timedelta(milliseconds=duration_ms)
    await connection.execute(
        tables.workflow_run_steps.insert(),
        [
            {
                "step_id": demo_id("step", f"{run}:{path}"),
                "run_id": run,
                "tenant": TENANT,
                "step_path": path,
                "definition_step_id": definition_step_id,
                "status": str(StepStatus.STARTED if ended is None else StepStatus.SUCCEEDED),
                "duration_ms": duration_ms,
                "snapshot_id": snapshot,
                "started_at": started,
                "completed_at": ended,
            }
        ],
    )


async def _insert_canceled_wait(connection: AsyncConnection, run: UUID, created: datetime, **columns: Any) -> None:
    await connection.execute(
        tables.workflow_run_waits.insert(),
        [
            {
                "wait_id": demo_id("wait", str(run)),
                "run_id": run,
                "tenant": TENANT,
                "status": str(WaitStatus.CANCELED),
                "created_at": created,
                "resolved_at": CUTOVER,
                **columns,
            }
        ],
    )


async def _insert_log(
    connection: AsyncConnection, run: UUID, message: str, at: datetime, path: str | None = None
) -> None:
    await connection.execute(
        tables.workflow_run_logs.insert(),
        [
            {
                "log_id": demo_id("log", f"{run}:{message}"),
                "run_id": run,
                "tenant": TENANT,
                "step_path": path,
                "level": "INFO",
                "message": message,
                "source": "runtime",
                "created_at": at,
            }
        ],
    )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
