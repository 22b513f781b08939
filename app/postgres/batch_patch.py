"""How one patch fits the stored inputs of many runs, found inside Postgres by the fold that a launch uses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import json_text
from app.domain.batch_facts import PatchFit
from app.domain.json_pointer import pointer, split_pointer
from app.domain.launching import PatchOperation
from app.domain.payload_schema import SchemaCheck
from app.domain.redaction import Redactor
from app.domain.run import JsonValue
from app.postgres.database import Database
from app.postgres.payload_schema import check_document
from app.postgres.payload_source import FOLD_STEP, operations_text
from app.postgres.redaction_border import document_text, read_document, redaction_policy
from app.postgres.run_predicates import of_tenant
from app.postgres.tables import workflow_definition_versions, workflow_runs

_FITS = text(
    f"""
    WITH RECURSIVE source AS (
        SELECT run_id, input_json AS document FROM workflow_runs
        WHERE tenant = :tenant AND run_id = ANY(:run_ids)
    ), operation AS MATERIALIZED (
        SELECT number, entry->>'op' AS op, entry->'value' AS value,
               ARRAY(SELECT segment FROM jsonb_array_elements_text(entry->'path')
                     WITH ORDINALITY AS step (segment, position) ORDER BY position) AS path
        FROM jsonb_array_elements(CAST(:operations AS jsonb)) WITH ORDINALITY AS listed (entry, number)
    ), fold (run_id, number, document) AS (
        SELECT run_id, CAST(0 AS bigint), document FROM source WHERE document IS NOT NULL
      UNION ALL
        SELECT fold.run_id, operation.number, applied.document
        {FOLD_STEP}
        WHERE applied.document IS NOT NULL
    )
    SELECT run_id, max(number) AS applied,
           max(CASE WHEN number = :operation_count THEN document::text END) AS patched
    FROM fold GROUP BY run_id
    """  # noqa: S608 - a constant of this project
)


@dataclass(frozen=True, slots=True)
class _Target:
    """A run's stored input, and the input that the patch makes of it, as far as it applies."""

    workflow_id: UUID
    version: int
    stored: JsonValue
    applied: int
    patched: str | None


async def read_patch_fits(
    database: Database,
    connection: AsyncConnection,
    tenant: UUID,
    run_ids: Sequence[UUID],
    patch: tuple[PatchOperation, ...],
) -> dict[UUID, PatchFit]:
    """Return how the patch fits each of these runs' inputs; a run without an input has no fitting target.

    Secrets that only another document of a run gives away are learned when its replay is sent, not here.
    """
    policy = await redaction_policy(database, connection, tenant)
    targets = await _targets(connection, tenant, run_ids, patch)
    schemas = await _schemas(connection, tenant, {target.workflow_id for target in targets.values()})
    # Off the loop: many documents take a while.
    return await asyncio.to_thread(
        lambda: {
            run_id: _fit(target, patch, schemas.get((target.workflow_id, target.version)), Redactor(policy))
            for run_id, target in targets.items()
        }
    )


async def _targets(
    connection: AsyncConnection, tenant: UUID, run_ids: Sequence[UUID], patch: tuple[PatchOperation, ...]
) -> dict[UUID, _Target]:
    statement = _FITS.bindparams(
        bindparam("tenant", tenant, type_=Uuid),
        bindparam("run_ids", list(run_ids), type_=ARRAY(Uuid)),
        bindparam("operations", operations_text(patch), type_=Text),
        bindparam("operation_count", len(patch)),
    )
    applied = {row.run_id: row for row in await connection.execute(statement)}
    runs = workflow_runs.c
    query = select(
        runs.run_id, runs.workflow_id, runs.workflow_version, document_text(runs.input_json).label("input")
    ).where(of_tenant(workflow_runs, tenant), runs.run_id.in_(run_ids))
    found = {}
    for row in await connection.execute(query):
        fold = applied.get(row.run_id)
        count, patched = (0, None) if fold is None else (fold.applied, fold.patched)
        found[row.run_id] = _Target(row.workflow_id, row.workflow_version, read_document(row.input), count, patched)
    return found


async def _schemas(connection: AsyncConnection, tenant: UUID, workflows: Iterable[UUID]) -> dict[tuple[UUID, int], str]:
    """Return the payload schemas of every version of these workflows."""
    versions = workflow_definition_versions.c
    query = select(
        versions.workflow_id, versions.version, document_text(versions.payload_schema_json).label("schema")
    ).where(
        of_tenant(workflow_definition_versions, tenant),
        versions.workflow_id.in_(tuple(workflows)),
        versions.payload_schema_json.is_not(None),
    )
    return {(row.workflow_id, row.version): row.schema for row in await connection.execute(query)}


def _fit(target: _Target, patch: tuple[PatchOperation, ...], schema: str | None, redactor: Redactor) -> PatchFit:
    redactor.learn(target.stored)
    hidden = [split_pointer(path) for path in redactor.document(target.stored).masked]
    masked = tuple(pointer(each.path) for each in patch if any(_touch(each.path, path) for path in hidden))
    if target.patched is None:
        return PatchFit(missing=pointer(patch[target.applied].path), masked=masked)
    patched = read_document(target.patched)
    check = None if schema is None else _shown(check_document(schema, patched, target.version), redactor)
    size = len(json_text.dump(patched).encode())
    return PatchFit(masked=masked, bytes=size, schema=check)


def _shown(check: SchemaCheck, redactor: Redactor) -> SchemaCheck:
    """Return the check with places that end before a member whose name is itself a secret."""

    def may_be_seen(segment: str) -> bool:
        return not redactor.closed and not redactor.hides_any_key({segment: None})

    faults = (replace(fault, path=pointer(takewhile(may_be_seen, split_pointer(fault.path)))) for fault in check.faults)
    return replace(check, faults=tuple(dict.fromkeys(faults)))


def _touch(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Say whether one place is, holds, or lies inside the other."""
    shorter = min(len(left), len(right))
    return left[:shorter] == right[:shorter]
