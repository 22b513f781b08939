"""What a drawn timeline says: which rows it has and what they are called; HTML and PDF draw the same."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.report.words import Said, Word, say, seconds
from app.domain.timeline import EntryKind, Outcome, TimelineEntry

MAX_ROWS = 120
"""Longer timelines are cut here; the table of steps has every step."""

_OUTCOMES: dict[Outcome, Said] = {
    Outcome.RUNNING: say("running"),
    Outcome.SUCCEEDED: say("succeeded"),
    Outcome.FAILED: say("failed"),
    Outcome.WAITING: say("waiting"),
    Outcome.CANCELED: say("canceled"),
    Outcome.UNKNOWN: say("unknown"),
}


def nested_rows(entries: tuple[TimelineEntry, ...]) -> Iterator[tuple[TimelineEntry, bool]]:
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


def cut_words(left: int) -> Word:
    """Return that rows are missing."""
    return say("{n} more entries are not drawn; the table of steps is complete.", n=left)
