"""The projection's side of a diagnosis: what belongs to a batch, and the traces that known faults leave in rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.diagnosis.facts import Marks, RowFacts
from app.domain.run import RunKey
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.postgres.tables import workflow_runtime_events, workflow_step_usage_periods, workflow_tasks
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

PATH = "root.steps[0]"


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


async def facts_of(world: World, key: RunKey) -> RowFacts:
    (row,) = (await PostgresDiagnosisReader(world.database).runs(world.tenant, (key.run_id,))).rows
    return row


async def add_event(world: World, name: str, key: str | None, seconds_ago: float, **columns: Any) -> UUID:
    event_id = uuid4()
    row = {"event_id": event_id, "tenant": world.tenant, "event_name": name, "correlation_key": key}
    await world.add(workflow_runtime_events, {**row, "created_at": ago(seconds_ago), **columns})
    return event_id


async def test_what_belongs_to_the_active_runs(world: World) -> None:
    oldest = await world.add_run(seconds_ago=900)
    failing = await world.add_run(seconds_ago=800, status="FAILED")
    paused = await world.add_run(seconds_ago=700, status="WAITING")
    lately = await world.add_run(seconds_ago=600, status="SUCCEEDED", completed_at=ago(60))
    await world.add_run(seconds_ago=9000, status="SUCCEEDED", completed_at=ago(8000))
    await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id)
    reader = PostgresDiagnosisReader(world.database)

    batch = await reader.active(world.tenant, None, 10)
    assert [row.key for row in batch.rows] == [oldest, failing, paused]
    with_closed = await reader.active(world.tenant, timedelta(minutes=5), 2)
    assert ([row.key for row in with_closed.rows], with_closed.total) == ([oldest, failing], 4)
    assert lately in [row.key for row in (await reader.active(world.tenant, timedelta(minutes=5), 9)).rows]


async def test_nothing_to_read_still_has_a_clock(world: World) -> None:
    batch = await PostgresDiagnosisReader(world.database).active(world.tenant, None, 10)
    assert (batch.rows, batch.total) == ((), 0)
    assert abs((batch.read_at - datetime.now(UTC)).total_seconds()) < 60


async def test_what_hangs_on_a_run(world: World) -> None:
    parent = await world.add_run(seconds_ago=500)
    child = await world.add_run(parent_run_id=parent.run_id)
    await world.add_step(parent, step_path="root.steps[0]", status="SUCCEEDED", started_at=ago(400))
    await world.add_step(parent, step_path="root.steps[1]", started_at=ago(300))
    await world.add_invocation(parent, step_path="root.steps[1]", status="FAILED", attempt=3, completed_at=ago(200))
    await world.add_wait(parent, wait_type="quota", status="RESOLVED", created_at=ago(350), resolved_at=ago(340))
    period = {"tenant": world.tenant, "period_start": ago(9), "period_end": ago(-9), "tier": "pro"}
    period |= {"period_source": "calendar", "limit_source": "tier", "effective_limit": 5, "used_count": 5}
    await world.add(workflow_step_usage_periods, period)

    batch = await PostgresDiagnosisReader(world.database).runs(world.tenant, (parent.run_id,))

    (row,) = batch.rows
    assert row.step is not None
    assert (row.step.step_path, row.step.status) == ("root.steps[1]", "STARTED")
    assert row.invocation is not None
    assert (row.invocation.status, row.invocation.attempt) == ("FAILED", 3)
    assert row.children == (child.run_id,)
    assert (row.wait, row.resolved_quota) == (None, None), "a step began after the pause"
    assert batch.usage is not None
    assert (batch.usage.limit, batch.usage.has_room) == (5, False)
    await world.add(workflow_step_usage_periods, {**period, "period_start": ago(8), "limit_source": "tier_default"})
    batch = await PostgresDiagnosisReader(world.database).runs(world.tenant, (parent.run_id,))
    assert batch.usage is not None
    assert batch.usage.limit in (150, 750), "the plan of now decides, as it does for a resume"


async def test_a_quota_that_cannot_be_read_is_unknown(plain_world: World) -> None:
    key = await plain_world.add_run(status="WAITING")
    await plain_world.add_wait(key, wait_type="quota")
    await plain_world.execute("DROP TABLE workflow_step_usage_periods")
    batch = await PostgresDiagnosisReader(plain_world.database).runs(plain_world.tenant, (key.run_id,))
    assert ([row.key for row in batch.rows], batch.usage) == ([key], None)


async def test_events_around_an_open_wait(world: World) -> None:
    key = await world.add_run(seconds_ago=500)
    filters = {"filters": [{"path": "amount", "op": ">", "value": 10}]}
    await world.add_wait(key, event_name="REPLY", key="T-1", created_at=ago(300), payload=filters)
    early = await add_event(world, "REPLY", "T-1", 400, payload={"amount": 11})
    refused = await add_event(world, "REPLY", "T-1", 200, payload={"amount": 3})
    broken = await add_event(world, "REPLY", "T-1", 100, payload={"amount": 99}, error_message="not found")
    await add_event(world, "REPLY", "T-1", 900)
    spelled = await add_event(world, "REPLY", "t1", 90)
    elsewhere = await add_event(world, "CLOSED", "T-1", 80)
    await add_event(world, "CLOSED", "T-2", 70)
    await add_event(world, "REPLY", "T-1", 60, tenant=world.other_tenant)

    row = await facts_of(world, key)
    found = {event.event_id: event for event in row.events}
    assert found.keys() == {early, refused, broken}
    assert [found[each].rejected_by for each in (early, refused, broken)] == [None, "amount >", None]
    assert [found[each].failed for each in (early, refused, broken)] == [False, False, True]
    assert {event.key for event in row.events} == {None}, "keys are shown only where the run's secrets are known"

    closer = await PostgresDiagnosisReader(world.database).closer(row)
    near = {event.event_id: event for event in closer.row.events if event.event_id not in found}
    assert near.keys() == {spelled, elsewhere}
    assert (near[spelled].same_key, near[spelled].similar, near[spelled].key) == (False, True, "t1")
    assert (near[elsewhere].same_name, near[elsewhere].similar) == (False, False)
    assert [wait.key for wait in closer.row.waits] == ["T-1"]


async def test_an_event_that_an_earlier_wait_took(world: World) -> None:
    key = await world.add_run(seconds_ago=500)
    taken = await add_event(world, "REPLY", "k", 400)
    await world.add_wait(key, event_name="REPLY", key="k", status="RESOLVED", payload={"matchedEventId": str(taken)})
    await world.add_wait(key, event_name="REPLY", key="k", created_at=ago(300))
    assert [event.consumed for event in (await facts_of(world, key)).events] == [True]


async def test_a_closer_look_hides_the_runs_secrets(world: World) -> None:
    key = await world.add_run(input_json={"password": "hunter2secret"})
    await world.add_wait(key, event_name="REPLY", key="for hunter2secret")
    closer = await PostgresDiagnosisReader(world.database).closer(await facts_of(world, key))
    assert "hunter2secret" not in str(closer.row)
    assert "hunter2secret" not in (closer.scrubber.text("terminated: hunter2secret") or "")


async def fail(world: World, message: str) -> RunKey:
    return await world.add_run(status="FAILED", completed_at=ago(9), error_json={"message": message})


async def test_traces_in_the_runs_own_row(world: World) -> None:
    texts = {
        "Workflow continued as new": Marks(continued_as_new_failure=True),
        "Activity task failed": Marks(generic_failure_text=True),
        "control.forEach items did not evaluate to an array": Marks(singleton_list_text=True),
        "Expression evaluation exceeded 25ms": Marks(expression_time_text=True),
        "anything else": Marks(),
    }
    for text, marks in texts.items():
        assert (await facts_of(world, await fail(world, text))).marks == marks
    green = await world.add_run(status="SUCCEEDED", completed_at=ago(9), error_json={"message": "caught"})
    assert (await facts_of(world, green)).marks == Marks(error_beside_success=True)


async def test_traces_in_the_rows_below(world: World) -> None:
    closed = {"status": "FAILED", "completed_at": ago(100)}
    swallowed = await world.add_run(**closed)
    await world.add_step(swallowed, status="SUCCEEDED")
    await world.add_invocation(swallowed, status="FAILED")
    green = await world.add_run(**closed)
    await world.add_step(green, status="SUCCEEDED")
    await world.add_invocation(green, status="SUCCEEDED")
    assert (await facts_of(world, swallowed)).marks == Marks(swallowed_failure=True), "whatever another run did there"
    assert (await facts_of(world, green)).marks == Marks()

    unmatched = await world.add_run(**closed)
    await world.add_wait(unmatched, status="RESOLVED", event_name="REPLY", payload={})
    await world.add_step(unmatched, status="FAILED")
    assert (await facts_of(world, unmatched)).marks == Marks(unmatched_resolved_wait=True)

    refused = await world.add_run(**closed)
    await world.add_wait(refused, status="CANCELED", wait_type="human")
    await world.add_step(refused, status="FAILED")
    assert (await facts_of(world, refused)).marks == Marks(refused_response=True)

    late = await world.add_run(**closed)
    await world.add_invocation(late, completed_at=ago(50))
    assert (await facts_of(world, late)).marks == Marks(late_invocation=True)

    collided = await world.add_run(**closed)
    text = 'duplicate key value violates unique constraint "x"'
    await world.add_invocation(collided, status="FAILED", error_message=text)
    assert (await facts_of(world, collided)).marks == Marks(duplicate_key_text=True)

    canceled = await world.add_run(status="CANCELED", completed_at=ago(100))
    await world.add_log(canceled, message="Run canceled by operator")
    await world.add_step(canceled)
    assert (await facts_of(world, canceled)).marks == Marks(cancel_logged=True, open_steps=True)


async def test_a_task_that_a_cancel_left_open(world: World) -> None:
    canceled = await world.add_run(status="CANCELED", completed_at=ago(100))
    await world.execute(
        "INSERT INTO system_workflow_form_definitions (name, json_schema) VALUES ('f', '{}');"
        "INSERT INTO system_workflow_task_definitions (task_type, name, form_id) VALUES ('t', 't', 'f')"
    )
    task_id = uuid4()
    await world.add(
        workflow_tasks,
        {
            "task_id": task_id,
            "tenant": world.tenant,
            "execution_id": canceled.run_id,
            "task_definition_type": "system",
            "system_task_definition_task_type": "t",
            "title": "T",
            "status": "pending",
        },
    )
    await world.add_wait(canceled, wait_type="human", key=str(task_id), status="CANCELED")
    await world.add_wait(canceled, wait_type="human", key="no task id")
    assert (await facts_of(world, canceled)).marks == Marks(open_tasks=True)
    waiting = await world.add_run()
    await world.add_wait(waiting, wait_type="human", key="no task id")
    assert (await facts_of(world, waiting)).task is None
