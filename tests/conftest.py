"""Real servers for every room's tests, and an environment in which no test can touch a developer's own data.

Fixtures:
    stack: session, real PostgreSQL and Temporal without demo data.
    database: a fresh database with the project's schema, plain shape, cloned from a template.
    citus_shape_database: the same with the keys of a hosted (Citus) installation.
    fragile_sandbox: a sandbox of the test's own, whose servers it may kill and start again.
    demo: session, a sandbox with demo data and a worker, shared: leave it as you found it.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.postgres.database import Database
from app.postgres.ddl import apply_citus_shape, create_schema
from app.sandbox.info import SandboxInfo
from app.sandbox.postgres_server import PostgresCluster
from app.sandbox.server_process import free_port
from app.sandbox.stack import Seed, ensure_sandbox
from app.sandbox.temporal_server import NAMESPACE, TemporalFiles

T = TypeVar("T")

# Tests draw without a display, also in the processes they start; the real-window test chooses its own platform.
os.environ["QT_QPA_PLATFORM"] = "offscreen"


@dataclass(frozen=True, slots=True)
class Stack:
    """Running servers: the login may create databases."""

    database_url: str
    temporal_address: str
    namespace: str

    def url(self, database: str) -> str:
        """Return the URL of another database of the same server."""
        return self.database_url.rpartition("/")[0] + f"/{database}"


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """A database of its own for one test."""

    __test__ = False

    url: str


def run_in_own_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine for a synchronous fixture, in a thread of its own so that no test's event loop is touched."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


class SandboxUnderTest:
    """A sandbox started by this process, for synchronous tests: owned by nobody's event loop."""

    def __init__(self, directory: Path, *, seed: Seed = "none", worker: bool = False) -> None:
        self.steps: list[str] = []
        self._running = run_in_own_loop(ensure_sandbox(directory, seed=seed, worker=worker, progress=self.steps.append))

    @property
    def info(self) -> SandboxInfo:
        """How to reach it."""
        return self._running.info

    def stop_server(self, name: str, *, kill: bool = False) -> None:
        """Stop ``postgres``, ``temporal`` or ``worker`` and keep it down."""
        run_in_own_loop(self._running.stop_server(name, kill=kill))

    def start_server(self, name: str) -> None:
        """Start a stopped server; it may need a moment until it answers."""
        run_in_own_loop(self._running.start_server(name))

    def stop(self) -> None:
        """Stop everything; harmless when done before."""
        run_in_own_loop(self._running.stop())


@pytest.fixture(scope="session", autouse=True)
def isolated_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point home and configuration directories into a temporary directory and forget connection settings."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
            patch.setenv(name, str(home))
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        foreign = ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "PGPASSFILE", "PGSERVICEFILE")
        for name in [*foreign, *(name for name in os.environ if name.startswith(("RUNDESK_", "WORKFLOW_RUNTIME_V2_")))]:
            patch.delenv(name, raising=False)
        yield home


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start PostgreSQL and Temporal once for the session."""
    directory = tmp_path_factory.mktemp("stack")
    cluster = PostgresCluster(
        directory / "postgres", directory / "postgres-password", directory / "postgres.log", durable=False
    )
    cluster.create()
    postgres_port, temporal_port = free_port(), free_port()
    postgres = cluster.start(postgres_port)
    temporal = TemporalFiles(directory / "temporal.db", directory / "temporal.log").start(temporal_port)
    try:
        yield Stack(cluster.url(postgres_port), f"127.0.0.1:{temporal_port}", NAMESPACE)
    finally:
        temporal.stop()
        postgres.stop()


def _template(stack: Stack, name: str, *shapes: Callable[[AsyncConnection], Awaitable[None]]) -> str:
    async def make() -> None:
        database = Database.open(stack.url(name))
        async with database.writing(None) as connection:
            for shape in shapes:
                await shape(connection)
        await database.dispose()

    with psycopg.connect(stack.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    run_in_own_loop(make())
    return name


@pytest.fixture(scope="session")
def plain_template(stack: Stack) -> str:
    """Name of a database with the project's schema, never connected to by tests."""
    return _template(stack, "template_plain", create_schema)


@pytest.fixture(scope="session")
def citus_shape_template(stack: Stack) -> str:
    """Name of a database with the keys of a hosted installation, never connected to by tests."""
    return _template(stack, "template_citus_shape", create_schema, apply_citus_shape)


def _clone(stack: Stack, template: str) -> Iterator[TestDatabase]:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(stack.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield TestDatabase(stack.url(name))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(stack: Stack, plain_template: str) -> Iterator[TestDatabase]:
    """Yield a fresh database in the plain shape."""
    yield from _clone(stack, plain_template)


@pytest.fixture
def citus_shape_database(stack: Stack, citus_shape_template: str) -> Iterator[TestDatabase]:
    """Yield a fresh database in the shape of a hosted installation."""
    yield from _clone(stack, citus_shape_template)


@pytest.fixture
def fragile_sandbox(tmp_path: Path) -> Iterator[SandboxUnderTest]:
    """Yield a sandbox with an empty schema and no worker, for tests of outages."""
    sandbox = SandboxUnderTest(tmp_path / "sandbox")
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxUnderTest]:
    """Yield a sandbox with demo data and a running worker."""
    sandbox = SandboxUnderTest(tmp_path_factory.mktemp("demo"), seed="demo", worker=True)
    yield sandbox
    sandbox.stop()
