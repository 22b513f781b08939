"""The dialog that describes a batch before it is planned: what it is called, why, and what changes in every input."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.desktop.batch.patch_editor import PatchEditor
from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme
from app.domain.batch import BatchAction, BatchOrder
from app.services.reason import MIN_REASON_LENGTH, is_reason

_WIDTH = 640


class ComposeDialog(ActionDialog):
    """Nothing is sent from here: confirming makes the plan. ``stop_wanted`` asks to give up a plan that is being made.

    Args:
        theme: Colours and fonts.
        action: What is to be done to each run.
        runs: How many runs are meant, None while unknown.
        parent: The window that is blocked meanwhile.
    """

    edited = Signal()
    stop_wanted = Signal()

    def __init__(self, theme: Theme, action: BatchAction, runs: int | None, parent: QWidget | None = None) -> None:
        super().__init__(theme, "compose", parent)
        self._action = action
        self._runs = runs
        self.resize(_WIDTH, self.height())
        self.setMinimumWidth(480)
        self.set_heading(self._act(), "", self.tr("Every run is judged first. Nothing is sent yet."))
        self.name = self._field("compose.name", self.tr("Name"), self.tr("The incident, for example: gateway outage"))
        self.reason = self._field(
            "compose.reason", self.tr("Reason"), self.tr("Recorded in every run's log and in the audit trail")
        )
        self.patch = PatchEditor(theme)
        self.patch.edited.connect(self._patch_edited)
        if action is BatchAction.REPLAY:
            self.body.addWidget(text_label(self.tr("Inputs"), "muted"))
            self.body.addWidget(self.patch)
        self.progress = QProgressBar()
        self.progress.setObjectName("compose.progress")
        self.progress.setAccessibleName(self.tr("The plan is being made"))
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1 if theme.reduced_motion else 0)
        self.progress.hide()
        self.body.addWidget(self.progress)
        self.body.addStretch(1)
        self.name.setFocus()

    def show_order(self, order: BatchOrder) -> None:
        """Begin with what an earlier plan said."""
        self.name.setText(order.name)
        self.reason.setText(order.reason)
        self.patch.show_patch(order.patch)

    def has_edits(self) -> bool:
        """Say whether anything was typed."""
        typed = self.name.text().strip() or self.reason.text().strip()
        return bool(typed) or not self.patch.is_empty

    def show_state(self, refusal: str | None) -> None:
        """Show why no plan can be made yet, or that it can."""
        if refusal is None and not self.name.text().strip():
            refusal = self.tr("Give the batch a name.")
        if refusal is None and not is_reason(self.reason.text()):
            refusal = self.tr("Give a reason of at least %n character(s).", "", MIN_REASON_LENGTH)
        if refusal is None and self._action is BatchAction.REPLAY:
            refusal = self.patch.refusal
        self.set_confirm(self.tr("Make the plan"), refusal, self.tr("You see the plan before anything is sent."))

    def set_planning(self, planning: bool) -> None:
        """Show that the plan is being made; the close button then gives it up."""
        self.set_sending(self.tr("Planning…") if planning else None)
        for field in (self.name, self.reason):
            field.setReadOnly(planning)
        self.patch.set_read_only(planning)
        self.progress.setVisible(planning)
        self.close_button.setText(self.tr("Stop planning") if planning else self.tr("Close"))
        self.close_button.setAccessibleName(self.close_button.text())
        self.close_button.setEnabled(True)
        if planning:
            self.hint.setText(self._judging())

    def reject(self) -> None:
        """Give up the plan that is being made; otherwise close."""
        if self.is_sending:
            self.stop_wanted.emit()
        else:
            super().reject()

    def _act(self) -> str:
        if self._runs is None:
            return self.tr("Replay runs") if self._action is BatchAction.REPLAY else self.tr("Cancel runs")
        if self._action is BatchAction.REPLAY:
            return self.tr("Replay %Ln run(s)", "", self._runs)
        return self.tr("Cancel %Ln run(s)", "", self._runs)

    def _judging(self) -> str:
        if self._runs is None:
            return self.tr("Judging every run…")
        return self.tr("Judging {number} runs…").format(number=QLocale().toString(self._runs))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height that wrapped texts need, which is not known before."""
        super().showEvent(event)
        self._make_room()

    def _patch_edited(self) -> None:
        self.edited.emit()
        if self.isVisible():
            self._make_room()

    def _make_room(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _field(self, name: str, spoken: str, example: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setAccessibleName(spoken)
        field.setPlaceholderText(example)
        field.setMaxLength(2_000)
        field.textChanged.connect(lambda _text: self.edited.emit())
        label = text_label(spoken, "muted")
        label.setBuddy(field)
        rows = QVBoxLayout()
        rows.setSpacing(4)
        rows.addWidget(label)
        rows.addWidget(field)
        self.body.addLayout(rows)
        return field
