"""The time axis of a run: real seconds on one side, drawn units on the other, with idle stretches folded away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

FOLD_AFTER_SECONDS = 60.0
"""Shorter idle stretches are never folded."""
_FOLD_SHARE = 0.2
"""A stretch is folded only when it takes at least this share of the whole."""
_FOLD_WIDTH = 0.08
"""Drawn width of a fold, as a share of everything that is not folded."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A stretch in which nothing ran, drawn short with its length written. Seconds since the origin."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Real length of the stretch."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps seconds since the origin to a share of the width.

    ``seconds`` is the real length of the axis; ``folds`` are in order and do not overlap.
    """

    seconds: float
    folds: tuple[Fold, ...] = ()

    def position(self, second: float) -> float:
        """Return where a second lies on the drawn axis, from 0.0 to 1.0."""
        drawn = self._drawn(min(max(second, 0.0), self.seconds))
        whole = self._drawn(self.seconds)
        return drawn / whole if whole > 0 else 0.0

    def _drawn(self, second: float) -> float:
        drawn = second
        for fold in self.folds:
            passed = min(second, fold.end) - fold.start
            if passed > 0:
                drawn -= passed * (1.0 - self._fold_width / fold.seconds)
        return drawn

    @property
    def _fold_width(self) -> float:
        open_seconds = self.seconds - sum(fold.seconds for fold in self.folds)
        return max(open_seconds * _FOLD_WIDTH, 0.05)


def make_axis(seconds: float, moments: Iterable[float], busy: Sequence[tuple[float, float]]) -> Axis:
    """Return an axis that folds what is long and idle.

    Args:
        seconds: Length of the axis.
        moments: Seconds at which anything begins or ends; a fold never hides one.
        busy: Stretches in which work ran.
    """
    marks = sorted({0.0, seconds, *(moment for moment in moments if 0.0 <= moment <= seconds)})
    least = max(FOLD_AFTER_SECONDS, seconds * _FOLD_SHARE)
    calm = _Calm(busy)
    folds = tuple(Fold(start, end) for start, end in pairwise(marks) if end - start >= least and calm.at(start, end))
    return Axis(seconds, folds)


class _Calm:
    """Answers whether a stretch between two marks is free of work."""

    def __init__(self, busy: Sequence[tuple[float, float]]) -> None:
        merged: list[tuple[float, float]] = []
        for start, end in sorted(busy):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        self._merged = merged
        self._starts = [start for start, _ in merged]

    def at(self, start: float, end: float) -> bool:
        middle = (start + end) / 2
        found = bisect_right(self._starts, middle) - 1
        return found < 0 or self._merged[found][1] <= middle
