"""A tenant with one published workflow in a real database."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.conftest import TestDatabase
from tests.services.doubles import TENANT

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
