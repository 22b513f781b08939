"""Admits a launch: gates, version, row and "Run started" log in one transaction (runtime.md 3, F30 and F31)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, literal, or_, select
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.definition_hash import definition_hash
from app.domain.errors import ActionRefused, InvalidInput, NotFound
from app.domain.launching import (
    FIRST_NODE_PATH,
    PRODUCT_SEMANTICS_VERSION,
    CopiedPayload,
    LaunchOrder,
    RunNote,
    check_gates,
    check_payload_size,
)
from app.domain.redaction import Redactor
from app.domain.run import ENGINE_TEMPORAL, RunStatus
from app.postgres.action_records import RUNTIME_SOURCE, as_json, write_note
from app.postgres.database import Database
from app.postgres.driver_errors import sqlstate_of
from app.postgres.launch_gates import lock_launches, read_gate_facts
from app.postgres.payload_source import payload_query, stored_size, why_not_copied
from app.postgres.redaction_border import document_text, redaction_policy
from app.postgres.replay_ancestors import INPUT_OF, start_log_id
from app.postgres.sql_types import AnySelect, Condition
from app.postgres.tables import workflow_definition_versions, workflow_runs
from app.services.ports import AdmittedLaunch

_UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    definition_hash: str | None


@dataclass(frozen=True, slots=True)
class _Inserted:
    """What was stored; the sizes are those of compact JSON, in UTF-8 bytes and in characters."""

    started_at: datetime
    payload_bytes: int
    payload_characters: int


async def admit_launch(database: Database, order: LaunchOrder) -> AdmittedLaunch:
    """Insert the run of an order, or return the run that an equal request or the same fire key made before.

    Raises:
        GateClosed: Paused, concurrency or rate limit.
        NotFound: Workflow, version or source run.
        InvalidInput: The payload cannot be stored or is too large, or the edit does not fit.
        ActionRefused: The source's input has changed, or another tenant uses this id or fire key.
    """
    async with database.writing(order.tenant) as connection:
        await lock_launches(connection, order.tenant, order.workflow_id)
        earlier = await _earlier_launch(connection, order)
        if earlier is not None:
            return earlier
        check_gates(await read_gate_facts(database, connection, order.tenant, order.workflow_id))
        version = await _version(connection, order)
        inserted = await _insert_run(connection, order, version)
        await _log_start(database, connection, order, version, inserted)
    return AdmittedLaunch(
        run_id=order.request_id,
        workflow_id=order.workflow_id,
        workflow_version=version.number,
        created=True,
        same_request=False,
        status=RunStatus.RUNNING,
        has_temporal_ids=False,
        trigger_type=order.trigger_type,
        execution_key=_execution_key(order, order.workflow_id, inserted.started_at),
    )


async def _earlier_launch(connection: AsyncConnection, order: LaunchOrder) -> AdmittedLaunch | None:
    """Return the run that already stands for this order: of the same request first, else of the same fire key."""
    is_same = workflow_runs.c.run_id == order.request_id
    used = is_same if order.trigger_fire_key is None else or_(is_same, _has_fire_key(order.trigger_fire_key))
    row = (
        await connection.execute(
            select(
                workflow_runs.c.run_id,
                workflow_runs.c.workflow_id,
                workflow_runs.c.workflow_version,
                workflow_runs.c.status,
                workflow_runs.c.temporal_run_id,
                workflow_runs.c.trigger_type,
                workflow_runs.c.started_at,
            )
            .where(workflow_runs.c.tenant == order.tenant, used)
            .order_by(is_same.desc(), workflow_runs.c.started_at, workflow_runs.c.run_id)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    return AdmittedLaunch(
        run_id=row.run_id,
        workflow_id=row.workflow_id,
        workflow_version=row.workflow_version,
        created=False,
        same_request=row.run_id == order.request_id,
        status=row.status,
        has_temporal_ids=row.temporal_run_id is not None,
        trigger_type=row.trigger_type,
        execution_key=_execution_key(order, row.workflow_id, row.started_at),
    )


def _has_fire_key(fire_key: str) -> Condition:
    has_key: Condition = workflow_runs.c.trigger_fire_key == fire_key
    return has_key


def _execution_key(order: LaunchOrder, workflow_id: UUID, started_at: datetime) -> str:
    """Return the order's key, else the product's default, from the row so that a repeated request gets the same."""
    return order.execution_key or f"launch-{workflow_id}-{int(started_at.timestamp() * 1000)}"


async def _version(connection: AsyncConnection, order: LaunchOrder) -> _Version:
    """Return the asked or the newest published version; its hash is None when it cannot be reproduced exactly."""
    versions = workflow_definition_versions.c
    query = (
        select(versions.version, document_text(versions.definition_json).label("definition"))
        .where(versions.tenant == order.tenant, versions.workflow_id == order.workflow_id)
        .order_by(versions.version.desc())
        .limit(1)
    )
    if order.workflow_version is not None:
        query = query.where(versions.version == order.workflow_version)
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        raise _no_version(order)
    return _Version(found.version, definition_hash(found.definition))


def _no_version(order: LaunchOrder) -> NotFound:
    if order.workflow_version is None:
        return NotFound(
            "version.none_published",
            "This workflow has no published version, so nothing was started. Publish it first.",
            workflow_id=str(order.workflow_id),
        )
    return NotFound(
        "version.not_found",
        f"This workflow has no version {order.workflow_version}, so nothing was started.",
        workflow_id=str(order.workflow_id),
        version=order.workflow_version,
    )


async def _insert_run(connection: AsyncConnection, order: LaunchOrder, version: _Version) -> _Inserted:
    names, values = _run_row(order, version)
    statement = (
        insert(workflow_runs)
        .from_select(names, values)
        .returning(
            workflow_runs.c.started_at,
            stored_size(func.octet_length).label("payload_bytes"),
            stored_size(func.char_length).label("payload_characters"),
        )
    )
    with storage_faults():
        row = (await connection.execute(statement)).one_or_none()
    if row is None:
        if not isinstance(order.payload, CopiedPayload):
            raise RuntimeError("a given payload always makes a row")
        raise await why_not_copied(connection, order.tenant, order.payload)
    inserted = _Inserted(row.started_at, row.payload_bytes or 0, row.payload_characters or 0)
    check_payload_size(inserted.payload_bytes)
    return inserted


def _run_row(order: LaunchOrder, version: _Version) -> tuple[list[str], AnySelect]:
    """Return the columns of runtime.md 3.3 and a query of their values over the payload."""
    payload = payload_query(order.tenant, order.payload)
    metadata = None if order.trigger_metadata is None else as_json(order.trigger_metadata)
    fixed: dict[str, object] = {
        "run_id": order.request_id,
        "tenant": order.tenant,
        "workflow_id": order.workflow_id,
        "workflow_version": version.number,
        "status": str(RunStatus.RUNNING),
        "node_path": FIRST_NODE_PATH,
        "trigger_type": order.trigger_type,
        "trigger_metadata_json": metadata,
        "trigger_fire_key": order.trigger_fire_key,
        "event_type": order.event_type,
        "source_payload_schema_ref": order.source_payload_schema_ref,
        "trigger_mapping_applied": order.trigger_mapping_applied,
        "definition_hash": version.definition_hash,
        "runtime_semantics_version": PRODUCT_SEMANTICS_VERSION,
        "engine": ENGINE_TEMPORAL,
    }
    values = [literal(value, workflow_runs.c[name].type) for name, value in fixed.items()]
    # The transaction's own time would be that of before the wait for the lock.
    times = [func.statement_timestamp(), func.statement_timestamp()]
    return [*fixed, "started_at", "updated_at", "input_json"], select(*values, *times, payload.c.document)


@contextmanager
def storage_faults() -> Iterator[None]:
    """Turn what Postgres does not store into the operator's error; its own words may quote the payload."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise _unstorable() from error
    except DBAPIError as error:
        state = sqlstate_of(error) or ""
        if state == _UNIQUE_VIOLATION:
            raise _taken() from error
        if state[:2] in {"22", "54"} or isinstance(error, DataError):
            raise _unstorable() from error
        raise


