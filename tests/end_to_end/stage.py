"""The world outside the window: two real servers, a tenant with people, workflows, and questions in SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb
from temporalio.client import Client
from temporalio.service import RPCError

from app.bootstrap.connection import Connection, of_sandbox
from app.bootstrap.services import open_console
from app.cli.rooms import ConnectionFlags
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.tables import metadata
from app.sandbox.guardian import WORKER
from app.sandbox.seed_definitions import definition_rows
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT
from app.sandbox.seed_people import people_rows
from app.sandbox.seed_steps import Json
from app.services.start_run import StartCommand
from app.temporal.contract import workflow_id_of
from tests.conftest import SandboxUnderTest, run_in_own_loop

_SECONDS = 60.0


class Stage:
    """A sandbox with the demo's people and workflows, without runs and, until one is started, without a worker."""

    def __init__(self, sandbox: SandboxUnderTest) -> None:
        self._sandbox = sandbox
        self.connection: Connection = of_sandbox(
            replace(sandbox.info, tenant=str(TENANT), operator=OPERATOR_EMAIL), ConnectionFlags(), {}
        )
        run_in_own_loop(_furnish(self.connection.database_url))

    def start(self, server: str) -> None:
        """Start ``postgres``, ``temporal`` or ``worker``; return when Postgres answers, else at once."""
        self._sandbox.start_server(server)
        if server == "postgres":
            run_in_own_loop(_until_answers(self.connection.database_url))

    def kill(self, server: str) -> None:
        """End a server by SIGKILL and keep it down."""
        self._sandbox.stop_server(server, kill=True)

    def stop(self, server: str) -> None:
        """Stop a server in order and keep it down."""
        self._sandbox.stop_server(server)

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Have the right worker run, in a process of its own."""
        self.start(WORKER)
        try:
            yield
        finally:
            self.stop(WORKER)

    def ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of one query or the RETURNING of one change."""
        with psycopg.connect(self.connection.database_url, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, **parameters: Any) -> Any:
        """Return the single value of a query."""
        ((value,),) = self.ask(sql, **parameters)
        return value

    def replays_of(self, source: UUID) -> list[UUID]:
        """Return the runs that name this run as their source, oldest first."""
        sql = (
            "SELECT run_id FROM workflow_runs WHERE trigger_metadata_json->>'replayOfRunId' = %(source)s"
            " ORDER BY started_at"
        )
        return [run_id for (run_id,) in self.ask(sql, source=str(source))]

    def status(self, run_id: UUID) -> str:
        """Return the stored status of a run."""
        return str(self.one("SELECT status FROM workflow_runs WHERE run_id = %(run)s", run=run_id))

    def executions(self, run_id: UUID) -> int:
        """Return how many executions Temporal ever had under the run's workflow id."""
        return run_in_own_loop(_count_executions(self.connection, run_id))

    def publish(self, name: str, steps: list[Json]) -> UUID:
        """Publish a workflow."""
        workflow_id = uuid4()
        definition = {
            "id": str(workflow_id), "version": 1, "name": name, "payloadSchemaRef": "payload.Any.v1", "steps": steps
        }  # fmt: skip
        self.ask(
            "INSERT INTO workflow_definitions (workflow_id, tenant, name, payload_schema_ref, draft_definition, status)"
            " VALUES (%(id)s, %(tenant)s, %(name)s, 'payload.Any.v1', %(definition)s, 'published')",
            id=workflow_id, tenant=TENANT, name=name, definition=Jsonb(definition),
        )  # fmt: skip
        self.ask(
            "INSERT INTO workflow_definition_versions (workflow_id, tenant, version, definition_json)"
            " VALUES (%(id)s, %(tenant)s, 1, %(definition)s)",
            id=workflow_id, tenant=TENANT, definition=Jsonb(definition),
        )  # fmt: skip
        return workflow_id

    def run_to_its_end(self, workflow_id: UUID, payload: str) -> UUID:
        """Start a run as the console does and wait until it has ended; a worker must be polling."""
        return run_in_own_loop(_run_to_its_end(self.connection, workflow_id, payload))


async def _furnish(url: str) -> None:
    database = Database.open(url)
    try:
        async with database.writing(TENANT) as connection:
            for batch in (*people_rows(), *definition_rows()):
                await connection.execute(metadata.tables[batch.table].insert(), batch.rows)
    finally:
        await database.dispose()


async def _until_answers(url: str) -> None:
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                await (await psycopg.AsyncConnection.connect(url)).close()
            except psycopg.OperationalError:
                await asyncio.sleep(0.05)
            else:
                return


async def _run_to_its_end(connection: Connection, workflow_id: UUID, payload: str) -> UUID:
    async with open_console(connection) as console:
        operator = await console.operators.find(TENANT, OPERATOR_EMAIL)
        outcome = await console.start.start(StartCommand(TENANT, workflow_id, payload, operator, uuid4()))
        row = await console.replay.follow(RunKey(TENANT, outcome.run.run_id), _SECONDS)
        assert row.completed_at is not None, f"the run is still {row.status}"
        return row.key.run_id


async def _count_executions(connection: Connection, run_id: UUID) -> int:
    """Count in the visibility store, which a server that has just come up may fill a moment later."""
    query = f"WorkflowId = '{workflow_id_of(run_id)}'"
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                client = await Client.connect(connection.temporal_address, namespace=connection.namespace)
                count = (await client.count_workflows(query)).count
            except (RPCError, RuntimeError):
                count = 0
            if count:
                return count
            await asyncio.sleep(0.1)
