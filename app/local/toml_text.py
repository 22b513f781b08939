"""A small TOML writer: the standard library reads TOML but does not write it.

Covers what :mod:`tomllib` returns. Comments are not part of a parsed document and are therefore not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def dump(document: Mapping[str, Any]) -> str:
    """Return the document as TOML text that :func:`tomllib.loads` reads back as an equal document."""
    return "\n".join(_table(document, ())).strip("\n") + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of one table: plain values first, then sub-tables, as TOML requires."""
    for key, value in table.items():
        if not _is_table(value) and not _is_table_array(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        header = ".".join(_key(part) for part in (*path, key))
        if _is_table(value):
            yield from ("", f"[{header}]", *_table(value, (*path, key)))
        elif _is_table_array(value):
            for entry in value:
                yield from ("", f"[[{header}]]", *_table(entry, (*path, key)))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_table_array(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(_value(entry) for entry in value)}]"
    return _inline_table(value)


def _inline_table(value: object) -> str:
    if not isinstance(value, Mapping):
        raise TypeError(f"{type(value).__name__} has no TOML form")
    return f"{{{', '.join(f'{_key(key)} = {_value(entry)}' for key, entry in value.items())}}}"


def _string(text: str) -> str:
    return '"' + "".join(_character(character) for character in text) + '"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if ord(character) < 0x20 or ord(character) == 0x7F:
        return f"\\u{ord(character):04x}"
    return character
