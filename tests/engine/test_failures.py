"""Failure shapes, row by row (runtime.md 8.2), and the faults of the reference that they would show."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from app.engine.instants import parse_instant
from app.engine.worker import build_worker
from tests.engine.bench import Bench, action, assign, expression

pytestmark = pytest.mark.asyncio

DENIED = {"message": "Not for you.", "code": "PERMISSION_DENIED", "category": "ActionError", "details": {"right": "x"}}


def loop(body: list[dict[str, object]], items: str = "[1, 2, 3]", **more: object) -> dict[str, object]:
    return {
        "id": "each",
        "type": "control.forEach",
        "items": expression(items),
        "itemVar": "n",
        "onItemError": "continue",
        "body": body,
        **more,
    }


async def test_an_unhandled_action_failure_is_true_everywhere(bench: Bench) -> None:
    """F19: the reference writes "Activity task failed" on step and run."""
    run_id = await bench.finish([assign("a", vars__a="1"), action("boom", "demo.fail", DENIED)])
    run = await bench.run(run_id)
    assert (run["status"], run["node_path"]) == ("FAILED", None)
    assert run["completed_at"] is not None  # F39
    said = {
        "message": "Not for you.",
        "category": "ActionError",
        "code": "PERMISSION_DENIED",
        "nodePath": "root.steps[1]",
    }
    assert run["error_json"] == said
    step = (await bench.steps(run_id))[-1]
    assert (step["status"], step["error_json"]) == ("FAILED", said)
    [invocation] = await bench.invocations(run_id)
    assert (invocation["status"], invocation["error_message"]) == ("FAILED", "Not for you.")
    error = invocation["error_json"]
    assert parse_instant(error.pop("at"))
    assert error == {
        "category": "ActionError",
        "message": "Not for you.",
        "nodePath": "root.steps[1]",
        "code": "PERMISSION_DENIED",
        "details": {"right": "x"},
    }
    with pytest.raises(WorkflowFailureError) as failed:
        await bench.handle(run_id).result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.non_retryable) == ("WorkflowRuntimeV2.ActionError", True)
    assert {key: cause.details[0][key] for key in ("category", "nodePath", "code", "details")} == {
        "category": "ActionError",
        "nodePath": "root.steps[1]",
        "code": "PERMISSION_DENIED",
        "details": {"right": "x"},
    }


async def test_a_caught_failure_touches_only_its_step(bench: Bench) -> None:
    """F39: the reference writes the run FAILED first and may leave its error on a run that succeeds."""
    run_id = await bench.launch(
        [
            {"id": "guard", "type": "control.tryCatch", "try": [action("boom", "demo.fail", DENIED)], "catch": []},
            {"id": "hold", "type": "event.wait", "config": {"eventName": "GO", "correlationKey": expression("null")}},
        ]
    )
    await bench.open_wait(run_id)
    run = await bench.run(run_id)
    assert (run["status"], run["error_json"], run["completed_at"]) == ("RUNNING", None, None)
    await bench.event(run_id, "GO", None)
    await bench.outcome(run_id)
    run = await bench.run(run_id)
    assert (run["status"], run["error_json"]) == ("SUCCEEDED", None)
    assert [step["status"] for step in await bench.steps(run_id)] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]


async def test_an_error_text_with_cancelled_is_an_ordinary_failure(bench: Bench) -> None:
    """F5: only the SDK's error type makes a cancellation."""
    run_id = await bench.finish([action("boom", "demo.fail", {"message": "The order was cancelled"})])
    assert (await bench.run(run_id))["status"] == "FAILED"
    run_id = await bench.finish([{"id": "x", "type": "control.if", "condition": expression("'cancelled'"), "then": []}])
    run = await bench.run(run_id)
    assert (run["status"], run["error_json"]["message"]) == (
        "FAILED",
        "control.if condition did not evaluate to true or false",
    )


async def test_expression_failures_name_the_expression(bench: Bench) -> None:
    run_id = await bench.finish([assign("a", vars__a="payload.nothing.here")])
    run = await bench.run(run_id)
    assert run["error_json"] == {
        "message": "Expression 'payload.nothing.here' has no value: the result is not JSON-serializable",
        "category": "ExpressionError",
        "nodePath": "root.steps[0]",
    }


async def test_the_nearest_handler_wins(bench: Bench) -> None:
    """F7: in the reference the farther try wins over the nearer loop that continues."""
    run_id = await bench.finish(
        [
            assign("before", vars__seen="[]"),
            {
                "id": "guard",
                "type": "control.tryCatch",
                "try": [
                    loop(
                        [
                            action(
                                "maybe",
                                "demo.flaky",
                                {"failures": expression("n = 2 ? 9 : 0"), "message": expression("toString(n)")},
                            ),
                            assign("note", vars__seen="append(vars.seen, n)"),
                        ]
                    )
                ],
                "catch": [assign("caught", vars__caught="true")],
            },
        ]
    )
    scopes = await bench.scopes(run_id)
    # Only the failed step is skipped: the rest of the second item's body goes on.
    assert scopes["workflow"]["seen"] == [1, 2, 3]
    assert "caught" not in scopes["workflow"]
    assert scopes["error"]["category"] == "TransientError"
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"


