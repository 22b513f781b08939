"""Opens one run: its row, its children, its provenance, in one transaction and already redacted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.history_border import HistoryBorder
from app.domain.placeholders import find_placeholders
from app.domain.redaction import Redactor
from app.domain.run import Invocation, JsonValue, RunDetail, RunInspection, RunKey, RunRow, Step
from app.domain.run_error import select_error
from app.domain.stranded import FINALIZE_MIGRATION, MIGRATION_STAGE
from app.domain.swallowed_errors import steps_with_swallowed_errors
from app.postgres.database import Database
from app.postgres.redaction_border import RunBorder, document_text, read_document, redaction_policy
from app.postgres.run_children import (
    as_invocation,
    as_log_entry,
    as_step,
    as_wait,
    read_definition,
    read_invocation_documents,
    read_invocations,
    read_logs,
    read_steps,
    read_waits,
    step_labels,
)
from app.postgres.run_lineage import read_replays, read_source
from app.postgres.run_predicates import REPLAY_REASON, is_run, of_tenant
from app.postgres.run_rows import complete_rows, select_runs
from app.postgres.run_secrets import (
    further_documents,
    learned_border,
    read_border,
    resolved_secrets,
    within_learning_budget,
)
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_run_snapshots, workflow_runs
from app.services.ports import InvocationDocuments

_STRANDED_NOTE = (
    "Canceled by the migration of June 2026 that removed the database engine. Its steps and invocations were left "
    "as they were, so what is shown as started has ended."
)
_FINALIZED_NOTE = (
    "Canceled when an operator finalized the rows of the removed database engine. Its steps and invocations were left "
    "as they were, so what is shown as started never finished."
)
_LEGACY_NOTE = "Executed by the database engine that was removed in June 2026; Temporal knows nothing of it."


async def inspect_run(database: Database, key: RunKey, *, documents: bool) -> RunInspection:
    """Return the run with its children; NotFound. All rows of steps, waits and invocations, the newest logs."""
    async with database.reading() as connection:
        raw = await _raw_run(connection, key)
        (row,) = await complete_rows(database, connection, key.tenant, [raw])
        step_rows = await read_steps(connection, key)
        wait_rows = await read_waits(connection, key)
        log_rows = await read_logs(connection, key)
        invocation_rows = await read_invocations(database, connection, key)
        wanted = None if documents else within_learning_budget(invocation_rows)
        texts = await read_invocation_documents(connection, key, wanted)
        definition = await read_definition(connection, key.tenant, row.workflow_id, row.workflow_version)
        redactor = Redactor(await redaction_policy(database, connection, key.tenant))
        redactor.learn_values(*resolved_secrets(definition, invocation_rows, texts))
        further = await further_documents(connection, key, raw, wait_rows, log_rows)
        border = learned_border(redactor, raw, invocation_rows, texts, further)
        detail = await _detail(connection, raw, row, border)
    invocations = tuple(
        as_invocation(one, border, texts.get(one.invocation_id) if documents else None) for one in invocation_rows
    )
    labels = step_labels(definition)
    steps = _marked(tuple(as_step(one, border, labels) for one in step_rows), invocations)
    waits = tuple(as_wait(one, border) for one in wait_rows)
    logs = tuple(as_log_entry(one, border) for one in log_rows)
    return RunInspection(
        run=detail,
        steps=steps,
        waits=waits,
        invocations=invocations,
        logs=logs,
        error=select_error(row.status, detail.error_json, row.node_path, steps, invocations),
        read_at=raw.read_at,
        redaction_closed=border.closed,
        masked=redactor.tally,
    )


async def read_one_invocation(database: Database, key: RunKey, invocation_id: UUID) -> InvocationDocuments:
    """Return the redacted documents of one invocation, with the same secrets learned as on the run's page. NotFound."""
    async with database.reading() as connection:
        raw = await _raw_run(connection, key)
        invocation_rows = await read_invocations(database, connection, key)
        wanted = {invocation_id, *within_learning_budget(invocation_rows)}
        texts = await read_invocation_documents(connection, key, sorted(wanted))
        redactor = Redactor(await redaction_policy(database, connection, key.tenant))
        definition = await read_definition(connection, key.tenant, raw.workflow_id, raw.workflow_version)
        redactor.learn_values(*resolved_secrets(definition, invocation_rows, texts))
        waits, logs = await read_waits(connection, key), await read_logs(connection, key)
        further = await further_documents(connection, key, raw, waits, logs)
    if invocation_id not in texts:
        raise NotFound(
            "invocation.not_found", f"This run has no invocation {invocation_id}.", invocation_id=str(invocation_id)
        )
    border = learned_border(redactor, raw, invocation_rows, texts, further)
    documents = texts[invocation_id]
    return InvocationDocuments(invocation_id, border.document(documents.input), border.document(documents.output))


