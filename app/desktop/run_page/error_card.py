"""The error that is truly useful: its code, what it says, where and when, and the technical text on demand."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.run_page.near_time import near_time
from app.desktop.shell.theme import set_role
from app.desktop.shell.times import exact_utc
from app.domain.run import RunError


class ErrorCard(MessageCard):
    """Shows a :class:`~app.domain.run.RunError`; ``step_requested`` carries the path of the failing step."""

    step_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("trouble-card", "run.error", parent)
        self._path = ""
        self._code = QLabel()
        self._code.setTextFormat(Qt.TextFormat.PlainText)
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._code.setWordWrap(True)
        set_role(self._code, "strong")
        self.content.insertWidget(0, self._code)
        self._show_step = QPushButton()
        self._show_step.setObjectName("run.error.step")
        self._show_step.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_role(self._show_step, "link")
        self._show_step.clicked.connect(lambda: self.step_requested.emit(self._path))
        self.links.insertWidget(0, self._show_step, 0, Qt.AlignmentFlag.AlignRight)
        self.retranslate()

    def retranslate(self) -> None:
        """Put the button's text in the current language."""
        self._show_step.setText(self.tr("Show the step"))
        self._show_step.setAccessibleName(self._show_step.text())

    def show_error(self, error: RunError | None, read_at: datetime, paths: frozenset[str]) -> None:
        """Show an error, or nothing; ``read_at`` is the moment of reading, ``paths`` those of the run's steps."""
        self.setVisible(error is not None)
        if error is None:
            return
        self._path = error.step_path or ""
        self._code.setText(error.code or "")
        self._code.setVisible(bool(error.code))
        self.say(error.message, " · ".join(self._circumstances(error, read_at)), error.technical or "")
        exact = "" if error.at is None else exact_utc(error.at)
        self.secondary.setToolTip("\n".join(part for part in (exact, error.action_id) if part))
        self._show_step.setVisible(error.step_path in paths)

    def _circumstances(self, error: RunError, read_at: datetime) -> list[str]:
        parts = [error.category or "", "" if error.at is None else near_time(error.at, read_at)]
        parts.append(error.step_path or "")
        if error.attempts is not None and error.attempts > 1:
            parts.append(self.tr("%n attempt(s)", "", error.attempts))
        return [part for part in parts if part]
