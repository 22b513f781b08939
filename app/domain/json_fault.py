"""Finds out what is wrong with a JSON text, and where.

The fast reader of :mod:`app.domain.json_text` only knows *that* a text is refused. This slower one walks the text
once more and says why, at which line and column, and inside which member; it also refuses what Postgres refuses
(duplicate keys are legal there, but an operator never means them).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from app.domain.json_pointer import pointer

MAX_DEPTH = 200
"""Deepest nesting of arrays and objects that is read; keeps recursive rules clear of the interpreter's limit."""
MAX_INTEGER_DIGITS_OF_NUMERIC = 131_072
"""Digits before the decimal point that a Postgres numeric can hold."""
MAX_FRACTION_DIGITS_OF_NUMERIC = 16_383
"""Digits after the decimal point that a Postgres numeric can hold."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_PLAIN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_ESCAPED_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_ESCAPED_CODE = re.compile(r"\\u[0-9a-fA-F]{4}")
_LITERALS = ("true", "false", "null")
_SIMPLE_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why and where a text is refused. ``line`` and ``column`` count from 1, ``path`` is a JSON pointer."""

    message: str
    offset: int
    line: int
    column: int
    path: str


class _Found(Exception):
    """Carries the first fault out of the walk."""

    def __init__(self, message: str, offset: int, path: tuple[str, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.path = path


def exact_number(text: str) -> int | Decimal:
    """Return a JSON number with every digit kept.

    Raises:
        ArithmeticError: When Postgres' numeric cannot hold it.
    """
    if text.lstrip("-").isdigit() and len(text) <= 4000:  # the interpreter refuses longer texts for int
        return int(text)
    value = Decimal(text)
    if not -MAX_FRACTION_DIGITS_OF_NUMERIC <= value.adjusted() < MAX_INTEGER_DIGITS_OF_NUMERIC:
        raise ArithmeticError("outside the range of numeric")
    return value


def locate_fault(text: str) -> Fault | None:
    """Return the first fault of the text in reading order, or None when there is none."""
    try:
        _Walk(text).document()
    except _Found as found:
        before = text[: found.offset]
        line = before.count("\n") + 1
        column = found.offset - (before.rfind("\n") + 1) + 1
        return Fault(found.message, found.offset, line, column, pointer(found.path))
    return None


class _Walk:
    """One pass over a text; ``at`` is the offset of the next character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._path: list[str] = []

    def document(self) -> None:
        self._space()
        self._value()
        self._space()
        if self._at < len(self._text):
            self._refuse("There is more text after the end of the JSON value.")

    def _refuse(self, message: str, offset: int | None = None) -> NoReturn:
        raise _Found(message, self._at if offset is None else offset, tuple(self._path))

    def _space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _value(self) -> None:
        start = self._next()
        if start == "{":
            self._object()
        elif start == "[":
            self._array()
        elif start == '"':
            self._string()
        elif start == "-" or start.isdigit():
            self._number()
        elif not start:
            self._refuse("The text ends where a value is expected.")
        else:
            self._literal()

    def _literal(self) -> None:
        for literal in _LITERALS:
            if self._text.startswith(literal, self._at):
                self._at += len(literal)
                return
        self._refuse("A value is expected here: an object, array, string, number, true, false or null.")

    def _number(self) -> None:
        found = _NUMBER.match(self._text, self._at)
        if found is None:
            self._refuse("This is not a JSON number.")
        try:
            exact_number(found.group())
        except ArithmeticError:
            self._refuse("This number is larger or finer than the database can store.")
        self._at = found.end()
        if self._next().isalnum() or self._next() in {".", "+", "-"}:
            self._refuse("This is not a JSON number.", found.start())

    def _open(self) -> None:
        if len(self._path) >= MAX_DEPTH:
            self._refuse(f"This is nested more than {MAX_DEPTH} levels deep.")
        self._at += 1
        self._space()

    def _object(self) -> None:
        self._open()
        if self._take("}"):
            return
        seen: set[str] = set()
        while True:
            self._member(seen)
            self._space()
            if self._take("}"):
                return
            if not self._take(","):
                self._refuse("A comma or a closing brace is expected here.")
            self._space()
            if self._next() == "}":
                self._refuse("There is a comma before the closing brace.")

    def _member(self, seen: set[str]) -> None:
        start = self._at
        if self._next() != '"':
            self._refuse("A key in double quotes is expected here.")
        key = self._string()
        self._path.append(key)
        if key in seen:
            self._refuse("This key occurs twice in the same object.", start)
        seen.add(key)
        self._space()
        if not self._take(":"):
            self._refuse("A colon is expected after the key.")
        self._space()
        self._value()
        self._path.pop()

    def _array(self) -> None:
        self._open()
        if self._take("]"):
            return
        index = 0
        while True:
            self._path.append(str(index))
            self._value()
            self._path.pop()
            self._space()
            if self._take("]"):
                return
            if not self._take(","):
                self._refuse("A comma or a closing bracket is expected here.")
            self._space()
            if self._next() == "]":
                self._refuse("There is a comma before the closing bracket.")
            index += 1

    def _take(self, character: str) -> bool:
        if self._next() == character:
            self._at += 1
            return True
        return False

    def _string(self) -> str:
        start = self._at
        parts: list[str] = []
        self._at += 1
        while True:
            plain = _PLAIN.match(self._text, self._at)
            if plain is not None:
                parts.append(plain.group())
                self._at = plain.end()
            if self._take('"'):
                return "".join(parts)
            if not self._next():
                self._refuse("This string is never closed.", start)
            if self._next() >= "\ud800":
                self._refuse("This is half of a character; the database cannot store it.")
            if self._next() != "\\":
                self._refuse("This character must be written as an escape inside a string.")
            parts.append(self._escape())

    def _escape(self) -> str:
        simple = _SIMPLE_ESCAPES.get(self._text[self._at + 1 : self._at + 2])
        if simple is not None:
            self._at += 2
            return simple
        pair = _ESCAPED_PAIR.match(self._text, self._at)
        if pair is not None:
            self._at = pair.end()
            return _decode(pair.group())
        if _ESCAPED_SURROGATE.match(self._text, self._at):
            self._refuse("This escape is half of a character; the database cannot store it.")
        code = _ESCAPED_CODE.match(self._text, self._at)
        if code is None:
            self._refuse("This is not a valid escape.")
        if code.group().endswith("0000"):
            self._refuse("The database cannot store the character NUL.")
        self._at = code.end()
        return chr(int(code.group()[2:], 16))


def _decode(pair: str) -> str:
    """Return the character of a well-formed escaped surrogate pair."""
    high, low = int(pair[2:6], 16), int(pair[8:12], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
