"""The report as PDF pages: the blocks of the document from top to bottom, an outline, numbered pages."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.colors import Color

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
from app.domain.report.voice import Voice
from app.domain.report.words import Word, say
from app.rendering.icons import ICONS
from app.rendering.pdf.fonts import Face, load_fonts
from app.rendering.pdf.sheet import BODY, LINE, MARGIN, MUTED, OUTCOMES, SHADE, Sheet, Type
from app.rendering.pdf.timeline import draw_timeline

_TITLE = Type(Face.BOLD, 17)
_HEADINGS = {2: Type(Face.BOLD, 12.5), 3: Type(Face.BOLD, 10), 4: Type(Face.BOLD, 9)}
_PLAIN = Type(Face.TEXT, 9)
_CELL = Type(Face.TEXT, 7.8)
_CODE = Type(Face.MONO, 7)
_TYPES = {
    Style.PLAIN: _PLAIN,
    Style.STRONG: Type(Face.BOLD, 9),
    Style.MUTED: Type(Face.TEXT, 8.2, MUTED),
    Style.MONO: Type(Face.MONO, 8, MUTED),
    Style.TIME: _PLAIN,
}
_CELL_TYPES = {
    Style.PLAIN: _CELL,
    Style.STRONG: Type(Face.BOLD, 7.8),
    Style.MUTED: Type(Face.TEXT, 7.8, MUTED),
    Style.MONO: Type(Face.MONO, 6.8),
    Style.TIME: _CELL,
}
_LABELS = 92.0
_GAP = 8.0
_PAD = 2.5
_BOX = 5.0


def render_pdf(document: ReportDocument, voice: Voice, fonts: Path) -> bytes:
    """Return the report as a PDF file.

    Args:
        document: The report.
        voice: Language and time zone.
        fonts: The directory of the fonts that are embedded.
    """
    loaded = load_fonts(fonts)
    title = loaded.printable(voice.text(document.title)).replace("\n", " ")
    page_of = voice.text(say("Page {page} of {total}"))
    sheet = Sheet(loaded, title, page_of)
    _Drawing(sheet, voice).document(document)
    return sheet.finished()


class _Drawing:
    """Draws blocks in one voice."""

    def __init__(self, sheet: Sheet, voice: Voice) -> None:
        self._sheet = sheet
        self._voice = voice

    def document(self, document: ReportDocument) -> None:
        """Draw everything."""
        sheet = self._sheet
        title = self._text(document.title)
        sheet.bookmark("opening", title.replace("\n", " "), 0)
        self._lines(title, _TITLE, MARGIN, BODY)
        if document.badge is not None:
            self._cell_lines(document.badge, Type(Face.BOLD, 11), MARGIN, BODY)
        sheet.down(6)
        for block in document.opening:
            self._block(block)
        for section in document.sections:
            self._section(section, 2)
        sheet.need(40)
        sheet.down(6)
        for word in document.foot:
            self._lines(self._text(word), _TYPES[Style.MUTED], MARGIN, BODY)

    def _section(self, section: Section, level: int) -> None:
        sheet, kind = self._sheet, _HEADINGS[min(level, 4)]
        sheet.down(10 if level == 2 else 6)
        sheet.need(70 if level == 2 else 54)
        if level == 2:
            sheet.rule(sheet.y)
            sheet.down(8)
        title = self._text(section.title).replace("\n", " ")
        sheet.bookmark(section.key, title, min(level - 2, 2))
        if section.outcome is not None:
            sheet.box(MARGIN - 9, sheet.y - kind.leading + 2, 3, kind.leading, OUTCOMES[section.outcome])
        self._lines(title, kind, MARGIN, BODY)
        sheet.down(3)
        for block in section.blocks:
            self._block(block)
        for part in section.sections:
            self._section(part, level + 1)

    def _block(self, block: Block) -> None:
        if isinstance(block, Paragraph):
            self._lines(self._text(block.word), _TYPES[block.style], MARGIN, BODY)
            self._sheet.down(4)
        elif isinstance(block, Bullets):
            self._bullets(block)
        elif isinstance(block, Facts):
            self._facts(block)
        elif isinstance(block, Table):
            _TableDrawing(self._sheet, self._voice, block).draw()
        elif isinstance(block, Figure):
            draw_timeline(self._sheet, block.timeline, self._voice)
        else:
            self._code(block)

    def _bullets(self, block: Bullets) -> None:
        kind = _TYPES[block.style]
        for item in block.items:
            self._sheet.need(kind.leading)
            self._sheet.line("•", (MARGIN + 2, self._sheet.y - kind.size), kind)
            self._lines(self._text(item), kind, MARGIN + 12, BODY - 12)
            self._sheet.down(1.5)
        self._sheet.down(4)

    def _facts(self, block: Facts) -> None:
        label = Type(Face.TEXT, 9, MUTED)
        for fact in block.rows:
            name = self._sheet.fonts.wrap(self._text(fact.label), label.face, label.size, _LABELS - _GAP)
            self._sheet.need(label.leading * max(len(name), 1))
            for number, line in enumerate(name):
                self._sheet.line(line, (MARGIN, self._sheet.y - label.size - number * label.leading), label)
            top = self._sheet.y
            kind = _TYPES[fact.value.style]
            if fact.value.style is Style.MONO:
                kind = Type(Face.MONO, 8)
            self._cell_lines(fact.value, kind, MARGIN + _LABELS, BODY - _LABELS)
            used = top - self._sheet.y
            if 0 <= used < label.leading * len(name):
                self._sheet.down(label.leading * len(name) - used)
            self._sheet.down(2.5)
        self._sheet.down(5)

    def _code(self, code: Code) -> None:
        sheet = self._sheet
        if code.caption is not None:
            sheet.need(_TYPES[Style.MUTED].leading + 3 * _CODE.leading)
            self._lines(self._text(code.caption), _TYPES[Style.MUTED], MARGIN, BODY)
            sheet.down(2)
        lines = sheet.fonts.wrap(sheet.fonts.printable(code.text), _CODE.face, _CODE.size, BODY - 2 * _BOX)
        while lines:
            fitting = max(int((sheet.left - 2 * _BOX) // _CODE.leading), 1)
            part, lines = lines[:fitting], lines[fitting:]
            height = len(part) * _CODE.leading + 2 * _BOX
            sheet.need(height)
            sheet.box(MARGIN, sheet.y - height, BODY, height, SHADE)
            for number, line in enumerate(part):
                sheet.line(line, (MARGIN + _BOX, sheet.y - _BOX - _CODE.size - number * _CODE.leading), _CODE)
            sheet.down(height)
            if lines:
                sheet.need(sheet.whole)
        sheet.down(5)
        if code.whole is not None:
            note = say(
                "Cut after {n} of {whole} characters; the JSON report has all of it.",
                n=len(code.text),
                whole=code.whole,
            )
            self._block(Paragraph(note, Style.MUTED))

    def _cell_lines(self, cell: Cell, kind: Type, x: float, width: float) -> None:
        words, color = _cell_words(self._sheet, self._voice, cell)
        self._lines(words, kind if color is None else Type(kind.face, kind.size, color), x, width)

    def _lines(self, text: str, kind: Type, x: float, width: float) -> None:
        for line in self._sheet.fonts.wrap(text, kind.face, kind.size, width):
            self._sheet.need(kind.leading)
            self._sheet.line(line, (x, self._sheet.y - kind.size), kind)
            self._sheet.down(kind.leading)

    def _text(self, word: Word) -> str:
        return self._sheet.fonts.printable(self._voice.text(word))


def _cell_words(sheet: Sheet, voice: Voice, cell: Cell) -> tuple[str, Color | None]:
    words = sheet.fonts.printable(voice.text(cell.word, precise=cell.style is Style.TIME))
    if cell.outcome is None:
        return words, None
    return f"{ICONS[cell.outcome]} {words}", OUTCOMES[cell.outcome]


class _TableDrawing:
    """Draws one table; its head stands on every page, a row that is longer than a page goes on."""

    def __init__(self, sheet: Sheet, voice: Voice, table: Table) -> None:
        self._sheet = sheet
        self._voice = voice
        self._table = table
        whole = sum(column.weight for column in table.columns)
        self._widths = [BODY * column.weight / whole for column in table.columns]

    def draw(self) -> None:
        """Draw head and rows."""
        first = max((len(self._cell(cell, at)[0]) for at, cell in enumerate(self._table.rows[0])), default=1)
        self._sheet.need((min(first, 6) + 2) * _CELL.leading + 4 * _PAD)
        self._head()
        for row in self._table.rows:
            self._row(row)
        self._sheet.down(7)

    def _head(self) -> None:
        kind = Type(Face.BOLD, 7.5, MUTED)
        titles = [self._sheet.fonts.printable(self._voice.text(column.title)) for column in self._table.columns]
        self._draw_lines([(self._wrap(title, kind, at), kind) for at, title in enumerate(titles)])

    def _row(self, row: tuple[Cell, ...]) -> None:
        cells = [self._cell(cell, at) for at, cell in enumerate(row)]
        height = max(len(lines) for lines, _ in cells)
        if self._sheet.need(min(height, 8) * _CELL.leading + 2 * _PAD):
            self._head()
        while height:
            fitting = max(int((self._sheet.left - 2 * _PAD) // _CELL.leading), 1)
            self._draw_lines([(lines[:fitting], kind) for lines, kind in cells])
            cells = [(lines[fitting:], kind) for lines, kind in cells]
            height = max(len(lines) for lines, _ in cells)
            if height:
                self._sheet.need(self._sheet.whole)
                self._head()

    def _cell(self, cell: Cell, at: int) -> tuple[list[str], Type]:
        words, color = _cell_words(self._sheet, self._voice, cell)
        kind = _CELL_TYPES[cell.style]
        if color is not None:
            kind = Type(kind.face, kind.size, color)
        return self._wrap(words, kind, at), kind

    def _wrap(self, text: str, kind: Type, at: int) -> list[str]:
        return self._sheet.fonts.wrap(text, kind.face, kind.size, self._widths[at] - _GAP)

    def _draw_lines(self, cells: list[tuple[list[str], Type]]) -> None:
        """Draw one row of lines and the rule below it."""
        sheet = self._sheet
        x = MARGIN
        for (lines, kind), width, column in zip(cells, self._widths, self._table.columns, strict=True):
            for number, line in enumerate(lines):
                y = sheet.y - _PAD - kind.size - number * _CELL.leading
                if column.align is Align.END:
                    sheet.right_line(line, (x + width - _GAP, y), kind)
                else:
                    sheet.line(line, (x, y), kind)
            x += width
        sheet.down(max(len(lines) for lines, _ in cells) * _CELL.leading + 2 * _PAD)
        sheet.canvas.setStrokeColor(LINE)
        sheet.canvas.setLineWidth(0.4)
        sheet.canvas.line(MARGIN, sheet.y, MARGIN + BODY, sheet.y)
