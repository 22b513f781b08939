"""Tells whether the elements of an array with masked leaves changed places.

Masked values are found again by position, so an element at another place would get its neighbour's secrets. Moves
cannot be known for sure from text; whatever looks like one counts, and the operator edits in place instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import TypeAlias

from app.domain.json_text import equal
from app.domain.placeholders import find_placeholders, is_placeholder
from app.domain.run import JsonValue

_Traits: TypeAlias = frozenset[Hashable]

_MOST_COMPARISONS = 100_000
"""Pairs of elements compared member by member, a fraction of a second. An edit that would need more counts as a move,
as nobody can say that it is none."""


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
    traits = {at: _traits(before[at]) for at in changed}
    return _resembles_another(traits, {at: _traits(after[at]) for at in changed}, _by_trait(traits[at] for at in left))


def _holds_masked_leaves(element: JsonValue) -> bool:
    """Say whether an element carries masked leaves along; one that is itself a placeholder is checked elsewhere."""
    return not is_placeholder(element) and bool(find_placeholders(element))


def _by_trait(elements: Iterable[_Traits]) -> dict[Hashable, set[_Traits]]:
    """Return for each trait the elements that have it; those that look alike are one."""
    found: defaultdict[Hashable, set[_Traits]] = defaultdict(set)
    for traits in elements:
        for trait in traits:
            found[trait].add(traits)
    return found


def _resembles_another(
    before: Mapping[int, _Traits], after: Mapping[int, _Traits], others: Mapping[Hashable, Set[_Traits]]
) -> bool:
    """Say whether an element has more members in common with one that left another place than with its own past.

    Such a one shares a member with it that its own past did not have, so that only those are looked up.
    """
    compared = 0
    for at, now in after.items():
        own = before[at]
        shared = len(now & own)
        for other in _sharing(now - own, others):
            compared += 1
            if compared > _MOST_COMPARISONS or len(now & other) > shared:
                return True
    return False


def _sharing(new: _Traits, others: Mapping[Hashable, Set[_Traits]]) -> Iterator[_Traits]:
    for trait in new:
        yield from others.get(trait, ())


def _traits(element: JsonValue) -> _Traits:
    """Return the members of an element that can be seen, of one with masked leaves those inside it."""
    return frozenset(_visible(element, ()))


def _visible(element: JsonValue, path: tuple[str | int, ...]) -> Iterator[Hashable]:
    members: list[tuple[str | int, JsonValue]] = []
    if isinstance(element, dict):
        members = list(element.items())
    elif isinstance(element, list):
        members = list(enumerate(element))
    for name, item in members:
        if not find_placeholders(item):
            yield ((*path, name), identity(item))
        elif not is_placeholder(item):
            yield from _visible(item, (*path, name))


def identity(value: JsonValue) -> Hashable:
    """Return something hashable that is the same for values that are the same jsonb; chips are told by origin."""
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(identity(item) for item in value))
    return ("flag", value) if isinstance(value, bool) else ("scalar", value)
