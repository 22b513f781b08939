"""The shared fixtures give what every other room's tests build on."""

from __future__ import annotations

import psycopg
import pytest
from temporalio.client import Client

from tests.conftest import Stack, TestDatabase


def test_a_test_database_has_the_schema_and_is_empty(database: TestDatabase) -> None:
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT count(*) FROM workflow_runs").fetchone() == (0,)


def test_two_test_databases_do_not_share_rows(database: TestDatabase, citus_shape_database: TestDatabase) -> None:
    tenant = "5f0c4a57-0000-4000-8000-000000000001"
    with psycopg.connect(database.url) as one, psycopg.connect(citus_shape_database.url) as other:
        one.execute("INSERT INTO tenants (tenant, client_name, email) VALUES (%s, 'A', 'a@example.test')", (tenant,))
        one.commit()
        assert other.execute("SELECT count(*) FROM tenants").fetchone() == (0,)


@pytest.mark.asyncio
async def test_temporal_answers_on_the_default_namespace(stack: Stack) -> None:
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    assert await client.service_client.check_health()
