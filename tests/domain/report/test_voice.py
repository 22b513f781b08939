"""A report's words become text in one language and one time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.durations import spoken_duration
from app.domain.errors import Misconfigured
from app.domain.report.voice import voice_for
from app.domain.report.words import count, joined, say

MOMENT = datetime(2026, 7, 1, 22, 30, 5, 678000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "shown"),
    [
        ("en", "UTC", "2026-07-01 22:30:05.678 UTC"),
        ("de", "Europe/Berlin", "02.07.2026 00:30:05,678 MESZ"),
        ("en", "America/New_York", "2026-07-01 18:30:05.678 EDT"),
        ("en", "America/Sao_Paulo", "2026-07-01 19:30:05.678 UTC-03"),
    ],
)
def test_a_moment_says_its_zone(language: str, zone: str, shown: str) -> None:
    assert voice_for(language, zone).text(MOMENT, precise=True) == shown


def test_numbers_and_spans_follow_the_language() -> None:
    german = voice_for("de")
    assert german.text(1234567) == "1.234.567"
    assert german.text(timedelta(seconds=4.2)) == "4,2 s"
    assert voice_for().text(1234567) == "1,234,567"
    assert german.text(None) == "—"


def test_sentences_are_put_together() -> None:
    word = joined(count(1, "1 step", "{n} steps"), count(3, "1 run", "{n} runs"), "raw {text}")
    assert voice_for().text(word) == "1 step 3 runs raw {text}"
    assert voice_for("de").text(say("{what}, key {key}", what="a {b}", key=None)) == "a {b}, Schlüssel —"


@given(st.floats(min_value=0, max_value=1e8))
def test_english_spans_are_those_of_the_command_line(seconds: float) -> None:
    assert voice_for().span(seconds) == spoken_duration(seconds)


@pytest.mark.parametrize(
    ("language", "zone", "code"), [("fr", "UTC", "report.language"), ("en", "../etc", "report.zone")]
)
def test_what_is_not_spoken_is_refused(language: str, zone: str, code: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        voice_for(language, zone)
    assert refusal.value.code == code
