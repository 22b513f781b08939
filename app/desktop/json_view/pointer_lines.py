"""On which line of a JSON text a place of the document stands, also while the text is being edited. No Qt."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from app.domain.json_pointer import split_pointer

_MARK = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:\n]|[^\s{}\[\],:"]+')


@dataclass(slots=True)
class _Level:
    """An open object or array; ``segment`` is the name or number of the value to come, ``names`` awaits a name."""

    is_object: bool
    segment: str = "0"
    names: bool = False


def line_of(text: str, place: str) -> int:
    """Return the line, from zero, of a JSON pointer, or of the nearest place above it that the text has."""
    wanted = split_pointer(place)
    deepest, found = 0, 0
    line = 0
    levels: list[_Level] = []
    for match in _MARK.finditer(text):
        mark = match.group()
        if mark == "\n":
            line += 1
        elif mark in {",", ":"}:
            _punctuate(levels, mark)
        elif mark in {"}", "]"}:
            del levels[-1:]
        else:
            if levels and levels[-1].names:
                levels[-1].segment = _name(mark)
            depth = len(levels)
            if depth > deepest and tuple(level.segment for level in levels) == wanted[:depth]:
                deepest, found = depth, line
                if depth == len(wanted):
                    break
            if mark in {"{", "["}:
                levels.append(_Level(mark == "{", "" if mark == "{" else "0", names=mark == "{"))
    return found


def _punctuate(levels: list[_Level], mark: str) -> None:
    if not levels:
        return
    level = levels[-1]
    if level.is_object:
        level.names = mark == ","
    elif mark == ",":
        level.segment = str(int(level.segment) + 1)


def _name(mark: str) -> str:
    try:
        return str(json.loads(mark, strict=False))
    except ValueError:  # no string, or one with a broken escape, as typed so far
        return mark.strip('"')
