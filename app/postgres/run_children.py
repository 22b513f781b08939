"""Reads the rows below a run: steps, waits, invocations, logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.run import Invocation, JsonValue, LogEntry, RunKey, Step, Wait
from app.postgres.database import Database
from app.postgres.redaction_border import RunBorder, document_text, read_document
from app.postgres.run_predicates import of_tenant
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import (
    workflow_action_invocations,
    workflow_definition_versions,
    workflow_run_logs,
    workflow_run_steps,
    workflow_run_waits,
)

NEWEST_LOGS = 500
"""How many log rows of a run are shown."""


@dataclass(frozen=True, slots=True)
class StepLabel:
    """What a definition calls a step."""

    name: str | None
    step_type: str


async def read_steps(connection: AsyncConnection, key: RunKey) -> list[AnyRow]:
    """Return every step row, oldest first."""
    steps = workflow_run_steps.c
    query = (
        select(
            steps.step_id,
            steps.step_path,
            steps.definition_step_id,
            steps.status,
            steps.attempt,
            steps.duration_ms,
            steps.started_at,
            steps.completed_at,
            document_text(steps.error_json).label("error"),
        )
        .where(of_tenant(workflow_run_steps, key.tenant), steps.run_id == key.run_id)
        .order_by(steps.started_at, steps.step_id)
    )
    return list(await connection.execute(query))


async def read_definition(
    connection: AsyncConnection, tenant: UUID | None, workflow_id: UUID, version: int
) -> JsonValue:
    """Return a definition version as stored; None for a missing one."""
    versions = workflow_definition_versions.c
    text = await connection.scalar(
        select(document_text(versions.definition_json)).where(
            of_tenant(workflow_definition_versions, tenant),
            versions.workflow_id == workflow_id,
            versions.version == version,
        )
    )
    return read_document(text)


def step_labels(definition: JsonValue) -> dict[str, StepLabel]:
    """Return name and type of each step of a definition by the step's id; nothing for a missing definition."""
    labels: dict[str, StepLabel] = {}
    if isinstance(definition, dict):
        _collect_labels(definition.get("steps"), labels)
    return labels


def _collect_labels(block: JsonValue, labels: dict[str, StepLabel]) -> None:
    for step in block if isinstance(block, list) else ():
        if not isinstance(step, dict):
            continue
        step_id, step_type, name = step.get("id"), step.get("type"), step.get("name")
        if isinstance(step_id, str) and isinstance(step_type, str):
            labels[step_id] = StepLabel(name if isinstance(name, str) else None, step_type)
        for branch in ("then", "else", "body", "try", "catch"):
            _collect_labels(step.get(branch), labels)


def as_step(row: AnyRow, border: RunBorder, labels: Mapping[str, StepLabel]) -> Step:
    """Return a step as it is shown."""
    label = labels.get(row.definition_step_id)
    return Step(
        step_id=row.step_id,
        step_path=row.step_path,
        definition_step_id=row.definition_step_id,
        status=row.status,
        attempt=row.attempt,
        duration_ms=row.duration_ms,
        started_at=row.started_at,
        completed_at=row.completed_at,
        error=border.error(row.error),
        name=label.name if label else None,
        step_type=label.step_type if label else None,
    )


async def read_waits(connection: AsyncConnection, key: RunKey) -> list[AnyRow]:
    """Return every wait row, oldest first."""
    waits = workflow_run_waits.c
    query = (
        select(
            waits.wait_id,
            waits.step_path,
            waits.wait_type,
            waits.status,
            waits.key,
            waits.event_name,
            waits.timeout_at,
            waits.created_at,
            waits.resolved_at,
            document_text(waits.payload).label("payload"),
        )
        .where(of_tenant(workflow_run_waits, key.tenant), waits.run_id == key.run_id)
        .order_by(waits.created_at, waits.wait_id)
    )
    return list(await connection.execute(query))


