"""The worker: its queue and identity, an outage, a hand-over, the hosted shape of the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from app.domain.errors import DatabaseUnavailable
from app.engine.actions import DEFAULT_ACTIONS
from app.engine.worker import IDENTITY_PREFIX, build_worker
from app.postgres.database import Database
from app.temporal import contract
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, action, assign, create_tenant, expression

pytestmark = pytest.mark.asyncio


async def test_it_polls_the_contracts_queue_under_its_own_identity(bench: Bench, stack: Stack) -> None:
    async def pollers() -> list[str]:
        answer = await bench.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=stack.namespace,
                task_queue=TaskQueue(name=contract.TASK_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        return [poller.identity for poller in answer.pollers if poller.identity.startswith(IDENTITY_PREFIX)]

    assert await bench.until(pollers)


async def test_environment_cannot_change_the_queue(idle_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_RUNTIME_V2_TEMPORAL_TASK_QUEUE", "elsewhere")
    worker = build_worker(idle_bench.client, idle_bench.database)
    assert worker.task_queue == "workflow-runtime-v2"


async def test_an_outage_of_the_database_pauses_runs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fails and nothing is lost: the projection goes on when the database is back."""
    begin = Database._begin_once
    remaining = 0

    async def refusing(self: Database, *arguments: Any, **options: Any) -> Any:
        nonlocal remaining
        if self is bench.database and remaining > 0:
            remaining -= 1
            raise DatabaseUnavailable("database.unreachable", "The database cannot be reached.")
        return await begin(self, *arguments, **options)

    monkeypatch.setattr(Database, "_begin_once", refusing)
    go = {"id": "go", "type": "event.wait", "config": {"eventName": "GO", "correlationKey": expression("null")}}
    run_id = await bench.launch([go, *(action(f"a{n}", "demo.echo", {"value": n}) for n in range(3))])
    await bench.open_wait(run_id)
    remaining = 4
    await bench.event(run_id, "GO", None)
    assert await bench.outcome(run_id) == "COMPLETED"
    assert remaining == 0
    assert [step["status"] for step in await bench.steps(run_id)] == ["SUCCEEDED"] * 4
    assert [row["attempt"] for row in await bench.invocations(run_id)] == [1, 1, 1]


async def test_a_worker_that_stops_hands_its_runs_to_the_next(idle_bench: Bench) -> None:
    nap = {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": 1500}}
    async with build_worker(idle_bench.client, idle_bench.database):
        run_id = await idle_bench.launch([assign("a", vars__a="1"), nap, assign("b", vars__b="vars.a + 1")])
        await idle_bench.open_wait(run_id)
    async with build_worker(idle_bench.client, idle_bench.database):
        assert await idle_bench.outcome(run_id) == "COMPLETED"
        assert (await idle_bench.scopes(run_id))["workflow"]["b"] == 2


async def test_the_hosted_shape(stack: Stack, citus_shape_database: TestDatabase) -> None:
    database = Database.open(citus_shape_database.url)
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    bench = Bench(client, database, await create_tenant(database))
    await bench.define_task_type("t")
    steps = [
        action("flaky", "demo.flaky", {"failures": 1}, retry={"maxAttempts": 2, "backoffMs": 1}),
        action("set", "store.set", {"namespace": "n", "key": "k", "value": 1}),
        {"id": "ask", "type": "human.task", "config": {"taskType": "t", "title": expression("'T'")}},
    ]
    async with build_worker(client, database):
        run_id = await bench.launch(steps)
        wait = await bench.open_wait(run_id)
        await bench.handle(run_id).signal(contract.SIGNAL_HUMAN_TASK, {"taskId": wait["key"]})
        assert await bench.outcome(run_id) == "COMPLETED"
    assert [row["status"] for row in await bench.invocations(run_id)] == ["SUCCEEDED", "SUCCEEDED"]
    assert (await bench.tasks(run_id))[0]["status"] == "completed"
    await database.dispose()


async def test_a_run_without_tenant(bench: Bench) -> None:
    """The plain shape allows it; the engine writes rows without one, too."""
    workflow_id = await bench.publish([action("up", "transform.uppercase", {"text": "x"}), assign("a", vars__a="1")])
    await bench.execute("UPDATE workflow_definition_versions SET tenant = NULL")
    run_id = await bench.insert_run(workflow_id, tenant=None)
    argument = contract.RunInput(run_id, None, workflow_id, 1, None, "x").as_argument()
    await bench.client.start_workflow(
        contract.WORKFLOW_TYPE,
        argument,
        id=contract.workflow_id_of(run_id),
        task_queue=contract.TASK_QUEUE,
        execution_timeout=timedelta(minutes=1),
    )
    assert await bench.outcome(run_id) == "COMPLETED"
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"
    assert len(await bench.steps(run_id)) == 2


async def test_every_default_action_says_what_it_is() -> None:
    for registered in DEFAULT_ACTIONS.all():
        assert registered.description.endswith(".")
        assert registered.repeatable or registered.side_effectful
