"""A named cause with its proof, and the diagnosis of a run that it ends in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.diagnosis.codes import Act, Cause, Severity, Source, Verdict
from app.domain.run import EffectiveState, RunKey


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that a reader can check by hand: where it stands, what it says, when it was so."""

    source: Source
    fact: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause that holds for a run.

    Attributes:
        cause: Its code.
        kind: Which of the cause's forms, a stable word to translate by.
        severity: OK findings name what a healthy run waits for; they are further facts, never the cause.
        title: One sentence for the operator.
        evidence: The facts that prove it.
        actions: What the operator may do, most fitting first.
        advice: What to do in words, where the right act lies elsewhere.
        engineering: What to tell engineering.
    """

    cause: Cause
    kind: str
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    actions: tuple[Act, ...] = ()
    advice: str = ""
    engineering: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is to be said about a run.

    ``cause`` and ``kind`` are None when severity is OK. ``further`` are other findings that hold, in order of
    precedence. ``since`` is when the trouble began as far as the facts tell, else None.
    """

    key: RunKey
    workflow_name: str | None
    status: str
    state: EffectiveState
    verdict: Verdict
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    cause: Cause | None = None
    kind: str | None = None
    actions: tuple[Act, ...] = ()
    advice: str = ""
    engineering: str = ""
    further: tuple[Finding, ...] = ()
    known_faults: tuple[str, ...] = ()
    since: datetime | None = None


def from_row(fact: str, at: datetime | None) -> Evidence:
    """Return a fact read in Postgres."""
    return Evidence(Source.POSTGRES, fact, at)


def from_temporal(fact: str, at: datetime | None, source: Source = Source.TEMPORAL) -> Evidence:
    """Return a fact Temporal told."""
    return Evidence(source, fact, at)


def moment(value: datetime) -> str:
    """Return a time as it stands in sentences: UTC to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
