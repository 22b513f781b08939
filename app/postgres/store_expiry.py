"""Deletes expired values of the data store, tenant by tenant (runtime.md 9, "Data-store sweep").

Readers treat an expired value as absent already; the sweep only keeps the table small.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, select

from app.postgres.database import Database
from app.postgres.tables import workflow_data_store as store


class StoreExpiry:
    """Finds and deletes what has expired, by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tenants(self, limit: int) -> tuple[UUID, ...]:
        """Return tenants that have expired values, those that have waited longest first."""
        query = (
            select(store.c.tenant)
            .where(store.c.expires_at <= func.now())
            .group_by(store.c.tenant)
            .order_by(func.min(store.c.expires_at), store.c.tenant)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(await connection.scalars(query))

    async def delete(self, tenant: UUID, limit: int) -> int:
        """Delete the tenant's oldest expired values, at most ``limit``, and return how many there were."""
        has_expired = (store.c.tenant == tenant, store.c.expires_at <= func.statement_timestamp())
        oldest = select(store.c.store_id).where(*has_expired).order_by(store.c.expires_at, store.c.store_id)
        # Asked again outside: a value that was renewed meanwhile stays.
        statement = delete(store).where(*has_expired, store.c.store_id.in_(oldest.limit(limit)))
        async with self._database.writing(tenant) as connection:
            return (await connection.execute(statement)).rowcount
