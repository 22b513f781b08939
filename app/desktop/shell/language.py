"""The language of the window, switched while it is open."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app.desktop.shell.resource_files import resource_path

LANGUAGES = ("en", "de")


class LanguageSwitch:
    """Installs the translators of one language; Qt then sends every widget a LanguageChange event."""

    def __init__(self) -> None:
        self._installed: list[QTranslator] = []
        self._language = ""

    @property
    def language(self) -> str:
        """The language in force, "" before the first choice."""
        return self._language

    def use(self, language: str) -> None:
        """Show everything in this language, Qt's own texts and the form of numbers and dates included."""
        if language == self._language:
            return
        self._language = language
        QLocale.setDefault(QLocale(language))
        for translator in self._installed:
            QCoreApplication.removeTranslator(translator)
        self._installed = [translator for translator in self._load(language) if translator is not None]
        for translator in self._installed:
            QCoreApplication.installTranslator(translator)

    def _load(self, language: str) -> tuple[QTranslator | None, ...]:
        qt_files = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        return (
            _loaded(str(resource_path("i18n", f"rundesk_{language}.qm"))),
            _loaded(f"{qt_files}/qtbase_{language}.qm"),
        )


def _loaded(path: str) -> QTranslator | None:
    """Return the translator of a file; None for a missing one, then the English source texts show."""
    translator = QTranslator()
    return translator if translator.load(path) else None
