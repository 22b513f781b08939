"""A comparison of two runs as a part of a report: how they belong together, where they part, and in what."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.document_difference import DocumentDifference
from app.domain.report.blocks import Block, Cell, Column, Fact, Facts, Paragraph, Section, Style, Table, mono, plain
from app.domain.report.headline import name_of, one_line, step_name
from app.domain.report.states import stored_status
from app.domain.report.words import Joined, Said, Word, joined, say
from app.domain.run import RunRow
from app.domain.run_comparison import Aspect, ComparedStep, PairKind, Relation, RunComparison, StepSide

MOST_STEPS = 60
"""Steps that differ and are listed; the rest is counted."""
MOST_VALUES = 20
"""Values that differ and are listed, of the inputs and of the first step that differs."""


def comparison_part(comparison: RunComparison, number: int = 1) -> Section:
    """Return the comparison; ``number`` tells several of one report apart."""
    one, other = comparison.rows
    facts = Facts(
        (
            Fact(say("First run"), plain(_run_words(one))),
            Fact(say("Second run"), plain(_run_words(other))),
            Fact(say("How they belong together"), plain(_RELATIONS[comparison.relation])),
            Fact(say("Versions"), plain(_versions(comparison))),
            Fact(say("Where they part"), Cell(_parting(comparison), Style.STRONG)),
        )
    )
    blocks = (facts, *_steps(comparison), *_values(comparison))
    title = say("Comparison of {first} and {second}", first=str(one.key.run_id)[:8], second=str(other.key.run_id)[:8])
    return Section(f"comparison{number}", title, blocks)


_RELATIONS: dict[Relation, Said] = {
    Relation.REPLAY: say("the second is a replay of the first"),
    Relation.SOURCE: say("the first is a replay of the second"),
    Relation.SAME_WORKFLOW: say("runs of the same workflow"),
    Relation.OTHER_WORKFLOW: say("runs of different workflows"),
}
_ASPECTS: dict[Aspect, Said] = {
    Aspect.ACTION: say("action"),
    Aspect.INPUT: say("input"),
    Aspect.ATTEMPTS: say("attempts"),
    Aspect.WAIT: say("wait"),
    Aspect.STATUS: say("status"),
    Aspect.ERROR: say("error"),
    Aspect.OUTPUT: say("output"),
    Aspect.BRANCH: say("branch"),
    Aspect.DURATION: say("duration"),
}


def _run_words(row: RunRow) -> Word:
    return say(
        "{run} {id}, started {at}: {status}",
        run=name_of(row),
        id=str(row.key.run_id),
        at=row.started_at,
        status=row.status,
    )


def _versions(comparison: RunComparison) -> Word:
    one, other = comparison.rows
    if comparison.same_version:
        return say("both ran version {version}", version=str(one.workflow_version))
    return say("{first} and {second}", first=str(one.workflow_version), second=str(other.workflow_version))


def _parting(comparison: RunComparison) -> Word:
    step = comparison.divergence
    if step is None:
        return say("Nowhere: they went the same way.")
    name = step_name(step.shown.step)
    if step.kind is PairKind.ONLY_FIRST:
        return say("At step {step} ({path}), which only the first ran.", step=name, path=step.shown.step.step_path)
    if step.kind is PairKind.ONLY_SECOND:
        return say("At step {step} ({path}), which only the second ran.", step=name, path=step.shown.step.step_path)
    return say("At step {step} ({path}): {aspects}.", step=name, path=step.shown.step.step_path, aspects=_aspects(step))


def _aspects(step: ComparedStep) -> Word:
    return Joined(tuple(_ASPECTS[aspect] for aspect in step.aspects), ", ")


_STEP_COLUMNS = (
    Column(say("Step"), 2.0),
    Column(say("Path"), 2.0),
    Column(say("Differs in"), 2.0),
    Column(say("First run"), 2.6),
    Column(say("Second run"), 2.6),
)


def _steps(comparison: RunComparison) -> Iterator[Block]:
    differing = [step for step in comparison.steps if step.diverges]
    if not differing:
        return
    yield Table(_STEP_COLUMNS, tuple(_step_row(step) for step in differing[:MOST_STEPS]))
    if len(differing) > MOST_STEPS:
        yield Paragraph(say("{n} further steps differ.", n=len(differing) - MOST_STEPS), Style.MUTED)
    if comparison.restricted:
        yield Paragraph(
            say("Inputs and outputs were not compared: whoever made this report may not see them."), Style.MUTED
        )


def _step_row(step: ComparedStep) -> tuple[Cell, ...]:
    shown = step.shown.step
    only = {PairKind.ONLY_FIRST: say("only in the first"), PairKind.ONLY_SECOND: say("only in the second")}
    return (
        plain(shown.name or shown.definition_step_id),
        mono(shown.step_path),
        plain(only.get(step.kind) or _aspects(step)),
        _side(step.first),
        _side(step.second),
    )


def _side(side: StepSide | None) -> Cell:
    if side is None:
        return plain(None)
    status = stored_status(side.step.status)
    if side.error_text is None:
        return status
    return Cell(joined(status.word, one_line(side.error_text), between=": "), Style.PLAIN, status.outcome)


_VALUE_COLUMNS = (
    Column(say("Place"), 2.4),
    Column(say("First run"), 3.4),
    Column(say("Second run"), 3.4),
)


def _values(comparison: RunComparison) -> Iterator[Block]:
    yield from _difference(say("What differs in the inputs of the runs"), comparison.input)
    step = comparison.divergence
    if step is not None:
        yield from _difference(say("What differs in the input of that step"), step.input)
        yield from _difference(say("What differs in the output of that step"), step.output)


def _difference(title: Said, difference: DocumentDifference) -> Iterator[Block]:
    changes = [change for change in difference.changes if not change.incidental]
    if changes:
        rows = tuple((mono(each.pointer), mono(each.first), mono(each.second)) for each in changes[:MOST_VALUES])
        yield Paragraph(title)
        yield Table(_VALUE_COLUMNS, rows)
    left = max(len(changes) - MOST_VALUES, 0) + difference.more
    if left:
        yield Paragraph(say("{n} further values differ.", n=left), Style.MUTED)
    if difference.masked:
        yield Paragraph(say("{n} masked values were not compared.", n=difference.masked), Style.MUTED)
