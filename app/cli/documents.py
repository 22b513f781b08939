"""The JSON documents of the command line. Their keys are a promise; times are ISO 8601 UTC with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from app.domain.replay_chain import Generation, ReplayChain
from app.domain.run import (
    Invocation,
    JsonValue,
    LogEntry,
    OpenWait,
    RedactedDocument,
    RunDetail,
    RunError,
    RunInspection,
    RunLink,
    RunRow,
    Step,
    Wait,
)

if TYPE_CHECKING:
    from app.domain.cancellation import CancelPreview, CancelProgress, OpenAction
    from app.domain.execution import ExecutionFacts


def run_row(row: RunRow) -> dict[str, JsonValue]:
    """Return a run as lists show it."""
    return {
        "run_id": str(row.key.run_id),
        "tenant": _text(row.key.tenant),
        "workflow_id": str(row.workflow_id),
        "workflow_name": row.workflow_name,
        "workflow_version": row.workflow_version,
        "status": row.status,
        "state": str(row.state),
        "stuck": row.stuck,
        "started_at": instant(row.started_at),
        "updated_at": instant(row.updated_at),
        "completed_at": instant(row.completed_at),
        "age_seconds": seconds(row.age_seconds),
        "replay_of": _text(row.replay_of),
        "error": row.error_text,
        "engine": row.engine,
        "trigger_type": row.trigger_type,
        "event_type": row.event_type,
        "node_path": row.node_path,
        "open_wait": _open_wait(row.open_wait),
    }


def stuck_row(row: RunRow) -> dict[str, JsonValue]:
    """Return a stuck run: what it is and for how long."""
    return {
        "run_id": str(row.key.run_id),
        "age_seconds": seconds(row.age_seconds),
        "workflow_id": str(row.workflow_id),
        "workflow_name": row.workflow_name,
        "workflow_version": row.workflow_version,
        "started_at": instant(row.started_at),
        "engine": row.engine,
        "trigger_type": row.trigger_type,
    }


def inspection(read: RunInspection) -> dict[str, JsonValue]:
    """Return a run with its parts."""
    return {
        "run": {**_detail(read.run), "redaction_closed": read.redaction_closed, "restricted": read.restricted},
        "steps": [_step(step) for step in read.steps],
        "waits": [_wait(wait) for wait in read.waits],
        "invocations": [_invocation(invocation) for invocation in read.invocations],
        "logs": [_log(entry) for entry in read.logs],
        "error": None if read.error is None else _error(read.error),
        "read_at": instant(read.read_at),
    }


def chain(told: ReplayChain) -> dict[str, JsonValue]:
    """Return the family of a run in order, each run before its own replays; ``generation`` 0 is the earliest known."""
    return {
        "recovered_by": _text(told.recovered_by),
        "origin_missing": _text(told.origin_missing),
        "truncated": told.truncated,
        "generations": [_generation(entry) for entry in told.generations],
    }


def execution(facts: ExecutionFacts | None) -> JsonValue:
    """Return what Temporal says about a run's execution, or None when it knows none."""
    if facts is None:
        return None
    return {
        "workflow_id": facts.workflow_id,
        "first_run_id": facts.first_run_id,
        "status": str(facts.status),
        "task_queue": facts.task_queue,
        "started_at": instant(facts.started_at),
        "closed_at": instant(facts.closed_at),
        "history_length": facts.history_length,
    }


def instant(value: datetime | None) -> str | None:
    """Return an aware time as ISO 8601 UTC with milliseconds and Z."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def seconds(value: float) -> Decimal:
    """Return seconds with milliseconds."""
    return Decimal(f"{value:.3f}")


def _detail(detail: RunDetail) -> dict[str, JsonValue]:
    return {
        **run_row(detail.row),
        "input_json": detail.input.value,
        "masked_paths": list(detail.input.masked),
        "damaged_paths": list(detail.damaged_paths),
        "input_bytes": detail.input_bytes,
        "error_json": detail.error_json,
        "trigger_metadata": detail.trigger_metadata,
        "trigger_fire_key": detail.trigger_fire_key,
        "source_payload_schema_ref": detail.source_payload_schema_ref,
        "trigger_mapping_applied": detail.trigger_mapping_applied,
        "temporal_workflow_id": detail.temporal_workflow_id,
        "temporal_run_id": detail.temporal_run_id,
        "definition_hash": detail.definition_hash,
        "runtime_semantics_version": detail.runtime_semantics_version,
        "parent_run_id": _text(detail.parent_run_id),
        "root_run_id": _text(detail.root_run_id),
        "snapshot_count": detail.snapshot_count,
        "replay_reason": detail.replay_reason,
        "source_run": None if detail.source_run is None else run_link(detail.source_run),
        "replays": [run_link(link) for link in detail.replays],
        "legacy_note": detail.legacy_note,
    }


def cancel_preview(look: CancelPreview) -> dict[str, JsonValue]:
    """Return what a cancel would find and write."""
    parts = look.parts
    return {
        "status": look.status,
        "temporal": str(look.temporal),
        "way": str(look.way),
        "execution": execution(look.execution),
        "problem": look.problem,
        "waits": list(parts.waits),
        "steps": list(parts.steps),
        "tasks": parts.tasks,
        "children": [str(child) for child in parts.children],
        "more_children": parts.more_children,
        "running_actions": [_open_action(action) for action in parts.actions],
    }


def cancel_progress(made: CancelProgress) -> dict[str, JsonValue]:
    """Return the moments of a cancel, what it closed, and what still runs."""
    return {
        "requested_at": instant(made.requested_at),
        "accepted_at": instant(made.accepted_at),
        "closed_at": instant(made.closed_at),
        "closed_as": None if made.closed_as is None else str(made.closed_as),
        "over": made.is_over,
        "still_running": [_open_action(action) for action in made.still_running],
        "open_children": [str(child) for child in made.open_children],
        "closed": {
            "runs": [str(run_id) for run_id in made.closed.runs],
            "steps": made.closed.steps,
            "waits": made.closed.waits,
            "tasks": made.closed.tasks,
        },
    }


def _open_action(action: OpenAction) -> JsonValue:
    return {
        "run_id": str(action.run_id),
        "action_id": action.action_id,
        "step_path": action.step_path,
        "started_at": instant(action.started_at),
    }


def run_link(link: RunLink) -> dict[str, JsonValue]:
    """Return another run of a replay's chain."""
    return {
        "run_id": str(link.run_id),
        "status": link.status,
        "started_at": instant(link.started_at),
        "completed_at": instant(link.completed_at),
        "reason": link.reason,
    }


