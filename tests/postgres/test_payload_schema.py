"""Payloads against JSON Schema: exact numbers, JavaScript's patterns, places and the schema's words only."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import json_text
from app.domain.payload_schema import MAX_SCHEMA_FAULTS, SchemaCheck, SchemaState
from app.postgres.ecma_pattern import UnsupportedPattern, ecma_pattern
from app.postgres.payload_schema import check_document
from tests.domain.documents import values

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def check(schema: Any, payload: str) -> SchemaCheck:
    return check_document(json_text.dump(schema), json_text.parse(payload), 3)


def faults(schema: Any, payload: str) -> list[tuple[str, str, str]]:
    return [(fault.path, fault.keyword, fault.constraint) for fault in check(schema, payload).faults]


def of(member: Any) -> Any:
    return {"type": "object", "properties": {"x": member}}


@pytest.mark.parametrize(
    ("schema", "payload", "expected"),
    [
        (of({"type": "string"}), '{"x": 1}', [("/x", "type", "string")]),
        (of({"type": ["string", "null"]}), '{"x": 1}', [("/x", "type", "string or null")]),
        (of({"type": "integer"}), '{"x": 1.0}', []),
        (of({"type": "integer"}), '{"x": 1.5}', [("/x", "type", "integer")]),
        (of({"type": "number"}), '{"x": true}', [("/x", "type", "number")]),
        ({"required": ["a", "b~/c"]}, "{}", [("/a", "required", ""), ("/b~0~1c", "required", "")]),
        (
            {"additionalProperties": False, "properties": {"a": {}}, "patternProperties": {"^p": {}}},
            '{"a": 1, "pq": 2, "z": 3}',
            [("/z", "additionalProperties", "")],
        ),
        ({"additionalProperties": {"type": "null"}}, '{"z": 3}', [("/z", "type", "null")]),
        (of({"enum": ["a", Decimal("1.0")]}), '{"x": 1}', []),
        (of({"enum": ["a", True]}), '{"x": 1}', [("/x", "enum", '"a", true')]),
        (of({"const": "abc"}), '{"x": "abd"}', [("/x", "const", '"abc"')]),
        (of(False), '{"x": 1}', [("/x", "false", "")]),
        (of({"minimum": Decimal("0.5")}), '{"x": 0.49999999999999999999999999}', [("/x", "minimum", "0.5")]),
        (of({"maximum": 9007199254740992}), '{"x": 9007199254740993}', [("/x", "maximum", "9007199254740992")]),
        (of({"multipleOf": Decimal("0.01")}), '{"x": 19.99}', []),
        (
            of({"multipleOf": Decimal("0.01")}),
            '{"x": 99999999999999999999999999999999999999.011}',
            [("/x", "multipleOf", "0.01")],
        ),
        (of({"uniqueItems": True}), '{"x": [1, 1.0]}', [("/x", "uniqueItems", "")]),
        (of({"uniqueItems": True}), '{"x": [1, true, "1", [1], [true], {"a": 1}, {"a": 2}]}', []),
        (of({"anyOf": [{"type": "string"}, {"type": "null"}]}), '{"x": 1}', [("/x", "anyOf", "2")]),
        (of({"oneOf": [{"type": "number"}, {"minimum": 0}]}), '{"x": 1}', [("/x", "oneOf", "2")]),
        (of({"items": {"minLength": 2}}), '{"x": ["ab", "c"]}', [("/x/1", "minLength", "2")]),
        (of({"pattern": "^a$"}), '{"x": "a\\n"}', [("/x", "pattern", "^a$")]),
        ({"dependentRequired": {"x": ["y"]}}, '{"x": 1}', [("", "dependentRequired", "")]),
        ({"$defs": {"n": {"type": "number"}}, **of({"$ref": "#/$defs/n"})}, '{"x": "1"}', [("/x", "type", "number")]),
        ({"$schema": DRAFT_4, **of({"minimum": 1, "exclusiveMinimum": True})}, '{"x": 1}', [("/x", "minimum", "1")]),
        ({"$schema": DRAFT_7, "items": [{"type": "string"}]}, "[1]", [("/0", "type", "string")]),
        ({"items": [{"type": "string"}]}, "[1]", [("/0", "type", "string")]),
        (True, "{}", []),
        (False, "{}", [("", "false", "")]),
    ],
)
def test_faults_stand_at_their_places(schema: Any, payload: str, expected: list[tuple[str, str, str]]) -> None:
    assert faults(schema, payload) == expected
    assert check(schema, payload).state is (SchemaState.FAULTY if expected else SchemaState.FITS)


@pytest.mark.parametrize("schema", [None, "null"])
def test_a_version_without_a_schema_checks_nothing(schema: str | None) -> None:
    assert check_document(schema, {}, 3) == SchemaCheck(SchemaState.NO_SCHEMA, 3)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "http://127.0.0.1:1/never-fetched.json"}, "not part of it"),
        ({"$ref": "#/definitions/missing"}, "not part of it"),
        ({"$schema": "urn:of-our-own"}, "dialect"),
        ({"$schema": 4}, "dialect"),
        ({"type": "strin"}, "not valid"),
        ({"minimum": "1"}, "not valid"),
        ([], "neither an object"),
        ({"$ref": "#"}, "nested too deeply"),
        (of({"pattern": "\\p{L}"}), "only JavaScript"),
        (of({"pattern": "("}), "only JavaScript"),
    ],
)
def test_what_cannot_be_checked_is_said_and_no_verdict(schema: Any, reason: str) -> None:
    made = check(schema, '{"x": "y"}')
    assert made.state is SchemaState.CANNOT_CHECK
    assert reason in (made.reason or "")
    assert made.faults == ()


def test_formats_are_named_as_not_checked() -> None:
    made = check(of({"type": "string", "format": "email"}), '{"x": "no address"}')
    assert (made.state, made.unchecked) == (SchemaState.FITS, ("format email",))


def test_many_faults_are_counted_and_the_first_are_listed() -> None:
    made = check({"items": {"type": "string"}}, f"[{','.join('1' * 3 * MAX_SCHEMA_FAULTS)}]")
    assert (len(made.faults), made.fault_count) == (MAX_SCHEMA_FAULTS, 3 * MAX_SCHEMA_FAULTS)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^[\w.+-]+@\w+$", "a.b@c", True),
        (r"^\d$", "٣", False),
        (r"^.$", "\u2028", False),
        (r"^(?<year>\d{4})-", "2026-11", True),
        (r"[[a]", "[", True),
        (r"^\s$", "\u00a0", True),
        (r"^[^\s]$", "\ufeff", False),
        (r"[$]", "$", True),
        (r"a(?!b)", "ab", False),
    ],
)
@pytest.mark.filterwarnings("error")
def test_patterns_mean_what_javascript_means(pattern: str, text: str, *, found: bool) -> None:
    assert bool(ecma_pattern(pattern).search(text)) is found


@pytest.mark.parametrize("pattern", [r"\p{L}", r"\u{1F600}", "[]", "[^]a]", r"(?i)a", r"(?P<a>b)", r"\Aa", "a{,2}"])
def test_patterns_without_an_equal_are_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedPattern):
        ecma_pattern(pattern)


SECRET = "s3cr3t-value"
HOSTILE = {
    "type": "array",
    "maxProperties": 0,
    "propertyNames": {"maxLength": 0},
    "additionalProperties": {"anyOf": [{"const": 1}, {"contains": {"type": "boolean"}}]},
    "if": {"required": ["never"]},
    "then": False,
    "else": {"not": {}},
    "minItems": 99,
    "items": {"type": "null"},
    "uniqueItems": True,
}


@settings(max_examples=60, deadline=None)
@given(document=values, secret=st.sampled_from([SECRET, 98765432109876543210]))
def test_no_value_of_the_payload_is_in_what_is_said(document: Any, secret: Any) -> None:
    made = check_document(json_text.dump(HOSTILE), {"k": document, "list": [secret, {"deep": secret}], "s": secret}, 1)
    assert made.state is SchemaState.FAULTY
    said = " ".join(f"{fault.constraint} {fault.message}" for fault in made.faults)
    assert str(secret) not in said
    assert re.fullmatch(r"[ -~…]*", said), "nothing but the schema's own words"
