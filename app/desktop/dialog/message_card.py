"""A framed message: what happened, what it means, and details that unfold."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.shell.theme import set_role


class MessageCard(QFrame):
    """A message in a card of the style sheet.

    Args:
        role: ``trouble-card``, ``warning-card``, ``info-card``, ….
        name: Object name of the card; the unfold button is ``<name>.details``.
        parent: The owning widget.
    """

    def __init__(self, role: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        set_role(self, role)
        self.text = _label()
        self.text.setObjectName(f"{name}.text")
        self.secondary = _label()
        set_role(self.secondary, "secondary")
        self._details = _label()
        set_role(self._details, "secondary")
        self._toggle = QPushButton(self.tr("Details"))
        self._toggle.setObjectName(f"{name}.details")
        self._toggle.setAccessibleName(self.tr("Show details"))
        self._toggle.setCheckable(True)
        self._toggle.setAutoDefault(False)
        self._toggle.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_role(self._toggle, "link")
        self._toggle.toggled.connect(self._details.setVisible)
        self.content = QVBoxLayout()
        self.content.setSpacing(4)
        self.content.addWidget(self.text)
        self.content.addWidget(self.secondary)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addLayout(self.content, 1)
        self.links = QVBoxLayout()
        self.links.setSpacing(4)
        self.links.addWidget(self._toggle, 0, Qt.AlignmentFlag.AlignRight)
        self.links.addStretch(1)
        top.addLayout(self.links)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._details)
        self.say("")

    def say(self, text: str, secondary: str = "", details: str = "") -> None:
        """Show a message; empty lines and empty details are hidden."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.secondary.setText(secondary)
        self.secondary.setVisible(bool(secondary))
        if details != self._details.text():
            self._details.setText(details)
            self._toggle.setChecked(False)
        self._details.setVisible(bool(details) and self._toggle.isChecked())
        self._toggle.setVisible(bool(details))


def _label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return label
