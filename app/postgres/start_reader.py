"""The port :class:`app.services.start_ports.StartReader` on Postgres."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.domain.errors import NotFound
from app.postgres.database import Database
from app.postgres.redaction_border import document_text, read_document, redaction_policy
from app.postgres.tables import workflow_definition_versions, workflow_runs
from app.services.start_ports import LaunchableVersion


class PostgresStartReader:
    """Implements :class:`app.services.start_ports.StartReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def launchable(self, tenant: UUID, workflow_id: UUID, version: int | None) -> LaunchableVersion:
        """Return a version with its schema, None for the newest. NotFound when it is not published."""
        versions = workflow_definition_versions.c
        of_workflow = (versions.tenant == tenant) & (versions.workflow_id == workflow_id)
        async with self._database.reading() as connection:
            numbers = select(versions.version).where(of_workflow).order_by(versions.version.desc())
            published = tuple(await connection.scalars(numbers))
            if not published or version not in {None, *published}:
                raise _not_published(workflow_id, version)
            chosen = published[0] if version is None else version
            query = select(document_text(versions.payload_schema_json)).where(of_workflow, versions.version == chosen)
            schema = read_document(await connection.scalar(query))
            policy = await redaction_policy(self._database, connection, tenant)
        return LaunchableVersion(chosen, published, schema, policy)

    async def newest_run(self, tenant: UUID, workflow_id: UUID) -> UUID | None:
        """Return the id of the workflow's newest run, or None when it has none."""
        runs = workflow_runs.c
        query = (
            select(runs.run_id)
            .where(runs.tenant == tenant, runs.workflow_id == workflow_id)
            .order_by(runs.started_at.desc(), runs.run_id.desc())
            .limit(1)
        )
        async with self._database.reading() as connection:
            newest: UUID | None = await connection.scalar(query)
        return newest


def _not_published(workflow_id: UUID, version: int | None) -> NotFound:
    if version is None:
        return NotFound(
            "version.none_published",
            "This workflow has no published version, so nothing was started. Publish it first.",
            workflow_id=str(workflow_id),
        )
    return NotFound(
        "version.not_found",
        f"This workflow has no version {version}, so nothing was started.",
        workflow_id=str(workflow_id),
        version=version,
    )
