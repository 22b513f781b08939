"""Times and durations in words: local and short in the window, exact UTC on hover.

Ages are given in seconds by the database's clock; this module never asks the desktop's clock. Where "today" matters
the caller passes the moment the data was read.
"""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QDate, QLocale, QTime

from app.desktop.shell.words import translate

_MINUTE = 60
_ROUNDING = 1e-6
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def short_time(at: datetime, now: datetime) -> str:
    """Return the local time when ``at`` is on ``now``'s local day, else the local date ("19 Nov", with year if old)."""
    local, today = at.astimezone(), now.astimezone()
    locale = QLocale()
    if local.date() == today.date():
        return locale.toString(QTime(local.hour, local.minute, local.second), "HH:mm:ss")
    day = QDate(local.year, local.month, local.day)
    this_year = local.year == today.year
    return locale.toString(day, translate("Times", "d MMM") if this_year else translate("Times", "d MMM yyyy"))


def local_time(at: datetime) -> str:
    """Return the local date and time to the second, for places with room."""
    local = at.astimezone()
    locale = QLocale()
    day = locale.toString(QDate(local.year, local.month, local.day), translate("Times", "d MMM yyyy"))
    return f"{day} {locale.toString(QTime(local.hour, local.minute, local.second), 'HH:mm:ss')}"


def exact_utc(at: datetime) -> str:
    """Return the exact moment in UTC, to the millisecond: what a tooltip shows."""
    return at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds").replace("+00:00", " UTC")


def age_text(seconds: float) -> str:
    """Return an age or duration in at most two units: "0.9 s", "40 s", "12 min", "2 h 5 min", "3 d 4 h"."""
    seconds = max(0.0, seconds)
    if seconds < 10:
        tenths = int(seconds * 10 + _ROUNDING)  # rounded down like every other unit, so that time never runs back
        return translate("Times", "{number} s").format(number=QLocale().toString(tenths / 10, "f", 1))
    if seconds < _MINUTE:
        return translate("Times", "{number} s").format(number=int(seconds))
    if seconds < _HOUR:
        return translate("Times", "{number} min").format(number=int(seconds // _MINUTE))
    if seconds < _DAY:
        hours, rest = divmod(int(seconds), _HOUR)
        return _two(translate("Times", "{number} h"), hours, translate("Times", "{number} min"), rest // _MINUTE)
    days, rest = divmod(int(seconds), _DAY)
    return _two(translate("Times", "{number} d"), days, translate("Times", "{number} h"), rest // _HOUR)


def took_text(milliseconds: float) -> str:
    """Return a short duration: "702 ms", "1.2 s", then as :func:`age_text`."""
    if milliseconds < 1000:
        return translate("Times", "{number} ms").format(number=round(milliseconds))
    return age_text(milliseconds / 1000)


def ago_text(seconds: float) -> str:
    """Return "just now" or "… ago"."""
    if seconds < 3:
        return translate("Times", "just now")
    return translate("Times", "{duration} ago").format(duration=age_text(seconds))


def _two(first: str, number: int, second: str, rest: int) -> str:
    text = first.format(number=number)
    return text if rest == 0 else f"{text} {second.format(number=rest)}"
