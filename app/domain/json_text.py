"""JSON text and values without loss: every digit of a number survives reading and writing.

Documents travel as ``jsonb::text``. Integers become ``int``, other numbers ``Decimal``, never ``float``, because a
payload that is copied must be the payload that was stored (database.md section 11, "Numbers and text").
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring
from typing import NoReturn

from app.domain.json_fault import MAX_DEPTH, exact_number, locate_fault
from app.domain.json_pointer import pointer, split_pointer
from app.domain.run import JsonValue

__all__ = ["MAX_DEPTH", "JsonTextError", "dump", "equal", "parse", "parse_with_holes", "pointer", "split_pointer"]

_UNREADABLE = "This is not JSON that can be read."
_HOLE_WORD = "-Infinity"
"""No JSON, but Python's reader calls back for it."""
_NO_VALUE = object()
_SUSPICIOUS_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


class JsonTextError(ValueError):
    """A text that is not usable JSON.

    Attributes:
        message: One English sentence without the text itself, which may hold secrets.
        line: Line of the fault, from 1.
        column: Column of the fault in characters, from 1.
        path: JSON pointer of the member being read; for a duplicate key, of that key.
    """

    def __init__(self, message: str, line: int, column: int, path: str) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column
        self.path = path


class _Refused(Exception):
    """The fast reader met something it does not accept; the fault finder says what."""


def parse(text: str) -> JsonValue:
    """Read one JSON value.

    Raises:
        JsonTextError: For a syntax error, a duplicate key, NaN or Infinity, a lone surrogate, NUL, a number outside
            Postgres' numeric, or nesting deeper than :data:`MAX_DEPTH`.
    """
    return _parse(text, text, _constant)


def parse_with_holes(text: str, hole: str, values: Iterable[JsonValue]) -> JsonValue:
    """Read one JSON value in which a character outside strings stands for a value that is given.

    Args:
        text: The text; ``hole`` does not occur inside its strings.
        hole: The one character.
        values: What the holes stand for, in their order.

    Raises:
        JsonTextError: As :func:`parse`; also unless there are as many holes as values.
    """
    left = iter(values)

    def fill(name: str) -> JsonValue:
        value = next(left, _NO_VALUE)
        if name != _HOLE_WORD or value is _NO_VALUE:
            raise _Refused
        return value  # type: ignore[return-value]

    # The reader calls back for its constants, so one of them marks the holes. A digit explains: it has their width.
    explained = text.replace(hole, "0")
    filled = _parse(text.replace(hole, _HOLE_WORD), explained, fill)
    if next(left, _NO_VALUE) is not _NO_VALUE:
        raise JsonTextError(_UNREADABLE, 1, 1, "")
    return filled


def dump(value: JsonValue, *, indent: int | None = None, string: Callable[[str], str] = encode_basestring) -> str:
    """Write a value as JSON text: keys in their order, non-ASCII as it is, digits kept.

    Args:
        value: The value.
        indent: Spaces per level for a readable text; None for the shortest text.
        string: Writes a key or a string.
    """
    parts: list[str] = []
    _Writer(parts, indent, string).write(value, "\n")
    return "".join(parts)


def equal(left: JsonValue, right: JsonValue) -> bool:
    """Say whether two values are the same jsonb: 1 equals 1.0, key order is irrelevant, true is not 1."""
    if left != right:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return all(equal(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return all(equal(one, other) for one, other in zip(left, right, strict=True))
    return True


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Refused
    return members


def _constant(_name: str) -> NoReturn:
    raise _Refused


def _parse(text: str, explained: str, constant: Callable[[str], JsonValue]) -> JsonValue:
    """Read a text; what is wrong with it is explained by the one that the operator sees."""
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=exact_number,
            parse_float=exact_number,
            parse_constant=constant,
        )
    except (_Refused, ValueError, ArithmeticError, RecursionError):
        # The decoder's own error quotes the document, so it is not chained.
        raise _explain(explained) or JsonTextError(_UNREADABLE, 1, 1, "") from None
    if _SUSPICIOUS_ESCAPE.search(text) or not _encodable(text) or _too_deep(value, text):
        fault = _explain(explained)
        if fault is not None:
            raise fault
    return value


def _encodable(text: str) -> bool:
    """Say whether the text has no lone surrogate of its own."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep(value: JsonValue, text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:  # cannot be deeper than it has brackets
        return False
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _containers(node)]
        if not level:
            return False
    return True


def _containers(node: JsonValue) -> list[JsonValue]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [child for child in children if isinstance(child, (dict, list))]


def _explain(text: str) -> JsonTextError | None:
    fault = locate_fault(text)
    return None if fault is None else JsonTextError(fault.message, fault.line, fault.column, fault.path)


@dataclass(frozen=True, slots=True)
class _Writer:
    parts: list[str]
    indent: int | None
    string: Callable[[str], str]

    def write(self, value: JsonValue, newline: str) -> None:
        if isinstance(value, str):
            self.parts.append(self.string(value))
        elif value is None:
            self.parts.append("null")
        elif isinstance(value, bool):
            self.parts.append("true" if value else "false")
        elif isinstance(value, (int, Decimal)):
            self.parts.append(str(value))
        elif isinstance(value, dict):
            self._object(value, newline)
        else:
            self._array(value, newline)

    def _object(self, value: dict[str, JsonValue], newline: str) -> None:
        inner = newline + " " * (self.indent or 0)
        separator = "" if self.indent is None else inner
        colon = ":" if self.indent is None else ": "
        self.parts.append("{")
        for number, (key, item) in enumerate(value.items()):
            self.parts.append(("," if number else "") + separator)
            self.parts.append(self.string(key) + colon)
            self.write(item, inner)
        self.parts.append("}" if self.indent is None or not value else newline + "}")

    def _array(self, value: list[JsonValue], newline: str) -> None:
        inner = newline + " " * (self.indent or 0)
        separator = "" if self.indent is None else inner
        self.parts.append("[")
        for number, item in enumerate(value):
            self.parts.append(("," if number else "") + separator)
            self.write(item, inner)
        self.parts.append("]" if self.indent is None or not value else newline + "]")
