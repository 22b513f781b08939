"""The connection: read-only and tenant-scoped transactions, outages, and errors in the operator's words."""

from __future__ import annotations

import asyncio
import gc
import socket
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.errors import DatabaseRefused, DatabaseUnavailable, EnvironmentFailure, Misconfigured
from app.postgres import database as database_module
from app.postgres.database import POOL_SIZE, Database
from app.postgres.probe import PostgresProbe
from app.postgres.run_reader import PostgresRunReader
from app.sandbox.postgres_server import PostgresCluster
from app.sandbox.server_process import free_port
from tests.conftest import Stack, TestDatabase

pytestmark = pytest.mark.asyncio


async def settings_of(database: Database, *, writing: bool = False) -> dict[str, str]:
    names = ["transaction_read_only", "transaction_isolation", "statement_timeout", "lock_timeout", "timezone"]
    names.append("application_name")
    async with database.writing(None) if writing else database.reading() as connection:
        return {name: str(await connection.scalar(text(f"SELECT current_setting('{name}')"))) for name in names}


async def test_a_read_is_read_only_in_one_snapshot_with_timeouts_of_its_own(plain: Database) -> None:
    assert await settings_of(plain) == {
        "transaction_read_only": "on",
        "transaction_isolation": "repeatable read",
        "statement_timeout": "15s",
        "lock_timeout": "10s",
        "timezone": "UTC",
        "application_name": "rundesk",
    }
    with pytest.raises(DatabaseUnavailable) as refusal:
        async with plain.reading() as connection:
            await connection.execute(text("DELETE FROM workflow_runs"))
    assert refusal.value.code == "database.standby"


async def test_a_write_commits_and_sees_what_others_commit(plain: Database) -> None:
    assert (await settings_of(plain, writing=True))["transaction_isolation"] == "read committed"
    async with plain.writing(None) as connection:
        await connection.execute(text("CREATE TABLE note (id integer)"))
    async with plain.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM note")) == 0


