"""The timeline of a run as pure geometry in seconds (look.md, "Timeline"); desktop and report only draw it.

One axis for the whole run. Steps in the order in which they began; attempts and waits nested under their step; the
passes of a loop collapsed into one entry with a count; idle stretches folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.run import (
    Invocation,
    InvocationStatus,
    RunInspection,
    Step,
    StepStatus,
    Wait,
    WaitStatus,
)
from app.domain.step_passes import StepPasses
from app.domain.timeline_axis import Axis, Fold, make_axis

__all__ = ["Axis", "EntryKind", "Fold", "Outcome", "Timeline", "TimelineEntry", "build_timeline"]


class EntryKind(StrEnum):
    """What an entry stands for."""

    STEP = "step"
    LOOP = "loop"
    ATTEMPT = "attempt"
    WAIT = "wait"


class Outcome(StrEnum):
    """How an entry ended, in the words of the colour tokens."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    WAITING = "waiting"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One bar. ``start`` and ``end`` are seconds since the timeline's origin; an ``open`` bar ends "now".

    ``depth`` is the nesting of the step in the definition; ``row_id`` the step, wait or invocation row, None for a
    loop. ``passes`` counts the passes of a loop, 1 otherwise; ``attempts`` how often the action of a step was tried.
    ``swallowed`` marks a success that hides a failure.
    """

    kind: EntryKind
    label: str
    step_path: str
    outcome: Outcome
    start: float
    end: float
    started_at: datetime
    ended_at: datetime | None
    row_id: UUID | None
    depth: int = 0
    passes: int = 1
    attempts: int = 1
    swallowed: bool = False
    children: tuple[TimelineEntry, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def hatched(self) -> bool:
        """Whether the bar is drawn hatched: nothing runs during a wait."""
        return self.kind is EntryKind.WAIT

    @property
    def seconds(self) -> float:
        """Length in real seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Timeline:
    """All entries of a run on one axis that begins at ``origin``."""

    origin: datetime
    axis: Axis
    entries: tuple[TimelineEntry, ...]

    @property
    def seconds(self) -> float:
        """Real length of the axis."""
        return self.axis.seconds

    @property
    def folds(self) -> tuple[Fold, ...]:
        """Idle stretches, in order."""
        return self.axis.folds

    def position(self, second: float) -> float:
        """Return where a second lies on the drawn axis, from 0.0 to 1.0."""
        return self.axis.position(second)


