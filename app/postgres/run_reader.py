"""The run reader port on Postgres: each method is one read-only transaction."""

from __future__ import annotations

from uuid import UUID

from app.domain.history_border import HistoryBorder
from app.domain.replay_chain import ReplayFamily
from app.domain.run import RunInspection, RunKey, RunRow
from app.domain.run_query import RunPage, RunQuery, StuckRuns, TenantChoice, WorkflowChoice
from app.postgres.choices import locate_run, read_tenants, read_workflows
from app.postgres.database import Database
from app.postgres.replay_family import read_replay_family
from app.postgres.run_detail import inspect_run, read_history_border, read_one_invocation
from app.postgres.run_list import read_page, read_rows, read_stuck
from app.services.ports import InvocationDocuments


class PostgresRunReader:
    """Implements :class:`app.services.ports.RunReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, query: RunQuery) -> RunPage:
        """Return one keyset page with counts from the same predicate. InvalidInput for a bad cursor or limit."""
        return await read_page(self._database, query)

    async def rows(self, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
        """Return the current rows of these runs, newest first; missing ones are left out."""
        return await read_rows(self._database, tenant, run_ids)

    async def stuck(self, tenant: UUID | None, limit: int = 200) -> StuckRuns:
        """Return runs that are RUNNING, have zero steps and are older than the threshold, oldest first."""
        return await read_stuck(self._database, tenant, limit)

    async def inspect(self, key: RunKey, *, documents: bool) -> RunInspection:
        """Return a run with its children; ``documents`` includes invocation inputs and outputs. NotFound."""
        return await inspect_run(self._database, key, documents=documents)

    async def invocation_documents(self, key: RunKey, invocation_id: UUID) -> InvocationDocuments:
        """Return the redacted documents of one invocation. NotFound."""
        return await read_one_invocation(self._database, key, invocation_id)

    async def replay_family(self, key: RunKey) -> ReplayFamily:
        """Return the run with the runs it descends from and all their replays, within the family's bounds. NotFound."""
        return await read_replay_family(self._database, key)

    async def history_border(self, key: RunKey) -> HistoryBorder:
        """Return what shows the run's Temporal history, having learned from its rows what to hide. NotFound."""
        return await read_history_border(self._database, key)

    async def tenants(self) -> tuple[TenantChoice, ...]:
        """Return every tenant, by name; "unassigned" last and only when such rows exist."""
        return await read_tenants(self._database)

    async def workflows(self, tenant: UUID | None) -> tuple[WorkflowChoice, ...]:
        """Return the tenant's workflows by name."""
        return await read_workflows(self._database, tenant)

    async def locate(self, run_id: UUID) -> tuple[RunKey, ...]:
        """Return the keys under which a run id exists."""
        return await locate_run(self._database, run_id)
