"""The fonts of the PDF report, embedded, and how wide text is in them.

DejaVu Sans Condensed has Latin, Greek and Cyrillic letters and the icons; JetBrains Mono is for code. What neither has
is spelled out, because an empty box would hide it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.rendering.visible import visible

_TAB = "    "


class Face(StrEnum):
    """A font; the value is its file's name without ending."""

    TEXT = "DejaVuSansCondensed"
    BOLD = "DejaVuSansCondensed-Bold"
    MONO = "JetBrainsMono-Regular"


_SUBSTITUTE = {Face.TEXT: Face.TEXT, Face.BOLD: Face.TEXT, Face.MONO: Face.TEXT}


class Fonts:
    """The registered fonts.

    Args:
        directory: Where the files are.
    """

    def __init__(self, directory: Path) -> None:
        self._glyphs: dict[Face, frozenset[str]] = {}
        self._widths: dict[Face, dict[str, float]] = {face: {} for face in Face}
        for face in Face:
            font = TTFont(str(face), str(directory / f"{face}.ttf"))
            pdfmetrics.registerFont(font)
            self._glyphs[face] = frozenset(chr(code) for code in font.face.charToGlyph)

    def printable(self, text: str) -> str:
        """Return text in which everything can be drawn: what no font has is spelled out."""
        shown = visible(text).replace("\t", _TAB)
        known = self._glyphs[Face.TEXT]
        if all(character in known or character == "\n" for character in shown):
            return shown
        return "".join(
            character if character in known or character == "\n" else _spelled(character) for character in shown
        )

    def runs(self, text: str, face: Face) -> Iterator[tuple[Face, str]]:
        """Yield the text in pieces of one font each: the wanted one, else the one that has the letters."""
        own = self._glyphs[face]
        begin = 0
        current = face
        for at, character in enumerate(text):
            wanted = face if character in own else _SUBSTITUTE[face]
            if wanted is not current:
                if at > begin:
                    yield current, text[begin:at]
                begin, current = at, wanted
        if begin < len(text):
            yield current, text[begin:]

    def width(self, text: str, face: Face, size: float) -> float:
        """Return how wide printable text is, in points."""
        known = self._widths[face]
        total = 0.0
        for character in text:
            width = known.get(character)
            if width is None:
                width = known[character] = self._width_of(character, face)
            total += width
        return total * size

    def wrap(self, text: str, face: Face, size: float, width: float) -> list[str]:
        """Return printable text in lines that are no wider than ``width``; what has no space is broken anywhere."""
        return [line for part in text.split("\n") for line in self._wrapped(part, face, size, width)]

    def _wrapped(self, text: str, face: Face, size: float, width: float) -> Iterator[str]:
        line = ""
        for word in _words(text):
            if self.width(line + word.rstrip(), face, size) <= width:
                line += word
                continue
            if line.strip():
                yield line.rstrip()
                line = ""
            while self.width(word.rstrip(), face, size) > width:
                cut = self._fitting(word, face, size, width)
                yield word[:cut]
                word = word[cut:]  # noqa: PLW2901 - what is left of it
            line = word
        yield line.rstrip()

    def _fitting(self, word: str, face: Face, size: float, width: float) -> int:
        """Return how many characters of a word fit, at least one."""
        total = 0.0
        for at, character in enumerate(word):
            total += self.width(character, face, size)
            if total > width:
                return max(at, 1)
        return len(word)

    def _width_of(self, character: str, face: Face) -> float:
        font = face if character in self._glyphs[face] else _SUBSTITUTE[face]
        width: float = pdfmetrics.stringWidth(character, str(font), 1000) / 1000
        return width


@lru_cache(maxsize=1)
def load_fonts(directory: Path) -> Fonts:
    """Return the fonts, read once in a process."""
    return Fonts(directory)


def _words(text: str) -> Iterator[str]:
    """Yield words with the spaces that follow them; leading spaces are a word."""
    begin = 0
    for at in range(1, len(text)):
        if text[at - 1] == " " and text[at] != " ":
            yield text[begin:at]
            begin = at
    if begin < len(text):
        yield text[begin:]


def _spelled(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
