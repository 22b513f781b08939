"""When a run counts as stuck: recorded as started, but no step has run (runtime.md 8.3, database.md 4.1)."""

from __future__ import annotations

from app.domain.run import RunStatus

STUCK_AFTER_SECONDS = 60
"""A RUNNING run without steps is stuck when it is *older* than this, by the database's clock, unless set otherwise."""
STUCK_AFTER_BOUNDS = (30, 3600)
"""Shortest and longest setting: below, a launch may still be under way; above, the banner would come too late."""


def is_stuck(status: str, has_steps: bool, age_seconds: float, after_seconds: int = STUCK_AFTER_SECONDS) -> bool:
    """Say whether a run is stuck: RUNNING, zero step rows, strictly older than the threshold."""
    return status == RunStatus.RUNNING and not has_steps and age_seconds > after_seconds
