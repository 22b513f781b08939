"""The form of a payload: one row per member, with its help, its demand and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.desktop.replay.schema_words import fault_text
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme, set_role
from app.desktop.start.field_editor import FieldEditor
from app.domain.form_values import ABSENT, Found, found_at, is_reachable
from app.domain.json_pointer import pointer, split_pointer
from app.domain.payload_form import FieldKind, FormField, PayloadForm, item_at
from app.domain.payload_schema import SchemaFault
from app.domain.run import JsonValue

INDENT = 16
MAX_NAMED = 12
"""Most members without a field that are named."""
_FIRST_ELEMENT: dict[FieldKind, JsonValue] = {FieldKind.BOOLEAN: False, FieldKind.INTEGER: 0, FieldKind.NUMBER: 0}


class PayloadFormView(QScrollArea):
    """Shows a document through a form; ``value_typed`` carries the path and the value that was typed there.

    Args:
        theme: Colours and fonts.
        parent: The owning widget.
    """

    value_typed = Signal(object, object)
    json_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[_Row] = []
        self._document: JsonValue = {}
        self._faults: tuple[SchemaFault, ...] = ()
        self.setObjectName("start.form")
        self.setAccessibleName(self.tr("Payload as a form"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.set_form(None)

    def set_form(self, form: PayloadForm | None) -> None:
        """Build the rows of another form; None empties it."""
        body = QWidget()
        set_role(body, "panel")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 4, 12, 4)
        layout.setSpacing(12)
        self._rows = [] if form is None else [self._row(field) for field in form.fields]
        for row in self._rows:
            layout.addWidget(row)
        layout.addWidget(self._make_rest())
        layout.addStretch(1)
        self.setWidget(body)

    def show_document(self, document: JsonValue) -> None:
        """Show the document's values."""
        self._document = document
        for row in self._rows:
            row.show_document(document)
        self._show_rest(document)
        self._place_faults()

    def show_faults(self, faults: Sequence[SchemaFault]) -> tuple[SchemaFault, ...]:
        """Show each fault at its field; return those that belong to no field."""
        self._faults = tuple(faults)
        return self._place_faults()

    def focus_first(self) -> None:
        """Move the keyboard to the first field."""
        if self._rows:
            self._rows[0].focus()

    def _row(self, field: FormField) -> _Row:
        row = _Row(field, self._theme)
        row.value_typed.connect(self._typed)
        row.json_wanted.connect(self.json_wanted)
        row.focused.connect(self.ensureWidgetVisible)
        return row

    def _make_rest(self) -> QWidget:
        """Return what says which members the form has no field for: they are sent too."""
        self._rest = QWidget()
        self._rest_names = text_label("", "muted")
        self._rest_names.setObjectName("start.form.rest")
        self._rest_names.setWordWrap(True)
        link = QPushButton(self.tr("Edit as JSON"))
        link.setObjectName("start.form.rest.json")
        link.setAccessibleName(self.tr("Edit the other members as JSON"))
        link.setAutoDefault(False)
        set_role(link, "link")
        link.clicked.connect(self.json_wanted)
        line = QHBoxLayout(self._rest)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._rest_names, 1)
        line.addWidget(link)
        return self._rest

    def _show_rest(self, document: JsonValue) -> None:
        known = {row.field.name for row in self._rows}
        names = [name for name in document if name not in known] if isinstance(document, dict) else []
        shown = ", ".join(names[:MAX_NAMED]) + ("…" if len(names) > MAX_NAMED else "")
        self._rest_names.setText(self.tr("Also in the payload, without a field here: {names}").format(names=shown))
        self._rest.setVisible(bool(names))

    def _typed(self, path: tuple[str, ...], value: Found) -> None:
        self.value_typed.emit(path, value)

    def _place_faults(self) -> tuple[SchemaFault, ...]:
        left: list[SchemaFault] = []
        by_row: dict[_Row, list[SchemaFault]] = {}
        for fault in self._faults:
            path = split_pointer(fault.path)
            rows = [found for row in self._rows if (found := row.nearest(path)) is not None]
            if rows:
                by_row.setdefault(rows[0], []).append(fault)
            else:
                left.append(fault)
        for row in self._rows:
            row.show_faults(by_row)
        return tuple(left)


