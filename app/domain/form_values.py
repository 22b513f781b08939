"""How a member's value is typed and read back, without loss: what a field shows becomes the very same value again.

Numbers keep every digit as they were written. What is typed into a number's field and is no number stays a text, so
that nothing typed disappears; the schema then says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import TypeAlias

from app.domain import json_text
from app.domain.chips import Chip
from app.domain.json_text import JsonTextError
from app.domain.payload_form import FieldKind, FormField
from app.domain.run import JsonValue

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](.+)")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)")
_NOT_TYPEABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ufffc]")
"""What a line of text cannot show or would change."""
_BOOLEANS: dict[str, bool] = {"true": True, "false": False}


class Absent(Enum):
    """Says that a document has no such member; null is a value."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
Found: TypeAlias = "JsonValue | Absent"


class Showing(StrEnum):
    """What a field can do with a value: show it for typing, keep it masked, or leave it to the JSON view."""

    TYPED = "typed"
    MASKED = "masked"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as a field shows it. ``text`` is what stands in the field, or JSON for one that it cannot express."""

    showing: Showing
    text: str = ""


def found_at(document: JsonValue, path: Sequence[str]) -> Found:
    """Return the value at a path, or ABSENT."""
    value: JsonValue = document
    for segment in path:
        if isinstance(value, dict) and segment in value:
            value = value[segment]
        elif isinstance(value, list) and segment.isdecimal() and int(segment) < len(value):
            value = value[int(segment)]
        else:
            return ABSENT
    return value


def is_reachable(document: JsonValue, path: Sequence[str]) -> bool:
    """Say whether a value can stand at a path: nothing but objects, elements of lists, or nothing yet, lies before."""
    for length in range(len(path)):
        holder = found_at(document, path[:length])
        if isinstance(holder, Absent):
            return True
        if not isinstance(holder, dict | list) or (isinstance(holder, list) and not path[length].isdecimal()):
            return False
    return True


def with_value(document: JsonValue, path: Sequence[str], value: Found) -> JsonValue:
    """Return the document with a value at a path; ABSENT takes the member away.

    Objects on the way that are not there are made; the document given is left as it is. Where something else than an
    object or a list's element stands in the way, the document is returned unchanged.
    """
    if not path:
        return document if isinstance(value, Absent) else value
    head, rest = path[0], path[1:]
    if isinstance(document, list):
        return _with_element(document, head, rest, value)
    if not isinstance(document, dict):
        return document
    below: Found = value
    if rest:
        inner = document.get(head, ABSENT)
        if isinstance(inner, Absent):
            inner = {}
            if isinstance(value, Absent):
                return document
        below = with_value(inner, rest, value)
    if isinstance(below, Absent):
        return {key: item for key, item in document.items() if key != head}
    return {**document, head: below}


def _with_element(elements: list[JsonValue], head: str, rest: Sequence[str], value: Found) -> JsonValue:
    if not head.isdecimal() or int(head) > len(elements):
        return elements
    index = int(head)
    if index == len(elements):
        return elements if rest or isinstance(value, Absent) else [*elements, value]
    below: Found = with_value(elements[index], rest, value) if rest else value
    return [*elements[:index], *(() if isinstance(below, Absent) else (below,)), *elements[index + 1 :]]


def shown(field: FormField, value: Found) -> Shown:
    """Return how a field shows a value; a value that would not be read back as itself is left to the JSON view."""
    if isinstance(value, Absent):
        return Shown(Showing.TYPED)
    if isinstance(value, Chip):
        return Shown(Showing.MASKED)
    text = _typed_text(field, value)
    if text is not None and _reads_back(field, text, value):
        return Shown(Showing.TYPED, text)
    return Shown(Showing.ELSEWHERE, json_text.dump(value))


def value_of(field: FormField, text: str) -> Found:
    """Return the value that a text typed into a field stands for; nothing typed is ABSENT.

    A required text and an element of a list are the exceptions: emptied they are "".
    """
    if field.kind is FieldKind.CHOICE:
        return next((choice for choice in field.choices if choice_text(choice) == text), ABSENT)
    if not text:
        return "" if field.element or (field.required and field.kind is FieldKind.TEXT) else ABSENT
    if field.kind is FieldKind.BOOLEAN:
        return _BOOLEANS.get(text, ABSENT)
    return _number(text) if field.kind in {FieldKind.INTEGER, FieldKind.NUMBER} else text


def choice_text(choice: JsonValue) -> str:
    """Return how a value of an enumeration is listed."""
    return choice if isinstance(choice, str) else json_text.dump(choice)


def is_well_formed(field: FormField, text: str) -> bool:
    """Say whether a date or a time is written as its format demands; the schema's own check leaves formats out."""
    if not text:
        return True
    if field.kind is FieldKind.DATE:
        return _is_date(text)
    if field.kind is FieldKind.TIME:
        return _TIME.fullmatch(text) is not None
    if field.kind is FieldKind.MOMENT:
        parts = _MOMENT.fullmatch(text)
        return parts is not None and _is_date(parts[1]) and _TIME.fullmatch(parts[2]) is not None
    return True


def _typed_text(field: FormField, value: JsonValue) -> str | None:
    if field.kind is FieldKind.CHOICE:
        return choice_text(value) if not isinstance(value, dict | list) else None
    if isinstance(value, str):
        return None if _NOT_TYPEABLE.search(value) else value
    if isinstance(value, dict | list) or value is None:
        return None
    return json_text.dump(value)


def _reads_back(field: FormField, text: str, value: JsonValue) -> bool:
    again = value_of(field, text)
    return not isinstance(again, Absent) and json_text.dump(again) == json_text.dump(value)


def _number(text: str) -> JsonValue:
    if _NUMBER.fullmatch(text) is None:
        return text
    try:
        return json_text.parse(text)
    except JsonTextError:  # more digits or a larger exponent than Postgres stores
        return text


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