def build_timeline(inspection: RunInspection) -> Timeline:
    """Return the timeline of a run; what is still open ends at the moment of reading, by the database's clock."""
    row = inspection.run.row
    clock = _Clock(row.started_at, row.completed_at or inspection.read_at)
    passes = tuple(_passes(inspection, clock))
    entries = tuple(_collapse(passes))
    every = tuple(_flatten(passes))
    end = max((entry.end for entry in every), default=clock.end)
    moments = [moment for entry in every for moment in (entry.start, entry.end)]
    return Timeline(row.started_at, make_axis(max(end, clock.end), moments, tuple(_busy(passes))), entries)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Turns moments into seconds since the origin; ``now`` closes what is open."""

    origin: datetime
    now: datetime

    @property
    def end(self) -> float:
        return self.second(self.now)

    def second(self, moment: datetime) -> float:
        return max((moment - self.origin).total_seconds(), 0.0)

    def span(self, start: datetime, end: datetime | None) -> tuple[float, float]:
        first = self.second(start)
        return first, max(self.second(end or max(self.now, start)), first)


def _passes(inspection: RunInspection, clock: _Clock) -> Iterator[TimelineEntry]:
    """Yield one entry for every step row, with its attempts and waits, in the order in which the steps began."""
    owners = StepPasses(inspection.steps)
    children: dict[UUID, list[TimelineEntry]] = {step.step_id: [] for step in inspection.steps}
    strays: list[TimelineEntry] = []
    for entry in (
        *(_attempt(one, clock) for one in inspection.invocations),
        *(_wait(one, clock) for one in inspection.waits),
    ):
        owner = owners.at(entry.step_path, entry.started_at)
        (strays if owner is None else children[owner.step_id]).append(entry)
    own = [_with_children(_step(step, clock), _by_start(children[step.step_id])) for step in inspection.steps]
    yield from _by_start([*own, *strays])


def _with_children(entry: TimelineEntry, children: list[TimelineEntry]) -> TimelineEntry:
    """Return a step with what happened in it; a worker may keep one row for all attempts or write one for each."""
    tries = [child.attempts for child in children if child.kind is EntryKind.ATTEMPT]
    return replace(entry, children=tuple(children), attempts=max([1, len(tries), *tries]))


def _step(step: Step, clock: _Clock) -> TimelineEntry:
    start, end = clock.span(step.started_at, step.completed_at)
    return TimelineEntry(
        kind=EntryKind.STEP,
        label=step.name or step.definition_step_id,
        step_path=step.step_path,
        outcome=_STEP_OUTCOMES.get(step.status, Outcome.UNKNOWN),
        start=start,
        end=end,
        started_at=step.started_at,
        ended_at=step.completed_at,
        row_id=step.step_id,
        depth=max(step.step_path.count("steps[") - 1, 0),
        swallowed=step.swallowed_error,
    )


def _attempt(invocation: Invocation, clock: _Clock) -> TimelineEntry:
    began = invocation.started_at or invocation.created_at
    start, end = clock.span(began, invocation.completed_at)
    return TimelineEntry(
        kind=EntryKind.ATTEMPT,
        label=invocation.action_id,
        step_path=invocation.step_path,
        outcome=_INVOCATION_OUTCOMES.get(invocation.status, Outcome.UNKNOWN),
        start=start,
        end=end,
        started_at=began,
        ended_at=invocation.completed_at,
        row_id=invocation.invocation_id,
        attempts=invocation.attempt,
    )


def _wait(wait: Wait, clock: _Clock) -> TimelineEntry:
    start, end = clock.span(wait.created_at, wait.resolved_at)
    return TimelineEntry(
        kind=EntryKind.WAIT,
        label=wait.event_name or wait.wait_type,
        step_path=wait.step_path,
        outcome=_WAIT_OUTCOMES.get(wait.status, Outcome.UNKNOWN),
        start=start,
        end=end,
        started_at=wait.created_at,
        ended_at=wait.resolved_at,
        row_id=wait.wait_id,
    )


_STEP_OUTCOMES: dict[str, Outcome] = {
    StepStatus.STARTED: Outcome.RUNNING,
    StepStatus.SUCCEEDED: Outcome.SUCCEEDED,
    StepStatus.FAILED: Outcome.FAILED,
    StepStatus.CANCELED: Outcome.CANCELED,
    StepStatus.RETRY_SCHEDULED: Outcome.WAITING,
}
_INVOCATION_OUTCOMES: dict[str, Outcome] = {
    InvocationStatus.STARTED: Outcome.RUNNING,
    InvocationStatus.SUCCEEDED: Outcome.SUCCEEDED,
    InvocationStatus.FAILED: Outcome.FAILED,
}
_WAIT_OUTCOMES: dict[str, Outcome] = {
    WaitStatus.WAITING: Outcome.WAITING,
    WaitStatus.RESOLVED: Outcome.SUCCEEDED,
    WaitStatus.CANCELED: Outcome.CANCELED,
}
_WORST_FIRST = (
    Outcome.FAILED,
    Outcome.RUNNING,
    Outcome.WAITING,
    Outcome.CANCELED,
    Outcome.UNKNOWN,
    Outcome.SUCCEEDED,
)


def _by_start(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    return sorted(entries, key=lambda entry: entry.started_at)


def _collapse(passes: Iterable[TimelineEntry]) -> Iterator[TimelineEntry]:
    """Yield several passes of one step as one loop entry at the first one's place, everything else as it is."""
    groups: dict[tuple[str, UUID | None], list[TimelineEntry]] = {}
    for entry in passes:
        key = (entry.step_path, None if entry.kind is EntryKind.STEP else entry.row_id)
        groups.setdefault(key, []).append(entry)
    for entries in groups.values():
        yield entries[0] if len(entries) == 1 else _loop(entries)


def _loop(entries: list[TimelineEntry]) -> TimelineEntry:
    outcomes = {entry.outcome for entry in entries}
    last_end = (
        None if any(entry.open for entry in entries) else max(entry.ended_at or entry.started_at for entry in entries)
    )
    return replace(
        entries[0],
        kind=EntryKind.LOOP,
        outcome=next(outcome for outcome in _WORST_FIRST if outcome in outcomes),
        end=max(entry.end for entry in entries),
        ended_at=last_end,
        row_id=None,
        passes=len(entries),
        attempts=max(entry.attempts for entry in entries),
        swallowed=any(entry.swallowed for entry in entries),
        children=tuple(entries),
    )


def _flatten(entries: Iterable[TimelineEntry]) -> Iterator[TimelineEntry]:
    for entry in entries:
        yield entry
        yield from _flatten(entry.children)


def _busy(passes: Iterable[TimelineEntry]) -> Iterator[tuple[float, float]]:
    """Yield the stretches in which work ran: a step without waits, or the attempts of one that waits."""
    for entry in passes:
        if any(child.hatched for child in entry.children):
            yield from _busy(child for child in entry.children if not child.hatched)
        elif not entry.hatched:
            yield entry.start, entry.end
