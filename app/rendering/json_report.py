"""The triage report as JSON, for machines and tickets.

Top-level keys: ``schema``, ``generated_at``, ``headline``, ``evidence``, ``summary``, ``error``, ``steps``, ``waits``,
``invocations``, ``logs``, ``provenance``, ``environment``, ``redaction``. Times are ISO 8601 in UTC, lengths are whole
milliseconds, absent values are null. Documents are redacted; placeholders stand for masked values.
"""

from __future__ import annotations

from app.domain import json_text
from app.domain.replay_chain import Generation, ReplayChain
from app.domain.run import (
    Invocation,
    JsonValue,
    LogEntry,
    RedactedDocument,
    RunDetail,
    RunError,
    RunInspection,
    RunLink,
    Step,
    Wait,
)
from app.domain.triage import EnvironmentFacts, TriageReport
from app.rendering.moments import iso


def render_json(report: TriageReport) -> bytes:
    """Return the report as UTF-8 JSON text."""
    inspection = report.inspection
    document: dict[str, JsonValue] = {
        "schema": report.schema,
        "generated_at": iso(report.generated_at),
        "headline": report.headline,
        "evidence": list(report.evidence),
        "summary": _summary(inspection.run),
        "error": _error(inspection.error),
        "steps": [_step(step) for step in inspection.steps],
        "waits": [_wait(wait) for wait in inspection.waits],
        "invocations": [_invocation(invocation) for invocation in inspection.invocations],
        "logs": [_log(entry) for entry in inspection.logs],
        "provenance": _provenance(inspection.run, report.chain),
        "environment": _environment(report.environment),
        "redaction": _redaction(inspection),
    }
    # Postgres never holds lone surrogates; a message from elsewhere must not prevent the report.
    return (json_text.dump(document, indent=2) + "\n").encode(errors="replace")


def _summary(run: RunDetail) -> JsonValue:
    row = run.row
    return {
        "run_id": str(row.key.run_id),
        "tenant": str(row.key.tenant) if row.key.tenant else None,
        "workflow_id": str(row.workflow_id),
        "workflow_name": row.workflow_name,
        "workflow_version": row.workflow_version,
        "status": row.status,
        "state": str(row.state),
        "stuck": row.stuck,
        "started_at": iso(row.started_at),
        "updated_at": iso(row.updated_at),
        "completed_at": iso(row.completed_at),
        "duration_ms": _milliseconds(run),
        "age_seconds": round(row.age_seconds),
        "node_path": row.node_path,
        "engine": row.engine,
        "input": run.input.value,
        "input_bytes": run.input_bytes,
        "note": run.legacy_note,
    }


def _milliseconds(run: RunDetail) -> int | None:
    row = run.row
    return None if row.completed_at is None else round((row.completed_at - row.started_at).total_seconds() * 1000)


def _error(error: RunError | None) -> JsonValue:
    if error is None:
        return None
    return {
        "message": error.message,
        "source": error.source,
        "code": error.code,
        "category": error.category,
        "step_path": error.step_path,
        "action_id": error.action_id,
        "at": iso(error.at),
        "attempts": error.attempts,
        "technical": error.technical,
    }


def _step(step: Step) -> JsonValue:
    return {
        "step_id": str(step.step_id),
        "step_path": step.step_path,
        "definition_step_id": step.definition_step_id,
        "name": step.name,
        "type": step.step_type,
        "status": step.status,
        "attempt": step.attempt,
        "swallowed_error": step.swallowed_error,
        "started_at": iso(step.started_at),
        "completed_at": iso(step.completed_at),
        "duration_ms": step.duration_ms,
        "error": step.error,
    }


def _wait(wait: Wait) -> JsonValue:
    return {
        "wait_id": str(wait.wait_id),
        "step_path": wait.step_path,
        "type": wait.wait_type,
        "status": wait.status,
        "key": wait.key,
        "event_name": wait.event_name,
        "created_at": iso(wait.created_at),
        "timeout_at": iso(wait.timeout_at),
        "resolved_at": iso(wait.resolved_at),
        "payload": wait.payload,
    }


