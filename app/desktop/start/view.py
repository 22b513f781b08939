"""The start dialog: which published workflow, with which payload."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.dialog.badge import Badge, Tone
from app.desktop.json_view.editor import JsonEditor
from app.desktop.shell.controls import Picker, text_label
from app.desktop.shell.error_text import json_fault_text
from app.desktop.shell.theme import Theme
from app.desktop.start.draft import Blocker, StartDraft, refusal_of
from app.domain.run_query import WorkflowChoice


class StartDialog(ActionDialog):
    """Shows a :class:`~app.desktop.start.draft.StartDraft` and says what the operator does.

    Workflows that cannot be started are listed with the reason, and cannot be chosen.

    Args:
        theme: Colours and fonts.
        parent: The window that is blocked meanwhile.
    """

    workflow_chosen = Signal(object)
    payload_edited = Signal()
    load_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "start", parent)
        self._touched = False
        self.resize(680, 560)
        self.setMinimumSize(480, 420)
        self.set_heading(
            self.tr("Run a workflow"),
            "",
            self.tr("Starts a new run of the newest published version, through the same limits as any other start."),
        )
        self.badge = Badge(theme)
        self.badge.setObjectName("start.state")
        self.heading.addWidget(self.badge)
        self.workflow = Picker(theme)
        self.workflow.setObjectName("start.workflow")
        self.workflow.setAccessibleName(self.tr("Workflow"))
        self.workflow.setMaxVisibleItems(16)
        self.workflow.currentIndexChanged.connect(self._workflow_changed)
        self._load_again = QPushButton(self.tr("Load again"))
        self._load_again.setObjectName("start.load")
        self._load_again.setAccessibleName(self._load_again.text())
        self._load_again.setAutoDefault(False)
        self._load_again.setVisible(False)
        self._load_again.clicked.connect(self.load_requested)
        self._description = text_label("", "muted")
        self._description.setWordWrap(True)
        self.payload = JsonEditor(theme, self.tr("placeholder"))
        self.payload.setObjectName("start.payload")
        self.payload.setAccessibleName(self.tr("Payload"))
        self.payload.load("{}")
        self.payload.textChanged.connect(self.payload_edited)
        workflow_label = text_label(self.tr("Workflow"), "muted")
        workflow_label.setBuddy(self.workflow)
        payload_label = text_label(self.tr("Payload"), "muted")
        payload_label.setBuddy(self.payload)
        choice = QHBoxLayout()
        choice.addWidget(self.workflow, 1)
        choice.addWidget(self._load_again)
        self.body.addLayout(_stack(workflow_label, choice, self._description))
        area = QVBoxLayout()
        area.setSpacing(4)
        area.addWidget(payload_label)
        area.addWidget(self.payload, 1)
        self.body.addLayout(area, 1)
        self.workflow.setFocus()

    def show_loading(self) -> None:
        """Say that the workflows are being read."""
        self._load_again.setVisible(False)
        self.workflow.setPlaceholderText(self.tr("Reading the workflows…"))
        self.clear_error()

    def show_load_problem(self, text: str, details: str) -> None:
        """Say why the workflows could not be read and offer to read them again."""
        self.workflow.setPlaceholderText(self.tr("The workflows are not here."))
        self._load_again.setVisible(True)
        self.show_error(text, details)

    def show_workflows(self, choices: tuple[WorkflowChoice, ...], chosen: UUID | None) -> None:
        """List the workflows, those that cannot be started last and with the reason."""
        model = QStandardItemModel(self.workflow)
        for choice in sorted(choices, key=lambda choice: (refusal_of(choice) is not None, choice.name.casefold())):
            model.appendRow(self._item(choice))
        self.workflow.blockSignals(True)
        self.workflow.setModel(model)
        self.workflow.setPlaceholderText(
            self.tr("Choose a workflow") if choices else self.tr("This tenant has no workflows.")
        )
        self.workflow.setCurrentIndex(-1 if chosen is None else self.workflow.findData(chosen))
        self.workflow.blockSignals(False)
        self._workflow_changed()

    def has_edits(self) -> bool:
        """Say whether a payload was typed."""
        return self._touched

    def show_draft(self, draft: StartDraft) -> None:
        """Show everything that follows from the draft."""
        self._touched = draft.touched
        choice = draft.choice
        self._description.setText((choice.description or "") if choice is not None else "")
        self._description.setVisible(bool(self._description.text()))
        self._show_badge(draft)
        self.payload.mark_line(None if draft.problem is None else draft.problem.line)
        blocker = draft.blocker()
        refusal = None if blocker in {None, Blocker.SENDING} else self._blocker_text(blocker, draft)
        label = self.tr("Run workflow") if choice is None else self.tr("Run {workflow}").format(workflow=choice.name)
        self.set_confirm(label, refusal, self.tr("You land on the new run as soon as it is recorded."))
        if draft.sending != self.is_sending:
            self.payload.setReadOnly(draft.sending)
            self.workflow.setEnabled(not draft.sending)
            self.set_sending(self.tr("Starting…") if draft.sending else None)

    def _item(self, choice: WorkflowChoice) -> QStandardItem:
        refusal = refusal_of(choice)
        if refusal is None:
            item = QStandardItem(
                self.tr("{workflow} · v{version}").format(workflow=choice.name, version=choice.published_version)
            )
        else:
            item = QStandardItem(f"{choice.name} · {self._blocker_text(refusal, None)}")
            item.setEnabled(False)
        item.setData(choice.workflow_id, Qt.ItemDataRole.UserRole)
        item.setToolTip(choice.description or "")
        return item

    def _workflow_changed(self) -> None:
        self.workflow_chosen.emit(self.workflow.currentData())

    def _show_badge(self, draft: StartDraft) -> None:
        problem = draft.problem
        if problem is None:
            self.badge.say(self.tr("Empty payload") if draft.empty else self.tr("Valid JSON"), Tone.QUIET)
        elif problem.line is not None:
            self.badge.say(
                self.tr("Invalid JSON at line {line}, column {column}").format(
                    line=problem.line, column=problem.column or 1
                ),
                Tone.TROUBLE,
            )
        else:
            self.badge.say(self.tr("Refused"), Tone.TROUBLE)

    def _blocker_text(self, blocker: Blocker | None, draft: StartDraft | None) -> str:
        problem = None if draft is None else draft.problem
        return {
            Blocker.NOT_PERMITTED: (draft.refusal if draft is not None else None) or "",
            Blocker.LOADING: self.tr("The workflows are not loaded yet."),
            Blocker.WORKFLOW: self.tr("Choose a workflow."),
            Blocker.UNPUBLISHED: self.tr("not published"),
            Blocker.PAUSED: self.tr("paused"),
            Blocker.PAYLOAD: self.tr("The payload cannot be sent yet.")
            if problem is None
            else json_fault_text(problem.message),
        }.get(blocker or Blocker.LOADING, "")


def _stack(*parts: QWidget | QHBoxLayout) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(4)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)
    return layout
