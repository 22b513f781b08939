"""Which placeholders of an edited text keep the stored value: those at the pointer that was masked (rulings.md).

Text has no memory of where a placeholder came from, so only its place tells. In an array places shift; one that holds
placeholders as text therefore has to keep its length and its order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.array_order import was_reordered
from app.domain.chips import Segments, with_chips, without_chips
from app.domain.placeholders import find_placeholders, is_placeholder
from app.domain.run import JsonValue


@dataclass(frozen=True, slots=True)
class KeptPlaceholders:
    """The edited document with a chip for each placeholder that keeps, and the arrays in which none can be told."""

    value: JsonValue
    resized: tuple[Segments, ...]
    reordered: tuple[Segments, ...]


def keep_placeholders(
    redacted: JsonValue, edited: JsonValue, sealed: frozenset[Segments], *, chips_move: bool
) -> KeptPlaceholders:
    """Turn the placeholders of an edited document that stand at their own place into chips.

    Args:
        redacted: The redacted original, as plain JSON.
        edited: What became of it; may hold chips already.
        sealed: The places at which the original shows a placeholder.
        chips_move: Whether an array without placeholders as text may change freely: what is masked in it are chips.
    """
    walk = _Walk(sealed, chips_move)
    walk.pair(redacted, edited, ())
    value = with_chips(edited, walk.kept) if walk.kept else edited
    return KeptPlaceholders(value, tuple(walk.resized), tuple(walk.reordered))


@dataclass
class _Walk:
    sealed: frozenset[Segments]
    chips_move: bool
    kept: set[Segments] = field(default_factory=set)
    resized: list[Segments] = field(default_factory=list)
    reordered: list[Segments] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._above = {path[:length] for path in self.sealed for length in range(len(path))}

    def pair(self, before: JsonValue, after: JsonValue, path: Segments) -> None:
        if path in self.sealed:
            if is_placeholder(after):
                self.kept.add(path)
        elif path not in self._above:
            return
        elif isinstance(before, dict) and isinstance(after, dict):
            for key, item in before.items():
                if key in after:
                    self.pair(item, after[key], (*path, key))
        elif isinstance(before, list) and isinstance(after, list):
            self._elements(before, after, path)

    def _elements(self, before: list[JsonValue], after: list[JsonValue], path: Segments) -> None:
        if self.chips_move and not find_placeholders(after):
            return
        if len(before) != len(after):
            self.resized.append(path)
        elif was_reordered(before, [without_chips(item) for item in after]):
            self.reordered.append(path)
        else:
            for at, (one, other) in enumerate(zip(before, after, strict=True)):
                self.pair(one, other, (*path, str(at)))
