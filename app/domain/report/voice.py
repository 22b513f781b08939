"""Turns a report's words into text: one language, one time zone, both independent of the window's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.domain.errors import Misconfigured
from app.domain.report.words import Catalogue, Joined, Said, Word

DEFAULT_ZONE = "UTC"
DASH = "—"
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


class Language(StrEnum):
    """A language that reports are written in."""

    ENGLISH = "en"
    GERMAN = "de"


@dataclass(frozen=True, slots=True)
class Voice:
    """A language and a time zone.

    Attributes:
        language: What it speaks.
        zone: Where its times are.
        zone_name: What the zone is called in the report's foot.
        catalogue: The language's wordings; empty for English, whose wordings are the source.
    """

    language: Language = Language.ENGLISH
    zone: tzinfo = UTC
    zone_name: str = DEFAULT_ZONE
    catalogue: Catalogue = field(default_factory=dict)

    def text(self, word: Word, *, precise: bool = False) -> str:
        """Return a word as text; nothing is a dash. ``precise`` gives a moment's milliseconds."""
        if isinstance(word, Said):
            return self._sentence(word)
        if isinstance(word, Joined):
            return word.between.join(self.text(each) for each in word.words)
        if isinstance(word, datetime):
            return self.moment(word, precise=precise)
        if isinstance(word, timedelta):
            return self.span(word.total_seconds())
        if isinstance(word, int):
            return self.number(word)
        return DASH if word is None else word

    def moment(self, at: datetime, *, precise: bool = False) -> str:
        """Return an aware moment with its zone: ``2026-11-23 06:17:00 UTC``, in German ``23.11.2026 07:17:00 MEZ``."""
        local = at.astimezone(self.zone)
        german = self.language is Language.GERMAN
        shown = local.strftime("%d.%m.%Y %H:%M:%S" if german else "%Y-%m-%d %H:%M:%S")
        if precise:
            shown += f"{',' if german else '.'}{local.microsecond // 1000:03d}"
        return f"{shown} {self._zone_at(local)}"

    def span(self, length: float) -> str:
        """Return so many seconds in at most two units: ``320 ms``, ``4.2 s``, ``2 min 5 s``, ``5 d 2 h``."""
        if length < 0.9995:
            return f"{max(round(length * 1000), 0)} ms"
        if length < 59.95:
            return self._decimal(f"{length:.1f}".removesuffix(".0")) + " s"
        whole = round(length)
        for (unit, size), (smaller, smaller_size) in pairwise(_UNITS):
            if whole >= size:
                rest = whole % size // smaller_size
                return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
        return f"{whole} s"

    def number(self, number: int) -> str:
        """Return a whole number with its thousands set apart."""
        written = f"{number:,}"
        return written.replace(",", ".") if self.language is Language.GERMAN else written

    def _sentence(self, said: Said) -> str:
        wording = self.catalogue.get(said.wording, said.wording)
        if not said.values:
            return wording
        return wording.format_map({name: self.text(value) for name, value in said.values})

    def _decimal(self, written: str) -> str:
        return written.replace(".", ",") if self.language is Language.GERMAN else written

    def _zone_at(self, local: datetime) -> str:
        name = local.tzname() or self.zone_name
        if self.language is Language.GERMAN:
            name = _GERMAN_ZONES.get(name, name)
        return f"UTC{name}" if name[:1] in {"+", "-"} else name


_GERMAN_ZONES: Mapping[str, str] = {"CET": "MEZ", "CEST": "MESZ"}


def voice_for(language: str = Language.ENGLISH, zone: str = DEFAULT_ZONE) -> Voice:
    """Return the voice of a language and a zone of the time zone database, such as ``Europe/Berlin``.

    Raises:
        Misconfigured: no such language or zone.
    """
    try:
        known = Language(language)
    except ValueError:
        raise Misconfigured(
            "report.language",
            f"Reports are not written in {language!r}. Choose one of: {', '.join(Language)}.",
            language=language,
        ) from None
    return Voice(known, _zone(zone), zone, _catalogue(known))


def _zone(name: str) -> tzinfo:
    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misconfigured(
            "report.zone",
            f"There is no time zone {name!r}. Give UTC or a name such as Europe/Berlin.",
            zone=name,
        ) from None


def _catalogue(language: Language) -> Catalogue:
    if language is Language.ENGLISH:
        return {}
    from app.domain.report.german import GERMAN

    return GERMAN
