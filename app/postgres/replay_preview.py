"""What a replay would meet: the port :class:`app.services.preview_ports.PreviewReader` on Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.definition_difference import StepChange, definition_difference
from app.domain.headroom import Headroom
from app.domain.replay_preview import VersionChoice, VersionPreview
from app.domain.run import JsonValue, RunKey, RunLink
from app.domain.side_effects import ActionUse
from app.postgres.action_uses import read_action_uses
from app.postgres.database import Database
from app.postgres.launch_gates import read_headroom
from app.postgres.redaction_border import RunBorder
from app.postgres.run_children import read_definition
from app.postgres.run_lineage import read_replays
from app.postgres.run_predicates import of_tenant
from app.postgres.run_secrets import read_border, read_run_row
from app.postgres.tables import workflow_definition_versions


class PostgresPreviewReader:
    """Implements :class:`app.services.preview_ports.PreviewReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def versions(self, key: RunKey, choice: VersionChoice | int) -> VersionPreview:
        """Return the versions at hand and how the chosen one differs from the run's own. NotFound."""
        async with self._database.reading() as connection:
            row = await read_run_row(connection, key)
            own: int = row.workflow_version
            published = await _published(connection, key.tenant, row.workflow_id)
            latest = max(published, default=None)
            chosen = _chosen(choice, own, latest)
            differences: tuple[StepChange, ...] = ()
            if chosen != own and {own, chosen} <= published:
                before = await read_definition(connection, key.tenant, row.workflow_id, own)
                after = await read_definition(connection, key.tenant, row.workflow_id, chosen)
                differences = _differences(before, after, await read_border(self._database, connection, key, row))
        return VersionPreview(
            own=own,
            latest=latest,
            chosen=chosen,
            own_exists=own in published,
            chosen_exists=chosen in published,
            differences=differences,
        )

    async def headroom(self, tenant: UUID, workflow_id: UUID) -> Headroom:
        """Return the launch gates and the step quota as they are at this moment. NotFound."""
        async with self._database.reading() as connection:
            return await read_headroom(self._database, connection, tenant, workflow_id)

    async def action_uses(self, tenant: UUID, run_ids: Sequence[UUID]) -> Mapping[UUID, tuple[ActionUse, ...]]:
        """Return the actions that each run called, itself or in child runs; every run asked for has an entry."""
        async with self._database.reading() as connection:
            return await read_action_uses(connection, tenant, run_ids)

    async def replays(self, key: RunKey) -> tuple[RunLink, ...]:
        """Return the replays of a run, oldest first, reasons redacted. NotFound."""
        async with self._database.reading() as connection:
            row = await read_run_row(connection, key)
            border = await read_border(self._database, connection, key, row)
            return await read_replays(connection, key, row.workflow_id, border)


async def _published(connection: AsyncConnection, tenant: UUID | None, workflow_id: UUID) -> frozenset[int]:
    versions = workflow_definition_versions.c
    query = select(versions.version).where(
        of_tenant(workflow_definition_versions, tenant), versions.workflow_id == workflow_id
    )
    return frozenset(await connection.scalars(query))


def _chosen(choice: VersionChoice | int, own: int, latest: int | None) -> int:
    if choice == VersionChoice.OWN:
        return own
    if choice == VersionChoice.LATEST:
        return own if latest is None else latest
    return int(choice)


def _differences(before: JsonValue, after: JsonValue, border: RunBorder) -> tuple[StepChange, ...]:
    """Return the differences as they may be shown: each version's texts may repeat a secret of the other."""
    show = border.redactor.value
    show(after, pointers=False)  # learns its secrets before the other is shown
    return definition_difference(before, after, show(before, pointers=False), show(after, pointers=False))
