"""Finds the one stretch in which two texts with chips differ, so that only that is written anew. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.desktop.json_view.chip_clipboard import Clipping
from app.domain.chips import HOLE


def changed_middle(now: Clipping, wanted: Clipping) -> tuple[int, int, Clipping]:
    """Return where the stretch begins and ends in the text as it is, and what is wanted in its place."""
    shorter = min(len(now.text), len(wanted.text))
    start = _longest(shorter, lambda length: now.text[:length] == wanted.text[:length])
    before = _same(now.origins, wanted.origins, now.text.count(HOLE, 0, start))
    if before < now.text.count(HOLE, 0, start):
        start = _place_of_hole(now.text, before)
    end = _longest(shorter - start, lambda length: now.text.endswith(wanted.text[len(wanted.text) - length :]))
    holes_behind = now.text.count(HOLE, len(now.text) - end)
    behind = _same(now.origins[::-1], wanted.origins[::-1], holes_behind)
    if behind < holes_behind:
        end = _place_of_hole(now.text[::-1], behind)
    middle = wanted.text[start : len(wanted.text) - end]
    return start, len(now.text) - end, Clipping(middle, wanted.origins[before : before + middle.count(HOLE)])


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """Return the greatest length up to ``most`` for which something holds that holds for every shorter one."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _same(one: Sequence[str], other: Sequence[str], most: int) -> int:
    """Return how many of the first origins are the same."""
    return next((number for number in range(most) if one[number] != other[number]), most)


def _place_of_hole(text: str, number: int) -> int:
    place = text.find(HOLE)
    for _ in range(number):
        place = text.find(HOLE, place + 1)
    return place
