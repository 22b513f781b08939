"""What an operator's edit of a redacted payload means.

The operator sees the redacted document. Masked values never left the database, so the edit becomes a patch that
Postgres applies to the stored original. A masked value is a chip: left at its own place it is kept, elsewhere it is
copied from where it is stored. A placeholder typed as text anywhere else is refused, because it would be stored as
data (rulings.md, "Words and codes"; defects W14 and F33 of the product).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain import chips, json_text
from app.domain.chips import Segments, chips_in, with_chips
from app.domain.json_text import JsonTextError, split_pointer
from app.domain.kept_placeholders import keep_placeholders
from app.domain.launching import PatchOperation
from app.domain.patch_application import PatchMisfit, apply_patch
from app.domain.payload_change import ChippedText, GivenPatch, PayloadEdit
from app.domain.payload_changes import PayloadChange, changes_of
from app.domain.payload_difference import Difference, compare
from app.domain.placeholders import find_placeholders
from app.domain.redaction_policy import BUILT_IN_RULES, RedactionPolicy
from app.domain.run import JsonValue, RedactedDocument

MAX_PATCH_OPERATIONS = 200
"""Most operations of one patch: each costs Postgres a copy of the document (stack-facts.md, "Patching")."""


class EditState(StrEnum):
    """What the edit is, compared with the original."""

    PRISTINE = "pristine"
    REFORMATTED = "reformatted"
    EDITED = "edited"
    INVALID = "invalid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PayloadProblem:
    """Why an edit cannot be sent. ``path`` is a JSON pointer; ``line`` and ``column`` count from 1.

    Codes: ``payload.invalid_json``, ``payload.not_an_object``, ``payload.placeholder``, ``payload.array_length``,
    ``payload.array_order``, ``payload.moved_damage``, ``payload.patch_target``.
    """

    code: str
    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class PayloadAssessment:
    """The verdict on an edit.

    Only ``pristine`` and ``reformatted``, which both send the original, and ``edited`` can be sent.
    """

    state: EditState
    patch: tuple[PatchOperation, ...] = ()
    problems: tuple[PayloadProblem, ...] = ()
    changes: tuple[PayloadChange, ...] = ()


def pretty(document: RedactedDocument) -> str:
    """Return the document as text to edit outside, a placeholder for each masked value."""
    return json_text.dump(document.value, indent=2)


def chipped(document: RedactedDocument) -> ChippedText:
    """Return the document as the text that the editor is filled with, a hole for each masked value or damage."""
    return ChippedText(*chips.dump(with_chips(document.value, _sealed(document)), indent=2))


def assess(
    original: RedactedDocument,
    edit: PayloadEdit,
    *,
    opened: PayloadEdit | None = None,
    damaged: Iterable[str] = (),
    policy: RedactionPolicy = BUILT_IN_RULES,
) -> PayloadAssessment:
    """Judge an edit against the redacted original.

    Args:
        original: The redacted document with its masked pointers.
        edit: What the operator made of it.
        opened: What the editor was filled with; an equal edit is pristine.
        damaged: Pointers at which the *stored* document itself holds a placeholder.
        policy: The tenant's rules, which hide what was typed from the changes that are shown.
    """
    if edit == opened:
        return PayloadAssessment(EditState.PRISTINE)
    return _Assessing(original, damaged, policy).assess(edit)


def remaining_damage(damaged_paths: Iterable[str], patch: Iterable[PatchOperation]) -> tuple[str, ...]:
    """Return the damaged pointers that a patch leaves in place: no operation acts there, or one puts it back.

    Args:
        damaged_paths: Pointers at which the *stored* input holds a placeholder as data.
        patch: The operations of an assessment; an operation on a parent takes the damage with it.
    """
    operations = tuple(patch)
    touched = {operation.path for operation in operations}
    copied = {origin for operation in operations for origin in operation.origins}
    return tuple(
        damaged
        for damaged in damaged_paths
        if not _is_at_or_below(split_pointer(damaged), touched) or _is_at_or_below(split_pointer(damaged), copied)
    )


class _Assessing:
    """One judgement. ``sealed`` places show a placeholder; what ``immovable`` ones hold, or hold inside, is damage."""

    def __init__(self, original: RedactedDocument, damaged: Iterable[str], policy: RedactionPolicy) -> None:
        self._policy = policy
        self._redacted = original.value
        self._sealed = _sealed(original)
        masked = {split_pointer(path) for path in original.masked}
        damage = {split_pointer(path) for path in damaged} | (self._sealed - masked)
        self._immovable = {path[:length] for path in damage for length in range(len(path) + 1)}
        self._original = with_chips(original.value, self._sealed)

    def assess(self, edit: PayloadEdit) -> PayloadAssessment:
        try:
            edited, problems = self._read(edit)
        except JsonTextError as error:
            return _invalid(error)
        except PatchMisfit as misfit:
            return PayloadAssessment(EditState.REFUSED, problems=(_no_target(misfit.path),))
        differences = compare(self._original, edited)
        if not differences and not problems:
            return PayloadAssessment(EditState.REFORMATTED)
        if not isinstance(edited, dict):
            return PayloadAssessment(EditState.REFUSED, problems=(_NOT_AN_OBJECT,))
        changes = changes_of(differences, self._policy)
        if problems:
            return PayloadAssessment(EditState.REFUSED, problems=problems, changes=changes)
        return PayloadAssessment(EditState.EDITED, patch=self._patch(edited, differences), changes=changes)

    def _read(self, edit: PayloadEdit) -> tuple[JsonValue, tuple[PayloadProblem, ...]]:
        """Return the edited document with chips, and what must not be stored of it."""
        if isinstance(edit, GivenPatch):
            edited = apply_patch(self._original, edit.operations)
            return edited, (*_misplaced(edited, ()), *self._strangers(edited))
        chips_move = isinstance(edit, ChippedText)
        read = chips.parse(edit.text, edit.origins) if isinstance(edit, ChippedText) else json_text.parse(edit.text)
        kept = keep_placeholders(self._redacted, read, self._sealed, chips_move=chips_move)
        problems = (
            *(_array_length(path) for path in kept.resized),
            *(_array_order(path) for path in kept.reordered),
            *_misplaced(kept.value, (*kept.resized, *kept.reordered)),
            *self._strangers(kept.value),
        )
        return kept.value, problems

    def _strangers(self, edited: JsonValue) -> Iterable[PayloadProblem]:
        """Return a problem for every chip of another document, and for moved chips whose stored value is damaged."""
        for path, chip in chips_in(edited):
            if chip.origin not in self._sealed:
                yield _placeholder(json_text.pointer(path))
            elif path != chip.origin and chip.origin in self._immovable:
                yield _moved_damage(json_text.pointer(path))

    def _patch(self, edited: JsonValue, differences: tuple[Difference, ...]) -> tuple[PatchOperation, ...]:
        """Return the smallest useful patch: single values, else whole containers without chips, else one whole."""
        if len(differences) > MAX_PATCH_OPERATIONS:
            differences = compare(self._original, edited, whole_containers=True)
        if len(differences) > MAX_PATCH_OPERATIONS:
            differences = (Difference("replace", (), self._original, edited),)
        return tuple(_operation(difference) for difference in differences)


def _sealed(document: RedactedDocument) -> frozenset[Segments]:
    return frozenset(split_pointer(path) for path in (*document.masked, *find_placeholders(document.value)))


def _operation(difference: Difference) -> PatchOperation:
    if difference.op == "remove":
        return PatchOperation("remove", difference.path)
    return PatchOperation(difference.op, difference.path, *chips.dump(difference.after))


def _is_at_or_below(path: Segments, places: Collection[Segments]) -> bool:
    return any(path[:length] in places for length in range(len(path) + 1))


def _misplaced(edited: JsonValue, refused_arrays: tuple[Segments, ...]) -> tuple[PayloadProblem, ...]:
    """Return a problem for every placeholder that stands as text where it keeps nothing.

    Placeholders inside an array that is refused anyway are left out: their places mean nothing there.
    """
    return tuple(
        _placeholder(found)
        for found in find_placeholders(edited)
        if not _is_at_or_below(split_pointer(found), refused_arrays)
    )


def _invalid(error: JsonTextError) -> PayloadAssessment:
    problem = PayloadProblem("payload.invalid_json", error.message, error.path or None, error.line, error.column)
    return PayloadAssessment(EditState.INVALID, problems=(problem,))


_NOT_AN_OBJECT = PayloadProblem("payload.not_an_object", "The payload of a run must be a JSON object.", "")


def _placeholder(path: str) -> PayloadProblem:
    return PayloadProblem(
        "payload.placeholder",
        "A placeholder stands for a masked value and only means something where that value was masked. "
        "Type the real value here, or remove this member.",
        path,
    )


def _moved_damage(path: str) -> PayloadProblem:
    return PayloadProblem(
        "payload.moved_damage",
        "What stands here would be copied from a place at which the stored input holds a placeholder itself. "
        "Type the real value here, or leave the placeholder where it was.",
        path,
    )


def _no_target(path: str) -> PayloadProblem:
    return PayloadProblem(
        "payload.patch_target",
        "The patch changes a place that this input does not have, or that lies inside a masked value.",
        path,
    )


def _array_length(path: Segments) -> PayloadProblem:
    return PayloadProblem(
        "payload.array_length",
        "This array holds masked values, which are found again by their position, so it must keep its length.",
        json_text.pointer(path),
    )


def _array_order(path: Segments) -> PayloadProblem:
    return PayloadProblem(
        "payload.array_order",
        "This array holds masked values, which are found again by their position, so it must keep its order.",
        json_text.pointer(path),
    )
