"""What a drawn timeline says: which rows it has and what they are called; HTML and PDF draw the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.report.words import Said, Word, count, say, seconds
from app.domain.timeline import EntryKind, Outcome, TimelineEntry

MAX_ROWS = 44
"""Longer timelines are told with gaps; the table of steps has every step."""
_EDGE = 4

_OUTCOMES: dict[Outcome, Said] = {
    Outcome.RUNNING: say("running"),
    Outcome.SUCCEEDED: say("succeeded"),
    Outcome.FAILED: say("failed"),
    Outcome.WAITING: say("waiting"),
    Outcome.CANCELED: say("canceled"),
    Outcome.UNKNOWN: say("unknown"),
}


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One row of the drawing: an entry, or the gap in whose place ``left_out`` entries are not drawn.

    ``quiet`` says that everything in the gap simply succeeded.
    """

    entry: TimelineEntry | None
    nested: bool = False
    left_out: int = 0
    quiet: bool = True


def drawn_rows(entries: tuple[TimelineEntry, ...]) -> list[DrawnRow]:
    """Return what is drawn, at most about :data:`MAX_ROWS` rows.

    A long timeline keeps its beginning, its end, everything that did not simply succeed, and the longest of the rest.
    """
    rows = list(_nested_rows(entries))
    if len(rows) <= MAX_ROWS:
        return rows
    kept = set(sorted(range(len(rows)), key=lambda at: _rank(rows, at))[: MAX_ROWS - 8])
    return list(_with_gaps(rows, kept))


def _nested_rows(entries: tuple[TimelineEntry, ...]) -> Iterator[DrawnRow]:
    """Yield entries with what is nested under them; the passes of a loop stay collapsed.

    A single attempt that tells nothing new is left out.
    """
    for entry in entries:
        yield DrawnRow(entry)
        if entry.kind is EntryKind.LOOP:
            continue
        attempts = [child for child in entry.children if child.kind is EntryKind.ATTEMPT]
        for child in entry.children:
            if len(attempts) > 1 or child.hatched:
                yield DrawnRow(child, nested=True)


def _rank(rows: list[DrawnRow], at: int) -> tuple[bool, bool, float]:
    entry = rows[at].entry
    edge = at < _EDGE or at >= len(rows) - _EDGE
    return not edge, not _is_notable(entry), -(entry.seconds if entry else 0.0)


def _is_notable(entry: TimelineEntry | None) -> bool:
    return entry is not None and (entry.outcome is not Outcome.SUCCEEDED or entry.swallowed or entry.hatched)


def _with_gaps(rows: list[DrawnRow], kept: set[int]) -> Iterator[DrawnRow]:
    gap: list[DrawnRow] = []
    for at, row in enumerate(rows):
        if at not in kept:
            gap.append(row)
            continue
        if gap:
            yield DrawnRow(None, left_out=len(gap), quiet=not any(_is_notable(each.entry) for each in gap))
            gap = []
        yield row


def gap_words(row: DrawnRow) -> Word:
    """Return what stands in the place of entries that are not drawn."""
    if row.quiet:
        return count(row.left_out, "1 more entry, which succeeded", "{n} more entries, which all succeeded")
    return count(row.left_out, "1 more entry", "{n} more entries")


def entry_label(entry: TimelineEntry) -> Word:
    """Return what a row is called."""
    if entry.kind is EntryKind.LOOP:
        return say("{name} ({n} passes)", name=entry.label, n=entry.passes)
    if entry.kind is EntryKind.WAIT:
        return say("waits: {name}", name=entry.label)
    if entry.kind is EntryKind.STEP and entry.attempts > 1:
        return say("{name} ({n} attempts)", name=entry.label, n=entry.attempts)
    if entry.swallowed:
        return say("{name} (failure ignored)", name=entry.label)
    return entry.label


def spoken_entry(entry: TimelineEntry) -> Word:
    """Return a row in a sentence, for those who do not see the drawing."""
    outcome = _OUTCOMES[entry.outcome]
    if entry.ended_at is None:
        return say(
            "{name}: {outcome}, from {begin}, still open", name=entry.label, outcome=outcome, begin=entry.started_at
        )
    return say(
        "{name}: {outcome}, from {begin} until {end}",
        name=entry.label,
        outcome=outcome,
        begin=entry.started_at,
        end=entry.ended_at,
    )


def idle_words(length: float) -> Word:
    """Return how long nothing ran."""
    return say("idle {span}", span=seconds(length))
