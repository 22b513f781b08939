"""``control.callWorkflow`` (runtime.md 7.3): rows, mappings, failures, retries, gates (F9, F19, F35)."""

from __future__ import annotations

from tests.engine.conformance.acts import executes, sends, waiting
from tests.engine.conformance.case import SOMETHING, UUID_TEXT, Case, Containing, Exactly, Expected
from tests.engine.conformance.definitions import action, call, expression, guard, put, state, wait

ADD = [put("add", {"vars.sum": "payload.a + payload.b", "vars.seen": "payload"}), state("state", "added")]
DENIED = {"message": "Not for you.", "code": "PERMISSION_DENIED"}
CHILD_ROW = {
    "status": "SUCCEEDED",
    "engine": "temporal",
    "parent_run_id": SOMETHING,
    "root_run_id": SOMETHING,
    "trigger_type": None,
    "trigger_metadata_json": Exactly(
        {"parentRunId": UUID_TEXT, "rootRunId": UUID_TEXT, "parentStepPath": "root.steps[0]"}
    ),
    "temporal_workflow_id": Containing("workflow-runtime-v2:run:"),
    "temporal_run_id": SOMETHING,
    "definition_hash": SOMETHING,
}


def pauses(name: str) -> str:
    return f"UPDATE workflow_definitions SET is_paused = true WHERE tenant = :tenant AND workflow_id = :{name}"


def refused(case_id: str, rule: str, change: str, part: str) -> Case:
    """A gate is closed: the call fails with the gate's reason and can be caught."""
    return Case(
        id=f"child-{case_id}",
        rule=f"F35: {rule}",
        steps=[
            guard(
                "try",
                [call("child", "busy")],
                [put("look", {"vars.why": "error.message", "vars.kind": "error.category"})],
            )
        ],
        children={"busy": [put("never", {"vars.x": "1"})]},
        before=[executes(change)],
        expect=Expected(
            steps=["try", "child FAILED", "look"], vars={"why": Containing(part), "kind": "ChildWorkflowError"}
        ),
    )


