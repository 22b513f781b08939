"""What may be kept of a payload that was typed but not sent: the operator's own words, and nothing that is masked.

A draft lies on a disk in clear. A new payload is kept as its text. A payload that begins with another run's input is
kept as the *patch* that was typed, whose chips are places in the stored document, so nothing of that run is written.
Values under names that the redaction rules hide are left out, and the draft says where.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.domain import chips, json_text
from app.domain.chips import Chip, without_chips
from app.domain.form_values import ABSENT, Absent, found_at, with_value
from app.domain.json_text import split_pointer
from app.domain.launching import PatchOperation
from app.domain.patch_application import PatchMisfit, apply_patch
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import EditState, assess, chipped
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RedactedDocument


@dataclass(frozen=True, slots=True)
class DraftOrigin:
    """The run whose input a draft begins with; ``input_hash`` is that of its stored input when it was opened."""

    run_id: UUID
    input_hash: str


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A payload as it is kept.

    Attributes:
        version: The version that was chosen, None for the newest.
        text: A new payload as JSON text; None when there is an ``origin``.
        origin: The run whose input it changes, or None.
        patch: What was changed of it.
        omitted: Pointers of values that were left out because the redaction rules hide them.
    """

    version: int | None = None
    text: str | None = None
    origin: DraftOrigin | None = None
    patch: tuple[PatchOperation, ...] = ()
    omitted: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it keeps nothing that was typed."""
        return not self.patch and self.text in {None, "", "{}"}


def keep_new(text: str, version: int | None, policy: RedactionPolicy) -> KeptDraft:
    """Return what may be kept of a new payload's text. JsonTextError when it is no JSON."""
    document, omitted = without_hidden(json_text.parse(text), policy)
    kept = "{}" if isinstance(document, Absent) else json_text.dump(document, indent=2)
    return KeptDraft(version, kept, omitted=omitted)


def keep_changed(
    source: RedactedDocument, edit: ChippedText, origin: DraftOrigin, version: int | None, policy: RedactionPolicy
) -> KeptDraft | None:
    """Return what may be kept of a change to another run's input, or None when it cannot be sent as it is."""
    made = assess(source, edit)
    if made.state in {EditState.PRISTINE, EditState.REFORMATTED}:
        return KeptDraft(version, origin=origin)
    if made.state is not EditState.EDITED:
        return None
    shown = chips.parse(*_parts(chipped(source)))
    typed, omitted = without_hidden(chips.parse(edit.text, edit.origins), policy, unchanged=shown)
    document = shown if isinstance(typed, Absent) else typed
    again = assess(source, ChippedText(*chips.dump(document)))
    return KeptDraft(version, origin=origin, patch=again.patch, omitted=omitted)


def restored(source: RedactedDocument, draft: KeptDraft) -> ChippedText | None:
    """Return the changed document as an editor shows it, or None when the patch does not fit this source any more."""
    shown = chips.parse(*_parts(chipped(source)))
    try:
        document = apply_patch(shown, draft.patch)
    except (PatchMisfit, json_text.JsonTextError):
        return None
    return ChippedText(*chips.dump(document, indent=2))


def without_hidden(
    document: JsonValue, policy: RedactionPolicy, *, unchanged: JsonValue | Absent = ABSENT
) -> tuple[JsonValue | Absent, tuple[str, ...]]:
    """Return the document without the values that the rules hide, and the pointers of what was left out.

    A chip holds no value and stays. What is hidden in ``unchanged`` too, at the same place, is put back from there.
    """
    found = Redactor(policy).document(without_chips(document))
    hidden = [path for path in map(split_pointer, found.masked) if _is_typed(document, path, unchanged)]
    kept: JsonValue | Absent = document
    for path in reversed(hidden):  # from the end, so that elements keep their numbers
        before = ABSENT if isinstance(unchanged, Absent) else found_at(unchanged, path)
        if not path:
            kept = before
        elif not isinstance(kept, Absent):
            kept = with_value(kept, path, None if isinstance(before, Absent) and path[-1].isdecimal() else before)
    return kept, tuple(json_text.pointer(path) for path in hidden)


def _is_typed(document: JsonValue, path: tuple[str, ...], unchanged: JsonValue | Absent) -> bool:
    """Say whether a hidden place holds something typed: neither a chip nor what stood there before."""
    value = found_at(document, path)
    if isinstance(value, Chip):
        return False
    before = ABSENT if isinstance(unchanged, Absent) else found_at(unchanged, path)
    return isinstance(before, Absent) or before != value


def _parts(text: ChippedText) -> tuple[str, Iterable[tuple[str, ...]]]:
    return text.text, text.origins
