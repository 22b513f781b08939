"""``control.callWorkflow``: child runs with rows of their own (F13, F19, F20 and F35)."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from app.engine import run_workflow
from app.engine.semantics import SEMANTICS_VERSION
from app.temporal import contract
from tests.engine.bench import Bench, Row, action, assign, expression

pytestmark = pytest.mark.asyncio

NAP = {"id": "nap", "type": "time.wait", "config": {"mode": "duration", "durationMs": 600_000}}


def call(workflow_id: UUID, *, inputs: Row | None = None, outputs: Row | None = None, **more: Any) -> Row:
    step: Row = {"id": "call", "type": "control.callWorkflow", "workflowId": str(workflow_id), "workflowVersion": 1}
    mappings = {"inputMapping": inputs, "outputMapping": outputs}
    step |= {
        name: {key: expression(source) for key, source in mapping.items()}
        for name, mapping in mappings.items()
        if mapping is not None
    }
    return {**step, **more}


async def children(bench: Bench, parent: UUID) -> list[Row]:
    async def rows() -> list[Row]:
        found = await bench.query(
            "SELECT run_id FROM workflow_runs WHERE parent_run_id = :p ORDER BY started_at", p=parent
        )
        return [await bench.run(row["run_id"]) for row in found]

    found: list[Row] = await bench.until(rows)
    return found


async def test_a_child_has_a_row_of_its_own_and_gives_back_what_the_parent_asks_for(bench: Bench) -> None:
    child = await bench.publish([assign("greet", vars__greeting="'Hello ' & payload.name", local__x="1")])
    parent = await bench.finish(
        [
            assign("before", vars__who="'Ada'"),
            call(
                child,
                inputs={"name": "vars.who", "n": "payload.n + 1"},
                outputs={
                    "vars.greeting": "childRun.vars.greeting",
                    "vars.before": "vars.greeting = 'x' or false",
                    "payload.child": "childRun.system.runId & childRun.payload.n",
                },
            ),
        ],
        {"n": 1},
    )
    [row] = await children(bench, parent)
    assert (row["status"], row["node_path"], row["error_json"], row["engine"]) == ("SUCCEEDED", None, None, "temporal")
    assert row["input_json"] == {"name": "Ada", "n": 2}
    assert (row["parent_run_id"], row["root_run_id"], row["trigger_type"]) == (parent, parent, None)
    assert row["trigger_metadata_json"] == {
        "parentRunId": str(parent),
        "rootRunId": str(parent),
        "parentStepPath": "root.steps[1]",
    }
    assert row["runtime_semantics_version"] == SEMANTICS_VERSION
    assert row["temporal_workflow_id"] == contract.workflow_id_of(row["run_id"])
    description = await bench.handle(row["run_id"]).describe()
    assert row["temporal_run_id"] == description.run_id
    assert [step["status"] for step in await bench.steps(row["run_id"])] == ["SUCCEEDED"]
    [started] = await bench.logs(row["run_id"])
    assert (started["message"], started["context_json"]["workflowId"]) == ("Run started", str(child))
    scopes = await bench.scopes(parent)
    # Everything is evaluated before the first assignment: vars.greeting was missing when vars.before looked at it.
    assert scopes["workflow"] == {"who": "Ada", "greeting": "Hello Ada", "before": False}
    assert scopes["payload"] == {"n": 1, "child": f"{row['run_id']}2"}


async def test_three_levels_share_a_root_and_a_failure_travels_up_with_its_own_words(bench: Bench) -> None:
    leaf = await bench.publish([action("boom", "demo.fail", {"message": "The printer burns", "code": "FIRE"})])
    middle = await bench.publish([call(leaf)])
    top = await bench.finish([call(middle)])
    [second] = await children(bench, top)
    [third] = await children(bench, second["run_id"])
    assert (second["root_run_id"], third["root_run_id"]) == (top, top)
    assert third["parent_run_id"] == second["run_id"]
    for run_id in (top, second["run_id"], third["run_id"]):
        run = await bench.run(run_id)
        assert run["status"] == "FAILED"
        assert run["error_json"]["message"] == "The printer burns"
        assert run["completed_at"] is not None
        assert {step["status"] for step in await bench.steps(run_id)} == {"FAILED"}


async def test_a_caught_child_failure_tells_which_child_and_why(bench: Bench) -> None:
    child = await bench.publish([action("boom", "demo.fail", {"message": "No.", "code": "CONFLICT"})])
    guard = {"id": "guard", "type": "control.tryCatch", "captureErrorAs": "problem", "try": [call(child)], "catch": []}
    parent = await bench.finish([guard])
    [row] = await children(bench, parent)
    problem = (await bench.scopes(parent))["workflow"]["problem"]
    assert (problem["category"], problem["message"], problem["code"]) == ("ChildWorkflowError", "No.", "CONFLICT")
    details = problem["details"]
    assert (details["workflowId"], details["workflowVersion"]) == (str(child), 1)
    assert (details["childRunId"], details["rootRunId"]) == (str(row["run_id"]), str(parent))
    assert (details["cause"]["category"], details["cause"]["nodePath"]) == ("ActionError", "root.steps[0]")


async def test_a_retry_executes_the_same_child_again_without_doing_twice_what_was_done(bench: Bench) -> None:
    child = await bench.publish(
        [
            action("note", "tickets.add_comment", {"ticketId": "T1", "comment": "once"}),
            action("flaky", "demo.flaky", {"failures": 1}, saveAs="vars.result"),
        ]
    )
    retry = {"maxAttempts": 3, "backoffMs": 1, "retryOn": ["ChildWorkflowError"]}
    parent = await bench.finish([call(child, outputs={"attempt": "childRun.vars.result.attempt"}, retry=retry)])
    [row] = await children(bench, parent)
    assert (row["status"], row["error_json"]) == ("SUCCEEDED", None)
    assert (await bench.scopes(parent))["workflow"] == {"attempt": 2}
    assert [step["attempt"] for step in await bench.steps(row["run_id"])] == [1, 1, 2, 2]
    comments = [log for log in await bench.logs(row["run_id"]) if log["message"].startswith("Comment added")]
    assert len(comments) == 1
    assert row["temporal_run_id"] == (await bench.handle(row["run_id"]).describe()).run_id
    assert len(await bench.steps(parent)) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("is_paused = true", "launch.paused"),
        ("concurrency_limit = 1", "launch.concurrency"),
    ],
)
async def test_gates_hold_for_children(bench: Bench, change: str, code: str) -> None:
    child = await bench.publish([assign("x", vars__x="1")])
    await bench.execute(f"UPDATE workflow_definitions SET {change} WHERE workflow_id = :w", w=child)
    await bench.insert_run(child)
    parent = await bench.finish([call(child)])
    [step] = await bench.steps(parent)
    assert (step["status"], step["error_json"]["code"]) == ("FAILED", code)
    assert await bench.query("SELECT 1 FROM workflow_runs WHERE parent_run_id = :p", p=parent) == []


async def test_a_payload_that_does_not_fit_the_childs_schema_starts_nothing(bench: Bench) -> None:
    child = await bench.publish([assign("x", vars__x="1")])
    schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    await bench.execute(
        "UPDATE workflow_definition_versions SET payload_schema_json = CAST(:s AS jsonb) WHERE workflow_id = :w",
        w=child,
        s=json.dumps(schema),
    )
    parent = await bench.finish([call(child, inputs={"other": "1"}, onError={"policy": "continue"})])
    assert (await bench.run(parent))["status"] == "SUCCEEDED"
    error = (await bench.scopes(parent))["error"]
    assert (error["category"], error["code"]) == ("ChildWorkflowError", "payload.schema")
    assert "/name: is missing" in error["message"]


async def test_an_unknown_version_fails_the_step(bench: Bench) -> None:
    child = await bench.publish([])
    parent = await bench.finish([{**call(child), "workflowVersion": 7}])
    assert (await bench.run(parent))["error_json"]["code"] == "version.not_found"


async def test_cancel_of_the_top_leaves_the_whole_tree_true(bench: Bench) -> None:
    await bench.define_task_type("approve")
    ask = {"id": "ask", "type": "human.task", "config": {"taskType": "approve", "title": expression("'T'")}}
    leaf = await bench.publish([ask])
    middle = await bench.publish([call(leaf)])
    top = await bench.launch([call(middle)])
    [second] = await children(bench, top)
    [third] = await children(bench, second["run_id"])
    await bench.open_wait(third["run_id"])
    await bench.handle(top).cancel()
    assert await bench.outcome(top) == "CANCELED"
    for run_id in (top, second["run_id"], third["run_id"]):
        assert await bench.outcome(run_id) == "CANCELED"
        run = await bench.run(run_id)
        assert (run["status"], run["node_path"]) == ("CANCELED", None)
        assert run["completed_at"] is not None
        assert {step["status"] for step in await bench.steps(run_id)} == {"CANCELED"}
    assert {wait["status"] for wait in await bench.waits(third["run_id"])} == {"CANCELED"}
    assert {task["status"] for task in await bench.tasks(third["run_id"])} == {"canceled"}


async def test_a_child_cancelled_alone_is_a_failure_of_the_step_and_no_cancel_of_the_parent(bench: Bench) -> None:
    child = await bench.publish([NAP])
    parent = await bench.launch([call(child)])
    [row] = await children(bench, parent)
    await bench.open_wait(row["run_id"])
    await bench.handle(row["run_id"]).cancel()
    assert await bench.outcome(parent) == "FAILED"
    assert (await bench.run(row["run_id"]))["status"] == "CANCELED"
    error = (await bench.run(parent))["error_json"]
    assert (error["category"], error["code"]) == ("ChildWorkflowError", "CHILD_CANCELED")


async def test_a_terminated_child_is_closed_by_its_parent(bench: Bench) -> None:
    """No code of the child can run; the parent, which is told, closes its row as a repair would."""
    child = await bench.publish([NAP])
    parent = await bench.launch([call(child)])
    [row] = await children(bench, parent)
    await bench.open_wait(row["run_id"])
    await bench.handle(row["run_id"]).terminate("pulled the plug")
    assert await bench.outcome(parent) == "FAILED"
    ended = await bench.run(row["run_id"])
    assert (ended["status"], ended["error_json"]["stage"]) == ("FAILED", "repair")
    assert ended["error_json"]["category"] == "Terminated"
    assert ended["completed_at"] is not None
    assert {wait["status"] for wait in await bench.waits(row["run_id"])} == {"CANCELED"}


async def test_a_terminated_parent_leaves_a_child_that_cleans_up_by_itself(bench: Bench) -> None:
    child = await bench.publish([NAP])
    parent = await bench.launch([call(child)])
    [row] = await children(bench, parent)
    await bench.open_wait(row["run_id"])
    await bench.handle(parent).terminate("pulled the plug")
    assert await bench.outcome(row["run_id"]) == "CANCELED"
    assert (await bench.run(row["run_id"]))["status"] == "CANCELED"


async def test_children_and_their_parents_continue_as_new_and_lose_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_workflow, "CONTINUE_AS_NEW_STEPS", 2)
    child = await bench.publish([*(assign(f"s{n}", vars__last=str(n)) for n in range(5))])
    loop = {
        "id": "each",
        "type": "control.forEach",
        "items": expression("[1, 2, 3]"),
        "itemVar": "n",
        "body": [
            call(child, inputs={"n": "n"}, outputs={"vars.seen": "append(vars.seen, childRun.payload.n)"}),
        ],
    }
    parent = await bench.finish([assign("before", vars__seen="[]"), loop])
    assert (await bench.scopes(parent))["workflow"]["seen"] == [1, 2, 3]
    rows = await children(bench, parent)
    assert [(row["status"], row["input_json"]) for row in rows] == [("SUCCEEDED", {"n": n}) for n in (1, 2, 3)]
