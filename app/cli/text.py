"""Plain text for people: aligned tables, local times, nothing that a terminal would obey."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

GAP = "  "
_CELL_MINIMUM = 12


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], width: int | None) -> str:
    """Return an aligned table; the last column is cut so that lines fit ``width`` columns (None: never cut).

    Headers that start with ``>`` align their column to the right.
    """
    cells = [[header.lstrip(">") for header in headers], *([printable(cell) for cell in row] for row in rows)]
    widths = [max(display_width(row[column]) for row in cells) for column in range(len(headers))]
    if width is not None:
        before = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
        widths[-1] = max(min(widths[-1], width - before), _CELL_MINIMUM)
    right = [header.startswith(">") for header in headers]
    return "\n".join(_line(row, widths, right) for row in cells)


def fields(pairs: Iterable[tuple[str, str | None]]) -> str:
    """Return one line per name and value, values aligned; pairs without a value are left out."""
    shown = [(name, printable(value)) for name, value in pairs if value is not None]
    column = max((display_width(name) for name, _ in shown), default=0)
    return "\n".join(f"{_pad(name, column)}{GAP}{value}" for name, value in shown)


def section(title: str, body: str) -> str:
    """Return a titled block, or nothing when the body is empty."""
    return f"\n\n{title}\n{body}" if body else ""


def terminal_width() -> int | None:
    """Return the terminal's width in columns, or None when the output goes elsewhere and must not be cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def local_time(value: datetime | None) -> str:
    """Return a time in the operator's zone to the second, or a dash."""
    return "-" if value is None else value.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def span(seconds: float) -> str:
    """Return a length of time in its two largest units, for example ``2 h 5 min``."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def printable(text: str) -> str:
    """Return the text on one line with control and direction-changing characters made visible.

    Stored text must not be able to move the cursor, recolour the terminal or reorder what is read.
    """
    return "".join(_visible(character) for character in text)


def display_width(text: str) -> int:
    """Return how many terminal columns the text takes."""
    return sum(_columns(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}:
        return f"\\u{ord(character):04x}"
    return character


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    *before, last = zip(row, widths, right, strict=True)
    padded = [_pad(cell, width, right=aligned) for cell, width, aligned in before]
    return GAP.join([*padded, _cut(last[0], last[1])]).rstrip()


def _pad(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - display_width(text))
    return space + text if right else text + space


def _cut(text: str, width: int) -> str:
    if display_width(text) <= width:
        return text
    return "".join(_fitting(text, width - 1)) + "…"


def _fitting(text: str, width: int) -> Iterator[str]:
    for character in text:
        width -= _columns(character)
        if width < 0:
            return
        yield character
