"""Cheap checks of the Postgres side."""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy import func, select

from app.postgres.database import Database


class PostgresProbe:
    """Implements :class:`app.services.ports.DatabaseProbe`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ping(self) -> float:
        """Return the milliseconds of one round trip; DatabaseUnavailable, or DatabaseRefused for a foreign schema."""
        async with self._database.reading() as connection:
            await self._database.capabilities(connection)
            begin = time.perf_counter()
            await connection.execute(select(1))
            return (time.perf_counter() - begin) * 1000

    async def clock(self) -> datetime:
        """Return the database's clock, aware, in UTC."""
        async with self._database.reading() as connection:
            now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
            return now
