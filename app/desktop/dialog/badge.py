"""A small word on a pale ground that says what state something is in."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SECONDARY_PX, hover, tint


class Tone(StrEnum):
    """How much a badge or card asks for attention."""

    QUIET = "quiet"
    ACTIVE = "active"
    WARNING = "warning"
    TROUBLE = "trouble"


class Badge(QLabel):
    """A label with a tone; the words carry the meaning, the colour only repeats it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone = Tone.QUIET
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._paint_tone)
        self._paint_tone()

    @property
    def tone(self) -> Tone:
        """The tone shown."""
        return self._tone

    def say(self, text: str, tone: Tone) -> None:
        """Show words in a tone."""
        self.setText(text)
        self.setAccessibleName(text)
        if tone is not self._tone:
            self._tone = tone
            self._paint_tone()

    def _paint_tone(self) -> None:
        tokens = self._theme.tokens
        colour = {
            Tone.QUIET: tokens.muted,
            Tone.ACTIVE: tokens.running,
            Tone.WARNING: tokens.waiting,
            Tone.TROUBLE: tokens.failed,
        }[self._tone]
        ground = hover(tokens) if self._tone is Tone.QUIET else tint(tokens, colour)
        self.setStyleSheet(
            f"QLabel {{ background: {ground}; color: {colour}; border-radius: 4px; padding: 3px 8px;"
            f" font-size: {SECONDARY_PX}px; }}"
        )