async def read_history_border(database: Database, key: RunKey) -> HistoryBorder:
    """Return the border of the run's Temporal history, with the same secrets learned as on the run's page. NotFound."""
    async with database.reading() as connection:
        border = await read_border(database, connection, key, await _raw_run(connection, key))
    return HistoryBorder(border.redactor, learned=border.learned)


async def _raw_run(connection: AsyncConnection, key: RunKey) -> AnyRow:
    raw: AnyRow | None = (await connection.execute(_select_run(key))).one_or_none()
    if raw is None:
        raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
    return raw


def _select_run(key: RunKey) -> AnySelect:
    runs = workflow_runs.c
    return (
        select_runs(key.tenant)
        .add_columns(
            document_text(runs.input_json).label("input"),
            func.coalesce(func.octet_length(document_text(runs.input_json)), 0).label("input_bytes"),
            document_text(runs.error_json).label("error"),
            document_text(runs.trigger_metadata_json).label("trigger_metadata"),
            runs.trigger_metadata_json[REPLAY_REASON].astext.label("replay_reason"),
            runs.trigger_fire_key,
            runs.source_payload_schema_ref,
            runs.trigger_mapping_applied,
            runs.temporal_workflow_id,
            runs.temporal_run_id,
            runs.definition_hash,
            runs.runtime_semantics_version,
            runs.parent_run_id,
            runs.root_run_id,
            _snapshot_count(key),
        )
        .where(*is_run(key))
    )


def _snapshot_count(key: RunKey) -> Any:
    return (
        select(func.count())
        .select_from(workflow_run_snapshots)
        .where(of_tenant(workflow_run_snapshots, key.tenant), workflow_run_snapshots.c.run_id == key.run_id)
        .scalar_subquery()
        .label("snapshot_count")
    )


async def _detail(connection: AsyncConnection, raw: AnyRow, row: RunRow, border: RunBorder) -> RunDetail:
    error = read_document(raw.error)
    return RunDetail(
        row=replace(row, damaged_input=bool(damaged := find_placeholders(read_document(raw.input)))),
        input=border.document(raw.input),
        input_bytes=raw.input_bytes,
        damaged_paths=damaged,
        error_json=border.error(raw.error),
        trigger_metadata=border.value(raw.trigger_metadata),
        trigger_fire_key=border.text(raw.trigger_fire_key),
        source_payload_schema_ref=raw.source_payload_schema_ref,
        trigger_mapping_applied=raw.trigger_mapping_applied,
        temporal_workflow_id=raw.temporal_workflow_id,
        temporal_run_id=raw.temporal_run_id,
        definition_hash=raw.definition_hash,
        runtime_semantics_version=raw.runtime_semantics_version,
        parent_run_id=raw.parent_run_id,
        root_run_id=raw.root_run_id,
        snapshot_count=raw.snapshot_count,
        replay_reason=border.text(raw.replay_reason),
        replays=await read_replays(connection, row.key, row.workflow_id, border),
        source_run=None if row.replay_of is None else await read_source(connection, row.key.tenant, row.replay_of),
        legacy_note=_legacy_note(raw.engine, error, raw.snapshot_count),
    )


def _legacy_note(engine: str | None, error: JsonValue, snapshots: int) -> str | None:
    """Explain a run of the removed engine. A null engine alone proves nothing: failed launches have it too."""
    if isinstance(error, dict) and error.get("stage") == MIGRATION_STAGE:
        return _FINALIZED_NOTE if error.get("migration") == FINALIZE_MIGRATION else _STRANDED_NOTE
    return _LEGACY_NOTE if engine == "db" or snapshots else None


def _marked(steps: tuple[Step, ...], invocations: tuple[Invocation, ...]) -> tuple[Step, ...]:
    swallowed = steps_with_swallowed_errors(steps, invocations)
    return tuple(replace(step, swallowed_error=True) if step.step_id in swallowed else step for step in steps)
