"""What came of an event: candidate by candidate, trigger by trigger, and what its row says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from app.domain.event_ingress import (
    MISSING_KEY,
    Arrival,
    EventArrival,
    EventEnd,
    IncomingEvent,
    SchemaConflict,
    TriggeredWorkflow,
    WaitingRun,
)
from app.domain.launching import LaunchState
from app.domain.redaction import Redactor
from app.domain.redaction_policy import RedactionPolicy


class Reached(StrEnum):
    """What became of one candidate."""

    SIGNALLED = "signalled"
    REFUSES = "refuses"
    """It was signalled; by its filters, it will go on waiting."""
    STALE = "stale"
    """Its execution has ended: the wait was closed."""
    UNKNOWN = "unknown"
    """Temporal knows no such execution; the wait stays for the diagnosis to judge."""
    UNREACHED = "unreached"
    """The signal may not have arrived; sending the event again sends it again."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run that may wait for the event. ``told`` says what is wrong, None when nothing is."""

    wait: WaitingRun
    reached: Reached
    told: str | None = None


@dataclass(frozen=True, slots=True)
class TriggeredRun:
    """A workflow that the event triggers. ``run_id`` is None where nothing was started; ``told`` says why."""

    workflow: TriggeredWorkflow
    run_id: UUID | None
    state: LaunchState | None
    told: str | None = None

    @property
    def is_started(self) -> bool:
        """Whether Temporal has an execution of it, be it from an earlier sending of the event."""
        return self.state in (LaunchState.STARTED, LaunchState.EXISTING)


@dataclass(frozen=True, slots=True)
class SubmitOutcome:
    """What came of an event.

    ``settled`` False: something did not answer, and the same event is to be sent again. ``keys`` and ``error`` are fit
    for display. ``matched_run`` is the run that will take it, else the first that it started.
    """

    event_id: UUID
    arrival: Arrival
    keys: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()
    triggered: tuple[TriggeredRun, ...] = ()
    conflict: SchemaConflict | None = None
    matched_run: UUID | None = None
    error: str | None = None
    settled: bool = True


def outcome_of(
    event: IncomingEvent,
    arrived: EventArrival,
    candidates: tuple[Candidate, ...],
    triggered: tuple[TriggeredRun, ...],
) -> SubmitOutcome:
    """Return what came of an event that took effect."""
    started = next((run.run_id for run in triggered if run.is_started), None)
    taking = _taking(candidates)
    parts: tuple[Candidate | TriggeredRun, ...] = (*candidates, *triggered)
    told = [part.told for part in parts if part.told is not None]
    if not told and not event.keys and not candidates and started is None:
        told = [MISSING_KEY]
    unreached = any(candidate.reached is Reached.UNREACHED for candidate in candidates)
    unconfirmed = any(run.state is LaunchState.UNCONFIRMED for run in triggered)
    return SubmitOutcome(
        event_id=event.event_id,
        arrival=arrived.arrival,
        keys=event.keys,
        candidates=candidates,
        triggered=triggered,
        conflict=arrived.conflict,
        matched_run=started if taking is None else taking.run_id,
        error="\n".join(told) or None,
        settled=not (unreached or unconfirmed),
    )


def outcome_of_duplicate(event: IncomingEvent, arrived: EventArrival) -> SubmitOutcome:
    """Return what the row of an event says that was dealt with before."""
    return SubmitOutcome(
        event_id=event.event_id,
        arrival=arrived.arrival,
        keys=event.keys,
        conflict=arrived.conflict,
        matched_run=arrived.matched_run,
        error=arrived.error,
    )


def end_of(outcome: SubmitOutcome) -> EventEnd:
    """Return what the event's row is to say."""
    taking = _taking(outcome.candidates)
    return EventEnd(
        settled=outcome.settled,
        matched_run=outcome.matched_run,
        matched_wait=None if taking is None else taking.wait_id,
        matched_step_path=None if taking is None else taking.step_path,
        error=outcome.error,
    )


def shown(outcome: SubmitOutcome, event: IncomingEvent, policy: RedactionPolicy) -> SubmitOutcome:
    """Return the outcome fit for display: a key that repeats what the payload hides is hidden, too."""
    redactor = Redactor(policy)
    redactor.learn(event.payload)
    words = redactor.for_own_words()
    return replace(
        outcome,
        keys=tuple(redactor.text(key) or "" for key in outcome.keys),
        candidates=tuple(replace(each, told=words.text(each.told)) for each in outcome.candidates),
        triggered=tuple(replace(each, told=words.text(each.told)) for each in outcome.triggered),
        error=words.text(outcome.error),
    )


def _taking(candidates: tuple[Candidate, ...]) -> WaitingRun | None:
    """Return the wait that will take the event, as far as its filters tell; the engine proves it (F26)."""
    return next((candidate.wait for candidate in candidates if candidate.reached is Reached.SIGNALLED), None)
