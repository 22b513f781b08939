"""Runs a case on a real server and reads back everything that its run left behind."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHistory
from temporalio.exceptions import ApplicationError

from app.postgres.database import Database
from app.postgres.projection_json import from_stored
from app.temporal import contract
from tests.engine.bench import Bench, Row, create_tenant
from tests.engine.conformance.acts import LONGEST_SECONDS, Scene
from tests.engine.conformance.case import Case


@dataclass(frozen=True)
class Failure:
    """What the execution failed with."""

    type: str
    message: str
    detail: Any


@dataclass(frozen=True)
class Observed:
    """A run that has ended. ``closed`` is how the last execution of its chain closed, ``executions`` how many."""

    run: Row
    steps: list[Row]
    waits: list[Row]
    invocations: list[Row]
    logs: list[Row]
    tasks: list[Row]
    events: list[Row]
    children: list[Observed]
    closed: str
    scopes: Row | None
    failure: Failure | None
    histories: list[WorkflowHistory]
    seen: list[tuple[str, Any, Any]] = field(default_factory=list)


async def observe(case: Case, client: Client, database: Database) -> Observed:
    """Play a case in a tenant of its own and wait for the end of its run."""
    scene = await set_scene(case, Bench(client, database, await create_tenant(database)))
    await scene.bench.start(scene.run_id, scene.workflow_ids["main"])
    for act in case.acts:
        await act(scene)
    await scene.bench.outcome(scene.run_id, LONGEST_SECONDS)
    return await read(scene, scene.run_id)


async def set_scene(case: Case, bench: Bench) -> Scene:
    """Publish a case's definitions and insert its run, all but the start."""
    ids: dict[str, UUID] = {}
    for name, steps in case.children.items():
        ids[name] = await bench.publish(_with_children(steps, ids))
    ids["main"] = await bench.publish(_with_children(case.steps, ids), **case.extra)
    run_id = await bench.insert_run(ids["main"], case.payload, **case.row)
    scene = Scene(bench, case, run_id, ids, run_id)
    for act in case.before:
        await act(scene)
    return scene


def _with_children(steps: list[Row], ids: dict[str, UUID]) -> list[Row]:
    """Write the ids of child definitions in the place of their names."""
    document = json.dumps(steps)
    for name, workflow_id in ids.items():
        document = document.replace(f'"child:{name}"', f'"{workflow_id}"')
    written: list[Row] = json.loads(document)
    return written


async def read(scene: Scene, run_id: UUID) -> Observed:
    """Read what a run that has ended left behind, its children included."""
    bench = scene.bench
    closed, scopes, failure = await _result(bench, run_id)
    children = await scene.found(
        "SELECT run_id FROM workflow_runs WHERE tenant = :tenant AND parent_run_id = :run ORDER BY started_at",
        run=run_id,
    )
    await bench.until(lambda: _all_closed(scene, [row["run_id"] for row in children]))
    return Observed(
        run=await bench.run(run_id),
        steps=await bench.steps(run_id),
        waits=await bench.waits(run_id),
        invocations=await bench.invocations(run_id),
        logs=await bench.logs(run_id),
        tasks=[_plain(row) for row in await bench.tasks(run_id)],
        events=await scene.found("SELECT * FROM workflow_runtime_events WHERE tenant = :tenant ORDER BY created_at"),
        children=[await read(scene, row["run_id"]) for row in children],
        closed=closed,
        scopes=scopes,
        failure=failure,
        histories=await _chain(bench, run_id),
        seen=scene.seen,
    )


async def _all_closed(scene: Scene, children: list[UUID]) -> bool:
    """A child may still be cleaning up after its parent has ended; one that was never started is closed, too."""
    states = [await scene.bench.describe(run_id) for run_id in children]
    return WorkflowExecutionStatus.RUNNING not in states


async def _result(bench: Bench, run_id: UUID) -> tuple[str, Row | None, Failure | None]:
    status = await bench.describe(run_id)
    closed = "NEVER_STARTED" if status is None else status.name
    if closed == "COMPLETED":
        return closed, await bench.scopes(run_id), None
    if closed != "FAILED":
        return closed, None, None
    try:
        await bench.handle(run_id).result()
    except WorkflowFailureError as error:
        cause = error.cause
        if not isinstance(cause, ApplicationError):
            return closed, None, Failure(type(cause).__name__, str(cause), None)
        return closed, None, Failure(cause.type or "", cause.message, cause.details[0] if cause.details else None)
    raise AssertionError(f"{run_id} is FAILED and has a result")


async def _chain(bench: Bench, run_id: UUID) -> list[WorkflowHistory]:
    """Return the histories of all executions of the run, first one first, following the links between them."""
    workflow_id = contract.workflow_id_of(run_id)
    execution: str | None = None
    histories: list[WorkflowHistory] = []
    status = await bench.describe(run_id)
    if status is None:
        return histories
    execution = (await bench.handle(run_id).describe()).run_id
    while execution:
        history = await bench.client.get_workflow_handle(workflow_id, run_id=execution).fetch_history()
        histories.insert(0, history)
        started = history.events[0].workflow_execution_started_event_attributes
        execution = started.continued_execution_run_id
    return histories


def _plain(row: Row) -> Row:
    return {key: from_stored(value) if isinstance(value, (dict, list)) else value for key, value in row.items()}
