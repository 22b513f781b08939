"""Filters of ``event.wait`` on a signal's payload; what they mean is the domain's."""

from __future__ import annotations

from typing import Any

from app.domain import event_filters
from app.engine.definition import EventFilter


def passes(payload: dict[str, Any], filters: tuple[EventFilter, ...]) -> bool:
    """Say whether a payload satisfies every filter."""
    return all(event_filters.passes(payload, wanted.path, wanted.op, wanted.value) for wanted in filters)
