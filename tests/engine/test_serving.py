"""The worker process: what it waits for, whom it gives way to, what it says of itself, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest, RespondWorkflowTaskCompletedRequest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from app.domain.errors import ActionRefused, Misconfigured
from app.engine.serving import Servers, run_worker
from app.engine.worker import IDENTITY_PREFIX, build_worker, worker_identity
from app.engine.worker_options import HealthAddress, WorkerOptions
from app.postgres.database import Database
from app.temporal import contract
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, action, create_tenant, expression, until
from tests.engine.own_namespace import new_namespace
from tests.temporal.breakable_proxy import breakable_proxy

pytestmark = pytest.mark.asyncio

FOREIGN = "1@product-worker"
QUICK = WorkerOptions(health=HealthAddress(port=0), watch_interval=timedelta(milliseconds=200))


@pytest_asyncio.fixture
async def alone(stack: Stack, database: TestDatabase) -> AsyncIterator[Bench]:
    """Return a bench on a namespace where nobody polls."""
    opened = Database.open(database.url)
    client = await new_namespace(stack.temporal_address)
    bench = Bench(client, opened, await create_tenant(opened))
    yield bench
    await bench.terminate_leftovers()
    await opened.dispose()


@dataclass
class Process:
    """A worker process inside the test's own."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[str] = field(default_factory=list)
    ended: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def get(self, path: str = "/readyz", method: str = "GET") -> tuple[int, dict[str, Any]]:
        """Ask the readiness endpoint; returns status and document."""
        host, _, port = self._address().partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), json.loads(body)

    def _address(self) -> str:
        (told,) = [line for line in self.told if "readiness" in line]
        return told.rpartition("http://")[2].removesuffix("/readyz")

    async def until_ready(self) -> dict[str, Any]:
        async def ready() -> dict[str, Any] | None:
            if not any("readiness" in line for line in self.told):
                return None
            status, document = await self.get()
            return document if status == 200 else None

        return await until(ready, 60)


@asynccontextmanager
async def process(url: str, address: str, namespace: str, options: WorkerOptions = QUICK) -> AsyncIterator[Process]:
    running = Process()

    async def run() -> None:
        try:
            await run_worker(Servers(url, address, namespace), running.stop, options, tell=running.told.append)
        except Exception as error:  # noqa: BLE001 - what ends it is what is asked
            running.ended.set_exception(error)
        else:
            running.ended.set_result(None)

    async with asyncio.TaskGroup() as group:
        group.create_task(run())
        yield running
        running.stop.set()
    with contextlib.suppress(ActionRefused):
        await running.ended


@workflow.defn(name=contract.WORKFLOW_TYPE)
class Stranger:
    """A run that another kind of worker executes."""

    @workflow.run
    async def run(self, _argument: dict[str, Any]) -> None:
        await workflow.wait_condition(lambda: False)


def foreign_worker(client: Client) -> Worker:
    return Worker(
        client,
        task_queue=contract.TASK_QUEUE,
        workflows=[Stranger],
        workflow_runner=UnsandboxedWorkflowRunner(),
        identity=FOREIGN,
    )


