"""What can be done with a batch now: pace and start of a plan, pause, resume, abort with a question before it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.batch.desk import UNFINISHED_STATES
from app.desktop.batch.pace_settings import PaceSettings
from app.desktop.batch.words import act_text
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import separator
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import set_role
from app.desktop.shell.tokens import SPACE
from app.domain.batch import BatchAction, BatchSettings
from app.domain.batch_ledger import ENDED_STATES, BatchProgress, BatchState, EntryState


class BatchFooter(QWidget):
    """Shows the commands that fit the batch's state. ``abort_confirmed`` follows the question."""

    abort_confirmed = Signal()

    def __init__(self, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: BatchProgress | None = None
        self.pace = PaceSettings()
        self.abort = commands.button("batch.abort")
        self.replan = commands.button("batch.replan")
        self.export = commands.button("batch.export")
        self.pause = commands.button("batch.pause")
        self.resume = commands.button("batch.resume", role="primary")
        self.start = commands.button("batch.start", role="primary")
        self._question = QLabel()
        self._question.setWordWrap(True)
        self._keep = self._plain("batch.abort.keep", self.keep)
        self._confirm = self._plain("batch.abort.confirm", self._confirmed)
        set_role(self._confirm, "danger")
        others = QWidget()  # which break into further rows where a language needs more room than there is
        flow = FlowLayout(others, 2 * SPACE)
        for button in (self.abort, self.replan, self.export):
            flow.addWidget(button)
        acts = _row(others, self.pause, self.resume, self.start)
        asking = _row(self._question, self._keep, self._confirm)
        self._stack = QStackedWidget()
        self._stack.addWidget(acts)
        self._stack.addWidget(asking)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2 * SPACE)
        for widget in (separator(), self.pace, self._stack):
            rows.addWidget(widget)
        self.retranslate()

    @property
    def asks(self) -> bool:
        """Whether the question about the end is asked."""
        return self._stack.currentIndex() == 1

    def settings(self, accepted: frozenset[str]) -> BatchSettings:
        """Return the chosen pace together with the accepted decisions."""
        return replace(self.pace.settings, include=accepted)

    def show_state(self, progress: BatchProgress) -> None:
        """Show what can be done in the batch's state."""
        self._progress = progress
        planned, running = progress.state is BatchState.PLANNED, progress.state is BatchState.RUNNING
        unfinished = progress.state in UNFINISHED_STATES
        self.pace.setVisible(planned or unfinished)
        self.start.setVisible(planned)
        self.pause.setVisible(running)
        self.resume.setVisible(unfinished)
        self.abort.setVisible(progress.state not in ENDED_STATES)
        self.replan.setVisible(planned or progress.state in ENDED_STATES)
        self.export.setVisible(not planned)
        if progress.state in ENDED_STATES:
            self.keep()
        self.retranslate()

    def show_choice(self, action: BatchAction, runs: int) -> None:
        """Say on the button exactly what starting will do."""
        self.start.set_text(act_text(action, runs, self.pace.settings.rate_per_minute))

    def ask(self) -> None:
        """Ask whether the batch really is to end."""
        self._stack.setCurrentIndex(1)
        self._keep.setFocus()

    def keep(self) -> None:
        """Take the question back."""
        self._stack.setCurrentIndex(0)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        progress = self._progress
        planned = progress is not None and progress.state is BatchState.PLANNED
        self.abort.set_text(self.tr("Discard plan…") if planned else self.tr("Abort…"))
        self.resume.set_text(self.tr("Resume"))
        self.pause.set_text(self.tr("Pause"))
        self._keep.setText(self.tr("Keep the plan") if planned else self.tr("Keep the batch"))
        self._confirm.setText(self.tr("Discard plan") if planned else self.tr("Abort batch"))
        for button in (self._keep, self._confirm):
            button.setAccessibleName(button.text())
        if planned or progress is None:
            self._question.setText(self.tr("Discard this plan? Nothing was sent."))
        else:
            left = progress.count(EntryState.PENDING)
            self._question.setText(
                self.tr("End this batch? %Ln run(s) will not be sent. What was sent stays and goes on.", "", left)
            )

    def _confirmed(self) -> None:
        self.keep()
        self.abort_confirmed.emit()

    def _plain(self, name: str, act: object) -> QPushButton:
        button = QPushButton()
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button


def _row(first: QWidget, *others: QWidget) -> QWidget:
    """Return the widgets side by side, the first taking the room that is left."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(2 * SPACE)
    line.addWidget(first, 1)
    for widget in others:
        line.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
    return row
