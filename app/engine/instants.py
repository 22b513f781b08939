"""Instants as the product writes them: ISO 8601 in UTC with milliseconds and a ``Z``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_text(instant: datetime) -> str:
    """Return ``2026-11-23T06:00:00.000Z`` for an aware instant."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(value: Any) -> datetime:
    """Read an ISO 8601 text (without an offset it means UTC) or a number of milliseconds since 1970.

    Raises:
        ValueError: ``value`` is neither, or lies outside the calendar.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is not an instant")  # noqa: TRY004 - one error for every unusable value
    if isinstance(value, str):
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError as error:
        raise ValueError(f"{value!r} lies outside the calendar") from error
