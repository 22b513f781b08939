"""The marker in the demo tenant's settings that says: the demo data are complete."""

from __future__ import annotations

from typing import Any

from app.postgres import tables
from app.postgres.database import Database
from app.sandbox.seed_identity import TENANT
from app.sandbox.seed_people import SETTINGS

_MARKER = "seeded"


async def is_seeded(database: Database) -> bool:
    """Say whether seeding has been completed in this database."""
    settings = await tenant_settings(database)
    rundesk = settings.get("rundesk") if isinstance(settings, dict) else None
    return isinstance(rundesk, dict) and rundesk.get(_MARKER) is True


async def mark_seeded(database: Database) -> None:
    """Write the marker."""
    table = tables.tenant_settings
    marked = {**SETTINGS, "rundesk": {**SETTINGS["rundesk"], _MARKER: True}}
    async with database.writing(TENANT) as connection:
        await connection.execute(table.update().where(table.c.tenant == TENANT).values(settings=marked))


async def tenant_settings(database: Database) -> Any:
    """Return the demo tenant's settings document, None while the tenant does not exist."""
    table = tables.tenant_settings
    async with database.reading() as connection:
        found = await connection.execute(table.select().where(table.c.tenant == TENANT))
        row = found.one_or_none()
    return None if row is None else row.settings
