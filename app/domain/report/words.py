"""What a report says, in no language yet: a wording in English and the values it names.

A renderer turns words into text through a :class:`app.domain.report.voice.Voice`, which knows language and time zone.
Text of the run itself is a plain string and is never translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the report's own.

    Attributes:
        wording: English, the names of ``values`` in braces. Without values it is taken literally, braces included.
        values: What the wording names.
    """

    wording: str
    values: tuple[tuple[str, Word], ...] = ()


Word: TypeAlias = "str | int | datetime | timedelta | Said | Joined | None"
"""Text of the run, a count, an aware moment, a span, a sentence, several of these, or nothing (a dash)."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Several words in a row, with ``between`` them."""

    words: tuple[Word, ...]
    between: str = " "


def say(wording: str, /, **values: Word) -> Said:
    """Return a sentence. Its wording must have an entry in each catalogue (tests/domain/report)."""
    return Said(wording, tuple(values.items()))


def count(number: int, one: str, many: str, /, **values: Word) -> Said:
    """Return one of two sentences; ``many`` names ``{n}``."""
    return Said(one if number == 1 else many, (("n", number), *values.items()))


def joined(*words: Word, between: str = " ") -> Joined:
    """Return words in a row, nothing left out."""
    return Joined(words, between)


def listed(words: tuple[Word, ...]) -> Joined:
    """Return words with commas between them."""
    return Joined(words, ", ")


def seconds(number: float) -> timedelta:
    """Return a span; it is never negative."""
    return timedelta(seconds=max(number, 0.0))


Catalogue: TypeAlias = Mapping[str, str]
"""A language: what each English wording becomes, with the same names in braces."""
