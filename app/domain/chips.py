"""Masked values as things that can be moved: a chip stands for a stored value and knows where that value is stored.

A document with chips is an ordinary JSON value whose sealed leaves are :class:`Chip`. As text each chip is one
:data:`HOLE`; the origins are kept beside the text, in its order, so that no text can forge one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from json.encoder import encode_basestring

from app.domain import json_text
from app.domain.json_pointer import pointer
from app.domain.json_text import JsonTextError
from app.domain.placeholders import REDACTED
from app.domain.run import JsonValue

HOLE = "\ufffc"
"""The object replacement character: one per chip. Inside strings it is written as an escape."""

Segments = tuple[str, ...]

_STRING_OR_HOLE = re.compile(rf'"(?:[^"\\]|\\.)*"|{HOLE}', re.DOTALL)


class Chip(str):
    """Stands for the stored value at ``origin``. Reads as a placeholder and equals only chips of the same origin."""

    __slots__ = ("origin",)
    origin: Segments

    def __new__(cls, origin: Segments) -> Chip:
        """Return the chip of a place in the stored document, in decoded pointer segments."""
        chip = super().__new__(cls, REDACTED)
        chip.origin = origin
        return chip

    def __eq__(self, other: object) -> bool:
        """Say whether both stand for the same stored value."""
        return isinstance(other, Chip) and other.origin == self.origin

    def __ne__(self, other: object) -> bool:
        """Undo the comparison of texts that str defines."""
        return not self == other

    def __hash__(self) -> int:
        """Follow the equality."""
        return hash((Chip, self.origin))

    def __repr__(self) -> str:
        """Name the origin; there is nothing else to tell."""
        return f"Chip({pointer(self.origin)!r})"


def with_chips(document: JsonValue, paths: Collection[Segments]) -> JsonValue:
    """Return the document with a chip of its own place at each of these paths."""
    sealed = frozenset(paths)
    return _sealed(document, (), sealed, {path[:length] for path in sealed for length in range(len(path))})


def _sealed(value: JsonValue, path: Segments, sealed: frozenset[Segments], above: set[Segments]) -> JsonValue:
    if path in sealed:
        return Chip(path)
    if path not in above:
        return value
    if isinstance(value, dict):
        return {key: _sealed(item, (*path, key), sealed, above) for key, item in value.items()}
    if isinstance(value, list):
        return [_sealed(item, (*path, str(at)), sealed, above) for at, item in enumerate(value)]
    return value


def without_chips(value: JsonValue) -> JsonValue:
    """Return the value with every chip turned into the placeholder it reads as."""
    if isinstance(value, Chip):
        return REDACTED
    if isinstance(value, dict):
        return {key: without_chips(item) for key, item in value.items()}
    return [without_chips(item) for item in value] if isinstance(value, list) else value


def chips_in(value: JsonValue, path: Segments = ()) -> Iterator[tuple[Segments, Chip]]:
    """Yield every chip with the path it stands at, in document order."""
    pending: list[tuple[Segments, JsonValue]] = [(path, value)]
    while pending:
        at, item = pending.pop()
        if isinstance(item, Chip):
            yield at, item
        elif isinstance(item, dict):
            pending += [((*at, key), member) for key, member in reversed(item.items())]
        elif isinstance(item, list):
            pending += [((*at, str(index)), item[index]) for index in range(len(item) - 1, -1, -1)]


def dump(value: JsonValue, *, indent: int | None = None) -> tuple[str, tuple[Segments, ...]]:
    """Return the value as JSON text with a hole for each chip, and the chips' origins in the order of the holes."""
    origins: list[Segments] = []

    def write(text: str) -> str:
        if isinstance(text, Chip):
            origins.append(text.origin)
            return HOLE
        return encode_basestring(text).replace(HOLE, "\\ufffc")

    return json_text.dump(value, indent=indent, string=write), tuple(origins)


def parse(text: str, origins: Iterable[Segments]) -> JsonValue:
    """Read JSON text with holes.

    Args:
        text: The text, a hole for each chip.
        origins: Where the chips' values are stored, in the order of the holes.

    Raises:
        JsonTextError: As :func:`app.domain.json_text.parse`, and for a hole inside a string.
    """
    _refuse_holes_in_strings(text)
    return json_text.parse_with_holes(text, HOLE, [Chip(origin) for origin in origins])


def _refuse_holes_in_strings(text: str) -> None:
    for match in _STRING_OR_HOLE.finditer(text):
        inside = match.group().find(HOLE, 1)
        if inside > 0:
            offset = match.start() + inside
            line_start = text.rfind("\n", 0, offset) + 1
            message = "A masked value stands inside a text. It can only stand as a whole value of its own."
            raise JsonTextError(message, text.count("\n", 0, offset) + 1, offset - line_start + 1, "")
