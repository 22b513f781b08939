"""Launches runs as the console does, signals them, and reads back what the engine projected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from app.domain.definition_hash import definition_hash
from app.postgres.database import Database
from app.postgres.projection_json import from_stored
from app.temporal import contract

Row = dict[str, Any]


async def create_tenant(database: Database) -> UUID:
    tenant = uuid4()
    async with database.writing(None) as connection:
        await connection.execute(
            text("INSERT INTO tenants (tenant, client_name, email) VALUES (:t, 'Test', 'test@example.org')"),
            {"t": tenant},
        )
    return tenant


def expression(source: str) -> dict[str, str]:
    return {"$expr": source}


def action(step_id: str, action_id: str, mapping: dict[str, Any] | None = None, **more: Any) -> Row:
    config = {"actionId": action_id, "version": 1, "inputMapping": mapping or {}}
    config |= {key: more.pop(key) for key in ("saveAs", "idempotencyKey") if key in more}
    return {"id": step_id, "type": "action.call", "config": config, **more}


def assign(step_id: str, **targets: str) -> Row:
    mapping = {key.replace("__", "."): expression(source) for key, source in targets.items()}
    return {"id": step_id, "type": "transform.assign", "config": {"assign": mapping}}


async def until(probe: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """Wait for a condition of the world and return what the probe found."""
    async with asyncio.timeout(seconds):
        while True:
            found = await probe()
            if found:
                return found
            await asyncio.sleep(0.02)


@dataclass
class Bench:
    client: Client
    database: Database
    tenant: UUID
    launched: list[UUID] = field(default_factory=list)

    async def publish(self, steps: list[Row], **more: Any) -> UUID:
        workflow_id = uuid4()
        definition = {
            "id": str(workflow_id),
            "version": 1,
            "name": "Test",
            "payloadSchemaRef": "payload.Test.v1",
            "steps": steps,
            **more,
        }
        async with self.database.writing(self.tenant) as connection:
            await connection.execute(
                text(
                    "INSERT INTO workflow_definitions (workflow_id, tenant, name, payload_schema_ref,"
                    " draft_definition, status) VALUES (:w, :t, 'Test', 'payload.Test.v1', '{}', 'published')"
                ),
                {"w": workflow_id, "t": self.tenant},
            )
            await connection.execute(
                text(
                    "INSERT INTO workflow_definition_versions (workflow_id, tenant, version, definition_json)"
                    " VALUES (:w, :t, 1, CAST(:d AS jsonb))"
                ),
                {"w": workflow_id, "t": self.tenant, "d": json.dumps(definition)},
            )
        return workflow_id

    async def launch(self, steps: list[Row], payload: Any = None, **row: Any) -> UUID:
        """Publish a definition and launch a run of it."""
        return await self.launch_workflow(await self.publish(steps), payload, **row)

    async def launch_workflow(self, workflow_id: UUID, payload: Any = None, **row: Any) -> UUID:
        run_id = await self.insert_run(workflow_id, payload, **row)
        await self.start(run_id, workflow_id)
        return run_id

    async def insert_run(self, workflow_id: UUID, payload: Any = None, **row: Any) -> UUID:
        run_id = uuid4()
        async with self.database.writing(self.tenant) as connection:
            definition = await connection.scalar(
                text("SELECT definition_json::text FROM workflow_definition_versions WHERE workflow_id = :w"),
                {"w": workflow_id},
            )
            values = {
                "run_id": run_id,
                "workflow_id": workflow_id,
                "workflow_version": 1,
                "status": "RUNNING",
                "node_path": "root.steps[0]",
                "engine": "temporal",
                "tenant": self.tenant,
                "definition_hash": definition_hash(definition),
                "runtime_semantics_version": contract.SEMANTICS_VERSION,
                **row,
            }
            names = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)
            await connection.execute(
                text(f"INSERT INTO workflow_runs ({names}, input_json) VALUES ({marks}, CAST(:input AS jsonb))"),
                {**values, "input": json.dumps({} if payload is None else payload)},
            )
        self.launched.append(run_id)
        return run_id

    async def start(
        self, run_id: UUID, workflow_id: UUID, lasting: timedelta | None = None, key: str | None = None
    ) -> None:
        key = key or f"test-{run_id}"
        argument = contract.RunInput(run_id, self.tenant, workflow_id, 1, None, key).as_argument()
        await self.client.start_workflow(
            contract.WORKFLOW_TYPE,
            argument,
            id=contract.workflow_id_of(run_id),
            task_queue=contract.TASK_QUEUE,
            execution_timeout=lasting,
        )

    def handle(self, run_id: UUID) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(contract.workflow_id_of(run_id))

    async def outcome(self, run_id: UUID, seconds: float = 60) -> str:
        """Wait until the execution has closed and return how: COMPLETED, FAILED, CANCELED, TERMINATED."""

        async def closed() -> str | None:
            description = await self.handle(run_id).describe()
            open_still = description.status in (
                WorkflowExecutionStatus.RUNNING,
                WorkflowExecutionStatus.CONTINUED_AS_NEW,
                None,
            )
            return None if open_still else description.status.name

        return await self.until(closed, seconds)

    async def finish(self, steps: list[Row], payload: Any = None, **row: Any) -> UUID:
        """Launch a run and wait until it has closed."""
        run_id = await self.launch(steps, payload, **row)
        await self.outcome(run_id)
        return run_id

    async def scopes(self, run_id: UUID) -> Row:
        return (await self.handle(run_id).result())["scopes"]

    async def until(self, probe: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
        return await until(probe, seconds)

    async def rows(self, table: str, run_id: UUID, order: str) -> list[Row]:
        async with self.database.reading() as connection:
            result = await connection.execute(
                text(f"SELECT * FROM {table} WHERE run_id = :r ORDER BY {order}"), {"r": run_id}
            )
            return [
                {key: from_stored(value) if key.endswith(("json", "payload")) else value for key, value in row.items()}
                for row in result.mappings()
            ]

    async def run(self, run_id: UUID) -> Row:
        return (await self.rows("workflow_runs", run_id, "started_at"))[0]

    async def steps(self, run_id: UUID) -> list[Row]:
        return await self.rows("workflow_run_steps", run_id, "started_at, attempt")

    async def waits(self, run_id: UUID) -> list[Row]:
        return await self.rows("workflow_run_waits", run_id, "created_at")

    async def invocations(self, run_id: UUID) -> list[Row]:
        return await self.rows("workflow_action_invocations", run_id, "created_at")

    async def logs(self, run_id: UUID) -> list[Row]:
        return await self.rows("workflow_run_logs", run_id, "created_at")

    async def tasks(self, run_id: UUID) -> list[Row]:
        async with self.database.reading() as connection:
            result = await connection.execute(
                text("SELECT * FROM workflow_tasks WHERE execution_id = :r"), {"r": run_id}
            )
            return [dict(row) for row in result.mappings()]

    async def open_wait(self, run_id: UUID) -> Row:
        """Wait until the run has a wait in status WAITING that the workflow itself reports, too."""

        async def waiting() -> Row | None:
            rows = [row for row in await self.waits(run_id) if row["status"] == "WAITING"]
            return rows[0] if rows else None

        return await self.until(waiting)

    async def open_step(self, run_id: UUID, path: str) -> Row:
        async def started() -> Row | None:
            rows = [row for row in await self.steps(run_id) if row["status"] == "STARTED" and row["step_path"] == path]
            return rows[0] if rows else None

        return await self.until(started)

    async def event(self, run_id: UUID, name: str, key: str | None, payload: Row | None = None, **more: Any) -> None:
        content = {"eventName": name, "correlationKey": key, "payload": payload or {}, **more}
        await self.handle(run_id).signal(contract.SIGNAL_EVENT, content)

    async def query(self, statement: str, **values: Any) -> list[Row]:
        async with self.database.reading() as connection:
            result = await connection.execute(text(statement), values)
            return [dict(row) for row in result.mappings()]

    async def execute(self, statement: str, **values: Any) -> None:
        async with self.database.writing(self.tenant) as connection:
            await connection.execute(text(statement), values)

    async def allow_steps(self, limit: int | None, *, used: int = 0, days: int = 20) -> None:
        """Give the tenant a period of its own, with this limit of steps, or None for any number."""
        source = "unlimited_metadata" if limit is None else "stripe_price_metadata"
        await self.execute("DELETE FROM workflow_step_usage_periods WHERE tenant = :t", t=self.tenant)
        await self.execute(
            "INSERT INTO workflow_step_usage_periods (tenant, period_start, period_end, period_source, effective_limit,"
            " used_count, limit_source, tier) VALUES (:t, now() - interval '1 day', now() + :d * interval '1 day',"
            " 'stripe_subscription', :l, :u, :s, 'pro')",
            t=self.tenant,
            d=days,
            l=limit,
            u=used,
            s=source,
        )

    async def define_task_type(self, name: str, schema: str = "{}") -> None:
        """Define a system task type whose form has this JSON schema."""
        await self.execute(
            "INSERT INTO system_workflow_form_definitions (name, json_schema) VALUES (:n, CAST(:s AS jsonb))",
            n=f"{name}-form",
            s=schema,
        )
        await self.execute(
            "INSERT INTO system_workflow_task_definitions (task_type, name, form_id) VALUES (:n, :n, :f)",
            n=name,
            f=f"{name}-form",
        )

    async def terminate_leftovers(self) -> None:
        for run_id in self.launched:
            try:
                await self.handle(run_id).terminate("test ended")
            except RPCError as error:
                # It has ended: before, meanwhile, or with its parent.
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise

    async def describe(self, run_id: UUID) -> WorkflowExecutionStatus | None:
        try:
            return (await self.handle(run_id).describe()).status
        except RPCError:
            return None
