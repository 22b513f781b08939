"""The batches of a tenant, newest first; what is read from this computer's journal and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.batch.words import batch_look, kind_text, stand_text
from app.desktop.run_page.data_table import DataTable
from app.desktop.run_page.keyed_table import Cell, Column, KeyedTableModel
from app.desktop.shell.controls import text_label
from app.desktop.shell.icons import state_icon
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import state_colour
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import exact_utc, local_time
from app.desktop.shell.tokens import SPACE
from app.domain.batch_ledger import BatchProgress

_WIDTHS = (230, 150, 100, 170, 160)


class _Table(DataTable):
    """Opens a batch with Enter, a double click or a single one."""

    opened = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class BatchOverview(QWidget):
    """Lists batches. ``batch_chosen`` carries an id."""

    batch_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = text_label("", "title")
        self._place = text_label("", "muted")
        self._place.setWordWrap(True)
        self.model: KeyedTableModel[BatchProgress] = KeyedTableModel(lambda batch: batch.batch_id, self)
        self.table = _Table(theme, "batch.list", "")
        self.model.set_columns(self._columns())
        self.table.use(self.model, _WIDTHS, 0, optional=(1, 4))
        self._empty = _note("batch.empty")
        self._failure = _note("batch.failure")
        self.stack = QStackedWidget()
        for page in (self.table, self._empty, self._failure):
            self.stack.addWidget(page)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 0)
        rows.setSpacing(2 * SPACE)
        rows.addWidget(self._title)
        rows.addWidget(self._place)
        rows.addWidget(self.stack, 1)
        self.table.clicked.connect(lambda index: self._open(index.row()))
        self.table.opened.connect(self._open)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    def show_batches(self, batches: Sequence[BatchProgress]) -> None:
        """Show the batches, or that there are none."""
        self.model.merge(batches)
        self.stack.setCurrentWidget(self.table if batches else self._empty)

    def show_failure(self, text: str) -> None:
        """Say why the journal cannot be read."""
        self._failure.setText(text)
        self._failure.setAccessibleName(text)
        self.stack.setCurrentWidget(self._failure)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._title.setText(self.tr("Batches"))
        self._place.setText(
            self.tr("Batches are written down on this computer, run by run, and can be gone on with only here.")
        )
        self.table.setAccessibleName(self.tr("Batches"))
        self._empty.setText(
            self.tr("No batch yet. Select several runs in the list, then replay or cancel all of them at once.")
        )
        self._empty.setAccessibleName(self._empty.text())
        self.model.set_columns(self._columns())

    def _columns(self) -> tuple[Column[BatchProgress], ...]:
        return (
            Column(self.tr("Name"), lambda batch: Cell(batch.name)),
            Column(self.tr("What"), lambda batch: Cell(kind_text(batch.action, _runs(batch)))),
            Column(self.tr("Done"), lambda batch: Cell(stand_text(batch))),
            Column(self.tr("State"), self._state),
            Column(self.tr("Planned"), _planned),
        )

    def _state(self, batch: BatchProgress) -> Cell:
        look = batch_look(batch)
        colour = state_colour(self._theme.tokens, look.kind)
        return Cell(look.word, colour=QColor(colour), icon=state_icon(look.kind, colour, 12))

    def _open(self, row: int) -> None:
        batches = self.model.rows()
        if 0 <= row < len(batches):
            self.batch_chosen.emit(batches[row].batch_id)


def _runs(batch: BatchProgress) -> int:
    return sum(number for _, number in batch.counts)


def _planned(batch: BatchProgress) -> Cell:
    moment = batch.planned_at
    return Cell("") if moment is None else Cell(local_time(moment), exact_utc(moment))


def _note(name: str) -> QLabel:
    note = text_label("", "muted")
    note.setObjectName(name)
    note.setWordWrap(True)
    note.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return note
