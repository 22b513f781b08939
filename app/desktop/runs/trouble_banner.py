"""The banner that cannot be overlooked: how many runs are in trouble, by cause, since when, and a way to them."""

from __future__ import annotations

import time
from datetime import datetime

from PySide6.QtCore import QEvent, QLocale, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.runs.filter_state import FilterState, TroubleScope
from app.desktop.shell.cause_text import cause_badge, diagnosis_advice, diagnosis_title
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import text_label
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.icons import paint_state_icon
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import StateKind
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import age_text
from app.desktop.shell.tokens import SPACE
from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.troubles import TroubleGroup, Troubles

_ICON_PX = 16


class TroubleBanner(QFrame):
    """Shows while runs are in trouble, or while nobody can tell whether they are.

    ``scope_chosen`` carries the :class:`TroubleScope` to list, or None to list everything again.
    """

    scope_chosen = Signal(object)

    def __init__(self, theme: Theme, commands: CommandBook, state: FilterState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._troubles = Troubles()
        self._groups: tuple[TroubleGroup, ...] = ()
        self._received = 0.0
        self._chips: dict[Cause | None, QPushButton] = {}
        self.setObjectName("trouble.banner")
        set_role(self, "warning-card")
        self._number = text_label("", "strong")
        self._oldest = text_label("")
        self._meaning = text_label("", "muted")
        self._meaning.setWordWrap(True)
        self._unverified = text_label("", "muted")
        self._unverified.setWordWrap(True)
        self._unverified.setObjectName("trouble.banner.unverified")
        self.acknowledge_button = commands.button("troubles.acknowledge", self, role="small-flat")
        self.show_button = commands.button("stuck.show", self, role="small")
        self._causes = QWidget(self)
        self._flow = FlowLayout(self._causes, SPACE)
        self._lay_out(theme)
        state.changed.connect(self._mark_chips)
        self.hide()

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setSpacing(2 * SPACE)
        head.addWidget(_Triangle(theme, self))
        head.addWidget(self._number)
        head.addWidget(self._oldest)
        head.addStretch(1)
        head.addWidget(self.acknowledge_button)
        head.addWidget(self.show_button)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        lines.setSpacing(SPACE)
        lines.addLayout(head)
        for part in (self._causes, self._meaning, self._unverified):
            lines.addWidget(part)

    @property
    def number(self) -> int:
        """How many runs are in trouble."""
        return sum(group.number for group in self._groups)

    def chip(self, cause: Cause | None) -> QPushButton:
        """Return the chip of a cause that is shown."""
        return self._chips[cause]

    def show_troubles(self, troubles: Troubles, groups: tuple[TroubleGroup, ...]) -> None:
        """Show newer facts; ``groups`` are those to be seen, which may hold acknowledged ones."""
        self._troubles, self._groups = troubles, groups
        self._received = time.monotonic()
        self._make_chips()
        self.retranslate()
        self.setVisible(bool(groups) or self._unverified_runs() > 0)

    def tick(self) -> None:
        """Let the age grow on the screen."""
        if self._groups:
            self._show_age()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.show_button.set_text(self.tr("Show"))
        self.acknowledge_button.set_text(self.tr("Acknowledge"))
        unverified = self._unverified_runs()
        self._number.setText(
            self.tr("%n runs are in trouble", "", self.number)
            if self._groups
            else self.tr("Not everything is verified")
        )
        self._meaning.setText(self._worst())
        self._meaning.setVisible(bool(self._meaning.text()))
        self._unverified.setText(
            self.tr("%n further runs cannot be verified: Temporal does not answer for them.", "", unverified)
            if unverified
            else ""
        )
        self._unverified.setToolTip("\n".join(self._troubles.degraded))
        self._unverified.setVisible(unverified > 0)
        for button in (self.acknowledge_button, self.show_button, self._causes):
            button.setVisible(bool(self._groups))
        self._name_chips()
        self._show_age()
        said = (self._meaning.text(), self._unverified.text())
        self.setAccessibleDescription(" ".join(text for text in said if text))

    def _unverified_runs(self) -> int:
        """Return how many runs nobody can judge, those without a step aside, which have a chip of their own."""
        if not self._troubles.degraded:
            return 0
        listed = {key for group in self._groups for key in group.runs}
        return sum(
            each.cause is Cause.CANNOT_VERIFY and key not in listed for key, each in self._troubles.diagnoses.items()
        )

    def _worst(self) -> str:
        """Return what the worst cause means and what to do, said of its oldest run; named if others differ."""
        if not self._groups:
            return ""
        worst = self._groups[0]
        known = None if not worst.runs else self._troubles.diagnoses.get(worst.runs[0])
        if worst.cause is None or known is None or known.cause is not worst.cause:
            return self.tr("No step has begun for longer than it should take. Rundesk is finding out why.")
        said = f"{diagnosis_title(known)} {diagnosis_advice(known)}"
        found = [self._troubles.diagnoses.get(run, known) for run in worst.runs]
        holds_for_all = all((each.kind, each.params) == (known.kind, known.params) for each in found)
        return said if holds_for_all else f"{str(known.key.run_id)[:8]}: {said}"

    def _show_age(self) -> None:
        oldest = min((group.since for group in self._groups if group.since is not None), default=None)
        if oldest is None:
            self._oldest.setText("")
        else:
            since = self.tr("for {age}") if self.number == 1 else self.tr("the oldest for {age}")
            self._oldest.setText(since.format(age=age_text(self._age(oldest))))
        self.setAccessibleName(", ".join(part for part in (self._number.text(), self._oldest.text()) if part))

    def _age(self, since: datetime) -> float:
        """Return an age by the database's clock, grown by the time since it was read."""
        read_at = self._troubles.read_at or since
        return (read_at - since).total_seconds() + time.monotonic() - self._received

    def _make_chips(self) -> None:
        """Have one chip for each cause, in the order of the groups."""
        wanted = [group.cause for group in self._groups]
        if wanted != list(self._chips):
            for chip in self._chips.values():
                chip.deleteLater()
            while self._flow.takeAt(0) is not None:
                pass
            self._chips = {cause: self._make(cause) for cause in wanted}
        self._mark_chips()

    def _make(self, cause: Cause | None) -> QPushButton:
        chip = QPushButton(self._causes)
        chip.setObjectName(f"troubles.cause.{cause or 'unknown'}")
        chip.setCheckable(True)
        chip.setAutoDefault(False)
        chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_role(chip, "cause-chip")
        chip.clicked.connect(lambda _checked=False: self._choose(cause))
        self._flow.addWidget(chip)
        chip.show()
        return chip

    def _choose(self, cause: Cause | None) -> None:
        chosen = TroubleScope(cause)
        self.scope_chosen.emit(None if self._state.scope == chosen else chosen)
        self._mark_chips()

    def _mark_chips(self) -> None:
        for cause, chip in self._chips.items():
            chip.setChecked(self._state.scope == TroubleScope(cause))

    def _name_chips(self) -> None:
        for group in self._groups:
            chip, badge = self._chips[group.cause], cause_badge(group.cause)
            chip.setText(f"{badge}  {QLocale().toString(group.number)}")
            chip.setAccessibleName(self.tr("{cause}: %n runs", "", group.number).format(cause=badge))
            unproved = "" if group.severity is Severity.TROUBLE else "\n" + self.tr("This is not proved.")
            chip.setToolTip(self.tr("List the runs of this cause: {cause}").format(cause=badge) + unproved)


class _Triangle(QWidget):
    """The warning sign."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(QSize(_ICON_PX, _ICON_PX))
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sign."""
        painter = QPainter(self)
        paint_state_icon(painter, QRectF(self.rect()), StateKind.STUCK, self._theme.tokens.waiting)
        painter.end()
