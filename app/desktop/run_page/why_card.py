"""Why a run does not go on: what holds it up, the facts that prove it, and what may be done."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.desktop.run_page.why_words import diagnosis_as_text, fact_text, fault_text, verdict_text
from app.desktop.runs.diagnosed_cells import badge_look
from app.desktop.shell.cause_text import diagnosis_advice, diagnosis_title
from app.desktop.shell.commands import CommandBook, CommandButton
from app.desktop.shell.controls import text_label
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.pill import StatePill
from app.desktop.shell.state_look import StateKind, StateLook
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import age_text, exact_utc
from app.desktop.shell.tokens import SPACE
from app.domain.diagnosis.codes import Act, Severity
from app.domain.diagnosis.finding import Diagnosis, Evidence
from app.domain.diagnosis.troubles import Troubles
from app.domain.run import RunRow

TICK_MS = 5_000
"""How often the written age grows."""
FACTS_SHOWN = 2
"""Facts that are seen without unfolding."""
COPY = "run.copy_diagnosis"


class WhyCard(QFrame):
    """Shown for a run that is in trouble or worth a look, or in which a known fault of the engine was proved.

    That a run has begun no step is the database's judgement and is said at once; what holds it up follows when both
    sides were asked.
    """

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run.why")
        set_role(self, "warning-card")
        self._commands = commands
        self._row: RunRow | None = None
        self._diagnosis: Diagnosis | None = None
        self._others = 0
        self._read_at = 0.0
        self._badge = StatePill(theme, self)
        self._badge.setObjectName("run.why.cause")
        self._title = _words("run.why.title", "strong")
        self._advice = _words("run.why.advice")
        self._verdict = _words("run.why.verdict", "secondary")
        self._faults = _words("run.why.faults")
        self._others_label = text_label("", "secondary")
        self.show_button = commands.button("stuck.show", self, role="link", name="run.why.others")
        self.copy_button = commands.button(COPY, self, role="small-flat")
        self._more = QPushButton(self)
        self._more.setObjectName("run.why.more")
        self._more.setCheckable(True)
        self._more.setAutoDefault(False)
        self._more.setAccessibleName(self.tr("Show every fact"))
        set_role(self._more, "link")
        self._more.toggled.connect(lambda _on: self._render())
        self._facts = QVBoxLayout()
        self._labels: list[QLabel] = []
        self._acts = QWidget(self)
        self._flow = FlowLayout(self._acts, SPACE)
        self._offered: tuple[Act, ...] = ()
        self._lay_out()
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._render)
        commands.bind(COPY, self._copy)
        self._render()

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What is known of the run, None while it is found out."""
        return self._diagnosis

    def show_row(self, row: RunRow) -> None:
        """Take the newest reading of the run; another run's diagnosis is forgotten."""
        if self._row is not None and row.key != self._row.key:
            self._diagnosis = None
        self._row = row
        self._read_at = time.monotonic()
        self._render()

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Take the newest diagnosis of the run that is shown; others are ignored."""
        if self._row is not None and diagnosis.key == self._row.key:
            self._diagnosis = diagnosis
            self._render()

    def show_others(self, troubles: Troubles) -> None:
        """Take how many runs of the tenant are in trouble."""
        self._others = troubles.number
        self._render()

    def clear(self) -> None:
        """Show nothing."""
        self._row = self._diagnosis = None
        self._render()

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._render()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2 * SPACE)
        head.addWidget(self._badge)
        head.addStretch(1)
        head.addWidget(self.copy_button)
        foot = QHBoxLayout()
        foot.setSpacing(2 * SPACE)
        foot.addWidget(self._others_label)
        foot.addWidget(self.show_button)
        foot.addStretch(1)
        foot.addWidget(self._more)
        self._facts.setSpacing(2)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        lines.setSpacing(SPACE)
        lines.addLayout(head)
        for part in (self._title, self._advice, self._acts, self._verdict):
            lines.addWidget(part)
        lines.addLayout(self._facts)
        lines.addWidget(self._faults)
        lines.addLayout(foot)

    def _render(self) -> None:
        row, diagnosis = self._row, self.fitting
        told = diagnosis is not None and not diagnosis.young and _is_remarkable(diagnosis)
        self.setVisible(row is not None and (row.stuck or told))
        self._allow_copy()
        if row is None or self.isHidden():
            self._tick.stop()
            return
        if diagnosis is not None and told:
            self._tick.stop()
            self._show_found(row, diagnosis)
        else:
            self._tick.start()
            self._show_stuck(row)
        self._show_others(row)
        self.setAccessibleName(self._title.text())
        self.setAccessibleDescription(self._advice.text())

    @property
    def fitting(self) -> Diagnosis | None:
        """The diagnosis, unless the run has moved on since it was made."""
        row, known = self._row, self._diagnosis
        if row is None or known is None or known.status != row.status:
            return None
        return None if known.unstarted_since is not None and row.has_steps else known

    def _show_stuck(self, row: RunRow) -> None:
        age = row.age_seconds + time.monotonic() - self._read_at
        set_role(self, "warning-card")
        self._badge.set_look(StateLook(StateKind.STUCK, self.tr("Stuck")))
        _say(self._title, self.tr("This run has begun no step for {age}.").format(age=age_text(age)))
        _say(self._advice, self.tr("It was started, but no worker has begun its first step. Finding out why…"))
        for label in (self._verdict, self._faults):
            _say(label, "")
        self._offer(())
        self._show_facts(row, ())
        self._more.hide()

    def _show_found(self, row: RunRow, diagnosis: Diagnosis) -> None:
        trouble = diagnosis.severity is Severity.TROUBLE
        set_role(self, "warning-card" if trouble else "info-card")
        badge = badge_look(diagnosis)
        self._badge.set_look(badge or StateLook(StateKind.UNKNOWN, self.tr("Known fault")))
        _say(self._title, diagnosis_title(diagnosis) if diagnosis.severity is not Severity.OK else "")
        _say(self._advice, diagnosis_advice(diagnosis))
        _say(self._verdict, verdict_text(diagnosis))
        whole = self._more.isChecked()
        _say(self._faults, "\n".join(fault_text(known, whole=whole) for known in diagnosis.known_faults))
        self._offer(tuple(act for act in diagnosis.actions if act is not Act.START_WORKER))
        self._show_facts(row, diagnosis.evidence)
        self._more.setVisible(len(diagnosis.evidence) > FACTS_SHOWN or bool(diagnosis.known_faults))
        self._more.setText(self.tr("Less") if whole else self.tr("Details"))
        self._more.setAccessibleName(self.tr("Show less") if whole else self.tr("Show every fact"))

    def _offer(self, acts: tuple[Act, ...]) -> None:
        """Have one button for each act; they follow their commands, so that a disabled one says why."""
        if acts != self._offered:
            self._offered = acts
            for old in self._acts.findChildren(CommandButton):
                old.setParent(None)
                old.deleteLater()
            while self._flow.takeAt(0) is not None:
                pass
            for act in acts:
                button = self._commands.button(str(act), self._acts, role="small", name=f"run.why.{act}")
                self._flow.addWidget(button)
                button.show()
        self._acts.setVisible(bool(acts))

    def _show_facts(self, row: RunRow, facts: tuple[Evidence, ...]) -> None:
        shown = facts if self._more.isChecked() else facts[:FACTS_SHOWN]
        while len(self._labels) > len(shown):
            old = self._labels.pop()
            self._facts.removeWidget(old)
            old.setParent(None)
            old.deleteLater()
        while len(self._labels) < len(shown):
            self._labels.append(_words(f"run.why.fact.{len(self._labels)}", "secondary"))
            self._facts.addWidget(self._labels[-1])
        for label, fact in zip(self._labels, shown, strict=True):
            _say(label, fact_text(fact, row.updated_at))
            label.setToolTip("" if fact.at is None else exact_utc(fact.at))

    def _show_others(self, row: RunRow) -> None:
        diagnosis = self.fitting
        in_trouble = row.stuck or (diagnosis is not None and diagnosis.severity is Severity.TROUBLE)
        several = in_trouble and self._others > 1
        self._others_label.setText(self.tr("%n runs are in trouble.", "", self._others) if several else "")
        self.show_button.set_text(self.tr("Show them"))
        self._others_label.setVisible(several)
        self.show_button.setVisible(several)
        self.copy_button.set_text(self.tr("Copy"))

    def _allow_copy(self) -> None:
        reason = None if self._diagnosis is not None else self.tr("The run was not diagnosed yet.")
        self._commands.set_allowed(COPY, reason)

    def _copy(self) -> None:
        if self._diagnosis is not None:
            QGuiApplication.clipboard().setText(diagnosis_as_text(self._diagnosis))


def _is_remarkable(diagnosis: Diagnosis) -> bool:
    return diagnosis.severity is not Severity.OK or bool(diagnosis.known_faults)


def _words(name: str, role: str = "") -> QLabel:
    label = text_label("", role)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _say(label: QLabel, text: str) -> None:
    """Show a text, or hide the label; an unchanged one keeps what is selected in it."""
    if text != label.text():
        label.setText(text)
    label.setVisible(bool(text))
