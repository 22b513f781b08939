"""Compares a redacted document with its edited form, position by position.

Only positions are trusted: a masked leaf is "the same" when it still stands at its own pointer, reached through
containers of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.array_order import was_reordered
from app.domain.json_text import equal
from app.domain.placeholders import is_placeholder
from app.domain.run import JsonValue

Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: ``add``, ``replace`` or ``remove`` at a path of decoded pointer segments.

    ``masked`` is True when the original at this path was masked. ``before`` means nothing for ``add``, ``after``
    nothing for ``remove``.
    """

    op: str
    path: Segments
    before: JsonValue = None
    after: JsonValue = None
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs, which masked leaves are kept, and which arrays with masked leaves changed length or order."""

    differences: tuple[Difference, ...]
    kept: frozenset[Segments]
    resized: tuple[Segments, ...]
    reordered: tuple[Segments, ...]


def compare(
    original: JsonValue, edited: JsonValue, masked: frozenset[Segments], *, whole_containers: bool = False
) -> Comparison:
    """Compare two documents.

    Args:
        original: The redacted original.
        edited: What became of it.
        masked: Paths that redaction masked in the original.
        whole_containers: Replace a changed container whole when it holds no masked leaf, instead of its members.
    """
    walk = _Comparing(masked, whole_containers, [(original, edited, ())])
    walk.run()
    return Comparison(tuple(walk.differences), frozenset(walk.kept), tuple(walk.resized), tuple(walk.reordered))


@dataclass
class _Comparing:
    """The walk; ``pending`` holds pairs that stand at the same path and are still to be compared, next one last."""

    masked: frozenset[Segments]
    whole_containers: bool
    pending: list[tuple[JsonValue, JsonValue, Segments]]
    differences: list[Difference] = field(default_factory=list)
    kept: set[Segments] = field(default_factory=set)
    resized: list[Segments] = field(default_factory=list)
    reordered: list[Segments] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._above_masked = {path[:length] for path in self.masked for length in range(len(path))}

    def run(self) -> None:
        while self.pending:
            before, after, path = self.pending.pop()
            if path in self.masked:
                self._masked_leaf(before, after, path)
            elif path in self._above_masked:
                self._with_masked_leaves(before, after, path)
            elif not equal(before, after):
                self._mask_free(before, after, path)

    def _masked_leaf(self, before: JsonValue, after: JsonValue, path: Segments) -> None:
        if is_placeholder(after):
            self.kept.add(path)
        else:
            self.differences.append(Difference("replace", path, before, after, masked=True))

    def _with_masked_leaves(self, before: JsonValue, after: JsonValue, path: Segments) -> None:
        if isinstance(before, dict) and isinstance(after, dict):
            self._members(before, after, path)
        elif isinstance(before, list) and isinstance(after, list):
            self._elements(before, after, path)
        else:
            self.differences.append(Difference("replace", path, before, after))

    def _mask_free(self, before: JsonValue, after: JsonValue, path: Segments) -> None:
        descend = not self.whole_containers
        if descend and isinstance(before, dict) and isinstance(after, dict):
            self._members(before, after, path)
        elif descend and isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
            self._pairs(before, after, path)
        else:
            self.differences.append(Difference("replace", path, before, after))

    def _members(self, before: dict[str, JsonValue], after: dict[str, JsonValue], path: Segments) -> None:
        for key, item in before.items():
            here = (*path, key)
            if key not in after:
                self.differences.append(Difference("remove", here, before=item, masked=here in self.masked))
        for key, item in after.items():
            if key not in before:
                self.differences.append(Difference("add", (*path, key), after=item))
        self.pending += [(item, after[key], (*path, key)) for key, item in reversed(before.items()) if key in after]

    def _elements(self, before: list[JsonValue], after: list[JsonValue], path: Segments) -> None:
        if len(before) != len(after):
            self.resized.append(path)
        elif was_reordered(before, after):
            self.reordered.append(path)
        else:
            self._pairs(before, after, path)

    def _pairs(self, before: list[JsonValue], after: list[JsonValue], path: Segments) -> None:
        pairs = [(one, other, (*path, str(at))) for at, (one, other) in enumerate(zip(before, after, strict=True))]
        self.pending += reversed(pairs)
