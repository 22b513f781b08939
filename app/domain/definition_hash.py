"""The definition hash, byte for byte as JavaScript computes it (database.md 3.8, runtime.md 11 item 2).

The reference hashes ``JSON.stringify`` of the definition as read back from jsonb. A wrong hash strands the run at its
first step (F4), so anything that cannot be reproduced exactly gives None, which the reference accepts.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from json.encoder import encode_basestring

from app.domain.json_text import JsonTextError, parse
from app.domain.run import JsonValue

_LARGEST_ARRAY_INDEX = 2**32 - 2
"""JavaScript puts keys that are array indices first; this is the largest one."""


class _NotReproducible(ValueError):
    """A value that JavaScript would print in a way that is not worth imitating (Infinity becomes null)."""


def definition_hash(jsonb_text: str) -> str | None:
    """Return the sha256 (64 lower-case hex digits) of a definition's ``jsonb::text``, or None when unsure."""
    text = stringify(jsonb_text)
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def stringify(jsonb_text: str) -> str | None:
    """Return what ``JSON.stringify(JSON.parse(text))`` gives in JavaScript, or None when unsure."""
    try:
        value = parse(jsonb_text)
        parts: list[str] = []
        _write(value, parts)
    except (JsonTextError, _NotReproducible):
        return None
    return "".join(parts)


def format_number(number: int | Decimal) -> str:
    """Return a number as ``Number.prototype.toString`` prints its nearest double.

    Raises:
        ValueError: When the nearest double is infinite.
    """
    try:
        double = float(number)
    except OverflowError as error:
        raise _NotReproducible from error
    if double in {float("inf"), float("-inf")}:
        raise _NotReproducible
    if double == 0:
        return "0"
    sign = "-" if double < 0 else ""
    return sign + _digits(*_shortest(abs(double)))


def _shortest(double: float) -> tuple[str, int]:
    """Return the fewest digits that identify the double, and where the decimal point stands among them."""
    mantissa, _, exponent = repr(double).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    point = len(whole) - leading + int(exponent or 0)
    return digits.rstrip("0"), point


def _digits(digits: str, point: int) -> str:
    """Lay out digits as ECMAScript's Number::toString does; ``point`` is the position of the decimal point."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = point - 1
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def _javascript_order(keys: list[str]) -> list[str]:
    indices = sorted((key for key in keys if _is_array_index(key)), key=int)
    return indices + [key for key in keys if not _is_array_index(key)]


def _is_array_index(key: str) -> bool:
    if not key.isascii() or not key.isdigit() or len(key) > 10:
        return False
    return str(int(key)) == key and int(key) <= _LARGEST_ARRAY_INDEX


def _write(value: JsonValue, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, (int, Decimal)):
        parts.append(format_number(value))
    elif isinstance(value, dict):
        _write_object(value, parts)
    else:
        _write_array(value, parts)


def _write_object(value: dict[str, JsonValue], parts: list[str]) -> None:
    parts.append("{")
    for number, key in enumerate(_javascript_order(list(value))):
        parts.append("," if number else "")
        parts.append(encode_basestring(key) + ":")
        _write(value[key], parts)
    parts.append("}")


def _write_array(value: list[JsonValue], parts: list[str]) -> None:
    parts.append("[")
    for number, item in enumerate(value):
        parts.append("," if number else "")
        _write(item, parts)
    parts.append("]")
