"""One chip per group of a batch's runs: how many there are; a click shows only those."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from app.desktop.batch.words import LEDGER_GROUPS, PLAN_GROUPS, Group, group_look
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.icons import state_icon
from app.desktop.shell.state_look import state_colour
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tokens import SPACE
from app.domain.batch import BatchAction


class GroupChips(QWidget):
    """The chips of a plan or of a ledger; ``chosen`` carries a :class:`Group`."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._group = QButtonGroup(self)
        self._chips = {group: self._make(group) for group in Group}
        line = FlowLayout(self, SPACE)
        for chip in self._chips.values():
            line.addWidget(chip)
        self._chips[Group.ALL].setChecked(True)
        self.show_counts(Counter(), BatchAction.REPLAY, planned=True)

    @property
    def current(self) -> Group:
        """The group that is shown."""
        return next(group for group, chip in self._chips.items() if chip.isChecked())

    def chip(self, group: Group) -> QPushButton:
        """Return the chip of a group."""
        return self._chips[group]

    def show_counts(self, counts: Counter[Group], action: BatchAction, *, planned: bool) -> None:
        """Show the groups of a plan or of a ledger with their numbers."""
        shown, locale = PLAN_GROUPS if planned else LEDGER_GROUPS, QLocale()
        for group, chip in self._chips.items():
            look = group_look(group, action)
            if group is not Group.ALL:
                chip.setIcon(state_icon(look.kind, state_colour(self._theme.tokens, look.kind), 12))
            chip.setText(f" {look.word}  {locale.toString(counts[group])}")
            chip.setAccessibleName(self.tr("{group}: %n run(s)", "", counts[group]).format(group=look.word))
            chip.setToolTip(self.tr("Show only these runs") if group is not Group.ALL else self.tr("Show every run"))
            chip.setVisible(group in shown and (bool(counts[group]) or group in (Group.ALL, self.current)))
        if self.current not in shown:
            self._chips[Group.ALL].setChecked(True)

    def _make(self, group: Group) -> QPushButton:
        chip = QPushButton(self)
        chip.setObjectName(f"batch.group.{group}")
        chip.setCheckable(True)
        chip.setAutoDefault(False)
        set_role(chip, "chip")
        self._group.addButton(chip)
        chip.clicked.connect(lambda _checked=False: self.chosen.emit(group))
        return chip
