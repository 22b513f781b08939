"""The runs of a tenant that are in trouble, by cause: what banner, sidebar and tray show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.finding import Diagnosis
from app.domain.run import RunKey


@dataclass(frozen=True, slots=True)
class Trouble:
    """One run in trouble.

    ``cause`` None: it has begun no step past the threshold, and why is not known yet. ``since`` is when it began.
    """

    run: RunKey
    cause: Cause | None
    severity: Severity
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What an operator has seen of a run; another cause or severity is news again."""

    cause: Cause | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class TroubleGroup:
    """The runs that one cause holds up. ``number`` can exceed ``runs`` for a moment, while many are being diagnosed."""

    cause: Cause | None
    severity: Severity
    number: int
    since: datetime | None
    runs: tuple[RunKey, ...]


@dataclass(frozen=True, slots=True)
class Troubles:
    """Everything in trouble at one moment, worst first; ``acknowledged`` are those that somebody has seen.

    ``diagnoses`` are all runs that were diagnosed, by key. ``degraded`` says in words what could not be verified;
    ``checked_at`` is when the runs were diagnosed, None before the first time, and ``read_at`` when anything was last
    read; both by the database's clock.
    """

    groups: tuple[TroubleGroup, ...] = ()
    acknowledged: tuple[TroubleGroup, ...] = ()
    degraded: tuple[str, ...] = ()
    checked_at: datetime | None = None
    read_at: datetime | None = None
    diagnoses: Mapping[RunKey, Diagnosis] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def number(self) -> int:
        """How many runs are in trouble, those that were acknowledged not counted."""
        return sum(group.number for group in self.groups)

    def with_acknowledged(self) -> tuple[TroubleGroup, ...]:
        """Return the groups with what was acknowledged among them, worst first."""
        together: dict[Cause | None, TroubleGroup] = {}
        for group in (*self.groups, *self.acknowledged):
            known = together.get(group.cause)
            together[group.cause] = group if known is None else _joined(known, group)
        return tuple(sorted(together.values(), key=_badness))


@dataclass(frozen=True, slots=True)
class Unstarted:
    """Runs without a step past the threshold, by the database's own word: their start by key, and how many there are.

    ``total`` exceeds ``runs`` when there are more than were read.
    """

    runs: Mapping[RunKey, datetime] = field(default_factory=lambda: MappingProxyType({}))
    total: int = 0

    @property
    def complete(self) -> bool:
        """Whether ``runs`` are all of them."""
        return self.total <= len(self.runs)


def find_troubles(diagnoses: Mapping[RunKey, Diagnosis], unstarted: Unstarted) -> tuple[Trouble, ...]:
    """Return every run in trouble.

    A run without a step is in it from its threshold on, whether it was diagnosed since or not, and leaves as soon as
    it begins one; all others are as they were last diagnosed. Before its threshold a run without a step is never in
    trouble, even where nobody can take it: it may be about to begin.
    """
    found: dict[RunKey, Trouble] = {}
    for key, diagnosis in diagnoses.items():
        begun = diagnosis.unstarted_since is not None and unstarted.complete and key not in unstarted.runs
        if diagnosis.severity is Severity.TROUBLE and not begun and not diagnosis.young:
            found[key] = Trouble(key, diagnosis.cause, Severity.TROUBLE, diagnosis.since)
    for key, started_at in unstarted.runs.items():
        diagnosed = diagnoses.get(key)
        if key not in found:
            severity = Severity.WATCH if _is_unverified(diagnosed) else Severity.TROUBLE
            found[key] = Trouble(key, None if diagnosed is None else diagnosed.cause, severity, started_at)
    return tuple(found.values())


def group_troubles(
    troubles: Iterable[Trouble], acknowledged: Mapping[UUID, Acknowledgement], further: int = 0
) -> tuple[tuple[TroubleGroup, ...], tuple[TroubleGroup, ...]]:
    """Return the groups to show and those that were acknowledged, each worst first.

    Args:
        troubles: From :func:`find_troubles`.
        acknowledged: By run id, what was seen of it.
        further: How many runs without a step there are that nobody has looked at yet.
    """
    shown: dict[Cause | None, list[Trouble]] = {}
    seen: dict[Cause | None, list[Trouble]] = {}
    for trouble in troubles:
        known = acknowledged.get(trouble.run.run_id)
        same = known is not None and (known.cause, known.severity) == (trouble.cause, trouble.severity)
        (seen if same else shown).setdefault(trouble.cause, []).append(trouble)
    if further:
        shown.setdefault(None, [])
    return _worst_first(shown, further), _worst_first(seen, 0)


def _worst_first(by_cause: Mapping[Cause | None, list[Trouble]], further: int) -> tuple[TroubleGroup, ...]:
    """Return groups: what is proved before what cannot be verified, then the one that holds up more runs."""
    groups = [_group(cause, runs, further if cause is None else 0) for cause, runs in by_cause.items()]
    return tuple(sorted(groups, key=_badness))


def _badness(group: TroubleGroup) -> tuple[bool, int, str]:
    return group.severity is not Severity.TROUBLE, -group.number, group.cause or ""


def _joined(first: TroubleGroup, second: TroubleGroup) -> TroubleGroup:
    starts = [since for since in (first.since, second.since) if since is not None]
    return replace(
        first, number=first.number + second.number, since=min(starts, default=None), runs=first.runs + second.runs
    )


def _group(cause: Cause | None, troubles: list[Trouble], further: int) -> TroubleGroup:
    oldest = sorted(troubles, key=lambda each: (each.since is None, each.since, each.run.run_id))
    severity = Severity.TROUBLE if any(each.severity is Severity.TROUBLE for each in troubles) else Severity.WATCH
    return TroubleGroup(
        cause=cause,
        severity=severity if troubles else Severity.TROUBLE,
        number=len(troubles) + further,
        since=min((each.since for each in troubles if each.since is not None), default=None),
        runs=tuple(each.run for each in oldest),
    )


def _is_unverified(diagnosis: Diagnosis | None) -> bool:
    return diagnosis is not None and diagnosis.cause is Cause.CANNOT_VERIFY
