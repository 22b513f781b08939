"""What an edit changes, for people: masked on both sides, arrays told element by element."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.domain import chips
from app.domain.array_order import identity
from app.domain.chips import Chip, Segments, chips_in, without_chips
from app.domain.json_pointer import pointer
from app.domain.payload_difference import Difference
from app.domain.placeholders import REDACTED, find_placeholders
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue

MAX_ALIGNED_ELEMENTS = 2_000
"""Longer arrays are shown as one change: aligning their elements would take too long."""


@dataclass(frozen=True, slots=True)
class PayloadChange:
    """One difference for display, masked on both sides; a text that is None is "not there".

    ``masked`` says that the stored value or the typed one is hidden, so the texts do not show what differs. Each
    :data:`app.domain.chips.HOLE` in ``after_text`` is a masked value that is stored elsewhere: at the next pointer of
    ``origins``.
    """

    pointer: str
    before_text: str | None
    after_text: str | None
    masked: bool = False
    origins: tuple[str, ...] = ()


def changes_of(differences: Iterable[Difference], policy: RedactionPolicy) -> tuple[PayloadChange, ...]:
    """Return what to show for these differences, in their order; the policy hides what was typed, too."""
    return tuple(_change(one, policy) for difference in differences for one in _elements(difference))


def _elements(difference: Difference) -> Iterator[Difference]:
    """Tell the elements of an array apart that is replaced as a whole; anything else is one change."""
    before, after = difference.before, difference.after
    if (
        difference.op == "replace"
        and isinstance(before, list)
        and isinstance(after, list)
        and max(len(before), len(after)) <= MAX_ALIGNED_ELEMENTS
        and _holds_chips(before, after)
    ):
        yield from _aligned(before, after, difference.path)
    else:
        yield difference


def _aligned(before: list[JsonValue], after: list[JsonValue], path: Segments) -> Iterator[Difference]:
    """Yield what became of each element.

    A removed element is named by its place in the original, any other by its place in the edited array.
    """
    matcher = SequenceMatcher(None, [identity(item) for item in before], [identity(item) for item in after])
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        paired = min(end - start, new_end - new_start)
        for at in range(paired):
            yield Difference("replace", (*path, str(new_start + at)), before[start + at], after[new_start + at])
        for at in range(start + paired, end):
            yield Difference("remove", (*path, str(at)), before=before[at])
        for at in range(new_start + paired, new_end):
            yield Difference("add", (*path, str(at)), after=after[at])


def _holds_chips(*values: JsonValue) -> bool:
    return any(True for value in values for _ in chips_in(value))


def _change(difference: Difference, policy: RedactionPolicy) -> PayloadChange:
    before = None if difference.op == "add" else without_chips(_shown(difference, difference.before, policy))
    after = None
    if difference.op != "remove":
        after = _moved_chips_only(_shown(difference, difference.after, policy), difference.path)
    after_text, origins = chips.dump(after)
    return PayloadChange(
        pointer=pointer(difference.path),
        before_text=None if difference.op == "add" else chips.dump(before)[0],
        after_text=None if difference.op == "remove" else after_text,
        masked=bool(find_placeholders(before) or find_placeholders(after) or origins),
        origins=tuple(pointer(origin) for origin in origins),
    )


def _shown(difference: Difference, value: JsonValue, policy: RedactionPolicy) -> JsonValue:
    """Return a side of a difference for display: what was typed over a masked leaf or at a hidden place is hidden."""
    if isinstance(value, Chip):
        return value
    if difference.masked or policy.hides_place(difference.path):
        return REDACTED
    return _with_own_chips(value, Redactor(policy.below(difference.path)).value(value))


def _with_own_chips(value: JsonValue, shown: JsonValue) -> JsonValue:
    """Put chips back where redaction hid them by their key: a chip hides already, and says more."""
    if isinstance(value, Chip):
        return value
    if isinstance(value, dict) and isinstance(shown, dict):
        return {key: _with_own_chips(value[key], item) for key, item in shown.items()}
    if isinstance(value, list) and isinstance(shown, list):
        return [_with_own_chips(one, other) for one, other in zip(value, shown, strict=True)]
    return shown


def _moved_chips_only(value: JsonValue, path: Segments) -> JsonValue:
    """Return the value with a plain placeholder for each chip that stands at its own place."""
    if isinstance(value, Chip):
        return REDACTED if value.origin == path else value
    if isinstance(value, dict):
        return {key: _moved_chips_only(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved_chips_only(item, (*path, str(at))) for at, item in enumerate(value)]
    return value
