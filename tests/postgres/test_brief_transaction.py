"""Transactions whose begin and commit travel with their statements: as safe as the others."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Text, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from app.postgres.built_statement import BuiltStatement
from app.postgres.database import Database
from tests.conftest import TestDatabase

pytestmark = pytest.mark.asyncio

_ECHO = BuiltStatement(select(bindparam("given", type_=Text).label("given")))
_TENANT = BuiltStatement(select(func.current_setting("app.current_tenant", True).label("tenant")))
_BROKEN = BuiltStatement(text("SELECT 1 / 0"))
_AWKWARD = "it's \\ % ; DROP TABLE tenants; -- %(given)s ü \n"


def kill_our_connections(database: TestDatabase) -> None:
    query = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'rundesk' AND datname = current_database()"
    )
    with psycopg.connect(database.url, autocommit=True) as admin:
        admin.execute(query)


async def ask(database: Database, given: str) -> str:
    (rows,) = await database.read_at_once((_ECHO, {"given": given}))
    return str(rows[0].given)


async def test_values_arrive_as_they_are_and_the_tenant_stands(plain: Database) -> None:
    tenant = uuid4()
    async with plain.writing_briefly(tenant) as writing:
        first, second = await writing.ask((_ECHO, {"given": _AWKWARD}), (_TENANT, {}))
        (third,) = await writing.ask((_TENANT, {}), commit=True)
    assert first[0].given == _AWKWARD
    assert {second[0].tenant, third[0].tenant} == {str(tenant)}
    assert await ask(plain, "x") == "x"


async def test_dead_connections_of_the_pool_are_replaced(plain: Database, database: TestDatabase) -> None:
    await asyncio.gather(*(ask(plain, str(number)) for number in range(4)))
    kill_our_connections(database)
    assert [await ask(plain, str(number)) for number in range(4)] == ["0", "1", "2", "3"]
    kill_our_connections(database)
    async with plain.writing_briefly(uuid4()) as writing:
        (rows,) = await writing.ask((_ECHO, {"given": "again"}))
    assert rows[0].given == "again"


async def test_what_failed_leaves_nothing_open(plain: Database, database: TestDatabase) -> None:
    with pytest.raises(DBAPIError):
        async with plain.writing_briefly(uuid4()) as writing:
            await writing.ask((_ECHO, {"given": "a"}), (_BROKEN, {}), commit=True)
    query = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()"
    with psycopg.connect(database.url, autocommit=True) as admin:
        assert admin.execute(query).fetchone() == (0,)
    assert await ask(plain, "b") == "b"
