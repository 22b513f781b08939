"""The reason an operator gives for a cancel or a replay: recorded in log and audit, so it must say something."""

from __future__ import annotations

from app.domain.errors import InvalidInput

MIN_REASON_LENGTH = 3
"""Shortest accepted reason, in characters without surrounding space (runtime.md 4.5 and 4.6)."""


def is_reason(text: str) -> bool:
    """Say whether the text is long enough to be recorded as a reason."""
    return len(text.strip()) >= MIN_REASON_LENGTH


def checked_reason(text: str) -> str:
    """Return the reason without surrounding space; InvalidInput when it is too short or Postgres cannot store it.

    It is checked before anything happens, because it is written after Temporal has already acted.
    """
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(
            "reason.unstorable",
            "The reason holds a character that the database cannot store, so nothing was done. Type it again.",
        )
    if not is_reason(text):
        raise InvalidInput(
            "reason.too_short",
            f"Give a reason of at least {MIN_REASON_LENGTH} characters. It is recorded in the run's log and audit.",
            minimum=MIN_REASON_LENGTH,
        )
    return text.strip()