def _invocation(invocation: Invocation) -> JsonValue:
    return {
        "invocation_id": str(invocation.invocation_id),
        "step_path": invocation.step_path,
        "action_id": invocation.action_id,
        "action_version": invocation.action_version,
        "status": invocation.status,
        "attempt": invocation.attempt,
        "idempotency_key": invocation.idempotency_key,
        "created_at": iso(invocation.created_at),
        "started_at": iso(invocation.started_at),
        "completed_at": iso(invocation.completed_at),
        "error_message": invocation.error_message,
        "error": invocation.error,
        "input": _document(invocation.input),
        "input_bytes": invocation.input_bytes,
        "output": _document(invocation.output),
        "output_bytes": invocation.output_bytes,
    }


def _document(document: RedactedDocument | None) -> JsonValue:
    return None if document is None else document.value


def _log(entry: LogEntry) -> JsonValue:
    return {
        "log_id": str(entry.log_id),
        "created_at": iso(entry.created_at),
        "level": entry.level,
        "message": entry.message,
        "step_path": entry.step_path,
        "source": entry.source,
        "event_name": entry.event_name,
        "correlation_key": entry.correlation_key,
        "context": entry.context,
    }


def _provenance(run: RunDetail, chain: ReplayChain | None) -> JsonValue:
    return {
        "trigger_type": run.row.trigger_type,
        "event_type": run.row.event_type,
        "trigger_metadata": run.trigger_metadata,
        "trigger_fire_key": run.trigger_fire_key,
        "trigger_mapping_applied": run.trigger_mapping_applied,
        "source_payload_schema_ref": run.source_payload_schema_ref,
        "replay_of": str(run.row.replay_of) if run.row.replay_of else None,
        "replay_reason": run.replay_reason,
        "source_run": _link(run.source_run),
        "replays": [_link(link) for link in run.replays],
        "chain": _chain(chain),
        "parent_run_id": str(run.parent_run_id) if run.parent_run_id else None,
        "root_run_id": str(run.root_run_id) if run.root_run_id else None,
        "temporal_workflow_id": run.temporal_workflow_id,
        "temporal_run_id": run.temporal_run_id,
        "definition_hash": run.definition_hash,
        "runtime_semantics_version": run.runtime_semantics_version,
    }


def _link(link: RunLink | None) -> JsonValue:
    if link is None:
        return None
    return {
        "run_id": str(link.run_id),
        "status": link.status,
        "started_at": iso(link.started_at),
        "completed_at": iso(link.completed_at),
        "reason": link.reason,
    }


def _chain(chain: ReplayChain | None) -> JsonValue:
    if chain is None:
        return None
    return {
        "recovered_by": str(chain.recovered_by) if chain.recovered_by else None,
        "origin_missing": str(chain.origin_missing) if chain.origin_missing else None,
        "truncated": chain.truncated,
        "generations": [_generation(entry) for entry in chain.generations],
    }


def _generation(entry: Generation) -> JsonValue:
    run, replayer = entry.run, entry.run.replayer
    return {
        "run_id": str(run.run_id),
        "generation": entry.depth,
        "replay_of": str(run.replay_of) if run.replay_of else None,
        "payload": str(run.origin),
        "workflow_version": run.workflow_version,
        "status": run.status,
        "started_at": iso(run.started_at),
        "completed_at": iso(run.completed_at),
        "replayed_by": {"name": replayer.name, "email": replayer.email} if replayer else None,
        "reason": run.reason,
    }


def _environment(environment: EnvironmentFacts) -> JsonValue:
    execution, queue = environment.execution, environment.queue
    return {
        "problem": environment.problem,
        "execution": None
        if execution is None
        else {
            "workflow_id": execution.workflow_id,
            "first_run_id": execution.first_run_id,
            "status": str(execution.status),
            "task_queue": execution.task_queue,
            "started_at": iso(execution.started_at),
            "closed_at": iso(execution.closed_at),
            "history_length": execution.history_length,
        },
        "queue": None
        if queue is None
        else {"task_queue": queue.task_queue, "pollers": list(queue.pollers), "last_access": iso(queue.last_access)},
    }


def _redaction(inspection: RunInspection) -> JsonValue:
    return {
        "closed": inspection.redaction_closed,
        "restricted": inspection.restricted,
        "masked_in_input": list(inspection.run.input.masked),
        "damaged_in_input": list(inspection.run.damaged_paths),
    }
