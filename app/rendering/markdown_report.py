"""The report as Markdown for a ticket: the same parts, tables and code; text of the run cannot become markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.report.blocks import (
    Align,
    Block,
    Bullets,
    Cell,
    Code,
    Facts,
    Figure,
    Paragraph,
    ReportDocument,
    Section,
    Style,
    Table,
)
from app.domain.report.timeline_words import DrawnRow, drawn_rows, entry_label, gap_words
from app.domain.report.voice import Voice
from app.domain.report.words import Word, say
from app.domain.timeline import Timeline
from app.rendering.icons import ICONS
from app.rendering.visible import visible

_ACTIVE = re.compile(
    r"""[\\`*\[\]<>\#|~$&@]  # emphasis, links, markup, mentions, references, tables, mathematics
      | (?<!\w)_ | _(?!\w)    # emphasis; within a word an underscore is none
      | :(?=//) | (?<=www)\.  # addresses that would become links
      | ^[-+=](?=\s|$|[-+=])  # lists, rules and headings
    """,
    re.VERBOSE,
)
"""What may begin markup in one of the usual dialects."""
_NUMBERED = re.compile(r"^(\d+)([.)])")
_FENCE = "```"


def render_markdown(document: ReportDocument, voice: Voice) -> bytes:
    """Return the report as UTF-8 Markdown with tables, as ticket systems draw it."""
    return ("\n\n".join(_Writer(voice).parts(document)) + "\n").encode()


class _Writer:
    """Writes blocks in one voice."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def parts(self, document: ReportDocument) -> Iterator[str]:
        """Yield the pieces between which a blank line stands."""
        badge = "" if document.badge is None else f" — {self._cell(document.badge)}"
        yield f"# {self._text(document.title)}{badge}"
        for block in document.opening:
            yield from self._block(block)
        for section in document.sections:
            yield from self._section(section, 2)
        yield "---"
        yield "  \n".join(self._text(word) for word in document.foot)

    def _section(self, section: Section, level: int) -> Iterator[str]:
        yield f"{'#' * min(level, 6)} {self._text(section.title)}"
        for block in section.blocks:
            yield from self._block(block)
        for part in section.sections:
            yield from self._section(part, level + 1)

    def _block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Paragraph):
            yield self._styled(block.word, block.style)
        elif isinstance(block, Bullets):
            yield "\n".join(f"- {self._text(item)}" for item in block.items)
        elif isinstance(block, Facts):
            yield "\n".join(f"- **{self._text(fact.label)}:** {self._cell(fact.value)}" for fact in block.rows)
        elif isinstance(block, Table):
            yield self._table(block)
        elif isinstance(block, Figure):
            yield from self._timeline(block.timeline)
        else:
            yield from self._code(block)

    def _table(self, table: Table) -> str:
        head = " | ".join(self._text(column.title) for column in table.columns)
        rule = " | ".join("---:" if column.align is Align.END else "---" for column in table.columns)
        rows = [" | ".join(self._cell(cell) for cell in row) for row in table.rows]
        return "\n".join(f"| {line} |" for line in (head, rule, *rows))

    def _timeline(self, timeline: Timeline) -> Iterator[str]:
        lines = [self._timeline_line(row) for row in drawn_rows(timeline.entries)]
        yield "\n".join(lines) if lines else self._text(say("No step has run."))

    def _timeline_line(self, row: DrawnRow) -> str:
        entry = row.entry
        if entry is None:
            return f"- ⋮ {self._text(gap_words(row))}"
        length = f"{self._voice.span(entry.seconds)}{'…' if entry.open else ''}"
        words = f"{ICONS[entry.outcome]} {self._text(entry_label(entry))}: {length}, {self._text(entry.started_at)}"
        return f"{'  ' * row.nested}- {words}"

    def _code(self, code: Code) -> Iterator[str]:
        if code.caption is not None:
            yield f"*{self._text(code.caption)}*"
        fence = _fence_for(code.text)
        yield f"{fence}text\n{visible(code.text)}\n{fence}"
        if code.whole is not None:
            note = say(
                "Cut after {n} of {whole} characters; the JSON report has all of it.",
                n=len(code.text),
                whole=code.whole,
            )
            yield f"*{self._text(note)}*"

    def _styled(self, word: Word, style: Style) -> str:
        written = self._text(word)
        if style is Style.STRONG:
            return f"**{written}**"
        return f"*{written}*" if style is Style.MUTED else written

    def _cell(self, cell: Cell) -> str:
        words = self._voice.text(cell.word, precise=cell.style is Style.TIME)
        if cell.outcome is not None:
            return f"{ICONS[cell.outcome]} {escaped(words)}"
        if cell.style is Style.MONO and words and not {"`", "|"} & set(words):
            return f"`{_one_line(words)}`"
        return f"**{escaped(words)}**" if cell.style is Style.STRONG and words else escaped(words)

    def _text(self, word: Word) -> str:
        return escaped(self._voice.text(word))


def escaped(text: str) -> str:
    """Return text on one line in which nothing is markup, a mention or a link."""
    return _NUMBERED.sub(r"\1\\\2", _ACTIVE.sub(_as_literal, _one_line(text)))


def _as_literal(found: re.Match[str]) -> str:
    """Return a character that is shown, not acted on; entities where a backslash is not enough everywhere."""
    return _ENTITIES.get(found.group(), f"\\{found.group()}")


_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;", ":": "&#58;", ".": "&#46;"}


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())


def _fence_for(text: str) -> str:
    """Return a fence that is longer than any run of backticks in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(len(_FENCE), longest + 1)
