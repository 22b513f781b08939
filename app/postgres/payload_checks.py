"""The port :class:`app.services.preview_ports.PayloadSchemas` on Postgres.

A stored payload is read and checked inside this room, from the very query that a launch copies it with. What leaves are
places and the schema's own words; a member's name that is itself a secret ends the place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.json_pointer import pointer, split_pointer
from app.domain.launching import CopiedPayload, NewPayload, Payload
from app.domain.payload_schema import SchemaCheck, SchemaFault, SchemaState
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.launch_admission import storage_faults
from app.postgres.payload_schema import check_document
from app.postgres.payload_source import payload_query, why_not_copied
from app.postgres.redaction_border import RunBorder, document_text, read_document
from app.postgres.run_predicates import of_tenant
from app.postgres.run_secrets import read_run_border
from app.postgres.tables import workflow_definition_versions


class PostgresPayloadSchemas:
    """Implements :class:`app.services.preview_ports.PayloadSchemas`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check_copy(
        self, tenant: UUID, workflow_id: UUID, version: int | None, payload: CopiedPayload
    ) -> SchemaCheck:
        """Check the stored input of a run with a patch. NotFound, InvalidInput, ActionRefused."""
        async with self._database.reading() as connection:
            chosen = await _newest(connection, tenant, workflow_id) if version is None else version
            schema = await _schema_text(connection, tenant, workflow_id, chosen)
            if schema is None:
                return SchemaCheck(SchemaState.NO_SCHEMA, chosen)
            document = await _payload_text(connection, tenant, payload)
            check = await _checked(schema, document, chosen)
            if not check.faults:
                return check
            border = await read_run_border(self._database, connection, RunKey(tenant, payload.source_run))
        return replace(check, faults=tuple(dict.fromkeys(_shown(check.faults, border))))

    async def check_given(self, tenant: UUID, workflow_id: UUID, version: int | None, text: str) -> SchemaCheck:
        """Check a payload that the operator typed, names and all. NotFound, InvalidInput."""
        async with self._database.reading() as connection:
            chosen = await _newest(connection, tenant, workflow_id) if version is None else version
            schema = await _schema_text(connection, tenant, workflow_id, chosen)
            document = await _payload_text(connection, tenant, NewPayload(text))
        return await _checked(schema, document, chosen)


async def _newest(connection: AsyncConnection, tenant: UUID, workflow_id: UUID) -> int:
    versions = workflow_definition_versions.c
    query = select(func.max(versions.version)).where(versions.tenant == tenant, versions.workflow_id == workflow_id)
    newest: int | None = await connection.scalar(query)
    if newest is None:
        raise NotFound(
            "version.none_published",
            "This workflow has no published version, so nothing was started. Publish it first.",
            workflow_id=str(workflow_id),
        )
    return newest


async def _schema_text(connection: AsyncConnection, tenant: UUID, workflow_id: UUID, version: int) -> str | None:
    versions = workflow_definition_versions.c
    query = select(document_text(versions.payload_schema_json).label("schema")).where(
        of_tenant(workflow_definition_versions, tenant),
        versions.workflow_id == workflow_id,
        versions.version == version,
    )
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        raise NotFound(
            "version.not_found",
            f"This workflow has no version {version}, so nothing was started.",
            workflow_id=str(workflow_id),
            version=version,
        )
    schema: str | None = found.schema
    return schema


async def _payload_text(connection: AsyncConnection, tenant: UUID, payload: Payload) -> str | None:
    query = payload_query(tenant, payload)
    with storage_faults():
        found = (await connection.execute(select(document_text(query.c.document).label("document")))).one_or_none()
    if found is None and isinstance(payload, CopiedPayload):
        raise await why_not_copied(connection, tenant, payload)
    return None if found is None else found.document


async def _checked(schema: str | None, document: str | None, version: int) -> SchemaCheck:
    """Check off the loop: a large payload takes a while."""
    return await asyncio.to_thread(lambda: check_document(schema, read_document(document), version))


def _shown(faults: Iterable[SchemaFault], border: RunBorder) -> Iterable[SchemaFault]:
    def may_be_seen(segment: str) -> bool:
        return not border.closed and not border.redactor.hides_any_key({segment: None})

    for fault in faults:
        yield replace(fault, path=pointer(takewhile(may_be_seen, split_pointer(fault.path))))
