"""The regular expressions of JSON Schema, which are JavaScript's, as Python's ``re`` understands them.

What cannot be carried over with the same meaning is refused, so that no payload is judged by another rule.
"""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"\\(.)|\[|\]|\$|\.|\{,|\(\?<(?![=!])|\(\?[A-Za-z-]+[:)]|\(\?P", re.DOTALL)
_FOREIGN_ESCAPES = frozenset("pPkcuAZzaN")
"""Escapes that mean another thing in one of both languages, or nothing."""
_LINE_ENDS = r"\n\r\u2028\u2029"
_SPACE = r" \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


class UnsupportedPattern(ValueError):
    """A pattern that Python would read differently, or not at all."""


@lru_cache(maxsize=512)
def ecma_pattern(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern, to be used with ``search``; :class:`UnsupportedPattern` when it has no equal."""
    try:
        return re.compile(_translated(pattern), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsupportedPattern(pattern) from error


def _translated(pattern: str) -> str:
    parts: list[str] = []
    position, in_class = 0, False
    for found in _PART.finditer(pattern):
        parts.append(pattern[position : found.start()])
        position, part = found.end(), found.group()
        if part in ("[", "]"):
            parts.append("\\[" if part == "[" and in_class else part)  # in a class "[" is plain in JavaScript
            if part == "[" and pattern[position:].startswith(("]", "^]")):
                raise UnsupportedPattern(pattern)
            in_class = part == "["
        elif part.startswith("\\"):
            parts.append(_escape(part[1], in_class=in_class))
        else:
            parts.append(part if in_class else _outside_class(part))
    parts.append(pattern[position:])
    return "".join(parts)


def _outside_class(part: str) -> str:
    if part == "$":
        return r"\Z"  # Python's own $ also stands before a last line break
    if part == ".":
        return f"[^{_LINE_ENDS}]"
    if part == "(?<":
        return "(?P<"
    raise UnsupportedPattern(part)


def _escape(letter: str, *, in_class: bool) -> str:
    if letter == "u":
        return r"\u"
    if letter in _FOREIGN_ESCAPES:
        raise UnsupportedPattern(letter)
    if letter == "s":
        return _SPACE if in_class else f"[{_SPACE}]"
    if letter == "S":
        if in_class:
            raise UnsupportedPattern(letter)
        return f"[^{_SPACE}]"
    return "\\" + letter
