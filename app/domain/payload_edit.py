"""What an operator's text edit of a redacted payload means.

The operator sees the redacted document and sends text back. Masked values never left the database, so the edit becomes
a patch that Postgres applies to the stored original: a placeholder left at its own place means "keep", anywhere else it
is refused, because it would be stored as data (rulings.md, "Words and codes"; defects W14 and F33 of the product).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain import json_text
from app.domain.json_text import JsonTextError, split_pointer
from app.domain.launching import PatchOperation
from app.domain.payload_difference import Difference, compare
from app.domain.placeholders import REDACTED, find_placeholders
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RedactedDocument

MAX_PATCH_OPERATIONS = 200
"""Most operations of one patch: each costs Postgres a copy of the document (stack-facts.md, "Patching")."""


class EditState(StrEnum):
    """What the text is, compared with the original."""

    PRISTINE = "pristine"
    REFORMATTED = "reformatted"
    EDITED = "edited"
    INVALID = "invalid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PayloadProblem:
    """Why a text cannot be sent. ``path`` is a JSON pointer; ``line`` and ``column`` count from 1.

    Codes: ``payload.invalid_json``, ``payload.not_an_object``, ``payload.placeholder``, ``payload.array_length``,
    ``payload.array_order``, ``payload.too_many_changes``.
    """

    code: str
    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class PayloadChange:
    """One difference for display, masked on both sides; None is "not there".

    ``masked`` says that the stored value or the typed one is hidden, so the texts do not show what differs.
    """

    pointer: str
    before_text: str | None
    after_text: str | None
    masked: bool = False


@dataclass(frozen=True, slots=True)
class PayloadAssessment:
    """The verdict on a text: only ``pristine``, ``reformatted`` (both send the original) and ``edited`` can be sent."""

    state: EditState
    patch: tuple[PatchOperation, ...] = ()
    problems: tuple[PayloadProblem, ...] = ()
    changes: tuple[PayloadChange, ...] = ()


def pretty(document: RedactedDocument) -> str:
    """Return the document as the text that an editor is filled with."""
    return json_text.dump(document.value, indent=2)


def assess(original: RedactedDocument, original_text: str, text: str) -> PayloadAssessment:
    """Judge an edited text against the redacted original.

    Args:
        original: The redacted document with its masked pointers.
        original_text: The text the editor was filled with.
        text: The text as it is now.
    """
    if text == original_text:
        return PayloadAssessment(EditState.PRISTINE)
    try:
        edited = json_text.parse(text)
    except JsonTextError as error:
        return _invalid(error)
    if json_text.equal(original.value, edited):
        return PayloadAssessment(EditState.REFORMATTED)
    return _assess_value(original, edited)


def remaining_damage(damaged_paths: Iterable[str], patch: Iterable[PatchOperation]) -> tuple[str, ...]:
    """Return the damaged pointers that a patch leaves in place: those at or below which no operation acts.

    Args:
        damaged_paths: Pointers at which the *stored* input holds a placeholder as data.
        patch: The operations of an assessment; an operation on a parent takes the damage with it.
    """
    touched = [operation.path for operation in patch]
    return tuple(
        damaged for damaged in damaged_paths if not any(split_pointer(damaged)[: len(path)] == path for path in touched)
    )


def _assess_value(original: RedactedDocument, edited: JsonValue) -> PayloadAssessment:
    masked = frozenset(split_pointer(path) for path in original.masked)
    comparison = compare(original.value, edited, masked)
    if not comparison.differences and not comparison.resized and not comparison.reordered:
        return PayloadAssessment(EditState.REFORMATTED)
    if not isinstance(edited, dict):
        return _refused(PayloadProblem("payload.not_an_object", "The payload of a run must be a JSON object.", ""))
    problems = (
        *(_array_length(path) for path in comparison.resized),
        *(_array_order(path) for path in comparison.reordered),
        *_misplaced(edited, comparison.kept, (*comparison.resized, *comparison.reordered)),
    )
    changes = tuple(_change(difference) for difference in comparison.differences)
    if problems:
        return PayloadAssessment(EditState.REFUSED, problems=problems, changes=changes)
    patch = _patch(original.value, edited, masked, comparison.differences)
    if len(patch) > MAX_PATCH_OPERATIONS:
        return PayloadAssessment(EditState.REFUSED, problems=(_too_many(len(patch)),), changes=changes)
    return PayloadAssessment(EditState.EDITED, patch=patch, changes=changes)


def _patch(
    original: JsonValue,
    edited: JsonValue,
    masked: frozenset[tuple[str, ...]],
    differences: tuple[Difference, ...],
) -> tuple[PatchOperation, ...]:
    """Return the smallest useful patch: single values, or whole mask-free containers when those are too many."""
    if len(differences) > MAX_PATCH_OPERATIONS:
        differences = compare(original, edited, masked, whole_containers=True).differences
    return tuple(_operation(difference) for difference in differences)


def _operation(difference: Difference) -> PatchOperation:
    if difference.op == "remove":
        return PatchOperation("remove", difference.path)
    return PatchOperation(difference.op, difference.path, json_text.dump(difference.after))


def _change(difference: Difference) -> PayloadChange:
    before = None if difference.op == "add" else _shown(difference, difference.before)
    after = None if difference.op == "remove" else _shown(difference, difference.after)
    return PayloadChange(
        pointer=json_text.pointer(difference.path),
        before_text=None if difference.op == "add" else json_text.dump(before),
        after_text=None if difference.op == "remove" else json_text.dump(after),
        masked=bool(find_placeholders(before) or find_placeholders(after)),
    )


def _shown(difference: Difference, value: JsonValue) -> JsonValue:
    """Return a side of a difference for display: what was typed over a masked leaf or under a secret key is hidden."""
    redactor = Redactor(RedactionPolicy())
    if difference.masked or (difference.path and redactor.hides_key(difference.path[-1])):
        return REDACTED
    return redactor.value(value)


def _misplaced(
    edited: JsonValue, kept: frozenset[tuple[str, ...]], refused_arrays: tuple[tuple[str, ...], ...]
) -> tuple[PayloadProblem, ...]:
    """Return a problem for every placeholder that does not stand where it was masked.

    Placeholders inside an array that is refused anyway are left out: their places mean nothing there.
    """
    return tuple(
        _placeholder(found)
        for found in find_placeholders(edited)
        if (path := split_pointer(found)) not in kept
        and not any(path[: len(array)] == array for array in refused_arrays)
    )


def _invalid(error: JsonTextError) -> PayloadAssessment:
    problem = PayloadProblem("payload.invalid_json", error.message, error.path or None, error.line, error.column)
    return PayloadAssessment(EditState.INVALID, problems=(problem,))


def _refused(problem: PayloadProblem) -> PayloadAssessment:
    return PayloadAssessment(EditState.REFUSED, problems=(problem,))


def _placeholder(path: str) -> PayloadProblem:
    return PayloadProblem(
        "payload.placeholder",
        "A placeholder stands for a masked value and only means something where that value was masked. "
        "Type the real value here, or remove this member.",
        path,
    )


def _array_length(path: tuple[str, ...]) -> PayloadProblem:
    return PayloadProblem(
        "payload.array_length",
        "This array holds masked values, which are found again by their position, so it must keep its length.",
        json_text.pointer(path),
    )


def _array_order(path: tuple[str, ...]) -> PayloadProblem:
    return PayloadProblem(
        "payload.array_order",
        "This array holds masked values, which are found again by their position, so it must keep its order.",
        json_text.pointer(path),
    )


def _too_many(count: int) -> PayloadProblem:
    return PayloadProblem(
        "payload.too_many_changes",
        f"This edit needs {count} separate changes around masked values; {MAX_PATCH_OPERATIONS} are possible. "
        "Change fewer members at once.",
    )
