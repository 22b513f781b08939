"""The look: contrast, states as icon and word and colour, times in words, remembered choices."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSettings
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.desktop.shell.icons import paint_state_icon, state_icon
from app.desktop.shell.language import LanguageSwitch
from app.desktop.shell.pill import StatePill
from app.desktop.shell.preferences import Preferences, PreferenceStore
from app.desktop.shell.state_look import StateKind, run_look, run_status_look, state_colour, status_look
from app.desktop.shell.stylesheet import style_sheet
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import age_text, ago_text, exact_utc, short_time, took_text
from app.desktop.shell.tokens import DARK, LIGHT, Tokens, hover, tint, well
from app.domain.run import EffectiveState, RunStatus
from tests.desktop.doubles import make_row, stuck_row, waiting_row


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_every_ground_it_stands_on(tokens: Tokens) -> None:
    grounds = (tokens.background, tokens.panel, tokens.selection, hover(tokens), well(tokens))
    tints = [tint(tokens, state_colour(tokens, kind)) for kind in StateKind]
    for ground in (*grounds, *tints):
        assert contrast(tokens.text, ground) >= 7.0
        assert contrast(tokens.muted, ground) >= 4.5
    for kind in StateKind:
        colour = state_colour(tokens, kind)
        for ground in (tokens.background, tokens.panel, tint(tokens, colour)):
            assert contrast(colour, ground) >= 4.5, kind
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


def test_the_style_sheet_leaves_no_placeholder_and_names_no_colour_but_the_tokens() -> None:
    for tokens in (LIGHT, DARK):
        sheet = style_sheet(tokens)
        assert "$" not in sheet
        assert tokens.accent in sheet


def test_no_other_module_names_a_colour() -> None:
    desktop = Path(__file__).parents[2] / "app" / "desktop"
    found = [
        path.relative_to(desktop).as_posix()
        for path in desktop.rglob("*.py")
        if path.name != "tokens.py" and re.search(r"[\"'](#[0-9a-fA-F]{6})[\"']|QColor\(\d", path.read_text("utf-8"))
    ]
    assert found == []


def test_each_state_has_a_kind_a_word_and_a_shape_of_its_own(qtbot: QtBot) -> None:
    shapes = set()
    for kind in StateKind:
        image = QImage(24, 24, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        paint_state_icon(painter, QRectF(0, 0, 24, 24), kind, LIGHT.text)
        painter.end()
        shapes.add(bytes(image.constBits()))
        assert not state_icon(kind, LIGHT.text).isNull()
    assert len(shapes) == len(StateKind)


def test_words_of_states() -> None:
    assert run_look(stuck_row(5)).word == "Stuck"
    assert run_look(waiting_row(5)).word == "Waiting"
    assert run_look(make_row(5, "RUNNING", state=EffectiveState.QUEUED)).word == "Queued"
    assert {run_look(make_row(1, status)).word for status in ("SUCCEEDED", "FAILED", "CANCELED")} == {
        "Succeeded",
        "Failed",
        "Canceled",
    }
    assert status_look("SOMETHING_NEW").word == "SOMETHING_NEW"
    assert run_status_look(RunStatus.WAITING).word == "Quota pause"
    for state in EffectiveState:
        assert run_look(make_row(1, state=state)).word


def test_a_pill_speaks_its_word(qtbot: QtBot, theme: Theme) -> None:
    pill = StatePill(theme)
    qtbot.addWidget(pill)
    pill.set_look(run_look(stuck_row(5)))
    pill.show()
    assert pill.accessibleName() == "Stuck"
    assert pill.sizeHint().width() > 40
    assert not pill.grab().isNull()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (0.94, "0.9 s"),
        (9.94, "9.9 s"),
        (9.96, "9.9 s"),
        (2.3, "2.3 s"),
        (10.0, "10 s"),
        (59.9, "59 s"),
        (60.0, "1 min"),
        (3599.0, "59 min"),
        (3600.0, "1 h"),
        (7500.0, "2 h 5 min"),
        (86400.0, "1 d"),
        (273600.0, "3 d 4 h"),
    ],
)
def test_ages_in_words(qtbot: QtBot, seconds: float, text: str) -> None:
    assert age_text(seconds) == text


@given(seconds=st.floats(min_value=0, max_value=1e9))
def test_an_age_is_always_short_and_never_negative(seconds: float) -> None:
    text = age_text(seconds)
    assert len(text) <= 14
    assert "-" not in text


def test_short_durations_and_moments() -> None:
    assert took_text(702.4) == "702 ms"
    assert took_text(1200) == "1.2 s"
    assert ago_text(1.0) == "just now"
    assert ago_text(65.0) == "1 min ago"
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", short_time(now - timedelta(minutes=5), now))
    assert short_time(now - timedelta(days=4), now) == "19 Nov"
    assert short_time(now - timedelta(days=400), now) == "19 Oct 2025"
    assert exact_utc(now) == "2026-11-23 12:00:00.000 UTC"


def test_theme_switches_palette_density_and_tells(qtbot: QtBot, theme: Theme) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert theme.tokens is DARK
    with qtbot.waitSignal(theme.changed):
        theme.set_density("compact")
    assert theme.row_height == 24
    theme.set_mode("light")
    assert theme.tokens is LIGHT


def test_ids_are_shown_in_the_bundled_font(theme: Theme) -> None:
    assert theme.mono().family() == "JetBrains Mono"


def test_choices_are_remembered_and_nonsense_falls_back(settings: QSettings) -> None:
    store = PreferenceStore(settings)
    chosen = Preferences("dark", "compact", "de", True)
    store.save(chosen)
    assert PreferenceStore(settings).load() == chosen
    settings.setValue("theme", "pink")
    settings.setValue("language", "tlh")
    assert PreferenceStore(settings).load() == Preferences("system", "compact", "en", True)


def test_the_language_decides_the_form_of_numbers(qtbot: QtBot) -> None:
    switch = LanguageSwitch()
    try:
        switch.use("de")
        assert age_text(1.24).startswith("1,2")
    finally:
        switch.use("en")
    assert age_text(1.24) == "1.2 s"
