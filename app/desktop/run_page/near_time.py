"""A moment as briefly as it can be understood on a page with little room."""

from __future__ import annotations

from datetime import datetime

from app.desktop.shell.times import local_time, short_time


def near_time(at: datetime, now: datetime) -> str:
    """Return the local time alone when it is on ``now``'s local day, else date and time."""
    same_day = at.astimezone().date() == now.astimezone().date()
    return short_time(at, now) if same_day else local_time(at)
