"""A cancel from outside, at every kind of rest: the projection ends true (runtime.md 7.8, F13, F14, F15, F17)."""

from __future__ import annotations

from tests.engine.bench import Row
from tests.engine.conformance.acts import Act, cancels, ended, executes, failed_once, under_way, waiting
from tests.engine.conformance.case import SOMETHING, Case, Expected
from tests.engine.conformance.definitions import action, ask, call, each, guard, nap, put, wait

CLOSED = {"status": "CANCELED", "resolved_at": SOMETHING}
RUN = {"status": "CANCELED", "node_path": None, "completed_at": SOMETHING, "error_json": None}


def resting(name: str, step: Row) -> Case:
    """A cancel during a wait: no handler of the definition can take it."""
    return Case(
        id=f"cancel-{name}",
        rule="F13: wait, step and run become CANCELED; neither try nor onItemError takes a cancel",
        steps=[
            each(
                "loop",
                "[1]",
                "n",
                [guard("try", [step], [put("caught", {"vars.caught": "1"})])],
                onItemError="continue",
            ),
            put("after", {"vars.after": "1"}),
        ],
        acts=[waiting(step["id"]), cancels()],
        expect=Expected(
            ends="CANCELED", steps=["loop", "try", f"{step['id']} CANCELED"], run=RUN, waits=[CLOSED], step_errors={}
        ),
    )


def after(*acts: Act) -> list[Act]:
    return [*acts, cancels()]


CANCEL_CASES = [
    resting("time", nap("rest")),
    resting("event", wait("rest", "NEVER")),
    resting("event-with-timeout", wait("rest", "NEVER", timeoutMs=600_000)),
    Case(
        id="cancel-human",
        rule="F13, F17: a pending human task is canceled with its wait, step and run",
        steps=[ask("rest", "free")],
        acts=after(waiting("rest")),
        expect=Expected(
            ends="CANCELED", steps=["rest CANCELED"], run=RUN, waits=[CLOSED], tasks=[{"status": "canceled"}]
        ),
    ),
    Case(
        id="cancel-action",
        rule="F14: an action under way is stopped, its row says so, and nothing overwrites the cancel",
        steps=[action("slow", "demo.slow", {"ms": 120_000}), put("after", {"vars.a": "1"})],
        acts=after(under_way("demo.slow")),
        expect=Expected(
            ends="CANCELED",
            steps=["slow CANCELED"],
            run=RUN,
            invocations=[{"status": "FAILED", "error_json": {"category": "Cancellation"}, "completed_at": SOMETHING}],
        ),
    ),
    Case(
        id="cancel-between-attempts",
        rule="F13: a cancel during the pause before another attempt",
        steps=[action("boom", "demo.fail", {}, retry={"maxAttempts": 2, "backoffMs": 600_000})],
        acts=after(failed_once("demo.fail")),
        expect=Expected(ends="CANCELED", steps=["boom CANCELED"], run=RUN, invocations=[{"status": "FAILED"}]),
    ),
    Case(
        id="cancel-children",
        rule="F13, F17: children end CANCELED with their rows, before their parent does",
        steps=[call("child", "middle")],
        children={"inner": [nap("rest")], "middle": [call("deeper", "inner")]},
        acts=after(waiting("rest")),
        expect=Expected(
            ends="CANCELED",
            steps=["child CANCELED"],
            run=RUN,
            children=[
                Expected(
                    ends="CANCELED",
                    steps=["deeper CANCELED"],
                    run=RUN,
                    children=[Expected(ends="CANCELED", steps=["rest CANCELED"], run=RUN, waits=[CLOSED])],
                )
            ],
        ),
    ),
    Case(
        id="cancel-after-the-console",
        rule="F14: the row that the console has already closed stays as it closed it; the rest is cleaned up",
        steps=[wait("rest", "NEVER")],
        acts=[
            waiting("rest"),
            executes(
                "UPDATE workflow_runs SET status = 'CANCELED', node_path = NULL, completed_at = '2026-01-01T00:00:00Z'"
                " WHERE tenant = :tenant AND run_id = :run"
            ),
            cancels(),
        ],
        expect=Expected(ends="CANCELED", steps=["rest CANCELED"], run=RUN, waits=[CLOSED]),
    ),
    Case(
        id="cancel-of-the-ended",
        rule="F15: a cancel of a finished execution changes nothing",
        steps=[put("a", {"vars.a": "1"})],
        acts=after(ended()),
        expect=Expected(ends="SUCCEEDED", steps=["a"], vars={"a": 1}),
    ),
    Case(
        id="cancel-at-once",
        rule="F13: a cancel before the first step leaves a closed run without open rows",
        steps=[nap("rest")],
        acts=[cancels()],
        expect=Expected(ends="CANCELED", run={"status": "CANCELED", "completed_at": SOMETHING}),
    ),
    Case(
        id="cancel-keeps-what-was-done",
        rule="F13: what had ended before the cancel stays as it ended",
        steps=[
            action("done", "demo.echo", {"value": 1}),
            guard("try", [action("boom", "demo.fail", {"message": "No luck"})], [nap("rest")]),
        ],
        acts=after(waiting("rest")),
        expect=Expected(
            ends="CANCELED",
            steps=["done", "try", "boom FAILED", "rest CANCELED"],
            step_errors={"boom": {"message": "No luck"}},
        ),
    ),
]
