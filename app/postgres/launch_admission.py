"""Admits a launch: gates, version, row and "Run started" log in one transaction (runtime.md 3, F30 and F31)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, bindparam, func, insert, literal, select
from sqlalchemy.exc import DataError, DBAPIError

from app.domain.batch_pace import gates_of_batch
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
from app.postgres.action_records import as_json, start_note
from app.postgres.brief_transaction import BriefTransaction
from app.postgres.built_statement import BuiltStatement
from app.postgres.database import Database
from app.postgres.driver_errors import sqlstate_of
from app.postgres.launch_facts import LaunchFacts, known_hash, lock_and_read
from app.postgres.launch_gates import no_workflow
from app.postgres.payload_source import copied_payload, payload_query, stored_size, why_not_copied
from app.postgres.recent_rules import RecentRules
from app.postgres.replay_ancestors import INPUT_OF, start_log_id
from app.postgres.tables import workflow_runs
from app.services.ports import AdmittedLaunch, BeforeEffect

_UNIQUE_VIOLATION = "23505"


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    definition_hash: str | None


async def admit_launch(
    database: Database, order: LaunchOrder, recent: RecentRules, before_effect: BeforeEffect | None = None
) -> AdmittedLaunch:
    """Insert the run of an order, or return the run that an equal request or the same fire key made before.

    Args:
        database: Where the run is inserted.
        order: What to launch.
        recent: Where the tenant's rules are remembered.
        before_effect: Done while the gates are read; the row waits for it.

    Raises:
        GateClosed: Paused, concurrency or rate limit.
        NotFound: Workflow, version or source run.
        InvalidInput: The payload cannot be stored or is too large, or the edit does not fit.
        ActionRefused: The source's input has changed, or another tenant uses this id or fire key.
    """
    async with database.writing_briefly(order.tenant) as writing:
        facts = await _beside(lock_and_read(database, writing, order), before_effect)
        recent.note(order.tenant, facts.rules.policy)
        if facts.row.earlier_run_id is not None:
            return _earlier_launch(order, facts.row)
        if facts.row.workflow_name is None:
            raise no_workflow(order.workflow_id)
        check_gates(gates_of_batch(facts.gates) if order.yields else facts.gates)
        version = _version(order, facts.row)
        started_at = await _insert_run(writing, order, version, Redactor(facts.rules.policy))
    if started_at is None:
        raise await _why_not(database, order)
    return AdmittedLaunch(
        run_id=order.request_id,
        workflow_id=order.workflow_id,
        workflow_version=version.number,
        created=True,
        same_request=False,
        status=RunStatus.RUNNING,
        has_temporal_ids=False,
        trigger_type=order.trigger_type,
        execution_key=_execution_key(order, order.workflow_id, started_at),
    )


async def _beside(reading: Awaitable[LaunchFacts], before_effect: BeforeEffect | None) -> LaunchFacts:
    """Return what was read once both are done: a message under way on the connection is not left behind."""
    if before_effect is None:
        return await reading
    done, facts = await asyncio.gather(before_effect(), reading, return_exceptions=True)
    if isinstance(facts, BaseException):
        raise facts
    if isinstance(done, BaseException):
        raise done
    return facts


def _earlier_launch(order: LaunchOrder, row: Any) -> AdmittedLaunch:
    """Return the run that already stands for this order: of the same request first, else of the same fire key."""
    return AdmittedLaunch(
        run_id=row.earlier_run_id,
        workflow_id=row.earlier_workflow_id,
        workflow_version=row.earlier_workflow_version,
        created=False,
        same_request=row.earlier_run_id == order.request_id,
        status=row.earlier_status,
        has_temporal_ids=row.earlier_temporal_run_id is not None,
        trigger_type=row.earlier_trigger_type,
        execution_key=_execution_key(order, row.earlier_workflow_id, row.earlier_started_at),
    )


def _execution_key(order: LaunchOrder, workflow_id: UUID, started_at: datetime) -> str:
    """Return the order's key, else the product's default, from the row so that a repeated request gets the same."""
    return order.execution_key or f"launch-{workflow_id}-{int(started_at.timestamp() * 1000)}"


def _version(order: LaunchOrder, row: Any) -> _Version:
    """Return the asked or the newest published version; its hash is None when it cannot be reproduced exactly."""
    if row.version is None:
        raise _no_version(order)
    return _Version(row.version, known_hash(row.definition))


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


async def _insert_run(
    writing: BriefTransaction, order: LaunchOrder, version: _Version, redactor: Redactor
) -> datetime | None:
    """Insert the run and its "Run started" log, and return when the run started; None when its payload gave no row."""
    values = _run_values(order, version)
    log = start_note(order.tenant, _start_of(order, version), start_log_id(order.request_id), redactor)
    payload = order.payload
    with storage_faults():
        if isinstance(payload, CopiedPayload) and not payload.patch:
            copied = (_INSERT_COPY, {**values, **_copy_values(order.tenant, payload)})
            rows, _ = await writing.ask(copied, log, commit=True)
        else:
            # What the operator typed must not stand in a statement's text.
            rows, _ = await writing.ask_bound((_insert_over(payload_query(order.tenant, payload)), values), log)
    if not rows:
        return None
    (row,) = rows
    check_payload_size(row.payload_bytes or 0)
    started_at: datetime = row.started_at
    return started_at


def _copy_values(tenant: UUID, payload: CopiedPayload) -> dict[str, object]:
    return {"payload_tenant": tenant, "source_run": payload.source_run, "expected_hash": payload.expected_hash}


async def _why_not(database: Database, order: LaunchOrder) -> Exception:
    if isinstance(order.payload, CopiedPayload):
        async with database.reading() as connection:
            return await why_not_copied(connection, order.tenant, order.payload)
    return RuntimeError("a given payload always makes a row")


def _insert_over(payload: Subquery, size: ColumnElement[int] | None = None) -> BuiltStatement:
    """Return the insertion of the columns of runtime.md 3.3 over a payload; ``size`` if that is known to be allowed."""
    runs = workflow_runs.c
    values = [bindparam(f"run_{name}", type_=runs[name].type) for name in _GIVEN_COLUMNS]
    # The transaction's own time would be that of before the wait for the lock.
    times = [func.statement_timestamp(), func.statement_timestamp()]
    names = [*_GIVEN_COLUMNS, "started_at", "updated_at", "input_json"]
    return BuiltStatement(
        insert(workflow_runs)
        .from_select(names, select(*values, *times, payload.c.document))
        .returning(
            runs.started_at,
            (stored_size(func.octet_length) if size is None else size).label("payload_bytes"),
        )
    )


_GIVEN_COLUMNS = (
    "run_id",
    "tenant",
    "workflow_id",
    "workflow_version",
    "status",
    "node_path",
    "trigger_type",
    "trigger_metadata_json",
    "trigger_fire_key",
    "event_type",
    "source_payload_schema_ref",
    "trigger_mapping_applied",
    "definition_hash",
    "runtime_semantics_version",
    "engine",
)
_INSERT_COPY = _insert_over(copied_payload(), size=literal(0))


def _run_values(order: LaunchOrder, version: _Version) -> dict[str, object]:
    metadata = None if order.trigger_metadata is None else as_json(order.trigger_metadata)
    given: dict[str, object] = {
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
    return {f"run_{name}": value for name, value in given.items()}


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


def _start_of(order: LaunchOrder, version: _Version) -> RunNote:
    """Return the "Run started" log with the keys of database.md 3.6, but for the size of what is stored."""
    context: dict[str, object] = {
        "workflowId": order.workflow_id,
        "workflowVersion": version.number,
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
    return RunNote(order.request_id, "INFO", "Run started", context)
