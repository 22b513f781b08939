"""The one-line error of a run for lists: what the failing action said, scrubbed of the run's own secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.redaction import Redactor
from app.domain.run import InvocationStatus, JsonValue, RunStatus
from app.domain.run_error import error_line
from app.domain.secret_places import secret_places, values_at
from app.postgres.database import Database
from app.postgres.redaction_border import RunBorder, document_text, read_document, redaction_policy
from app.postgres.replay_ancestors import read_ancestor_inputs
from app.postgres.run_predicates import as_run_id, of_tenant
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_action_invocations, workflow_definition_versions, workflow_runs

MAX_LEARNED_BYTES = 64 * 1024
"""Documents up to this size (as stored) are read to learn the secrets that an error text may repeat."""
_SMALL_DOCUMENTS_BYTES = 4096
_MOST_SMALL_DOCUMENTS = 500
"""Bounds of what a page reads of the other invocations of its failed runs: what tokens and keys come in is small."""
_MAX_MESSAGE_CHARACTERS = 4000
"""Far more than a line shows, so that a secret cut in two is never visible."""
_ERROR_FIELDS = ("stage", "category", "code", "nodePath")
_STATUSES_WITHOUT_ERROR = frozenset({RunStatus.RUNNING, RunStatus.SUCCEEDED})


async def read_error_lines(
    database: Database, connection: AsyncConnection, tenant: UUID | None, rows: Sequence[AnyRow]
) -> dict[UUID, str]:
    """Return the error line of each row that ended badly and has one."""
    run_ids = [row.run_id for row in rows if row.status not in _STATUSES_WITHOUT_ERROR]
    if not run_ids:
        return {}
    policy = await redaction_policy(database, connection, tenant)
    replayed = {row.run_id: as_run_id(row.replay_of) for row in rows}
    further = await read_ancestor_inputs(connection, tenant, {run_id: replayed[run_id] for run_id in run_ids})
    small = (await connection.execute(_small_documents_of(tenant, run_ids))).all()
    for document in small:
        further.setdefault(document.run_id, []).extend((document.input, document.output))
    secrets = await _resolved_secrets(connection, tenant, rows, small)
    lines: dict[UUID, str] = {}
    for row in await connection.execute(_errors_of(tenant, run_ids)):
        redactor = Redactor(policy)
        redactor.learn_values(*secrets.get(row.run_id, ()))
        line = _line(row, redactor, further.get(row.run_id, []))
        if line is not None:
            lines[row.run_id] = line
    return lines


def _errors_of(tenant: UUID | None, run_ids: list[UUID]) -> AnySelect:
    runs = workflow_runs.c
    failed = _failed_invocation(tenant)
    fields = {"message": func.left(runs.error_json["message"].astext, _MAX_MESSAGE_CHARACTERS)}
    fields |= {name: runs.error_json[name].astext for name in _ERROR_FIELDS}
    parts = [part for name, value in fields.items() for part in (name, value)]
    return (
        select(
            runs.run_id,
            runs.status,
            document_text(func.jsonb_strip_nulls(func.jsonb_build_object(*parts))).label("error"),
            _if_small(runs.input_json).label("input"),
            _is_large(runs.input_json).label("input_is_large"),
            failed.c.message,
            failed.c.input.label("invocation_input"),
            failed.c.input_is_large.label("invocation_input_is_large"),
        )
        .select_from(workflow_runs.outerjoin(failed, true()))
        .where(of_tenant(workflow_runs, tenant), runs.run_id.in_(run_ids))
    )


def _failed_invocation(tenant: UUID | None) -> Any:
    """Return the newest failed invocation at the run's failing step, or of the run when no step is named."""
    runs, invocations = workflow_runs.c, workflow_action_invocations.c
    path = func.coalesce(runs.error_json["nodePath"].astext, runs.node_path, invocations.step_path)
    return (
        select(
            func.left(invocations.error_message, _MAX_MESSAGE_CHARACTERS).label("message"),
            _if_small(invocations.input_json).label("input"),
            _is_large(invocations.input_json).label("input_is_large"),
        )
        .where(
            of_tenant(workflow_action_invocations, tenant),
            invocations.run_id == runs.run_id,
            invocations.status == InvocationStatus.FAILED,
            invocations.step_path == path,
        )
        .order_by(invocations.created_at.desc(), invocations.invocation_id)
        .limit(1)
        .lateral("failed")
    )


async def _resolved_secrets(
    connection: AsyncConnection, tenant: UUID | None, rows: Sequence[AnyRow], small: Sequence[AnyRow]
) -> dict[UUID, list[JsonValue]]:
    """Return what stands where the runs' definitions asked for a ``$secret``, by run."""
    by_run = {row.run_id: (row.workflow_id, row.workflow_version) for row in rows}
    wanted = {by_run[document.run_id] for document in small}
    if not wanted:
        return {}
    versions = workflow_definition_versions.c
    query = select(versions.workflow_id, versions.version, document_text(versions.definition_json).label("text")).where(
        of_tenant(workflow_definition_versions, tenant),
        tuple_(versions.workflow_id, versions.version).in_(sorted(wanted)),
        document_text(versions.definition_json).contains('"$secret"'),
    )
    found = await connection.execute(query)
    places = {(row.workflow_id, row.version): secret_places(read_document(row.text)) for row in found}
    secrets: dict[UUID, list[JsonValue]] = {}
    for document in small:
        paths = places.get(by_run[document.run_id], {}).get(document.step_path, ())
        secrets.setdefault(document.run_id, []).extend(values_at(read_document(document.input), paths))
    return secrets


def _small_documents_of(tenant: UUID | None, run_ids: list[UUID]) -> AnySelect:
    """Return the query of what the runs' other actions were given and returned: errors quote that too."""
    invocations = workflow_action_invocations.c
    size = func.coalesce(func.pg_column_size(invocations.input_json), 0) + func.coalesce(
        func.pg_column_size(invocations.output_json), 0
    )
    return (
        select(
            invocations.run_id,
            invocations.step_path,
            document_text(invocations.input_json).label("input"),
            document_text(invocations.output_json).label("output"),
        )
        .where(
            of_tenant(workflow_action_invocations, tenant),
            invocations.run_id.in_(run_ids),
            size <= _SMALL_DOCUMENTS_BYTES,
        )
        .order_by(invocations.created_at.desc())
        .limit(_MOST_SMALL_DOCUMENTS)
    )


def _is_large(document: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.coalesce(func.pg_column_size(document), 0) > MAX_LEARNED_BYTES


def _if_small(document: ColumnElement[Any]) -> ColumnElement[str | None]:
    return case((~_is_large(document), document_text(document)))


def _line(row: AnyRow, redactor: Redactor, further: list[str | None]) -> str | None:
    redactor.learn(*map(read_document, [row.input, row.invocation_input, *further]))
    border = RunBorder(redactor, learned=not (row.input_is_large or row.invocation_input_is_large))
    return error_line(row.status, border.error(row.error), border.text(row.message) if border.learned else None)
