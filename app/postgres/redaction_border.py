"""Where rows become domain objects: the tenant's redaction rules, and stored documents read without loss."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import json_text
from app.domain.placeholders import hidden_document
from app.domain.redaction import RedactionPolicy
from app.domain.run import JsonValue
from app.postgres.database import Database
from app.postgres.tables import tenant_settings

_STUDIO = "workflowRunStudio"


async def redaction_policy(database: Database, connection: AsyncConnection, tenant: UUID | None) -> RedactionPolicy:
    """Return the tenant's rules; closed when they cannot be read. Rows without a tenant have the built-in rules."""
    if tenant is None:
        return RedactionPolicy()
    if not (await database.capabilities(connection)).can_read_settings:
        return RedactionPolicy(closed=True)
    studio = func.jsonb_build_object(_STUDIO, tenant_settings.c.settings[_STUDIO])
    settings = await connection.scalar(select(document_text(studio)).where(tenant_settings.c.tenant == tenant))
    try:
        return RedactionPolicy.from_settings(None if settings is None else json_text.parse(settings))
    except json_text.JsonTextError:
        return RedactionPolicy(closed=True)


def document_text(column: ColumnElement[object]) -> ColumnElement[str]:
    """Return a ``jsonb`` expression as text, for :func:`read_document`."""
    return cast(column, Text)


def read_document(text: str | None) -> JsonValue:
    """Parse ``jsonb::text`` with every digit; SQL NULL is None. A document too deep to be read is a hidden one."""
    if text is None:
        return None
    try:
        return json_text.parse(text)
    except json_text.JsonTextError:
        return hidden_document()


__all__ = ["document_text", "read_document", "redaction_policy"]
