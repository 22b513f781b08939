"""How one patch fits the stored inputs of many runs, found inside Postgres by the fold that a launch uses."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.batch_facts import PatchFit
from app.domain.json_pointer import pointer, split_pointer
from app.domain.launching import PatchOperation
from app.domain.redaction import RedactionPolicy, Redactor
from app.postgres.database import Database
from app.postgres.payload_source import FOLD_STEP, operations_text
from app.postgres.redaction_border import document_text, read_document, redaction_policy
from app.postgres.run_predicates import of_tenant
from app.postgres.tables import workflow_runs

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
           max(CASE WHEN number = :operation_count THEN octet_length(document::text) END) AS bytes
    FROM fold GROUP BY run_id
    """  # noqa: S608 - a constant of this project
)


async def read_patch_fits(
    database: Database,
    connection: AsyncConnection,
    tenant: UUID,
    run_ids: Sequence[UUID],
    patch: tuple[PatchOperation, ...],
) -> dict[UUID, PatchFit]:
    """Return how the patch fits each of these runs' inputs; a run without an input has no fitting target."""
    policy = await redaction_policy(database, connection, tenant)
    statement = _FITS.bindparams(
        bindparam("tenant", tenant, type_=Uuid),
        bindparam("run_ids", list(run_ids), type_=ARRAY(Uuid)),
        bindparam("operations", operations_text(patch), type_=Text),
        bindparam("operation_count", len(patch)),
    )
    applied = {row.run_id: row for row in await connection.execute(statement)}
    masked = await _masked(connection, tenant, run_ids, patch, policy)
    fits = {}
    for run_id in run_ids:
        row = applied.get(run_id)
        count = 0 if row is None else row.applied
        missing = None if count == len(patch) else pointer(patch[count].path)
        fits[run_id] = PatchFit(missing, masked.get(run_id, ()), None if row is None else row.bytes)
    return fits


async def _masked(
    connection: AsyncConnection,
    tenant: UUID,
    run_ids: Sequence[UUID],
    patch: tuple[PatchOperation, ...],
    policy: RedactionPolicy,
) -> dict[UUID, tuple[str, ...]]:
    """Return the operations that touch what is hidden in each input, by the tenant's rules and the input's own secrets.

    Secrets that only another document of the run gives away are learned when its replay is sent, not here.
    """
    query = select(workflow_runs.c.run_id, document_text(workflow_runs.c.input_json).label("input")).where(
        of_tenant(workflow_runs, tenant), workflow_runs.c.run_id.in_(run_ids)
    )
    found = {}
    for row in await connection.execute(query):
        document = read_document(row.input)
        redactor = Redactor(policy)
        redactor.learn(document)
        hidden = [split_pointer(path) for path in redactor.document(document).masked]
        found[row.run_id] = tuple(
            pointer(operation.path) for operation in patch if any(_touch(operation.path, path) for path in hidden)
        )
    return found


def _touch(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Say whether one place is, holds, or lies inside the other."""
    shorter = min(len(left), len(right))
    return left[:shorter] == right[:shorter]
