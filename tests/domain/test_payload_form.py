"""The form of a schema, and that typing into it changes exactly the member it is for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import json_text
from app.domain.chips import Chip
from app.domain.form_values import (
    ABSENT,
    Absent,
    Showing,
    choice_text,
    found_at,
    is_reachable,
    is_well_formed,
    shown,
    value_of,
    with_value,
)
from app.domain.payload_form import MAX_FORM_FIELDS, FieldKind, FormField, build_form, item_at
from app.domain.run import JsonValue
from tests.domain import documents

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["ticketId", "contact"],
    "properties": {
        "ticketId": {"type": "string", "title": "Ticket", "description": "As shown in the queue.", "default": "T-1"},
        "hours": {"type": ["number", "null"]},
        "count": {"type": "integer", "examples": [3]},
        "urgent": {"type": "boolean"},
        "priority": {"enum": ["P1", "P2", 3, None]},
        "due": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "apiKey": {"type": "string", "default": "sk_live_example"},
        "contact": {
            "type": "object",
            "required": ["mail"],
            "properties": {"mail": {"type": "string", "format": "email"}, "address": {"$ref": "#/definitions/place"}},
        },
        "tags": {"type": "array", "items": {"type": "string"}},
        "matrix": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "either": {"oneOf": [{"type": "string"}, {"type": "number"}]},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "optional"},
        "free": {"type": "object"},
        "self": {"$ref": "#/definitions/loop"},
        "never": False,
    },
    "definitions": {
        "place": {"type": "object", "properties": {"city": {"type": "string"}}},
        "loop": {"$ref": "#/definitions/loop"},
    },
}


def hides(name: str) -> bool:
    return "key" in name.lower()


def fields_of(schema: JsonValue = SCHEMA) -> dict[str, FormField]:
    form = build_form(schema, hides)
    assert form is not None
    return {"/".join(field.path): field for field in _flat(form.fields)}


def _flat(fields: tuple[FormField, ...]) -> list[FormField]:
    return [found for field in fields for found in (field, *_flat(field.fields))]


def test_every_kind_of_member_gets_its_field() -> None:
    assert {name: field.kind for name, field in fields_of().items()} == {
        "ticketId": FieldKind.TEXT,
        "hours": FieldKind.NUMBER,
        "count": FieldKind.INTEGER,
        "urgent": FieldKind.BOOLEAN,
        "priority": FieldKind.CHOICE,
        "due": FieldKind.DATE,
        "at": FieldKind.MOMENT,
        "apiKey": FieldKind.TEXT,
        "contact": FieldKind.OBJECT,
        "contact/mail": FieldKind.TEXT,
        "contact/address": FieldKind.OBJECT,
        "contact/address/city": FieldKind.TEXT,
        "tags": FieldKind.LIST,
        "matrix": FieldKind.JSON,
        "either": FieldKind.JSON,
        "maybe": FieldKind.TEXT,
        "free": FieldKind.JSON,
        "self": FieldKind.JSON,
    }


def test_titles_help_demands_and_hints_come_from_the_schema() -> None:
    fields = fields_of()
    ticket = fields["ticketId"]
    assert (ticket.title, ticket.help, ticket.required, ticket.example) == (
        "Ticket",
        "As shown in the queue.",
        True,
        "T-1",
    )
    assert (fields["count"].example, fields["maybe"].help) == ("3", "optional")
    assert (fields["contact/mail"].required, fields["hours"].required) == (True, False)
    assert (fields["apiKey"].secret, fields["apiKey"].example) == (True, "")


@pytest.mark.parametrize(
    "schema",
    [
        None,
        True,
        {},
        {"type": "array"},
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "oneOf": [{}, {}]},
        {"type": "object", "properties": {f"m{n}": {"type": "string"} for n in range(MAX_FORM_FIELDS + 1)}},
    ],
)
def test_what_a_form_cannot_express_is_edited_as_json(schema: JsonValue) -> None:
    assert build_form(schema, hides) is None


def test_the_schema_behind_a_root_reference_is_found() -> None:
    schema: JsonValue = {"$ref": "#/definitions/P", "definitions": {"P": {"properties": {"a": {"type": "string"}}}}}
    assert list(fields_of(schema)) == ["a"]


LEAVES = [field for field in fields_of().values() if not field.fields]
DOCUMENTS = st.one_of(
    documents.values,
    st.dictionaries(st.sampled_from(["contact", "tags", "ticketId", "free"]), documents.values, max_size=4),
)
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
    st.sampled_from(["", "true", "1.50", "-0", "1e400", "123456789012345678901234567890", "P1"]),
)


@settings(max_examples=150, deadline=None)
@given(field=st.sampled_from(LEAVES), value=st.one_of(documents.values, TEXTS))
def test_what_a_field_shows_is_read_back_as_the_very_same_value(field: FormField, value: JsonValue) -> None:
    seen = shown(field, value)
    if seen.showing is Showing.TYPED:
        again = value_of(field, seen.text)
        assert not isinstance(again, Absent)
        assert json_text.dump(again) == json_text.dump(value)
    else:
        assert seen.text == json_text.dump(value)


@settings(max_examples=150, deadline=None)
@given(document=DOCUMENTS, field=st.sampled_from(LEAVES), text=TEXTS)
def test_typing_changes_the_member_and_nothing_else(document: JsonValue, field: FormField, text: str) -> None:
    before: JsonValue = document if isinstance(document, dict) else {"other": document}
    kept = json_text.dump(before)
    typed = value_of(field, text)
    after = with_value(before, field.path, typed)
    assert json_text.dump(before) == kept
    if is_reachable(before, field.path):
        assert found_at(after, field.path) == typed
    else:
        assert after == before
    assert isinstance(after, dict)
    assert isinstance(before, dict)
    others = {key for key in before if key != field.path[0]}
    assert {key: after[key] for key in others} == {key: before[key] for key in others}
    assert json_text.parse(json_text.dump(after)) == after


def test_numbers_keep_their_digits_and_what_is_no_number_stays_a_text() -> None:
    hours = fields_of()["hours"]
    assert value_of(hours, "1.50") == Decimal("1.50")
    assert shown(hours, Decimal("1.50")).text == "1.50"
    assert value_of(hours, "12a") == "12a"
    assert shown(hours, "12a") == shown(hours, value_of(hours, "12a"))
    assert shown(hours, "12").showing is Showing.ELSEWHERE


def test_masked_values_nulls_and_lines_are_not_typed_over() -> None:
    ticket = fields_of()["ticketId"]
    assert shown(ticket, Chip(("ticketId",))).showing is Showing.MASKED
    assert shown(ticket, None).showing is Showing.ELSEWHERE
    assert shown(ticket, "two\nlines").showing is Showing.ELSEWHERE
    assert shown(fields_of()["priority"], None).text == "null"


def test_elements_are_set_appended_and_taken_away() -> None:
    tags = fields_of()["tags"]
    second = item_at(tags, 1)
    assert second is not None
    assert second.path == ("tags", "1")
    document = with_value({"tags": ["a"]}, second.path, "b")
    assert document == {"tags": ["a", "b"]}
    assert with_value(document, ("tags", "0"), ABSENT) == {"tags": ["b"]}
    assert item_at(second, 0) is None


@pytest.mark.parametrize(
    ("name", "text", "well_formed"),
    [
        ("due", "2026-11-25", True),
        ("due", "2026-02-30", False),
        ("due", "20261125", False),
        ("due", "", True),
        ("at", "2026-11-25T10:00:00Z", True),
        ("at", "2026-11-25T10:00:00.5+01:00", True),
        ("at", "2026-11-25 10:00", False),
        ("at", "2026-13-25T10:00:00Z", False),
        ("ticketId", "anything", True),
    ],
)
def test_dates_and_moments_are_judged_by_their_format(name: str, text: str, well_formed: bool) -> None:
    assert is_well_formed(fields_of()[name], text) is well_formed


def test_choices_are_listed_as_they_are_written() -> None:
    assert [choice_text(choice) for choice in fields_of()["priority"].choices] == ["P1", "P2", "3", "null"]
