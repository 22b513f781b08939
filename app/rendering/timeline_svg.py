"""The timeline of a run as inline SVG: bars with text labels, waits hatched, idle stretches folded."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.report.timeline_words import DrawnRow, drawn_rows, entry_label, gap_words, idle_words, spoken_entry
from app.domain.report.voice import Voice
from app.domain.report.words import say, seconds
from app.domain.timeline import Timeline, TimelineEntry
from app.rendering.icons import ICONS
from app.rendering.markup import Markup, element, join

_WIDTH = 1000.0
_LABELS = 300.0
_LENGTHS = 90.0
_ROW = 22.0
_TOP = 44.0
_LONGEST_LABEL = 38
_SHORTEST_BAR = 3.0


def render_timeline(timeline: Timeline, voice: Voice, number: int = 1) -> Markup:
    """Return the timeline as an ``svg`` element; ``number`` tells the drawings of a page apart."""
    stripes = f"stripes{number}"
    rows = drawn_rows(timeline.entries)
    height = _TOP + _ROW * max(len(rows), 1) + 8
    place = _Place(timeline, voice, stripes)
    summary = say("Timeline of {n} entries over {span}", n=len(timeline.entries), span=seconds(timeline.seconds))
    return element(
        "svg",
        _stripes(stripes),
        join([_fold(timeline, voice, fold.start, fold.end, height) for fold in timeline.folds]),
        _axis(timeline, voice),
        join([_drawn(place, row, _TOP + _ROW * at) for at, row in enumerate(rows)]),
        viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}",
        role="img",
        aria_label=voice.text(summary),
    )


def _drawn(place: _Place, row: DrawnRow, top: float) -> Markup:
    if row.entry is None:
        return element("text", f"⋮ {place.voice.text(gap_words(row))}", x=20.0, y=top + 15, class_="quiet")
    return _row(place, row.entry, row.nested, top)


def _x(timeline: Timeline, second: float) -> float:
    return _LABELS + timeline.position(second) * (_WIDTH - _LABELS - _LENGTHS)


@dataclass(frozen=True, slots=True)
class _Place:
    """What rows are drawn on: axis, voice and the pattern of waits."""

    timeline: Timeline
    voice: Voice
    stripes: str


def _row(place: _Place, entry: TimelineEntry, nested: bool, top: float) -> Markup:
    timeline, voice = place.timeline, place.voice
    left = _x(timeline, entry.start)
    width = max(_x(timeline, entry.end) - left, _SHORTEST_BAR)
    indent = 4.0 + 14.0 * min(entry.depth + nested, 6)
    length = voice.span(entry.seconds) + ("…" if entry.open else "")
    bar = element("rect", x=left, y=top + 5, width=width, height=_ROW - 10, rx=3.0, class_=str(entry.outcome))
    hatch = element("rect", x=left, y=top + 5, width=width, height=_ROW - 10, rx=3.0, fill=f"url(#{place.stripes})")
    return element(
        "g",
        element("title", voice.text(spoken_entry(entry))),
        element("text", ICONS[entry.outcome], x=indent, y=top + 15, class_=str(entry.outcome)),
        element("text", _label(entry, voice), x=indent + 16, y=top + 15),
        bar,
        hatch if entry.hatched else Markup(),
        element("text", length, x=_WIDTH - 4, y=top + 15, text_anchor="end", class_="quiet"),
    )


def _label(entry: TimelineEntry, voice: Voice) -> str:
    label = voice.text(entry_label(entry))
    room = _LONGEST_LABEL - 2 * min(entry.depth, 6)
    return label if len(label) <= room else label[: room - 1] + "…"


def _axis(timeline: Timeline, voice: Voice) -> Markup:
    right = _WIDTH - _LENGTHS
    return element(
        "g",
        element("line", x1=_LABELS, y1=_TOP - 4, x2=right, y2=_TOP - 4, class_="rule"),
        element("text", f"0 s = {voice.moment(timeline.origin)}", x=_LABELS, y=12.0, class_="quiet"),
        element("text", voice.span(timeline.seconds), x=right, y=12.0, text_anchor="end", class_="quiet"),
    )


def _fold(timeline: Timeline, voice: Voice, start: float, end: float, height: float) -> Markup:
    left, right = _x(timeline, start), _x(timeline, end)
    middle = (left + right) / 2
    words = voice.text(idle_words(end - start))
    return element(
        "g",
        element("title", words),
        element("rect", x=left, y=_TOP - 4, width=right - left, height=height - _TOP, class_="fold", opacity=0.5),
        element("text", words, x=middle, y=_TOP - 9, text_anchor="middle", class_="quiet"),
    )


def _stripes(name: str) -> Markup:
    """Return the pattern that is laid over bars of waits."""
    line = element("line", x1=0.0, y1=0.0, x2=0.0, y2=8.0, class_="stripe")
    pattern = element(
        "pattern",
        line,
        id=name,
        width=8.0,
        height=8.0,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return element("defs", pattern)