def _generation(entry: Generation) -> dict[str, JsonValue]:
    run, replayer = entry.run, entry.run.replayer
    return {
        "run_id": str(run.run_id),
        "generation": entry.depth,
        "replay_of": _text(run.replay_of),
        "payload": str(run.origin),
        "workflow_version": run.workflow_version,
        "status": run.status,
        "started_at": instant(run.started_at),
        "completed_at": instant(run.completed_at),
        "replayed_by": None if replayer is None else {"name": replayer.name, "email": replayer.email},
        "reason": run.reason,
    }


def _open_wait(wait: OpenWait | None) -> JsonValue:
    if wait is None:
        return None
    return {
        "wait_type": wait.wait_type,
        "event_name": wait.event_name,
        "timeout_at": instant(wait.timeout_at),
        "created_at": instant(wait.created_at),
    }


def _step(step: Step) -> dict[str, JsonValue]:
    return {
        "step_id": str(step.step_id),
        "step_path": step.step_path,
        "definition_step_id": step.definition_step_id,
        "name": step.name,
        "step_type": step.step_type,
        "status": step.status,
        "attempt": step.attempt,
        "started_at": instant(step.started_at),
        "completed_at": instant(step.completed_at),
        "duration_ms": step.duration_ms,
        "swallowed_error": step.swallowed_error,
        "error_json": step.error,
    }


def _wait(wait: Wait) -> dict[str, JsonValue]:
    return {
        "wait_id": str(wait.wait_id),
        "step_path": wait.step_path,
        "wait_type": wait.wait_type,
        "status": wait.status,
        "key": wait.key,
        "event_name": wait.event_name,
        "timeout_at": instant(wait.timeout_at),
        "created_at": instant(wait.created_at),
        "resolved_at": instant(wait.resolved_at),
        "payload": wait.payload,
    }


def _invocation(invocation: Invocation) -> dict[str, JsonValue]:
    return {
        "invocation_id": str(invocation.invocation_id),
        "step_path": invocation.step_path,
        "action_id": invocation.action_id,
        "action_version": invocation.action_version,
        "status": invocation.status,
        "attempt": invocation.attempt,
        "idempotency_key": invocation.idempotency_key,
        "created_at": instant(invocation.created_at),
        "started_at": instant(invocation.started_at),
        "completed_at": instant(invocation.completed_at),
        "error_message": invocation.error_message,
        "error_json": invocation.error,
        "input_bytes": invocation.input_bytes,
        "output_bytes": invocation.output_bytes,
        "input_json": _document(invocation.input),
        "output_json": _document(invocation.output),
    }


def _log(entry: LogEntry) -> dict[str, JsonValue]:
    return {
        "log_id": str(entry.log_id),
        "created_at": instant(entry.created_at),
        "level": entry.level,
        "message": entry.message,
        "step_path": entry.step_path,
        "source": entry.source,
        "correlation_key": entry.correlation_key,
        "event_name": entry.event_name,
        "context_json": entry.context,
    }


def _error(error: RunError) -> dict[str, JsonValue]:
    return {
        "message": error.message,
        "source": error.source,
        "code": error.code,
        "category": error.category,
        "step_path": error.step_path,
        "action_id": error.action_id,
        "at": instant(error.at),
        "attempts": error.attempts,
        "technical": error.technical,
    }


def _document(document: RedactedDocument | None) -> JsonValue:
    return None if document is None else document.value


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
