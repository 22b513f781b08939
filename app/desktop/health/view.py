"""The screen of the environment check: what is wrong first, every check with evidence and remedy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.desktop.dialog.badge import Badge
from app.desktop.health.words import evidence_of, remedy_of, state_of, title_of
from app.desktop.shell.controls import separator, text_label
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import local_time
from app.domain.health.check import WORST_FIRST, CheckState, HealthCheck
from app.services.doctor import HealthReport

_SIZE = (760, 620)


class HealthDialog(QDialog):
    """Lists the checks. ``refresh_wanted`` asks for them to be made again.

    Args:
        theme: Colours and fonts.
        parent: The window in front of which it stands.
    """

    refresh_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("health.dialog")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(self.tr("Environment check"))
        self.resize(*_SIZE)
        self.setMinimumSize(480, 360)
        set_role(self, "panel")
        title = text_label(self.windowTitle(), "title")
        self.summary = text_label(self.tr("Everything is being checked…"), "muted")
        self.summary.setObjectName("health.summary")
        self.summary.setWordWrap(True)
        self.list = QScrollArea()
        self.list.setObjectName("health.checks")
        self.list.setAccessibleName(self.tr("Checks"))
        self.list.setWidgetResizable(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.refresh = self._button("health.refresh", self.tr("Check again"))
        self.refresh.clicked.connect(self.refresh_wanted)
        self.close_button = self._button("health.close", self.tr("Close"))
        self.close_button.clicked.connect(self.reject)
        footer = QHBoxLayout()
        footer.setSpacing(8)
        footer.addStretch(1)
        footer.addWidget(self.refresh)
        footer.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(10)
        for part in (title, self.summary, separator()):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addLayout(footer)

    @property
    def text(self) -> str:
        """Everything shown, as plain text."""
        shown = self.list.widget()
        labels = [] if shown is None else shown.findChildren(QLabel)
        return "\n".join(label.text() for label in labels)

    def show_checking(self) -> None:
        """Say that the checks are being made."""
        self.refresh.setEnabled(False)
        self.refresh.setToolTip(self.tr("The checks are being made"))
        self.summary.setText(self.tr("Everything is being checked…"))

    def show_report(self, report: HealthReport) -> None:
        """Show the checks, the worst first."""
        self.refresh.setEnabled(True)
        self.refresh.setToolTip("")
        self.summary.setText(self._summary_of(report))
        shown = QWidget()
        set_role(shown, "panel")
        grid = QGridLayout(shown)
        grid.setContentsMargins(0, 4, 12, 4)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(2, 1)
        ordered = sorted(report.checks, key=lambda check: WORST_FIRST.index(check.state))
        for number, check in enumerate(ordered):
            self._add(grid, number, check)
        grid.setRowStretch(len(ordered), 1)
        self.list.setWidget(shown)

    def show_problem(self, text: str) -> None:
        """Say why there is no report."""
        self.refresh.setEnabled(True)
        self.refresh.setToolTip("")
        self.summary.setText(text)

    def _add(self, grid: QGridLayout, row: int, check: HealthCheck) -> None:
        badge = Badge(self._theme)
        badge.say(*state_of(check))
        badge.setObjectName(f"health.{check.check}.state")
        title = text_label(title_of(check), "strong" if check.state is not CheckState.OK else "")
        evidence = _wrapped(evidence_of(check))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(evidence)
        remedy = remedy_of(check)
        if remedy and check.state is not CheckState.UNKNOWN:
            advice = _wrapped(remedy)
            set_role(advice, "muted")
            words.addWidget(advice)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(badge, row, 0, top)
        grid.addWidget(title, row, 1, top)
        grid.addLayout(words, row, 2)

    def _summary_of(self, report: HealthReport) -> str:
        count = {state: sum(check.state is state for check in report.checks) for state in CheckState}
        parts = []
        if count[CheckState.PROBLEM]:
            parts.append(self.tr("%n problem(s)", "", count[CheckState.PROBLEM]))
        if count[CheckState.WARNING]:
            parts.append(self.tr("%n warning(s)", "", count[CheckState.WARNING]))
        if count[CheckState.UNKNOWN]:
            parts.append(self.tr("%n not checked", "", count[CheckState.UNKNOWN]))
        said = ", ".join(parts) or self.tr("Nothing is wrong")
        return self.tr("{said}, checked {time}").format(said=said, time=local_time(report.checked_at))

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        return button


def _wrapped(text: str) -> QLabel:
    label = text_label(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
