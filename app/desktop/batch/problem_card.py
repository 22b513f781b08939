"""What went wrong with a batch; and, where its database may merely have moved, the way to say so."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.shell.theme import set_role


class ProblemCard(MessageCard):
    """``moved_confirmed`` says that the database is the one that the batch was planned on, at another address."""

    moved_confirmed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("error-card", "batch.problem", parent)
        self.moved = QPushButton()
        self.moved.setObjectName("batch.moved")
        self.moved.setAutoDefault(False)
        set_role(self.moved, "link")
        self.moved.clicked.connect(self.moved_confirmed)
        self.content.addWidget(self.moved)
        self.hide()
        self.retranslate()

    def show_problem(self, text: str, details: str, *, may_have_moved: bool) -> None:
        """Say what went wrong, and offer to say that the database has merely moved."""
        self.say(text, details=details)
        self.moved.setVisible(may_have_moved)
        self.show()

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.moved.setText(self.tr("It is the same database at a new address: run the batch here"))
        self.moved.setAccessibleName(self.moved.text())