def _unstorable() -> InvalidInput:
    return InvalidInput(
        "payload.unstorable",
        "Postgres cannot store this payload, so nothing was started. It is no JSON, or it holds a NUL character, "
        "half a surrogate pair, a number out of range or too many levels.",
    )


def _taken() -> ActionRefused:
    return ActionRefused(
        "launch.taken",
        "Another tenant's run already uses this id or trigger key, so nothing was started.",
    )


async def _log_start(
    database: Database, connection: AsyncConnection, order: LaunchOrder, version: _Version, inserted: _Inserted
) -> None:
    """Write the "Run started" log with the keys of database.md 3.6."""
    context: dict[str, object] = {
        "workflowId": order.workflow_id,
        "workflowVersion": version.number,
        "payloadSizeBytes": inserted.payload_characters,
        "triggerType": order.trigger_type,
        "triggerMetadata": order.trigger_metadata,
        "triggerFireKey": order.trigger_fire_key,
        "triggerEventName": order.event_type if order.trigger_type == "event" else None,
        "eventType": order.event_type,
        "sourcePayloadSchemaRef": order.source_payload_schema_ref,
        "triggerMappingApplied": order.trigger_mapping_applied,
    }
    if order.trigger_metadata is None and isinstance(order.payload, CopiedPayload):
        # The row of a start names no source; without this nothing would say whose secrets its input may repeat.
        context[INPUT_OF] = order.payload.source_run
    redactor = Redactor(await redaction_policy(database, connection, order.tenant))
    note = RunNote(order.request_id, "INFO", "Run started", context)
    log_id = start_log_id(order.request_id)
    await write_note(connection, order.tenant, note, log_id, redactor, source=RUNTIME_SOURCE)
