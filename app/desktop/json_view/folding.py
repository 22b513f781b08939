"""Long strings folded for display: one line of a megabyte would freeze an editor (stack-facts "Editor").

A string literal longer than a limit is shown as its beginning and a marker; :func:`unfold` puts the literal back,
so that what is assessed, copied and sent is always the whole text. Lines are kept: a JSON string has no line break.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FOLD_LIMIT = 2_000
"""Longest string literal shown whole, in characters."""
SHOWN_OF_FOLDED = 80
SLICE_CHARACTERS = 16_384
"""Text inserted into a document per turn of the event loop."""

_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_FRAGMENT = re.compile(r"⟦folded \d|\d: [\d,]+ characters⟧|folded \d+: [\d,]+ characters")
_SPLIT_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")


class BrokenFold(ValueError):
    """A marker of a folded string was changed, so the string behind it is no longer known.

    Args:
        line: One-based line of the changed marker.
    """

    def __init__(self, line: int) -> None:
        super().__init__(f"The folded string in line {line} was changed in part.")
        self.line = line


@dataclass(frozen=True, slots=True)
class FoldedText:
    """Text fit for an editor; ``folds`` maps each marker literal (with its quotes) to the literal it stands for."""

    text: str
    folds: dict[str, str] = field(default_factory=dict)


def fold(text: str, first: int = 1) -> FoldedText:
    """Replace every string literal longer than :data:`FOLD_LIMIT` by its beginning and a numbered marker."""
    folds: dict[str, str] = {}

    def shorten(match: re.Match[str]) -> str:
        literal = match.group()
        if len(literal) <= FOLD_LIMIT + 2:
            return literal
        beginning = _SPLIT_ESCAPE.sub("", literal[1 : SHOWN_OF_FOLDED + 1])
        marker = f'"{beginning}… ⟦folded {len(folds) + first}: {len(literal) - 2:,} characters⟧"'
        folds[marker] = literal
        return marker

    return FoldedText(_LITERAL.sub(shorten, text), folds)


def unfold(text: str, folds: dict[str, str]) -> str:
    """Return the text with each marker replaced by the literal behind it.

    Raises:
        BrokenFold: A marker was changed in part, so its string can no longer be told.
    """
    whole = rest = text
    for marker, literal in folds.items():
        whole = whole.replace(marker, literal)
        rest = rest.replace(marker, '""')
    fragment = _FRAGMENT.search(rest) if folds else None
    if fragment is not None:
        raise BrokenFold(rest.count("\n", 0, fragment.start()) + 1)
    return whole


def slices(text: str, size: int = SLICE_CHARACTERS) -> list[str]:
    """Cut text at line ends into pieces of about ``size`` characters; joined they are the text again."""
    pieces: list[str] = []
    start = 0
    while len(text) - start > size:
        cut = text.find("\n", start + size)
        if cut < 0:
            break
        pieces.append(text[start : cut + 1])
        start = cut + 1
    pieces.append(text[start:])
    return pieces
