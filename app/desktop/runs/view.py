"""The list's pane: outage, banner, filters, counts and the rows, from top to bottom."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.runs.count_chips import CountChips
from app.desktop.runs.filter_bar import FilterBar
from app.desktop.runs.filter_state import FilterState
from app.desktop.runs.model import RunsModel
from app.desktop.runs.outage_bar import OutageBar
from app.desktop.runs.placeholders import ListStack
from app.desktop.runs.selection import RunSelection
from app.desktop.runs.selection_bar import SelectionBar
from app.desktop.runs.table import RunsTable
from app.desktop.runs.trouble_banner import TroubleBanner
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SPACE


class RunsView(QWidget):
    """The widgets of the list and nothing else; the controller fills them."""

    def __init__(self, theme: Theme, commands: CommandBook, state: FilterState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunsModel(self)
        self.outage = OutageBar(self)
        self.banner = TroubleBanner(theme, commands, state, self)
        self.filters = FilterBar(theme, state, commands, self)
        self.chips = CountChips(theme, state, self)
        self.table = RunsTable(theme, self.model)
        self.stack = ListStack(self.table, theme, commands, self)
        self.selection = RunSelection(self.table, state, self)
        self.selection_bar = SelectionBar(commands, self.selection, self.chips, self)
        rows = self._rows = QVBoxLayout(self)
        rows.setContentsMargins(3 * SPACE, 2 * SPACE + 2, 3 * SPACE, 0)
        rows.setSpacing(2 * SPACE)
        for widget in (self.outage, self.banner, self.filters, self.chips, self.selection_bar):
            rows.addWidget(widget)
        rows.addWidget(self.stack, 1)
        self.retranslate()

    def add_banner(self, banner: QWidget) -> None:
        """Put one more message above the list."""
        self._rows.insertWidget(1, banner)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.setAccessibleName(self.tr("Run list"))
        self.table.setAccessibleName(self.tr("Runs"))
        self.model.retranslate()
        self.table.retranslate()
