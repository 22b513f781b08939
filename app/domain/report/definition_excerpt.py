"""Finds the steps around one step of a definition, which is read from the database and may have any shape."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.domain.run import JsonValue

_AROUND = 2
"""How many steps before and after the failing one are shown."""
_BRANCHES = ("then", "else", "body", "try", "catch")
_PATH = re.compile(r"root\.steps\[(\d+)\]((?:\.(?:then|else|body|try|catch)\.steps\[\d+\])*)")
_BELOW = re.compile(r"\.(then|else|body|try|catch)\.steps\[(\d+)\]")


def steps_around(definition: JsonValue, path: str) -> tuple[list[JsonValue], int, int] | None:
    """Return the steps around ``path`` in their block, and how many of the block lie before and after them.

    What other steps hold in their branches is replaced by a count. None when the definition has no such step.
    """
    block, index = _block_of(definition, path)
    if block is None or index >= len(block):
        return None
    first, last = max(index - _AROUND, 0), min(index + _AROUND + 1, len(block))
    return [_folded(step) for step in block[first:last]], first, len(block) - last


def _block_of(definition: JsonValue, path: str) -> tuple[list[JsonValue] | None, int]:
    found = _PATH.fullmatch(path)
    if found is None:
        return None, 0
    block, index = _list_under(definition, "steps"), int(found.group(1))
    for branch, number in _BELOW.findall(found.group(2)):
        step = block[index] if block is not None and index < len(block) else None
        block, index = _list_under(step, branch), int(number)
    return block, index


def _list_under(node: JsonValue, name: str) -> list[JsonValue] | None:
    value = node.get(name) if isinstance(node, Mapping) else None
    return value if isinstance(value, list) else None


def _folded(step: JsonValue) -> JsonValue:
    if not isinstance(step, dict):
        return step
    return {name: _fold(name, value) for name, value in step.items()}


def _fold(name: str, value: JsonValue) -> JsonValue:
    return f"[{len(value)} …]" if name in _BRANCHES and isinstance(value, list) else value
