"""The family of a replayed run: from the original through every generation, and whether one of them recovered it.

A replay names the run it copied (``trigger_metadata_json.replayOfRunId``) and nothing else does, so the family is a
forest of such pointers. They are data that anybody may have written: a pointer may lead to a run that is gone, or back
to where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.run import RunStatus

MAX_GENERATIONS = 50
"""Most steps that a chain is followed up, and down, from the run it is asked for."""
MAX_FAMILY = 200
"""Most runs of one family that are read."""


class PayloadOrigin(StrEnum):
    """How a run's stored input relates to that of the run it replayed.

    ``verbatim`` and ``edited`` are what Postgres found by comparing both inputs as jsonb; ``unknown`` means that one of
    them is no longer there to compare.
    """

    ORIGINAL = "original"
    VERBATIM = "verbatim"
    EDITED = "edited"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Replayer:
    """Who replayed, as the audit row's user is known in the tenant now."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class FamilyRun:
    """One run of a family, as it is stored.

    ``replay_of`` is the run it copied, None for an original. ``same_input`` is None when there is nothing to compare.
    ``reason`` is redacted. ``replayer`` is None when no audit row says who it was, or nobody has that user id any more.
    """

    run_id: UUID
    workflow_version: int
    status: str
    started_at: datetime
    completed_at: datetime | None
    replay_of: UUID | None = None
    same_input: bool | None = None
    reason: str | None = None
    replayer: Replayer | None = None

    @property
    def has_succeeded(self) -> bool:
        """Whether it truly succeeded: its status says so, and it has ended."""
        return self.status == RunStatus.SUCCEEDED and self.completed_at is not None

    @property
    def origin(self) -> PayloadOrigin:
        """Where its input came from."""
        if self.replay_of is None:
            return PayloadOrigin.ORIGINAL
        if self.same_input is None:
            return PayloadOrigin.UNKNOWN
        return PayloadOrigin.VERBATIM if self.same_input else PayloadOrigin.EDITED


@dataclass(frozen=True, slots=True)
class ReplayFamily:
    """What was read of a family: the runs in any order, and whether a bound ended the reading early, above or below."""

    asked_for: UUID
    runs: tuple[FamilyRun, ...]
    truncated_above: bool = False
    truncated_below: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """A run at its place: ``depth`` 0 is the earliest run that is known."""

    run: FamilyRun
    depth: int


@dataclass(frozen=True, slots=True)
class ReplayChain:
    """A family in order: each run is followed by its own replays, the earlier started first.

    Attributes:
        asked_for: The run whose chain this is.
        generations: Never empty; a run that was never replayed and replays nothing stands alone.
        recovered_by: The replay that first truly succeeded after a run it descends from had not, or None. Nothing else
            counts as recovered: a replay that was started, or that runs, has recovered nothing yet.
        origin_missing: The run that the earliest one replayed, when it is not in this tenant any more.
        truncated: Whether the family is larger than what is read of it (``MAX_GENERATIONS``, ``MAX_FAMILY``).
    """

    asked_for: UUID
    generations: tuple[Generation, ...]
    recovered_by: UUID | None = None
    origin_missing: UUID | None = None
    truncated: bool = False

    @property
    def replays(self) -> tuple[FamilyRun, ...]:
        """The direct replays of the run asked for."""
        return tuple(entry.run for entry in self.generations if entry.run.replay_of == self.asked_for)

    @property
    def has_story(self) -> bool:
        """Whether there is anything to tell: more than one run, or a source that is gone."""
        return len(self.generations) > 1 or self.origin_missing is not None

    @property
    def own(self) -> FamilyRun:
        """The run asked for."""
        return next(entry.run for entry in self.generations if entry.run.run_id == self.asked_for)

    @property
    def awaits_recovery(self) -> bool:
        """Whether the run asked for did not succeed, was replayed somewhere in its family, and nothing recovered it."""
        return len(self.generations) > 1 and self.recovered_by is None and not self.own.has_succeeded


def build_chain(family: ReplayFamily) -> ReplayChain:
    """Return the family in order with its recovery."""
    runs = {run.run_id: run for run in family.runs}
    origin = _origin_of(family.asked_for, runs)
    generations = tuple(_in_order(origin, runs))
    source = runs[origin].replay_of
    is_gone = source not in runs and not family.truncated_above
    return ReplayChain(
        asked_for=family.asked_for,
        generations=generations,
        recovered_by=_recovered_by([entry.run for entry in generations], runs),
        origin_missing=source if is_gone else None,
        truncated=family.truncated_above or family.truncated_below,
    )


def _origin_of(asked_for: UUID, runs: Mapping[UUID, FamilyRun]) -> UUID:
    """Return the earliest known run above; where pointers lead in a circle, the last before it closes."""
    return (asked_for, *(run.run_id for run in _above(asked_for, runs)))[-1]


def _above(run_id: UUID, runs: Mapping[UUID, FamilyRun]) -> Iterator[FamilyRun]:
    """Yield the known runs that this one descends from, nearest first."""
    seen = {run_id}
    source = runs[run_id].replay_of
    while source is not None and source in runs and source not in seen:
        seen.add(source)
        yield runs[source]
        source = runs[source].replay_of


def _in_order(origin: UUID, runs: Mapping[UUID, FamilyRun]) -> Iterator[Generation]:
    """Yield the tree below the origin, each run before its own replays; a chain may be longer than Python's stack."""
    replays: dict[UUID, list[FamilyRun]] = {}
    for run in sorted(runs.values(), key=lambda run: (run.started_at, run.run_id), reverse=True):
        if run.replay_of is not None and run.run_id != origin:
            replays.setdefault(run.replay_of, []).append(run)
    ahead = [Generation(runs[origin], 0)]
    while ahead:
        entry = ahead.pop()
        yield entry
        ahead += [Generation(run, entry.depth + 1) for run in replays.pop(entry.run.run_id, ())]


def _recovered_by(candidates: Iterable[FamilyRun], runs: Mapping[UUID, FamilyRun]) -> UUID | None:
    successes = [
        (run.completed_at, run.run_id)
        for run in candidates
        if run.has_succeeded and run.completed_at and any(not above.has_succeeded for above in _above(run.run_id, runs))
    ]
    return min(successes)[1] if successes else None
