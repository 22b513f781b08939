"""Quota pauses that may end (runtime.md 4.7): whose tenant has quota again, or whose resume got lost (F36)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import exists, func, select

from app.domain.run import ENGINE_TEMPORAL, RunKey, RunStatus, WaitStatus, WaitType
from app.postgres.database import Database
from app.postgres.projection import NewLog, insert_log
from app.postgres.sql_types import AnySelect, Condition
from app.postgres.step_quota import StepQuota
from app.postgres.tables import (
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
)


@dataclass(frozen=True, slots=True)
class DuePause:
    """A pause to end. ``since`` tells several ends of one wait apart; ``lost`` that its rows say resumed already."""

    key: RunKey
    wait_id: UUID
    step_path: str
    lost: bool
    since: datetime


class DuePauses:
    """Finds pauses to end and notes that they were."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._quota = StepQuota(database)

    async def find(self, limit: int) -> tuple[DuePause, ...]:
        """Return at most ``limit`` pauses, oldest first in each tenant, and of a tenant no more than it has quota for.

        A tenant without quota takes no place from the others.
        """
        found: list[DuePause] = []
        async for tenant in self._tenants():
            if len(found) >= limit:
                break
            found += await self._lost(tenant, limit - len(found))
            room = await self._room(tenant)
            left = limit - len(found)
            found += await self._waiting(tenant, left if room is None else min(room, left))
        return tuple(found)

    async def note(self, pause: DuePause) -> None:
        """Write the product's log of a scheduled resume; once for each pause of a wait."""
        log_id = uuid5(pause.wait_id, f"scan:{pause.since.isoformat()}")
        message = "Quota wait resolved by scheduled scan"
        line = NewLog(log_id, "INFO", message, None, pause.step_path, {"waitId": str(pause.wait_id)})
        async with self._database.writing(pause.key.tenant) as connection:
            await insert_log(connection, pause.key, line)

    async def _tenants(self) -> AsyncIterator[UUID]:
        """Yield tenants with open quota waits, or with runs that stand where one was resolved."""
        waits, runs = workflow_run_waits.c, workflow_runs.c
        query = (
            select(waits.tenant)
            .join_from(workflow_run_waits, workflow_runs, _same_run())
            .where(
                waits.wait_type == WaitType.QUOTA,
                waits.tenant.is_not(None),
                runs.status.in_((RunStatus.WAITING, RunStatus.RUNNING)),
                runs.node_path == waits.step_path,
            )
            .group_by(waits.tenant)
            .order_by(func.min(waits.created_at), waits.tenant)
        )
        async with self._database.reading() as connection:
            tenants = tuple(await connection.scalars(query))
        for tenant in tenants:
            yield tenant

    async def _waiting(self, tenant: UUID, limit: int) -> list[DuePause]:
        """Return open pauses; stale ones, whose run is elsewhere by now, are the diagnosis' business."""
        query = _pauses(tenant, WaitStatus.WAITING, RunStatus.WAITING).limit(limit)
        return await self._read(tenant, query, lost=False) if limit > 0 else []

    async def _lost(self, tenant: UUID, limit: int) -> list[DuePause]:
        """Return runs whose rows say resumed although no step has begun there since; only they themselves know."""
        steps, waits = workflow_run_steps.c, workflow_run_waits.c
        step_since = exists().where(
            steps.tenant == tenant,
            steps.run_id == waits.run_id,
            steps.step_path == waits.step_path,
            steps.started_at >= waits.created_at,
        )
        query = _pauses(tenant, WaitStatus.RESOLVED, RunStatus.RUNNING).where(~step_since).limit(limit)
        return await self._read(tenant, query, lost=True)

    async def _read(self, tenant: UUID, query: AnySelect, *, lost: bool) -> list[DuePause]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [DuePause(RunKey(tenant, row.run_id), row.wait_id, row.step_path, lost, row.since) for row in rows]

    async def _room(self, tenant: UUID) -> int | None:
        """Return how many more steps the tenant may begin now; None is any number."""
        terms = await self._quota.terms(tenant, afresh=True)
        if terms is None or terms.limit is None:
            return None
        return max(terms.limit - await self._quota.used(tenant, terms), 0)


def _same_run() -> Condition:
    waits, runs = workflow_run_waits.c, workflow_runs.c
    return (runs.tenant == waits.tenant) & (runs.run_id == waits.run_id)


def _pauses(tenant: UUID, wait_status: WaitStatus, run_status: RunStatus) -> AnySelect:
    waits, runs = workflow_run_waits.c, workflow_runs.c
    return (
        select(
            waits.run_id,
            waits.wait_id,
            waits.step_path,
            func.coalesce(waits.resolved_at, waits.created_at).label("since"),
        )
        .join_from(workflow_run_waits, workflow_runs, _same_run())
        .where(
            waits.tenant == tenant,
            waits.wait_type == WaitType.QUOTA,
            waits.status == wait_status,
            runs.status == run_status,
            runs.engine == ENGINE_TEMPORAL,
            runs.node_path == waits.step_path,
        )
        .order_by(waits.created_at, waits.wait_id)
    )
