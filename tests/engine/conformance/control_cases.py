"""Control steps (runtime.md 7.3) and which handler takes a failure (F5, F6, F7, F10, F39)."""

from __future__ import annotations

from tests.engine.conformance.acts import sees, sends, waiting
from tests.engine.conformance.case import Case, Containing, Exactly, Expected
from tests.engine.conformance.definitions import action, each, expression, guard, leave, put, wait, when

NOTE = put("note", {"vars.seen": "append(vars.seen, n)"})
BEGIN = put("begin", {"vars.seen": "[]"})
BOOM = action("boom", "demo.fail", {"message": "No luck"})
BAD_SECOND = action(
    "maybe", "demo.flaky", {"failures": expression("n = 2 ? 9 : 0"), "message": expression("toString(n)")}
)


def bad_condition(case_id: str, condition: str) -> Case:
    return Case(
        id=f"if-{case_id}",
        rule="a condition that is not a boolean is a failure, also when it is a missing path",
        steps=[when("if", condition, [put("then", {"vars.a": "1"})])],
        expect=Expected(
            ends="FAILED",
            steps=["if FAILED"],
            run={"error_json": {"nodePath": "root.steps[0]", "message": Containing("")}},
        ),
    )


CONTROL_CASES = [
    Case(
        id="if-both-ways",
        rule="the branch is taken after the if's own row has ended; without else nothing happens",
        steps=[
            when("yes", "true", [put("a", {"vars.a": "1"})], [put("b", {"vars.b": "1"})]),
            when("no", "1 = 2", [put("c", {"vars.c": "1"})], [put("d", {"vars.d": "1"})]),
            when("nothing", "false", [put("e", {"vars.e": "1"})]),
            put("f", {"vars.f": "1"}),
        ],
        expect=Expected(steps=["yes", "a", "no", "d", "nothing", "f"], vars={"a": 1, "d": 1, "f": 1}),
    ),
    bad_condition("number", "1"),
    bad_condition("text", "'true'"),
    bad_condition("missing", "payload.nothing"),
    Case(
        id="loop-order",
        rule="sequential; the body's path has a row per item with the next attempt; __forEach remains empty",
        steps=[
            put("begin", {"vars.seen": "[]", "vars.n": "'before'"}),
            each("loop", "payload.items", "n", [NOTE, put("last", {"vars.last": "n"})]),
        ],
        payload={"items": [3, 1, 2]},
        expect=Expected(
            steps=["begin", "loop", "note", "last", "note", "last", "note", "last"],
            vars={"seen": [3, 1, 2], "last": 2, "n": "before", "__forEach": {}},
        ),
    ),
    Case(
        id="loop-empty",
        rule="an empty list or an empty body is skipped",
        steps=[each("none", "[]", "n", [BOOM]), each("idle", "[1, 2]", "n", []), put("after", {"vars.a": "1"})],
        expect=Expected(steps=["none", "idle", "after"], vars={"a": 1}),
    ),
    Case(
        id="loop-of-one",
        rule="F10: a list with one element is a list",
        steps=[BEGIN, each("loop", "payload.tickets.id", "n", [NOTE]), each("bare", "payload.tickets", "t", [])],
        payload={"tickets": [{"id": 7}]},
        expect=Expected(steps=["begin", "loop", "note", "bare"], vars={"seen": [7]}),
    ),
    Case(
        id="loop-of-a-list-of-lists",
        rule="F10: items are the elements, however deep they are",
        steps=[BEGIN, each("loop", "payload.pairs", "n", [NOTE])],
        payload={"pairs": [[1, 2], [3]]},
        expect=Expected(steps=["begin", "loop", "note", "note"]),
    ),
    Case(
        id="loop-of-nothing",
        rule="items that are null are no list",
        steps=[each("loop", "payload.none", "n", [NOTE])],
        payload={"none": None},
        expect=Expected(
            ends="FAILED",
            steps=["loop FAILED"],
            run={"error_json": {"message": Containing("items did not evaluate to an array")}},
        ),
    ),
    Case(
        id="loop-nested",
        rule="an inner loop has its own locals and gives the outer ones back",
        steps=[
            BEGIN,
            each(
                "outer",
                "[1, 2]",
                "n",
                [
                    each("inner", "['a', 'b']", "m", [put("pair", {"vars.seen": "append(vars.seen, n & m & index)"})]),
                    put("own", {"vars.seen": "append(vars.seen, item & ':' & index)"}),
                ],
            ),
        ],
        expect=Expected(
            steps=["begin", "outer", "inner", "pair", "pair", "own", "inner", "pair", "pair", "own"],
            vars={"seen": ["1a0", "1b1", "1:0", "2a0", "2b1", "2:1"]},
        ),
    ),
    Case(
        id="loop-fails",
        rule="onItemError is fail by default: the failure goes outward",
        steps=[BEGIN, each("loop", "[1, 2, 3]", "n", [BAD_SECOND, NOTE]), put("after", {"vars.after": "1"})],
        expect=Expected(
            ends="FAILED",
            steps=["begin", "loop", "maybe", "note", "maybe FAILED"],
            run={"error_json": {"message": "2 (attempt 1)", "nodePath": "root.steps[1].body.steps[0]"}},
            failure={"type": "TransientError", "nodePath": "root.steps[1].body.steps[0]"},
        ),
    ),
    Case(
        id="loop-continues",
        rule="onItemError continue skips only the failed step; the rest of the same item's body goes on",
        steps=[
            BEGIN,
            each("loop", "[1, 2, 3]", "n", [BAD_SECOND, NOTE], onItemError="continue"),
            put("look", {"vars.last": "error.message"}),
        ],
        expect=Expected(
            steps=["begin", "loop", "maybe", "note", "maybe FAILED", "note", "maybe", "note", "look"],
            vars={"seen": [1, 2, 3], "last": "2 (attempt 1)"},
            scopes={"error": {"category": "TransientError", "nodePath": "root.steps[1].body.steps[0]"}},
            step_errors={"maybe": {"message": "2 (attempt 1)"}},
        ),
    ),
    Case(
        id="nearest-handler",
        rule="F7: the nearer loop that continues wins over the farther try",
        steps=[
            BEGIN,
            guard(
                "try",
                [each("loop", "[1, 2, 3]", "n", [BAD_SECOND, NOTE], onItemError="continue")],
                [put("caught", {"vars.caught": "1"})],
            ),
        ],
        expect=Expected(
            steps=["begin", "try", "loop", "maybe", "note", "maybe FAILED", "note", "maybe", "note"],
            vars={"seen": [1, 2, 3]},
        ),
    ),
    Case(
        id="nearest-handler-try-inside",
        rule="F7: the nearer try wins over the farther loop that continues",
        steps=[
            BEGIN,
            each(
                "loop",
                "[1, 2]",
                "n",
                [guard("try", [BAD_SECOND, NOTE], [put("catch", {"vars.caught": "n"})])],
                onItemError="continue",
            ),
        ],
        expect=Expected(
            steps=["begin", "loop", "try", "maybe", "note", "try", "maybe FAILED", "catch"],
            vars={"seen": [1], "caught": 2},
        ),
    ),
    Case(
        id="loop-left-by-failure",
        rule="F7: a failure that leaves a loop removes its state, its locals and restores its variable",
        steps=[
            put("begin", {"vars.n": "'before'"}),
            guard(
                "try",
                [each("outer", "[1]", "m", [each("loop", "[1, 2]", "n", [BOOM])])],
                [put("look", {"vars.seen": "{'n': n, 'loops': vars.__forEach, 'local': local, 'm': vars.m}"})],
            ),
        ],
        expect=Expected(
            steps=["begin", "try", "outer", "loop", "boom FAILED", "look"],
            vars={"n": "before", "seen": {"n": "before", "loops": {}, "local": {}}, "__forEach": {}},
        ),
    ),
    Case(
        id="try-unneeded",
        rule="without a failure the catch branch is not taken",
        steps=[guard("try", [put("a", {"vars.a": "1"})], [put("b", {"vars.b": "1"})]), put("c", {"vars.c": "1"})],
        expect=Expected(steps=["try", "a", "c"], vars={"a": 1, "c": 1}, scopes={"error": None}),
    ),
    Case(
        id="try-catches",
        rule="a failure in the try branch goes to the catch branch; the rest of the try is skipped",
        steps=[
            guard("try", [BOOM, put("rest", {"vars.rest": "1"})], [put("b", {"vars.b": "error.message"})]),
            put("c", {"vars.c": "1"}),
        ],
        expect=Expected(
            steps=["try", "boom FAILED", "b", "c"],
            vars={"b": "No luck", "c": 1},
            step_errors={"boom": {"message": "No luck"}},
            run={"error_json": None},
        ),
    ),
    Case(
        id="try-with-empty-catch",
        rule="F39: an empty catch goes on after the block, and the run keeps no error",
        steps=[guard("try", [BOOM], [])],
        expect=Expected(steps=["try", "boom FAILED"], run={"error_json": None, "status": "SUCCEEDED"}),
    ),
    Case(
        id="catch-fails",
        rule="a failure in the catch branch propagates outward, to the next try and no further",
        steps=[
            guard(
                "outer",
                [guard("inner", [BOOM], [action("worse", "demo.fail", {"message": "Worse"})])],
                [put("end", {"vars.end": "error.message"})],
            )
        ],
        expect=Expected(steps=["outer", "inner", "boom FAILED", "worse FAILED", "end"], vars={"end": "Worse"}),
    ),
    Case(
        id="catch-fails-unhandled",
        rule="a failure in the catch branch of the only try ends the run with its own text",
        steps=[guard("try", [BOOM], [action("worse", "demo.fail", {"message": "Worse"})])],
        expect=Expected(
            ends="FAILED",
            steps=["try", "boom FAILED", "worse FAILED"],
            run={"error_json": {"message": "Worse", "nodePath": "root.steps[0].catch.steps[0]"}},
        ),
    ),
    Case(
        id="no-flicker",
        rule="F39: a failure that is handled touches its step row only; the run stays RUNNING without error",
        steps=[guard("try", [BOOM], [wait("hold", "GO")])],
        acts=[
            waiting("hold"),
            sees("workflow_runs", {"status": "RUNNING", "error_json": None, "completed_at": None}),
            sends("GO"),
        ],
        expect=Expected(steps=["try", "boom FAILED", "hold"]),
    ),
    Case(
        id="return-everywhere",
        rule="return ends the whole run SUCCEEDED, also inside loops, tries and branches",
        steps=[
            each(
                "loop",
                "[1, 2]",
                "n",
                [guard("try", [when("if", "true", [leave("return"), put("never", {"vars.x": "1"})])], [])],
            ),
            put("after", {"vars.after": "1"}),
        ],
        expect=Expected(steps=["loop", "try", "if", "return"], vars={}),
    ),
    Case(
        id="return-in-catch",
        rule="return in a catch branch ends the run SUCCEEDED and without an error on its row",
        steps=[guard("try", [BOOM], [leave("return")]), put("after", {"vars.after": "1"})],
        expect=Expected(steps=["try", "boom FAILED", "return"], vars={}, run={"error_json": None}),
    ),
    Case(
        id="nothing-to-do",
        rule="F6: an empty definition succeeds without step rows",
        steps=[],
        payload={"kept": 1},
        expect=Expected(steps=[], vars={}, scopes={"payload": Exactly({"kept": 1})}),
    ),
    Case(
        id="cancelled-is-a-word",
        rule="F5: an error text with 'cancelled' is an ordinary failure that can be caught",
        steps=[
            guard(
                "try",
                [action("boom", "demo.fail", {"message": "The order was cancelled, CancelledError"})],
                [put("catch", {"vars.seen": "error.message"})],
            ),
            when("if", "'canceled'", []),
        ],
        expect=Expected(
            ends="FAILED",
            steps=["try", "boom FAILED", "catch", "if FAILED"],
            run={"status": "FAILED", "error_json": {"nodePath": "root.steps[1]"}},
        ),
    ),
    Case(
        id="path-grammar",
        rule="paths follow root.steps[i].then|else|body|try|catch.steps[j]",
        steps=[
            when("i", "false", [], [each("l", "[1]", "n", [guard("t", [BOOM], [put("c", {"vars.c": "n"})])])]),
        ],
        expect=Expected(
            steps=["i", "l", "t", "boom FAILED", "c"],
            vars={"c": 1},
            scopes={"error": {"nodePath": "root.steps[0].else.steps[0].body.steps[0].try.steps[0]"}},
        ),
    ),
    Case(
        id="catch-waits",
        rule="a catch branch may do whatever a branch does, and locals of the loop around it are still there",
        steps=[each("loop", "['k1', 'k2']", "k", [guard("try", [BOOM], [wait("hold", "GO", "k")])])],
        acts=[waiting("hold"), sends("GO", "k2"), sends("GO", "k1")],
        expect=Expected(steps=["loop", "try", "boom FAILED", "hold", "try", "boom FAILED", "hold"]),
    ),
]
