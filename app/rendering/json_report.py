"""The triage report as JSON, for machines and tickets.

Its shape is documented by ``resources/schemas/rundesk.triage-2.schema.json``. Times are ISO 8601 in UTC whatever the
report's zone, lengths are whole milliseconds, absent values are null. Sentences are in the report's language.
Documents are whole and redacted; placeholders stand for masked values.
"""

from __future__ import annotations

from app import __version__
from app.domain import json_text
from app.domain.diagnosis.finding import Diagnosis
from app.domain.replay_chain import Generation, ReplayChain
from app.domain.report.cause import cause_advice, cause_title, circumstances
from app.domain.report.headline import headline
from app.domain.report.opening import asked, since
from app.domain.report.surroundings import RunSurroundings, WorkflowRecord
from app.domain.report.voice import Voice
from app.domain.report.words import Word
from app.domain.run import (
    Invocation,
    JsonValue,
    LogEntry,
    RedactedDocument,
    RunDetail,
    RunError,
    RunInspection,
    RunLink,
    RunRow,
    Step,
    Wait,
)
from app.domain.triage import CasePart, EnvironmentFacts, RunAccount, RunListing, TriageReport
from app.rendering.moments import iso


def render_json(report: TriageReport, voice: Voice) -> bytes:
    """Return the report as UTF-8 JSON text."""
    document: dict[str, JsonValue] = {
        "schema": report.schema,
        "generated_at": iso(report.generated_at),
        "language": str(voice.language),
        "app_version": __version__,
        "runs": [_account(account, report.case, voice) for account in report.accounts],
        "listing": _listing(report.listing, voice),
        "case": _case(report.case),
        "problems": list(report.problems),
        "redaction": {str(rule): number for rule, number in report.masked.counts},
    }
    # Postgres never holds lone surrogates; a message from elsewhere must not prevent the report.
    return (json_text.dump(document, indent=2) + "\n").encode(errors="replace")


def _account(account: RunAccount, case: CasePart | None, voice: Voice) -> JsonValue:
    inspection = account.inspection
    return {
        "headline": voice.text(headline(account)),
        "since": iso(since(account)),
        "asked": voice.text(asked(account, case)),
        "evidence": [voice.text(word) for word in circumstances(account)],
        "diagnosis": _diagnosis(account.diagnosis, voice),
        "summary": _summary(inspection.run),
        "error": _error(inspection.error),
        "steps": [_step(step) for step in inspection.steps],
        "waits": [_wait(wait) for wait in inspection.waits],
        "invocations": [_invocation(invocation) for invocation in inspection.invocations],
        "logs": [_log(entry) for entry in inspection.logs],
        "provenance": _provenance(inspection.run, account.chain),
        "surroundings": _surroundings(account.surroundings),
        "environment": _environment(account.environment),
        "redaction": _redaction(inspection),
    }


def _diagnosis(diagnosis: Diagnosis | None, voice: Voice) -> JsonValue:
    if diagnosis is None:
        return None
    return {
        "cause": None if diagnosis.cause is None else str(diagnosis.cause),
        "kind": diagnosis.kind,
        "severity": str(diagnosis.severity),
        "verdict": str(diagnosis.verdict),
        "state": str(diagnosis.state),
        "title": _text(cause_title(diagnosis), voice),
        "advice": _text(cause_advice(diagnosis), voice),
        "engineering": diagnosis.engineering or None,
        "since": iso(diagnosis.since),
        "evidence": [
            {"source": str(fact.source), "fact": fact.fact, "at": iso(fact.at)} for fact in diagnosis.evidence
        ],
        "known_faults": list(diagnosis.known_faults),
    }


def _text(word: Word, voice: Voice) -> str | None:
    return None if word is None else voice.text(word)


def _listing(listing: RunListing | None, voice: Voice) -> JsonValue:
    if listing is None:
        return None
    found = {diagnosis.key: diagnosis for diagnosis in listing.diagnoses}
    return {
        "total": listing.total,
        "truncated": listing.cut,
        "filter": dict(listing.terms),
        "runs": [_listed(row, found.get(row.key), voice) for row in listing.rows],
    }


def _listed(row: RunRow, diagnosis: Diagnosis | None, voice: Voice) -> JsonValue:
    return {
        **_row(row),
        "error_text": row.error_text,
        "diagnosis": _diagnosis(diagnosis, voice),
    }


def _case(case: CasePart | None) -> JsonValue:
    if case is None:
        return None
    return {
        "title": case.title,
        "severity": case.severity,
        "customer": case.customer,
        "summary": case.summary,
        "asked": case.asked,
        "notes": [{"at": iso(note.at), "author": note.author, "text": note.text} for note in case.notes],
        "attempts": [{"at": iso(each.at), "what": each.what, "outcome": each.outcome} for each in case.attempts],
    }


def _surroundings(around: RunSurroundings) -> JsonValue:
    definition = around.definition
    return {
        "tenant_name": around.tenant_name,
        "newest_version": around.newest_version,
        "definition": None
        if definition is None
        else {
            "path": definition.path,
            "steps": definition.steps.value,
            "before": definition.before,
            "after": definition.after,
        },
        "record": _record(around.record),
        "events": [
            {
                "event_id": str(event.event_id),
                "event_name": event.event_name,
                "correlation_key": event.correlation_key,
                "created_at": iso(event.created_at),
                "processed_at": iso(event.processed_at),
                "matched": event.matched,
                "error": event.error,
            }
            for event in around.events
        ],
        "events_truncated": around.events_cut,
        "acts": None
        if around.acts is None
        else [
            {"at": iso(act.at), "operation": act.operation, "who": act.who, "reason": act.reason} for act in around.acts
        ],
    }


def _record(record: WorkflowRecord | None) -> JsonValue:
    if record is None:
        return None
    return {
        "since": iso(record.since),
        "succeeded": record.succeeded,
        "failed": record.failed,
        "canceled": record.canceled,
        "active": record.active,
        "same_place": record.same_place,
        "first_there": iso(record.first_there),
        "last_there": iso(record.last_there),
        "last_success": iso(record.last_success),
    }


def _summary(run: RunDetail) -> JsonValue:
    return {
        **_row(run.row),
        "input": run.input.value,
        "input_bytes": run.input_bytes,
        "note": run.legacy_note,
    }


def _row(row: RunRow) -> dict[str, JsonValue]:
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
        "duration_ms": _milliseconds(row),
        "age_seconds": round(row.age_seconds),
        "node_path": row.node_path,
        "engine": row.engine,
    }


def _milliseconds(row: RunRow) -> int | None:
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
        "temporal_version": environment.temporal_version,
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
        "masked": {str(rule): number for rule, number in inspection.masked.counts},
    }
