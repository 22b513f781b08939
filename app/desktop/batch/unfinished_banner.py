"""Says at the top of the list that a batch stands still since before this window was opened, and offers what to do."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import QEvent, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desktop.batch.words import stand_text, standstill_text
from app.desktop.shell.controls import text_label
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import set_role
from app.desktop.shell.tokens import SPACE
from app.domain.batch_ledger import BatchProgress, BatchState


class UnfinishedBanner(QFrame):
    """Shows the newest of the batches given. Each signal carries the id of the batch that is shown."""

    resume_wanted = Signal(object)
    show_wanted = Signal(object)
    abort_wanted = Signal(object)
    closed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._batches: Sequence[BatchProgress] = ()
        self._refusal: str | None = None
        self.setObjectName("batch.unfinished")
        set_role(self, "warning-card")
        self.text = text_label("", "strong", self)
        self.text.setObjectName("batch.unfinished.text")
        self.text.setWordWrap(True)
        self._meaning = text_label("", "muted", self)
        self._meaning.setWordWrap(True)
        self.resume = self._button("batch.unfinished.resume", self.resume_wanted)
        self.show_button = self._button("batch.unfinished.show", self.show_wanted)
        self.abort = self._button("batch.unfinished.abort", self.abort_wanted)
        self.close_button = self._button("batch.unfinished.close", self.closed)
        self.close_button.setFixedSize(24, 24)
        set_role(self.close_button, "icon")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.text)
        words.addWidget(self._meaning)
        line = QHBoxLayout(self)
        line.setContentsMargins(3 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        line.setSpacing(2 * SPACE)
        line.addLayout(words, 1)
        for button in (self.resume, self.show_button, self.abort):
            line.addWidget(button)
        line.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()
        self.retranslate()

    @property
    def batch_id(self) -> UUID | None:
        """The batch that is spoken of."""
        return self._batches[0].batch_id if self._batches else None

    def show_batches(self, batches: Sequence[BatchProgress], refusal: str | None) -> None:
        """Speak of these batches, newest first; ``refusal`` says why the operator may not go on with them."""
        self._batches, self._refusal = batches, refusal
        self.retranslate()
        self.setVisible(bool(batches))

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.resume.setText(self.tr("Resume"))
        self.show_button.setText(self.tr("Show"))
        self.abort.setText(self.tr("Abort…"))
        self.close_button.setText("✕")
        self.close_button.setToolTip(self.tr("Hide until Rundesk is opened again"))
        for button in (self.resume, self.show_button, self.abort):
            button.setAccessibleName(button.text().rstrip("…"))
        self.close_button.setAccessibleName(self.tr("Hide"))
        for button in (self.resume, self.abort):
            button.setEnabled(self._refusal is None)
            button.setToolTip(self._refusal or "")
        if self._batches:
            self.text.setText(self._said(self._batches[0]))
            self._meaning.setText(standstill_text(self._batches[0]))
            self.setAccessibleName(self.text.text())

    def _said(self, batch: BatchProgress) -> str:
        texts = {
            BatchState.PAUSED: self.tr("Batch “{name}” is paused at {stand}"),
            BatchState.STOPPED: self.tr("Batch “{name}” stopped at {stand}"),
            BatchState.INTERRUPTED: self.tr("Batch “{name}” was interrupted at {stand}"),
        }
        said = texts[batch.state].format(name=batch.name, stand=stand_text(batch))
        others = len(self._batches) - 1
        return said if not others else self.tr("{batch}, and %n more stand(s) still", "", others).format(batch=said)

    def _button(self, name: str, wanted: SignalInstance) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: self._tell(wanted))
        return button

    def _tell(self, wanted: SignalInstance) -> None:
        if self.batch_id is not None:
            wanted.emit(self.batch_id)
