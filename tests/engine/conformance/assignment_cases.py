"""Where assignments go: one set of rules for every place (runtime.md 6.3, corrected as F8 asks)."""

from __future__ import annotations

from tests.engine.conformance.case import INSTANT, Case, Containing, Exactly, Expected
from tests.engine.conformance.definitions import action, each, expression, guard, put, state

DENIED = {"message": "Not for you.", "code": "PERMISSION_DENIED", "details": {"right": "x"}}


def refuses(case_id: str, path: str) -> Case:
    return Case(
        id=f"assign-{case_id}",
        rule="forbidden segments are rejected everywhere (F8)",
        steps=[put("set", {path: "1"})],
        expect=Expected(
            ends="FAILED",
            steps=["set FAILED"],
            failure={"type": "ValidationError", "message": Containing(path), "nodePath": "root.steps[0]"},
        ),
    )


ASSIGNMENT_CASES = [
    Case(
        id="assign-scopes",
        rule="payload., vars., meta. and error. are addressed as named, an unscoped path goes to vars",
        steps=[
            put("set", {"payload.a": "1", "vars.b": "2", "meta.c": "3", "error.d": "4", "e.f": "5"}),
            put("look", {"vars.seen": "[payload.a, vars.b, meta.c, error.d, vars.e.f, e.f]"}),
        ],
        payload={"kept": True},
        expect=Expected(
            vars={"b": 2, "e": {"f": 5}, "seen": [1, 2, 3, 4, 5, 5]},
            scopes={"payload": Exactly({"a": 1, "kept": True}), "meta": {"c": 3}, "error": {"d": 4}},
        ),
    ),
    Case(
        id="assign-sequence",
        rule="one entry after another, each sees the earlier ones",
        steps=[put("set", {"vars.a": "1", "vars.b": "vars.a + 1", "vars.c": "vars.a + vars.b"})],
        expect=Expected(vars={"a": 1, "b": 2, "c": 3}),
    ),
    Case(
        id="assign-pointer",
        rule="a JSON pointer /a/b becomes a.b and lands in vars, unless its first segment names a scope",
        steps=[put("set", {"/a/b": "1", "/payload/c": "2"})],
        expect=Expected(vars={"a": {"b": 1}}, scopes={"payload": Exactly({"c": 2})}),
    ),
    Case(
        id="assign-overwrites",
        rule="dotted paths create objects on the way and overwrite what is none",
        steps=[put("first", {"vars.a": "7", "vars.b.c.d": "1"}), put("second", {"vars.a.x": "8", "vars.b.c.e": "2"})],
        expect=Expected(vars={"a": {"x": 8}, "b": {"c": {"d": 1, "e": 2}}}),
    ),
    Case(
        id="assign-copies",
        rule="an assignment changes only its target (F8): values are not shared",
        steps=[
            put("first", {"vars.a.x": "1"}),
            put("copy", {"vars.b": "vars.a", "vars.c": "payload.p"}),
            put("change", {"vars.b.x": "2", "vars.c.y": "3"}),
        ],
        payload={"p": {"y": 0}},
        expect=Expected(
            vars={"a": {"x": 1}, "b": {"x": 2}, "c": {"y": 3}}, scopes={"payload": Exactly({"p": {"y": 0}})}
        ),
    ),
    Case(
        id="assign-local",
        rule="local. belongs to the loop's item; outside a loop it goes to vars",
        steps=[
            put("begin", {"vars.seen": "[]", "local.outside": "'here'"}),
            each(
                "loop",
                "[1, 2]",
                "n",
                [
                    put("look", {"vars.seen": "append(vars.seen, coalesce(local.mark, 'none'))"}),
                    put("mark", {"local.mark": "n", "vars.seen": "append(vars.seen, local.mark)"}),
                ],
            ),
        ],
        expect=Expected(vars={"seen": ["none", 1, "none", 2], "outside": "here"}),
    ),
    refuses("proto", "vars.__proto__.x"),
    refuses("prototype", "prototype"),
    refuses("constructor", "payload.a.constructor.b"),
    Case(
        id="assign-keeps-meta",
        rule="F8: meta.state survives later assignments, saveAs and loops; meta.x does not write vars.x",
        steps=[
            state("state", "working"),
            action("save", "demo.echo", {"value": 1}, saveAs="vars.saved"),
            put("meta", {"meta.x": "'m'"}),
            each("loop", "[1]", "n", [put("in", {"vars.y": "1"})]),
            put("look", {"vars.seen": "[meta.state, meta.x]"}),
        ],
        expect=Expected(vars={"saved": 1, "y": 1, "seen": ["working", "m"]}, scopes={"meta": {"state": "working"}}),
    ),
    Case(
        id="assign-keeps-error",
        rule="F8: with captureErrorAs the variable error is there, too, and keeps category, code and details",
        steps=[
            guard(
                "try",
                [action("boom", "demo.fail", {**DENIED, "category": "ValidationError"})],
                [
                    action("save", "demo.echo", {"value": expression("error.code")}, saveAs="vars.code"),
                    state("state", "caught"),
                    put(
                        "look",
                        {"vars.seen": "[error.category, error.code, error.details.right, error.message, problem.code]"},
                    ),
                ],
                capture="vars.problem",
            )
        ],
        expect=Expected(
            vars={
                "code": "PERMISSION_DENIED",
                "seen": ["ValidationError", "PERMISSION_DENIED", "x", "Not for you.", "PERMISSION_DENIED"],
                "problem": {
                    "name": "ValidationError",
                    "category": "ValidationError",
                    "message": "Not for you.",
                    "code": "PERMISSION_DENIED",
                    "details": {"right": "x"},
                    "nodePath": "root.steps[0].try.steps[0]",
                    "at": INSTANT,
                },
            }
        ),
    ),
]
