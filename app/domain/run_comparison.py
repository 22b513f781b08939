"""What differs between two runs, step by step: an original and its replay, a failure and the last success.

Both sides are redacted before they get here, and what one side hides is hidden on the other. Lengths of time never make
two runs diverge; ids and times in documents do not either, as no two runs share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from app.domain.definition_difference import StepChange
from app.domain.document_difference import (
    NO_DIFFERENCE,
    UNKNOWN_DIFFERENCE,
    DocumentDifference,
    document_difference,
    text_difference,
)
from app.domain.replay_preview import NotKnown
from app.domain.run import Invocation, RedactionTally, RunInspection, RunRow, Step, Wait
from app.domain.step_alignment import Visit, align, visits_of
from app.domain.step_passes import StepPasses

__all__ = [
    "Aspect",
    "ComparedStep",
    "PairKind",
    "Relation",
    "RunComparison",
    "StepSide",
    "compare_runs",
]

_MUCH_LONGER = 2.0
_LONG_MS = 1000
"""A step took notably longer when it took twice as long and at least a second."""

DefinitionChanges: TypeAlias = "tuple[StepChange, ...] | NotKnown"


class Relation(StrEnum):
    """How the runs belong together."""

    REPLAY = "replay"
    """The second is a replay of the first."""
    SOURCE = "source"
    """The first is a replay of the second."""
    SAME_WORKFLOW = "same_workflow"
    OTHER_WORKFLOW = "other_workflow"


class PairKind(StrEnum):
    """Which run went through a step."""

    SAME = "same"
    DIFFERENT = "different"
    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"


class Aspect(StrEnum):
    """In what a step differs, in the order in which it came about."""

    ACTION = "action"
    INPUT = "input"
    ATTEMPTS = "attempts"
    WAIT = "wait"
    STATUS = "status"
    ERROR = "error"
    OUTPUT = "output"
    BRANCH = "branch"
    DURATION = "duration"


_HARMLESS = frozenset({Aspect.DURATION})


@dataclass(frozen=True, slots=True)
class StepSide:
    """A pass of a step in one of the runs.

    ``number`` counts the passes within the enclosing pass, from 1; ``branches`` are those taken (``then``, ``catch``).
    ``attempts`` is how often its action was tried, 0 without an action.
    """

    step: Step
    number: int
    branches: tuple[str, ...] = ()
    invocation: Invocation | None = None
    attempts: int = 0
    waits: tuple[Wait, ...] = ()

    @property
    def error_text(self) -> str | None:
        """What went wrong, redacted, as its action or else its row says it."""
        if self.invocation is not None and self.invocation.error_message:
            return self.invocation.error_message
        error = self.step.error
        message = error.get("message") if isinstance(error, dict) else None
        return message if isinstance(message, str) else None

    @property
    def error_code(self) -> str | None:
        """The code of that error."""
        for error in (None if self.invocation is None else self.invocation.error, self.step.error):
            code = error.get("code") if isinstance(error, dict) else None
            if isinstance(code, str):
                return code
        return None


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """A pass of a step in both runs, or in one of them."""

    kind: PairKind
    first: StepSide | None
    second: StepSide | None
    aspects: tuple[Aspect, ...] = ()
    input: DocumentDifference = NO_DIFFERENCE
    output: DocumentDifference = NO_DIFFERENCE

    @property
    def shown(self) -> StepSide:
        """The side that names the step: the first run's if it went through it."""
        side = self.first or self.second
        if side is None:
            raise ValueError("a compared step without a side")
        return side

    @property
    def diverges(self) -> bool:
        """Whether the runs differ here in more than time."""
        return self.kind in {PairKind.ONLY_FIRST, PairKind.ONLY_SECOND} or bool(set(self.aspects) - _HARMLESS)

    @property
    def error_differs(self) -> bool:
        """Whether what went wrong differs."""
        return Aspect.ERROR in self.aspects


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs side by side.

    Attributes:
        first: The first run as it was read.
        second: The second run as it was read.
        relation: How they belong together.
        input: What differs in what they were started with.
        definition: How the second's version of the workflow differs from the first's, or why that is not known.
        steps: Every pass of every step of both, merged in order.
        first_divergence: The place in ``steps`` of the first one that diverges, or None.
        read_at: The database's clock.
    """

    first: RunInspection
    second: RunInspection
    relation: Relation
    input: DocumentDifference
    definition: DefinitionChanges
    steps: tuple[ComparedStep, ...]
    first_divergence: int | None
    read_at: datetime

    @property
    def divergence(self) -> ComparedStep | None:
        """The first step that diverges."""
        return None if self.first_divergence is None else self.steps[self.first_divergence]

    @property
    def rows(self) -> tuple[RunRow, RunRow]:
        """Both runs' rows."""
        return self.first.run.row, self.second.run.row

    @property
    def same_version(self) -> bool:
        """Whether both ran the same version of the same workflow."""
        one, other = self.rows
        return (one.workflow_id, one.workflow_version) == (other.workflow_id, other.workflow_version)

    @property
    def restricted(self) -> bool:
        """Whether the viewer may not see what actions were given and returned, so that it was not compared."""
        return self.first.restricted or self.second.restricted

    @property
    def masked(self) -> RedactionTally:
        """What was masked in both."""
        return RedactionTally.sum((self.first.masked, self.second.masked))

    @property
    def differing(self) -> int:
        """How many steps diverge."""
        return sum(step.diverges for step in self.steps)


