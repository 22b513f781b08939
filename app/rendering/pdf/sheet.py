"""A growing stack of A4 pages: a cursor that moves down, page breaks, outline, numbers."""

from __future__ import annotations

import io
from dataclasses import dataclass

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app.domain.timeline import Outcome
from app.rendering.pdf.fonts import Face, Fonts

WIDTH, HEIGHT = A4
MARGIN = 42.0
BODY = WIDTH - 2 * MARGIN
_FOOT = 30.0
_TOTAL = "total-pages"

TEXT = HexColor("#1b1d22")
MUTED = HexColor("#5d6370")
LINE = HexColor("#d5d7dd")
SHADE = HexColor("#f5f5f7")
OUTCOMES: dict[Outcome, Color] = {
    Outcome.RUNNING: HexColor("#1f5cd1"),
    Outcome.SUCCEEDED: HexColor("#17703f"),
    Outcome.FAILED: HexColor("#b8322c"),
    Outcome.WAITING: HexColor("#8a5300"),
    Outcome.CANCELED: HexColor("#5b6270"),
    Outcome.UNKNOWN: HexColor("#5b6270"),
}


@dataclass(frozen=True, slots=True)
class Type:
    """How text is set: font, size and colour; lines are 1.35 times as far apart as they are high."""

    face: Face
    size: float
    color: Color = TEXT

    @property
    def leading(self) -> float:
        """Distance of two lines."""
        return self.size * 1.35


class Sheet:
    """Draws from top to bottom.

    Args:
        fonts: The fonts.
        title: Of the document, for its properties and the foot of each page.
        page_of: The words of "Page {page} of {total}", with both in braces.
    """

    def __init__(self, fonts: Fonts, title: str, page_of: str) -> None:
        self.fonts = fonts
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=A4, pageCompression=1, invariant=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor("Rundesk")
        self.canvas.setCreator("Rundesk")
        self._title = title
        self._page_of = page_of
        self.y = HEIGHT - MARGIN
        self._page = 1
        self._foot()

    @property
    def left(self) -> float:
        """Points that are left on this page."""
        return self.y - MARGIN - _FOOT

    @property
    def whole(self) -> float:
        """Points of an empty page."""
        return HEIGHT - 2 * MARGIN - _FOOT

    def need(self, height: float) -> bool:
        """Begin a page unless so much is left; say whether one was begun."""
        if self.left >= min(height, self.whole):
            return False
        self.canvas.showPage()
        self._page += 1
        self.y = HEIGHT - MARGIN
        self._foot()
        return True

    def down(self, points: float) -> None:
        """Move the cursor down; at the head of a page there is no need for room."""
        self.y -= points

    def bookmark(self, key: str, title: str, level: int) -> None:
        """Put a place into the outline."""
        self.canvas.bookmarkHorizontal(key, 0, self.y + 14)
        self.canvas.addOutlineEntry(title, key, level, closed=level > 0)

    def line(self, text: str, at: tuple[float, float], kind: Type) -> None:
        """Draw one line of printable text at a point of its baseline."""
        x, y = at
        self.canvas.setFillColor(kind.color)
        for face, piece in self.fonts.runs(text, kind.face):
            self.canvas.setFont(str(face), kind.size)
            self.canvas.drawString(x, y, piece)
            x += self.fonts.width(piece, face, kind.size)

    def right_line(self, text: str, at: tuple[float, float], kind: Type) -> None:
        """Draw one line that ends at a point."""
        x, y = at
        self.line(text, (x - self.fonts.width(text, kind.face, kind.size), y), kind)

    def box(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """Fill a rectangle whose lower left corner is given."""
        self.canvas.setFillColor(color)
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def rule(self, y: float) -> None:
        """Draw a thin line over the width of the text."""
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(MARGIN, y, WIDTH - MARGIN, y)

    def finished(self) -> bytes:
        """Return the file."""
        self.canvas.showPage()
        self.canvas.beginForm(_TOTAL, 0, 0, 40, 12)
        self.line(str(self._page), (0, 3), Type(Face.TEXT, 7.5, MUTED))
        self.canvas.endForm()
        self.canvas.showOutline()
        self.canvas.save()
        return self._file.getvalue()

    def _foot(self) -> None:
        kind = Type(Face.TEXT, 7.5, MUTED)
        y = MARGIN - 8
        self.rule(y + 12)
        title = self.fonts.wrap(self._title, kind.face, kind.size, BODY - 120)[0]
        self.line(title, (MARGIN, y), kind)
        before, _, after = self._page_of.partition("{total}")
        words = before.replace("{page}", str(self._page))
        room = self.fonts.width(words, kind.face, kind.size) + 22
        x = WIDTH - MARGIN - room
        self.line(words, (x, y), kind)
        self.canvas.saveState()
        self.canvas.translate(x + room - 22, y - 3)
        self.canvas.doForm(_TOTAL)
        self.canvas.restoreState()
        if after.strip():
            self.line(after, (WIDTH - MARGIN - 8, y), kind)
