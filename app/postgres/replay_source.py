"""What a replay copies, as the operator may see it; the raw input stays in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import BindParameter, Uuid, bindparam, select

from app.domain.errors import NotFound
from app.domain.placeholders import find_placeholders, hidden_document
from app.domain.redaction_policy import BUILT_IN_RULES
from app.domain.run import RedactedDocument, RunKey, RunStatus
from app.postgres.built_statement import BuiltStatement
from app.postgres.database import Database
from app.postgres.payload_source import input_hash
from app.postgres.redaction_border import document_text, read_document
from app.postgres.replay_ancestors import find_whole_ancestor
from app.postgres.run_predicates import REPLAY_OF, as_run_id, of_tenant
from app.postgres.run_secrets import read_border
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_definitions, workflow_runs
from app.services.ports import ReplaySource

LAUNCH_STAGE = "launch"
"""``error_json.stage`` of a run that never began (runtime.md 3.2 and 3.4)."""

_HIDDEN = RedactedDocument(hidden_document(), ("",))


async def read_replay_source(database: Database, key: RunKey, *, redacted: bool) -> ReplaySource:
    """Return the source of a replay with its redacted input and the hash of the stored one. NotFound.

    Args:
        database: The projection.
        key: The run.
        redacted: Whether the input will be looked at; learning its secrets reads much. Without, all of it is hidden.
    """
    if not redacted and key.tenant is not None:
        source = await _whole_source(database, key.tenant, key)
        if source is not None:
            return source
    async with database.reading() as connection:
        row = (await connection.execute(_sources(key.tenant).where(workflow_runs.c.run_id == key.run_id))).one_or_none()
        if row is None:
            raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
        document, policy = _HIDDEN, BUILT_IN_RULES
        if redacted:
            border = await read_border(database, connection, key, row)
            document, policy = border.document(row.input), border.redactor.policy
        damaged = find_placeholders(read_document(row.input))
        whole = await find_whole_ancestor(connection, key, as_run_id(row.replay_of)) if damaged else None
    return replace(_source(key, row, document, damaged, whole), policy=policy)


async def _whole_source(database: Database, tenant: UUID, key: RunKey) -> ReplaySource | None:
    """Return a source with its input hidden, in one round trip; None when there is none or its input is damaged."""
    (rows,) = await database.read_at_once((_SOURCE, {"of_tenant": tenant, "key_run": key.run_id}))
    if not rows or find_placeholders(read_document(rows[0].input)):
        return None
    return _source(key, rows[0], _HIDDEN, (), None)


async def read_replay_sources(database: Database, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[ReplaySource, ...]:
    """Return the sources of many replays in one statement, inputs hidden; those with a damaged input are left out."""
    query = _sources(tenant).where(workflow_runs.c.run_id.in_(run_ids))
    async with database.reading() as connection:
        rows = (await connection.execute(query)).all()
    return tuple(
        _source(RunKey(tenant, row.run_id), row, _HIDDEN, (), None)
        for row in rows
        if not find_placeholders(read_document(row.input))
    )


def _sources(tenant: UUID | BindParameter[UUID] | None) -> AnySelect:
    runs = workflow_runs.c
    same_workflow = of_tenant(workflow_definitions, tenant) & (workflow_definitions.c.workflow_id == runs.workflow_id)
    return (
        select(
            runs.run_id,
            runs.workflow_id,
            workflow_definitions.c.name.label("workflow_name"),
            runs.workflow_version,
            runs.status,
            runs.completed_at,
            document_text(runs.input_json).label("input"),
            document_text(runs.trigger_metadata_json).label("trigger_metadata"),
            document_text(runs.error_json).label("error"),
            runs.error_json["stage"].astext.label("error_stage"),
            runs.trigger_metadata_json[REPLAY_OF].astext.label("replay_of"),
            input_hash().label("input_hash"),
            runs.event_type,
            runs.source_payload_schema_ref,
            runs.trigger_mapping_applied,
        )
        .select_from(workflow_runs.outerjoin(workflow_definitions, same_workflow))
        .where(of_tenant(workflow_runs, tenant))
    )


_SOURCE = BuiltStatement(
    _sources(bindparam("of_tenant", type_=Uuid)).where(workflow_runs.c.run_id == bindparam("key_run", type_=Uuid))
)


def _source(
    key: RunKey, row: AnyRow, document: RedactedDocument, damaged: tuple[str, ...], whole: UUID | None
) -> ReplaySource:
    return ReplaySource(
        key=key,
        workflow_id=row.workflow_id,
        workflow_name=row.workflow_name,
        workflow_version=row.workflow_version,
        status=row.status,
        redacted=document,
        input_hash=row.input_hash,
        damaged_paths=damaged,
        event_type=row.event_type,
        source_payload_schema_ref=row.source_payload_schema_ref,
        trigger_mapping_applied=row.trigger_mapping_applied,
        completed=row.completed_at is not None,
        failed_at_launch=row.status == RunStatus.FAILED and row.error_stage == LAUNCH_STAGE,
        whole_ancestor=whole,
    )
