"""The calm line above the rows while several are selected: how many, all that match, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.desktop.runs.selection import RunSelection
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import text_label
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import set_role
from app.desktop.shell.tokens import SPACE

SHOWN_FROM = 2
"""Rows selected before the bar appears: one row is what the run page acts on."""


class SelectionBar(QFrame):
    """Takes the place of the count chips while it is shown, so that the rows do not jump."""

    def __init__(self, commands: CommandBook, selection: RunSelection, chips: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._selection = selection
        self._chips = chips
        self.setObjectName("runs.selection")
        set_role(self, "selection-bar")
        self.number = text_label("", "strong", self)
        self.number.setObjectName("runs.selection.number")
        self.all_button = commands.button("batch.select_all", self, role="link")
        self.replay_button = commands.button("batch.replay", self, role="small")
        self.cancel_button = commands.button("batch.cancel", self, role="small")
        self.clear_button = commands.button("batch.clear", self, role="small-flat")
        line = QHBoxLayout(self)
        line.setContentsMargins(2 * SPACE, 2, 2, 2)
        line.setSpacing(2 * SPACE)
        line.addWidget(self.number)
        line.addWidget(self.all_button)
        line.addStretch(1)
        for button in (self.replay_button, self.cancel_button, self.clear_button):
            line.addWidget(button)
        selection.changed.connect(self.retranslate)
        self.hide()
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put words and numbers up to date, and show the bar when it has something to say."""
        count, matching, locale = self._selection.count, self._selection.matching, QLocale()
        wanted = count >= SHOWN_FROM or self._selection.all_matching
        if self._selection.all_matching:
            self.number.setText(self.tr("All %Ln that match are selected", "", matching))
        else:
            self.number.setText(self.tr("%Ln selected", "", count))
        self.setAccessibleName(self.number.text())
        self.all_button.set_text(self.tr("Select all {number} that match").format(number=locale.toString(matching)))
        self.all_button.setVisible(not self._selection.all_matching and matching > count)
        self.replay_button.set_text(self.tr("Replay…"))
        self.cancel_button.set_text(self.tr("Cancel…"))
        self.clear_button.set_text(self.tr("Clear"))
        if wanted is self.isHidden():
            self.setMinimumHeight(self._chips.height())
            self._chips.setVisible(not wanted)
            self.setVisible(wanted)
