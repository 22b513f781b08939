"""A run of ten steps as an engineer would write it by hand: one Temporal workflow, no definition, plain SQL.

The same rows and activities as the engine's run of the same ten steps: projections as local activities, each one
transaction of the contract's statements, which travel together, with plain psycopg on a few kept connections; actions
as activities of their own with their invocation row. Nothing is interpreted, evaluated, resolved, redacted, continued
as new or cleaned up.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from temporalio import activity, workflow

from app.temporal.contract import ACTIVITY_TIMEOUT

TASK_QUEUE = "bare-runs"
CONNECTIONS = 8
STEPS = 10

_LOAD = """
    SELECT runs.status, runs.input_json, runs.definition_hash, versions.definition_json::text
    FROM workflow_runs AS runs JOIN workflow_definition_versions AS versions
      ON versions.tenant = runs.tenant AND versions.workflow_id = runs.workflow_id
     AND versions.version = runs.workflow_version
    WHERE runs.tenant = %(tenant)s AND runs.run_id = %(run)s
"""
_ADOPT = """
    UPDATE workflow_runs SET runtime_semantics_version = 'bare', updated_at = now()
    WHERE tenant = %(tenant)s AND run_id = %(run)s AND completed_at IS NULL
"""
_START = """
    INSERT INTO workflow_run_steps (step_id, tenant, run_id, step_path, definition_step_id, status, attempt)
    VALUES (%(step)s, %(tenant)s, %(run)s, %(path)s, %(path)s, 'STARTED',
            (SELECT coalesce(max(attempt), 0) + 1 FROM workflow_run_steps
             WHERE tenant = %(tenant)s AND run_id = %(run)s AND step_path = %(path)s))
    ON CONFLICT DO NOTHING
"""
_COUNT = """
    INSERT INTO workflow_step_usage_periods (tenant, period_start, period_end, period_source, used_count, limit_source,
                                             tier)
    VALUES (%(tenant)s, date_trunc('month', now()), date_trunc('month', now()) + interval '1 month',
            'fallback_calendar', 1, 'unlimited_metadata', 'pro')
    ON CONFLICT (tenant, period_start, period_end)
    DO UPDATE SET used_count = workflow_step_usage_periods.used_count + 1, updated_at = now()
    WHERE workflow_step_usage_periods.effective_limit IS NULL
       OR workflow_step_usage_periods.used_count < workflow_step_usage_periods.effective_limit
    RETURNING used_count
"""
_MOVE = """
    UPDATE workflow_runs SET node_path = %(path)s, status = 'RUNNING', error_json = NULL, updated_at = now()
    WHERE tenant = %(tenant)s AND run_id = %(run)s AND completed_at IS NULL
"""
_FINISH = """
    UPDATE workflow_run_steps SET status = 'SUCCEEDED', completed_at = now(),
           duration_ms = extract(epoch FROM now() - started_at) * 1000
    WHERE tenant = %(tenant)s AND run_id = %(run)s AND step_id = %(step)s AND completed_at IS NULL
"""
_TOUCH = """
    UPDATE workflow_runs SET updated_at = now()
    WHERE tenant = %(tenant)s AND run_id = %(run)s AND completed_at IS NULL
"""
_INVOKE = """
    INSERT INTO workflow_action_invocations (invocation_id, tenant, run_id, step_path, action_id, action_version,
                                             idempotency_key, status, attempt, input_json, started_at)
    VALUES (%(invocation)s, %(tenant)s, %(run)s, %(path)s, 'demo.echo', 1, %(key)s, 'STARTED', 1, %(input)s, now())
    ON CONFLICT DO NOTHING RETURNING invocation_id
"""
_INVOKED = """
    UPDATE workflow_action_invocations SET status = 'SUCCEEDED', output_json = %(output)s, completed_at = now()
    WHERE tenant = %(tenant)s AND invocation_id = %(invocation)s AND status = 'STARTED'
"""
_END = """
    UPDATE workflow_runs SET status = 'SUCCEEDED', node_path = NULL, completed_at = now(), error_json = NULL,
           updated_at = now()
    WHERE tenant = %(tenant)s AND run_id = %(run)s AND completed_at IS NULL
"""


class BareActivities:
    """The projections and the action, on kept connections."""

    def __init__(self, connections: asyncio.Queue[psycopg.AsyncConnection]) -> None:
        self._connections = connections

    def all(self) -> list[Callable[..., Any]]:
        return [self.load, self.start, self.finish, self.act, self.end]

    @activity.defn(name="bareLoad")
    async def load(self, run: dict[str, str]) -> Any:
        async with self._connection() as connection:
            row = await (await connection.execute(_LOAD, run)).fetchone()
            await connection.execute(_ADOPT, run)
        assert row is not None
        return {"payload": row[1], "definition": json.loads(row[3])}

    @activity.defn(name="bareStart")
    async def start(self, step: dict[str, str]) -> None:
        async with self._connection() as connection:
            for statement in (_START, _MOVE, _COUNT):
                await connection.execute(statement, step)

    @activity.defn(name="bareFinish")
    async def finish(self, step: dict[str, str]) -> None:
        async with self._connection() as connection:
            for statement in (_FINISH, _TOUCH):
                await connection.execute(statement, step)

    @activity.defn(name="bareAct")
    async def act(self, step: dict[str, Any]) -> Any:
        key = f"{step['tenant']}:{step['run']}:{step['path']}"
        invocation = {**step, "invocation": uuid4(), "key": key, "input": json.dumps({"value": step["value"]})}
        async with self._connection() as connection:
            await connection.execute(_INVOKE, invocation)
        output = step["value"]
        async with self._connection() as connection:
            await connection.execute(_INVOKED, {**invocation, "output": json.dumps(output)})
        return output

    @activity.defn(name="bareEnd")
    async def end(self, run: dict[str, str]) -> None:
        async with self._connection() as connection:
            await connection.execute(_END, run)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection]:
        """Lend a connection for one transaction, whose statements travel together."""
        connection = await self._connections.get()
        try:
            async with connection.pipeline(), connection.transaction():
                yield connection
        finally:
            self._connections.put_nowait(connection)


@workflow.defn(name="bareRun")
class BareRun:
    """Ten steps in turns: a value is put, an action is called with it."""

    @workflow.run
    async def run(self, run: dict[str, str]) -> dict[str, Any]:
        await _project("bareLoad", run)
        variables: dict[str, Any] = {}
        for number in range(STEPS):
            step = {**run, "step": str(workflow.uuid4()), "path": f"root.steps[{number}]"}
            await _project("bareStart", step)
            if number % 2 == 0:
                variables["n"] = number
            else:
                variables["out"] = await workflow.execute_activity(
                    "bareAct", {**step, "value": variables["n"]}, start_to_close_timeout=ACTIVITY_TIMEOUT
                )
            await _project("bareFinish", step)
        await _project("bareEnd", run)
        return variables


async def _project(name: str, argument: Any) -> Any:
    return await workflow.execute_local_activity(name, argument, start_to_close_timeout=timedelta(seconds=90))


@asynccontextmanager
async def bare_activities(database_url: str) -> AsyncIterator[BareActivities]:
    """Open the connections for as long as the activities are served."""
    kept = [await psycopg.AsyncConnection.connect(database_url, autocommit=True) for _ in range(CONNECTIONS)]
    queue: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
    for connection in kept:
        queue.put_nowait(connection)
    try:
        yield BareActivities(queue)
    finally:
        for connection in kept:
            await connection.close()


def argument_of(tenant: UUID, run_id: UUID) -> dict[str, str]:
    return {"tenant": str(tenant), "run": str(run_id)}