def as_wait(row: AnyRow, border: RunBorder) -> Wait:
    """Return a wait as it is shown."""
    return Wait(
        wait_id=row.wait_id,
        step_path=row.step_path,
        wait_type=row.wait_type,
        status=row.status,
        key=border.text(row.key),
        event_name=row.event_name,
        timeout_at=row.timeout_at,
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        payload=border.value(row.payload),
    )


async def read_invocations(database: Database, connection: AsyncConnection, key: RunKey) -> list[AnyRow]:
    """Return every invocation row, oldest first, with the sizes of its documents but not the documents."""
    invocations = workflow_action_invocations.c
    has_errors = (await database.capabilities(connection)).has_invocation_errors
    query = (
        select(
            invocations.invocation_id,
            invocations.step_path,
            invocations.action_id,
            invocations.action_version,
            invocations.status,
            invocations.attempt,
            invocations.idempotency_key,
            invocations.created_at,
            invocations.started_at,
            invocations.completed_at,
            invocations.error_message,
            (document_text(invocations.error_json) if has_errors else null()).label("error"),
            _bytes(invocations.input_json).label("input_bytes"),
            _bytes(invocations.output_json).label("output_bytes"),
        )
        .where(of_tenant(workflow_action_invocations, key.tenant), invocations.run_id == key.run_id)
        .order_by(invocations.created_at, invocations.invocation_id)
    )
    return list(await connection.execute(query))


def _bytes(document: Any) -> Any:
    return func.coalesce(func.octet_length(document_text(document)), 0)


async def read_invocation_documents(
    connection: AsyncConnection, key: RunKey, invocation_ids: list[UUID] | None = None
) -> dict[UUID, AnyRow]:
    """Return input and output text of these invocations of a run, or of all of them."""
    if invocation_ids is not None and not invocation_ids:
        return {}
    return {row.invocation_id: row for row in await connection.execute(_documents_of(key, invocation_ids))}


def _documents_of(key: RunKey, invocation_ids: list[UUID] | None) -> AnySelect:
    invocations = workflow_action_invocations.c
    query = select(
        invocations.invocation_id,
        document_text(invocations.input_json).label("input"),
        document_text(invocations.output_json).label("output"),
    ).where(of_tenant(workflow_action_invocations, key.tenant), invocations.run_id == key.run_id)
    return query if invocation_ids is None else query.where(invocations.invocation_id.in_(invocation_ids))


def as_invocation(row: AnyRow, border: RunBorder, documents: AnyRow | None) -> Invocation:
    """Return an invocation as it is shown, with its documents when they are given."""
    return Invocation(
        invocation_id=row.invocation_id,
        step_path=row.step_path,
        action_id=row.action_id,
        action_version=row.action_version,
        status=row.status,
        attempt=row.attempt,
        idempotency_key=border.text(row.idempotency_key) or "",
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        error_message=border.error_text(row.error_message),
        error=border.error(row.error),
        input_bytes=row.input_bytes,
        output_bytes=row.output_bytes,
        input=None if documents is None else border.document(documents.input),
        output=None if documents is None else border.document(documents.output),
    )


async def read_logs(connection: AsyncConnection, key: RunKey) -> list[AnyRow]:
    """Return the newest log rows, newest first."""
    logs = workflow_run_logs.c
    query = (
        select(
            logs.log_id,
            logs.created_at,
            logs.level,
            logs.message,
            logs.step_path,
            logs.source,
            logs.correlation_key,
            logs.event_name,
            document_text(logs.context_json).label("context"),
        )
        .where(of_tenant(workflow_run_logs, key.tenant), logs.run_id == key.run_id)
        .order_by(logs.created_at.desc(), logs.log_id.desc())
        .limit(NEWEST_LOGS)
    )
    return list(await connection.execute(query))


def as_log_entry(row: AnyRow, border: RunBorder) -> LogEntry:
    """Return a log row as it is shown."""
    return LogEntry(
        log_id=row.log_id,
        created_at=row.created_at,
        level=row.level,
        message=border.text(row.message) or "",
        step_path=row.step_path,
        source=row.source,
        correlation_key=border.text(row.correlation_key),
        event_name=row.event_name,
        context=border.value(row.context),
    )