def compare_runs(first: RunInspection, second: RunInspection, definition: DefinitionChanges = ()) -> RunComparison:
    """Compare two runs as read with their documents.

    Args:
        first: The run that is looked at.
        second: What it is compared with.
        definition: How their versions differ, if they do.
    """
    one, other = first.run.row, second.run.row
    same_version = (one.workflow_id, one.workflow_version) == (other.workflow_id, other.workflow_version)
    name = _path if same_version else _identity
    sides = [_sides(inspection, visits_of(inspection.steps, name)) for inspection in (first, second)]
    pairs = align(*([token for token, _ in side] for side in sides))
    steps = tuple(
        _compared(None if at is None else sides[0][at][1], None if beside is None else sides[1][beside][1])
        for at, beside in pairs
    )
    return RunComparison(
        first=first,
        second=second,
        relation=_relation(one, other),
        input=document_difference(first.run.input, second.run.input),
        definition=definition,
        steps=steps,
        first_divergence=next((place for place, step in enumerate(steps) if step.diverges), None),
        read_at=max(first.read_at, second.read_at),
    )


def _relation(one: RunRow, other: RunRow) -> Relation:
    if other.replay_of == one.key.run_id:
        return Relation.REPLAY
    if one.replay_of == other.key.run_id:
        return Relation.SOURCE
    return Relation.SAME_WORKFLOW if one.workflow_id == other.workflow_id else Relation.OTHER_WORKFLOW


def _path(step: Step) -> str:
    return step.step_path


def _identity(step: Step) -> str:
    """Return what a step keeps from version to version: its id, which is unique in a published one."""
    return step.definition_step_id or step.step_path


_Sides: TypeAlias = list[tuple[object, StepSide]]


def _sides(inspection: RunInspection, visits: list[Visit]) -> _Sides:
    passes = StepPasses(inspection.steps)
    invocations: dict[object, list[Invocation]] = {}
    waits: dict[object, list[Wait]] = {}
    for invocation in inspection.invocations:
        step = passes.at(invocation.step_path, invocation.started_at or invocation.created_at)
        invocations.setdefault(step and step.step_id, []).append(invocation)
    for wait in inspection.waits:
        step = passes.at(wait.step_path, wait.created_at)
        waits.setdefault(step and step.step_id, []).append(wait)
    return [
        (visit.token, _side(visit, invocations.get(visit.step.step_id, []), waits.get(visit.step.step_id, [])))
        for visit in visits
    ]


def _side(visit: Visit, invocations: list[Invocation], waits: list[Wait]) -> StepSide:
    last = invocations[-1] if invocations else None
    return StepSide(
        step=visit.step,
        number=visit.number,
        branches=tuple(sorted(visit.branches)),
        invocation=last,
        attempts=max([len(invocations), *(one.attempt for one in invocations)]),
        waits=tuple(waits),
    )


def _compared(first: StepSide | None, second: StepSide | None) -> ComparedStep:
    if first is None:
        return ComparedStep(PairKind.ONLY_SECOND, None, second)
    if second is None:
        return ComparedStep(PairKind.ONLY_FIRST, first, None)
    given, returned = _documents(first, second)
    aspects = tuple(aspect for aspect in Aspect if _differs(aspect, first, second, given, returned))
    return ComparedStep(PairKind.DIFFERENT if aspects else PairKind.SAME, first, second, aspects, given, returned)


def _documents(first: StepSide, second: StepSide) -> tuple[DocumentDifference, DocumentDifference]:
    one, other = first.invocation, second.invocation
    if one is None and other is None:
        return NO_DIFFERENCE, NO_DIFFERENCE
    if one is None or other is None:
        return UNKNOWN_DIFFERENCE, UNKNOWN_DIFFERENCE
    return document_difference(one.input, other.input), document_difference(one.output, other.output)


def _differs(
    aspect: Aspect, first: StepSide, second: StepSide, given: DocumentDifference, returned: DocumentDifference
) -> bool:
    match aspect:
        case Aspect.INPUT:
            return given.matters
        case Aspect.OUTPUT:
            return returned.matters
        case Aspect.ERROR:
            return first.error_code != second.error_code or text_difference(first.error_text, second.error_text)
        case Aspect.DURATION:
            return _notably_longer(first.step.duration_ms, second.step.duration_ms)
        case _:
            return _plain(aspect, first) != _plain(aspect, second)


def _plain(aspect: Aspect, side: StepSide) -> object:
    """Return what is compared of a side as it is."""
    match aspect:
        case Aspect.ACTION:
            return side.invocation and (side.invocation.action_id, side.invocation.action_version)
        case Aspect.ATTEMPTS:
            return side.attempts
        case Aspect.WAIT:
            return [(wait.wait_type, wait.event_name, wait.status) for wait in side.waits]
        case Aspect.STATUS:
            return side.step.status, side.step.swallowed_error
        case _:
            return side.branches


def _notably_longer(one: int | None, other: int | None) -> bool:
    if one is None or other is None:
        return False
    longer, shorter = max(one, other), min(one, other)
    return longer >= _LONG_MS and longer >= _MUCH_LONGER * shorter
