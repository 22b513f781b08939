"""The calm word on an outage: what cannot be reached, from when the shown data is, and that it recovers by itself."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.desktop.shell.controls import text_label
from app.desktop.shell.error_text import error_details, error_text, health_text
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import set_role
from app.desktop.shell.times import local_time
from app.desktop.shell.tokens import SPACE
from app.domain.errors import DatabaseRefused, DatabaseUnavailable, RundeskError
from app.services.ports import SideHealth


class OutageBar(QFrame):
    """Shows while something cannot be reached. Data stays on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._database: RundeskError | None = None
        self._temporal: SideHealth | None = None
        self._data_from: datetime | None = None
        self._rules_closed = False
        self.setObjectName("runs.outage")
        set_role(self, "error-card")
        self._text = text_label("")
        self._text.setWordWrap(True)
        self._text.setObjectName("runs.outage.text")
        line = QHBoxLayout(self)
        line.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        line.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is said, "" when nothing is wrong."""
        return self._text.text()

    def show_problem(self, problem: RundeskError | None, data_from: datetime | None) -> None:
        """Show why rows cannot be read, or that they can. ``data_from`` is when the shown rows were read."""
        self._database, self._data_from = problem, data_from
        self.retranslate()

    def show_temporal(self, health: SideHealth) -> None:
        """Show why Temporal does not answer, or that it does."""
        self._temporal = None if health.reachable else health
        self.retranslate()

    def show_rules(self, *, closed: bool) -> None:
        """Show that the tenant's rules for masking cannot be used, or that they can."""
        self._rules_closed = closed
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put the text in the current language; hide when there is none."""
        well = self._database is None and self._temporal is None and not self._rules_closed
        text = "" if well else self._sentence()
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(self._technical() if text else "")
        self.setVisible(bool(text))

    def _sentence(self) -> str:
        if self._database is None and self._temporal is None:
            return self.tr(
                "The tenant's rules for masking cannot be read, so all texts and documents of its runs are hidden. "
                "Rundesk shows nothing rather than too much."
            )
        if self._database is None:
            return self.tr(
                "Temporal cannot be reached. The list stays true; starting, replaying and canceling must wait. "
                "Rundesk keeps asking and goes on by itself."
            )
        if not isinstance(self._database, DatabaseUnavailable | DatabaseRefused):
            return error_text(self._database)
        if self._data_from is None:
            return self.tr("Postgres cannot be reached. Rundesk keeps asking and shows the runs when it answers.")
        return self.tr(
            "Postgres cannot be reached. You see data from {time}. Rundesk keeps asking and goes on by itself."
        ).format(time=local_time(self._data_from))

    def _technical(self) -> str:
        if self._database is not None:
            return f"{error_text(self._database)}\n{error_details(self._database)}"
        return "" if self._temporal is None else health_text(self._temporal)
