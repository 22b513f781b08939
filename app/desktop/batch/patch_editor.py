"""A small editor for the one patch of a batch: rows of "set this there", or the JSON Patch itself."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.desktop.batch.patch_text import OPERATIONS, PatchRow, patch_rows, rows_patch, rows_text, text_patch
from app.desktop.shell.controls import Picker, text_label
from app.desktop.shell.error_text import error_text
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tokens import SPACE
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.errors import InvalidInput
from app.domain.launching import PatchOperation

_OPERATION_WORDS = {
    "replace": QT_TRANSLATE_NOOP("PatchEditor", "Replace"),
    "add": QT_TRANSLATE_NOOP("PatchEditor", "Add"),
    "remove": QT_TRANSLATE_NOOP("PatchEditor", "Remove"),
}
_TEXT_HEIGHT = 120


class PatchEditor(QWidget):
    """``edited`` says that the patch, or why it cannot be used, may differ."""

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[PatchRowField] = []
        self._as_text = False
        self._lines = QVBoxLayout()
        self._lines.setSpacing(SPACE)
        self.text = QPlainTextEdit()
        self.text.setObjectName("compose.patch.text")
        self.text.setFont(theme.mono())
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(_TEXT_HEIGHT)
        self.text.textChanged.connect(self.edited)
        self.text.hide()
        self.add_button = self._link("compose.patch.add", self.add_row)
        self.mode_button = self._link("compose.patch.mode", self._switch)
        acts = QHBoxLayout()
        acts.setSpacing(4 * SPACE)
        acts.addWidget(self.add_button)
        acts.addWidget(self.mode_button)
        acts.addStretch(1)
        self._note = text_label("", "secondary", self)
        self._note.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE)
        whole.addLayout(self._lines)
        whole.addWidget(self.text)
        whole.addLayout(acts)
        whole.addWidget(self._note)
        self.retranslate()

    @property
    def patch(self) -> tuple[PatchOperation, ...]:
        """The operations, none when nothing was typed. InvalidInput when what was typed cannot be used."""
        if self._as_text:
            return text_patch(self.text.toPlainText())
        return rows_patch(field.row for field in self._rows)

    @property
    def refusal(self) -> str | None:
        """Why what was typed cannot be used, in the current language, or None."""
        try:
            _ = self.patch
        except InvalidInput as error:
            return error_text(error)
        return None

    @property
    def fields(self) -> tuple[PatchRowField, ...]:
        """The rows, top to bottom."""
        return tuple(self._rows)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        typed = (
            self.text.toPlainText().strip() if self._as_text else any(not field.row.is_empty for field in self._rows)
        )
        return not typed

    def show_patch(self, patch: Iterable[PatchOperation]) -> None:
        """Begin with these operations."""
        self._show_rows(patch_rows(patch))

    def add_row(self) -> None:
        """Offer one more change and go to it."""
        self._append(PatchRow("replace", "", ""))
        self._rows[-1].path.setFocus()
        self.edited.emit()

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be typed while a plan is being made."""
        self.setEnabled(not read_only)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.add_button.setText(self.tr("Change a value in every input"))
        self.mode_button.setText(self.tr("Edit as rows") if self._as_text else self.tr("Edit as JSON Patch"))
        self.text.setAccessibleName(self.tr("JSON Patch"))
        self.text.setPlaceholderText('[{"op": "replace", "path": "/customer/id", "value": 7}]')
        self._note.setText(
            self.tr(
                "The changes are applied inside the database to each stored input. Runs they do not fit are blocked."
            )
        )
        for button in (self.add_button, self.mode_button):
            button.setAccessibleName(button.text())

    def _switch(self) -> None:
        """Go from rows to text, or back when the text can be read; what was typed is never dropped."""
        if not self._as_text:
            self.text.setPlainText(rows_text(field.row for field in self._rows if not field.row.is_empty))
            self._become_text(as_text=True)
        elif self.refusal is None:
            rows = patch_rows(self.patch)
            self._become_text(as_text=False)
            self._show_rows(rows)
        self.edited.emit()

    def _become_text(self, *, as_text: bool) -> None:
        self._as_text = as_text
        self.text.setVisible(as_text)
        self.add_button.setVisible(not as_text)
        for field in self._rows:
            field.setVisible(not as_text)
        self.retranslate()

    def _show_rows(self, rows: Iterable[PatchRow]) -> None:
        for field in tuple(self._rows):
            self._take_out(field)
        for row in rows:
            self._append(row)

    def _append(self, row: PatchRow) -> None:
        field = PatchRowField(self._theme, row, self)
        field.edited.connect(self.edited)
        field.removed.connect(lambda: self._remove(field))
        self._rows.append(field)
        self._lines.addWidget(field)

    def _remove(self, field: PatchRowField) -> None:
        self._take_out(field)
        self.add_button.setFocus()
        self.edited.emit()

    def _take_out(self, field: PatchRowField) -> None:
        self._rows.remove(field)
        self._lines.removeWidget(field)
        field.hide()
        field.deleteLater()

    def _link(self, name: str, act: object) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        set_role(button, "link")
        button.clicked.connect(act)
        return button


class PatchRowField(QWidget):
    """One change: what, where, which value."""

    edited = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, row: PatchRow, parent: QWidget) -> None:
        super().__init__(parent)
        self.op: QComboBox = Picker(theme, self)
        self.op.setObjectName("compose.patch.op")
        self.op.setAccessibleName(self.tr("What to do"))
        for operation in OPERATIONS:
            self.op.addItem(translate("PatchEditor", _OPERATION_WORDS[operation]), operation)
        self.op.setCurrentIndex(OPERATIONS.index(row.op))
        self.path = self._field("compose.patch.path", self.tr("Place, as a JSON pointer"), "/customer/id", theme)
        self.path.setText(row.path)
        self.value = self._field("compose.patch.value", self.tr("Value, as JSON"), '"text", 7, true, null', theme)
        self.value.setText(row.value)
        remove = QPushButton("✕")
        remove.setObjectName("compose.patch.remove")
        remove.setAccessibleName(self.tr("Drop this change"))
        remove.setToolTip(remove.accessibleName())
        remove.setAutoDefault(False)
        remove.setFixedSize(24, 24)
        set_role(remove, "icon")
        remove.clicked.connect(self.removed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * SPACE)
        line.addWidget(self.op)
        line.addWidget(self.path, 2)
        line.addWidget(self.value, 3)
        line.addWidget(remove)
        self.op.currentIndexChanged.connect(lambda _index: self._op_chosen())
        self._op_chosen()

    @property
    def row(self) -> PatchRow:
        """The change as typed."""
        operation = OPERATIONS[max(0, self.op.currentIndex())]
        return PatchRow(operation, self.path.text(), "" if operation == "remove" else self.value.text())

    def _op_chosen(self) -> None:
        self.value.setEnabled(self.op.currentData() != "remove")
        self.edited.emit()

    def _field(self, name: str, spoken: str, example: str, theme: Theme) -> QLineEdit:
        field = QLineEdit(self)
        field.setObjectName(name)
        field.setAccessibleName(spoken)
        field.setToolTip(spoken)
        field.setPlaceholderText(example)
        field.setFont(theme.mono())
        field.textChanged.connect(lambda _text: self.edited.emit())
        return field
