"""The middle of the window while batches are looked at: the list of them, or one of them."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.desktop.batch.overview import BatchOverview
from app.desktop.batch.page import BatchPage
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.theme import Theme


class BatchesView(QStackedWidget):
    """The widgets and nothing else; the controller fills them."""

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.overview = BatchOverview(theme, self)
        self.page = BatchPage(theme, commands, self)
        for page in (self.overview, self.page):
            self.addWidget(page)
