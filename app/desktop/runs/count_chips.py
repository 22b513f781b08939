"""One chip per status: how many runs match everything but the status; a click filters by it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.desktop.runs.filter_state import FilterState
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.icons import state_icon
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import run_status_look, state_colour
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tokens import SPACE
from app.domain.run import RunStatus


class CountChips(QWidget):
    """The chips; ``toggled`` carries the statuses to filter by after a click."""

    toggled = Signal(object)

    def __init__(self, theme: Theme, state: FilterState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self._counts: dict[str, int] = {}
        self._chips: dict[str, QPushButton] = {}
        line = FlowLayout(self, SPACE)
        for status in RunStatus:
            chip = self._make(str(status))
            self._chips[str(status)] = chip
            line.addWidget(chip)
        state.changed.connect(self.retranslate)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    def chip(self, status: str) -> QPushButton:
        """Return the chip of a status."""
        return self._chips[status]

    def set_counts(self, counts: dict[str, int]) -> None:
        """Show other numbers."""
        if counts != self._counts:
            self._counts = dict(counts)
            self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put words, numbers and colours up to date."""
        locale = QLocale()
        for status, chip in self._chips.items():
            look = run_status_look(status)
            count = self._counts.get(status, 0)
            chip.setIcon(state_icon(look.kind, state_colour(self._theme.tokens, look.kind), 12))
            chip.setText(f" {look.word}  {locale.toString(count)}")
            chip.setChecked(status in self._state.filter.statuses)
            chip.setAccessibleName(self.tr("{status}: %n runs", "", count).format(status=look.word))
            chip.setToolTip(self.tr("Filter by {status}").format(status=look.word))

    def _make(self, status: str) -> QPushButton:
        chip = QPushButton(self)
        chip.setObjectName(f"runs.count.{status}")
        chip.setCheckable(True)
        chip.setAutoDefault(False)
        set_role(chip, "chip")
        chip.clicked.connect(lambda _checked=False: self._toggle(status))
        return chip

    def _toggle(self, status: str) -> None:
        chosen = set(self._state.filter.statuses) ^ {status}
        self.toggled.emit(tuple(str(known) for known in RunStatus if str(known) in chosen))
