"""Translation of texts outside of widgets, under the two names that Qt's text collector looks for.

``pyside6-lupdate`` reads calls of ``tr``, ``translate`` and ``QT_TRANSLATE_NOOP`` from the source, so the names
are part of how it works; both take a context and a literal.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def translate(context: str, text: str) -> str:
    """Return ``text`` in the current language."""
    return QCoreApplication.translate(context, text)


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802  Qt's own name, seen by its collector
    """Mark ``text`` for translation under ``context`` and return it unchanged."""
    return text
