"""The expression language (runtime.md 6.2, rulings.md "Expression functions"): values, refusals, limits, context."""

from __future__ import annotations

from typing import Any

from tests.engine.conformance.case import INSTANT, UUID_TEXT, Case, Containing, Expected
from tests.engine.conformance.definitions import each, guard, put, when

PAYLOAD: dict[str, Any] = {
    "n": 2,
    "name": "Ada",
    "none": None,
    "customer": {"name": "Ada", "rank": 1},
    "one": [{"id": 7}],
    "rows": [{"id": 1, "n": 1}, {"id": 2, "n": 2}, {"id": 3, "n": 3}],
}

LIMIT = 262_144
"""The contract's largest result, in characters of its JSON."""


def gives(case_id: str, rule: str, source: str, value: Any, payload: dict[str, Any] | None = None) -> Case:
    return Case(
        id=f"expression-{case_id}",
        rule=rule,
        steps=[put("value", {"vars.x": source})],
        payload={**PAYLOAD, **(payload or {})},
        expect=Expected(steps=["value"], vars={"x": value}),
    )


def refuses(case_id: str, rule: str, source: str, part: str, payload: dict[str, Any] | None = None) -> Case:
    """The expression fails its step, with a text that names what is wrong."""
    message = Containing(part)
    return Case(
        id=f"expression-{case_id}",
        rule=rule,
        steps=[put("value", {"vars.x": source}), put("after", {"vars.after": "1"})],
        payload={**PAYLOAD, **(payload or {})},
        expect=Expected(
            ends="FAILED",
            steps=["value FAILED"],
            step_errors={"value": {"message": message}},
            run={"error_json": {"message": message, "nodePath": "root.steps[0]"}},
            failure={"type": "ExpressionError", "message": message, "nodePath": "root.steps[0]"},
        ),
    )


