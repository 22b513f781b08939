"""The expression language: what it computes, what it refuses, and that it ends (runtime.md 6.2, rulings.md)."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.expression_source import to_jsonata
from app.engine.expressions import (
    RESULT_LIMIT,
    ExpressionFailure,
    evaluate,
    evaluate_items,
)

CONTEXT = {
    "payload": {"none": None, "one": [1], "rows": [{"x": 1}], "two": [{"x": 1}, {"x": 2}], "empty": [], "text": "hi😀"},
    "vars": {"n": 1.5, "big": 12345678901234567890},
    "n": 1.5,
}


def now() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def value(source: str) -> Any:
    return evaluate(source, CONTEXT, now)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("payload.none", None),
        ("payload.one", [1]),
        ("payload.rows.x", 1),
        ("payload.two.x", [1, 2]),
        ("payload.empty", []),
        ("payload.two[x = 2].x", 2),
        ("$$.n", 1.5),
        ("n == 1.5", True),
        ("n = 1.5", True),
        ("'a==b'", "a==b"),
        ('"a==b" == "a==b"', True),
        ("/* == */ 1", 1),
        ("payload.missing = 1", False),
        ("{'kept': payload.none, 'dropped': payload.missing}", {"kept": None}),
        ("[payload.none, payload.missing, 1]", [None, 1]),
        ("($x := 2; $x * 3)", 6),
        ("4 / 2", 2),
        ("5 / 2", 2.5),
        ("[1..3]", [1, 2, 3]),
        ("n > 1 ? 'big' : 'small'", "big"),
        ("payload.text & '!'", "hi😀!"),
        ("1 in payload.two.x", True),
        ("**.x", [1, 1, 2]),
        ("payload.two^(>x).x", [2, 1]),
        ("nowIso()", "2026-01-02T03:04:05.678Z"),
        ("$nowIso()", "2026-01-02T03:04:05.678Z"),
        ("coalesce(payload.missing, payload.none, 3)", 3),
        ("coalesce(payload.none)", None),
        ("coalesce()", None),
        ("len(payload.text)", 4),
        ("len(payload.two)", 2),
        ("len(payload)", 6),
        ("len(payload.none)", 0),
        ("len(payload.missing)", 0),
        ("payload.text ~> $len()", 4),
        ("payload.text ~> len", 4),
        ("toString('x')", "x"),
        ("toString(payload.none)", ""),
        ("toString(payload.missing)", ""),
        ("toString(1)", "1"),
        ("toString(1.0)", "1"),
        ("toString(0.1 + 0.2)", "0.30000000000000004"),
        ("toString(1e21)", "1e+21"),
        ("toString(1e20)", "100000000000000000000"),
        ("toString(0.000001)", "0.000001"),
        ("toString(1e-7)", "1e-7"),
        ("toString(-12.5)", "-12.5"),
        ("toString(vars.big)", "12345678901234567000"),
        ("toString(true)", "true"),
        ("toString(payload.rows)", '[{"x":1}]'),
        ("append(1, [2, 3])", [1, 2, 3]),
        ("append(payload.missing, 2)", [2]),
        ("append([1], payload.none)", [1, None]),
        ("append([], [])", []),
    ],
)
def test_values(source: str, expected: Any) -> None:
    result = value(source)
    assert result == expected
    assert isinstance(result, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("payload.missing", "has no value"),
        ("$sum([1])", "the function sum cannot be used"),
        ("sum([1])", "the function sum cannot be used"),
        ("$now()", "the function now cannot be used"),
        ("$eval('1')", "the function eval cannot be used"),
        ("payload ~> $keys", "~> leads only to"),
        ("payload ~> |$|{'x': 1}|", "~> leads only to"),
        ("|payload|{'x': 1}|", "the transform operator"),
        ("function($x){$x}", "functions cannot be defined"),
        ("(function($x){$x})(1)", "only functions called by name"),
        ("payload.(text)(1)", "only functions called by name"),
        ("$len(?)", "functions cannot be applied partially"),
        ("($len := $sum; $len([1]))", "$len cannot be bound"),
        ("($f := $sum; $f([1]))", "the function f cannot be used"),
        ("/a+/", "regular expressions"),
        ("n ?: 1", "the operator ?:"),
        ("n ?? 1", "the operator ??"),
        ("$sum", "has no value"),
        ("$append", "not JSON-serializable"),
        ("'a' < 1", "failed"),
        ("1 / 0", "failed"),
        ("(", "failed"),
        ("", "failed"),
        ("len(5)", "len() takes"),
        ("[1..1000000]", "too much work"),
        ("[1..90000].($ + 1)", "too much work"),
        ("(" * 3000 + "1" + ")" * 3000, "nested too deeply"),
        ("1" + " + 1" * 20_000, "longer than"),
    ],
)
def test_refusals_say_why(source: str, reason: str) -> None:
    with pytest.raises(ExpressionFailure) as refused:
        value(source)
    assert reason in str(refused.value)


def test_the_result_is_limited_in_javascript_characters() -> None:
    fits = {"text": "😀" * ((RESULT_LIMIT - 2) // 2)}
    assert evaluate("text", fits, now) == fits["text"]
    with pytest.raises(ExpressionFailure, match="exceeds"):
        evaluate("text", {"text": fits["text"] + "x"}, now)


def test_shared_parts_cannot_grow_into_a_giant() -> None:
    doubled = "".join(f"$v{n} := {{'a': $v{n - 1}, 'b': $v{n - 1}}};" for n in range(1, 60))
    with pytest.raises(ExpressionFailure, match="exceeds"):
        value(f"($v0 := 1; {doubled} $v59)")
    texts = "".join(f"$v{n} := $v{n - 1} & $v{n - 1};" for n in range(1, 60))
    with pytest.raises(ExpressionFailure, match="builds a text"):
        value(f"($v0 := 'x'; {texts} $v59)")


@pytest.mark.parametrize(
    "step",
    ["append($v, $v)", "[$v, $v]", "($v = $v ? $v : [])", "(toString($v) = '' ? [] : $v)", "(1 in $v ? $v : $v)"],
)
def test_work_is_bounded_however_it_is_piled_up(step: str) -> None:
    """F12: a count, not a clock; the same expression fails or succeeds on every machine."""
    context = {"payload": {"list": [{"x": [n]} for n in range(2_000)]}}
    pile = "".join(f"$v{n + 1} := {step.replace('$v', f'$v{n}')};" for n in range(400))
    with pytest.raises(ExpressionFailure, match="too much work"):
        evaluate(f"($v0 := payload.list; {pile} 1)", context, now)


@given(st.text(alphabet="$abx.()[]{}<>=!?:;,'\"`&|*%@#^~+-/ 01\\\n", max_size=25))
def test_any_text_ends_in_a_value_or_a_refusal(source: str) -> None:
    with contextlib.suppress(ExpressionFailure):
        json.dumps(value(source))


def test_a_result_shares_nothing_with_the_context() -> None:
    context = {"payload": {"list": [{"x": 1}]}}
    evaluate("payload", context, now)["list"][0]["x"] = 2
    assert context == {"payload": {"list": [{"x": 1}]}}


def test_items_accept_the_single_value_that_jsonata_makes_of_a_list_of_one() -> None:
    """F10."""
    assert evaluate_items("payload.rows.x", CONTEXT, now) == [1]
    assert evaluate_items("payload.two.x", CONTEXT, now) == [1, 2]
    assert evaluate_items("payload.empty", CONTEXT, now) == []
    with pytest.raises(ExpressionFailure, match="did not evaluate to an array"):
        evaluate_items("payload.none", CONTEXT, now)


@given(st.text(alphabet="=ab \"'`\\/*", max_size=30))
def test_rewriting_touches_nothing_between_quotes(inside: str) -> None:
    """F11."""
    literal = '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert to_jsonata(f"x == {literal} and y == 1") == f"x = {literal} and y = 1"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=4)))
def test_a_field_passes_through_unchanged(field: Any) -> None:
    assert evaluate("{'x': field}", {"field": field}, now) == {"x": field}
