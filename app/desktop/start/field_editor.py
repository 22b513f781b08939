"""The control of one member of a payload: a line, a choice, or the sentence that it is edited elsewhere."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.shell.controls import ElidedLabel, Picker
from app.desktop.shell.theme import Theme, set_role
from app.domain.form_values import ABSENT, Found, Showing, choice_text, is_well_formed, shown, value_of
from app.domain.json_pointer import pointer
from app.domain.payload_form import FieldKind, FormField


class _Page(IntEnum):
    TYPED = 0
    MASKED = 1
    ELSEWHERE = 2


class _SteadyPicker(Picker):
    """Leaves the wheel to the form: a choice changed in passing would be a change nobody made."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Do nothing, so that the form scrolls."""
        event.ignore()


class FieldEditor(QWidget):
    """Edits one simple value.

    A masked value is named and stays locked until the operator replaces it knowingly. A value that a line cannot hold
    (several lines, another type) is shown as JSON and edited there. What stands in the control is never rewritten while
    it means the very value of the document.

    Args:
        field: What is edited.
        theme: Colours and fonts.
        parent: The owning widget.
    """

    typed = Signal(object)
    json_wanted = Signal()

    def __init__(self, field: FormField, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._name = f"start.field.{pointer(field.path)}"
        self._pages = QStackedWidget()
        self.control = self._make_control(theme)
        self.control.setObjectName(self._name)
        self.control.setAccessibleName(field.title)
        self.control.setAccessibleDescription(field.help)
        self._elsewhere = ElidedLabel()
        self._elsewhere.setFont(theme.mono())
        set_role(self._elsewhere, "secondary")
        self._pages.addWidget(self.control)
        self._pages.addWidget(self._with_link(ElidedLabel(self.tr("Masked, kept as it is stored")), "replace"))
        self._pages.addWidget(self._with_link(self._elsewhere, "json"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _make_control(self, theme: Theme) -> QWidget:
        if self.field.kind in {FieldKind.BOOLEAN, FieldKind.CHOICE}:
            return self._make_picker(theme)
        line = QLineEdit()
        line.setPlaceholderText(self._placeholder())
        if self.field.secret:
            line.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        if self.field.kind is not FieldKind.TEXT:
            line.setFont(theme.figures())
        line.textEdited.connect(lambda text: self.typed.emit(value_of(self.field, text)))
        return line

    def _make_picker(self, theme: Theme) -> Picker:
        picker = _SteadyPicker(theme)
        if not self.field.element:
            picker.addItem(self.tr("Not given"), None)
        if self.field.kind is FieldKind.BOOLEAN:
            picker.addItem(self.tr("Yes (true)"), "true")
            picker.addItem(self.tr("No (false)"), "false")
        else:
            for choice in self.field.choices:
                picker.addItem(choice_text(choice) or self.tr("(empty text)"), choice_text(choice))
        picker.activated.connect(lambda _row: self.typed.emit(self._picked(picker)))
        return picker

    def _picked(self, picker: Picker) -> Found:
        chosen: str | None = picker.currentData()
        return ABSENT if chosen is None else value_of(self.field, chosen)

    def _with_link(self, label: QWidget, act: str) -> QWidget:
        link = QPushButton(self.tr("Replace") if act == "replace" else self.tr("Edit as JSON"))
        link.setObjectName(f"{self._name}.{act}")
        link.setAccessibleName(f"{link.text()}: {self.field.title}")
        link.setAutoDefault(False)
        set_role(link, "link")
        link.clicked.connect(self._replace if act == "replace" else self.json_wanted)
        page = QWidget()
        layout = QHBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label, 1)
        layout.addWidget(link)
        return page

    def _placeholder(self) -> str:
        formats = {
            FieldKind.DATE: "2026-11-25",
            FieldKind.TIME: "14:30:00Z",
            FieldKind.MOMENT: "2026-11-25T14:30:00Z",
        }
        example = self.field.example or formats.get(self.field.kind, "")
        return self.tr("For example {example}").format(example=example) if example else ""

    def show_value(self, value: Found, *, reachable: bool) -> None:
        """Show the document's value; unreachable when something else than an object stands where its parent would."""
        seen = shown(self.field, value)
        if self.field.kind is FieldKind.JSON or not reachable or seen.showing is Showing.ELSEWHERE:
            self._elsewhere.set_text(seen.text or self.tr("Not given"))
            self._pages.setCurrentIndex(_Page.ELSEWHERE)
        elif seen.showing is Showing.MASKED:
            self._pages.setCurrentIndex(_Page.MASKED)
        else:
            self._put(seen.text, value)
            self._pages.setCurrentIndex(_Page.TYPED)

    def format_fault(self) -> str:
        """Return what is wrong with the form of a date or time as it is typed, or ""."""
        line = self.control
        if self._pages.currentIndex() != _Page.TYPED or not isinstance(line, QLineEdit):
            return ""
        if is_well_formed(self.field, line.text()):
            return ""
        return {
            FieldKind.DATE: self.tr("Not a date such as 2026-11-25"),
            FieldKind.TIME: self.tr("Not a time such as 14:30:00Z"),
        }.get(self.field.kind, self.tr("Not a moment such as 2026-11-25T14:30:00Z"))

    def _put(self, text: str, value: Found) -> None:
        control = self.control
        if isinstance(control, Picker):
            control.setCurrentIndex(0 if value is ABSENT else control.findData(text))
        elif isinstance(control, QLineEdit) and control.text() != text:
            written = value_of(self.field, control.text())
            if written != value or type(written) is not type(value):
                control.setText(text)

    def _replace(self) -> None:
        """Give the masked value up: from here on what is typed counts."""
        self.typed.emit(value_of(self.field, ""))
        self._pages.setCurrentIndex(_Page.TYPED)
        self.control.setFocus()