EXPRESSION_CASES = [
    gives("path", "a path walks objects", "payload.customer.name", "Ada"),
    gives(
        "equality",
        "`==` and `=` are the same comparison",
        "{'one': payload.n == 2, 'two': payload.n = 2, 'three': payload.n == '2'}",
        {"one": True, "two": True, "three": False},
    ),
    gives(
        "equality-in-text",
        "F11: `==` is rewritten outside literals only",
        "['a==b', \"c==d\", payload.name == 'x==y']",
        ["a==b", "c==d", False],
    ),
    refuses("missing", "a missing path as the whole expression is an error", "payload.nothing.at.all", "serializable"),
    gives(
        "missing-inside",
        "a missing path inside an object or array constructor is dropped, a null is kept",
        "{'a': payload.nothing, 'b': payload.none, 'c': [payload.nothing, 1]}",
        {"b": None, "c": [1]},
    ),
    gives(
        "missing-compared",
        "comparison with a missing path gives false",
        "{'equal': payload.nothing = 1, 'less': payload.nothing < 1 ? true : false}",
        {"equal": False, "less": False},
    ),
    refuses("types-compared", "comparing different types with < throws", "payload.n < payload.name", "payload.n <"),
    gives(
        "functions",
        "the five functions, with and without $",
        "[len('abc'), $len('abc'), toString(5), $toString(5), $coalesce(null, 1), coalesce(null, 1)]",
        [3, 3, "5", "5", 1, 1],
    ),
    gives(
        "coalesce",
        "the first argument that is neither null nor missing, else null",
        "{'a': coalesce(payload.nothing, null, false, 1), 'b': coalesce(payload.nothing, null)}",
        {"a": False, "b": None},
    ),
    gives(
        "len",
        "UTF-16 length of a text, elements, keys, 0 for null or missing",
        "[len('😀a'), len([1, 2]), len(payload.customer), len(null), len(payload.nothing)]",
        [3, 2, 2, 0, 0],
    ),
    gives(
        "to-string",
        "texts unchanged, null as empty, numbers as JavaScript prints them, others as compact JSON",
        "[toString('x'), toString(null), toString(payload.nothing), toString(1.50), toString(payload.big),"
        " toString(true), toString({'a': [1, 'é']})]",
        ["x", "", "", "1.5", "1e+21", "true", '{"a":[1,"é"]}'],
        {"big": 1e21},
    ),
    gives(
        "append",
        "arrays joined, anything else is one element, missing none",
        "[[append(1, [2, 3])], [append(payload.nothing, 4)], [append(null, 5)], [append([], [])]]",
        [[1, 2, 3], [4], [None, 5], []],
    ),
    gives("now", "nowIso() is workflow time, ISO 8601 UTC with milliseconds", "nowIso()", INSTANT),
    gives("block", "a block binds variables", "($x := 2; $y := $x * 3; $x + $y)", 8),
    gives(
        "wildcards",
        "wildcards and descendants select members",
        "{'all': payload.customer.*, 'deep': payload.rows.**.id}",
        {"all": ["Ada", 1], "deep": [1, 2, 3]},
    ),
    gives("predicate", "a predicate selects elements", "payload.rows[n > 1].id", [2, 3]),
    gives(
        "operators",
        "$$, in, & and ? : work",
        "[$$.payload.n, 2 in [1, 2], 'a' & payload.n, payload.n > 1 ? 'more' : 'less']",
        [2, True, "a2", "more"],
    ),
    gives("singleton", "a path over a list of one yields its element", "payload.one.id", 7),
    gives("chain", "~> leads to the functions of the language", "payload.n ~> $toString", "2"),
    refuses("chain-elsewhere", "~> to anything else is refused", "payload.name ~> $uppercase", "~>"),
    refuses("built-in", "built-in functions of JSONata are refused", "$sum([1, 2])", "sum"),
    refuses("clock", "$now is refused, nowIso is the clock", "$now()", "now"),
    refuses("lambda", "functions cannot be defined", "($f := function($a) { $a }; $f(1))", "function"),
    refuses("computed-call", "computed calls are refused", "(payload.name)()", "payload.name"),
    refuses("syntax", "what is no expression fails its step", "payload.(", "payload.("),
    gives(
        "largest-result",
        "a result of 262144 characters is fine",
        "payload.large",
        "x" * (LIMIT - 2),
        {"large": "x" * (LIMIT - 2)},
    ),
    refuses("too-large-result", "one character more is not", "payload.large", "262144", {"large": "x" * (LIMIT - 1)}),
    refuses("endless", "F12: work is bounded by its amount", "[1..9999999][$ > 0][$ > 1]", "expression"),
    Case(
        id="expression-not-the-clock",
        rule="F12: no clock fails an expression that is merely evaluated slowly",
        steps=[put("busy", {"vars.sums": "([1..9000].($ * 2 - $ + 1))[0]"})],
        expect=Expected(steps=["busy"], vars={"sums": 2}),
    ),
    Case(
        id="context-of-a-run",
        rule="vars at the top, over them payload, vars, system, meta and error, which a variable cannot hide",
        steps=[
            put("hide", {"vars.payload": "'hidden'", "vars.free": "'seen'"}),
            when("look", "payload.n = 2 and free = 'seen' and vars.payload = 'hidden' and error = null", []),
            put(
                "copy",
                {
                    "vars.ids": "{'run': system.runId, 'workflow': system.workflowId,"
                    " 'version': system.workflowVersion,"
                    " 'same': meta.runId = system.runId and meta.workflowVersion = 1}"
                },
            ),
            put("clean", {"vars.payload": "null"}),
        ],
        payload=PAYLOAD,
        expect=Expected(
            steps=["hide", "look", "copy", "clean"],
            vars={
                "payload": None,
                "free": "seen",
                "ids": {"run": UUID_TEXT, "workflow": UUID_TEXT, "version": 1, "same": True},
            },
        ),
    ),
    Case(
        id="context-of-a-loop",
        rule="the item as vars.x, x and item; index, length, isFirst, isLast, also under local",
        steps=[
            put("begin", {"vars.seen": "[]"}),
            each(
                "loop",
                "['a', 'b']",
                "x",
                [
                    put(
                        "note",
                        {
                            "vars.seen": "append(vars.seen, {'x': x, 'var': vars.x, 'item': item, 'i': index,"
                            " 'n': length, 'first': isFirst, 'last': isLast, 'local': local.item & local.index})"
                        },
                    )
                ],
            ),
        ],
        expect=Expected(
            steps=["begin", "loop", "note", "note"],
            vars={
                "seen": [
                    {"x": "a", "var": "a", "item": "a", "i": 0, "n": 2, "first": True, "last": False, "local": "a0"},
                    {"x": "b", "var": "b", "item": "b", "i": 1, "n": 2, "first": False, "last": True, "local": "b1"},
                ]
            },
        ),
    ),
    Case(
        id="context-outside-a-loop",
        rule="a loop's locals end with it",
        steps=[each("loop", "[1]", "x", []), guard("try", [put("look", {"vars.i": "index"})], [])],
        expect=Expected(steps=["loop", "try", "look FAILED"], vars={}),
    ),
]
