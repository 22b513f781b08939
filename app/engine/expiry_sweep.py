"""One sweep of the data store: what has expired is deleted, within limits (runtime.md 9)."""

from __future__ import annotations

from collections.abc import Mapping

from app.postgres.database import Database
from app.postgres.store_expiry import StoreExpiry


class ExpirySweep:
    """Sweeps up to so many tenants, and up to so many values of each; the rest waits for the next sweep."""

    def __init__(self, database: Database, tenants: int, batch: int) -> None:
        self._expiry = StoreExpiry(database)
        self._tenants = tenants
        self._batch = batch

    async def sweep(self) -> Mapping[str, int]:
        """Delete expired values; return how many tenants and values it was."""
        tenants = await self._expiry.tenants(self._tenants)
        deleted = [await self._expiry.delete(tenant, self._batch) for tenant in tenants]
        return {"tenants": len(tenants), "values deleted": sum(deleted)}
