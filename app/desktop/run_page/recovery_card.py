"""Says at the head of a run that failed that a replay has done its work since, and leads there."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.shell.theme import set_role
from app.domain.replay_chain import ReplayChain


class RecoveryCard(MessageCard):
    """Shown only when a replay has truly succeeded after the run shown had not; names that replay."""

    run_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("info-card", "run.recovered", parent)
        self._run_id: UUID | None = None
        self._open = QPushButton()
        self._open.setObjectName("run.recovered.open")
        self._open.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_role(self._open, "link")
        self._open.clicked.connect(lambda: self.run_requested.emit(self._run_id))
        self.links.insertWidget(0, self._open, 0, Qt.AlignmentFlag.AlignRight)
        self.show_chain(None)

    def show_chain(self, chain: ReplayChain | None) -> None:
        """Show the recovery of the run asked for, or nothing."""
        own = None if chain is None else chain.own
        recovered = None if chain is None or own is None or own.has_succeeded else chain.recovered_by
        self._run_id = recovered
        self.setVisible(recovered is not None)
        if recovered is not None:
            self.say(self.tr("Recovered: replay {run} succeeded.").format(run=str(recovered)[:8]))
        self._open.setText(self.tr("Open the replay"))
        self._open.setAccessibleName(self._open.text())
