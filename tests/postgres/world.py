"""Rows for the tests of the Postgres room, inserted through the project's own tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, Table, insert, select, text, update

from app.domain.launching import LaunchOrder, NewPayload, Payload
from app.domain.operator import Operator
from app.domain.run import JsonValue, RunKey
from app.postgres.database import Database
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.postgres.tables import (
    tenant_settings,
    tenants,
    workflow_action_invocations,
    workflow_definition_versions,
    workflow_definitions,
    workflow_run_logs,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
)

DEFINITION: JsonValue = {
    "id": "11111111-1111-4111-8111-111111111111",
    "version": 1,
    "name": "Ticket triage",
    "payloadSchemaRef": "payload.Ticket.v1",
    "steps": [
        {
            "id": "look-up",
            "type": "action.call",
            "name": "Look up",
            "config": {"actionId": "tickets.get", "version": 1},
        },
        {
            "id": "choose",
            "type": "control.if",
            "condition": {"$expr": "payload.urgent"},
            "then": [
                {"id": "page", "type": "action.call", "name": "Page someone", "config": {"actionId": "n", "version": 1}}
            ],
        },
    ],
}


@dataclass(slots=True)
class World:
    """A database with two tenants that have one published workflow each."""

    database: Database
    tenant: UUID
    workflow_id: UUID
    other_tenant: UUID
    other_workflow_id: UUID

    @classmethod
    async def make(cls, database: Database) -> World:
        made = cls(database, uuid4(), uuid4(), uuid4(), uuid4())
        await made.add_tenant(made.tenant, "Alder Support")
        await made.add_workflow(made.workflow_id, made.tenant, "Ticket triage")
        await made.add_tenant(made.other_tenant, "birch Services")
        await made.add_workflow(made.other_workflow_id, made.other_tenant, "Invoice dunning")
        return made

    @property
    def reader(self) -> PostgresRunReader:
        return PostgresRunReader(self.database)

    @property
    def writer(self) -> PostgresRunWriter:
        return PostgresRunWriter(self.database)

    async def add(self, table: Table, *rows: dict[str, Any]) -> None:
        async with self.database.writing(None) as connection:
            for row in rows:
                await connection.execute(insert(table).values(row))

    async def execute(self, sql: str, **parameters: Any) -> None:
        async with self.database.writing(None) as connection:
            await connection.execute(text(sql), parameters)

    async def rows(self, table: Table, **where: Any) -> list[RowMapping]:
        async with self.database.reading() as connection:
            query = select(table).where(*(table.c[name] == value for name, value in where.items()))
            return list((await connection.execute(query)).mappings())

    async def row(self, table: Table, **where: Any) -> RowMapping:
        (found,) = await self.rows(table, **where)
        return found

    async def add_tenant(self, tenant: UUID, name: str, settings: JsonValue = None) -> None:
        await self.add(tenants, {"tenant": tenant, "client_name": name, "email": f"{tenant.hex}@example.com"})
        await self.add(tenant_settings, {"tenant": tenant, "settings": settings})

    async def set_settings(self, settings: JsonValue, tenant: UUID | None = None) -> None:
        async with self.database.writing(None) as connection:
            of_tenant = tenant_settings.c.tenant == (tenant or self.tenant)
            await connection.execute(update(tenant_settings).where(of_tenant).values(settings=settings))

    async def add_workflow(
        self, workflow_id: UUID, tenant: UUID | None, name: str, *, published: bool = True, **columns: Any
    ) -> UUID:
        await self.add(
            workflow_definitions,
            {
                "workflow_id": workflow_id,
                "tenant": tenant,
                "name": name,
                "payload_schema_ref": "payload.Ticket.v1",
                "draft_definition": DEFINITION,
                **columns,
            },
        )
        if published:
            await self.add_version(workflow_id, tenant, 1)
        return workflow_id

    async def add_version(
        self, workflow_id: UUID, tenant: UUID | None, version: int, definition: JsonValue = DEFINITION
    ) -> None:
        await self.add(
            workflow_definition_versions,
            {"workflow_id": workflow_id, "tenant": tenant, "version": version, "definition_json": definition},
        )

    async def add_run(self, *, seconds_ago: float = 0, **columns: Any) -> RunKey:
        """Insert a run; ``started_at`` and ``updated_at`` are ``seconds_ago`` unless given."""
        then = datetime.now(UTC) - timedelta(seconds=seconds_ago)
        row = {
            "run_id": uuid4(),
            "tenant": self.tenant,
            "workflow_id": self.workflow_id,
            "workflow_version": 1,
            "status": "RUNNING",
            "engine": "temporal",
            "started_at": then,
            "updated_at": then,
            **columns,
        }
        await self.add(workflow_runs, row)
        return RunKey(row["tenant"], row["run_id"])

    async def add_step(self, key: RunKey, /, **columns: Any) -> UUID:
        row = {
            "step_id": uuid4(),
            "run_id": key.run_id,
            "tenant": key.tenant,
            "step_path": "root.steps[0]",
            "definition_step_id": "look-up",
            "status": "STARTED",
            **columns,
        }
        await self.add(workflow_run_steps, row)
        return row["step_id"]

    async def add_wait(self, key: RunKey, /, **columns: Any) -> UUID:
        row = {
            "wait_id": uuid4(),
            "run_id": key.run_id,
            "tenant": key.tenant,
            "step_path": "root.steps[0]",
            "wait_type": "event",
            **columns,
        }
        await self.add(workflow_run_waits, row)
        return row["wait_id"]

    async def add_invocation(self, key: RunKey, /, **columns: Any) -> UUID:
        row = {
            "invocation_id": uuid4(),
            "run_id": key.run_id,
            "tenant": key.tenant,
            "step_path": "root.steps[0]",
            "action_id": "tickets.get",
            "action_version": 1,
            "idempotency_key": uuid4().hex,
            "status": "SUCCEEDED",
            **columns,
        }
        await self.add(workflow_action_invocations, row)
        return row["invocation_id"]

    async def add_log(self, key: RunKey, /, **columns: Any) -> None:
        row = {"run_id": key.run_id, "tenant": key.tenant, "level": "INFO", "message": "Run started", **columns}
        await self.add(workflow_run_logs, row)

    def order(self, payload: Payload | None = None, **fields: Any) -> LaunchOrder:
        """Return an order for the tenant's workflow with a new request id."""
        given = {"tenant": self.tenant, "workflow_id": self.workflow_id, "request_id": uuid4(), **fields}
        return LaunchOrder(payload=payload or NewPayload('{"ticket": 7}'), **given)

    def operator(self, **fields: Any) -> Operator:
        """Return an admin of the tenant."""
        given: dict[str, Any] = {
            "tenant": self.tenant,
            "user_id": uuid4(),
            "display_name": "Ada Admin",
            "email": "ada@example.com",
            "roles": ("Admin",),
            "rights": frozenset({"admin"}),
            **fields,
        }
        return Operator(**given)
