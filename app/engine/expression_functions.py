"""The five functions an expression may call (``rulings.md``, "Expression functions"), on plain JSON values."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from app.domain.definition_hash import format_number

FUNCTION_NAMES = frozenset({"nowIso", "coalesce", "len", "toString", "append"})


class Missing:
    """Marks an argument that JSONata calls undefined, apart from JSON's null."""


MISSING = Missing()


def coalesce(*arguments: Any) -> Any:
    """Return the first argument that is neither null nor missing, else null."""
    return next((argument for argument in arguments if argument is not None and argument is not MISSING), None)


def length(value: Any = MISSING) -> int:
    """Return UTF-16 units of a text, elements of an array, keys of an object, 0 for null or missing.

    Raises:
        ValueError: The value is a number or a boolean.
    """
    if value is None or value is MISSING:
        return 0
    if isinstance(value, str):
        return utf16_length(value)
    if isinstance(value, (list, dict)):
        return len(value)
    raise ValueError("len() takes a text, an array or an object")


def to_string(value: Any = MISSING) -> str:
    """Return texts unchanged, null or missing as "", numbers as JavaScript prints them, others as compact JSON."""
    if value is None or value is MISSING:
        return ""
    return value if isinstance(value, str) else compact_json(value)


def append(left: Any = MISSING, right: Any = MISSING) -> list[Any]:
    """Return both as one array; a non-array counts as one element, missing as none."""
    return [*_elements(left), *_elements(right)]


def utf16_length(text: str) -> int:
    """Return the length JavaScript reports for ``text``."""
    return len(text) + sum(character > "\uffff" for character in text)


def compact_json(value: Any) -> str:
    """Return JSON without spaces, numbers printed as JavaScript prints them."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{compact_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact_json, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)
    return _quoted(value)


def number_text(number: float) -> str:
    """Print a number as JavaScript does, which knows doubles only: integers beyond 2^53 are rounded to the nearest.

    Raises:
        ValueError: The number is too large for a double.
    """
    return format_number(number if isinstance(number, int) else Decimal(repr(number)))


def _elements(value: Any) -> list[Any]:
    if value is MISSING:
        return []
    return value if isinstance(value, list) else [value]


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
