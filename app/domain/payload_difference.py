"""Compares a document with chips with its edited form, position by position.

A chip is the same when it stands for the same stored value, wherever that is. An array whose chips changed places or
whose length changed around them is one difference; its elements are told apart for display only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.chips import Chip, Segments, chips_in
from app.domain.json_text import equal
from app.domain.run import JsonValue


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: ``add``, ``replace`` or ``remove`` at a path of decoded pointer segments.

    ``before`` means nothing for ``add``, ``after`` nothing for ``remove``.
    """

    op: str
    path: Segments
    before: JsonValue = None
    after: JsonValue = None

    @property
    def masked(self) -> bool:
        """Whether what stood here was masked."""
        return self.op != "add" and isinstance(self.before, Chip)


def compare(original: JsonValue, edited: JsonValue, *, whole_containers: bool = False) -> tuple[Difference, ...]:
    """Return what differs, in reading order, so that the differences applied to the original give the edited document.

    Args:
        original: A document with a chip at each sealed place.
        edited: What became of it.
        whole_containers: Replace a changed container whole when it holds no chip, instead of its members.
    """
    walk = _Comparing(original, edited, whole_containers)
    walk.run()
    return tuple(walk.differences)


@dataclass
class _Comparing:
    """The walk; ``pending`` holds pairs that stand at the same path and are still to be compared, next one last."""

    original: JsonValue
    edited: JsonValue
    whole_containers: bool
    differences: list[Difference] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pending: list[tuple[JsonValue, JsonValue, Segments]] = [(self.original, self.edited, ())]
        self._with_chips: set[Segments] = set()
        self._shuffled: set[Segments] = set()
        for at, _ in chips_in(self.original):
            self._note_above(at)
        for at, chip in chips_in(self.edited):
            self._note_above(at)
            if at != chip.origin:
                self._shuffled.add(_common(at, chip.origin))

    def _note_above(self, path: Segments) -> None:
        above = path[:-1]
        while above not in self._with_chips:
            self._with_chips.add(above)
            above = above[:-1]

    def run(self) -> None:
        while self.pending:
            before, after, path = self.pending.pop()
            may_descend = path in self._with_chips or not (self.whole_containers or equal(before, after))
            if may_descend and isinstance(before, dict) and isinstance(after, dict):
                self._members(before, after, path)
            elif may_descend and isinstance(before, list) and isinstance(after, list):
                self._elements(before, after, path)
            elif not equal(before, after):
                self.differences.append(Difference("replace", path, before, after))

    def _members(self, before: dict[str, JsonValue], after: dict[str, JsonValue], path: Segments) -> None:
        for key, item in before.items():
            if key not in after:
                self.differences.append(Difference("remove", (*path, key), before=item))
        for key, item in after.items():
            if key not in before:
                self.differences.append(Difference("add", (*path, key), after=item))
        self.pending += [(item, after[key], (*path, key)) for key, item in reversed(before.items()) if key in after]

    def _elements(self, before: list[JsonValue], after: list[JsonValue], path: Segments) -> None:
        if len(before) != len(after) or path in self._shuffled:  # positions mean nothing here
            self.differences.append(Difference("replace", path, before, after))
            return
        pairs = [(one, other, (*path, str(at))) for at, (one, other) in enumerate(zip(before, after, strict=True))]
        self.pending += reversed(pairs)


def _common(one: Segments, other: Segments) -> Segments:
    """Return the path of the innermost container that holds both places."""
    length = 0
    while length < min(len(one), len(other)) - 1 and one[length] == other[length]:
        length += 1
    return one[:length]
