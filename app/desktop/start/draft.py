"""What the operator has prepared in the start dialog, and what still stands between it and the start. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain import json_text
from app.domain.json_text import JsonTextError
from app.domain.placeholders import find_placeholders
from app.domain.run_query import WorkflowChoice

EMPTY_PAYLOAD = "{}"


class Blocker(StrEnum):
    """Why a workflow cannot be started yet."""

    LOADING = "loading"
    SENDING = "sending"
    NOT_PERMITTED = "not_permitted"
    WORKFLOW = "workflow"
    UNPUBLISHED = "unpublished"
    PAUSED = "paused"
    PAYLOAD = "payload"


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Why a payload text cannot be sent; ``line`` and ``column`` count from 1."""

    message: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class StartDraft:
    """The dialog's whole state; ``choices`` is None while the workflows are read."""

    choices: tuple[WorkflowChoice, ...] | None = None
    choice: WorkflowChoice | None = None
    text: str = EMPTY_PAYLOAD
    problem: TextProblem | None = None
    sending: bool = False
    refusal: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing but an empty object would be sent."""
        return self.text.strip() in {"", EMPTY_PAYLOAD}

    @property
    def touched(self) -> bool:
        """Whether closing would lose something typed."""
        return not self.empty

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
        return refusal_of(self.choice) or (None if self.problem is None else Blocker.PAYLOAD)


def refusal_of(choice: WorkflowChoice) -> Blocker | None:
    """Return why this workflow cannot be started by anyone, or None."""
    if choice.published_version is None:
        return Blocker.UNPUBLISHED
    return Blocker.PAUSED if choice.is_paused else None


def problem_of(text: str, not_an_object: str, placeholder: str) -> TextProblem | None:
    """Return what is wrong with a payload text, or None.

    Args:
        text: The text; blank means an empty object.
        not_an_object: What to say of JSON that is no object.
        placeholder: What to say of a placeholder, which keeps nothing here: it would be stored as data.
    """
    try:
        value = json_text.parse(text if text.strip() else EMPTY_PAYLOAD)
    except JsonTextError as error:
        return TextProblem(error.message, error.line, error.column)
    if not isinstance(value, dict):
        return TextProblem(not_an_object)
    found = find_placeholders(value)
    return TextProblem(f"{found[0]}: {placeholder}") if found else None
