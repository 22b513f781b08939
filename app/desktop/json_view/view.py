"""Read-only display of one redacted JSON document, with its states and a copy of the redacted text."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.json_view.editor import JsonEditor
from app.desktop.shell.theme import Theme, set_role
from app.domain.json_text import dump
from app.domain.run import RedactedDocument

INDENT = 2


class _Page(IntEnum):
    MESSAGE = 0
    TEXT = 1


class JsonView(QWidget):
    """Shows a redacted document, or says why there is none.

    Args:
        name: Object name of the text; the copy button is ``<name>.copy``.
        accessible_name: What the document is, already translated.
        theme: Colours and fonts.
        parent: The owning widget.
    """

    def __init__(self, name: str, accessible_name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: RedactedDocument | None = None
        self.editor = JsonEditor(theme, self.tr("masked"))
        self.editor.setObjectName(name)
        self.editor.setAccessibleName(accessible_name)
        self.editor.setReadOnly(True)
        self.editor.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._message = QLabel()
        self._message.setWordWrap(True)
        set_role(self._message, "muted")
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._message.setContentsMargins(0, 8, 0, 8)
        self._note = QLabel()
        set_role(self._note, "secondary")
        self._copy = QPushButton(self.tr("Copy JSON"))
        self._copy.setObjectName(f"{name}.copy")
        self._copy.setAccessibleName(self.tr("Copy JSON: %1").replace("%1", accessible_name))
        self._copy.setToolTip(self.tr("Copies the whole document as shown here, masked values masked."))
        self._copy.setAutoDefault(False)
        set_role(self._copy, "link")
        self._copy.clicked.connect(self._copy_document)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_message_page(name))
        self._pages.addWidget(self.editor)
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self._note, 1)
        bar.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._bar)
        self.show_message("")

    def _make_message_page(self, name: str) -> QWidget:
        self._read_again: Callable[[], None] | None = None
        self._again = QPushButton(self.tr("Read again"))
        self._again.setObjectName(f"{name}.read")
        self._again.setAccessibleName(self._again.text())
        self._again.clicked.connect(self._ask_again)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._message)
        layout.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)
        return page

    @property
    def document(self) -> RedactedDocument | None:
        """The document shown, if any."""
        return self._document

    def show_document(self, document: RedactedDocument) -> None:
        """Show a document; an equal one is left as it is, with its selection and scroll position."""
        if document == self._document:
            return
        self._document = document
        self.editor.load(dump(document.value, indent=INDENT))
        self._note.setText(self._describe(len(document.masked), self.editor.fold_count))
        self._bar.setVisible(True)
        self._pages.setCurrentIndex(_Page.TEXT)

    def show_problem(self, text: str, read_again: Callable[[], None]) -> None:
        """Say why there is no document and offer to read it again."""
        self.show_message(text)
        self._read_again = read_again
        self._again.setVisible(True)

    def show_message(self, text: str) -> None:
        """Show a sentence instead of a document."""
        self._again.setVisible(False)
        self._document = None
        self.editor.clear()
        self._message.setText(text)
        self._bar.setVisible(False)
        self._pages.setCurrentIndex(_Page.MESSAGE)

    def _describe(self, masked: int, folded: int) -> str:
        if masked and folded:
            return self.tr("%1 · %2").replace("%1", self._masked(masked)).replace("%2", self._folded(folded))
        if masked:
            return self._masked(masked)
        return self._folded(folded) if folded else ""

    def _masked(self, count: int) -> str:
        return self.tr("%n value(s) masked", "", count)

    def _folded(self, count: int) -> str:
        return self.tr("%n long text(s) folded, copied whole", "", count)

    def _ask_again(self) -> None:
        if self._read_again is not None:
            self._read_again()

    def _copy_document(self) -> None:
        if self._document is not None:
            QGuiApplication.clipboard().setText(dump(self._document.value, indent=INDENT))