@pytest.mark.parametrize("missing", ["Postgres", "Temporal"])
async def test_it_waits_for_a_server_that_is_down_and_is_not_ready(
    stack: Stack, database: TestDatabase, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    nowhere = "127.0.0.1:1"
    url = f"postgresql://nobody:secret-word@{nowhere}/x" if missing == "Postgres" else database.url
    address = nowhere if missing == "Temporal" else stack.temporal_address

    async def warned() -> bool:
        return any(f"{missing} (" in record.getMessage() for record in caplog.records)

    with caplog.at_level(logging.WARNING, logger="app.engine.serving"):
        async with process(url, address, stack.namespace) as worker:
            await until(warned, 20)
            status, document = await worker.get()
            assert (status, document["ready"], document["workers"]) == (503, False, {"temporal": False})
    assert "secret-word" not in caplog.text


async def test_readiness_follows_what_really_works(
    stack: Stack, database: TestDatabase, alone: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """F46: in the reference the flags never turn red."""
    host, _, port = stack.temporal_address.partition(":")
    async with (
        breakable_proxy(host, int(port)) as proxy,
        process(database.url, proxy.address, alone.client.namespace) as worker,
    ):
        document = await worker.until_ready()
        assert document.keys() == {"ready", "started_at", "workers"}
        assert document["workers"] == {"temporal": True, "data_store_sweep": True, "quota_scan": True}
        assert any(contract.TASK_QUEUE in line and worker_identity() in line for line in worker.told)
        with caplog.at_level(logging.INFO, logger="app.engine.run_log"):
            run_id = await alone.finish([action("up", "transform.uppercase", {"text": "x"})])
        assert next(line.split(":")[0] for line in caplog.messages if str(run_id) in line) == f"Run {run_id} starts"
        assert [line for line in caplog.messages if f"Run {run_id} ends: SUCCEEDED" in line]
        for path, method, code in (("/health", "GET", 200), ("/livez", "POST", 405), ("/else", "GET", 404)):
            status, said = await worker.get(path, method)
            assert status == code
            assert ("passes" in said) is (path == "/health")

        async def is_red() -> bool:
            status, document = await worker.get()
            return (status, document["workers"]["temporal"]) == (503, False)

        proxy.close()
        await until(is_red, 60)
        proxy.restore()
        await worker.until_ready()


async def test_an_address_in_use_is_said(stack: Stack, database: TestDatabase) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as taken:
        port = taken.sockets[0].getsockname()[1]
        options = WorkerOptions(health=HealthAddress(port=port))
        servers = Servers(database.url, stack.temporal_address, stack.namespace)
        with pytest.raises(Misconfigured, match="--health-port"):
            await run_worker(servers, asyncio.Event(), options)


async def test_it_gives_way_to_a_foreign_worker(stack: Stack, database: TestDatabase, alone: Bench) -> None:
    """One that polls before keeps it from its first poll, one that comes later ends it; both are named."""
    namespace = alone.client.namespace
    async with process(database.url, stack.temporal_address, namespace) as worker:
        await worker.until_ready()
        async with foreign_worker(alone.client):
            with pytest.raises(ActionRefused) as later:
                await asyncio.wait_for(worker.ended, 60)
    assert (later.value.code, later.value.params["identity"]) == ("worker.foreign_worker", FOREIGN)
    async with process(database.url, stack.temporal_address, namespace) as worker:
        with pytest.raises(ActionRefused, match=FOREIGN):
            await asyncio.wait_for(worker.ended, 60)
        assert not any("polls" in line for line in worker.told)


async def test_it_leaves_open_executions_of_a_foreign_worker_alone(
    stack: Stack, database: TestDatabase, alone: Bench
) -> None:
    """Nobody polls any more; whose history it is, the last completed workflow task says."""
    own = await alone.client.start_workflow(
        contract.WORKFLOW_TYPE, {}, id=f"{contract.WORKFLOW_ID_PREFIX}{uuid4()}", task_queue=contract.TASK_QUEUE
    )
    queue, namespace = TaskQueue(name=contract.TASK_QUEUE), alone.client.namespace
    service = alone.client.workflow_service
    task = await service.poll_workflow_task_queue(
        PollWorkflowTaskQueueRequest(namespace=namespace, task_queue=queue, identity=f"{IDENTITY_PREFIX}test:1")
    )
    await service.respond_workflow_task_completed(
        RespondWorkflowTaskCompletedRequest(namespace=namespace, task_token=task.task_token, identity=FOREIGN)
    )
    alone_there = Servers(database.url, stack.temporal_address, namespace)

    async def listed() -> bool:
        return bool([each async for each in alone.client.list_workflows("ExecutionStatus = 'Running'")])

    await until(listed)
    with pytest.raises(ActionRefused) as refused:
        await run_worker(alone_there, asyncio.Event())
    assert (refused.value.code, refused.value.params["workflow_id"]) == ("worker.foreign_history", own.id)
    await own.terminate()


@dataclass
class Command:
    """``rundesk worker`` as a program."""

    program: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    async def until_says(self, words: str) -> None:
        assert self.program.stderr is not None
        while words not in (line := await asyncio.to_thread(self.program.stderr.readline)):
            assert line, self.lines
            self.lines.append(line)

    async def end(self, number: signal.Signals) -> tuple[int, str]:
        self.program.send_signal(number)
        _, rest = await asyncio.to_thread(self.program.communicate, timeout=60)
        return self.program.returncode, rest


@pytest.fixture
def command(stack: Stack, database: TestDatabase, alone: Bench) -> Callable[[], Command]:
    flags = ("--database-url", database.url, "--temporal-address", stack.temporal_address)
    line = [sys.executable, "-m", "app", "worker", *flags, "--temporal-namespace", alone.client.namespace]

    def run() -> Command:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        return Command(
            subprocess.Popen([*line, "--health-port", "0"], stderr=subprocess.PIPE, text=True, env=environment)
        )

    return run


async def test_a_killed_worker_is_not_locked_out_and_a_told_one_finishes_first(
    alone: Bench, command: Callable[[], Command]
) -> None:
    go = {"id": "go", "type": "event.wait", "config": {"eventName": "GO", "correlationKey": expression("null")}}
    run_id = await alone.launch([go, action("slow", "demo.slow", {"ms": 1500})])
    first = command()
    await first.until_says("Worker polls")
    await alone.open_wait(run_id)
    await first.end(signal.SIGKILL)
    second = command()
    await second.until_says("Worker polls")
    await alone.event(run_id, "GO", None)
    await alone.open_step(run_id, "root.steps[1]")

    async def is_under_way() -> bool:
        return bool(await alone.invocations(run_id))

    await until(is_under_way)
    code, said = await second.end(signal.SIGTERM)
    assert code == 0, said
    assert "finishes what is under way" in said
    (invocation,) = await alone.invocations(run_id)
    assert (invocation["status"], invocation["attempt"]) == ("SUCCEEDED", 1)
    async with build_worker(alone.client, alone.database):
        assert await alone.outcome(run_id) == "COMPLETED"
