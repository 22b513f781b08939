"""Labels and values in columns that follow the width; values can be selected, links can be followed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.desktop.shell.theme import set_role

_PAIR_WIDTH = 204


@dataclass(frozen=True, slots=True)
class Fact:
    """One label and value. ``role`` colours the value; ``link`` makes it a button that emits this object.

    ``name`` becomes the object name of the value.
    """

    name: str
    label: str
    value: str
    tip: str = ""
    role: str = ""
    link: object | None = None


class FactsGrid(QWidget):
    """Shows facts and changes only what differs, so that a selection survives a live update."""

    link_activated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._widgets: list[tuple[QLabel, QWidget]] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show these facts."""
        if facts == self._facts:
            return
        same_shape = [_shape(fact) for fact in facts] == [_shape(fact) for fact in self._facts]
        old, self._facts = self._facts, facts
        if not same_shape:
            self._rebuild()
            return
        for fact, before, (label, value) in zip(facts, old, self._widgets, strict=True):
            if fact != before:
                label.setText(fact.label)
                _describe(value, fact)

    def value(self, name: str) -> QWidget | None:
        """Return the widget of a fact's value."""
        return next((value for _, value in self._widgets if value.objectName() == name), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many columns as fit."""
        super().resizeEvent(event)
        if self._columns_that_fit() != self._columns:
            self._place()

    def _rebuild(self) -> None:
        for label, value in self._widgets:
            label.deleteLater()
            value.deleteLater()
        self._widgets = [self._make(fact) for fact in self._facts]
        self._place()

    def _make(self, fact: Fact) -> tuple[QLabel, QWidget]:
        label = QLabel(fact.label)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        set_role(label, "muted")
        value: QWidget
        if fact.link is None:
            value = _value_label()
        else:
            button = QPushButton()
            button.setAutoDefault(False)
            set_role(button, "link")
            number = self._facts.index(fact)
            button.clicked.connect(lambda: self.link_activated.emit(self._facts[number].link))
            value = button
        value.setObjectName(fact.name)
        _describe(value, fact)
        return label, value

    def _place(self) -> None:
        while self._grid.count():
            self._grid.takeAt(0)
        self._columns = self._columns_that_fit()
        rows = -(-len(self._widgets) // self._columns)
        for number, (label, value) in enumerate(self._widgets):
            column, row = divmod(number, rows)
            self._grid.addWidget(label, row, 2 * column, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, row, 2 * column + 1, Qt.AlignmentFlag.AlignTop)
        for column in range(4):
            self._grid.setColumnStretch(2 * column + 1, 1 if column < self._columns else 0)

    def _columns_that_fit(self) -> int:
        return min(max(self.width() // _PAIR_WIDTH, 1), 3)


def _shape(fact: Fact) -> tuple[str, bool]:
    return fact.name, fact.link is None


def _value_label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _describe(value: QWidget, fact: Fact) -> None:
    if isinstance(value, QLabel | QPushButton) and value.text() != fact.value:
        value.setText(fact.value)
    value.setAccessibleName(f"{fact.label}: {fact.value}")
    value.setToolTip(fact.tip)
    if isinstance(value, QLabel) and (value.property("role") or "") != fact.role:
        set_role(value, fact.role)
