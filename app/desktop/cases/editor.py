"""One case to be written: what happened, to whom, what was tried, and its runs."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.desktop.cases.entries import Entry, EntryList
from app.desktop.cases.words import severity_text
from app.desktop.run_page.data_table import DataTable
from app.desktop.run_page.keyed_table import Cell, Column, KeyedTableModel
from app.desktop.shell.controls import Picker, text_label
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import status_look
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import exact_utc, local_time
from app.desktop.shell.tokens import SPACE
from app.domain.case import Case, CaseAttempt, CaseComparison, CaseNote, CaseRun, CaseSeverity

_WIDTHS = (84, 160, 96, 132)


class _Runs(DataTable):
    """The runs of a case: Enter or a click opens one, Delete takes it out."""

    opened = Signal(int)
    removed = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter, take out with Delete."""
        row = self.currentIndex().row()
        if row >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(row)
        elif row >= 0 and event.key() == Qt.Key.Key_Delete:
            self.removed.emit(row)
        else:
            super().keyPressEvent(event)


class CaseEditor(QScrollArea):
    """Edits a case. ``edited`` after every change, ``run_wanted`` and ``comparison_wanted`` carry what to open."""

    edited = Signal()
    run_wanted = Signal(object)
    comparison_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._theme = theme
        self.setObjectName("case.editor")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.title = self._line("case.title")
        self.customer = self._line("case.customer")
        self.severity = Picker(theme)
        self.severity.setObjectName("case.severity")
        self.severity.addItems([""] * len(CaseSeverity))
        self.severity.activated.connect(lambda _index: self.edited.emit())
        self.summary, self.asked = self._text("case.summary"), self._text("case.asked")
        self.notes, self.attempts = EntryList("case.notes"), EntryList("case.attempts")
        for entries in (self.notes, self.attempts):
            entries.edited.connect(self.edited)
        self.model: KeyedTableModel[CaseRun] = KeyedTableModel(lambda run: run.key, self)
        self.model.set_columns(self._columns())
        self.runs = _Runs(theme, "case.runs", "")
        self.runs.use(self.model, _WIDTHS, 1)
        self.runs.setMinimumHeight(124)
        self.runs.clicked.connect(lambda index: self._open(index.row()))
        self.runs.opened.connect(self._open)
        self.runs.removed.connect(self._remove)
        self.runs.row_selected.connect(lambda _row: self._judge())
        self.take_out = QPushButton()
        self.take_out.setObjectName("case.remove_run")
        self.take_out.setAutoDefault(False)
        self.take_out.clicked.connect(lambda _on: self._remove(self.runs.currentIndex().row()))
        self.no_runs = text_label("", "muted")
        self.no_runs.setWordWrap(True)
        self.comparisons = QVBoxLayout()
        self._labels = [text_label("", "heading") for _ in range(7)]
        self._lay_out()
        theme.changed.connect(self.retranslate)
        self.retranslate()

    def show_case(self, case: Case) -> None:
        """Show a case in place of another."""
        self._case = case
        with QSignalBlocker(self):
            self.title.setText(case.title)
            self.customer.setText(case.customer)
            self.severity.setCurrentIndex(list(CaseSeverity).index(case.severity))
            self.summary.setPlainText(case.summary)
            self.asked.setPlainText(case.asked)
            self.notes.show_entries([Entry(note.at, note.author, (note.text,)) for note in case.notes])
            self.attempts.show_entries([Entry(one.at, None, (one.what, one.outcome or "")) for one in case.attempts])
        self.show_runs(case)

    def show_runs(self, case: Case) -> None:
        """Show runs and comparisons of a case that was added to meanwhile; what is being typed stays."""
        if self._case is not None:
            self._case = replace(self._case, runs=case.runs, comparisons=case.comparisons, events=case.events)
        self.model.merge(case.runs)
        self.runs.setVisible(bool(case.runs))
        self.take_out.setVisible(bool(case.runs))
        self.no_runs.setVisible(not case.runs)
        self._show_comparisons(case)
        self._judge()

    def case(self) -> Case | None:
        """Return the case as it is in the editor."""
        if self._case is None:
            return None
        return replace(
            self._case,
            title=self.title.text(),
            customer=self.customer.text(),
            severity=tuple(CaseSeverity)[self.severity.currentIndex()],
            summary=self.summary.toPlainText(),
            asked=self.asked.toPlainText(),
            notes=tuple(CaseNote(entry.at, entry.author, entry.texts[0]) for entry in self.notes.entries()),
            attempts=tuple(
                CaseAttempt(entry.at, entry.texts[0], entry.texts[1] or None) for entry in self.attempts.entries()
            ),
        )

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        names = (
            self.tr("Title"),
            self.tr("Customer's reference"),
            self.tr("Severity"),
            self.tr("What happened"),
            self.tr("Asked of the reader"),
            self.tr("Notes"),
            self.tr("Tried, and what came of it"),
        )
        for label, text in zip(self._labels, names, strict=True):
            label.setText(text)
        fields = (self.title, self.customer, self.severity, self.summary, self.asked, self.notes, self.attempts)
        for field, text in zip(fields, names, strict=True):
            field.setAccessibleName(text)
        for place, severity in enumerate(CaseSeverity):
            self.severity.setItemText(place, severity_text(severity))
        self.customer.setPlaceholderText(self.tr("Ticket number, or whatever the customer calls it"))
        self.summary.setPlaceholderText(self.tr("In a few sentences, for somebody who was not there"))
        self.asked.setPlaceholderText(self.tr("What the reader of the report is to do"))
        self.notes.set_texts(self.tr("Add note"), (self.tr("What was noticed"),))
        self.attempts.set_texts(self.tr("Add attempt"), (self.tr("What was tried"), self.tr("What came of it")))
        self.no_runs.setText(self.tr("No run yet. Open one, or select several in the list, and add them to this case."))
        self.runs.setAccessibleName(self.tr("Runs of the case"))
        self.take_out.setText(self.tr("Take run out"))
        self.take_out.setAccessibleName(self.take_out.text())
        self.model.set_columns(self._columns())
        self._judge()

    def _columns(self) -> tuple[Column[CaseRun], ...]:
        return (
            Column(self.tr("Run"), lambda run: Cell(str(run.key.run_id)[:8], str(run.key.run_id), self._theme.mono())),
            Column(self.tr("Workflow"), lambda run: Cell(run.workflow or self.tr("unnamed workflow"))),
            Column(self.tr("When added"), lambda run: Cell(status_look(run.status).word, run.cause or "")),
            Column(self.tr("Added"), lambda run: Cell(local_time(run.added_at), exact_utc(run.added_at))),
        )

    def _lay_out(self) -> None:
        title, customer, severity, summary, asked, notes, attempts = self._labels
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(3 * SPACE, 0, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        short = QFormLayout()
        short.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        short.addRow(title, self.title)
        short.addRow(customer, self.customer)
        short.addRow(severity, self.severity)
        layout.addLayout(short)
        for label, field in (
            (summary, self.summary),
            (asked, self.asked),
            (notes, self.notes),
            (attempts, self.attempts),
        ):
            layout.addSpacing(SPACE)
            layout.addWidget(label)
            layout.addWidget(field)
            label.setBuddy(field)
        layout.addSpacing(SPACE)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.take_out)
        layout.addWidget(self.no_runs)
        layout.addWidget(self.runs)
        layout.addLayout(line)
        layout.addLayout(self.comparisons)
        layout.addStretch(1)
        self.setWidget(inside)

    def _line(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setMaxLength(300)
        field.textEdited.connect(lambda _text: self.edited.emit())
        return field

    def _text(self, name: str) -> QPlainTextEdit:
        field = QPlainTextEdit()
        field.setObjectName(name)
        field.setTabChangesFocus(True)
        field.setFixedHeight(72)
        field.textChanged.connect(self.edited)
        return field

    def _show_comparisons(self, case: Case) -> None:
        while (item := self.comparisons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for comparison in case.comparisons:
            self.comparisons.addWidget(self._comparison_link(comparison))

    def _comparison_link(self, comparison: CaseComparison) -> QWidget:
        link = QPushButton(
            self.tr("Compare {first} with {second}").format(
                first=str(comparison.first.run_id)[:8], second=str(comparison.second.run_id)[:8]
            )
        )
        link.setAccessibleName(link.text())
        link.setProperty("role", "link")
        link.clicked.connect(lambda _on, one=comparison: self.comparison_wanted.emit(one))
        return link

    def _judge(self) -> None:
        chosen = self.runs.currentIndex().isValid()
        self.take_out.setEnabled(chosen)
        self.take_out.setToolTip("" if chosen else self.tr("Select a run of the case first."))

    def _open(self, row: int) -> None:
        rows = self.model.rows()
        if 0 <= row < len(rows):
            self.run_wanted.emit(rows[row].key)

    def _remove(self, row: int) -> None:
        rows = self.model.rows()
        if self._case is not None and 0 <= row < len(rows):
            gone = rows[row].key
            self.show_runs(replace(self._case, runs=tuple(run for run in self._case.runs if run.key != gone)))
            self.edited.emit()


def saved_label() -> QLabel:
    """Return the label that says whether the case is saved."""
    label = text_label("", "muted")
    label.setObjectName("case.saved")
    return label
