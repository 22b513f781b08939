"""Shows what will be written, line by line, and what to know before it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.desktop.repair.words import write_lines
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme, set_role
from app.domain.repair import PlannedWrite

_MOST_HEIGHT = 260
"""Pixels after which the list scrolls."""
_SIDES = 36
"""What of the card's width is not the list's: margins and a scroll bar."""
_LEAST_WIDTH = 360


class PlanView(QFrame):
    """A card that lists planned writes.

    Args:
        theme: Fonts.
        name: Object name.
        parent: The owning widget.
    """

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(name)
        set_role(self, "card")
        self._heading = text_label(self.tr("What will be written"), "heading")
        self.message = text_label()
        self.message.setObjectName(f"{name}.message")
        self.message.setWordWrap(True)
        self._list = QScrollArea()
        self._list.setWidgetResizable(True)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self._heading.text())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        for part in (self._heading, self.message, self._list):
            layout.addWidget(part)
        self.say("")

    @property
    def text(self) -> str:
        """Everything shown, as plain text."""
        listed = self._list.widget()
        labels = [] if listed is None else listed.findChildren(QLabel)
        return "\n".join(label.text() for label in labels)

    def say(self, text: str) -> None:
        """Show a sentence instead of a plan."""
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self._list.setVisible(False)
        old = self._list.takeWidget()
        if old is not None:
            old.deleteLater()

    def settle(self) -> None:
        """Work the card's own height out, before a dialog asks for it."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self.updateGeometry()

    def show_writes(self, writes: tuple[PlannedWrite, ...]) -> None:
        """Show these writes."""
        self.say("")
        listed = QWidget()
        set_role(listed, "panel")
        grid = QGridLayout(listed)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for number, line in enumerate(write_lines(writes)):
            place = _selectable(text_label(line.place))
            values = _selectable(text_label(line.values))
            values.setFont(self._theme.mono())
            grid.addWidget(place, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(values, number, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        self._list.setWidget(listed)
        self._list.setVisible(True)
        room = max(self.width() - _SIDES, _LEAST_WIDTH)
        self._list.setFixedHeight(min(grid.totalHeightForWidth(room) + 2, _MOST_HEIGHT))


def _selectable(label: QLabel) -> QLabel:
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
