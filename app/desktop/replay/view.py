"""The replay dialog: the redacted payload to edit, what changes, why it is done, and one button that sends once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.dialog.badge import Badge, Tone
from app.desktop.dialog.message_card import MessageCard
from app.desktop.json_view.chip_editor import ChipEditor
from app.desktop.json_view.folding import BrokenFold
from app.desktop.json_view.pointer_lines import line_of
from app.desktop.replay.changes_view import ChangesView
from app.desktop.replay.chip_words import PayloadChips
from app.desktop.replay.damage_card import DamageCard
from app.desktop.replay.draft import Blocker, Draft
from app.desktop.replay.preview_panel import PreviewPanel
from app.desktop.shell.error_text import error_text, problem_text
from app.desktop.shell.theme import Theme, set_role
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import EditState, PayloadProblem
from app.domain.run import RunRow
from app.services.reason import MIN_REASON_LENGTH
from app.services.replay_run import Acceptance, ReplayForm


class ReplayDialog(ActionDialog):
    """Shows a :class:`~app.desktop.replay.draft.Draft` and says what the operator does; decides nothing.

    Args:
        theme: Colours and fonts.
        row: The source run.
        parent: The window that is blocked meanwhile.
    """

    payload_edited = Signal()
    reason_edited = Signal(str)
    active_confirmation_typed = Signal(str)
    load_requested = Signal()
    ancestor_wanted = Signal(bool)
    damage_confirmation_typed = Signal(str)

    def __init__(self, theme: Theme, row: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(theme, "replay", parent)
        self._row = row
        self._touched = False
        self.resize(1180, 700)
        self.setMinimumSize(760, 480)
        self.set_heading(
            self.tr("Replay {workflow}").format(workflow=row.workflow_name or self.tr("unnamed workflow")),
            str(row.key.run_id)[:8],
            self.tr(
                "Starts a new run with this payload. Masked values are kept from the original and are never sent from "
                "here."
            ),
        )
        self.badge = Badge(theme)
        self.badge.setObjectName("replay.dirty")
        self.heading.addWidget(self.badge)
        self.body.addWidget(self._make_hidden_card())
        self.body.addWidget(self._make_damage_card())
        self.body.addWidget(self._make_active_card())
        self.body.addWidget(self._make_payload_area(), 1)
        self.body.addWidget(self._make_reason_row())
        self.show_loading()

    def _make_hidden_card(self) -> QWidget:
        self._hidden = MessageCard("warning-card", "replay.hidden")
        self._hidden.setVisible(False)
        self._hidden.say(
            self.tr("The whole payload is hidden."),
            self.tr(
                "The tenant's rules for masking cannot be read, or hide all of it. It can be replayed as it is; "
                "what is typed over it replaces all of it."
            ),
        )
        return self._hidden

    def _make_damage_card(self) -> QWidget:
        self._damage = DamageCard(self.theme)
        self._damage.ancestor_wanted.connect(self.ancestor_wanted)
        self._damage.confirmation_typed.connect(self.damage_confirmation_typed)
        return self._damage

    def _make_active_card(self) -> QWidget:
        self._active = QFrame()
        set_role(self._active, "warning-card")
        self._active.setVisible(False)
        self._active_text = QLabel()
        self._active_text.setWordWrap(True)
        self._accept_active = QLineEdit()
        self._accept_active.setObjectName("replay.accept_active")
        self._accept_active.setAccessibleName(self.tr("Confirmation of a second run"))
        self._accept_active.setPlaceholderText(str(self._row.key.run_id)[:8])
        self._accept_active.setFont(self.theme.mono())
        self._accept_active.setMaxLength(36)
        self._accept_active.setFixedWidth(120)
        self._accept_active.textChanged.connect(self.active_confirmation_typed)
        layout = QHBoxLayout(self._active)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.addWidget(self._active_text, 1)
        layout.addWidget(self._accept_active)
        return self._active

    def _make_payload_area(self) -> QWidget:
        self._chips = PayloadChips()
        self.payload = ChipEditor(self.theme, self._chips.words)
        self.payload.setObjectName("replay.payload")
        self.payload.setAccessibleName(self.tr("Payload"))
        self.payload.setAccessibleDescription(
            self.tr("Masked values are locked chips. Alt+Down and Alt+Up go to the next and the previous one.")
        )
        self.payload.textChanged.connect(self._payload_changed)
        self.payload.loaded.connect(self.payload_edited)
        self.changes = ChangesView(self.theme)
        self._revert = QPushButton(self.tr("Restore original"))
        self._revert.setObjectName("replay.restore")
        self._revert.setAccessibleName(self._revert.text())
        self._revert.setAutoDefault(False)
        set_role(self._revert, "link")
        self._revert.clicked.connect(self._restore)
        self._original: ChippedText | None = None
        area = QWidget()
        grid = QGridLayout(area)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        payload_head = QHBoxLayout()
        payload_head.addWidget(_muted(self.tr("Payload")), 1)
        payload_head.addWidget(self._revert)
        grid.addLayout(payload_head, 0, 0)
        grid.addWidget(self.payload, 1, 0)
        grid.addWidget(_muted(self.tr("Changes")), 2, 0)
        grid.addWidget(self.changes, 3, 0)
        grid.setRowStretch(1, 2)
        grid.setRowStretch(3, 1)
        self.preview = PreviewPanel(self.theme, self._row.workflow_version)
        self.preview.fault_chosen.connect(self._show_place)
        whole = QWidget()
        beside = QHBoxLayout(whole)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(16)
        beside.addWidget(area, 2)
        beside.addWidget(self.preview, 1)
        return whole

    def _make_reason_row(self) -> QWidget:
        self.reason = QLineEdit()
        self.reason.setObjectName("replay.reason")
        self.reason.setAccessibleName(self.tr("Reason"))
        self.reason.setPlaceholderText(self.tr("Recorded in the logs of both runs and in the audit trail"))
        self.reason.setMaxLength(2_000)
        self.reason.textChanged.connect(self.reason_edited)
        label = _muted(self.tr("Reason"))
        label.setBuddy(self.reason)
        self._load_again = QPushButton(self.tr("Load again"))
        self._load_again.setObjectName("replay.load")
        self._load_again.setAccessibleName(self._load_again.text())
        self._load_again.setAutoDefault(False)
        self._load_again.setVisible(False)
        self._load_again.clicked.connect(self.load_requested)
        row = QWidget()
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label)
        line = QHBoxLayout()
        line.addWidget(self.reason, 1)
        line.addWidget(self._load_again)
        layout.addLayout(line)
        return row

    def show_loading(self) -> None:
        """Say that the payload is being read."""
        self._load_again.setVisible(False)
        self.payload.setReadOnly(True)
        self.payload.setPlaceholderText(self.tr("Reading the stored payload…"))
        self.clear_error()

    def show_payload(self, form: ReplayForm) -> None:
        """Fill the editor and let the operator edit."""
        self._original = form.content
        self._chips.use(form.source)
        self.payload.setPlaceholderText("")
        self.payload.setReadOnly(False)
        self._hidden.setVisible(form.source.redacted.masked == ("",))
        self.payload.open_chipped(form.content)
        self.reason.setFocus()

    def show_load_problem(self, text: str, details: str) -> None:
        """Say why the payload could not be read and offer to read it again."""
        self.payload.setPlaceholderText(self.tr("The payload is not here."))
        self._load_again.setVisible(True)
        self.show_error(text, details)

    def has_edits(self) -> bool:
        """Say whether the operator has typed something."""
        return self._touched

    def show_draft(self, draft: Draft) -> None:
        """Show everything that follows from the draft."""
        self._touched = draft.touched
        self._show_badge(draft)
        self._show_changes(draft)
        self._damage.show_draft(draft)
        self._show_active(draft)
        refused = draft.broken_fold_line is not None or bool(draft.assessment and draft.assessment.problems)
        self.preview.show_state(draft.preview, edited=draft.edited, sendable=not refused, sending=draft.sending)
        self._revert.setVisible(draft.assessment is not None and draft.assessment.state is not EditState.PRISTINE)
        blocker = draft.blocker()
        refusal = None if blocker in {None, Blocker.SENDING} else self._blocker_text(blocker, draft)
        self.set_confirm(self._confirm_label(draft), refusal, self._what_happens(draft))
        if draft.sending != self.is_sending:
            self._set_sending(draft.sending)

    def _set_sending(self, sending: bool) -> None:
        self.payload.setReadOnly(sending)
        self.reason.setReadOnly(sending)
        self._accept_active.setReadOnly(sending)
        self.set_sending(self.tr("Sending…") if sending else None)

    def _payload_changed(self) -> None:
        if not self.payload.is_loading and self._original is not None:
            self.payload_edited.emit()

    def _show_place(self, place: str) -> None:
        """Put the caret where a fault is, or would be."""
        try:
            text = self.payload.chipped_text().text
        except BrokenFold:
            return  # the broken fold itself is marked, and has to be mended first
        block = self.payload.document().findBlockByNumber(line_of(text, place))
        cursor = self.payload.textCursor()
        cursor.setPosition(block.position() + len(block.text()) - len(block.text().lstrip()))
        self.payload.setTextCursor(cursor)
        self.payload.centerCursor()
        self.payload.setFocus()

    def _restore(self) -> None:
        if self._original is not None:
            self.payload.put_back(self._original)
            self.payload.setFocus()

    def _show_badge(self, draft: Draft) -> None:
        assessment = draft.assessment
        if draft.form is None:
            self.badge.say(self.tr("Loading…"), Tone.QUIET)
        elif draft.broken_fold_line is not None:
            self.badge.say(
                self.tr("Folded text changed in line {line}").format(line=draft.broken_fold_line), Tone.TROUBLE
            )
        elif assessment is None:
            self.badge.say(self.tr("Checking…"), Tone.QUIET)
        elif draft.remaining_damage and assessment.state in {EditState.PRISTINE, EditState.REFORMATTED}:
            self.badge.say(self._damage_badge(draft), Tone.TROUBLE)
        elif assessment.state is EditState.PRISTINE:
            self.badge.say(self.tr("Unchanged: the original will be sent"), Tone.QUIET)
        elif assessment.state is EditState.REFORMATTED:
            self.badge.say(self.tr("Reformatted: the original will be sent"), Tone.QUIET)
        elif assessment.state is EditState.EDITED:
            self.badge.say(self.tr("Edited, %n change(s)", "", len(assessment.changes)), Tone.ACTIVE)
        else:
            self.badge.say(self._problem_badge(assessment.problems[0]), Tone.TROUBLE)

    def _damage_badge(self, draft: Draft) -> str:
        if Acceptance.DAMAGED_INPUT in draft.accepts:
            return self.tr("Damaged input: it will be sent as it is")
        return self.tr("Damaged input: not to be sent as it is")

    def _problem_badge(self, problem: PayloadProblem) -> str:
        if problem.line is not None:
            return self.tr("Invalid JSON at line {line}, column {column}").format(
                line=problem.line, column=problem.column or 1
            )
        if problem.path:
            return self.tr("Refused at {path}").format(path=problem.path)
        return self.tr("Refused")

    def _show_changes(self, draft: Draft) -> None:
        assessment = draft.assessment
        self.payload.mark_line(_wrong_line(draft))
        if draft.form is None or assessment is None:
            return
        if assessment.problems:
            self.changes.show_sentence("\n\n".join(_problem_lines(problem) for problem in assessment.problems[:20]))
        elif assessment.changes:
            self.changes.show_changes(assessment.changes)
        elif assessment.state is EditState.REFORMATTED:
            self.changes.show_sentence(self.tr("Only spacing or the order of names differ, so this is no edit."))
        else:
            self.changes.show_sentence(self.tr("No changes. Edit the payload to see here what differs."))

    def _show_active(self, draft: Draft) -> None:
        self._active.setVisible(draft.source_active and draft.form is not None)
        self._active_text.setText(
            self.tr(
                "This run has not ended yet. A replay starts a second run; both will act on the same things. To do "
                "that, type {beginning}."
            ).format(beginning=str(self._row.key.run_id)[:8])
        )

    def _confirm_label(self, draft: Draft) -> str:
        if draft.edited and draft.assessment is not None:
            return self.tr("Replay with %n change(s)", "", len(draft.assessment.changes))
        if draft.remaining_damage:
            return self.tr("Replay damaged input")
        return self.tr("Replay original")

    def _what_happens(self, draft: Draft) -> str:
        if draft.edited:
            return self.tr("The changes are applied to the stored payload inside the database.")
        return self.tr("The stored payload is copied inside the database, masked values included.")

    def _blocker_text(self, blocker: Blocker | None, draft: Draft) -> str:
        return {
            Blocker.LOADING: self.tr("The payload is not loaded yet."),
            Blocker.NOT_PERMITTED: draft.refusal or "",
            Blocker.BROKEN_FOLD: self.tr("A folded text was changed in part. Undo that, or replace it whole."),
            Blocker.CHECKING: self.tr("The payload is being checked."),
            Blocker.INVALID: self.tr("The payload is not valid JSON yet."),
            Blocker.REFUSED: self.tr("This edit cannot be sent; the reason is shown beside it."),
            Blocker.DAMAGED: self.tr("Placeholders of the damaged input have to be replaced, or confirmed, first."),
            Blocker.VERSION: self.tr("It is not known which version would run; see the panel."),
            Blocker.SCHEMA: self.tr("The payload does not fit the version's schema; the places are listed beside it."),
            Blocker.SOURCE_ACTIVE: self.tr("The run has not ended: type the beginning of its id to start beside it."),
            Blocker.GATE: "" if draft.preview.closed_gate is None else error_text(draft.preview.closed_gate),
            Blocker.REASON: self.tr("Give a reason of at least %n character(s).", "", MIN_REASON_LENGTH),
        }[blocker or Blocker.LOADING]


def _wrong_line(draft: Draft) -> int | None:
    if draft.broken_fold_line is not None:
        return draft.broken_fold_line
    problems = () if draft.assessment is None else draft.assessment.problems
    return next((problem.line for problem in problems if problem.line is not None), None)


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    set_role(label, "muted")
    return label


def _problem_lines(problem: PayloadProblem) -> str:
    text = problem_text(problem)
    return f"{problem.path}\n{text}" if problem.path else text
