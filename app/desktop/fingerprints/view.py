"""The page of failures: a table of them, and one of them below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.fingerprints.detail import FingerprintDetail
from app.desktop.fingerprints.table import OPTIONAL, STRETCHED, WIDTHS, FingerprintColumns
from app.desktop.run_page.data_table import DataTable
from app.desktop.run_page.keyed_table import KeyedTableModel
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import Picker, text_label
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tick_box import TickBox
from app.desktop.shell.tokens import SPACE
from app.domain.failure_fingerprint import Fingerprint
from app.services.failure_fingerprints import FingerprintReport

WINDOWS = (1, 7, 30, 90)
"""Days before now that can be chosen."""
_CHOSEN = 1


class FingerprintsPage(QWidget):
    """Lists failures. ``scope_changed`` says that another window or other tenants are wanted.

    Args:
        theme: Colours and fonts.
        commands: For the button that reads again.
        parent: The owning widget.
    """

    scope_changed = Signal()

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fingerprints.page")
        set_role(self, "ground")
        self._title = text_label("", "title")
        self._sum = text_label("", "muted")
        self.days = Picker(theme)
        self.days.setObjectName("fingerprints.days")
        self.days.addItems([""] * len(WINDOWS))
        self.days.setCurrentIndex(_CHOSEN)
        self.days.activated.connect(lambda _index: self.scope_changed.emit())
        self.every_tenant = TickBox(theme, "")
        self.every_tenant.setObjectName("fingerprints.every_tenant")
        self.every_tenant.clicked.connect(lambda _on: self.scope_changed.emit())
        self.refresh = commands.button("fingerprints.show", name="fingerprints.refresh")
        self.model: KeyedTableModel[Fingerprint] = KeyedTableModel(lambda found: found.identity, self)
        self._columns = FingerprintColumns(theme, self)
        self.model.set_columns(self._columns.columns())
        self.table = DataTable(theme, "fingerprints.list", "")
        self.table.use(self.model, WIDTHS, STRETCHED, OPTIONAL)
        self.table.row_selected.connect(self._selected)
        self.detail = FingerprintDetail(theme)
        self.detail.show_fingerprint(None)
        self.problem = MessageCard("warning-card", "fingerprints.problem")
        self.problem.setVisible(False)
        self.note = _centred("fingerprints.empty")
        self.stack = QStackedWidget()
        self._report: FingerprintReport | None = None
        self._lay_out()
        theme.changed.connect(self.retranslate)
        self.retranslate()

    @property
    def window_days(self) -> int:
        """How many days before now are looked at."""
        return WINDOWS[self.days.currentIndex()]

    def show_loading(self) -> None:
        """Say that failures are being counted, unless some are shown already."""
        if self._report is None:
            self._say(self.tr("Failures are being counted…"))

    def show_failure(self, text: str) -> None:
        """Say why nothing can be counted; what was shown is old, so it goes."""
        self._report = None
        self._say(text)

    def show_report(self, report: FingerprintReport, problem: str = "") -> None:
        """Show failures; ``problem`` says why notes are missing."""
        self._report = report
        self.problem.say(problem)
        self.problem.setVisible(bool(problem))
        shown = self.detail.found
        self.model.merge(report.fingerprints)
        self._describe()
        if not report.fingerprints:
            self._say(self.tr("No run failed in this time."))
            return
        self.stack.setCurrentIndex(1)
        row = -1 if shown is None else self.model.row_of(shown.identity)
        self.table.select_row(max(row, 0))
        self._selected(max(row, 0))

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._title.setText(self.tr("Failures"))
        for place, days in enumerate(WINDOWS):
            self.days.setItemText(place, self.tr("Last %n day(s)", "", days))
        self.days.setAccessibleName(self.tr("Time"))
        self.every_tenant.setText(self.tr("All tenants"))
        self.every_tenant.setAccessibleName(self.every_tenant.text())
        self.refresh.set_text(self.tr("Count again"))
        self.table.setAccessibleName(self.tr("Failures"))
        self.model.set_columns(self._columns.columns())
        self._describe()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._sum, 1)
        for part in (self.every_tenant, self.days, self.refresh):
            head.addWidget(part)
        filled = QWidget()
        rows = QVBoxLayout(filled)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.problem)
        rows.addWidget(self.table, 1)
        rows.addWidget(self.detail)
        self.stack.addWidget(self.note)
        self.stack.addWidget(filled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)

    def _describe(self) -> None:
        report = self._report
        if report is None:
            self._sum.setText("")
            return
        kinds = self.tr("%n kind(s)", "", len(report.fingerprints))
        runs = self.tr("%n failed run(s)", "", report.counted)
        more = self.tr("more failed than were counted")
        self._sum.setText(" · ".join((runs, kinds, more) if report.cut else (runs, kinds)))

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text)
        self.detail.show_fingerprint(None)
        self.stack.setCurrentIndex(0)

    def _selected(self, row: int) -> None:
        rows = self.model.rows()
        self.detail.show_fingerprint(rows[row] if 0 <= row < len(rows) else None)


def _centred(name: str) -> QLabel:
    label = text_label("", "muted")
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