async def test_a_write_that_fails_leaves_nothing(plain: Database) -> None:
    async def write_and_fail() -> None:
        async with plain.writing(None) as connection:
            await connection.execute(text("CREATE TABLE note (id integer)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()
    async with plain.reading() as connection:
        assert await connection.scalar(text("SELECT to_regclass('note')")) is None


async def test_no_setting_stays_on_the_connection(database: TestDatabase) -> None:
    single = Database.open(database.url, pool_size=1)
    async with single.writing(uuid4()) as connection:
        first = await connection.scalar(text("SELECT pg_backend_pid()"))
    raw = await single._engine.connect().start()
    assert await raw.scalar(text("SELECT pg_backend_pid()")) == first
    for name, outside in {"statement_timeout": "0", "lock_timeout": "0", "app.current_tenant": ""}.items():
        assert await raw.scalar(text(f"SELECT current_setting('{name}', true)")) == outside
    assert await raw.scalar(text("SELECT current_setting('transaction_read_only')")) == "off"
    assert await raw.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
    await raw.close()
    await single.dispose()


async def test_numbers_keep_every_digit_through_the_driver(plain: Database) -> None:
    async with plain.reading() as connection:
        value = await connection.scalar(text("SELECT CAST('[12345678901234567890123, 0.10, null]' AS jsonb)"))
    assert value == [12345678901234567890123, Decimal("0.10"), None]
    assert str(value[1]) == "0.10"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
async def test_the_usual_schemes_are_accepted_and_the_password_is_never_shown(scheme: str) -> None:
    database = Database.open(f"{scheme}://user:geheim@host:5432/name")
    assert database.label == "postgresql://user:***@host:5432/name"
    assert "geheim" not in repr(database)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://user:geheim@host/db", "postgresql://u:geheim@h:port/db"])
async def test_an_address_that_is_none_is_a_configuration_error(url: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        Database.open(url)
    assert "geheim" not in str(refusal.value)


async def failure_of(url: str) -> EnvironmentFailure:
    database = Database.open(url)
    with pytest.raises(EnvironmentFailure) as failure:
        await PostgresProbe(database).ping()
    await database.dispose()
    assert "geheim" not in str(failure.value)
    assert "geheim" not in str(failure.value.__cause__)
    return failure.value


async def test_refusals_and_absence_are_told_apart(stack: Stack, database: TestDatabase) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"postgresql://user:geheim@127.0.0.1:{closed.getsockname()[1]}/name"
        assert isinstance(await failure_of(nobody), DatabaseUnavailable)
    address = database.url.rpartition("@")[2]
    for url in (f"postgresql://nobody:geheim@{address}", stack.url("no_such_database")):
        failure = await failure_of(url)
        assert isinstance(failure, DatabaseRefused)
        assert failure.code == "database.login"
    foreign = await failure_of(stack.url("postgres"))
    assert isinstance(foreign, DatabaseRefused)
    assert foreign.code == "database.schema"


@pytest.mark.parametrize(
    ("sql", "kind", "code"),
    [
        ("SELECT * FROM no_such_table", DatabaseRefused, "database.schema"),
        ("SELECT no_such_column FROM workflow_runs", DatabaseRefused, "database.schema"),
        ("SET LOCAL ROLE pg_monitor; SELECT * FROM workflow_runs", DatabaseRefused, "database.rights"),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", DatabaseUnavailable, "database.slow"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", DatabaseUnavailable, "database.stopping"),
    ],
)
async def test_driver_errors_become_the_domains(
    plain: Database, sql: str, kind: type[EnvironmentFailure], code: str
) -> None:
    with pytest.raises(kind) as failure:
        async with plain.writing(None) as connection:
            await connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    assert failure.value.code == code
    assert (await settings_of(plain))["transaction_read_only"] == "on"


async def test_an_error_of_ours_stays_what_it_is_and_hides_its_parameters(plain: Database) -> None:
    with pytest.raises(DBAPIError) as bug:
        async with plain.reading() as connection:
            await connection.execute(
                text("SELECT 1 / CAST(:zero AS integer), :secret"), {"zero": 0, "secret": "geheim"}
            )
    assert "geheim" not in str(bug.value)


async def test_a_locked_row_is_busy_not_broken(plain: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    short = database_module._LOCAL_SETTINGS.replace("lock_timeout = '10s'", "lock_timeout = '50ms'")
    monkeypatch.setattr(database_module, "_LOCAL_SETTINGS", short)
    lock = text("SELECT pg_advisory_xact_lock(42)")
    async with plain.writing(None) as holder:
        await holder.execute(lock)
        with pytest.raises(DatabaseUnavailable) as failure:
            async with plain.writing(None) as waiter:
                await waiter.execute(lock)
    assert failure.value.code == "database.busy"


async def test_a_silent_server_is_given_up(plain: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "TRANSACTION_TIMEOUT_SECONDS", 0.1)
    with pytest.raises(DatabaseUnavailable) as failure:
        async with plain.reading() as connection:
            await connection.execute(text("SELECT pg_sleep(10)"))
    assert failure.value.code == "database.slow"
    monkeypatch.undo()
    assert (await settings_of(plain))["transaction_read_only"] == "on"


async def test_a_timeout_of_the_caller_is_the_callers(plain: Database) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), plain.reading() as connection:
            await connection.execute(text("SELECT pg_sleep(10)"))
    assert (await settings_of(plain))["transaction_read_only"] == "on"


async def test_connections_gone_stale_are_replaced_without_anyone_noticing(
    plain: Database, database: TestDatabase
) -> None:
    reader = PostgresRunReader(plain)
    await asyncio.gather(*(reader.tenants() for _ in range(4)))
    with psycopg.connect(database.url, autocommit=True) as admin:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rundesk'"
        assert len(admin.execute(f"{others} AND datname = current_database()").fetchall()) >= 1
    for _ in range(6):
        assert await reader.tenants() == ()
    async with plain.writing(None) as connection:
        await connection.execute(text("CREATE TABLE note (id integer)"))


async def test_many_at_once_share_the_small_pool(plain: Database, database: TestDatabase) -> None:
    reader = PostgresRunReader(plain)
    await asyncio.gather(*(reader.tenants() for _ in range(60)))
    with psycopg.connect(database.url) as admin:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rundesk' AND datname = current_database()"
        )
        (connections,) = admin.execute(query).fetchone() or (0,)
    assert connections <= POOL_SIZE


async def test_a_cancel_while_connecting_leaves_no_connection_behind(database: TestDatabase) -> None:
    """The driver warns of a connection that nobody closed, and the server keeps it open."""
    for number in range(40):
        opened = Database.open(database.url)
        spawn = asyncio.get_running_loop().create_task
        reads = [spawn(PostgresRunReader(opened).tenants()) for _ in range(3)]
        await asyncio.sleep(number * 0.002)
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
        await opened.dispose()
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rundesk' AND datname = current_database()"
    with psycopg.connect(database.url, autocommit=True) as admin:
        async with asyncio.timeout(5):
            while (admin.execute(query).fetchone() or (1,))[0] > 0:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.02)
    gc.collect()


def busy_connections(admin: psycopg.Connection[tuple[int]]) -> int:
    """Count our connections to this database that are inside a transaction."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rundesk' AND xact_start IS NOT NULL"
    (count,) = admin.execute(f"{query} AND datname = current_database()").fetchone() or (0,)
    return count


async def test_a_canceled_caller_leaves_no_transaction_behind(plain: Database, database: TestDatabase) -> None:
    inside = asyncio.Event()

    async def slow() -> None:
        async with plain.writing(None) as connection:
            inside.set()
            await connection.execute(text("SELECT pg_sleep(30)"))

    task = asyncio.get_running_loop().create_task(slow())
    await inside.wait()
    with psycopg.connect(database.url, autocommit=True) as admin:
        assert busy_connections(admin) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert busy_connections(admin) == 0


@pytest.fixture
def cluster(tmp_path: Path) -> tuple[PostgresCluster, int]:
    """Return a server of this test alone, not started."""
    made = PostgresCluster(tmp_path / "postgres", tmp_path / "password", tmp_path / "postgres.log", durable=False)
    made.create()
    return made, free_port()


async def test_an_outage_is_said_and_ends_by_itself(cluster: tuple[PostgresCluster, int]) -> None:
    made, port = cluster
    server = made.start(port)
    admin_url = made.url(port).rpartition("/")[0] + "/postgres"
    database = Database.open(admin_url)
    try:
        assert (await settings_of(database))["transaction_read_only"] == "on"
        server.kill()
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                await settings_of(database)
        server = made.start(port)
        assert (await settings_of(database))["transaction_read_only"] == "on"
    finally:
        await database.dispose()
        server.stop()


async def test_the_probe_measures_and_tells_the_time(plain: Database) -> None:
    probe = PostgresProbe(plain)
    assert 0 < await probe.ping() < 5_000
    clock = await probe.clock()
    assert clock.utcoffset() is not None