CHILD_CASES = [
    Case(
        id="child-called",
        rule="the input mapping alone is the child's payload; the output mapping sees the parent and childRun",
        steps=[
            call(
                "child",
                "add",
                {"a": "payload.n", "b": "5"},
                {
                    "vars.sum": "childRun.vars.sum",
                    "payload.back": "childRun.payload.b + payload.n",
                    "vars.state": "childRun.meta.state",
                    "vars.id": "childRun.system.runId != system.runId",
                },
            ),
            put("after", {"vars.twice": "sum * 2"}),
        ],
        children={"add": ADD},
        payload={"n": 2, "hidden": True},
        expect=Expected(
            steps=["child", "after"],
            vars={"sum": 7, "state": "added", "id": True, "twice": 14},
            scopes={"payload": {"back": 7}},
            children=[
                Expected(
                    steps=["add", "state"],
                    vars={"sum": 7, "seen": {"a": 2, "b": 5}},
                    run={**CHILD_ROW, "input_json": Exactly({"a": 2, "b": 5}), "workflow_version": 1},
                )
            ],
        ),
    ),
    Case(
        id="child-output-before-any-assignment",
        rule="6.3: all of an output mapping is evaluated against the context before its first assignment",
        steps=[
            put("a", {"vars.a": "1"}),
            call("child", "add", {"a": "1", "b": "1"}, {"vars.a": "2", "vars.b": "vars.a"}),
        ],
        children={"add": ADD},
        expect=Expected(vars={"a": 2, "b": 1}),
    ),
    Case(
        id="child-of-a-child",
        rule="three levels: each row knows its parent and the root of the tree",
        steps=[call("first", "middle", {"n": "1"}, {"vars.n": "childRun.vars.n"})],
        children={
            "inner": [put("deep", {"vars.n": "payload.n + 1"})],
            "middle": [call("second", "inner", {"n": "payload.n + 1"}, {"vars.n": "childRun.vars.n + 1"})],
        },
        expect=Expected(
            steps=["first"],
            vars={"n": 4},
            run={"parent_run_id": None, "root_run_id": None},
            children=[Expected(steps=["second"], run=CHILD_ROW, children=[Expected(steps=["deep"], run=CHILD_ROW)])],
        ),
    ),
    Case(
        id="child-waits",
        rule="a child waits by itself and is signalled by itself",
        steps=[call("child", "slow", None, {"vars.got": "childRun.vars.event.n"})],
        children={"slow": [wait("hold", "GO", "'k'")]},
        acts=[waiting("hold"), sends("GO", "k", {"n": 9})],
        expect=Expected(steps=["child"], vars={"got": 9}, waits=[], children=[Expected(waits=[{"key": "k"}])]),
    ),
    Case(
        id="child-fails",
        rule="F19: a failing child gives ChildWorkflowError with the true message and cause",
        steps=[call("child", "bad")],
        children={"bad": [action("boom", "demo.fail", DENIED)]},
        expect=Expected(
            ends="FAILED",
            steps=["child FAILED"],
            step_errors={"child": {"message": Containing("Not for you.")}},
            run={"error_json": {"message": Containing("Not for you."), "nodePath": "root.steps[0]"}},
            failure={
                "type": "ChildWorkflowError",
                "nodePath": "root.steps[0]",
                "details": {
                    "workflowId": UUID_TEXT,
                    "workflowVersion": 1,
                    "childRunId": UUID_TEXT,
                    "rootRunId": UUID_TEXT,
                    "cause": SOMETHING,
                },
            },
            children=[
                Expected(
                    ends="FAILED",
                    steps=["boom FAILED"],
                    run={"error_json": {"message": "Not for you.", "nodePath": "root.steps[0]"}},
                    failure={"type": "ActionError", "code": "PERMISSION_DENIED"},
                )
            ],
        ),
    ),
    Case(
        id="child-failure-caught",
        rule="a child's failure can be caught, and tells which child it was",
        steps=[
            guard(
                "try",
                [call("child", "bad")],
                [put("look", {"vars.kind": "error.category", "vars.child": "error.details.childRunId"})],
            )
        ],
        children={"bad": [action("boom", "demo.fail", DENIED)]},
        expect=Expected(
            steps=["try", "child FAILED", "look"],
            vars={"kind": "ChildWorkflowError", "child": UUID_TEXT},
            run={"error_json": None},
        ),
    ),
    Case(
        id="child-retried",
        rule="F35, F20: a retry executes the same child row again, cleared, and its failed invocation in place",
        steps=[
            call(
                "child",
                "flaky",
                None,
                {"vars.n": "childRun.vars.out.attempt"},
                retry={"maxAttempts": 3, "backoffMs": 5},
            )
        ],
        children={"flaky": [action("flaky", "demo.flaky", {"failures": 1}, saveAs="vars.out")]},
        expect=Expected(
            steps=["child"],
            vars={"n": 2},
            children=[
                Expected(
                    steps=["flaky FAILED", "flaky"],
                    run={"status": "SUCCEEDED", "error_json": None},
                    invocations=[{"status": "SUCCEEDED", "attempt": 2}],
                )
            ],
        ),
    ),
    Case(
        id="child-continued",
        rule="F9: onError continue is honoured on callWorkflow",
        steps=[call("child", "bad", onError={"policy": "continue"}), put("after", {"vars.why": "error.category"})],
        children={"bad": [action("boom", "demo.fail", DENIED)]},
        expect=Expected(
            steps=["child", "after"],
            vars={"why": "ChildWorkflowError"},
            logs=[{"level": "WARN", "step_path": "root.steps[0]"}],
        ),
    ),
    refused("paused", "a paused workflow is not called", pauses("busy"), "paused"),
    refused(
        "too-many",
        "a concurrency limit that is reached is respected",
        "WITH other AS (INSERT INTO workflow_runs (workflow_id, workflow_version, tenant, status, engine)"
        " VALUES (:busy, 1, :tenant, 'RUNNING', 'temporal') RETURNING 1)"
        " UPDATE workflow_definitions SET concurrency_limit = 1 WHERE tenant = :tenant AND workflow_id = :busy",
        "active",
    ),
    Case(
        id="child-unknown",
        rule="a version that does not exist fails the step with a clear text and leaves no child",
        steps=[{**call("child", "add"), "workflowVersion": 9}],
        children={"add": ADD},
        expect=Expected(ends="FAILED", steps=["child FAILED"], failure={"type": "ChildWorkflowError"}, children=[]),
    ),
    Case(
        id="child-input-fails",
        rule="an input mapping that fails leaves no child",
        steps=[call("child", "add", {"a": "payload.nothing"})],
        children={"add": ADD},
        expect=Expected(ends="FAILED", steps=["child FAILED"], failure={"type": "ExpressionError"}, children=[]),
    ),
    Case(
        id="child-in-a-loop",
        rule="every call of a loop has a child of its own",
        steps=[
            put("begin", {"vars.seen": "[]"}),
            {
                "id": "loop",
                "type": "control.forEach",
                "items": expression("[1, 2]"),
                "itemVar": "n",
                "body": [
                    call("child", "add", {"a": "n", "b": "10"}, {"vars.seen": "append(vars.seen, childRun.vars.sum)"})
                ],
            },
        ],
        children={"add": ADD},
        expect=Expected(
            steps=["begin", "loop", "child", "child"], vars={"seen": [11, 12]}, children=[Expected(), Expected()]
        ),
    ),
]
