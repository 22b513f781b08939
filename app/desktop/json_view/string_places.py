"""Which place in the document each string of a JSON text is, also while the text is being edited. No Qt."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from app.domain.json_pointer import pointer

_MARK = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],:\n]')


@dataclass(slots=True)
class _Level:
    """An open object or array: the name or number of the value to come."""

    is_object: bool
    segment: str
    names: bool
    """Whether the next string is a name."""


def string_places(text: str) -> dict[tuple[int, int], str]:
    """Return the JSON pointer of every string value by line and column, from zero, of its opening quote.

    What is not valid JSON is read as far as its brackets and commas make sense.
    """
    places: dict[tuple[int, int], str] = {}
    line, line_start = 0, 0
    levels: list[_Level] = []
    for match in _MARK.finditer(text):
        mark, start = match.group(), match.start()
        if mark == "\n":
            line, line_start = line + 1, start + 1
        elif mark in "{[":
            levels.append(_Level(mark == "{", "" if mark == "{" else "0", names=mark == "{"))
        elif not levels:
            if mark.startswith('"'):
                places[line, start - line_start] = ""
        elif mark in "}]":
            levels.pop()
        elif mark.startswith('"'):
            if levels[-1].names:
                levels[-1].segment = _name(mark)
            else:
                places[line, start - line_start] = pointer(tuple(level.segment for level in levels))
        else:
            _punctuate(levels[-1], mark)
    return places


def _punctuate(level: _Level, mark: str) -> None:
    if level.is_object:
        level.names = mark == ","
    elif mark == ",":
        level.segment = str(int(level.segment) + 1)


def _name(mark: str) -> str:
    try:
        return str(json.loads(mark, strict=False))
    except ValueError:  # a broken escape, as typed so far
        return mark[1:-1]
