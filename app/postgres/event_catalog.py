"""The schema that the catalogue of events gives an event's payload, where this database has a readable catalogue."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_READABLE = text(
    """
    SELECT needed.relation
    FROM (VALUES ('event_catalog', 3), ('system_event_catalog', 2)) AS needed (relation, columns)
    WHERE (SELECT count(*) FROM pg_attribute AS found
           WHERE found.attrelid = to_regclass(needed.relation) AND NOT found.attisdropped
             AND found.attname IN ('event_type', 'payload_schema_ref', 'tenant')
             AND has_column_privilege(found.attrelid, found.attnum, 'SELECT')) >= needed.columns
    """
)
"""The contract names the catalogues, not all of their columns: they are asked only where what is needed is there."""
_OF_TENANT = text("SELECT payload_schema_ref FROM event_catalog WHERE tenant = :tenant AND event_type = :name LIMIT 1")
_OF_SYSTEM = text("SELECT payload_schema_ref FROM system_event_catalog WHERE event_type = :name LIMIT 1")


async def catalogued_schema(connection: AsyncConnection, tenant: UUID, event_name: str) -> str | None:
    """Return the payload's schema ref by the tenant's catalogue, else by the system's; None when neither names one."""
    readable = set(await connection.scalars(_READABLE))
    found: str | None = None
    if "event_catalog" in readable:
        found = await connection.scalar(_OF_TENANT, {"tenant": tenant, "name": event_name})
    if found is None and "system_event_catalog" in readable:
        found = await connection.scalar(_OF_SYSTEM, {"name": event_name})
    return found
