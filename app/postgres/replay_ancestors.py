"""The inputs that a replay's own input was copied from, to learn their secrets.

An edit may replace or remove a secret key while its old value stays in another text of the copied input; only the
source still says that this value is a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.postgres.redaction_border import document_text
from app.postgres.run_predicates import REPLAY_OF, as_run_id, of_tenant
from app.postgres.sql_types import AnyRow
from app.postgres.tables import workflow_runs


async def read_ancestor_inputs(
    connection: AsyncConnection, tenant: UUID | None, sources: Mapping[UUID, UUID]
) -> dict[UUID, list[str | None]]:
    """Return the input texts of every run along each replay chain, nearest first.

    Args:
        connection: A reading transaction.
        tenant: Of all these runs.
        sources: Replay to the run it copied. One statement is sent per generation.
    """
    inputs: dict[UUID, list[str | None]] = {run: [] for run in sources}
    visited: dict[UUID, set[UUID]] = {run: {run} for run in sources}
    known: dict[UUID, AnyRow] = {}
    ahead = dict(sources)
    while ahead:
        known |= await _read_runs(connection, tenant, set(ahead.values()) - known.keys())
        behind, ahead = ahead, {}
        for run, ancestor in behind.items():
            row = known.get(ancestor)
            if row is None or ancestor in visited[run]:
                continue
            visited[run].add(ancestor)
            inputs[run].append(row.input)
            source = as_run_id(row.replay_of)
            if source is not None:
                ahead[run] = source
    return inputs


async def _read_runs(connection: AsyncConnection, tenant: UUID | None, run_ids: set[UUID]) -> dict[UUID, AnyRow]:
    if not run_ids:
        return {}
    runs = workflow_runs.c
    query = select(
        runs.run_id,
        document_text(runs.input_json).label("input"),
        runs.trigger_metadata_json[REPLAY_OF].astext.label("replay_of"),
    ).where(of_tenant(workflow_runs, tenant), runs.run_id.in_(run_ids))
    return {row.run_id: row for row in await connection.execute(query)}
