"""The start dialog: which published workflow, in which version, with which payload."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.dialog.badge import Badge, Tone
from app.desktop.dialog.message_card import MessageCard
from app.desktop.shell.controls import Picker, text_label
from app.desktop.shell.error_text import json_fault_text
from app.desktop.shell.theme import Theme, set_role
from app.desktop.start.draft import Blocker, StartDraft, refusal_of
from app.desktop.start.payload_panel import PayloadPanel
from app.domain.payload_change import ChippedText
from app.domain.payload_schema import SchemaState
from app.domain.run_query import WorkflowChoice

LONGEST_NAME = 28
"""A longer name of a workflow would leave the footer no room to say what is in the way."""


class StartDialog(ActionDialog):
    """Shows a :class:`~app.desktop.start.draft.StartDraft` and says what the operator does.

    Workflows that cannot be started are listed with the reason, and cannot be chosen.

    Args:
        theme: Colours and fonts.
        parent: The window that is blocked meanwhile.
    """

    workflow_chosen = Signal(object)
    version_chosen = Signal(object)
    payload_edited = Signal()
    load_requested = Signal()
    newest_wanted = Signal()
    example_wanted = Signal()
    empty_wanted = Signal()
    draft_discarded = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "start", parent)
        self._loses_typing = False
        self.resize(760, 660)
        self.setMinimumSize(520, 460)
        self.set_heading(
            self.tr("Run a workflow"),
            "",
            self.tr("Starts a new run of a published version, through the same limits as any other start."),
        )
        self.badge = Badge(theme)
        self.badge.setObjectName("start.state")
        self.heading.addWidget(self.badge)
        self.body.addLayout(self._make_choice(theme))
        self.draft_card, self.discard_draft = self._card("start.draft", self.tr("Discard draft"))
        self.discard_draft.clicked.connect(self.draft_discarded)
        self.source_card, self.drop_source = self._card("start.source", self.tr("Use an empty payload"))
        self.drop_source.clicked.connect(self.empty_wanted)
        self.panel = PayloadPanel(theme)
        self.panel.edited.connect(self.payload_edited)
        self.payload = self.panel.json
        self._make_links()
        self.body.addWidget(self.panel, 1)
        self.workflow.setFocus()

    def _make_choice(self, theme: Theme) -> QVBoxLayout:
        self.workflow = self._picker(theme, "start.workflow", self.tr("Workflow"))
        self.workflow.currentIndexChanged.connect(self._workflow_changed)
        self.version = self._picker(theme, "start.version", self.tr("Version"))
        self.version.setMinimumWidth(120)
        self.version.setVisible(False)
        self.version.activated.connect(lambda _row: self.version_chosen.emit(self.version.currentData()))
        self._load_again = QPushButton(self.tr("Load again"))
        self._load_again.setObjectName("start.load")
        self._load_again.setAccessibleName(self._load_again.text())
        self._load_again.setAutoDefault(False)
        self._load_again.setVisible(False)
        self._load_again.clicked.connect(self.load_requested)
        self._description = text_label("", "muted")
        self._description.setWordWrap(True)
        label = text_label(self.tr("Workflow"), "muted")
        label.setBuddy(self.workflow)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.workflow, 1)
        line.addWidget(self.version)
        line.addWidget(self._load_again)
        choice = QVBoxLayout()
        choice.setSpacing(4)
        choice.addWidget(label)
        choice.addLayout(line)
        choice.addWidget(self._description)
        return choice

    def _picker(self, theme: Theme, name: str, accessible_name: str) -> Picker:
        picker = Picker(theme)
        picker.setObjectName(name)
        picker.setAccessibleName(accessible_name)
        picker.setMaxVisibleItems(16)
        return picker

    def _card(self, name: str, link_text: str) -> tuple[MessageCard, QPushButton]:
        card = MessageCard("info-card", name)
        link = self._link(f"{name}.drop", link_text)
        card.links.insertWidget(0, link, 0, Qt.AlignmentFlag.AlignRight)
        card.setVisible(False)
        self.body.addWidget(card)
        return card, link

    def _make_links(self) -> None:
        self.newest = self._link("start.newest", self.tr("Latest run's payload"))
        self.newest.setToolTip(self.tr("Begin with the input of this workflow's newest run, masked values included"))
        self.newest.clicked.connect(self.newest_wanted)
        self.example = self._link("start.example", self.tr("Example"))
        self.example.setToolTip(self.tr("Begin with the example that the payload's schema gives"))
        self.example.clicked.connect(self.example_wanted)
        for link in (self.newest, self.example):
            link.setVisible(False)
            self.panel.links.addWidget(link)

    def _link(self, name: str, text: str) -> QPushButton:
        link = QPushButton(text)
        link.setObjectName(name)
        link.setAccessibleName(text)
        link.setAutoDefault(False)
        set_role(link, "link")
        return link

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
        # Qt's own search compares Python values by identity.
        listed = [self.workflow.itemData(row) for row in range(self.workflow.count())]
        self.workflow.setCurrentIndex(listed.index(chosen) if chosen in listed else -1)
        self.workflow.blockSignals(False)
        self._workflow_changed()

    def show_payload(self, draft: StartDraft, content: ChippedText) -> None:
        """Put another payload into both views."""
        if draft.source is not None:
            self.panel.use_source(draft.source)
        self.panel.open(content)

    def show_form(self, draft: StartDraft) -> None:
        """Offer the form and the versions of the chosen workflow."""
        form = draft.form
        self.panel.set_form(None if form is None else form.form)
        self.version.clear()
        for number in () if form is None else form.versions:
            newest = form is not None and number == form.versions[0]
            text = self.tr("v{version} · newest") if newest else self.tr("v{version}")
            self.version.addItem(text.format(version=number), None if newest else number)
        self.version.setCurrentIndex(max(self.version.findData(draft.version), 0))
        self.version.setVisible(form is not None)

    def has_edits(self) -> bool:
        """Say whether something was typed that cannot be kept as a draft."""
        return self._loses_typing

    def show_draft(self, draft: StartDraft) -> None:
        """Show everything that follows from the draft."""
        self._loses_typing = draft.loses_typing
        choice = draft.choice
        self._description.setText((choice.description or "") if choice is not None else "")
        self._description.setVisible(bool(self._description.text()))
        self._show_cards(draft)
        self._show_links(draft)
        self._show_badge(draft)
        unreadable = draft.problem is not None and draft.problem.unreadable
        reason = self.tr("The form needs a text that is valid JSON.") if unreadable else None
        self.panel.show_problem(None if draft.problem is None else draft.problem.line, reason)
        self.panel.show_faults(() if draft.verdict is None else draft.verdict.check.faults)
        blocker = draft.blocker()
        refusal = None if blocker in {None, Blocker.SENDING} else self._blocker_text(blocker, draft)
        named = choice is not None and len(choice.name) <= LONGEST_NAME
        label = self.tr("Run {workflow}").format(workflow=choice.name) if choice and named else self.tr("Run workflow")
        self.set_confirm(label, refusal, self._what_happens(draft))
        if draft.sending != self.is_sending:
            self.panel.set_read_only(draft.sending)
            for picker in (self.workflow, self.version):
                picker.setEnabled(not draft.sending)
            self.set_sending(self.tr("Starting…") if draft.sending else None)

    def _show_cards(self, draft: StartDraft) -> None:
        kept, source = draft.restored, draft.source
        self.draft_card.setVisible(kept is not None)
        if kept is not None:
            omitted = ", ".join(kept.omitted)
            left_out = self.tr("Left out, as secrets are not kept on this desktop: {places}").format(places=omitted)
            self.draft_card.say(self.tr("Draft restored: what you typed last time."), left_out if omitted else "")
        self.source_card.setVisible(source is not None)
        if source is not None:
            run = str(source.key.run_id)[:8]
            text = self.tr("Starts with the input of run {run}. This is no replay: the new run names no source.")
            masked = self.tr("Masked values are copied inside the database and never come here.")
            self.source_card.say(text.format(run=run), masked if source.redacted.masked else "")

    def _show_links(self, draft: StartDraft) -> None:
        chosen = draft.choice is not None and draft.form is not None
        form = None if draft.form is None else draft.form.form
        self.newest.setVisible(chosen and draft.source is None)
        self.newest.setEnabled(not draft.sending)
        self.example.setVisible(chosen and form is not None and form.example is not None and draft.empty)

    def _what_happens(self, draft: StartDraft) -> str:
        if draft.touched and draft.form is not None:
            return self.tr("You land on the new run as soon as it is recorded. Closing keeps what you typed.")
        return self.tr("You land on the new run as soon as it is recorded.")

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
        problem, verdict = draft.problem, draft.verdict
        if problem is not None and problem.line is not None:
            place = self.tr("Invalid JSON at line {line}, column {column}")
            self.badge.say(place.format(line=problem.line, column=problem.column or 1), Tone.TROUBLE)
        elif problem is not None:
            self.badge.say(self.tr("Refused"), Tone.TROUBLE)
        elif verdict is not None and verdict.refuses:
            self.badge.say(self.tr("%n place(s) break the schema", "", verdict.check.fault_count), Tone.TROUBLE)
        elif verdict is not None and verdict.check.state is SchemaState.FITS:
            self.badge.say(self.tr("Fits the schema"), Tone.ACTIVE)
        else:
            self.badge.say(self.tr("Empty payload") if draft.empty else self.tr("Valid JSON"), Tone.QUIET)

    def _blocker_text(self, blocker: Blocker | None, draft: StartDraft | None) -> str:
        problem = None if draft is None else draft.problem
        return {
            Blocker.NOT_PERMITTED: (draft.refusal if draft is not None else None) or "",
            Blocker.LOADING: self.tr("The workflows are not loaded yet."),
            Blocker.WORKFLOW: self.tr("Choose a workflow."),
            Blocker.UNPUBLISHED: self.tr("not published"),
            Blocker.PAUSED: self.tr("paused"),
            Blocker.OTHER_WORKFLOW: self.tr(
                "The input shown is of a run of another workflow. Choose that workflow, or use an empty payload."
            ),
            Blocker.PAYLOAD: self.tr("The payload cannot be sent yet.")
            if problem is None
            else json_fault_text(problem.message),
            Blocker.SCHEMA: self.tr("The payload does not fit its schema yet; what is wrong stands at each place."),
        }.get(blocker or Blocker.LOADING, "")
