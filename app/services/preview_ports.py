"""The ports of what is looked at before a launch: schema, versions, gates, earlier effects, earlier replays.

Every method is one ``BEGIN READ ONLY`` transaction; raw payloads stay inside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from app.domain.headroom import Headroom
from app.domain.launching import CopiedPayload
from app.domain.payload_schema import SchemaCheck
from app.domain.replay_preview import VersionChoice, VersionPreview
from app.domain.run import RunKey, RunLink
from app.domain.side_effects import ActionUse


class PayloadSchemas(Protocol):
    """Checks payloads against the JSON Schema of a workflow's version."""

    async def check_copy(
        self, tenant: UUID, workflow_id: UUID, version: int | None, payload: CopiedPayload
    ) -> SchemaCheck:
        """Check the stored input of a run with a patch, as the launch would store it; version None is the newest.

        NotFound (run, version), InvalidInput (the patch does not fit), ActionRefused (the input has changed).
        """

    async def check_given(self, tenant: UUID, workflow_id: UUID, version: int | None, text: str) -> SchemaCheck:
        """Check a payload given as JSON text against a version, None for the newest. NotFound, InvalidInput."""


class PreviewReader(Protocol):
    """Looks at what a replay would meet."""

    async def versions(self, key: RunKey, choice: VersionChoice | int) -> VersionPreview:
        """Return the versions at hand and how the chosen one differs, redacted. NotFound (the run)."""

    async def headroom(self, tenant: UUID, workflow_id: UUID) -> Headroom:
        """Return the launch gates and the step quota as they are at this moment. NotFound (the workflow)."""

    async def action_uses(self, tenant: UUID, run_ids: Sequence[UUID]) -> Mapping[UUID, tuple[ActionUse, ...]]:
        """Return the actions that each run called, itself or in child runs; every run asked for has an entry."""

    async def replays(self, key: RunKey) -> tuple[RunLink, ...]:
        """Return the replays of a run, oldest first, reasons redacted. NotFound."""
