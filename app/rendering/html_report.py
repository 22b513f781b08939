"""The report as one self-contained HTML file: no script, nothing loaded, readable on screen and paper."""

from __future__ import annotations

from app.domain.report.blocks import (
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
from app.domain.report.voice import Voice
from app.domain.report.words import Word, say
from app.rendering.icons import ICONS
from app.rendering.markup import Markup, element, join
from app.rendering.report_style import STYLE
from app.rendering.timeline_svg import render_timeline

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Browsers must not load or run anything, whatever a payload managed to say."""
_CONTENTS_FROM = 3
"""Fewer sections need no table of contents."""


def render_html(document: ReportDocument, voice: Voice) -> bytes:
    """Return the report as a UTF-8 HTML document."""
    page = element("html", _head(document, voice), _Page(voice).body(document), lang=str(voice.language))
    return f"<!DOCTYPE html>\n{page}\n".encode()


def _head(document: ReportDocument, voice: Voice) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", voice.text(document.title)),
        element("style", Markup(STYLE)),
    )


class _Page:
    """Draws blocks in one voice."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._figures = 0

    def body(self, document: ReportDocument) -> Markup:
        """Return the whole visible page."""
        badge = Markup() if document.badge is None else join([Markup(" "), self._inline(document.badge)])
        header = element(
            "header",
            element("h1", self._text(document.title), badge),
            join([self._block(block) for block in document.opening]),
            self._contents(document.sections),
            id="opening",
        )
        parts = join([self._section(section, 2) for section in document.sections])
        foot = element("footer", join([element("p", self._text(word)) for word in document.foot]))
        return element("body", element("main", header, parts, foot))

    def _contents(self, sections: tuple[Section, ...]) -> Markup:
        if len(sections) < _CONTENTS_FROM:
            return Markup()
        links = [element("a", self._text(section.title), href=f"#{section.key}") for section in sections]
        return element("nav", join(links), aria_label=self._text(say("Contents")))

    def _section(self, section: Section, level: int) -> Markup:
        heading = element(f"h{min(level, 4)}", self._text(section.title))
        blocks = join([self._block(block) for block in section.blocks])
        below = join([self._section(part, level + 1) for part in section.sections])
        name = "section" if level == 2 else "div"
        tone = "part" if section.outcome is None else f"part edge-{section.outcome}"
        return element(name, heading, blocks, below, id=section.key, class_=tone)

    def _block(self, block: Block) -> Markup:
        if isinstance(block, Paragraph):
            return element("p", self._text(block.word), class_=str(block.style))
        if isinstance(block, Bullets):
            items = join([element("li", self._text(item)) for item in block.items])
            return element("ul", items, class_=str(block.style))
        if isinstance(block, Facts):
            rows = [join([element("dt", self._text(fact.label)), self._fact(fact.value)]) for fact in block.rows]
            return element("dl", join(rows))
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Figure):
            self._figures += 1
            return element("figure", render_timeline(block.timeline, self._voice, self._figures))
        return self._code(block)

    def _fact(self, cell: Cell) -> Markup:
        return element("dd", self._inline(cell), class_=str(cell.style))

    def _table(self, table: Table) -> Markup:
        whole = sum(column.weight for column in table.columns)
        head = join(
            [
                element(
                    "th",
                    self._text(column.title),
                    scope="col",
                    class_=str(column.align),
                    style=f"width:{100 * column.weight / whole:.1f}%",
                )
                for column in table.columns
            ]
        )
        body = join([self._row(table, row) for row in table.rows])
        return element("table", element("thead", element("tr", head)), element("tbody", body))

    def _row(self, table: Table, row: tuple[Cell, ...]) -> Markup:
        cells = [
            element("td", self._inline(cell), class_=f"{cell.style} {column.align}")
            for column, cell in zip(table.columns, row, strict=True)
        ]
        return element("tr", join(cells))

    def _inline(self, cell: Cell) -> Markup:
        words = self._voice.text(cell.word, precise=cell.style is Style.TIME)
        if cell.outcome is not None:
            return element("span", f"{ICONS[cell.outcome]} {words}", class_=f"state {cell.outcome}")
        if cell.style is Style.MONO:
            return element("code", words)
        return element("bdi", words)

    def _code(self, code: Code) -> Markup:
        caption = Markup() if code.caption is None else element("figcaption", self._text(code.caption))
        cut = Markup()
        if code.whole is not None:
            note = say(
                "Cut after {n} of {whole} characters; the JSON report has all of it.",
                n=len(code.text),
                whole=code.whole,
            )
            cut = element("p", self._text(note), class_="muted")
        return element("figure", caption, element("pre", code.text), cut, class_="code")

    def _text(self, word: Word) -> str:
        return self._voice.text(word)
