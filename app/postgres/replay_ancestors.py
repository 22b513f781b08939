"""The inputs that a run's own input was copied from, to learn their secrets.

An edit may replace or remove a secret key while its old value stays in another text of the copied input; only the
source still says that this value is a secret. A replay names its source in its metadata; a start with another run's
input names it in its first log, as its row must not look like a replay's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.placeholders import find_placeholders
from app.domain.run import RunKey
from app.postgres.redaction_border import document_text, read_document
from app.postgres.run_predicates import REPLAY_OF, as_run_id, of_tenant
from app.postgres.sql_types import AnyRow
from app.postgres.tables import workflow_run_logs, workflow_runs

INPUT_OF = "inputOfRunId"
"""Key in the context of a "Run started" log that names the run whose input was copied."""


def start_log_id(run_id: UUID) -> UUID:
    """Return the id of the "Run started" log that this console writes with a run's row."""
    return uuid5(run_id, "log:run-started")


async def read_ancestor_inputs(
    connection: AsyncConnection, tenant: UUID | None, sources: Mapping[UUID, UUID | None]
) -> dict[UUID, list[str | None]]:
    """Return the input texts of every run that these were copied from, directly or not, nearest first.

    Args:
        connection: A reading transaction.
        tenant: Of all these runs.
        sources: Run to the run that it replayed, None for one that is no replay. Two statements are sent per
            generation.
    """
    inputs: dict[UUID, list[str | None]] = {run: [] for run in sources}
    visited: dict[UUID, set[UUID]] = {run: {run} for run in sources}
    known: dict[UUID, AnyRow] = {}
    ahead = await _with_starts(connection, tenant, {run: (run, source) for run, source in sources.items()})
    while ahead:
        known |= await _read_runs(connection, tenant, set(ahead.values()) - known.keys())
        reached: dict[UUID, tuple[UUID, UUID | None]] = {}
        for run, ancestor in ahead.items():
            row = known.get(ancestor)
            if row is None or ancestor in visited[run]:
                continue
            visited[run].add(ancestor)
            inputs[run].append(row.input)
            reached[run] = (ancestor, as_run_id(row.replay_of))
        ahead = await _with_starts(connection, tenant, reached)
    return inputs


async def find_whole_ancestor(connection: AsyncConnection, key: RunKey, source: UUID | None) -> UUID | None:
    """Return the nearest run along the replays of a damaged one whose input is there and holds no placeholder.

    Args:
        connection: A reading transaction.
        key: The damaged run.
        source: The run that it replayed.
    """
    visited = {key.run_id}
    while source is not None and source not in visited:
        visited.add(source)
        row = (await _read_runs(connection, key.tenant, {source})).get(source)
        if row is None:
            return None
        if row.input is not None and not find_placeholders(read_document(row.input)):
            return source
        source = as_run_id(row.replay_of)
    return None


async def _with_starts(
    connection: AsyncConnection, tenant: UUID | None, reached: Mapping[UUID, tuple[UUID, UUID | None]]
) -> dict[UUID, UUID]:
    """Return where each run's chain goes on: to what was replayed, else to whose input was taken for a start."""
    taken = await _inputs_taken(connection, tenant, {at for at, source in reached.values() if source is None})
    found = {run: source or taken.get(at) for run, (at, source) in reached.items()}
    return {run: source for run, source in found.items() if source is not None}


async def _inputs_taken(
    connection: AsyncConnection, tenant: UUID | None, run_ids: Iterable[UUID]
) -> dict[UUID, UUID | None]:
    log_ids = [start_log_id(run_id) for run_id in run_ids]
    if not log_ids:
        return {}
    logs = workflow_run_logs.c
    query = select(logs.run_id, logs.context_json[INPUT_OF].astext.label("source")).where(
        of_tenant(workflow_run_logs, tenant), logs.log_id.in_(log_ids)
    )
    return {row.run_id: as_run_id(row.source) for row in await connection.execute(query)}


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
