"""Filters of ``event.wait``: what a payload must be like besides name and correlation key (runtime.md 7.5).

One reading of them for the engine, which waits by them, and for the diagnosis, which says why an event was refused.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

_MISSING = object()


def passes(payload: Any, path: str, op: str, wanted: Any) -> bool:
    """Say whether a payload satisfies one filter; an operator nobody knows is never satisfied."""
    value = _at(payload, path)
    if op == "exists":
        return value is not _MISSING
    if op == "not_exists":
        return value is _MISSING
    if value is _MISSING:
        return op in ("!=", "not_in")
    operator = _OPERATORS.get(op)
    return operator is not None and operator(value, wanted)


def first_refusal(payload: Any, filters: Any) -> str | None:
    """Return the first stored filter (``{path, op, value}``) that a payload fails, as ``path op``; None for none."""
    for stored in filters if isinstance(filters, list) else ():
        if not isinstance(stored, dict):
            continue
        path, op = stored.get("path"), stored.get("op")
        if isinstance(path, str) and isinstance(op, str) and not passes(payload, path, op, stored.get("value")):
            return f"{path} {op}"
    return None


def _at(payload: Any, path: str) -> Any:
    """Walk objects only; a path may begin with ``$.``."""
    value: Any = payload
    for segment in path.removeprefix("$.").split("."):
        if not isinstance(value, dict) or segment not in value:
            return _MISSING
        value = value[segment]
    return value


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _among(value: Any, choices: Any) -> bool:
    return isinstance(choices, list) and any(_same(value, choice) for choice in choices)


def _numbers(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        return _is_number(left) and _is_number(right) and compare(left, right)

    return holds


def _texts(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        return isinstance(left, str) and isinstance(right, str) and compare(left, right)

    return holds


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _same,
    "!=": lambda value, wanted: not _same(value, wanted),
    "in": _among,
    "not_in": lambda value, wanted: not _among(value, wanted),
    ">": _numbers(lambda left, right: left > right),
    ">=": _numbers(lambda left, right: left >= right),
    "<": _numbers(lambda left, right: left < right),
    "<=": _numbers(lambda left, right: left <= right),
    "contains": _texts(lambda value, part: part in value),
    "starts_with": _texts(str.startswith),
    "ends_with": _texts(str.endswith),
}