async def test_leaving_a_loop_by_a_failure_restores_what_it_shadowed(bench: Bench) -> None:
    """F7: in the reference the loop's variable, locals and state leak into the catch branch."""
    run_id = await bench.finish(
        [
            assign("before", vars__n="'kept'"),
            {
                "id": "guard",
                "type": "control.tryCatch",
                "try": [loop([action("boom", "demo.fail", {})], onItemError="fail")],
                "catch": [assign("look", vars__seen="{'n': n, 'state': vars.__forEach, 'local': local}")],
            },
        ]
    )
    assert (await bench.scopes(run_id))["workflow"]["seen"] == {"n": "kept", "state": {}, "local": {}}


async def test_an_inner_loop_fails_as_a_whole_and_the_outer_one_goes_on_after_it(bench: Bench) -> None:
    inner = {
        "id": "inner",
        "type": "control.forEach",
        "items": expression("[10, 20]"),
        "itemVar": "m",
        "body": [action("boom", "demo.fail", {"message": expression("toString(n)")})],
    }
    run_id = await bench.finish(
        [assign("before", vars__seen="[]"), loop([inner, assign("note", vars__seen="append(vars.seen, n)")], "[1, 2]")]
    )
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"]["seen"] == [1, 2]
    assert "m" not in scopes["workflow"]
    booms = [step for step in await bench.steps(run_id) if step["definition_step_id"] == "boom"]
    assert [(step["status"], step["attempt"]) for step in booms] == [("FAILED", 1), ("FAILED", 2)]


async def test_a_failure_in_the_catch_branch_propagates_outward(bench: Bench) -> None:
    def guard(inner: dict[str, object], name: str, catch: dict[str, object]) -> dict[str, object]:
        return {"id": name, "type": "control.tryCatch", "try": [inner], "catch": [catch]}

    fail = action("again", "demo.fail", {"message": "second"})
    inner = guard(action("boom", "demo.fail", {"message": "first"}), "inner", fail)
    run_id = await bench.finish([guard(inner, "outer", assign("note", vars__m="error.message"))])
    assert (await bench.scopes(run_id))["workflow"] == {"m": "second"}


async def test_a_capture_path_that_is_refused_fails_the_run_plainly(bench: Bench) -> None:
    guard = {
        "id": "guard",
        "type": "control.tryCatch",
        "captureErrorAs": "vars.__proto__.x",
        "try": [action("boom", "demo.fail")],
        "catch": [],
    }
    run_id = await bench.finish([guard])
    assert (await bench.run(run_id))["error_json"] == {
        "message": "The path 'vars.__proto__.x' cannot be assigned: segment '__proto__'",
        "category": "ValidationError",
        "nodePath": "root.steps[0].try.steps[0]",
    }


async def test_retries_reattempt_in_place_and_succeed(bench: Bench) -> None:
    """F20: in the reference every retry collides with the first attempt's invocation row."""
    run_id = await bench.finish(
        [action("flaky", "demo.flaky", {"failures": 2}, retry={"maxAttempts": 3, "backoffMs": 10}, saveAs="vars.r")]
    )
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"
    [invocation] = await bench.invocations(run_id)
    assert (invocation["status"], invocation["attempt"]) == ("SUCCEEDED", 3)
    assert (invocation["error_message"], invocation["error_json"]) == (None, None)
    assert (await bench.scopes(run_id))["workflow"]["r"] == {"attempt": 3}
    [step] = await bench.steps(run_id)
    assert (step["status"], step["attempt"]) == ("SUCCEEDED", 1)


async def test_exhausted_retries_end_with_the_last_true_error(bench: Bench) -> None:
    run_id = await bench.finish(
        [action("flaky", "demo.flaky", {"failures": 9}, retry={"maxAttempts": 2, "backoffMs": 1})]
    )
    [invocation] = await bench.invocations(run_id)
    assert (invocation["status"], invocation["attempt"]) == ("FAILED", 2)
    assert (await bench.run(run_id))["error_json"]["message"] == "The remote side did not answer (attempt 2)"


@pytest.mark.parametrize(("category", "attempts"), [("TransientError", 2), ("ActionError", 1)])
async def test_retry_on_looks_at_the_true_category(bench: Bench, category: str, attempts: int) -> None:
    """F19: in the reference the category is always ActionError."""
    retry = {"maxAttempts": 2, "backoffMs": 1, "retryOn": ["TransientError"]}
    run_id = await bench.finish([action("boom", "demo.fail", {"category": category}, retry=retry)])
    [invocation] = await bench.invocations(run_id)
    assert invocation["attempt"] == attempts


