"""The markers in the demo tenant's settings that say: the demo data, or the scenarios, are complete."""

from __future__ import annotations

from typing import Any

from app.postgres import tables
from app.postgres.database import Database
from app.sandbox.seed_identity import TENANT
from app.sandbox.seed_people import SETTINGS

DEMO = "seeded"
SCENARIOS = "scenarios"


async def is_seeded(database: Database, marker: str = DEMO) -> bool:
    """Say whether seeding has been completed in this database."""
    return _rundesk(await tenant_settings(database)).get(marker) is True


async def mark_seeded(database: Database, marker: str = DEMO) -> None:
    """Write the marker, beside the other one."""
    table = tables.tenant_settings
    known = _rundesk(await tenant_settings(database))
    marked = {**SETTINGS, "rundesk": {**SETTINGS["rundesk"], **known, marker: True}}
    async with database.writing(TENANT) as connection:
        await connection.execute(table.update().where(table.c.tenant == TENANT).values(settings=marked))


def _rundesk(settings: Any) -> dict[str, Any]:
    known = settings.get("rundesk") if isinstance(settings, dict) else None
    return known if isinstance(known, dict) else {}


async def tenant_settings(database: Database) -> Any:
    """Return the demo tenant's settings document, None while the tenant does not exist."""
    table = tables.tenant_settings
    async with database.reading() as connection:
        found = await connection.execute(table.select().where(table.c.tenant == TENANT))
        row = found.one_or_none()
    return None if row is None else row.settings
