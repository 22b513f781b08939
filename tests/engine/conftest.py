"""A running worker on a fresh database, and a bench that launches runs as the console does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.client import Client

from app.engine.secrets import EnvironmentSecrets
from app.engine.worker import build_worker
from app.postgres.database import Database
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, create_tenant

SECRETS = EnvironmentSecrets({"RUNDESK_SECRET_API_KEY": "s3cr3t-value-42"})


@pytest_asyncio.fixture
async def idle_bench(stack: Stack, database: TestDatabase) -> AsyncIterator[Bench]:
    """Return a bench without a worker."""
    opened = Database.open(database.url)
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    bench = Bench(client, opened, await create_tenant(opened))
    await bench.allow_steps(None)
    yield bench
    await bench.terminate_leftovers()
    await opened.dispose()


@pytest_asyncio.fixture
async def bench(idle_bench: Bench) -> AsyncIterator[Bench]:
    """Return a bench whose runs a worker executes."""
    async with build_worker(idle_bench.client, idle_bench.database, secrets=SECRETS):
        yield idle_bench
        await idle_bench.terminate_leftovers()
