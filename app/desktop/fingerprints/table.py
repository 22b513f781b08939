"""The columns of the failures."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from app.desktop.run_page.keyed_table import Cell, Column
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import exact_utc, local_time
from app.domain.failure_fingerprint import Fingerprint

WIDTHS = (64, 280, 170, 120, 190, 64)
STRETCHED = 1
OPTIONAL = (3, 2)


class FingerprintColumns(QObject):
    """Says what each column shows of a failure."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def columns(self) -> tuple[Column[Fingerprint], ...]:
        """Return the columns in the current language."""
        return (
            Column(self.tr("Runs"), lambda found: Cell(str(found.count), font=self._theme.figures()), right=True),
            Column(self.tr("Message"), self._message),
            Column(self.tr("Action"), lambda found: Cell(found.action or "—")),
            Column(self.tr("Code"), lambda found: Cell(found.code or "—")),
            Column(self.tr("Last seen"), self._last),
            Column(self.tr("Known"), self._known),
        )

    def _message(self, found: Fingerprint) -> Cell:
        return Cell(found.shape or self.tr("without a message"), found.example)

    def _last(self, found: Fingerprint) -> Cell:
        return Cell(local_time(found.last_seen), exact_utc(found.last_seen), font=self._theme.figures())

    def _known(self, found: Fingerprint) -> Cell:
        if found.note is None:
            return Cell("")
        return Cell(self.tr("known"), found.note.text, colour=QColor(self._theme.tokens.succeeded))
