"""A tenant with one published workflow in a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from psycopg.rows import dict_row
from temporalio.client import Client

from app.bootstrap.services import wire
from app.engine.secrets import EnvironmentSecrets
from app.engine.worker import build_worker
from app.postgres.database import Database
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, create_tenant
from tests.services.doubles import TENANT
from tests.services.rescue import Rescue, add_admin, flags_of

DEFINITION = '{"id": "w", "version": 1, "name": "Dunning", "payloadSchemaRef": "payload.Empty.v1", "steps": []}'


@dataclass(frozen=True)
class Seeded:
    """A database holding one workflow."""

    url: str
    workflow_id: UUID

    def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        """Return what a query of the truth answers, past every proxy."""
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(query, values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement, values)


@pytest.fixture
def seeded(database: TestDatabase) -> Seeded:
    made = Seeded(database.url, uuid4())
    made.execute(
        "INSERT INTO tenants (tenant, client_name, email) VALUES (%s, 'Emerald City', 'oz@example.com')", TENANT
    )
    made.execute(
        "INSERT INTO workflow_definitions (workflow_id, tenant, name, payload_schema_ref, draft_definition, status)"
        " VALUES (%s, %s, 'Dunning', 'payload.Empty.v1', %s, 'published')",
        made.workflow_id,
        TENANT,
        DEFINITION,
    )
    made.execute(
        "INSERT INTO workflow_definition_versions (workflow_id, tenant, version, definition_json)"
        " VALUES (%s, %s, 1, %s)",
        made.workflow_id,
        TENANT,
        DEFINITION,
    )
    return made


@pytest_asyncio.fixture
async def rescue(stack: Stack, database: TestDatabase) -> AsyncIterator[Rescue]:
    """Yield a console on real servers without a worker."""
    opened = Database.open(database.url)
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    gateway = TemporalGateway(stack.temporal_address, stack.namespace)
    bench = Bench(client, opened, await create_tenant(opened))
    operator = await add_admin(opened, bench.tenant)
    yield Rescue(bench, gateway, wire(opened, gateway), operator, flags_of(stack, database))
    await bench.terminate_leftovers()
    await gateway.close()
    await opened.dispose()


@pytest_asyncio.fixture
async def engine(rescue: Rescue) -> AsyncIterator[None]:
    """Let a worker of ours execute what the console starts."""
    async with build_worker(rescue.bench.client, rescue.bench.database, secrets=EnvironmentSecrets({})):
        yield
        await rescue.bench.terminate_leftovers()
