"""Reads the family of a replayed run, level by level: a pointer from replay to source is all there is.

A recursive statement would do the same in one round, but a hosted installation shards by tenant and restricts them;
families are a few levels deep, and each level is one statement whatever its number of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.replay_chain import MAX_FAMILY, MAX_GENERATIONS, FamilyRun, ReplayFamily
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.redaction_border import RunBorder, document_text, read_document
from app.postgres.replayers import read_replayers
from app.postgres.run_predicates import REPLAY_OF, REPLAY_REASON, as_run_id, of_tenant
from app.postgres.run_secrets import LEARNING_BUDGET_BYTES, read_run_border
from app.postgres.sql_types import AnyRow, AnySelect, Condition
from app.postgres.tables import workflow_runs

_Level: TypeAlias = Callable[[set[UUID]], Coroutine[Any, Any, list[AnyRow]]]


async def read_replay_family(database: Database, key: RunKey) -> ReplayFamily:
    """Return the run with everything it descends from and everything that descends from those. NotFound."""
    async with database.reading() as connection:
        walk = _Walk(connection, key.tenant)
        await walk.begin(key.run_id)
        same_input = await _compare_inputs(connection, key.tenant, walk.found)
        border = await _border(database, connection, key, walk.found, same_input)
        replayers = await read_replayers(database, connection, key.tenant, walk.sources())
    runs = tuple(
        FamilyRun(
            run_id=run_id,
            workflow_version=row.workflow_version,
            status=row.status,
            started_at=row.started_at,
            completed_at=row.completed_at,
            replay_of=as_run_id(row.replay_of),
            same_input=same_input.get(run_id),
            reason=border.error_text(row.replay_reason),
            replayer=replayers.get(run_id),
        )
        for run_id, row in walk.found.items()
    )
    return ReplayFamily(key.run_id, runs, walk.truncated_above, walk.truncated_below)


class _Walk:
    """The runs found so far, and whether a bound ended the walk."""

    def __init__(self, connection: AsyncConnection, tenant: UUID | None) -> None:
        self._connection = connection
        self._tenant = tenant
        self.found: dict[UUID, AnyRow] = {}
        self.truncated_above = False
        self.truncated_below = False

    async def begin(self, run_id: UUID) -> None:
        """Walk up to the original, then down: the run's own replays first, the other branches with what room is left.

        Raises:
            NotFound: No such run.
        """
        if not self._keep(await self._named({run_id})):
            raise NotFound("run.not_found", f"There is no run {run_id} in this tenant.", run_id=str(run_id))
        self.truncated_above = await self._follow({run_id}, self._sources_of)
        above = self.found.keys() - {run_id}
        below = await self._follow({run_id}, self._replays_of)
        beside = await self._follow(above, self._replays_of)
        self.truncated_below = below or beside

    def sources(self) -> dict[UUID, UUID]:
        """Return the source of each run found that is a replay."""
        pointers = {run_id: as_run_id(row.replay_of) for run_id, row in self.found.items()}
        return {run_id: source for run_id, source in pointers.items() if source is not None}

    async def _follow(self, level: set[UUID], read: _Level) -> bool:
        """Follow the pointers in one direction; say whether more runs are there than are kept."""
        for _ in range(MAX_GENERATIONS):
            if not level:
                return False
            rows = self._new(await read(level))
            level = self._keep(rows)
            if len(level) < len(rows):
                return True
        return bool(level and self._new(await read(level)))

    def _new(self, rows: Iterable[AnyRow]) -> list[AnyRow]:
        """Return the rows not found before: what comes round again ends a circle."""
        return [row for row in rows if row.run_id not in self.found]

    def _keep(self, rows: list[AnyRow]) -> set[UUID]:
        kept = {row.run_id: row for row in rows[: MAX_FAMILY - len(self.found)]}
        self.found |= kept
        return set(kept)

    async def _sources_of(self, level: set[UUID]) -> list[AnyRow]:
        sources = self.sources()
        return await self._named({sources[run_id] for run_id in level if run_id in sources})

    async def _named(self, run_ids: set[UUID]) -> list[AnyRow]:
        return await self._read(workflow_runs.c.run_id.in_(run_ids)) if run_ids else []

    async def _replays_of(self, level: set[UUID]) -> list[AnyRow]:
        """Return the replays of these runs: the pointer has no index, but a replay keeps its workflow, which has."""
        workflows = {self.found[run_id].workflow_id for run_id in level}
        pointer = workflow_runs.c.trigger_metadata_json[REPLAY_OF].astext
        return await self._read(workflow_runs.c.workflow_id.in_(workflows), pointer.in_(map(str, level)))

    async def _read(self, *conditions: Condition) -> list[AnyRow]:
        query = _select_runs().where(of_tenant(workflow_runs, self._tenant), *conditions)
        ordered = query.order_by(workflow_runs.c.started_at, workflow_runs.c.run_id).limit(MAX_FAMILY + 1)
        return list(await self._connection.execute(ordered))


def _select_runs() -> AnySelect:
    runs = workflow_runs.c
    metadata = runs.trigger_metadata_json
    return select(
        runs.run_id,
        runs.workflow_id,
        runs.workflow_version,
        runs.status,
        runs.started_at,
        runs.completed_at,
        metadata[REPLAY_OF].astext.label("replay_of"),
        metadata[REPLAY_REASON].astext.label("replay_reason"),
        func.coalesce(func.octet_length(document_text(runs.input_json)), 0).label("input_bytes"),
    )


async def _compare_inputs(
    connection: AsyncConnection, tenant: UUID | None, found: Mapping[UUID, AnyRow]
) -> dict[UUID, bool]:
    """Say of every replay whose source is there whether both inputs are equal as jsonb."""
    replay, source = workflow_runs.alias("replay"), workflow_runs.alias("source")
    pointer = replay.c.trigger_metadata_json[REPLAY_OF].astext
    is_source = of_tenant(source, tenant) & (cast(source.c.run_id, Text) == pointer)
    query = (
        select(replay.c.run_id, replay.c.input_json.is_not_distinct_from(source.c.input_json).label("same"))
        .select_from(replay.join(source, is_source))
        .where(of_tenant(replay, tenant), replay.c.run_id.in_(found), source.c.run_id.in_(found))
    )
    return {row.run_id: row.same for row in await connection.execute(query)}


async def _border(
    database: Database,
    connection: AsyncConnection,
    key: RunKey,
    found: Mapping[UUID, AnyRow],
    same_input: Mapping[UUID, bool],
) -> RunBorder:
    """Return a border for the family's reasons: it has learned from the run asked for and from every other input.

    A reason may repeat a secret of the input it was given for. A verbatim input holds nothing that its source's does
    not; where the others are too large to be read, the reasons are hidden.
    """
    border = await read_run_border(database, connection, key)
    others = [row for run_id, row in found.items() if run_id != key.run_id and not same_input.get(run_id)]
    if sum(row.input_bytes for row in others) > LEARNING_BUDGET_BYTES:
        return replace(border, learned=False)
    texts = select(document_text(workflow_runs.c.input_json)).where(
        of_tenant(workflow_runs, key.tenant), workflow_runs.c.run_id.in_(row.run_id for row in others)
    )
    border.redactor.learn(*map(read_document, await connection.scalars(texts)))
    return replace(border, learned=True)
