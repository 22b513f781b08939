"""A tenant with failed runs on real servers, and consoles that run batches on them with journals of their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from app.bootstrap.services import wire
from app.domain.batch import BatchAction, BatchOrder, BatchScope, BatchSettings
from app.domain.operator import Operator
from app.local.batch_journal import SqliteBatchJournal
from app.local.place import Place
from app.postgres.database import Database
from app.services.console import Console
from app.services.intent_ports import IntentJournal
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.doubles import TENANT

DEFINITION = '{"id": "w", "version": 1, "name": "Dunning", "payloadSchemaRef": "payload.Empty.v1", "steps": []}'
ADMIN = UUID("22222222-2222-4222-8222-222222222222")


@dataclass(frozen=True)
class BatchBench:
    """The servers, the tenant's one workflow, and its administrator."""

    stack: Stack
    url: str
    workflow_id: UUID

    @classmethod
    def make(cls, stack: Stack, url: str, *, starts_per_minute: int = 100_000) -> BatchBench:
        """Insert tenant, administrator, workflow and the start limit."""
        made = cls(stack, url, uuid4())
        with psycopg.connect(url, autocommit=True) as connection:
            _insert_tenant(connection, made.workflow_id)
            _insert_admin(connection)
        made.limit_starts(starts_per_minute)
        return made

    @property
    def flags(self) -> tuple[str, ...]:
        """The command line's way here."""
        address = ("--database-url", self.url, "--temporal-address", self.stack.temporal_address)
        return (*address, "--temporal-namespace", self.stack.namespace, "--operator", str(ADMIN))

    def limit_starts(self, per_minute: int) -> None:
        settings = json.dumps({"rundesk": {"startsPerMinute": per_minute}})
        self.execute("DELETE FROM tenant_settings WHERE tenant = %s", TENANT)
        self.execute("INSERT INTO tenant_settings (tenant, settings) VALUES (%s, %s)", TENANT, settings)

    def add_runs(
        self, count: int, *, status: str = "FAILED", payload: str = '{"n": 1.10}', **columns: object
    ) -> list[UUID]:
        """Insert runs that started hours ago and, unless active, have ended; return their ids, oldest first."""
        run_ids = [uuid4() for _ in range(count)]
        row = {"workflow_id": self.workflow_id, "workflow_version": 1, "tenant": TENANT, **columns}
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        ended = "NULL" if status in {"RUNNING", "WAITING"} else "now() - interval '2 hours'"
        statement = (
            "INSERT INTO workflow_runs"
            f" (run_id, status, input_json, started_at, engine, updated_at, completed_at, {names})"
            " VALUES (%s, %s, %s, now() - interval '3 hours' + %s * interval '1 ms', 'temporal', now(),"
            f" {ended}, {marks})"
        )
        with psycopg.connect(self.url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.executemany(
                statement,
                [(run_id, status, payload, number, *row.values()) for number, run_id in enumerate(run_ids)],
            )
        return run_ids

    def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(query, values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement, values)

    def replays(self) -> list[dict[str, object]]:
        """Every replay with its source."""
        return self.rows(
            "SELECT run_id, status, temporal_run_id, trigger_metadata_json->>'replayOfRunId' AS source"
            " FROM workflow_runs WHERE trigger_metadata_json->>'replayOfRunId' IS NOT NULL"
        )

    @asynccontextmanager
    async def console(self, directory: Path, intents: IntentJournal | None = None) -> AsyncIterator[Console]:
        """Open a console of its own, whose journal is in this directory, with notes of single acts if wanted."""
        database = Database.open(self.url)
        gateway = TemporalGateway(self.stack.temporal_address, self.stack.namespace)
        place = Place.of(database.label, self.stack.temporal_address, self.stack.namespace)
        journal = SqliteBatchJournal(directory, place)
        try:
            yield wire(database, gateway, journal=journal, intents=intents)
        finally:
            await journal.close()
            await gateway.close()
            await database.dispose()


async def admin_of(console: Console) -> Operator:
    return await console.operators.find(TENANT, str(ADMIN))


def order(
    run_ids: Iterable[UUID] | None = None,
    action: BatchAction = BatchAction.REPLAY,
    *,
    settings: BatchSettings | None = None,
    **changes: object,
) -> BatchOrder:
    scope = BatchScope(TENANT, None if run_ids is None else tuple(run_ids))
    given = {"batch_id": uuid4(), "scope": scope, "name": "INC-7 gateway down", "reason": "the gateway is back"}
    return BatchOrder(**{**given, "action": action, "settings": settings or BatchSettings(), **changes})


def _insert_tenant(connection: psycopg.Connection, workflow_id: UUID) -> None:
    connection.execute(
        "INSERT INTO tenants (tenant, client_name, email) VALUES (%s, 'Emerald City', 'oz@example.com')", (TENANT,)
    )
    connection.execute(
        "INSERT INTO workflow_definitions (workflow_id, tenant, name, payload_schema_ref, draft_definition, status)"
        " VALUES (%s, %s, 'Dunning', 'payload.Empty.v1', %s, 'published')",
        (workflow_id, TENANT, DEFINITION),
    )
    connection.execute(
        "INSERT INTO workflow_definition_versions (workflow_id, tenant, version, definition_json)"
        " VALUES (%s, %s, 1, %s)",
        (workflow_id, TENANT, DEFINITION),
    )


def _insert_admin(connection: psycopg.Connection) -> None:
    role, permission = uuid4(), uuid4()
    connection.execute(
        "INSERT INTO users"
        " (user_id, tenant, username, hashed_password, first_name, last_name, email, user_type, is_inactive)"
        " VALUES (%s, %s, 'glinda', '', 'Glinda', 'South', 'glinda@example.com', 'internal', false)",
        (ADMIN, TENANT),
    )
    connection.execute(
        "INSERT INTO roles (role_id, tenant, role_name, msp) VALUES (%s, %s, 'Admin', true)", (role, TENANT)
    )
    connection.execute("INSERT INTO user_roles (user_id, role_id, tenant) VALUES (%s, %s, %s)", (ADMIN, role, TENANT))
    connection.execute(
        "INSERT INTO permissions (permission_id, tenant, resource, action, msp)"
        " VALUES (%s, %s, 'workflow', 'admin', true)",
        (permission, TENANT),
    )
    connection.execute(
        "INSERT INTO role_permissions (role_id, permission_id, tenant) VALUES (%s, %s, %s)", (role, permission, TENANT)
    )
