"""Where a run comes from and what was replayed from it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.run import RunKey, RunLink
from app.postgres.redaction_border import RunBorder
from app.postgres.run_predicates import REPLAY_OF, REPLAY_REASON, is_run, of_tenant
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_runs


async def read_replays(
    connection: AsyncConnection, key: RunKey, workflow_id: UUID, border: RunBorder
) -> tuple[RunLink, ...]:
    """Return the replays of a run, oldest first.

    The only pointer is in the replay's metadata, which has no index; a replay keeps its source's workflow, which has.
    """
    runs = workflow_runs.c
    query = (
        _select_links()
        .where(
            of_tenant(workflow_runs, key.tenant),
            runs.workflow_id == workflow_id,
            runs.trigger_metadata_json[REPLAY_OF].astext == str(key.run_id),
        )
        .order_by(runs.started_at, runs.run_id)
    )
    return tuple(_link(found, border.text(found.reason)) for found in await connection.execute(query))


async def read_source(connection: AsyncConnection, tenant: UUID | None, run_id: UUID) -> RunLink | None:
    """Return the run that was replayed, or None when it is gone."""
    found = (await connection.execute(_select_links().where(*is_run(RunKey(tenant, run_id))))).one_or_none()
    return None if found is None else _link(found, None)


def _select_links() -> AnySelect:
    runs = workflow_runs.c
    reason = runs.trigger_metadata_json[REPLAY_REASON].astext.label("reason")
    return select(runs.run_id, runs.status, runs.started_at, runs.completed_at, reason)


def _link(found: AnyRow, reason: str | None) -> RunLink:
    return RunLink(found.run_id, found.status, found.started_at, found.completed_at, reason)
