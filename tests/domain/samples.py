"""Runs and their parts for tests: a plain run in one call, changed where a test cares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.effective_state import effective_state
from app.domain.run import (
    Invocation,
    LogEntry,
    RedactedDocument,
    RunDetail,
    RunInspection,
    RunKey,
    RunRow,
    Step,
    Wait,
)

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TENANT = UUID("11111111-1111-4111-8111-111111111111")
RUN = UUID("22222222-2222-4222-8222-222222222222")
WORKFLOW = UUID("33333333-3333-4333-8333-333333333333")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_row(**changes: Any) -> RunRow:
    row = RunRow(
        key=RunKey(TENANT, RUN),
        workflow_id=WORKFLOW,
        workflow_name="Ticket triage",
        workflow_version=4,
        status="SUCCEEDED",
        engine="temporal",
        trigger_type="event",
        event_type="TICKET_CREATED",
        node_path=None,
        started_at=START,
        updated_at=at(2),
        completed_at=at(2),
        age_seconds=120.0,
        has_steps=True,
        stuck=False,
        state=effective_state("SUCCEEDED", at(2), True, None),
        open_wait=None,
        replay_of=None,
        error_text=None,
    )
    row = replace(row, **changes)
    if "state" not in changes:
        row = replace(row, state=effective_state(row.status, row.completed_at, row.has_steps, row.open_wait))
    return row


def a_step(number: int = 0, **changes: Any) -> Step:
    step = Step(
        step_id=UUID(int=0x1000 + number),
        step_path=f"root.steps[{number}]",
        definition_step_id=f"step-{number}",
        status="SUCCEEDED",
        attempt=1,
        duration_ms=1000,
        started_at=at(number),
        completed_at=at(number + 1),
        error=None,
        name=f"Step {number}",
        step_type="action.call",
    )
    return replace(step, **changes)


def an_invocation(number: int = 0, **changes: Any) -> Invocation:
    invocation = Invocation(
        invocation_id=UUID(int=0x2000 + number),
        step_path=f"root.steps[{number}]",
        action_id="payments.charge",
        action_version=1,
        status="SUCCEEDED",
        attempt=1,
        idempotency_key=f"key-{number}",
        created_at=at(number + 0.1),
        started_at=at(number + 0.1),
        completed_at=at(number + 0.9),
        error_message=None,
        error=None,
        input_bytes=2,
        output_bytes=2,
        input=RedactedDocument({}),
        output=RedactedDocument({}),
    )
    return replace(invocation, **changes)


def a_failed_invocation(number: int = 0, message: str = "Charge refused", **changes: Any) -> Invocation:
    facts = {"status": "FAILED", "error_message": message, "error": {"code": "CARD", "category": "ActionError"}}
    return an_invocation(number, **{**facts, **changes})


def a_wait(number: int = 0, **changes: Any) -> Wait:
    wait = Wait(
        wait_id=UUID(int=0x3000 + number),
        step_path=f"root.steps[{number}]",
        wait_type="event",
        status="WAITING",
        key="ticket-1",
        event_name="CUSTOMER_REPLIED",
        timeout_at=at(7200),
        created_at=at(number),
        resolved_at=None,
        payload={"eventName": "CUSTOMER_REPLIED"},
    )
    return replace(wait, **changes)


def a_log(message: str = "Run started", **changes: Any) -> LogEntry:
    entry = LogEntry(
        log_id=UUID(int=0x4000),
        created_at=START,
        level="INFO",
        message=message,
        step_path=None,
        source="runtime",
        correlation_key=None,
        event_name=None,
        context={"workflowVersion": 4},
    )
    return replace(entry, **changes)


def a_detail(row: RunRow | None = None, **changes: Any) -> RunDetail:
    detail = RunDetail(
        row=row or a_row(),
        input=RedactedDocument({"ticketId": "T-1", "apiKey": "[REDACTED]"}, ("/apiKey",)),
        input_bytes=40,
        damaged_paths=(),
        error_json=None,
        trigger_metadata=None,
        trigger_fire_key=None,
        source_payload_schema_ref=None,
        trigger_mapping_applied=False,
        temporal_workflow_id="workflow-1",
        temporal_run_id="run-1",
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


def an_inspection(row: RunRow | None = None, **changes: Any) -> RunInspection:
    detail = changes.pop("run", None) or a_detail(row)
    inspection = RunInspection(
        run=detail,
        steps=(a_step(0), a_step(1)),
        waits=(),
        invocations=(an_invocation(0), an_invocation(1)),
        logs=(a_log(),),
        error=None,
        read_at=at(120),
    )
    return replace(inspection, **changes)
