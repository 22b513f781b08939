"""Lays the steps of two runs side by side: which pass of which step belongs to which.

A step of a loop has a row for every pass. A pass is known by its step and its number *within the enclosing pass*, so
that a longer inner loop of one run does not shift all that follows it. Numbered so, nothing occurs twice in a run, and
the longest common order of both is found in n log n.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from app.domain.run import Step

_BELOW = re.compile(r"(?P<above>.+)\.(?P<branch>then|else|body|try|catch)\.steps\[\d+\]")
"""The path of a step within another's branch (runtime.md 6.1)."""

Pair: TypeAlias = tuple[int | None, int | None]
"""Places in both sequences; None on the side that has no counterpart."""


@dataclass(slots=True)
class Visit:
    """A pass of a step: its row, what it is matched by, its number within the enclosing pass, its branches taken."""

    step: Step
    token: Hashable
    number: int
    branches: set[str] = field(default_factory=set)


def visits_of(steps: Iterable[Step], name: Callable[[Step], str]) -> list[Visit]:
    """Return the passes in the order in which they began; of those that began at once, an outer one before its inner.

    Args:
        steps: The rows of a run.
        name: What a step is known by in both runs: its path, or its id where the versions differ.
    """
    newest: dict[str, Visit] = {}
    passes: Counter[tuple[Hashable, str]] = Counter()
    visits: list[Visit] = []
    for step in sorted(steps, key=lambda step: (step.started_at, _natural(step.step_path))):
        above, branch = _enclosing(step.step_path)
        outer = newest.get(above)
        within = None if outer is None else outer.token
        passes[within, step.step_path] += 1
        number = passes[within, step.step_path]
        visit = Visit(step, _Token((within, name(step), number)), number)
        if outer is not None and branch:
            outer.branches.add(branch)
        newest[step.step_path] = visit
        visits.append(visit)
    return visits


class _Token:
    """A nested token that is hashed once, however deep it lies."""

    __slots__ = ("_hash", "parts")

    def __init__(self, parts: tuple[Hashable, str, int]) -> None:
        self.parts = parts
        self._hash = hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Token) and self._hash == other._hash and self.parts == other.parts


def align(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[Pair]:
    """Return both sequences merged: what is in both as a pair, everything else alone, each in its own order.

    Equal elements are told apart by how many of their kind came before. Among elements in both, the longest order
    common to both is paired; between two pairs the first sequence's own come before the second's.
    """
    pairs: list[Pair] = []
    at_first = at_second = 0
    for one, other in [*_common_order(_numbered(first), _numbered(second)), (len(first), len(second))]:
        pairs += [(place, None) for place in range(at_first, one)]
        pairs += [(None, place) for place in range(at_second, other)]
        if one < len(first):
            pairs.append((one, other))
        at_first, at_second = one + 1, other + 1
    return pairs


def _numbered(elements: Sequence[Hashable]) -> list[tuple[Hashable, int]]:
    seen: Counter[Hashable] = Counter()
    numbered: list[tuple[Hashable, int]] = []
    for element in elements:
        seen[element] += 1
        numbered.append((element, seen[element]))
    return numbered


def _common_order(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the longest rising sequence of common places; no element occurs twice on a side."""
    places = {element: place for place, element in enumerate(second)}
    common = [(place, places[element]) for place, element in enumerate(first) if element in places]
    ends: list[int] = []
    """The smallest end of a rising sequence, by its length less one."""
    last: list[int] = []
    before: list[int | None] = []
    for index, (_, other) in enumerate(common):
        length = bisect_left(ends, other)
        before.append(last[length - 1] if length else None)
        if length == len(ends):
            ends.append(other)
            last.append(index)
        else:
            ends[length], last[length] = other, index
    found: list[tuple[int, int]] = []
    at = last[-1] if last else None
    while at is not None:
        found.append(common[at])
        at = before[at]
    return found[::-1]


def _natural(path: str) -> list[tuple[int, str]]:
    """Return what sorts paths as a definition does: an outer step before its inner ones, step 2 before step 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path)]


def _enclosing(path: str) -> tuple[str, str]:
    """Return the path of the step around this one and the branch it is in; empty texts at the top."""
    found = _BELOW.fullmatch(path)
    return ("", "") if found is None else (found["above"], found["branch"])
