"""``action.call`` (runtime.md 7.7): input, output, invocations, idempotency, retries, secrets (F19 to F22, F41)."""

from __future__ import annotations

from typing import Any

from tests.engine.conformance.acts import executes, runs_again
from tests.engine.conformance.case import INSTANT, SOMETHING, Case, Containing, Exactly, Expected
from tests.engine.conformance.definitions import action, each, expression, guard, put

DENIED = {"message": "Not for you.", "code": "PERMISSION_DENIED", "category": "ActionError", "details": {"right": "x"}}
SECRET = "[SECRET:REDACTED]"


def retried(case_id: str, rule: str, category: str, attempts: int, **policy: Any) -> Case:
    retry = {"maxAttempts": 3, "backoffMs": 5, "jitter": False, **policy}
    message = f"Down (attempt {attempts})"
    return Case(
        id=f"retry-{case_id}",
        rule=rule,
        steps=[action("flaky", "demo.flaky", {"failures": 9, "message": "Down", "category": category}, retry=retry)],
        expect=Expected(
            ends="FAILED",
            steps=["flaky FAILED"],
            run={"error_json": {"message": message, "nodePath": "root.steps[0]"}},
            failure={"type": category},
            invocations=[{"status": "FAILED", "attempt": attempts, "error_message": message}],
        ),
    )


def unheld(case_id: str, rule: str, action_id: str, mapping: dict[str, Any], part: str) -> Case:
    """The input is refused before any invocation row exists."""
    return Case(
        id=f"action-{case_id}",
        rule=rule,
        steps=[action("act", action_id, mapping)],
        expect=Expected(
            ends="FAILED",
            steps=["act FAILED"],
            step_errors={"act": {"message": Containing(part)}},
            failure={"type": "ValidationError", "message": Containing(part)},
            invocations=[],
        ),
    )