async def test_a_continued_failure_leaves_a_warning(bench: Bench) -> None:
    """F22: the step stays SUCCEEDED, and a log tells what happened."""
    run_id = await bench.finish(
        [action("boom", "demo.fail", DENIED, onError={"policy": "continue"}), assign("look", vars__c="error.code")]
    )
    first = (await bench.steps(run_id))[0]
    assert (first["status"], first["error_json"]) == ("SUCCEEDED", None)
    [log] = await bench.logs(run_id)
    assert (log["level"], log["step_id"], log["step_path"]) == ("WARN", first["step_id"], "root.steps[0]")
    assert "Not for you." in log["message"]
    assert (await bench.scopes(run_id))["workflow"] == {"c": "PERMISSION_DENIED"}
    assert (await bench.run(run_id))["error_json"] is None


async def test_retry_and_on_error_hold_for_every_node_step(bench: Bench) -> None:
    """F9: the reference honours them on action.call only."""
    wait = {
        "id": "reply",
        "type": "event.wait",
        "retry": {"maxAttempts": 2, "backoffMs": 1},
        "onError": {"policy": "continue"},
        "config": {"eventName": "R", "correlationKey": expression("null"), "timeoutMs": 50},
    }
    bad = {**assign("bad", vars__x="payload.missing"), "onError": {"policy": "continue"}}
    run_id = await bench.finish([wait, bad])
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"
    assert [row["status"] for row in await bench.waits(run_id)] == ["RESOLVED", "RESOLVED"]
    assert [log["level"] for log in await bench.logs(run_id)] == ["WARN", "WARN"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            'UPDATE workflow_definition_versions SET definition_json = definition_json || \'{"name": "edited"}\'',
            "hash differs",
        ),
        ("DELETE FROM workflow_definition_versions", "version does not exist"),
    ],
)
async def test_a_load_failure_completes_the_row(idle_bench: Bench, spoil: str, message: str) -> None:
    """F4: in the reference the row stays RUNNING for ever without a word."""
    run_id = await idle_bench.launch([assign("a", vars__a="1")])
    await idle_bench.execute(spoil)
    async with build_worker(idle_bench.client, idle_bench.database):
        assert await idle_bench.outcome(run_id) == "FAILED"
    run = await idle_bench.run(run_id)
    assert run["status"] == "FAILED"
    assert run["completed_at"] is not None
    assert run["error_json"]["stage"] == "launch"
    assert message in run["error_json"]["message"]
    assert await idle_bench.steps(run_id) == []


async def test_a_null_hash_skips_the_check(bench: Bench) -> None:
    run_id = await bench.finish([assign("a", vars__a="1")], definition_hash=None)
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"


async def test_an_unknown_step_type_is_refused_with_its_path(bench: Bench) -> None:
    foreign = {"id": "y", "type": "control.while"}
    run_id = await bench.finish([{"id": "x", "type": "control.if", "condition": expression("true"), "then": [foreign]}])
    path = "root.steps[0].then.steps[0].type"
    assert (await bench.run(run_id))["error_json"] == {
        "message": f"The definition cannot be executed: {path}: the step type 'control.while' is not known",
        "category": "ValidationError",
        "stage": "launch",
        "details": {"path": path},
    }


async def test_a_step_start_that_cannot_be_written_fails_the_run_with_its_path(bench: Bench) -> None:
    """F4: in the reference a database error at a step start strands the row."""
    await bench.execute("ALTER TABLE workflow_run_steps ADD CONSTRAINT no_second CHECK (step_path <> 'root.steps[1]')")
    run_id = await bench.finish([assign("a", vars__a="1"), assign("b", vars__b="1")])
    run = await bench.run(run_id)
    assert run["status"] == "FAILED"
    assert run["completed_at"] is not None
    assert run["error_json"]["nodePath"] == "root.steps[1]"
    assert "no_second" in run["error_json"]["message"]


async def test_a_launch_failure_that_was_none_is_undone(bench: Bench) -> None:
    """F30: the start was accepted although the launcher heard nothing and wrote FAILED."""
    workflow_id = await bench.publish([assign("a", vars__a="1")])
    run_id = await bench.insert_run(workflow_id, status="FAILED")
    await bench.execute(
        'UPDATE workflow_runs SET completed_at = now(), error_json = \'{"message": "no answer", "stage": "launch"}\''
        " WHERE run_id = :r",
        r=run_id,
    )
    await bench.start(run_id, workflow_id)
    await bench.outcome(run_id)
    run = await bench.run(run_id)
    assert (run["status"], run["error_json"]) == ("SUCCEEDED", None)


async def test_a_closed_row_is_not_executed(bench: Bench) -> None:
    workflow_id = await bench.publish([action("a", "demo.echo", {"value": 1})])
    run_id = await bench.insert_run(workflow_id, status="CANCELED")
    await bench.execute("UPDATE workflow_runs SET completed_at = now() WHERE run_id = :r", r=run_id)
    await bench.start(run_id, workflow_id)
    assert await bench.outcome(run_id) == "FAILED"
    assert (await bench.run(run_id))["status"] == "CANCELED"
    assert await bench.steps(run_id) == []
