"""A triage case: the runs that belong together, and what the operator knows, tried and asks about them.

A case lies on this computer's disk in clear. So it holds ids, what a list showed of them (redacted), and the operator's
own words with credentials of a recognisable shape taken out; never a payload.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.errors import InvalidInput
from app.domain.redaction import Redactor
from app.domain.redaction_policy import BUILT_IN_RULES, RedactionPolicy
from app.domain.run import RunKey, RunRow
from app.domain.triage import CaseAttempt, CaseNote, CasePart

__all__ = [
    "MOST_ENTRIES",
    "MOST_RUNS",
    "Case",
    "CaseAttempt",
    "CaseComparison",
    "CaseEvent",
    "CaseNote",
    "CaseRun",
    "CaseSeverity",
    "case_part",
    "case_run",
    "scrubbed",
    "with_comparison",
    "with_events",
    "with_runs",
    "without_run",
]

MOST_RUNS = 50
"""Runs of a case: as many as a report tells whole."""
MOST_ENTRIES = 500
"""Notes, attempts, events or comparisons of a case."""


class CaseSeverity(StrEnum):
    """How much the case matters to whom it is about, in the operator's judgement."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A run of a case, and what was known of it when it was added; ``cause`` is the code of a stuck cause."""

    key: RunKey
    added_at: datetime
    workflow: str | None
    status: str
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event of a case, by its id."""

    event_id: UUID
    name: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """Two runs to be compared; what differs is read anew each time."""

    first: RunKey
    second: RunKey
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One case. All texts are the operator's own words.

    Attributes:
        case_id: Its identity on this computer.
        title: What it is called.
        created_at: When it was opened, UTC.
        updated_at: When it was last changed, UTC.
        severity: How much it matters.
        customer: The customer's reference, such as a ticket's number.
        summary: What happened, in a few sentences.
        asked: What the reader of its report is asked to do.
        notes: What was noticed, oldest first.
        attempts: What was tried, oldest first.
        runs: The runs, in the order in which they were added, each once.
        events: The events, each once.
        comparisons: The comparisons, each once.
    """

    case_id: UUID
    title: str
    created_at: datetime
    updated_at: datetime
    severity: CaseSeverity = CaseSeverity.NORMAL
    customer: str = ""
    summary: str = ""
    asked: str = ""
    notes: tuple[CaseNote, ...] = ()
    attempts: tuple[CaseAttempt, ...] = ()
    runs: tuple[CaseRun, ...] = ()
    events: tuple[CaseEvent, ...] = ()
    comparisons: tuple[CaseComparison, ...] = ()

    @property
    def keys(self) -> tuple[RunKey, ...]:
        """The runs' keys."""
        return tuple(run.key for run in self.runs)


def case_run(row: RunRow, at: datetime, cause: str | None = None) -> CaseRun:
    """Return a run of the list as a case keeps it."""
    return CaseRun(row.key, at, row.workflow_name, row.status, cause)


def with_runs(case: Case, runs: Iterable[CaseRun]) -> Case:
    """Return the case with these runs too; those that it holds stay as they were added.

    Raises:
        InvalidInput: More than :data:`MOST_RUNS`.
    """
    held = {run.key: run for run in case.runs}
    for run in runs:
        held.setdefault(run.key, run)
    if len(held) > MOST_RUNS:
        raise InvalidInput(
            "case.runs",
            f"A case holds at most {MOST_RUNS} runs, and this would make {len(held)}. Open another case for the rest.",
            limit=MOST_RUNS,
            runs=len(held),
        )
    return replace(case, runs=tuple(held.values()))


def without_run(case: Case, key: RunKey) -> Case:
    """Return the case without this run."""
    return replace(case, runs=tuple(run for run in case.runs if run.key != key))


def with_events(case: Case, events: Iterable[CaseEvent]) -> Case:
    """Return the case with these events too, the newest :data:`MOST_ENTRIES` when they are more."""
    held = {event.event_id: event for event in case.events}
    for event in events:
        held.setdefault(event.event_id, event)
    return replace(case, events=tuple(held.values())[-MOST_ENTRIES:])


def with_comparison(case: Case, comparison: CaseComparison) -> Case:
    """Return the case with this comparison too, unless it holds one of the same runs."""
    held = {(each.first, each.second) for each in case.comparisons}
    if (comparison.first, comparison.second) in held:
        return case
    return replace(case, comparisons=(*case.comparisons, comparison)[-MOST_ENTRIES:])


def scrubbed(case: Case, policy: RedactionPolicy = BUILT_IN_RULES) -> Case:
    """Return the case with credentials in the operator's words replaced: so it may lie on a disk, and leave."""
    clean = Redactor(policy)
    return replace(
        case,
        title=clean.text(case.title) or "",
        customer=clean.text(case.customer) or "",
        summary=clean.text(case.summary) or "",
        asked=clean.text(case.asked) or "",
        notes=tuple(replace(note, text=clean.text(note.text) or "") for note in case.notes),
        attempts=tuple(
            replace(each, what=clean.text(each.what) or "", outcome=clean.text(each.outcome)) for each in case.attempts
        ),
    )


def case_part(case: Case) -> CasePart:
    """Return the case as a report tells it, redacted."""
    clean = scrubbed(case)
    return CasePart(
        title=clean.title,
        severity=str(clean.severity),
        customer=clean.customer or None,
        summary=clean.summary or None,
        notes=clean.notes,
        attempts=clean.attempts,
        asked=clean.asked or None,
    )
