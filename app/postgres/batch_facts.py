"""Facts of many runs for batches: each question is one statement per group of runs, whatever their number."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.batch import BatchAction
from app.domain.batch_facts import PatchFit, RunFacts, ScopeFacts
from app.domain.batch_pace import LaunchRoom, WorkflowRoom
from app.domain.launching import RATE_WINDOW_SECONDS, PatchOperation
from app.domain.placeholders import HIDDEN_KEY, PLACEHOLDERS, find_placeholders
from app.domain.run import ACTIVE_STATUSES, TERMINAL_STATUSES
from app.domain.run_query import RunFilter
from app.postgres.batch_patch import read_patch_fits
from app.postgres.choices import runs_of_others
from app.postgres.database import Database
from app.postgres.launch_gates import starts_per_minute
from app.postgres.redaction_border import document_text, read_document
from app.postgres.run_predicates import REPLAY_OF, as_run_id, matching, of_tenant
from app.postgres.sql_types import AnyRow, AnySelect, Condition
from app.postgres.tables import workflow_definition_versions, workflow_definitions, workflow_runs

GROUP = 1000
"""Runs per statement."""


class PostgresBatchFacts:
    """Implements :class:`app.services.batch_ports.BatchFacts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def matching(self, tenant: UUID, run_filter: RunFilter, limit: int) -> tuple[UUID, ...]:
        """Return the ids of everything that matches, oldest run first, at most ``limit``: one snapshot."""
        query = (
            select(workflow_runs.c.run_id)
            .where(*matching(tenant, run_filter, self._database.stuck_after_seconds))
            .order_by(workflow_runs.c.started_at, workflow_runs.c.run_id.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(await connection.scalars(query))

    async def facts(
        self, tenant: UUID, run_ids: Sequence[UUID], action: BatchAction, patch: tuple[PatchOperation, ...]
    ) -> ScopeFacts:
        """Return what is known of these runs; nothing about input and replays is read for a cancel."""
        found: list[RunFacts] = []
        async with self._database.reading() as connection:
            read_at: datetime = (await connection.execute(select(func.now()))).scalar_one()
            for group in _groups(run_ids):
                found.extend(await self._group(connection, tenant, group, action, patch))
            missing = set(run_ids) - {facts.run_id for facts in found}
            elsewhere = await runs_of_others(connection, tenant, tuple(missing)) if missing else frozenset()
        return ScopeFacts(tuple(found), elsewhere, read_at)

    async def room(self, tenant: UUID, workflows: Sequence[UUID]) -> LaunchRoom:
        """Return how many starts the gates leave room for at this moment, read without their locks."""
        async with self._database.reading() as connection:
            window = (await connection.execute(_window(tenant))).one()
            return LaunchRoom(
                starts_in_window=window.starts,
                starts_per_minute=await starts_per_minute(self._database, connection, tenant),
                seconds_to_next=None if window.seconds_to_next is None else float(window.seconds_to_next),
                workflows=tuple([room async for room in _workflow_rooms(connection, tenant, workflows)]),
            )

    async def ends(self, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[tuple[UUID, str], ...]:
        """Return those of these runs that have ended, with their status words."""
        runs = workflow_runs.c
        query = select(runs.run_id, runs.status).where(
            of_tenant(workflow_runs, tenant),
            runs.run_id.in_(run_ids),
            runs.status.in_(TERMINAL_STATUSES),
            runs.completed_at.is_not(None),
        )
        async with self._database.reading() as connection:
            return tuple((row.run_id, row.status) for row in await connection.execute(query))

    async def existing(self, tenant: UUID, run_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return those of these runs that the tenant has."""
        found: set[UUID] = set()
        async with self._database.reading() as connection:
            for group in _groups(run_ids):
                query = select(workflow_runs.c.run_id).where(
                    of_tenant(workflow_runs, tenant), workflow_runs.c.run_id.in_(group)
                )
                found.update(await connection.scalars(query))
        return frozenset(found)

    async def _group(
        self,
        connection: AsyncConnection,
        tenant: UUID,
        run_ids: Sequence[UUID],
        action: BatchAction,
        patch: tuple[PatchOperation, ...],
    ) -> list[RunFacts]:
        rows = (await connection.execute(_runs(tenant, run_ids))).all()
        if action is BatchAction.CANCEL:
            return [_facts(row, (), (), PatchFit()) for row in rows]
        damaged = await _damage(connection, tenant, run_ids)
        replays = await _replays(connection, tenant, rows)
        fits = await read_patch_fits(self._database, connection, tenant, run_ids, patch) if patch else {}
        return [
            _facts(
                row,
                damaged.get(row.run_id, ()),
                replays.get(row.run_id, ()),
                fits.get(row.run_id, PatchFit()),
            )
            for row in rows
        ]


def _groups(run_ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for begin in range(0, len(run_ids), GROUP):
        yield run_ids[begin : begin + GROUP]


def _runs(tenant: UUID, run_ids: Sequence[UUID]) -> AnySelect:
    runs, definitions, versions = workflow_runs.c, workflow_definitions.c, workflow_definition_versions.c
    same_workflow = of_tenant(workflow_definitions, tenant) & (definitions.workflow_id == runs.workflow_id)
    has_version = exists().where(
        of_tenant(workflow_definition_versions, tenant),
        versions.workflow_id == runs.workflow_id,
        versions.version == runs.workflow_version,
    )
    return (
        select(
            runs.run_id,
            runs.workflow_id,
            definitions.name.label("workflow_name"),
            runs.workflow_version,
            has_version.label("version_exists"),
            func.coalesce(definitions.is_paused, False).label("workflow_paused"),
            runs.status,
            runs.completed_at,
            runs.started_at,
        )
        .select_from(workflow_runs.outerjoin(workflow_definitions, same_workflow))
        .where(of_tenant(workflow_runs, tenant), runs.run_id.in_(run_ids))
    )


async def _damage(connection: AsyncConnection, tenant: UUID, run_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return where stored inputs hold placeholders; only inputs whose text holds one at all are read."""
    stored = cast(workflow_runs.c.input_json, Text)
    marks = [f'"{word}"' for word in sorted(PLACEHOLDERS)] + [f'"{HIDDEN_KEY}": true']
    query = select(workflow_runs.c.run_id, document_text(workflow_runs.c.input_json).label("input")).where(
        of_tenant(workflow_runs, tenant),
        workflow_runs.c.run_id.in_(run_ids),
        or_(*(func.strpos(stored, mark) > 0 for mark in marks)),
    )
    return {row.run_id: find_placeholders(read_document(row.input)) for row in await connection.execute(query)}


async def _replays(
    connection: AsyncConnection, tenant: UUID, rows: Sequence[AnyRow]
) -> dict[UUID, tuple[tuple[UUID, str], ...]]:
    """Return the replays of each of these runs with their status words.

    The pointer to the source has no index; a replay keeps its source's workflow, which has.
    """
    source = workflow_runs.c.trigger_metadata_json[REPLAY_OF].astext
    query = select(workflow_runs.c.run_id, workflow_runs.c.status, source.label("source")).where(
        of_tenant(workflow_runs, tenant),
        workflow_runs.c.workflow_id.in_({row.workflow_id for row in rows}),
        source.in_([str(row.run_id) for row in rows]),
    )
    found: dict[UUID, tuple[tuple[UUID, str], ...]] = {}
    for row in await connection.execute(query):
        source_run = as_run_id(row.source)
        if source_run is not None:
            found[source_run] = (*found.get(source_run, ()), (row.run_id, row.status))
    return found


def _facts(row: AnyRow, damaged: tuple[str, ...], replays: tuple[tuple[UUID, str], ...], patch: PatchFit) -> RunFacts:
    return RunFacts(
        run_id=row.run_id,
        workflow_id=row.workflow_id,
        workflow_name=row.workflow_name,
        workflow_version=row.workflow_version,
        version_exists=row.version_exists,
        workflow_paused=row.workflow_paused,
        status=row.status,
        ended=row.status in TERMINAL_STATUSES and row.completed_at is not None,
        started_at=row.started_at,
        damaged_paths=damaged,
        replays=replays,
        patch=patch,
    )


def _window(tenant: UUID) -> AnySelect:
    now = func.statement_timestamp()
    seconds = func.make_interval(0, 0, 0, 0, 0, 0, RATE_WINDOW_SECONDS)
    oldest = func.min(workflow_runs.c.started_at)
    recent: Condition = workflow_runs.c.started_at > now - seconds
    return select(
        func.count().label("starts"), func.extract("epoch", oldest + seconds - now).label("seconds_to_next")
    ).where(of_tenant(workflow_runs, tenant), recent)


async def _workflow_rooms(
    connection: AsyncConnection, tenant: UUID, workflows: Sequence[UUID]
) -> AsyncIterator[WorkflowRoom]:
    definitions, runs = workflow_definitions.c, workflow_runs.c
    active = (
        select(func.count())
        .select_from(workflow_runs)
        .where(
            of_tenant(workflow_runs, tenant),
            runs.workflow_id == definitions.workflow_id,
            runs.status.in_(ACTIVE_STATUSES),
        )
        .scalar_subquery()
    )
    query = select(definitions.workflow_id, definitions.concurrency_limit, active.label("active"))
    where = (of_tenant(workflow_definitions, tenant), definitions.workflow_id.in_(workflows))
    for row in await connection.execute(query.where(*where)):
        yield WorkflowRoom(row.workflow_id, row.concurrency_limit, row.active)