class _Row(QWidget):
    """One member: its name and demand, its control or its own members, its help, and what is wrong."""

    value_typed = Signal(object, object)
    json_wanted = Signal()
    focused = Signal(object)

    def __init__(self, field: FormField, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._theme = theme
        self._below: list[_Row] = []
        self._editor: FieldEditor | None = None
        self._elements = QVBoxLayout()
        self._elements.setSpacing(6)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addLayout(self._make_head())
        self._make_body()
        if field.help:
            help_label = text_label(field.help, "secondary")
            help_label.setWordWrap(True)
            self._layout.addWidget(help_label)
        self._fault = text_label("", "secondary-trouble")
        self._fault.setObjectName(f"start.fault.{pointer(field.path)}")
        self._fault.setWordWrap(True)
        self._fault.setVisible(False)
        self._layout.addWidget(self._fault)

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        title = text_label(self.field.title, "strong" if self.field.kind is FieldKind.OBJECT else "")
        title.setToolTip(pointer(self.field.path))
        head.addWidget(title)
        for words in self._marks():
            head.addWidget(text_label(words, "secondary"))
        head.addStretch(1)
        self._head = head
        return head

    def _marks(self) -> list[str]:
        marks = [self.tr("required")] if self.field.required else []
        if self.field.kind in {FieldKind.INTEGER, FieldKind.NUMBER}:
            whole = self.field.kind is FieldKind.INTEGER
            marks.append(self.tr("whole number") if whole else self.tr("number"))
        if self.field.secret:
            marks.append(self.tr("hidden after the start, not kept in drafts"))
        return marks

    def _make_body(self) -> None:
        if self.field.kind is FieldKind.OBJECT:
            self._layout.addLayout(self._indented())
            for below in self.field.fields:
                self._add_below(_Row(below, self._theme))
        elif self.field.kind is FieldKind.LIST:
            self._layout.addLayout(self._elements)
            self._add = self._link(self.tr("Add"), "add", self._append)
            self._layout.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            self._editor = self._make_editor(self.field)
            self._layout.addWidget(self._editor)

    def _indented(self) -> QHBoxLayout:
        indented = QHBoxLayout()
        indented.setContentsMargins(INDENT, 4, 0, 0)
        self._elements.setSpacing(12)
        indented.addLayout(self._elements, 1)
        return indented

    def _add_below(self, row: _Row) -> None:
        row.value_typed.connect(self.value_typed)
        row.json_wanted.connect(self.json_wanted)
        row.focused.connect(self.focused)
        self._below.append(row)
        self._elements.addWidget(row)

    def _make_editor(self, field: FormField) -> FieldEditor:
        editor = FieldEditor(field, self._theme)
        editor.typed.connect(lambda value: self.value_typed.emit(field.path, value))
        editor.json_wanted.connect(self.json_wanted)
        editor.control.installEventFilter(self)
        return editor

    def _link(self, text: str, act: str, do: object) -> QPushButton:
        link = QPushButton(text)
        link.setObjectName(f"start.field.{pointer(self.field.path)}.{act}")
        link.setAccessibleName(f"{text}: {self.field.title}")
        link.setAutoDefault(False)
        set_role(link, "link")
        link.clicked.connect(do)
        return link

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bring the field that gets the keyboard into view."""
        if event.type() is QEvent.Type.FocusIn:
            self.focused.emit(watched)
        return super().eventFilter(watched, event)

    def focus(self) -> None:
        """Move the keyboard to the first control."""
        if self._editor is not None:
            self._editor.control.setFocus()
        elif self._below:
            self._below[0].focus()

    def show_document(self, document: JsonValue) -> None:
        """Show the value at the row's place."""
        value = found_at(document, self.field.path)
        reachable = is_reachable(document, self.field.path)
        if self._editor is not None:
            self._editor.show_value(value, reachable=reachable)
        elif self.field.kind is FieldKind.LIST:
            is_list = reachable and (value is ABSENT or isinstance(value, list))
            self._add.setEnabled(is_list)
            self._add.setToolTip("" if is_list else self.tr("Something else than a list stands here. Edit it as JSON."))
            self._show_elements(value if isinstance(value, list) else [])
        for row in self._below:
            row.show_document(document)

    def nearest(self, path: tuple[str, ...]) -> _Row | None:
        """Return the deepest row at or above a path, or None when the path is elsewhere."""
        if path[: len(self.field.path)] != self.field.path:
            return None
        deeper = (row.nearest(path) for row in self._below)
        return next((row for row in deeper if row is not None), self)

    def show_faults(self, by_row: dict[_Row, list[SchemaFault]]) -> None:
        """Show what is wrong here and below."""
        said = [self._worded(fault) for fault in by_row.get(self, ())]
        format_fault = "" if self._editor is None else self._editor.format_fault()
        self._say([*said, format_fault])
        for row in self._below:
            row.show_faults(by_row)

    def _worded(self, fault: SchemaFault) -> str:
        below = fault.path.removeprefix(pointer(self.field.path))
        return f"{below}: {fault_text(fault)}" if below else fault_text(fault)

    def _say(self, faults: list[str]) -> None:
        text = "\n".join(dict.fromkeys(fault for fault in faults if fault))
        self._fault.setText(text)
        self._fault.setAccessibleName(text)
        self._fault.setVisible(bool(text))

    def _show_elements(self, elements: list[JsonValue]) -> None:
        """Keep one row per element; only their number makes rows come and go."""
        while len(self._below) > len(elements):
            gone = self._below.pop()
            self._elements.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self._below) < len(elements):
            field = item_at(self.field, len(self._below))
            if field is None:
                return
            row = _Element(field, self._theme)
            row.removed.connect(self._remove)
            self._add_below(row)

    def _append(self) -> None:
        item = self.field.item
        if item is not None:
            first = item.choices[0] if item.choices else _FIRST_ELEMENT.get(item.kind, "")
            if self._below:
                self.value_typed.emit((*self.field.path, str(len(self._below))), first)
            else:
                self.value_typed.emit(self.field.path, [first])
            if self._below:
                self._below[-1].focus()

    def _remove(self, path: tuple[str, ...]) -> None:
        self.value_typed.emit(path, ABSENT)


class _Element(_Row):
    """One element of a list, with a way to take it out."""

    removed = Signal(object)

    def __init__(self, field: FormField, theme: Theme) -> None:
        super().__init__(field, theme)
        self._head.addWidget(self._link(self.tr("Remove"), "remove", lambda: self.removed.emit(field.path)))