ACTION_CASES = [
    Case(
        id="action-input-and-output",
        rule="literals are walked recursively, expressions resolved; the output goes to saveAs",
        steps=[
            action(
                "act",
                "demo.echo",
                {"value": {"n": expression("payload.n + 1"), "list": [1, expression("'x'"), {"deep": None}]}},
                saveAs="payload.result",
            )
        ],
        payload={"n": 1},
        expect=Expected(
            steps=["act"],
            vars={},
            scopes={"payload": Exactly({"n": 1, "result": {"n": 2, "list": [1, "x", {"deep": None}]}})},
            invocations=[
                {
                    "status": "SUCCEEDED",
                    "attempt": 1,
                    "action_id": "demo.echo",
                    "action_version": 1,
                    "step_path": "root.steps[0]",
                    "input_json": Exactly({"value": {"n": 2, "list": [1, "x", {"deep": None}]}}),
                    "output_json": Exactly({"n": 2, "list": [1, "x", {"deep": None}]}),
                    "error_message": None,
                    "completed_at": SOMETHING,
                }
            ],
        ),
    ),
    Case(
        id="action-without-save-as",
        rule="without saveAs nothing is written",
        steps=[action("act", "demo.echo", {"value": 1})],
        expect=Expected(steps=["act"], vars={}),
    ),
    unheld(
        "misfit",
        "an input that does not fit fails before any invocation exists",
        "tickets.add_comment",
        {"ticketId": "T"},
        "comment",
    ),
    unheld(
        "unknown",
        "an action that the worker does not have is a failure of the step",
        "no.such_action",
        {},
        "no.such_action",
    ),
    unheld(
        "no-secret",
        "a secret that does not exist is a failure of the step",
        "demo.echo",
        {"value": {"$secret": "NOPE"}},
        "NOPE",
    ),
    Case(
        id="action-secret",
        rule="F41: a secret reaches only the handler; rows hold its placeholder, also in what the action returned",
        steps=[
            action("send", "transform.concat_text", {"parts": ["key ", {"$secret": "API_KEY"}]}, saveAs="vars.sent"),
        ],
        expect=Expected(
            steps=["send"],
            invocations=[
                {"input_json": Exactly({"parts": ["key ", SECRET]}), "output_json": Exactly({"text": f"key {SECRET}"})}
            ],
        ),
    ),
    Case(
        id="action-secret-in-error",
        rule="F41: an error that quotes a secret is stored without it, everywhere",
        steps=[action("boom", "demo.fail", {"message": {"$secret": "API_KEY"}, "details": {"token": "abc", "n": 1}})],
        expect=Expected(
            ends="FAILED",
            run={"error_json": {"message": SECRET}},
            step_errors={"boom": {"message": SECRET}},
            failure={"message": SECRET},
            invocations=[
                {"error_message": SECRET, "error_json": {"details": Exactly({"token": "[REDACTED]", "n": 1})}}
            ],
        ),
    ),
    Case(
        id="action-fails",
        rule="F19: step, run, invocation and Temporal tell the true message, category, code and details",
        steps=[put("a", {"vars.a": "1"}), action("boom", "demo.fail", DENIED)],
        expect=Expected(
            ends="FAILED",
            steps=["a", "boom FAILED"],
            step_errors={"boom": {"message": "Not for you."}},
            run={"error_json": {"message": "Not for you.", "nodePath": "root.steps[1]"}},
            failure={
                "type": "ActionError",
                "message": "Not for you.",
                "code": "PERMISSION_DENIED",
                "details": {"right": "x"},
                "nodePath": "root.steps[1]",
            },
            invocations=[
                {
                    "status": "FAILED",
                    "error_message": "Not for you.",
                    "output_json": None,
                    "error_json": Exactly(
                        {
                            "category": "ActionError",
                            "message": "Not for you.",
                            "nodePath": "root.steps[1]",
                            "at": INSTANT,
                            "code": "PERMISSION_DENIED",
                            "details": {"right": "x"},
                        }
                    ),
                }
            ],
        ),
    ),
    Case(
        id="action-category",
        rule="F19: an action's own category reaches catch branches",
        steps=[
            guard(
                "try",
                [action("boom", "demo.fail", {"category": "ValidationError", "message": "Bad"})],
                [put("look", {"vars.seen": "[error.category, error.message, error.nodePath]"})],
            )
        ],
        expect=Expected(vars={"seen": ["ValidationError", "Bad", "root.steps[0].try.steps[0]"]}),
    ),
    Case(
        id="action-cached",
        rule="7.7, F21: loop iterations with the same input run once; the log says that a result was used again",
        steps=[
            put("begin", {"vars.seen": "[]"}),
            each(
                "loop",
                "[1, 1, 2]",
                "n",
                [
                    action("act", "demo.echo", {"value": expression("n")}, saveAs="vars.out"),
                    put("note", {"vars.seen": "append(vars.seen, vars.out)"}),
                ],
            ),
        ],
        expect=Expected(
            steps=["begin", "loop", "act", "note", "act", "note", "act", "note"],
            vars={"seen": [1, 1, 2], "out": 2},
            invocations=[{"output_json": 1, "attempt": 1}, {"output_json": 2, "attempt": 1}],
            logs=[
                {
                    "level": "INFO",
                    "step_path": "root.steps[1].body.steps[0]",
                    "context_json": {"invocationId": SOMETHING},
                }
            ],
        ),
    ),
    Case(
        id="key-of-an-earlier-run",
        rule="F21: a succeeded invocation of another run is used again, and the log names both",
        steps=[
            action(
                "act",
                "demo.echo",
                {"value": expression("payload.n")},
                idempotencyKey=expression("'order-7'"),
                saveAs="vars.out",
            )
        ],
        payload={"n": 1},
        acts=[runs_again({"n": 2})],
        expect=Expected(
            steps=["act"],
            vars={"out": 1},
            invocations=[],
            logs=[{"level": "INFO", "context_json": {"invocationId": SOMETHING, "sourceRunId": SOMETHING}}],
        ),
    ),
    Case(
        id="key-of-an-earlier-failure",
        rule="F21: a failed invocation of another run is attempted again in place, and the log says so",
        steps=[action("act", "demo.flaky", {"failures": 1}, idempotencyKey=expression("'order-8'"), saveAs="vars.out")],
        acts=[runs_again()],
        expect=Expected(
            steps=["act"],
            vars={"out": {"attempt": 2}},
            logs=[{"level": "INFO", "context_json": {"invocationId": SOMETHING, "sourceRunId": SOMETHING}}],
        ),
    ),
    Case(
        id="key-by-default",
        rule="the key is tenant, run, path, action, version and a hash of the input",
        steps=[action("act", "demo.echo", {"value": 1})],
        expect=Expected(invocations=[{"idempotency_key": Containing(":root.steps[0]:demo.echo:1:")}]),
    ),
    Case(
        id="key-empty",
        rule="a key that is no text is a failure of the step, before any invocation exists",
        steps=[action("act", "demo.echo", {"value": 1}, idempotencyKey=expression("null"))],
        expect=Expected(ends="FAILED", steps=["act FAILED"], invocations=[]),
    ),
    Case(
        id="retry-succeeds",
        rule="F20: a retry attempts the same invocation again in place; the step row is not made anew",
        steps=[
            action("flaky", "demo.flaky", {"failures": 2}, retry={"maxAttempts": 3, "backoffMs": 5}, saveAs="vars.r")
        ],
        expect=Expected(
            steps=["flaky"],
            vars={"r": {"attempt": 3}},
            invocations=[{"status": "SUCCEEDED", "attempt": 3, "error_message": None, "error_json": None}],
        ),
    ),
    retried("exhausted", "after maxAttempts the last true error ends the run", "TransientError", 3),
    retried("on-category", "F19: retryOn looks at the true category", "TransientError", 3, retryOn=["TransientError"]),
    retried(
        "not-on-category", "F19: another category is not tried again", "ActionError", 1, retryOn=["TransientError"]
    ),
    retried(
        "capped", "the pause grows and is capped by maxDelayMs", "TransientError", 3, backoffMs=5_000_000, maxDelayMs=20
    ),
    Case(
        id="retry-in-a-loop",
        rule="F20: an iteration with the same input as a failed one attempts its invocation again",
        steps=[each("loop", "[1, 2]", "n", [action("flaky", "demo.flaky", {"failures": 1})], onItemError="continue")],
        expect=Expected(steps=["loop", "flaky FAILED", "flaky"], invocations=[{"status": "SUCCEEDED", "attempt": 2}]),
    ),
    Case(
        id="started-and-lost",
        rule="F20: a row left STARTED is of unknown outcome: what may not be repeated fails with a clear text",
        steps=[
            action(
                "send",
                "notifications.send",
                {"to": "a@example.org", "message": "Hello"},
                idempotencyKey=expression("'once'"),
            )
        ],
        before=[
            executes(
                "INSERT INTO workflow_action_invocations (tenant, run_id, step_path, action_id, action_version,"
                " idempotency_key, status, attempt) VALUES (:tenant, :run, 'root.steps[0]', 'notifications.send', 1,"
                " CAST(:tenant AS text) || ':' || 'once', 'STARTED', 1)"
            )
        ],
        expect=Expected(
            ends="FAILED",
            steps=["send FAILED"],
            run={"error_json": {"message": Containing("unknown")}},
            invocations=[{"status": "FAILED", "attempt": 1}],
            logs=[],
        ),
    ),
    Case(
        id="started-and-repeatable",
        rule="F20: an action known to be repeatable is run again over a row left STARTED",
        steps=[action("act", "demo.echo", {"value": 1}, idempotencyKey=expression("'again'"), saveAs="vars.out")],
        before=[
            executes(
                "INSERT INTO workflow_action_invocations (tenant, run_id, step_path, action_id, action_version,"
                " idempotency_key, status, attempt) VALUES (:tenant, :run, 'root.steps[0]', 'demo.echo', 1,"
                " CAST(:tenant AS text) || ':' || 'again', 'STARTED', 1)"
            )
        ],
        expect=Expected(steps=["act"], vars={"out": 1}, invocations=[{"status": "SUCCEEDED", "attempt": 2}]),
    ),
]
