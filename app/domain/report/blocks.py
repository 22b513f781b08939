"""The parts that a report is made of. HTML, PDF and Markdown draw the same ones, so all of them say the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from app.domain.report.words import Said, Word
from app.domain.timeline import Outcome, Timeline

__all__ = [
    "Align",
    "Block",
    "Bullets",
    "Cell",
    "Code",
    "Column",
    "Fact",
    "Facts",
    "Figure",
    "Outcome",
    "Paragraph",
    "ReportDocument",
    "Section",
    "Style",
    "Table",
    "mono",
    "plain",
    "state",
]


class Style(StrEnum):
    """How a text is set."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    MONO = "mono"
    """Ids, paths and codes, to be copied exactly."""
    TIME = "time"
    """A moment to the millisecond, never broken."""


class Align(StrEnum):
    """Where a column's text stands."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and how it is set; with an ``outcome`` it is a state, shown by icon, word and colour."""

    word: Word
    style: Style = Style.PLAIN
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    word: Word
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Bullets:
    """Facts, one a line."""

    items: tuple[Word, ...]
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value."""

    label: Said
    value: Cell


@dataclass(frozen=True, slots=True)
class Facts:
    """Named values, one a line."""

    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; ``weight`` is its share of the width."""

    title: Said
    weight: float = 1.0
    align: Align = Align.START


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each as long as ``columns``."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Text of the run to be read exactly. ``whole`` is its true length in characters where it was cut, else None."""

    text: str
    caption: Said | None = None
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """The timeline, drawn by the renderer."""

    timeline: Timeline


Block: TypeAlias = "Paragraph | Bullets | Facts | Table | Code | Figure"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; ``key`` is unique in the report and names the place in links.

    ``outcome`` colours a section that is about trouble.
    """

    key: str
    title: Word
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A whole report: a title with a state, what to read in the first minute, and the parts.

    Attributes:
        title: What the report is about.
        badge: Its state.
        opening: The first minute: headline and the answers to what, to whom, since when, why, and what next.
        sections: The parts, in reading order.
        foot: Where and when it was made.
    """

    title: Word
    badge: Cell | None
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
    foot: tuple[Word, ...]


def plain(word: Word) -> Cell:
    """Return text as it is."""
    return Cell(word)


def mono(word: Word) -> Cell:
    """Return an id, a path or a code."""
    return Cell(word, Style.MONO)


def state(word: Word, outcome: Outcome) -> Cell:
    """Return a state with its icon."""
    return Cell(word, Style.STRONG, outcome)
