"""The timeline in the PDF: the drawing of the HTML report, row by row, over as many pages as it needs."""

from __future__ import annotations

from app.domain.report.timeline_words import DrawnRow, drawn_rows, entry_label, gap_words, idle_words
from app.domain.report.voice import Voice
from app.domain.timeline import Timeline, TimelineEntry
from app.rendering.icons import ICONS
from app.rendering.pdf.fonts import Face
from app.rendering.pdf.sheet import BODY, LINE, MARGIN, MUTED, OUTCOMES, SHADE, Sheet, Type

_LABELS = 168.0
_LENGTHS = 58.0
_ROW = 13.0
_AXIS = 24.0
_SMALL = Type(Face.TEXT, 7, MUTED)
_LABEL = Type(Face.TEXT, 7.8)


def draw_timeline(sheet: Sheet, timeline: Timeline, voice: Voice) -> None:
    """Draw a timeline at the cursor."""
    rows = drawn_rows(timeline.entries)
    sheet.need(_AXIS + min(len(rows), 8) * _ROW)
    while rows:
        fitting = max(int((sheet.left - _AXIS) // _ROW), 1)
        part, rows = rows[:fitting], rows[fitting:]
        _draw_part(sheet, timeline, voice, part)
        if rows:
            sheet.need(sheet.whole)
    sheet.down(6)


def _x(timeline: Timeline, second: float) -> float:
    return MARGIN + _LABELS + timeline.position(second) * (BODY - _LABELS - _LENGTHS)


def _draw_part(sheet: Sheet, timeline: Timeline, voice: Voice, rows: list[DrawnRow]) -> None:
    height = _ROW * len(rows)
    _folds(sheet, timeline, voice, height)
    left, right = MARGIN + _LABELS, MARGIN + BODY - _LENGTHS
    sheet.line(f"0 s = {voice.moment(timeline.origin)}", (left, sheet.y - 8), _SMALL)
    sheet.right_line(voice.span(timeline.seconds), (right, sheet.y - 8), _SMALL)
    sheet.canvas.setStrokeColor(LINE)
    sheet.canvas.line(left, sheet.y - _AXIS + 3, right, sheet.y - _AXIS + 3)
    sheet.down(_AXIS)
    for row in rows:
        if row.entry is None:
            sheet.line(f"⋮ {voice.text(gap_words(row))}", (MARGIN + 11, sheet.y - 9), _SMALL)
        else:
            _draw_row(sheet, timeline, voice, row.entry, nested=row.nested)
        sheet.down(_ROW)


def _folds(sheet: Sheet, timeline: Timeline, voice: Voice, height: float) -> None:
    for fold in timeline.folds:
        left, right = _x(timeline, fold.start), _x(timeline, fold.end)
        sheet.box(left, sheet.y - _AXIS - height, right - left, height + 3, SHADE)
        words = voice.text(idle_words(fold.end - fold.start))
        width = sheet.fonts.width(words, _SMALL.face, _SMALL.size)
        sheet.line(words, ((left + right - width) / 2, sheet.y - 18), _SMALL)


def _draw_row(sheet: Sheet, timeline: Timeline, voice: Voice, entry: TimelineEntry, *, nested: bool) -> None:
    color = OUTCOMES[entry.outcome]
    baseline = sheet.y - 9
    indent = MARGIN + 9.0 * min(entry.depth + nested, 6)
    sheet.line(ICONS[entry.outcome], (indent, baseline), Type(Face.TEXT, 7.5, color))
    label = sheet.fonts.printable(voice.text(entry_label(entry)))
    room = MARGIN + _LABELS - indent - 18
    sheet.line(_shortened(sheet, label, room), (indent + 11, baseline), _LABEL)
    left = _x(timeline, entry.start)
    width = max(_x(timeline, entry.end) - left, 2.0)
    sheet.box(left, sheet.y - 10.5, width, 7.5, color)
    if entry.hatched:
        _hatch(sheet, left, sheet.y - 10.5, width, 7.5)
    length = voice.span(entry.seconds) + ("…" if entry.open else "")
    sheet.right_line(length, (MARGIN + BODY, baseline), _SMALL)


def _hatch(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """Lay light stripes over a bar: nothing runs during a wait."""
    canvas = sheet.canvas
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(x, y, width, height)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.setStrokeColor("#ffffff")
    canvas.setLineWidth(1.6)
    stripe = x - height
    while stripe < x + width:
        canvas.line(stripe, y, stripe + height, y + height)
        stripe += 4.5
    canvas.restoreState()


def _shortened(sheet: Sheet, label: str, room: float) -> str:
    if sheet.fonts.width(label, _LABEL.face, _LABEL.size) <= room:
        return label
    while label and sheet.fonts.width(label + "…", _LABEL.face, _LABEL.size) > room:
        label = label[:-1]
    return label + "…"
