"""Which lines a timeline shows: steps, attempts, waits, pauses between attempts; loops open on demand. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.timeline import EntryKind, Outcome, Timeline, TimelineEntry

BACKOFF_SECONDS = 0.05
"""Shorter pauses between two attempts get no line of their own."""


class RowKind(StrEnum):
    """What a line stands for."""

    STEP = "step"
    LOOP = "loop"
    ATTEMPT = "attempt"
    BACKOFF = "backoff"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One line. ``start`` and ``end`` are seconds; ``number`` counts attempts or passes from 1.

    ``key`` stays the same over live updates. ``step_id`` is the step that a click selects, None where there is none.
    """

    key: str
    kind: RowKind
    entry: TimelineEntry
    level: int
    start: float
    end: float
    step_id: UUID | None
    number: int = 0
    expandable: bool = False
    expanded: bool = False

    @property
    def outcome(self) -> Outcome:
        """How it ended; a pause between attempts is waiting."""
        return Outcome.WAITING if self.kind is RowKind.BACKOFF else self.entry.outcome

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.end - self.start


def timeline_rows(timeline: Timeline, expanded: frozenset[str]) -> tuple[TimelineRow, ...]:
    """Return the lines from top to bottom; ``expanded`` holds the keys of opened loops."""
    base = min((entry.depth for entry in timeline.entries), default=0)
    return tuple(row for entry in timeline.entries for row in _rows(entry, entry.depth - base, expanded))


def key_of_loop(step_path: str) -> str:
    """Return the key of the line that stands for all passes of a path."""
    return f"loop:{step_path}"


def loops_of_steps(timeline: Timeline) -> dict[UUID, str]:
    """Return for each step that is a pass of a loop the key of the loop's line."""
    return {
        child.row_id: key_of_loop(entry.step_path)
        for entry in timeline.entries
        if entry.kind is EntryKind.LOOP
        for child in entry.children
        if child.row_id is not None
    }


def _rows(entry: TimelineEntry, level: int, expanded: frozenset[str], number: int = 0) -> Iterator[TimelineRow]:
    if entry.kind is EntryKind.LOOP:
        key = key_of_loop(entry.step_path)
        yield TimelineRow(
            key, RowKind.LOOP, entry, level, entry.start, entry.end, _telling_pass(entry),
            number=entry.passes, expandable=True, expanded=key in expanded,
        )  # fmt: skip
        if key in expanded:
            for position, child in enumerate(entry.children, start=1):
                yield from _rows(child, level + 1, expanded, position)
        return
    kind = RowKind.WAIT if entry.kind is EntryKind.WAIT else RowKind.STEP
    step_id = None if kind is RowKind.WAIT else entry.row_id
    yield TimelineRow(f"{kind}:{entry.row_id}", kind, entry, level, entry.start, entry.end, step_id, number=number)
    yield from _children(entry, level + 1, step_id)


def _children(entry: TimelineEntry, level: int, step_id: UUID | None) -> Iterator[TimelineRow]:
    several_attempts = sum(child.kind is EntryKind.ATTEMPT for child in entry.children) > 1
    previous: TimelineEntry | None = None
    number = 0
    for child in entry.children:
        if child.kind is EntryKind.WAIT:
            yield TimelineRow(f"wait:{child.row_id}", RowKind.WAIT, child, level, child.start, child.end, step_id)
        elif several_attempts:
            number += 1
            if previous is not None and child.start - previous.end >= BACKOFF_SECONDS:
                yield TimelineRow(
                    f"backoff:{child.row_id}", RowKind.BACKOFF, child, level, previous.end, child.start, step_id
                )
            previous = child
            yield TimelineRow(
                f"attempt:{child.row_id}", RowKind.ATTEMPT, child, level, child.start, child.end, step_id, number
            )


def _telling_pass(loop: TimelineEntry) -> UUID | None:
    """Return the step of the pass that says most: the first with the loop's own outcome."""
    telling = (child for child in loop.children if child.outcome is loop.outcome)
    return next(telling, loop.children[-1]).row_id if loop.children else None
