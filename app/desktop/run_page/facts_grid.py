"""Labels and values in columns that follow the width; values can be selected, links can be followed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from app.desktop.shell.theme import set_role

_PAIR_WIDTH = 204
"""Least pixels of a column."""
_MOST_COLUMNS = 3
_LONG_WORD = 110
"""Pixels that a value may ask for."""
_GAP = 12
_LINE_GAP = 4


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
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

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
        self._arrange_now()

    def value(self, name: str) -> QWidget | None:
        """Return the widget of a fact's value."""
        return next((value for _, value in self._widgets if value.objectName() == name), None)

    def heightForWidth(self, width: int) -> int:
        """Return the height that every value needs at this width."""
        return self._arrange(width, apply=False)

    def sizeHint(self) -> QSize:
        """Return the size of two columns."""
        return QSize(2 * _PAIR_WIDTH, self._arrange(2 * _PAIR_WIDTH, apply=False))

    def minimumSizeHint(self) -> QSize:
        """Return one narrow column, so that facts never hold a window wide."""
        return QSize(_PAIR_WIDTH, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many columns as fit."""
        super().resizeEvent(event)
        self._arrange(self.width(), apply=True)

    def _rebuild(self) -> None:
        for label, value in self._widgets:
            label.deleteLater()
            value.deleteLater()
        self._widgets = [self._make(fact) for fact in self._facts]
        for label, value in self._widgets:
            label.show()
            value.show()
        self._arrange_now()

    def _make(self, fact: Fact) -> tuple[QLabel, QWidget]:
        label = QLabel(fact.label, self)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        set_role(label, "muted")
        value: QWidget
        if fact.link is None:
            value = _value_label(self)
        else:
            button = QPushButton(self)
            button.setAutoDefault(False)
            set_role(button, "link")
            number = self._facts.index(fact)
            button.clicked.connect(lambda: self.link_activated.emit(self._facts[number].link))
            value = button
        value.setObjectName(fact.name)
        _describe(value, fact)
        return label, value

    def _arrange_now(self) -> None:
        self._arrange(self.width(), apply=True)
        self.updateGeometry()

    def _columns(self, width: int) -> int:
        """Return as many columns as fit, and no more than leave room for each label and its value's longest word."""
        most = min(max(width // _PAIR_WIDTH, 1), _MOST_COLUMNS)
        needed = max((_least_width(*pair) for pair in self._widgets), default=0)
        return next((many for many in range(most, 1, -1) if (width - _GAP * (many - 1)) // many >= needed), 1)

    def _arrange(self, width: int, *, apply: bool) -> int:
        """Lay the pairs out column by column and return the height; a grid layout misjudges wrapped texts."""
        columns = self._columns(width)
        rows = -(-len(self._widgets) // columns) or 1
        groups = [self._widgets[start : start + rows] for start in range(0, len(self._widgets), rows)]
        column_width = (width - _GAP * (columns - 1)) // columns
        bottom = 0
        for number, group in enumerate(groups):
            label_width = max(label.sizeHint().width() for label, _ in group)
            place = QRect(number * (column_width + _GAP), 0, column_width, 0)
            for pair in group:
                place.moveTop(place.top() + _put(pair, place, label_width, apply=apply) + _LINE_GAP)
            bottom = max(bottom, place.top() - _LINE_GAP)
        return bottom


def _least_width(label: QLabel, value: QWidget) -> int:
    """Return what a pair needs; a value without words to wrap, such as an id, asks for no more than a long word."""
    return label.sizeHint().width() + _GAP + min(value.minimumSizeHint().width(), _LONG_WORD)


def _put(pair: tuple[QLabel, QWidget], place: QRect, label_width: int, *, apply: bool) -> int:
    """Give label and value their places in a column and return the higher one's height."""
    label, value = pair
    value_width = max(place.width() - label_width - _GAP, 40)
    if isinstance(value, QPushButton):
        _shorten_to_fit(value, value_width)
    wrapped = value.heightForWidth(value_width) if value.hasHeightForWidth() else value.sizeHint().height()
    label_height = label.sizeHint().height()
    if apply:
        label.setGeometry(place.left(), place.top(), label_width, label_height)
        width = value_width if isinstance(value, QLabel) else min(value_width, value.sizeHint().width())
        # A link is higher than its text; its middle belongs to the middle of its label.
        above = 0 if isinstance(value, QLabel) else (wrapped - label_height) // 2
        value.setGeometry(place.left() + label_width + _GAP, place.top() - above, width, wrapped)
    return label_height if isinstance(value, QPushButton) else max(wrapped, label_height)


def _shorten_to_fit(button: QPushButton, width: int) -> None:
    """Show a link's first word alone where the whole is too long; its tooltip and accessible name stay whole."""
    whole = str(button.property("whole"))
    fits = button.fontMetrics().horizontalAdvance(whole) <= width
    wanted = whole if fits else whole.split(" ", 1)[0]
    if button.text() != wanted:
        button.setText(wanted)


def _shape(fact: Fact) -> tuple[str, bool]:
    return fact.name, fact.link is None


def _value_label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _describe(value: QWidget, fact: Fact) -> None:
    if isinstance(value, QPushButton):
        value.setProperty("whole", fact.value)
    elif isinstance(value, QLabel) and value.text() != fact.value:
        value.setText(fact.value)
    value.setAccessibleName(f"{fact.label}: {fact.value}")
    value.setToolTip(fact.tip)
    if isinstance(value, QLabel) and (value.property("role") or "") != fact.role:
        set_role(value, fact.role)
