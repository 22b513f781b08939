"""Filters of ``event.wait``: what a payload must be like besides name and correlation key (runtime.md 7.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.engine.definition import EventFilter

_MISSING = object()


def passes(payload: dict[str, Any], filters: tuple[EventFilter, ...]) -> bool:
    """Say whether a payload satisfies every filter."""
    return all(_holds(_at(payload, wanted.path), wanted) for wanted in filters)


def _at(payload: dict[str, Any], path: str) -> Any:
    """Walk objects only; a path may begin with ``$.``."""
    value: Any = payload
    for segment in path.removeprefix("$.").split("."):
        if not isinstance(value, dict) or segment not in value:
            return _MISSING
        value = value[segment]
    return value


def _holds(value: Any, wanted: EventFilter) -> bool:
    if wanted.op == "exists":
        return value is not _MISSING
    if wanted.op == "not_exists":
        return value is _MISSING
    if value is _MISSING:
        return wanted.op in ("!=", "not_in")
    return _OPERATORS[wanted.op](value, wanted.value)


def _same(left: Any, right: Any) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _among(value: Any, choices: Any) -> bool:
    return isinstance(choices, list) and any(_same(value, choice) for choice in choices)


def _numbers(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        return _is_number(left) and _is_number(right) and compare(left, right)

    return holds


def _texts(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        return isinstance(left, str) and isinstance(right, str) and compare(left, right)

    return holds


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


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
