"""What the operator has prepared in the start dialog, and what still stands between it and the start. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain import chips
from app.domain.json_text import JsonTextError
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import EditState, assess, remaining_damage
from app.domain.placeholders import find_placeholders
from app.domain.run_query import WorkflowChoice
from app.domain.start_draft import DraftOrigin, KeptDraft, keep_changed, keep_new
from app.services.ports import ReplaySource
from app.services.prepare_start import StartForm
from app.services.replay_preview import PayloadVerdict

EMPTY_PAYLOAD = "{}"
EMPTY = ChippedText(EMPTY_PAYLOAD)


class Blocker(StrEnum):
    """Why a workflow cannot be started yet."""

    LOADING = "loading"
    SENDING = "sending"
    NOT_PERMITTED = "not_permitted"
    WORKFLOW = "workflow"
    UNPUBLISHED = "unpublished"
    PAUSED = "paused"
    OTHER_WORKFLOW = "other_workflow"
    PAYLOAD = "payload"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Why a payload text cannot be sent; ``line`` and ``column`` count from 1. ``unreadable`` says it is no JSON."""

    message: str
    line: int | None = None
    column: int | None = None
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class ProblemWords:
    """What to say, already translated: of JSON that is no object, of a placeholder, and of damage at ``{paths}``."""

    not_an_object: str
    placeholder: str
    damaged: str


@dataclass(frozen=True, slots=True)
class StartDraft:
    """The dialog's whole state.

    ``choices`` is None while the workflows are read, ``form`` while what the workflow takes is read. ``version`` None
    is the newest. ``source`` is the run whose input is taken. ``opened`` is the payload as it was put there,
    ``content`` as it is now. ``verdict`` is what the schema says of the content, None until it is known. ``restored``
    is the draft that the payload comes from.
    """

    choices: tuple[WorkflowChoice, ...] | None = None
    choice: WorkflowChoice | None = None
    version: int | None = None
    form: StartForm | None = None
    source: ReplaySource | None = None
    opened: ChippedText = EMPTY
    content: ChippedText = EMPTY
    problem: TextProblem | None = None
    verdict: PayloadVerdict | None = None
    restored: KeptDraft | None = None
    sending: bool = False
    refusal: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing but an empty object would be sent."""
        return self.source is None and self.content.text.strip() in {"", EMPTY_PAYLOAD}

    @property
    def touched(self) -> bool:
        """Whether something was typed since the payload was put there."""
        return self.content != self.opened

    @property
    def loses_typing(self) -> bool:
        """Whether closing loses something typed: a text that is no JSON cannot be kept as a draft."""
        unreadable = self.problem is not None and self.problem.unreadable
        return self.touched and (self.form is None or unreadable)

    def blocker(self) -> Blocker | None:
        """Return the first thing in the way, or None when the workflow can be started."""
        if self.sending:
            return Blocker.SENDING
        if self.refusal is not None:
            return Blocker.NOT_PERMITTED
        if self.choices is None:
            return Blocker.LOADING
        if self.choice is None:
            return Blocker.WORKFLOW
        return refusal_of(self.choice) or self._payload_blocker(self.choice)

    def _payload_blocker(self, choice: WorkflowChoice) -> Blocker | None:
        if self.source is not None and self.source.workflow_id != choice.workflow_id:
            return Blocker.OTHER_WORKFLOW
        if self.problem is not None:
            return Blocker.PAYLOAD
        return Blocker.SCHEMA if self.verdict is not None and self.verdict.refuses else None


def kept_draft(draft: StartDraft) -> KeptDraft | None:
    """Return what may be kept of the payload as it is now, or None when it cannot be kept.

    An untouched payload is worth nothing: what it was opened with can be had again.
    """
    if draft.form is None or draft.content.text.strip() == "":
        return None
    policy, source = draft.form.policy, draft.source
    try:
        if source is None:
            return keep_new(draft.content.text, draft.version, policy)
        origin = DraftOrigin(source.key.run_id, source.input_hash)
        return keep_changed(source.redacted, draft.content, origin, draft.version, policy)
    except JsonTextError:
        return None


def refusal_of(choice: WorkflowChoice) -> Blocker | None:
    """Return why this workflow cannot be started by anyone, or None."""
    if choice.published_version is None:
        return Blocker.UNPUBLISHED
    return Blocker.PAUSED if choice.is_paused else None


def problem_of(content: ChippedText, source: ReplaySource | None, words: ProblemWords) -> TextProblem | None:
    """Return what is wrong with a payload, or None. Blank means an empty object."""
    try:
        value = chips.parse(content.text if content.text.strip() else EMPTY_PAYLOAD, content.origins)
    except JsonTextError as error:
        return TextProblem(error.message, error.line, error.column, unreadable=True)
    if not isinstance(value, dict):
        return TextProblem(words.not_an_object)
    if source is not None:
        return _problem_of_change(content, source, words)
    found = find_placeholders(value)
    return TextProblem(f"{found[0]}: {words.placeholder}") if found else None


def _problem_of_change(content: ChippedText, source: ReplaySource, words: ProblemWords) -> TextProblem | None:
    made = assess(source.redacted, content, damaged=source.damaged_paths)
    if made.state is EditState.REFUSED:
        first = made.problems[0]
        return TextProblem(f"{first.path}: {first.message}" if first.path else first.message, first.line, first.column)
    damage = remaining_damage(source.damaged_paths, made.patch)
    return TextProblem(words.damaged.format(paths=", ".join(path or "/" for path in damage))) if damage else None
