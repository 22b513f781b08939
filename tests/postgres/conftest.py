"""Opened databases of both shapes and a world of rows to read and write."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from app.postgres.database import Database
from tests.conftest import TestDatabase
from tests.postgres.world import World


@pytest.fixture(params=["plain", "citus_shape"])
def shaped_database(request: pytest.FixtureRequest) -> TestDatabase:
    """Yield a fresh database of each shape in turn."""
    name = "database" if request.param == "plain" else "citus_shape_database"
    made: TestDatabase = request.getfixturevalue(name)
    return made


@pytest_asyncio.fixture
async def shaped(shaped_database: TestDatabase) -> AsyncIterator[Database]:
    """Yield an opened database of each shape in turn."""
    opened = Database.open(shaped_database.url)
    yield opened
    await opened.dispose()


@pytest_asyncio.fixture
async def plain(database: TestDatabase) -> AsyncIterator[Database]:
    """Yield an opened database of the plain shape."""
    opened = Database.open(database.url)
    yield opened
    await opened.dispose()


@pytest_asyncio.fixture
async def world(shaped: Database) -> World:
    """Yield two tenants with a published workflow each, on either shape."""
    return await World.make(shaped)


@pytest_asyncio.fixture
async def plain_world(plain: Database) -> World:
    """Yield the same on the plain shape only, for what does not depend on keys."""
    return await World.make(plain)
