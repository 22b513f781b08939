"""The ports of preparing a start: what a version asks for, and what was typed before and not sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.redaction import RedactionPolicy
from app.domain.run import JsonValue
from app.domain.start_draft import KeptDraft


@dataclass(frozen=True, slots=True)
class LaunchableVersion:
    """A published version as a start needs it.

    ``versions`` are the numbers of all that are published, newest first. ``schema`` is the payload's JSON Schema, None
    for a version without one. ``policy`` are the tenant's redaction rules.
    """

    version: int
    versions: tuple[int, ...]
    schema: JsonValue
    policy: RedactionPolicy


class StartReader(Protocol):
    """Reads what can be started. Each method is one ``BEGIN READ ONLY`` transaction with local timeouts."""

    async def launchable(self, tenant: UUID, workflow_id: UUID, version: int | None) -> LaunchableVersion:
        """Return a version, None for the newest. NotFound when it is not published."""

    async def newest_run(self, tenant: UUID, workflow_id: UUID) -> UUID | None:
        """Return the id of the workflow's newest run, or None when it has none."""


class DraftStore(Protocol):
    """Keeps what was typed on this desktop, one draft per tenant and workflow."""

    async def read(self, tenant: UUID, workflow_id: UUID) -> KeptDraft | None:
        """Return the draft, or None. Misconfigured when it is there and cannot be used."""

    async def write(self, tenant: UUID, workflow_id: UUID, draft: KeptDraft) -> None:
        """Keep a draft in place of an earlier one. Misconfigured when it cannot be written."""

    async def remove(self, tenant: UUID, workflow_id: UUID) -> None:
        """Forget the draft, if there is one. Misconfigured when it cannot be removed."""
