"""Invocations: idempotency, secrets, input validation, lost workers (F20, F21, F41)."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.engine.actions import Action, ActionContext, ActionRegistry
from app.engine.definition_fields import Fields
from app.engine.failures import StepFailure
from app.engine.worker import build_worker
from tests.engine.bench import Bench, action, assign, expression

pytestmark = pytest.mark.asyncio

SECRET = "s3cr3t-value-42"


async def test_invalid_input_fails_with_its_path_before_any_invocation(bench: Bench) -> None:
    run_id = await bench.finish([action("send", "notifications.send", {"to": 5, "message": "x"})])
    assert (await bench.run(run_id))["error_json"] == {
        "message": "Input of notifications.send is not valid: input.to: must be a text that is not empty",
        "category": "ValidationError",
        "code": "VALIDATION_ERROR",
        "nodePath": "root.steps[0]",
    }
    assert await bench.invocations(run_id) == []


async def test_an_unknown_action_fails_with_its_name(bench: Bench) -> None:
    run_id = await bench.finish([action("x", "crm.magic", {})])
    assert (await bench.run(run_id))["error_json"]["message"] == "This worker has no action crm.magic version 1"


async def test_desk_actions_leave_a_line_in_the_log(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            action("send", "notifications.send", {"to": "a@example.org", "message": "Hi"}, saveAs="vars.sent"),
            action("comment", "tickets.add_comment", {"ticketId": "T-1", "comment": "Done"}, saveAs="vars.comment"),
        ]
    )
    assert [(log["level"], log["message"], log["step_path"]) for log in await bench.logs(run_id)] == [
        ("INFO", "Notification sent by email", "root.steps[0]"),
        ("INFO", "Comment added to ticket T-1", "root.steps[1]"),
    ]
    assert (await bench.scopes(run_id))["workflow"]["sent"]["delivered"] is True


async def test_the_data_store_keeps_values_and_counts_revisions(bench: Bench) -> None:
    address = {"namespace": "counters", "key": "runs"}
    run_id = await bench.finish(
        [
            action("none", "store.get", address, saveAs="vars.before"),
            action("set", "store.set", {**address, "value": {"n": 1.25}}),
            action("again", "store.set", {**address, "value": None, "ttlSeconds": 60}, saveAs="vars.again"),
            action("get", "store.get", {**address}, saveAs="vars.after", idempotencyKey=expression("'second read'")),
        ]
    )
    variables = (await bench.scopes(run_id))["workflow"]
    assert variables["before"] == {"found": False, "value": None, "revision": None}
    assert variables["again"]["revision"] == 2
    assert variables["after"] == {"found": True, "value": None, "revision": 2}


async def test_expired_values_count_as_absent_and_are_deleted(bench: Bench) -> None:
    await bench.execute(
        "INSERT INTO workflow_data_store (tenant, namespace, key, value, expires_at)"
        " VALUES (:t, 'n', 'k', '1', now() - interval '1 second')",
        t=bench.tenant,
    )
    run_id = await bench.finish([action("get", "store.get", {"namespace": "n", "key": "k"}, saveAs="vars.v")])
    assert (await bench.scopes(run_id))["workflow"]["v"]["found"] is False
    async with bench.database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM workflow_data_store")) == 0


async def test_an_authored_key_returns_the_earlier_result_and_says_so(bench: Bench) -> None:
    """F21: a replay that skips an action because of its key must be visible."""
    steps = [
        action(
            "send",
            "notifications.send",
            {"to": "a@example.org", "message": "Hi"},
            idempotencyKey=expression("'invoice-7'"),
            saveAs="vars.sent",
        )
    ]
    first = await bench.finish(steps)
    second = await bench.finish(steps)
    assert len(await bench.invocations(first)) == 1
    assert await bench.invocations(second) == []
    assert (await bench.scopes(first))["workflow"] == (await bench.scopes(second))["workflow"]
    [log] = await bench.logs(second)
    assert (log["level"], log["step_path"], log["context_json"]["sourceRunId"]) == ("INFO", "root.steps[0]", str(first))
    assert (await bench.invocations(first))[0]["idempotency_key"] == f"{bench.tenant}:invoice-7"


async def test_a_replay_reattempts_the_failed_invocation_of_its_source(bench: Bench) -> None:
    """F21: in the reference the replay fails with a duplicate key at the very step it should repair."""
    steps = [action("flaky", "demo.flaky", {"failures": 1}, idempotencyKey=expression("'k'"))]
    first = await bench.finish(steps)
    assert (await bench.run(first))["status"] == "FAILED"
    second = await bench.finish(steps)
    assert (await bench.run(second))["status"] == "SUCCEEDED"
    [invocation] = await bench.invocations(first)
    assert (invocation["status"], invocation["attempt"]) == ("SUCCEEDED", 2)
    assert [log["context_json"]["sourceRunId"] for log in await bench.logs(second)] == [str(first)]


async def test_iterations_with_the_same_input_run_once(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            {
                "id": "each",
                "type": "control.forEach",
                "items": expression("[1, 2, 3]"),
                "itemVar": "n",
                "body": [action("send", "notifications.send", {"to": "a", "message": expression("n < 3 ? 'x' : 'y'")})],
            }
        ]
    )
    assert [row["input_json"]["message"] for row in await bench.invocations(run_id)] == ["x", "y"]


async def test_secrets_reach_only_the_handler(bench: Bench) -> None:
    """F41: neither rows nor history hold the value."""
    mapping = {"value": {"header": {"$secret": "API_KEY"}, "apiKey": "visible-to-nobody", "n": 1}}
    run_id = await bench.finish(
        [
            action("echo", "demo.echo", {"value": {"text": {"$secret": "API_KEY"}, **mapping["value"]}}),
            action("boom", "demo.fail", {"message": {"$secret": "API_KEY"}}, onError={"policy": "continue"}),
        ]
    )
    echo, boom = await bench.invocations(run_id)
    assert echo["input_json"]["value"]["header"] == "[SECRET:REDACTED]"
    assert echo["output_json"] == {
        "text": "[SECRET:REDACTED]",
        "header": "[SECRET:REDACTED]",
        "apiKey": "[REDACTED]",
        "n": 1,
    }
    assert boom["error_message"] == "[SECRET:REDACTED]"
    assert SECRET not in str(await bench.logs(run_id))
    assert SECRET not in (await bench.handle(run_id).fetch_history()).to_json()
    failed = await bench.finish([action("boom", "demo.fail", {"message": {"$secret": "API_KEY"}})])
    assert (await bench.run(failed))["error_json"]["message"] == "[SECRET:REDACTED]"
    assert SECRET not in (await bench.handle(failed).fetch_history()).to_json()
    history = (await bench.handle(failed).fetch_history()).to_json()
    assert base64.b64encode(SECRET.encode()).decode().rstrip("=") not in history


async def test_a_missing_secret_is_named(bench: Bench) -> None:
    run_id = await bench.finish([action("echo", "demo.echo", {"value": {"$secret": "NOT_THERE"}})])
    assert (await bench.run(run_id))["error_json"]["message"] == "The secret NOT_THERE does not exist"


async def test_a_cached_result_with_masked_values_is_not_passed_on(bench: Bench) -> None:
    steps = [action("echo", "demo.echo", {"value": {"token": "abc"}}, idempotencyKey=expression("'k'"))]
    await bench.finish(steps)
    second = await bench.finish(steps)
    assert "masked values (/token)" in (await bench.run(second))["error_json"]["message"]


def sending(repeatable: bool, sent: list[int]) -> ActionRegistry:
    def read(fields: Fields) -> None:
        fields.close()

    async def handle(context: ActionContext, _: None) -> dict[str, int]:
        sent.append(context.attempt)
        return {"attempt": context.attempt}

    return ActionRegistry([Action("mail.send", 1, "Sends.", True, repeatable, read, handle)])


@pytest.mark.parametrize(("repeatable", "status"), [(True, "SUCCEEDED"), (False, "FAILED")])
async def test_a_row_left_started_is_repeated_only_when_that_is_harmless(
    idle_bench: Bench, repeatable: bool, status: str
) -> None:
    """F20: a worker died between the effect and its record; the outcome is unknown."""
    sent: list[int] = []
    workflow_id = await idle_bench.publish([action("send", "mail.send", {}, idempotencyKey=expression("'k'"))])
    run_id = await idle_bench.insert_run(workflow_id)
    await idle_bench.execute(
        "INSERT INTO workflow_action_invocations (invocation_id, tenant, run_id, step_path, action_id, action_version,"
        " idempotency_key, status, started_at)"
        " VALUES (:i, :t, :r, 'root.steps[0]', 'mail.send', 1, :k, 'STARTED', now())",
        i=uuid4(),
        t=idle_bench.tenant,
        r=run_id,
        k=f"{idle_bench.tenant}:k",
    )
    async with build_worker(idle_bench.client, idle_bench.database, registry=sending(repeatable, sent)):
        await idle_bench.start(run_id, workflow_id)
        await idle_bench.outcome(run_id)
    assert (await idle_bench.run(run_id))["status"] == status
    [invocation] = await idle_bench.invocations(run_id)
    assert invocation["status"] == status
    assert sent == ([2] if repeatable else [])
    if not repeatable:
        assert invocation["error_json"]["code"] == "OUTCOME_UNKNOWN"


async def test_an_unexpected_error_of_a_handler_is_an_action_error(idle_bench: Bench) -> None:
    async def handle(_context: ActionContext, _input: Any) -> None:
        raise KeyError("customer")

    registry = ActionRegistry([Action("x.y", 1, "Breaks.", False, True, lambda fields: fields.close(), handle)])
    async with build_worker(idle_bench.client, idle_bench.database, registry=registry):
        run_id = await idle_bench.finish([action("x", "x.y", {})])
    [invocation] = await idle_bench.invocations(run_id)
    assert (invocation["error_message"], invocation["error_json"]["code"]) == ("'customer'", "INTERNAL_ERROR")


async def test_giant_error_details_are_capped(idle_bench: Bench) -> None:
    async def handle(_context: ActionContext, _input: Any) -> None:
        raise StepFailure("ActionError", "big", details={"password": "x", "log": "y" * 50_000})

    registry = ActionRegistry([Action("x.y", 1, "Breaks.", False, True, lambda fields: fields.close(), handle)])
    async with build_worker(idle_bench.client, idle_bench.database, registry=registry):
        run_id = await idle_bench.finish([action("x", "x.y", {})])
    [invocation] = await idle_bench.invocations(run_id)
    assert invocation["error_json"]["details"]["truncated"] is True


async def test_texts_that_postgres_refuses_are_made_storable(bench: Bench) -> None:
    run_id = await bench.finish([action("echo", "demo.echo", {"value": expression("'a\\u0000b'")}, saveAs="vars.v")])
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"
    [invocation] = await bench.invocations(run_id)
    assert invocation["output_json"] == "a\ufffdb"


async def test_text_transforms(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            action(
                "t",
                "transform.template",
                {"template": "Hi {{who.name}}!", "values": {"who": {"name": "Bo"}}},
                saveAs="vars.t",
            ),
            action("c", "transform.concat_text", {"parts": ["a", 1, None], "separator": "-"}, saveAs="vars.c"),
            action("s", "transform.trim", {"text": "  x "}, saveAs="vars.s"),
            action("bad", "transform.template", {"template": "{{nobody}}"}, onError={"policy": "continue"}),
            assign("e", vars__e="error.message"),
        ]
    )
    variables = (await bench.scopes(run_id))["workflow"]
    assert [variables[name]["text"] for name in "tcs"] == ["Hi Bo!", "a-1-", "x"]
    assert (
        variables["e"] == "Input of transform.template is not valid: input.values.nobody: is required by the template"
    )
