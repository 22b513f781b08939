"""Each step type, on real servers."""

from __future__ import annotations

import pytest

from app.engine.semantics import SEMANTICS_VERSION
from app.temporal import contract
from tests.engine.bench import Bench, action, assign, expression

pytestmark = pytest.mark.asyncio


async def test_a_simple_run_projects_every_row(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            {"id": "mark", "type": "state.set", "config": {"state": "triage"}},
            assign("prepare", vars__name="payload.customer.name & '!'"),
            action("shout", "transform.uppercase", {"text": expression("vars.name")}, saveAs="vars.loud"),
        ],
        {"customer": {"name": "Ünal"}},
    )
    run = await bench.run(run_id)
    assert (run["status"], run["node_path"], run["error_json"]) == ("SUCCEEDED", None, None)
    assert run["completed_at"] >= run["started_at"]
    assert run["runtime_semantics_version"] == SEMANTICS_VERSION
    steps = await bench.steps(run_id)
    assert [(step["step_path"], step["definition_step_id"], step["status"], step["attempt"]) for step in steps] == [
        ("root.steps[0]", "mark", "SUCCEEDED", 1),
        ("root.steps[1]", "prepare", "SUCCEEDED", 1),
        ("root.steps[2]", "shout", "SUCCEEDED", 1),
    ]
    assert all(step["completed_at"] is not None and step["duration_ms"] >= 0 for step in steps)
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"] == {"name": "Ünal!", "loud": {"text": "ÜNAL!"}}
    assert scopes["meta"]["state"] == "triage"
    [invocation] = await bench.invocations(run_id)
    assert (invocation["status"], invocation["attempt"], invocation["input_json"], invocation["output_json"]) == (
        "SUCCEEDED",
        1,
        {"text": "Ünal!"},
        {"text": "ÜNAL!"},
    )
    assert invocation["idempotency_key"].startswith(f"{bench.tenant}:{run_id}:root.steps[2]:transform.uppercase:1:")


async def test_if_takes_one_branch_and_its_own_row_ends_first(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            {
                "id": "check",
                "type": "control.if",
                "condition": expression("payload.amount > 100"),
                "then": [assign("large", vars__size="'large'")],
                "else": [assign("small", vars__size="'small'")],
            },
            {"id": "none", "type": "control.if", "condition": expression("false"), "then": [assign("x", vars__x="1")]},
        ],
        {"amount": 250},
    )
    assert [(step["step_path"], step["status"]) for step in await bench.steps(run_id)] == [
        ("root.steps[0]", "SUCCEEDED"),
        ("root.steps[0].then.steps[0]", "SUCCEEDED"),
        ("root.steps[1]", "SUCCEEDED"),
    ]
    assert (await bench.scopes(run_id))["workflow"] == {"size": "large"}


async def test_loop_runs_in_order_counts_attempts_per_path_and_restores_what_it_shadowed(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            assign("before", vars__ticket="'kept'", vars__seen="[]"),
            {
                "id": "each",
                "type": "control.forEach",
                "items": expression("payload.tickets"),
                "itemVar": "ticket",
                "body": [
                    assign(
                        "note",
                        vars__seen="append(vars.seen, {'id': ticket.id, 'i': index, 'first': isFirst,"
                        " 'last': local.isLast, 'same': item.id = vars.ticket.id, 'length': length})",
                    )
                ],
            },
        ],
        {"tickets": [{"id": "T1"}, {"id": "T2"}, {"id": "T3"}]},
    )
    body = [step for step in await bench.steps(run_id) if step["step_path"] == "root.steps[1].body.steps[0]"]
    assert [step["attempt"] for step in body] == [1, 2, 3]
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"]["seen"] == [
        {"id": "T1", "i": 0, "first": True, "last": False, "same": True, "length": 3},
        {"id": "T2", "i": 1, "first": False, "last": False, "same": True, "length": 3},
        {"id": "T3", "i": 2, "first": False, "last": True, "same": True, "length": 3},
    ]
    assert scopes["workflow"]["ticket"] == "kept"
    assert scopes["workflow"]["__forEach"] == {}
    assert scopes["lexical"] == []


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([{"id": 1}], [1]),  # F10: JSONata turns a path over one element into a scalar
        ([{"id": 1}, {"id": 2}], [1, 2]),
    ],
)
async def test_loop_over_a_path_with_one_element(
    bench: Bench, items: list[dict[str, int]], expected: list[int]
) -> None:
    run_id = await bench.finish(
        [
            assign("before", vars__seen="[]"),
            {
                "id": "each",
                "type": "control.forEach",
                "items": expression("payload.items.id"),
                "itemVar": "id",
                "body": [assign("note", vars__seen="append(vars.seen, id)")],
            },
        ],
        {"items": items},
    )
    assert (await bench.scopes(run_id))["workflow"]["seen"] == expected


