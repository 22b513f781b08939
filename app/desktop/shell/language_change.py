"""When a widget should put its texts in another language."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


def language_changed(event: QEvent, widget: QWidget) -> bool:
    """Say whether an event asks a widget for other texts.

    Translators belong to the application, so Qt also tells windows that are being deleted. A widget of which a part is
    gone already has nobody left to read its texts.
    """
    if event.type() != QEvent.Type.LanguageChange:
        return False
    return all(shiboken6.isValid(part) for part in vars(widget).values() if isinstance(part, QObject))
