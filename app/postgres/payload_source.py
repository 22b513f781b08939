"""The payload of a new run as SQL: given as text, or copied from another run and patched inside Postgres.

A copied payload never leaves the database. Its patch is folded over the stored document one operation at a time, and
each operation first proves its target: where ``jsonb_set`` would silently do nothing, or a NULL would swallow the
whole document, the fold yields NULL instead and no row comes out.

A value with origins is sent as pieces, texts and paths by turns. It is put together from the stored document before
the fold begins, so the order of operations cannot matter to it; a path that is not there leaves no value. For that the
document is read as text once: as stored it may be compressed, and would be unpacked again for each path.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, Text, Uuid, bindparam, case, cast, column, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.chips import HOLE
from app.domain.errors import ActionRefused, InvalidInput, NotFound, RuleViolation
from app.domain.launching import MAX_PAYLOAD_BYTES, CopiedPayload, PatchOperation, Payload, check_payload_size
from app.domain.payload_edit import MAX_PATCH_OPERATIONS
from app.postgres.tables import workflow_runs

_JSON_STRING = r'"(?:[^"\\]|\\.)*"'
_SURELY_TOO_LARGE = 2 * MAX_PAYLOAD_BYTES
"""As ``jsonb::text``, which has a space behind each comma and colon: at most half as long again as compact JSON."""

FOLD_STEP = """
        FROM fold
        JOIN operation ON operation.number = fold.number + 1
        CROSS JOIN LATERAL (SELECT operation.path[1:cardinality(operation.path) - 1] AS parent,
                                   operation.path[cardinality(operation.path)] AS key) AS target
        CROSS JOIN LATERAL (SELECT fold.document #> target.parent AS container) AS place
        CROSS JOIN LATERAL (SELECT CASE
            WHEN cardinality(operation.path) = 0 THEN
                CASE WHEN operation.op IN ('add', 'replace') THEN operation.value END
            WHEN jsonb_typeof(place.container) = 'object' THEN
                CASE WHEN operation.op = 'add' THEN jsonb_set(fold.document, operation.path, operation.value, true)
                     WHEN NOT place.container ? target.key THEN NULL
                     WHEN operation.op = 'replace' THEN jsonb_set(fold.document, operation.path, operation.value, false)
                     WHEN operation.op = 'remove' THEN fold.document #- operation.path END
            WHEN jsonb_typeof(place.container) = 'array' THEN
                CASE WHEN operation.op = 'add'
                          AND target.key IN ('-', jsonb_array_length(place.container)::text)
                         THEN jsonb_insert(fold.document,
                                           target.parent || jsonb_array_length(place.container)::text, operation.value)
                     WHEN target.key !~ '^(0|[1-9][0-9]{0,8})$' THEN NULL
                     WHEN target.key::integer >= jsonb_array_length(place.container) THEN NULL
                     WHEN operation.op = 'add' THEN jsonb_insert(fold.document, operation.path, operation.value)
                     WHEN operation.op = 'replace' THEN jsonb_set(fold.document, operation.path, operation.value, false)
                     WHEN operation.op = 'remove' THEN fold.document #- operation.path END
            END AS document) AS applied
"""
"""One operation of a patch on ``fold.document``: ``applied.document`` is NULL where its target is not there."""

_PATCHED = text(
    """
    WITH RECURSIVE source AS (
        SELECT input_json AS document FROM workflow_runs
        WHERE tenant = :tenant AND run_id = :source_run
          AND (:expected_hash IS NULL OR coalesce(md5(input_json::text), '') = :expected_hash)
    ), flat AS MATERIALIZED (
        SELECT CAST(CAST(document AS text) AS jsonb) AS document FROM source
    ), operation AS MATERIALIZED (
        SELECT number, entry->>'op' AS op,
               CASE WHEN entry ? 'pieces' THEN assembled.value ELSE entry->'value' END AS value,
               ARRAY(SELECT segment FROM jsonb_array_elements_text(entry->'path')
                     WITH ORDINALITY AS step (segment, position) ORDER BY position) AS path
        FROM flat
        CROSS JOIN jsonb_array_elements(CAST(:operations AS jsonb)) WITH ORDINALITY AS listed (entry, number)
        LEFT JOIN LATERAL (
            SELECT CASE WHEN bool_and(piece.written IS NOT NULL)
                        THEN CAST(string_agg(piece.written, '' ORDER BY piece.position) AS jsonb) END AS value
            FROM (SELECT position,
                         CASE jsonb_typeof(part)
                             WHEN 'string' THEN part #>> '{}'
                             ELSE CAST(flat.document #>
                                       ARRAY(SELECT segment FROM jsonb_array_elements_text(part)
                                             WITH ORDINALITY AS step (segment, depth) ORDER BY depth) AS text)
                         END AS written
                  FROM jsonb_array_elements(entry->'pieces') WITH ORDINALITY AS parts (part, position)) AS piece
        ) AS assembled ON entry ? 'pieces'
    ), fold (number, document) AS (
        SELECT CAST(0 AS bigint), document FROM source
      UNION ALL
        SELECT operation.number, applied.document
    """  # noqa: S608 - a constant of this project
    + FOLD_STEP
    + """
    )
    SELECT document FROM fold WHERE number = :operation_count AND document IS NOT NULL
    """
)


def payload_query(tenant: UUID, payload: Payload) -> Subquery:
    """Return a subquery of one column ``document``: one row, or none when a copy does not come about."""
    if not isinstance(payload, CopiedPayload):
        given = bindparam("payload_text", payload.text, type_=Text)
        return select(cast(given, JSONB).label("document")).subquery("payload")
    if not payload.patch:
        return _copied(tenant, payload)
    return (
        _PATCHED.bindparams(
            bindparam("tenant", tenant, type_=Uuid),
            bindparam("source_run", payload.source_run, type_=Uuid),
            bindparam("expected_hash", payload.expected_hash, type_=Text),
            bindparam("operations", operations_text(payload.patch), type_=Text),
            bindparam("operation_count", len(payload.patch)),
        )
        .columns(column("document", JSONB))
        .subquery("payload")
    )


async def why_not_copied(connection: AsyncConnection, tenant: UUID, payload: CopiedPayload) -> RuleViolation:
    """Return the reason for which :func:`payload_query` or :func:`copied_payload` gave no row; or raise it."""
    stored = (
        await connection.execute(
            select(input_hash().label("hash"), stored_size(func.octet_length).label("bytes")).where(
                workflow_runs.c.tenant == tenant, workflow_runs.c.run_id == payload.source_run
            )
        )
    ).one_or_none()
    if stored is None:
        return NotFound(
            "run.not_found", f"There is no run {payload.source_run} in this tenant.", run_id=str(payload.source_run)
        )
    if payload.expected_hash is not None and stored.hash != payload.expected_hash:
        return ActionRefused(
            "replay.source_changed",
            "The source run's stored input has changed since it was opened, so nothing was started. "
            "Open the replay again and look at the input.",
            run_id=str(payload.source_run),
        )
    if not payload.patch:
        check_payload_size(stored.bytes or 0)
    return InvalidInput(
        "payload.patch",
        "The edit does not fit the stored input, so nothing was started. Open the replay again and repeat the edit.",
    )


def input_hash() -> ColumnElement[str]:
    """Return md5 of the stored input's text, "" for SQL NULL."""
    return func.coalesce(func.md5(cast(workflow_runs.c.input_json, Text)), "")


def stored_size(measure: Callable[[ColumnElement[str]], ColumnElement[Any]]) -> ColumnElement[int]:
    """Return the size of the stored input as compact JSON, as the product measures it; null for SQL NULL.

    Args:
        measure: ``octet_length`` or ``char_length``.
    """
    stored = cast(workflow_runs.c.input_json, Text)
    structure = func.regexp_replace(stored, _JSON_STRING, "", "g")
    spaces = func.char_length(structure) - func.char_length(func.replace(structure, " ", ""))
    return measure(stored) - case((func.octet_length(stored) > _SURELY_TOO_LARGE, 0), else_=spaces)


def operations_text(patch: tuple[PatchOperation, ...]) -> str:
    """Write the patch as one JSON array; values go in as the text they came as, digit for digit."""
    if len(patch) > MAX_PATCH_OPERATIONS:
        raise InvalidInput(
            "payload.patch_too_large",
            f"The edit changes {len(patch)} places and a replay accepts {MAX_PATCH_OPERATIONS}. Make fewer changes.",
            limit=MAX_PATCH_OPERATIONS,
        )
    return "[" + ",".join(_operation_text(operation) for operation in patch) + "]"


def _operation_text(operation: PatchOperation) -> str:
    target = f'"op":{json.dumps(operation.op)},"path":{json.dumps(operation.path, ensure_ascii=False)}'
    if operation.value_text is None:
        return f"{{{target}}}"
    if operation.origins:
        return f'{{{target},"pieces":{json.dumps(_pieces(operation), ensure_ascii=False)}}}'
    return f'{{{target},"value":{operation.value_text}}}'


def _pieces(operation: PatchOperation) -> list[str | tuple[str, ...]]:
    """Return the value's text cut at its holes, with the path of a stored value in place of each."""
    first, *texts = (operation.value_text or "").split(HOLE)
    pieces: list[str | tuple[str, ...]] = [first]
    for origin, text_behind in zip(operation.origins, texts, strict=True):
        pieces += (origin, text_behind)
    return pieces


def copied_payload() -> Subquery:
    """Return the plain copy of an input that a run accepts, no row of one that is too large.

    ``payload_tenant``, ``source_run`` and ``expected_hash`` are left to be bound.
    """
    runs, expected = workflow_runs.c, bindparam("expected_hash", type_=Text)
    return (
        select(runs.input_json.label("document"))
        .where(
            runs.tenant == bindparam("payload_tenant", type_=Uuid),
            runs.run_id == bindparam("source_run", type_=Uuid),
            or_(expected.is_(None), input_hash() == expected),
            func.coalesce(stored_size(func.octet_length), 0) <= MAX_PAYLOAD_BYTES,
        )
        .subquery("payload")
    )


def _copied(tenant: UUID, payload: CopiedPayload) -> Subquery:
    source = select(workflow_runs.c.input_json.label("document")).where(
        workflow_runs.c.tenant == tenant, workflow_runs.c.run_id == payload.source_run
    )
    if payload.expected_hash is not None:
        source = source.where(input_hash() == payload.expected_hash)
    return source.subquery("payload")