async def test_empty_loops_and_empty_definitions_succeed(bench: Bench) -> None:
    loop = {
        "id": "each",
        "type": "control.forEach",
        "items": expression("payload.items"),
        "itemVar": "item",
        "body": [assign("x", vars__x="1")],
    }
    run_id = await bench.finish([loop, {**loop, "id": "again", "items": expression("[1]"), "body": []}], {"items": []})
    assert (await bench.run(run_id))["status"] == "SUCCEEDED"
    assert len(await bench.steps(run_id)) == 2
    empty = await bench.finish([])  # F6
    assert (await bench.run(empty))["status"] == "SUCCEEDED"
    assert await bench.steps(empty) == []


async def test_return_ends_the_run_from_inside_loop_and_branch(bench: Bench) -> None:
    run_id = await bench.finish(
        [
            {
                "id": "each",
                "type": "control.forEach",
                "items": expression("[1, 2, 3]"),
                "itemVar": "n",
                "body": [
                    {
                        "id": "second",
                        "type": "control.if",
                        "condition": expression("n = 2"),
                        "then": [{"id": "stop", "type": "control.return"}],
                    }
                ],
            },
            assign("never", vars__never="true"),
        ]
    )
    run = await bench.run(run_id)
    assert (run["status"], run["error_json"]) == ("SUCCEEDED", None)
    paths = [step["step_path"] for step in await bench.steps(run_id)]
    assert paths[-1] == "root.steps[0].body.steps[0].then.steps[0]"
    assert "never" not in (await bench.scopes(run_id))["workflow"]


async def test_assignments_keep_meta_and_error(bench: Bench) -> None:
    """F8: an assignment changes its target only; ``meta.`` and ``error.`` are addressed as named."""
    run_id = await bench.finish(
        [
            {"id": "mark", "type": "state.set", "config": {"state": "working"}},
            {
                "id": "guard",
                "type": "control.tryCatch",
                "captureErrorAs": "vars.problem",
                "try": [
                    action("boom", "demo.fail", {"message": "No.", "code": "CONFLICT", "category": "ValidationError"})
                ],
                "catch": [
                    action("save", "demo.echo", {"value": 1}, saveAs="vars.saved"),
                    assign(
                        "look",
                        vars__code="error.code",
                        vars__category="error.category",
                        vars__captured="vars.problem.message",
                        vars__state="meta.state",
                        meta__owner="'desk'",
                    ),
                ],
            },
        ]
    )
    scopes = await bench.scopes(run_id)
    assert {name: scopes["workflow"][name] for name in ("code", "category", "captured", "state")} == {
        "code": "CONFLICT",
        "category": "ValidationError",
        "captured": "No.",
        "state": "working",
    }
    assert (scopes["meta"]["state"], scopes["meta"]["owner"]) == ("working", "desk")


async def test_a_generic_node_is_the_action_of_its_name(bench: Bench) -> None:
    body = "<p>Works again, <b>thanks</b>!</p><p>On Monday Ada wrote:</p><blockquote>Try now.</blockquote>"
    parse = {"text": None, "html": expression("payload.body"), "saveAs": "vars.mail"}
    blocks = {"text": expression("vars.mail.reply"), "saveAs": "vars.comment"}
    run_id = await bench.finish(
        [
            {"id": "parse", "type": "email.parseBody", "name": "Parse", "config": parse},
            {"id": "render", "type": "email.renderCommentBlocks", "config": blocks},
            {"id": "foreign", "type": "crm.magic", "onError": {"policy": "continue"}},
        ],
        {"body": body},
    )
    scopes = await bench.scopes(run_id)
    assert scopes["workflow"]["mail"]["reply"] == "Works again, thanks!"
    assert scopes["workflow"]["mail"]["quoted"].startswith("On Monday Ada wrote:")
    assert scopes["workflow"]["comment"] == {"blocks": [{"type": "paragraph", "text": "Works again, thanks!"}]}
    assert (scopes["error"]["category"], scopes["error"]["code"]) == ("ValidationError", "UNKNOWN_ACTION")
    assert [step["status"] for step in await bench.steps(run_id)] == ["SUCCEEDED"] * 3


async def test_queries_answer_while_a_run_waits(bench: Bench) -> None:
    run_id = await bench.launch(
        [
            assign("a", vars__a="1"),
            {
                "id": "reply",
                "type": "event.wait",
                "config": {"eventName": "REPLY", "correlationKey": expression("payload.ticket")},
            },
        ],
        {"ticket": "T-7"},
    )
    await bench.open_wait(run_id)
    handle = bench.handle(run_id)
    assert await handle.query(contract.QUERY_CURRENT_STEP) == {
        "runId": str(run_id),
        "currentStepPath": "root.steps[1]",
    }
    assert await handle.query(contract.QUERY_CURRENT_WAIT) == {
        "type": "event.wait",
        "stepPath": "root.steps[1]",
        "descriptor": {"eventName": "REPLY", "correlationKey": "T-7", "timeoutAt": None},
    }
    assert await handle.query(contract.QUERY_SUMMARY) == {
        "runId": str(run_id),
        "stepCount": 1,
        "currentStepPath": "root.steps[1]",
        "frameDepth": 1,
    }
