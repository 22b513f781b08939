"""What to do about a damaged input: repair it, take a whole ancestor's input, or send it as it is, knowingly."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.replay.draft import Draft
from app.desktop.shell.theme import Theme, set_role
from app.domain.payload_edit import EditState

MAX_PATHS_SHOWN = 5


class DamageCard(MessageCard):
    """Says which placeholders the stored input holds and offers the ways out.

    Args:
        theme: For the font of what is typed.
        parent: The owning widget.
    """

    ancestor_wanted = Signal(bool)
    """Whether the whole ancestor's input is wanted; False goes back to the run's own."""
    confirmation_typed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("trouble-card", "replay.damaged", parent)
        self._uses_ancestor = False
        self._switch = QPushButton()
        self._switch.setObjectName("replay.from_ancestor")
        self._switch.setAutoDefault(False)
        self._switch.clicked.connect(lambda: self.ancestor_wanted.emit(not self._uses_ancestor))
        self._typed_label = QLabel()
        set_role(self._typed_label, "secondary")
        self._typed = QLineEdit()
        self._typed.setObjectName("replay.send_damaged")
        self._typed.setFont(theme.mono())
        self._typed.setMaxLength(8)
        self._typed.setFixedWidth(self._typed.fontMetrics().horizontalAdvance("0" * 8) + 28)
        self._typed.setAccessibleName(self.tr("Beginning of the run's id, to send the damaged input as it is"))
        self._typed_label.setBuddy(self._typed)
        self._typed.textChanged.connect(self.confirmation_typed)
        ways = QHBoxLayout()
        ways.setSpacing(12)
        ways.addWidget(self._switch, 0, Qt.AlignmentFlag.AlignLeft)
        ways.addStretch(1)
        ways.addWidget(self._typed_label)
        ways.addWidget(self._typed)
        self.content.addLayout(ways)
        self.setVisible(False)

    def show_draft(self, draft: Draft) -> None:
        """Show what is damaged, what is left of it, and what may be done."""
        source = None if draft.form is None else draft.form.source
        damaged = source is not None and bool(source.damaged_paths)
        self._uses_ancestor = source is not None and source.input_of is not None
        self.setVisible(damaged or self._uses_ancestor)
        if source is None:
            return
        role = "info-card" if self._uses_ancestor else "trouble-card"
        if self.property("role") != role:
            set_role(self, role)
        left = draft.remaining_damage
        if self._uses_ancestor:
            self._say_ancestor(str(source.input_of)[:8], str(source.key.run_id)[:8])
        elif left:
            self._say_damage(left)
        else:
            self.say(self.tr("Damaged input: every placeholder is replaced in this replay."))
        self._show_switch(None if source.whole_ancestor is None else str(source.whole_ancestor)[:8], draft)
        for widget in (self._typed_label, self._typed):
            widget.setVisible(bool(left))
        self._typed_label.setText(self.tr("To send it damaged, type {start}").format(start=draft.beginning))
        self._typed.setEnabled(not draft.sending)

    def _say_damage(self, left: tuple[str, ...]) -> None:
        shown = ", ".join(path or "/" for path in left[:MAX_PATHS_SHOWN])
        self.say(
            self.tr("Damaged input: the stored payload itself holds %n placeholder(s).", "", len(left)),
            self.tr("Replace each with its real value before the replay: {paths}").format(paths=shown),
            "\n".join(left) if len(left) > MAX_PATHS_SHOWN else "",
        )

    def _say_ancestor(self, ancestor: str, run: str) -> None:
        self.say(
            self.tr("This is the input of run {ancestor}, which is whole.").format(ancestor=ancestor),
            self.tr("The new run is recorded as a replay of {run}, with the input of {ancestor}.").format(
                run=run, ancestor=ancestor
            ),
        )

    def _show_switch(self, ancestor: str | None, draft: Draft) -> None:
        self._switch.setVisible(ancestor is not None)
        if self._uses_ancestor:
            text = self.tr("Use this run's own input")
        else:
            text = self.tr("Use the input of run {ancestor}").format(ancestor=ancestor)
        untouched = draft.assessment is None or draft.assessment.state is EditState.PRISTINE
        self._switch.setText(text if untouched else self.tr("Drop the changes: {act}").format(act=text))
        self._switch.setAccessibleName(self._switch.text())
        self._switch.setToolTip(self.tr("Opens the payload anew; what you changed in this one is dropped."))
        self._switch.setEnabled(not draft.sending)
