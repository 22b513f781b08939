"""What can be chosen for a report: its form, its language and the time zone of its times."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QTimeZone

from app.desktop.shell.context import ReportFormat
from app.desktop.shell.words import translate

FORMATS: tuple[ReportFormat, ...] = ("pdf", "html", "md", "json", "xlsx", "csv")
_UTC = "UTC"
_USUAL = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Sydney",
)


@dataclass(frozen=True, slots=True)
class ReportChoice:
    """How a report leaves: form, language and a name of the time zone database."""

    form: ReportFormat
    language: str
    zone: str


def format_words(form: ReportFormat) -> str:
    """Return what a form is called."""
    words: dict[ReportFormat, str] = {
        "pdf": translate("Report", "PDF"),
        "html": translate("Report", "Web page (HTML)"),
        "md": translate("Report", "Ticket text (Markdown)"),
        "json": translate("Report", "Data (JSON)"),
        "xlsx": translate("Report", "Workbook (XLSX)"),
        "csv": translate("Report", "Table (CSV)"),
    }
    return words[form]


def language_words() -> dict[str, str]:
    """Return the languages that reports are written in, by code, each in its own words."""
    return {"en": "English", "de": "Deutsch"}


def zone_choices() -> tuple[str, ...]:
    """Return UTC, this computer's zone and some usual ones, each once."""
    own = bytes(QTimeZone.systemTimeZoneId().data()).decode(errors="replace")
    return tuple(dict.fromkeys((_UTC, *((own,) if "/" in own else ()), *_USUAL)))


def name_filter(form: ReportFormat) -> str:
    """Return the name filter of the file dialog."""
    return f"{format_words(form).split(' (')[0]} (*.{form})"
