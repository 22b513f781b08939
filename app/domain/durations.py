"""Lengths of time in words for headlines and reports; the desktop has translated ones of its own."""

from __future__ import annotations

from itertools import pairwise

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def spoken_duration(seconds: float) -> str:
    """Return a length in at most two units: ``320 ms``, ``4.2 s``, ``2 min 5 s``, ``3 h``, ``5 d 2 h``."""
    if seconds < 0.9995:
        return f"{max(round(seconds * 1000), 0)} ms"
    if seconds < 59.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    for (unit, size), (smaller, smaller_size) in pairwise(_UNITS):
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"
