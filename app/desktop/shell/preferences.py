"""What the window remembers between starts: look, language, size. Nothing about runs, nothing secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from PySide6.QtCore import QByteArray, QLocale, QSettings

from app.desktop.shell.language import LANGUAGES
from app.desktop.shell.theme import Density, ThemeMode


@dataclass(frozen=True, slots=True)
class Preferences:
    """One consistent set; an unknown stored value falls back to its default."""

    theme: ThemeMode = "system"
    density: Density = "comfortable"
    language: str = "en"
    reduced_motion: bool = False
    notifications: bool = True


class PreferenceStore:
    """Keeps preferences and geometry in the platform's settings."""

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings = QSettings("Rundesk", "Rundesk") if settings is None else settings

    def load(self) -> Preferences:
        """Return what was saved, or the defaults: the system's scheme and, where translated, its language."""
        theme = self._word("theme")
        density = self._word("density")
        language = self._word("language") or QLocale.system().name()[:2]
        return Preferences(
            theme=next((mode for mode in get_args(ThemeMode) if mode == theme), "system"),
            density=next((known for known in get_args(Density) if known == density), "comfortable"),
            language=language if language in LANGUAGES else "en",
            reduced_motion=self._word("reduced_motion") == "yes",
            notifications=self._word("notifications") != "no",
        )

    def save(self, preferences: Preferences) -> None:
        """Keep them for the next start."""
        self._settings.setValue("theme", preferences.theme)
        self._settings.setValue("density", preferences.density)
        self._settings.setValue("language", preferences.language)
        self._settings.setValue("reduced_motion", "yes" if preferences.reduced_motion else "no")
        self._settings.setValue("notifications", "yes" if preferences.notifications else "no")

    def geometry(self, name: str) -> QByteArray | None:
        """Return a saved window or splitter state."""
        saved = self._settings.value(f"geometry/{name}")
        return saved if isinstance(saved, QByteArray) else None

    def save_geometry(self, name: str, state: QByteArray) -> None:
        """Keep a window or splitter state."""
        self._settings.setValue(f"geometry/{name}", state)

    def _word(self, name: str) -> str:
        return str(self._settings.value(name) or "")
