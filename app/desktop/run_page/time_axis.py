"""One time axis: seconds of a run to pixels and back, idle stretches folded to a fixed width. No Qt."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

FOLD_PIXELS = 56.0
"""Width of a folded idle stretch: room for its written length."""
_NICE_STEPS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30,
    60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the axis: ``start``/``end`` in seconds, ``left``/``right`` in pixels."""

    start: float
    end: float
    left: float
    right: float
    folded: bool

    def pixel(self, seconds: float) -> float:
        """Return the pixel of a moment inside the stretch."""
        if self.end <= self.start:
            return self.left
        return self.left + (seconds - self.start) / (self.end - self.start) * (self.right - self.left)


class TimeAxis:
    """Maps seconds since the run's start to pixels.

    Args:
        total_seconds: Length of the axis; zero is drawn as one millisecond.
        folds: Idle stretches as (start, end) in seconds, ascending and disjoint.
        left: First pixel.
        width: Pixels of the whole axis.
    """

    def __init__(self, total_seconds: float, folds: tuple[tuple[float, float], ...], left: float, width: float) -> None:
        self.total = max(total_seconds, 0.001)
        self.left = left
        self.width = max(width, 1.0)
        self.stretches = self._lay_out(folds)
        self._starts = [stretch.start for stretch in self.stretches]

    def _lay_out(self, folds: tuple[tuple[float, float], ...]) -> tuple[Stretch, ...]:
        fold_pixels = min(FOLD_PIXELS, self.width / (2 * len(folds))) if folds else 0.0
        busy = max(self.total - sum(end - start for start, end in folds), 0.001)
        scale = (self.width - fold_pixels * len(folds)) / busy
        stretches: list[Stretch] = []
        at, pixel = 0.0, self.left
        for start, end in folds:
            if start > at:
                stretches.append(Stretch(at, start, pixel, pixel + (start - at) * scale, folded=False))
                pixel = stretches[-1].right
            stretches.append(Stretch(start, end, pixel, pixel + fold_pixels, folded=True))
            at, pixel = end, pixel + fold_pixels
        if at < self.total or not stretches:
            stretches.append(Stretch(at, max(self.total, at), pixel, self.left + self.width, folded=False))
        return tuple(stretches)

    def pixel(self, seconds: float) -> float:
        """Return the pixel of a moment; moments outside the axis are clamped to its ends."""
        seconds = min(max(seconds, 0.0), self.total)
        index = max(bisect_right(self._starts, seconds) - 1, 0)
        return self.stretches[index].pixel(seconds)

    def seconds(self, pixel: float) -> float:
        """Return the moment under a pixel, clamped to the axis."""
        for stretch in self.stretches:
            if pixel <= stretch.right:
                span = stretch.right - stretch.left
                share = 0.0 if span <= 0 else max(pixel - stretch.left, 0.0) / span
                return stretch.start + share * (stretch.end - stretch.start)
        return self.total

    def ticks(self, wanted_pixels: float = 96.0) -> tuple[float, ...]:
        """Return round moments at least ``wanted_pixels`` apart, none inside a fold."""
        open_stretches = [stretch for stretch in self.stretches if not stretch.folded]
        open_pixels = sum(stretch.right - stretch.left for stretch in open_stretches)
        busy = sum(stretch.end - stretch.start for stretch in open_stretches)
        step = _nice_step(busy / max(open_pixels / wanted_pixels, 1.0))
        if step > busy:  # a narrow axis: one round moment that fits tells more than a bare 0
            step = max((nice for nice in _NICE_STEPS if nice <= busy), default=step)
        ticks: list[float] = []
        last_pixel = float("-inf")
        for stretch in open_stretches:
            number = -(-stretch.start // step)
            while number * step <= stretch.end:
                pixel = stretch.pixel(number * step)
                if pixel - last_pixel >= wanted_pixels * (0.3 if ticks == [0] else 0.6):
                    ticks.append(number * step)
                    last_pixel = pixel
                number += 1
        return tuple(ticks)


def _nice_step(least: float) -> float:
    for step in _NICE_STEPS:
        if step >= least:
            return step
    return least
