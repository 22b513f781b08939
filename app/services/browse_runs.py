"""Which runs are there, and which of them are in trouble?"""

from __future__ import annotations

from uuid import UUID

from app.domain.run import RunKey, RunRow
from app.domain.run_query import RunPage, RunQuery, StuckRuns, TenantChoice, WorkflowChoice
from app.services.ports import RunReader


class BrowseRuns:
    """Answers lists, counts and choices from the projection.

    Args:
        reader: The projection.
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader

    async def page(self, query: RunQuery) -> RunPage:
        """Return one keyset page with counts from the same predicate. InvalidInput for a bad cursor."""
        return await self._reader.page(query)

    async def rows(self, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
        """Return the current rows of these runs; runs that no longer exist are left out."""
        if not run_ids:
            return ()
        return await self._reader.rows(tenant, run_ids)

    async def stuck(self, tenant: UUID | None) -> StuckRuns:
        """Return runs that are RUNNING, have zero steps and are older than the threshold, oldest first."""
        return await self._reader.stuck(tenant)

    async def tenants(self) -> tuple[TenantChoice, ...]:
        """Return every tenant that the connection can see, by name."""
        return await self._reader.tenants()

    async def workflows(self, tenant: UUID | None) -> tuple[WorkflowChoice, ...]:
        """Return the tenant's workflows by name."""
        return await self._reader.workflows(tenant)

    async def locate(self, run_id: UUID) -> tuple[RunKey, ...]:
        """Return the keys under which a run id exists, one per tenant."""
        return await self._reader.locate(run_id)
