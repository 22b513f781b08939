"""A payload in two views of one document: the form of its schema, and its JSON text."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.json_view.chip_editor import ChipEditor
from app.desktop.replay.chip_words import PayloadChips
from app.desktop.replay.schema_words import fault_text
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme, set_role
from app.desktop.start.draft import EMPTY
from app.desktop.start.form_view import PayloadFormView
from app.domain import chips
from app.domain.form_values import Found, with_value
from app.domain.json_text import JsonTextError
from app.domain.payload_change import ChippedText
from app.domain.payload_form import PayloadForm
from app.domain.payload_schema import SchemaFault
from app.domain.run import JsonValue
from app.services.ports import ReplaySource

_SHOWN_FAULTS = 6


class View(IntEnum):
    """The two views."""

    FORM = 0
    JSON = 1


class PayloadPanel(QWidget):
    """Edits one payload.

    Only one view is in front, and only it is ahead of the other: the text is written anew when it comes to the front
    after the form was typed into, and the form reads the text when it does. What the form does not touch keeps its
    digits and its masked values; a text that is no JSON object keeps the form away until it is one.

    Args:
        theme: Colours and fonts.
        parent: The owning widget.
    """

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: JsonValue = {}
        self._form_ahead = False
        self._opening = False
        self._has_form = False
        self.chips = PayloadChips()
        self.json = ChipEditor(theme, self.chips.words)
        self.json.setObjectName("start.payload")
        self.json.setAccessibleName(self.tr("Payload"))
        self.json.textChanged.connect(self._text_changed)
        self.json.loaded.connect(self.edited)
        self.form = PayloadFormView(theme)
        self.form.value_typed.connect(self._value_typed)
        self.form.json_wanted.connect(lambda: self.show_view(View.JSON))
        self._faults = text_label("", "secondary-trouble")
        self._faults.setObjectName("start.faults")
        self._faults.setWordWrap(True)
        self._faults.setVisible(False)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.form)
        self._pages.addWidget(self.json)
        self.links = QHBoxLayout()
        self.links.setSpacing(12)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._make_head())
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._faults)
        self._found: tuple[SchemaFault, ...] = ()
        self.open(EMPTY)
        self.set_form(None)

    def _make_head(self) -> QHBoxLayout:
        label = text_label(self.tr("Payload"), "muted")
        label.setBuddy(self.json)
        self._switch = QButtonGroup(self)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label)
        for view, text in ((View.FORM, self.tr("Form")), (View.JSON, self.tr("JSON"))):
            button = QPushButton(text)
            button.setObjectName(f"start.view.{view.name.lower()}")
            button.setAccessibleName(self.tr("Payload as {view}").format(view=text))
            button.setCheckable(True)
            button.setAutoDefault(False)
            set_role(button, "toggle")
            self._switch.addButton(button, view)
            head.addWidget(button)
        self._switch.idClicked.connect(lambda number: self.show_view(View(number)))
        head.addStretch(1)
        head.addLayout(self.links)
        return head

    @property
    def view(self) -> View:
        """The view in front."""
        return View(self._pages.currentIndex())

    def use_source(self, source: ReplaySource) -> None:
        """Let the chips speak of this run's input."""
        self.chips.use(source)

    def open(self, content: ChippedText) -> None:
        """Show another payload in both views."""
        self._opening = True
        self._form_ahead = False
        self.json.open_chipped(content)
        self._opening = False
        document = _document_of(content)
        if document is not None:
            self._document = document
            self.form.show_document(document)
        elif self.view is View.FORM:
            self._bring(View.JSON)

    def set_form(self, form: PayloadForm | None) -> None:
        """Offer the form of another version, in front where the payload allows it; None leaves the JSON view alone."""
        had_form, self._has_form = self._has_form, form is not None
        self.form.set_form(form)
        self.form.show_document(self._document)
        for button in self._switch.buttons():
            button.setVisible(form is not None)
        if form is None:
            self.show_view(View.JSON)
        elif not had_form:
            self.show_view(View.FORM)

    def content(self) -> ChippedText:
        """Return the payload as it is now. BrokenFold when a folded text was changed in part."""
        if self._form_ahead:
            return ChippedText(*chips.dump(self._document, indent=2))
        return self.json.chipped_text()

    def show_view(self, view: View) -> None:
        """Bring a view to the front; the form stays away from a text that is no JSON object."""
        if view is View.JSON and self._form_ahead:
            self.json.put_back(self.content())
            self._form_ahead = False
        elif view is View.FORM and self.view is View.JSON:
            document = _document_of(self.json.chipped_text())
            if document is None or not self._has_form:
                view = View.JSON
            else:
                self._document = document
                self.form.show_document(document)
        self._bring(view)

    def show_problem(self, line: int | None, reason: str | None) -> None:
        """Mark the line that is wrong and say why the form cannot be shown, or neither."""
        self.json.mark_line(line)
        button = self._switch.button(View.FORM)
        button.setEnabled(reason is None or self.view is View.FORM)
        button.setToolTip(reason or "")

    def show_faults(self, faults: Sequence[SchemaFault]) -> None:
        """Show what the schema objects to: at the fields in the form, as a list below the text."""
        self._found = tuple(faults)
        left = self.form.show_faults(self._found)
        listed = left if self.view is View.FORM else self._found
        lines = [f"{fault.path or '/'}: {fault_text(fault)}" for fault in listed[:_SHOWN_FAULTS]]
        if len(listed) > _SHOWN_FAULTS:
            lines.append(self.tr("and %n more", "", len(listed) - _SHOWN_FAULTS))
        self._faults.setText("\n".join(lines))
        self._faults.setAccessibleName(self._faults.text())
        self._faults.setVisible(bool(lines))

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be typed while the start is under way."""
        self.json.setReadOnly(read_only)
        self.form.setEnabled(not read_only)

    def _bring(self, view: View) -> None:
        self._pages.setCurrentIndex(view)
        self._switch.button(view).setChecked(True)
        self.show_faults(self._found)

    def _text_changed(self) -> None:
        if not self._opening and not self.json.is_loading and self.view is View.JSON:
            self.edited.emit()

    def _value_typed(self, path: tuple[str, ...], value: Found) -> None:
        self._document = with_value(self._document, path, value)
        self._form_ahead = True
        self.form.show_document(self._document)
        self.edited.emit()


def _document_of(content: ChippedText) -> JsonValue:
    """Return the payload as an object with chips, or None when it is none."""
    try:
        document = chips.parse(content.text if content.text.strip() else "{}", content.origins)
    except JsonTextError:
        return None
    return document if isinstance(document, dict) else None
