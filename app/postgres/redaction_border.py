"""Where rows become domain objects: the tenant's redaction rules, and stored documents read without loss."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import json_text
from app.domain.placeholders import REDACTED, hidden_document
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RedactedDocument
from app.postgres.built_statement import BuiltStatement, run_together
from app.postgres.database import Database
from app.postgres.tables import tenant_settings

_STUDIO = "workflowRunStudio"


async def redaction_policy(database: Database, connection: AsyncConnection, tenant: UUID | None) -> RedactionPolicy:
    """Return the tenant's rules; closed when they cannot be read. Rows without a tenant have the built-in rules."""
    if tenant is None:
        return RedactionPolicy()
    if not (await database.capabilities(connection)).can_read_settings:
        return RedactionPolicy(closed=True)
    (rows,) = await run_together(connection, (_STUDIO_OF_TENANT, {"of_tenant": tenant}))
    return policy_of(rows[0].studio if rows else None)


def studio_settings() -> ColumnElement[Any]:
    """Return the part of a tenant's settings that says what is hidden."""
    return func.jsonb_build_object(_STUDIO, tenant_settings.c.settings[_STUDIO])


@lru_cache(maxsize=64)
def policy_of(settings: str | None) -> RedactionPolicy:
    """Return the rules that :func:`studio_settings` hold as text; closed when they cannot be understood."""
    try:
        return RedactionPolicy.from_settings(None if settings is None else json_text.parse(settings))
    except json_text.JsonTextError:
        return RedactionPolicy(closed=True)


def document_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a ``jsonb`` expression as text, for :func:`read_document`."""
    return cast(column, Text)


_STUDIO_OF_TENANT = BuiltStatement(
    select(document_text(studio_settings()).label("studio")).where(
        tenant_settings.c.tenant == bindparam("of_tenant", type_=Uuid)
    )
)


def read_document(text: str | None) -> JsonValue:
    """Parse ``jsonb::text`` with every digit; SQL NULL is None. A document too deep to be read is a hidden one."""
    if text is None:
        return None
    try:
        return json_text.parse(text)
    except json_text.JsonTextError:
        return hidden_document()


@dataclass(frozen=True, slots=True)
class RunBorder:
    """Shows the documents and texts of one run.

    ``learned`` False means that documents were too large to learn their secrets from; error texts, which may repeat
    them, then show their code or category only.
    """

    redactor: Redactor
    learned: bool = True

    @property
    def closed(self) -> bool:
        """Whether the tenant's rules could not be read, so that everything is hidden."""
        return self.redactor.closed

    def document(self, text: str | None) -> RedactedDocument:
        """Return a stored document with the pointers of what is masked."""
        return self.redactor.document(read_document(text))

    def value(self, text: str | None) -> JsonValue:
        """Return a stored document."""
        return self.redactor.value(read_document(text))

    def text(self, raw: str | None) -> str | None:
        """Return free text of the run."""
        return self.redactor.text(raw)

    def error_text(self, raw: str | None) -> str | None:
        """Return the text of an error, hidden when it may repeat a secret that was not learned."""
        return self.redactor.text(raw) if self.learned or not raw else REDACTED

    def error(self, text: str | None) -> JsonValue:
        """Return a stored error. Its message is scrubbed like free text rather than masked whole."""
        raw = read_document(text)
        shown = self.redactor.value(raw)
        if not isinstance(raw, dict) or not isinstance(shown, dict):
            return shown
        return {**shown, "message": self._error_message(raw)} if "message" in raw else shown

    def _error_message(self, raw: dict[str, JsonValue]) -> JsonValue:
        message = raw["message"]
        if not isinstance(message, str):
            return self.redactor.value(message)
        if not self.learned:
            return self.redactor.value(raw.get("code") or raw.get("category") or REDACTED)
        return self.redactor.text(message)
