"""The head of a run page: which run, in what state, and what may be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.desktop.runs.diagnosed_cells import diagnosed_look
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.controls import ElidedLabel
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.pill import StatePill
from app.desktop.shell.theme import Theme, set_role
from app.domain.diagnosis.finding import Diagnosis
from app.domain.run import EffectiveState, RunRow


class RunHeader(QWidget):
    """Name, whole id with a copy button, version, state, and the buttons of the run's commands.

    Args:
        theme: Colours and fonts.
        commands: The run's commands.
        parent: The owning widget.
    """

    copied = Signal()

    def __init__(self, theme: Theme, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: RunRow | None = None
        self._diagnosis: Diagnosis | None = None
        self._name = ElidedLabel()
        set_role(self._name, "title")
        self._pill = StatePill(theme)
        self._id = QLabel()
        self._id.setFont(theme.mono())
        self._id.setObjectName("run.id")
        self._id.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._id.setMinimumWidth(120)
        set_role(self._id, "secondary")
        self._copy = QPushButton()
        self._copy.setObjectName("run.copy_id")
        set_role(self._copy, "link")
        self._copy.clicked.connect(self._copy_id)
        self._version = QLabel()
        set_role(self._version, "secondary")
        self.replay = commands.button("run.replay", self, role="primary")
        self.start_like = commands.button("run.start_like", self)
        self.cancel = commands.button("run.cancel", self)
        self.export = commands.button("run.export", self)
        self.compare = commands.button("run.compare", self)
        self.quota = commands.button("quota.resume", self)
        self.quota.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(_line(self._name, self._pill, stretch_first=True))
        layout.addLayout(_line(self._id, self._copy, self._version))
        layout.addSpacing(4)
        layout.addWidget(self._make_acts())
        self.retranslate()

    def _make_acts(self) -> QWidget:
        """Return the buttons of the run's acts; they break into a second row where the panel is narrow."""
        acts = QWidget()
        flow = FlowLayout(acts, gap=8)
        for button in (self.replay, self.start_like, self.cancel, self.export, self.compare, self.quota):
            flow.addWidget(button)
        return acts

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._copy.setText(self.tr("Copy"))
        self._copy.setAccessibleName(self.tr("Copy run id"))
        self.cancel.set_text(self.tr("Cancel…"))
        self.start_like.set_text(self.tr("Like this…"))
        self.compare.set_text(self.tr("Compare…"))
        if self._row is not None:
            self._describe(self._row)

    def show_row(self, row: RunRow, diagnosis: Diagnosis | None = None) -> None:
        """Show a run, in the state that both sides give it where they were asked."""
        self._row, self._diagnosis = row, diagnosis
        self._describe(row)

    def _describe(self, row: RunRow) -> None:
        self._name.set_text(row.workflow_name or self.tr("Unnamed workflow"))
        self._pill.set_look(diagnosed_look(row, self._diagnosis))
        self.quota.setVisible(row.state is EffectiveState.WAITING_QUOTA)
        if self._id.text() != str(row.key.run_id):
            self._id.setText(str(row.key.run_id))
        self._id.setAccessibleName(self.tr("Run id {run}").format(run=row.key.run_id))
        self._version.setText(self.tr("· v{version}").format(version=row.workflow_version))

    def _copy_id(self) -> None:
        if self._row is not None:
            QGuiApplication.clipboard().setText(str(self._row.key.run_id))
            self.copied.emit()


def _line(*widgets: QWidget, stretch_first: bool = False) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(8)
    for number, widget in enumerate(widgets):
        line.addWidget(widget, 1 if stretch_first and number == 0 else 0)
    if not stretch_first:
        line.addStretch(1)
    return line
