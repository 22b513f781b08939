"""A table beside a JSON document of the selected row: waits, logs, data."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.json_view.view import JsonView
from app.desktop.run_page.data_table import DataTable
from app.desktop.shell.theme import set_role


class DocumentTable(QWidget):
    """A table above (or beside) a document, and a sentence when the table is empty.

    Args:
        table: The table.
        document: What shows the selected row's document.
        orientation: How the two share the room.
        parent: The owning widget.
    """

    def __init__(
        self, table: DataTable, document: JsonView, orientation: Qt.Orientation, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.table = table
        self.document = document
        self._splitter = QSplitter(orientation)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(8 if orientation is Qt.Orientation.Vertical else 16)
        self._splitter.setStyleSheet("QSplitter::handle { background: transparent; }")
        self._splitter.addWidget(table)
        self._splitter.addWidget(document)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._empty = QLabel()
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(0, 12, 0, 0)
        set_role(self._empty, "muted")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._splitter)
        self._pages.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self._pages)

    def set_sizes(self, first: int, second: int) -> None:
        """Share the room in this proportion, in pixels."""
        self._splitter.setSizes([first, second])

    def show_rows(self, sentence_when_empty: str) -> None:
        """Show the table, or the sentence when it has no rows."""
        self._empty.setText(sentence_when_empty)
        self._pages.setCurrentIndex(0 if self.table.model().rowCount() else 1)
