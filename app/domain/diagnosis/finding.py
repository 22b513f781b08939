"""A named cause with its proof, and the diagnosis of a run that it ends in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from app.domain.diagnosis.codes import Act, Cause, Severity, Source, Verdict
from app.domain.diagnosis.kinds import require_known
from app.domain.run import EffectiveState, RunKey

Params: TypeAlias = tuple[tuple[str, str | int | float | datetime], ...]
"""What a title names, by name: for faces that say it in another language. Times are aware, spans are seconds."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that a reader can check by hand: where it stands, what it says, when it was so.

    Attributes:
        source: Where it stands.
        wording: What it says, the names of ``params`` in braces; faces translate by it.
        at: When it was so, aware; None for what has no time of its own.
        params: What the wording names. Without any, the wording is taken literally, braces included.
    """

    source: Source
    wording: str
    at: datetime | None
    params: Params = ()

    @property
    def fact(self) -> str:
        """What it says, in English and UTC."""
        return self.wording.format_map(dict(map(_spoken, self.params))) if self.params else self.wording


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
        params: What the title and the advice name.

    Raises:
        ValueError: the pair of cause and kind is not in :data:`app.domain.diagnosis.kinds.KINDS`.
    """

    cause: Cause
    kind: str
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    actions: tuple[Act, ...] = ()
    advice: str = ""
    engineering: str = ""
    params: Params = ()

    def __post_init__(self) -> None:
        """Refuse what no face has words for."""
        require_known(self.cause, self.kind)


@dataclass(frozen=True, slots=True)
class Doing:
    """Details of what a run is really doing; what does not apply to its state, or is not known, is None.

    Attributes:
        event_name: The event it waits for.
        until: When its wait ends at the latest, or its next attempt is due.
        since: When what it does now began.
        attempt: Number of the attempt that is ahead.
        child: The child run it waits for, by id.
    """

    event_name: str | None = None
    until: datetime | None = None
    since: datetime | None = None
    attempt: int | None = None
    child: str | None = None


NOTHING_MORE = Doing()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is to be said about a run.

    ``cause`` and ``kind`` are None when severity is OK, and where both sides have ended with different outcomes: that
    is to be watched, but nothing is stuck. ``further`` are other findings that hold, in order of
    precedence. ``since`` is when the trouble began as far as the facts tell, else None. ``unstarted_since`` is the
    run's start while no step has begun past the threshold, else None. ``young``: it
    has begun no step, and is not old enough for that to be trouble. ``doing`` are the details of ``state``.
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
    params: Params = ()
    unstarted_since: datetime | None = None
    young: bool = False
    doing: Doing = NOTHING_MORE

    def __post_init__(self) -> None:
        """Refuse what no face has words for."""
        if self.cause is not None and self.kind is not None:
            require_known(self.cause, self.kind)


def from_row(wording: str, at: datetime | None, **params: str | float | datetime) -> Evidence:
    """Return a fact read in Postgres."""
    return Evidence(Source.POSTGRES, wording, at, tuple(params.items()))


def from_temporal(
    wording: str, at: datetime | None, source: Source = Source.TEMPORAL, **params: str | float | datetime
) -> Evidence:
    """Return a fact Temporal told."""
    return Evidence(source, wording, at, tuple(params.items()))


def moment(value: datetime) -> str:
    """Return a time as it stands in sentences: UTC to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _spoken(param: tuple[str, str | float | datetime]) -> tuple[str, str]:
    name, value = param
    return name, moment(value) if isinstance(value, datetime) else str(value)
