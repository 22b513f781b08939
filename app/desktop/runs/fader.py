"""Lets changed rows fade once, unless motion is reduced."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import FADE_MS
from app.domain.run import RunKey

_FRAME_MS = 40


class Fader(QObject):
    """Knows how strongly each recently changed row is still lit; ``moved`` asks for a repaint.

    Its timer runs only while something fades.
    """

    moved = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._since: dict[RunKey, int] = {}
        self._clock = QElapsedTimer()
        self._clock.start()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._tick)

    def light(self, keys: Iterable[RunKey]) -> None:
        """Light these rows and let them fade."""
        if self._theme.reduced_motion:
            return
        now = self._clock.elapsed()
        self._since.update(dict.fromkeys(keys, now))
        if self._since and not self._timer.isActive():
            self._timer.start()

    def strength(self, key: RunKey) -> float:
        """Return how strongly the row is lit, from 1 (just changed) to 0."""
        since = self._since.get(key)
        return 0.0 if since is None else max(0.0, 1.0 - (self._clock.elapsed() - since) / FADE_MS)

    def stop(self) -> None:
        """Forget everything and stop the timer."""
        self._since.clear()
        self._timer.stop()

    def _tick(self) -> None:
        now = self._clock.elapsed()
        self._since = {key: since for key, since in self._since.items() if now - since < FADE_MS}
        if not self._since:
            self._timer.stop()
        self.moved.emit()
