"""Between the engine's JSON (int and float, as an expression sees it) and stored JSON (int and Decimal)."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from app.domain.run import JsonValue

_EXACT_IN_A_DOUBLE = 2**53


def to_stored(value: Any) -> JsonValue:
    """Return a value that ``jsonb`` takes: shortest digits of a double, no NUL, no lone surrogate, no NaN."""
    if isinstance(value, dict):
        return {_text(str(key)): to_stored(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_stored(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, Decimal)):
        return value
    return _text(value if isinstance(value, str) else str(value))


def from_stored(value: JsonValue) -> Any:
    """Return a value for expressions: integers exact, other numbers as the nearest double; ``2.0`` becomes 2."""
    if isinstance(value, dict):
        return {key: from_stored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_stored(item) for item in value]
    if isinstance(value, Decimal):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < _EXACT_IN_A_DOUBLE else number
    return value


def _text(text: str) -> str:
    """Replace what Postgres refuses in a text by the replacement character."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
