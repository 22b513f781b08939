"""Runs with which nothing is wrong, of every kind of wait and work, launched many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import Client

from app.domain.diagnosis.limits import DEFAULT_LIMITS, Limits
from app.engine.worker import build_worker
from app.postgres.database import Database
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.sandbox.reference_run import REFERENCE_TYPE, Behaviour
from app.sandbox.worker_process import reference
from app.services.diagnose_runs import DiagnoseRuns
from app.temporal import contract
from app.temporal.execution_reader import TemporalExecutionReader
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, Row, action, assign, create_tenant, expression

AT_ONCE = 16
HOUR_MS = 3_600_000
NAP = {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": HOUR_MS}}
SHORT_NAP = {"id": "doze", "type": "time.wait", "config": {"mode": "duration", "durationMs": 1500}}
ASK = {"id": "ask", "type": "human.task", "config": {"taskType": "t", "title": expression("'T'")}}
PATIENT_RETRY = {"maxAttempts": 9, "backoffMs": 30_000, "jitter": False}


def reply(**more: Any) -> Row:
    config = {"eventName": "REPLY", "correlationKey": expression("payload.key"), "timeoutMs": HOUR_MS, **more}
    return {"id": "reply", "type": "event.wait", "config": config}


def loop(items: int) -> Row:
    body = [assign("count", vars__count="item")]
    return {
        "id": "loop",
        "type": "control.forEach",
        "items": expression(f"[1..{items}]"),
        "itemVar": "item",
        "body": body,
    }


FILTER = {"path": "amount", "op": ">", "value": 10}
KINDS: dict[str, list[Row]] = {
    "time": [NAP],
    "event": [reply()],
    "event without end": [reply(timeoutMs=None)],
    "filtered event": [reply(filters=[FILTER])],
    "person": [ASK],
    "after a wait": [SHORT_NAP, assign("one", vars__one="1"), NAP],
    "retry": [action("boom", "demo.fail", {}, retry=PATIENT_RETRY)],
    "work": [action("slow", "demo.slow", {"ms": 240_000})],
    "long": [loop(40), NAP],
    "done": [action("echo", "demo.echo", {"value": 1})],
    "failed": [action("boom", "demo.fail", {})],
    "caught": [action("boom", "demo.fail", {}, onError={"policy": "continue"}), NAP],
    "canceled": [NAP],
    "child": [],
    "quota": [],
}
SHORT_LIVED = ("done", "failed", "canceled")


@asynccontextmanager
async def healthy_runs(stack: Stack, database: TestDatabase) -> AsyncIterator[Healthy]:
    """Yield a tenant whose runs a worker executes, the engine's and those of the product's stand-in."""
    opened = Database.open(database.url)
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    bench = Bench(client, opened, await create_tenant(opened))
    async with build_worker(client, opened, further=reference(opened)):
        yield await Healthy.prepare(bench)
        await bench.terminate_leftovers()
    await opened.dispose()


def diagnosing(stack: Stack, healthy: Healthy, limits: Limits = DEFAULT_LIMITS) -> DiagnoseRuns:
    """Return the service on these servers, which remembers nothing yet."""
    executions = TemporalExecutionReader(TemporalGateway(stack.temporal_address, stack.namespace))
    return DiagnoseRuns(PostgresDiagnosisReader(healthy.bench.database), executions, contract.TASK_QUEUE, limits)


@dataclass
class Healthy:
    """Launched runs by kind. A quota pause and a parent are executed by the stand-in of the product's worker."""

    bench: Bench
    workflows: dict[str, UUID]
    runs: dict[UUID, str]

    @classmethod
    async def prepare(cls, bench: Bench) -> Healthy:
        """Publish the workflows and give the tenant steps enough."""
        await bench.define_task_type("t")
        await bench.allow_steps(1_000_000)
        return cls(bench, {kind: await bench.publish(steps) for kind, steps in KINDS.items()}, {})

    async def launch(self, count: int) -> None:
        """Launch so many runs, the kinds in turn; those that pause on the quota last, once it is used up."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(kind: str) -> None:
            async with room:
                await self._launch(kind)

        kinds = list(islice(cycle(KINDS), count))
        await asyncio.gather(*(one(kind) for kind in kinds if kind != "quota"))
        await self.at_rest()
        await self.bench.execute(
            "UPDATE workflow_step_usage_periods SET effective_limit = used_count WHERE tenant = :t", t=self.bench.tenant
        )
        await asyncio.gather(*(one(kind) for kind in kinds if kind == "quota"))

    async def _launch(self, kind: str) -> None:
        special: dict[str, Callable[[UUID], Awaitable[UUID]]] = {"child": self._parent, "quota": self._paused}
        workflow_id = self.workflows[kind]
        if kind in special:
            run_id = await special[kind](workflow_id)
        else:
            run_id = await self.bench.launch_workflow(workflow_id, {"key": str(uuid4())})
        self.runs[run_id] = kind
        if kind == "canceled":
            await self.bench.open_wait(run_id)
            await self.bench.handle(run_id).cancel()

    async def _parent(self, workflow_id: UUID) -> UUID:
        parent = await self.bench.insert_run(workflow_id)
        child = await self.bench.insert_run(self.workflows["time"], parent_run_id=parent)
        self.runs[child] = "time"
        argument = self._argument(child, contract.WORKFLOW_TYPE)
        await self._step(parent)
        await self._start(parent, Behaviour.HAVE_CHILD, child=argument, child_type=contract.WORKFLOW_TYPE)
        return parent

    async def _paused(self, workflow_id: UUID) -> UUID:
        run_id = await self.bench.insert_run(workflow_id, status="WAITING")
        await self.bench.execute(
            "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, timeout_at)"
            " VALUES (:r, :t, 'root.steps[0]', 'quota', :b)",
            r=run_id,
            t=self.bench.tenant,
            b=datetime.now(UTC) + timedelta(days=20),
        )
        await self._start(run_id, Behaviour.PAUSE)
        return run_id

    async def _step(self, run_id: UUID) -> None:
        await self.bench.execute(
            "INSERT INTO workflow_run_steps (run_id, tenant, step_path, definition_step_id, status)"
            " VALUES (:r, :t, 'root.steps[0]', 'call', 'STARTED')",
            r=run_id,
            t=self.bench.tenant,
        )

    async def _start(self, run_id: UUID, behaviour: Behaviour, **more: Any) -> None:
        await self.bench.client.start_workflow(
            REFERENCE_TYPE,
            {**self._argument(run_id, behaviour), **more},
            id=contract.workflow_id_of(run_id),
            task_queue=contract.TASK_QUEUE,
            execution_timeout=contract.EXECUTION_TIMEOUT,
        )

    def _argument(self, run_id: UUID, behaviour: str) -> Row:
        run = contract.RunInput(run_id, self.bench.tenant, self.workflows["time"], 1, None, str(run_id))
        return run.as_argument() | {"behaviour": behaviour}

    async def at_rest(self) -> None:
        """Return when every run waits, works, lies between two attempts, or has ended."""
        for run_id in self.runs:
            await self.bench.until(lambda run_id=run_id: self._rests(run_id), 120)

    async def _rests(self, run_id: UUID) -> bool:
        kind = self.runs[run_id]
        if kind in SHORT_LIVED:
            return (await self.bench.run(run_id))["completed_at"] is not None
        if kind == "child":
            return True
        if kind in ("retry", "work"):
            wanted = "FAILED" if kind == "retry" else "STARTED"
            return any(row["status"] == wanted for row in await self.bench.invocations(run_id))
        return any(row["status"] == "WAITING" for row in await self.bench.waits(run_id))
