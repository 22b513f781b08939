"""The dialog of one repair: what it means, what it needs, exactly what will be written, why."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.dialog.message_card import MessageCard
from app.desktop.repair.plan_view import PlanView
from app.desktop.repair.words import REPAIRS, caution_text
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme
from app.desktop.shell.tick_box import TickBox
from app.desktop.shell.words import translate
from app.domain.repair import RepairAction, RepairPlan
from app.domain.run import RunRow
from app.services.reason import MIN_REASON_LENGTH, is_reason
from app.services.repair_acts import RepairArguments

_WIDTH = 640
_INPUT_HEIGHT = 96


class RepairDialog(ActionDialog):
    """Shows the plan of a repair and asks for a reason.

    ``arguments_edited`` says that a plan no longer fits what was typed; ``look_wanted`` asks for a new one.

    Args:
        theme: Colours and fonts.
        action: The repair.
        row: The run.
        parent: The window that is blocked meanwhile.
    """

    arguments_edited = Signal()
    reason_edited = Signal()
    look_wanted = Signal()

    def __init__(self, theme: Theme, action: RepairAction, row: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(theme, "repair", parent)
        self._action = action
        self.resize(_WIDTH, self.height())
        self.setMinimumWidth(480)
        texts = REPAIRS[action]
        name = row.workflow_name or self.tr("unnamed workflow")
        title = f"{translate('Repair', texts.title)}: {name}"
        self.set_heading(title, str(row.key.run_id)[:8], translate("Repair", texts.meaning))
        self.input = QPlainTextEdit()
        self.override = TickBox(theme, self.tr("Send it although it does not fit the form"))
        self.event_id = QLineEdit()
        self.look = QPushButton(self.tr("Show what will be written"))
        self._make_inputs()
        self.plan = PlanView(theme, "repair.plan")
        self.body.addWidget(self.plan)
        self.caution = MessageCard("warning-card", "repair.caution")
        self.caution.setVisible(False)
        self.body.addWidget(self.caution)
        self._make_reason()

    @property
    def arguments(self) -> RepairArguments:
        """What was typed; an event id that is none is left out."""
        text = self.input.toPlainText().strip() or None
        if self._action is RepairAction.RELEASE_HUMAN_TASK:
            return RepairArguments(response=text, override=self.override.isChecked())
        if self._action is RepairAction.DELIVER_EVENT:
            return RepairArguments(payload=text)
        return RepairArguments()

    @property
    def typed_event_id(self) -> str:
        """The id of a recorded event, as typed."""
        return self.event_id.text().strip()

    @property
    def takes_input(self) -> bool:
        """Whether the plan depends on something typed."""
        return self._action in {RepairAction.RELEASE_HUMAN_TASK, RepairAction.DELIVER_EVENT}

    def show_plan(self, plan: RepairPlan) -> None:
        """Show what will be written."""
        self.plan.show_writes(plan.writes)
        self.caution.say("\n".join(map(caution_text, plan.cautions)))
        self.caution.setVisible(bool(plan.cautions))
        self._fit_height()

    def show_no_plan(self, text: str) -> None:
        """Say why there is no plan, or that it is being made."""
        self.plan.say(text)
        self.caution.setVisible(False)
        self._fit_height()

    def show_state(self, refusal: str | None, *, sending: bool) -> None:
        """Show whether the repair can be made now, and whether it is under way."""
        if refusal is None and not is_reason(self.reason.text()):
            refusal = self.tr("Give a reason of at least %n character(s).", "", MIN_REASON_LENGTH)
        self.set_confirm(translate("Repair", REPAIRS[self._action].confirm), refusal)
        if sending != self.is_sending:
            for field in (self.reason, self.input, self.event_id):
                field.setReadOnly(sending)
            self.set_sending(self.tr("Repairing…") if sending else None)

    def show_error(self, text: str, details: str = "") -> None:
        """Show why the repair failed, with room for it."""
        super().show_error(text, details)
        self._fit_height()

    def has_edits(self) -> bool:
        """Say whether something typed would be lost."""
        return bool(self.reason.text().strip() or self.input.toPlainText().strip())

    def _make_inputs(self) -> None:
        is_release = self._action is RepairAction.RELEASE_HUMAN_TASK
        label = self.tr("Response, a JSON object") if is_release else self.tr("Payload, a JSON object")
        self.input.setObjectName("repair.input")
        self.input.setAccessibleName(label)
        self.input.setFont(self.theme.mono())
        self.input.setTabChangesFocus(True)
        self.input.setFixedHeight(_INPUT_HEIGHT)
        self.input.setPlaceholderText('{"approved": true}' if is_release else "{}")
        self.override.setObjectName("repair.override")
        self.event_id.setObjectName("repair.event_id")
        self.event_id.setAccessibleName(self.tr("Recorded event"))
        self.event_id.setPlaceholderText(self.tr("Id of an event that arrived; its payload is then sent as recorded"))
        self.event_id.setFont(self.theme.mono())
        self.look.setObjectName("repair.look")
        self.look.setAccessibleName(self.look.text())
        self.look.setAutoDefault(False)
        self.look.clicked.connect(self.look_wanted)
        self.input.textChanged.connect(self.arguments_edited)
        self.override.toggled.connect(self.arguments_edited)
        self.event_id.textChanged.connect(self.arguments_edited)
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(text_label(label, "muted"))
        column.addWidget(self.input)
        column.addWidget(self.event_id)
        line = QHBoxLayout()
        line.addWidget(self.override)
        line.addStretch(1)
        line.addWidget(self.look)
        column.addLayout(line)
        self.override.setVisible(is_release)
        self.event_id.setVisible(self._action is RepairAction.DELIVER_EVENT)
        part.setVisible(self.takes_input)
        self.body.addWidget(part)

    def _make_reason(self) -> None:
        self.reason = QLineEdit()
        self.reason.setObjectName("repair.reason")
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Recorded in the run's log and in the audit trail"))
        self.reason.setMaxLength(2_000)
        self.reason.textChanged.connect(lambda _text: self.reason_edited.emit())
        label = text_label(self.tr("Reason"), "muted")
        label.setBuddy(self.reason)
        self.body.addWidget(label)
        self.body.addWidget(self.reason)
        (self.input if self.takes_input else self.reason).setFocus()

    def _fit_height(self) -> None:
        self.plan.settle()
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))
