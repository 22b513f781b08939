"""Lines of a case that are added one by one: notes, and what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import set_role
from app.desktop.shell.times import exact_utc, local_time


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: when it was added, by whom, and its texts."""

    at: datetime
    author: str | None
    texts: tuple[str, ...]


class EntryList(QWidget):
    """Editable lines with one or two texts each, and a button that adds one. ``edited`` after every change.

    Args:
        name: Beginning of the object names.
        parent: The owning widget.
    """

    edited = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._lines: list[_Line] = []
        self._placeholders: tuple[str, ...] = ("",)
        self.author: str | None = None
        self.add = QPushButton()
        self.add.setObjectName(f"{name}.add")
        self.add.setAutoDefault(False)
        set_role(self.add, "small-flat")
        self.add.clicked.connect(self._add)
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._rows)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addStretch(1)
        layout.addLayout(line)

    def set_texts(self, add: str, placeholders: tuple[str, ...]) -> None:
        """Name the button, and what belongs into each field of a line."""
        self.add.setText(add)
        self.add.setAccessibleName(add)
        self._placeholders = placeholders
        for line in self._lines:
            line.set_placeholders(placeholders)

    def entries(self) -> tuple[Entry, ...]:
        """Return the lines that hold anything."""
        return tuple(entry for line in self._lines if any((entry := line.entry()).texts))

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these lines and no others."""
        for line in tuple(self._lines):
            self._drop(line)
        for entry in entries:
            self._append(entry)

    def _add(self) -> None:
        line = self._append(Entry(datetime.now(UTC), self.author, ("",) * len(self._placeholders)))
        line.fields[0].setFocus()

    def _append(self, entry: Entry) -> _Line:
        line = _Line(f"{self._name}.{len(self._lines)}", entry)
        line.set_placeholders(self._placeholders)
        line.edited.connect(self.edited)
        line.removed.connect(lambda: self._remove(line))
        self._lines.append(line)
        self._rows.addWidget(line)
        return line

    def _remove(self, line: _Line) -> None:
        self._drop(line)
        self.edited.emit()

    def _drop(self, line: _Line) -> None:
        self._lines.remove(line)
        self._rows.removeWidget(line)
        line.hide()
        line.deleteLater()


class _Line(QWidget):
    """When, the texts, and a button that takes the line away."""

    edited = Signal()
    removed = Signal()

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__()
        self._entry = entry
        when = text_label(local_time(entry.at), "secondary")
        when.setToolTip(" · ".join(part for part in (exact_utc(entry.at), entry.author) if part))
        when.setFixedWidth(116)
        self.fields = tuple(QLineEdit(text) for text in entry.texts)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(when)
        for number, field in enumerate(self.fields):
            field.setObjectName(f"{name}.{number}")
            field.setCursorPosition(0)
            field.textEdited.connect(lambda _text: self.edited.emit())
            layout.addWidget(field, 1)
        self._remove = QPushButton("\u00d7")
        self._remove.setObjectName(f"{name}.remove")
        self._remove.setFixedSize(24, 24)
        self._remove.setToolTip(self.tr("Remove this line"))
        self._remove.setAccessibleName(self._remove.toolTip())
        self._remove.setAutoDefault(False)
        set_role(self._remove, "icon")
        self._remove.clicked.connect(lambda _on: self.removed.emit())
        layout.addWidget(self._remove)

    def set_placeholders(self, placeholders: tuple[str, ...]) -> None:
        """Say what belongs into each field."""
        for field, text in zip(self.fields, placeholders, strict=True):
            field.setPlaceholderText(text)
            field.setAccessibleName(text)

    def entry(self) -> Entry:
        """Return the line as it is now."""
        return Entry(self._entry.at, self._entry.author, tuple(field.text() for field in self.fields))
