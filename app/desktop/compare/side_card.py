"""One of the two runs above the comparison: which it is, how it ended, when and how long it took."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desktop.shell.controls import ElidedLabel, text_label
from app.desktop.shell.pill import StatePill
from app.desktop.shell.state_look import run_look
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import exact_utc, local_time, took_text
from app.domain.run import RunInspection, RunKey


class SideCard(QFrame):
    """A run in four lines. ``run_wanted`` carries its key.

    Args:
        theme: Colours and fonts.
        name: Beginning of the object names.
        parent: The owning widget.
    """

    run_wanted = Signal(object)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.setObjectName(name)
        self._key: RunKey | None = None
        self._heading = text_label("", "heading")
        self._name = ElidedLabel()
        set_role(self._name, "strong")
        self._pill = StatePill(theme)
        self._open = QPushButton()
        self._open.setObjectName(f"{name}.open")
        self._open.setAccessibleName(self.tr("Open the run"))
        self._open.setFont(theme.mono())
        set_role(self._open, "link")
        self._open.clicked.connect(self._wanted)
        self._when = text_label("", "secondary")
        top = QHBoxLayout()
        top.addWidget(self._name, 1)
        top.addWidget(self._pill)
        bottom = QHBoxLayout()
        bottom.addWidget(self._open)
        bottom.addWidget(self._when, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addWidget(self._heading)
        layout.addLayout(top)
        layout.addLayout(bottom)

    def show_run(self, heading: str, read: RunInspection) -> None:
        """Show a run under a heading."""
        row = read.run.row
        self._key = row.key
        self._heading.setText(heading)
        name = row.workflow_name or self.tr("Unnamed workflow")
        self._name.set_text(self.tr("{workflow} v{version}").format(workflow=name, version=row.workflow_version))
        self._pill.set_look(run_look(row))
        self._open.setText(str(row.key.run_id)[:8])
        self._open.setToolTip(self.tr("Open run {run}").format(run=row.key.run_id))
        self._open.setAccessibleName(self._open.toolTip())
        taken = ((row.completed_at or read.read_at) - row.started_at).total_seconds()
        self._when.setText(f"· {local_time(row.started_at)} · {took_text(1000 * taken)}")
        self._when.setToolTip(exact_utc(row.started_at))

    def _wanted(self) -> None:
        if self._key is not None:
            self.run_wanted.emit(self._key)
