"""The dialog of unfinished acts: a card for each, with the one act that is missing."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.intents.words import IntentWords
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import set_role
from app.domain.intent import IntentFinding

_WIDTH, _HEIGHT = 640, 420


class IntentsDialog(QDialog):
    """Shows findings. ``act_wanted`` carries the request id of an act to complete, ``run_wanted`` a run to open.

    Args:
        parent: The window that is blocked meanwhile.
    """

    act_wanted = Signal(object)
    run_wanted = Signal(object)
    look_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = IntentWords(self)
        self.setObjectName("intents.dialog")
        self.setWindowTitle(self.tr("Unfinished actions"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        set_role(self, "panel")
        self.resize(_WIDTH, _HEIGHT)
        title = text_label(self.tr("Unfinished actions"), "title")
        self.sentence = text_label("", "muted")
        self.sentence.setWordWrap(True)
        self.sentence.setObjectName("intents.sentence")
        self.error = MessageCard("error-card", "intents.error")
        self.error.setVisible(False)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(8)
        inside = QWidget()
        set_role(inside, "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._cards)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        for widget in (title, self.sentence, self.error, area):
            layout.addWidget(widget)
        layout.addLayout(self._make_footer())

    def _make_footer(self) -> QHBoxLayout:
        self.again = _button("intents.again", self.tr("Look again"))
        self.again.clicked.connect(self.look_wanted)
        close = _button("intents.close", self.tr("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.again)
        row.addWidget(close)
        return row

    def show_findings(self, findings: tuple[IntentFinding, ...], refusal: str | None) -> None:
        """Show these, in place of what was shown; ``refusal`` says why nothing can be done now."""
        while (item := self._cards.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.sentence.setText(
            self.tr("Left behind by a crash or an outage. Both sides were asked; only what is missing can be done.")
            if findings
            else self.tr("No action is unfinished.")
        )
        for finding in findings:
            self._cards.addWidget(self._card(finding, refusal))

    def show_busy(self, *, busy: bool) -> None:
        """Let nothing be asked for twice."""
        for button in self.findChildren(QPushButton):
            if button.objectName().startswith(("intents.act", "intents.again")):
                button.setEnabled(not busy and not button.property("refused"))
        if busy:
            self.error.setVisible(False)

    def show_error(self, text: str, details: str) -> None:
        """Show why something failed."""
        self.error.say(text, details=details)
        self.error.setVisible(True)

    def _card(self, finding: IntentFinding, refusal: str | None) -> MessageCard:
        request: UUID = finding.intent.request_id
        card = MessageCard("info-card" if finding.is_settled else "warning-card", f"intents.card.{request}")
        reason = "" if not finding.intent.reason else self.tr("Reason: {reason}").format(reason=finding.intent.reason)
        card.say(self.words.title(finding), "\n".join(part for part in (self.words.became(finding), reason) if part))
        act = self.words.act(finding.missing)
        if act:
            button = _button(f"intents.act.{request}", act)
            button.setEnabled(refusal is None)
            button.setProperty("refused", refusal is not None)
            button.setToolTip(refusal or "")
            button.clicked.connect(lambda: self.act_wanted.emit(request))
            card.links.insertWidget(0, button)
        opening = _button(f"intents.open.{request}", self.tr("Open run"))
        opening.clicked.connect(lambda: self.run_wanted.emit(finding.intent.key))
        card.links.insertWidget(1 if act else 0, opening)
        return card


def _button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button
