"""The timeline of a run as inline SVG: bars with text labels, waits hatched, idle stretches folded."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.durations import spoken_duration
from app.domain.timeline import EntryKind, Timeline, TimelineEntry
from app.rendering.markup import Markup, element, join
from app.rendering.moments import readable
from app.rendering.state_words import icon

MAX_ROWS = 200
"""Longer timelines are cut here; the step table has every step."""

_WIDTH = 1000.0
_LABELS = 300.0
_LENGTHS = 90.0
_ROW = 22.0
_TOP = 44.0
_LONGEST_LABEL = 38
_SHORTEST_BAR = 3.0


def render_timeline(timeline: Timeline) -> Markup:
    """Return the timeline as an ``svg`` element with a note when it was cut."""
    rows = list(_rows(timeline.entries))
    shown = rows[:MAX_ROWS]
    height = _TOP + _ROW * max(len(shown), 1) + 8
    drawing = element(
        "svg",
        _stripes(),
        join([_fold(timeline, fold.start, fold.end, height) for fold in timeline.folds]),
        _axis(timeline),
        join([_row(timeline, entry, nested, _TOP + _ROW * at) for at, (entry, nested) in enumerate(shown)]),
        viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}",
        role="img",
        aria_label=f"Timeline of {len(rows)} entries over {spoken_duration(timeline.seconds)}",
    )
    if len(rows) == len(shown):
        return drawing
    note = f"{len(rows) - len(shown)} more entries are not drawn; the table of steps is complete."
    return join([drawing, element("p", note, class_="muted")])


def _rows(entries: tuple[TimelineEntry, ...]) -> Iterator[tuple[TimelineEntry, bool]]:
    """Yield entries with what is nested under them; the passes of a loop stay collapsed.

    A single attempt that tells nothing new is left out.
    """
    for entry in entries:
        yield entry, False
        if entry.kind is EntryKind.LOOP:
            continue
        attempts = [child for child in entry.children if child.kind is EntryKind.ATTEMPT]
        for child in entry.children:
            if len(attempts) > 1 or child.hatched:
                yield child, True


def _x(timeline: Timeline, second: float) -> float:
    return _LABELS + timeline.position(second) * (_WIDTH - _LABELS - _LENGTHS)


def _row(timeline: Timeline, entry: TimelineEntry, nested: bool, top: float) -> Markup:
    left = _x(timeline, entry.start)
    width = max(_x(timeline, entry.end) - left, _SHORTEST_BAR)
    indent = 4.0 + 14.0 * min(entry.depth + nested, 6)
    length = spoken_duration(entry.seconds) + ("…" if entry.open else "")
    bar = element("rect", x=left, y=top + 5, width=width, height=_ROW - 10, rx=3.0, class_=str(entry.outcome))
    hatch = element("rect", x=left, y=top + 5, width=width, height=_ROW - 10, rx=3.0, fill="url(#stripes)")
    return element(
        "g",
        element("title", f"{entry.label}: {_spoken(entry)}"),
        element("text", icon(entry.outcome), x=indent, y=top + 15, class_=str(entry.outcome)),
        element("text", _label(entry), x=indent + 16, y=top + 15),
        bar,
        hatch if entry.hatched else Markup(),
        element("text", length, x=_WIDTH - 4, y=top + 15, text_anchor="end", class_="quiet"),
    )


def _label(entry: TimelineEntry) -> str:
    label = entry.label
    if entry.kind is EntryKind.LOOP:
        label += f" ({entry.passes} passes)"
    elif entry.kind is EntryKind.WAIT:
        label = f"waits: {label}"
    elif entry.kind is EntryKind.STEP and entry.attempts > 1:
        label += f" ({entry.attempts} attempts)"
    elif entry.swallowed:
        label += " (failure ignored)"
    room = _LONGEST_LABEL - 2 * min(entry.depth, 6)
    return label if len(label) <= room else label[: room - 1] + "…"


def _spoken(entry: TimelineEntry) -> str:
    ended = "still open" if entry.open else f"until {readable(entry.ended_at)}"
    return f"{entry.outcome}, from {readable(entry.started_at)} {ended}"


def _axis(timeline: Timeline) -> Markup:
    right = _WIDTH - _LENGTHS
    return element(
        "g",
        element("line", x1=_LABELS, y1=_TOP - 4, x2=right, y2=_TOP - 4, class_="rule"),
        element("text", f"0 s = {readable(timeline.origin)}", x=_LABELS, y=12.0, class_="quiet"),
        element("text", spoken_duration(timeline.seconds), x=right, y=12.0, text_anchor="end", class_="quiet"),
    )


def _fold(timeline: Timeline, start: float, end: float, height: float) -> Markup:
    left, right = _x(timeline, start), _x(timeline, end)
    middle = (left + right) / 2
    words = f"idle {spoken_duration(end - start)}"
    return element(
        "g",
        element("title", f"Nothing ran for {spoken_duration(end - start)}"),
        element("rect", x=left, y=_TOP - 4, width=right - left, height=height - _TOP, class_="fold", opacity=0.5),
        element("text", words, x=middle, y=_TOP - 9, text_anchor="middle", class_="quiet"),
    )


def _stripes() -> Markup:
    """Return the pattern that is laid over bars of waits."""
    line = element("line", x1=0.0, y1=0.0, x2=0.0, y2=8.0, class_="stripe")
    pattern = element(
        "pattern",
        line,
        id="stripes",
        width=8.0,
        height=8.0,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    return element("defs", pattern)
