"""Tells whether the elements of an array with masked leaves changed places.

Masked values are found again by position, so an element at another place would get its neighbour's secrets. Moves
cannot be known for sure from text; whatever looks like one counts, and the operator edits in place instead.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from app.domain.json_text import equal
from app.domain.placeholders import find_placeholders, is_placeholder
from app.domain.run import JsonValue

_MOST_COMPARED = 100
"""Up to this many changed elements are compared member by member, which costs the square of their number."""


def was_reordered(before: Sequence[JsonValue], after: Sequence[JsonValue]) -> bool:
    """Say whether an element with masked leaves seems to have moved.

    Args:
        before: The redacted array.
        after: Its edited form, of the same length.
    """
    changed = [at for at, (one, other) in enumerate(zip(before, after, strict=True)) if not equal(one, other)]
    left = {at: before[at] for at in changed if _holds_masked_leaves(before[at])}
    known = {identity(element) for element in left.values()}
    if any(identity(after[at]) in known for at in changed):
        return True
    if len(changed) > _MOST_COMPARED:
        return False
    traits = {at: _traits(element) for at, element in left.items()}
    return any(_resembles_another(at, _traits(before[at]), _traits(after[at]), traits) for at in changed)


def _holds_masked_leaves(element: JsonValue) -> bool:
    """Say whether an element carries masked leaves along; one that is itself a placeholder is checked elsewhere."""
    return not is_placeholder(element) and bool(find_placeholders(element))


def _resembles_another(
    at: int, own: frozenset[Hashable], now: frozenset[Hashable], others: Mapping[int, frozenset[Hashable]]
) -> bool:
    """Say whether an element has more members in common with one that left another place than with its own past."""
    return any(len(now & other) > len(now & own) for place, other in others.items() if place != at)


def _traits(element: JsonValue) -> frozenset[Hashable]:
    """Return the members of an element that can be seen."""
    if isinstance(element, dict):
        members: list[tuple[Hashable, JsonValue]] = list(element.items())
    elif isinstance(element, list):
        members = list(enumerate(element))
    else:
        return frozenset()
    return frozenset((name, identity(item)) for name, item in members if not find_placeholders(item))


def identity(value: JsonValue) -> Hashable:
    """Return something hashable that is the same for values that are the same jsonb; chips are told by origin."""
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(identity(item) for item in value))
    return ("flag", value) if isinstance(value, bool) else ("scalar", value)
