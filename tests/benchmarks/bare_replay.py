"""A replay as bare as it can be: the contract's statements with plain psycopg, and one plain start.

The same rows come about (run, three log entries, ids, audit), behind the same locks and gates, and nothing is looked
at, checked, redacted or remembered beyond that.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import psycopg
from temporalio.client import Client

from app.temporal.contract import RUN_TIMEOUT, TASK_QUEUE, WORKFLOW_TYPE, RunInput, workflow_id_of
from tests.services.batch_bench import ADMIN, BatchBench
from tests.services.doubles import TENANT

_BEGIN = "SELECT set_config('app.current_tenant', %s, true)"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), pg_advisory_xact_lock(hashtextextended(%s, 0))"
_GATES = """
    SELECT is_paused, concurrency_limit,
           (SELECT count(*) FROM workflow_runs WHERE tenant = %(tenant)s AND workflow_id = %(workflow)s
               AND status IN ('RUNNING', 'WAITING')),
           (SELECT count(*) FROM workflow_runs WHERE tenant = %(tenant)s AND started_at > now() - interval '60 s')
    FROM workflow_definitions WHERE tenant = %(tenant)s AND workflow_id = %(workflow)s
"""
_INSERT = """
    INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, node_path, trigger_metadata_json,
                               trigger_mapping_applied, engine, started_at, updated_at, input_json)
    SELECT %(run)s, tenant, workflow_id, workflow_version, 'RUNNING', 'root.steps[0]', %(metadata)s::jsonb, false,
           'temporal', statement_timestamp(), statement_timestamp(), input_json
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
        await self._admit(connection, source, run)
        argument = RunInput(run, TENANT, self.bench.workflow_id, 1, None, f"launch-{run}").as_argument()
        workflow_id = workflow_id_of(run)
        handle = await self.client.start_workflow(
            WORKFLOW_TYPE, argument, id=workflow_id, task_queue=TASK_QUEUE, run_timeout=RUN_TIMEOUT
        )
        await self._confirm(connection, source, run, handle.first_execution_run_id)

    async def _admit(self, connection: psycopg.AsyncConnection, source: UUID, run: UUID) -> None:
        named = {"tenant": TENANT, "workflow": self.bench.workflow_id, "run": run, "source": source}
        metadata = json.dumps({"replayOfRunId": str(source), "reason": "the gateway is back"})
        async with connection.transaction():
            await connection.execute(_BEGIN, (str(TENANT),))
            await connection.execute(_LOCK, (f"{TENANT}", f"{TENANT}:{self.bench.workflow_id}"))
            await (await connection.execute(_GATES, named)).fetchone()
            await connection.execute(_INSERT, {**named, "metadata": metadata})
            await connection.execute(_LOG, (uuid4(), TENANT, run, "Run started", metadata))

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
