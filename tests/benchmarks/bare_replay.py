"""A replay as bare as it can be: the contract's statements with plain psycopg, and one plain start.

What any client must do that follows the contract (runtime.md 3.2, 4.5), each statement sent by itself:

* one transaction: the source's workflow and version, without which neither lock nor version is known; the launch
  locks; gates, definition (for its hash) and the tenant's settings (its start limit) in one statement; the run, whose
  input is copied in Postgres; its "Run started";
* the start, with both timeouts;
* one transaction: the ids, two log entries, the audit row.

Nothing is checked, redacted, written down on this computer or found again after a crash; there is no timeout, and a
definition is hashed once. Same event loop, one connection for each replay under way, and nothing is prepared on the
server.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from temporalio.client import Client

from app.postgres.launch_facts import known_hash
from app.temporal.contract import (
    EXECUTION_TIMEOUT,
    RUN_TIMEOUT,
    SEMANTICS_VERSION,
    TASK_QUEUE,
    WORKFLOW_TYPE,
    RunInput,
    workflow_id_of,
)
from tests.services.batch_bench import ADMIN, BatchBench
from tests.services.doubles import TENANT

_BEGIN = "SELECT set_config('app.current_tenant', %s, true)"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), pg_advisory_xact_lock(hashtextextended(%s, 0))"
_SOURCE = "SELECT workflow_id, workflow_version FROM workflow_runs WHERE tenant = %s AND run_id = %s"
_GATES = """
    SELECT is_paused, concurrency_limit,
           (SELECT definition_json::text FROM workflow_definition_versions
               WHERE tenant = %(tenant)s AND workflow_id = %(workflow)s AND version = %(version)s),
           (SELECT settings::text FROM tenant_settings WHERE tenant = %(tenant)s),
           (SELECT count(*) FROM workflow_runs WHERE tenant = %(tenant)s AND workflow_id = %(workflow)s
               AND status IN ('RUNNING', 'WAITING')),
           (SELECT count(*) FROM workflow_runs WHERE tenant = %(tenant)s AND started_at > now() - interval '60 s')
    FROM workflow_definitions WHERE tenant = %(tenant)s AND workflow_id = %(workflow)s
"""
_INSERT = """
    INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, node_path, trigger_metadata_json,
                               trigger_mapping_applied, engine, started_at, updated_at, input_json, event_type,
                               source_payload_schema_ref, definition_hash, runtime_semantics_version)
    SELECT %(run)s, tenant, workflow_id, workflow_version, 'RUNNING', 'root.steps[0]', %(metadata)s::jsonb,
           trigger_mapping_applied, 'temporal', statement_timestamp(), statement_timestamp(), input_json, event_type,
           source_payload_schema_ref, %(hash)s, %(semantics)s
    FROM workflow_runs WHERE tenant = %(tenant)s AND run_id = %(source)s
"""
_LOG = """
    INSERT INTO workflow_run_logs (log_id, tenant, run_id, level, message, context_json, source, created_at)
    VALUES (%s, %s, %s, 'INFO', %s, %s::jsonb, 'rundesk', clock_timestamp())
"""
_IDS = """
    UPDATE workflow_runs SET temporal_workflow_id = %s, temporal_run_id = %s, updated_at = clock_timestamp()
    WHERE tenant = %s AND run_id = %s
"""
_AUDIT = """
    INSERT INTO audit_logs
        (audit_id, tenant, user_id, operation, table_name, record_id, changed_data, details, timestamp)
    VALUES (%s, %s, %s, 'workflow_run_replay', 'workflow_runs', %s, %s::jsonb, %s::jsonb, clock_timestamp())
"""


@dataclass
class BareReplays:
    """Replays with plain connections, as many as may be under way at the same time."""

    bench: BatchBench
    client: Client
    connections: asyncio.Queue[psycopg.AsyncConnection] = field(default_factory=asyncio.Queue)

    @classmethod
    async def open(cls, bench: BatchBench, parallel: int) -> BareReplays:
        client = await Client.connect(bench.stack.temporal_address, namespace=bench.stack.namespace)
        made = cls(bench, client)
        for _ in range(parallel):
            made.connections.put_nowait(await psycopg.AsyncConnection.connect(bench.url, prepare_threshold=None))
        return made

    async def close(self) -> None:
        while not self.connections.empty():
            await self.connections.get_nowait().close()

    async def replay(self, source: UUID) -> None:
        connection = await self.connections.get()
        try:
            await self._replay(connection, source, uuid4())
        finally:
            self.connections.put_nowait(connection)

    async def _replay(self, connection: psycopg.AsyncConnection, source: UUID, run: UUID) -> None:
        workflow, version = await self._admit(connection, source, run)
        argument = RunInput(run, TENANT, workflow, version, None, f"launch-{run}").as_argument()
        workflow_id = workflow_id_of(run)
        handle = await self.client.start_workflow(
            WORKFLOW_TYPE,
            argument,
            id=workflow_id,
            task_queue=TASK_QUEUE,
            execution_timeout=EXECUTION_TIMEOUT,
            run_timeout=RUN_TIMEOUT,
        )
        await self._confirm(connection, source, run, handle.first_execution_run_id)

    async def _admit(self, connection: psycopg.AsyncConnection, source: UUID, run: UUID) -> tuple[UUID, int]:
        metadata = json.dumps({"replayOfRunId": str(source), "reason": "the gateway is back"})
        async with connection.transaction():
            await connection.execute(_BEGIN, (str(TENANT),))
            workflow, version = await _row(await connection.execute(_SOURCE, (TENANT, source)))
            await connection.execute(_LOCK, (f"{TENANT}", f"{TENANT}:{workflow}"))
            named = {"tenant": TENANT, "workflow": workflow, "version": version, "run": run, "source": source}
            gates = await _row(await connection.execute(_GATES, named))
            values = {"metadata": metadata, "hash": known_hash(gates[2]), "semantics": SEMANTICS_VERSION}
            await connection.execute(_INSERT, {**named, **values})
            await connection.execute(_LOG, (uuid4(), TENANT, run, "Run started", metadata))
        return workflow, version

    async def _confirm(
        self, connection: psycopg.AsyncConnection, source: UUID, run: UUID, first_run: str | None
    ) -> None:
        context = json.dumps({"newRunId": str(run), "reason": "the gateway is back"})
        async with connection.transaction():
            await connection.execute(_BEGIN, (str(TENANT),))
            await connection.execute(_IDS, (workflow_id_of(run), first_run, TENANT, run))
            await connection.execute(_LOG, (uuid4(), TENANT, run, "Run replayed from previous run", context))
            await connection.execute(_LOG, (uuid4(), TENANT, source, "Run replay created", context))
            await connection.execute(_AUDIT, (uuid4(), TENANT, str(ADMIN), str(source), context, context))


async def _row(cursor: psycopg.AsyncCursor[tuple[Any, ...]]) -> tuple[Any, ...]:
    row = await cursor.fetchone()
    assert row is not None
    return row
