"""The JSON document and the text of ``rundesk compare``. The keys are a promise."""

from __future__ import annotations

from collections.abc import Iterator

from app.cli.documents import instant, seconds
from app.cli.text import fields, local_time, section, span, table, terminal_width
from app.domain.comparison_words import aspect_words, divergence_sentence, step_label
from app.domain.definition_difference import StepChange
from app.domain.document_difference import DocumentDifference
from app.domain.replay_preview import NotKnown
from app.domain.run import JsonValue, RunInspection
from app.domain.run_comparison import ComparedStep, PairKind, RunComparison, StepSide

_MARKS = {PairKind.SAME: "=", PairKind.DIFFERENT: "≠", PairKind.ONLY_FIRST: "<", PairKind.ONLY_SECOND: ">"}


def document(comparison: RunComparison) -> dict[str, JsonValue]:
    """Return the whole comparison."""
    return {
        "relation": str(comparison.relation),
        "first": _run(comparison.first),
        "second": _run(comparison.second),
        "input": _difference(comparison.input),
        "definition": _definition(comparison),
        "steps": [_step(step) for step in comparison.steps],
        "differing_steps": comparison.differing,
        "first_divergence": comparison.first_divergence,
        "restricted": comparison.restricted,
        "masked": {str(rule): number for rule, number in comparison.masked.counts},
        "read_at": instant(comparison.read_at),
    }


def text(comparison: RunComparison, *, every_step: bool = False) -> str:
    """Return the same for people: what differs, or every step."""
    one, other = comparison.first, comparison.second
    width = terminal_width()
    shown = [step for step in comparison.steps if every_step or step.kind is not PairKind.SAME]
    rows = [_row(step) for step in shown]
    listed = table(("", "STEP", "FIRST", "SECOND", "DIFFERS IN"), rows, width) if rows else "Every step is the same."
    divergence = comparison.divergence
    return "".join(
        (
            fields(
                (
                    ("First", _run_line(one)),
                    ("Second", _run_line(other)),
                    ("Relation", str(comparison.relation).replace("_", " ")),
                    ("First divergence", divergence_sentence(comparison)),
                )
            ),
            section("DEFINITION", _definition_text(comparison)),
            section("INPUT", _difference_text(comparison.input)),
            section(f"STEPS ({comparison.differing} of {len(comparison.steps)} differ)", listed),
            *(() if divergence is None else _parts(divergence)),
        )
    )


def _parts(step: ComparedStep) -> Iterator[str]:
    yield section(f"{step_label(step)}: INPUT", _difference_text(step.input))
    yield section(f"{step_label(step)}: OUTPUT", _difference_text(step.output))
    errors = [(name, side.error_text) for name, side in (("First", step.first), ("Second", step.second)) if side]
    yield section(f"{step_label(step)}: ERROR", fields(errors))


def _run(read: RunInspection) -> JsonValue:
    row, error = read.run.row, read.error
    return {
        "run_id": str(row.key.run_id),
        "workflow_id": str(row.workflow_id),
        "workflow": row.workflow_name,
        "version": row.workflow_version,
        "status": row.status,
        "effective_state": str(row.state),
        "started_at": instant(row.started_at),
        "completed_at": instant(row.completed_at),
        "definition_hash": read.run.definition_hash,
        "runtime_semantics_version": read.run.runtime_semantics_version,
        "error": None if error is None else {"code": error.code, "message": error.message},
    }


def _run_line(read: RunInspection) -> str:
    row = read.run.row
    end = row.completed_at or read.read_at
    taken = span((end - row.started_at).total_seconds())
    name = f"{row.workflow_name or row.workflow_id} v{row.workflow_version}"
    return f"{row.key.run_id}  {row.status}  {name}  {local_time(row.started_at)}  {taken}"


def _definition(comparison: RunComparison) -> JsonValue:
    if isinstance(comparison.definition, NotKnown):
        return {"not_known": {"code": comparison.definition.code, "message": comparison.definition.reason}}
    return {
        "same_version": comparison.same_version,
        "changes": [
            {
                "kind": str(change.kind),
                "step_id": change.step_id,
                "name": change.name,
                "first_path": change.before_path,
                "second_path": change.after_path,
                "members": [
                    {"pointer": member.pointer, "first": member.before, "second": member.after}
                    for member in change.members
                ],
            }
            for change in comparison.definition
        ],
    }


def _definition_text(comparison: RunComparison) -> str:
    if isinstance(comparison.definition, NotKnown):
        return comparison.definition.reason
    return "\n".join(_change_line(change) for change in comparison.definition)


def _change_line(change: StepChange) -> str:
    place = change.after_path or change.before_path or ""
    members = ", ".join(member.pointer for member in change.members)
    line = f"{change.kind}  {change.name or change.step_id or 'the workflow'}  {place}".rstrip()
    return f"{line}  {members}" if members else line


def _step(step: ComparedStep) -> JsonValue:
    return {
        "kind": str(step.kind),
        "step": step_label(step),
        "differs_in": [str(aspect) for aspect in step.aspects],
        "first": _side(step.first),
        "second": _side(step.second),
        "input": _difference(step.input),
        "output": _difference(step.output),
    }


def _side(side: StepSide | None) -> JsonValue:
    if side is None:
        return None
    return {
        "step_id": str(side.step.step_id),
        "path": side.step.step_path,
        "pass": side.number,
        "status": side.step.status,
        "action": None if side.invocation is None else side.invocation.action_id,
        "attempts": side.attempts,
        "branches": list(side.branches),
        "duration_ms": side.step.duration_ms,
        "error_code": side.error_code,
        "error": side.error_text,
    }


def _difference(difference: DocumentDifference) -> JsonValue:
    if difference.unknown:
        return {"compared": False, "changes": [], "more": 0, "masked": difference.masked}
    return {
        "compared": True,
        "changes": [
            {
                "pointer": change.pointer,
                "first": change.first,
                "second": change.second,
                "incidental": change.incidental,
            }
            for change in difference.changes
        ],
        "more": difference.more,
        "masked": difference.masked,
    }


def _difference_text(difference: DocumentDifference) -> str:
    if difference.unknown:
        return "not compared: a side is hidden"
    rows = [
        (change.pointer or "/", change.first or "-", change.second or "-")
        for change in difference.changes
        if not change.incidental
    ]
    lines = [table(("PLACE", "FIRST", "SECOND"), rows, terminal_width())] if rows else []
    if difference.more:
        lines.append(f"{difference.more} more")
    if lines and difference.masked:
        lines.append(f"{difference.masked} masked places were not compared")
    return "\n".join(lines)


def _row(step: ComparedStep) -> tuple[str, ...]:
    return (
        _MARKS[step.kind],
        step_label(step),
        "-" if step.first is None else _state(step.first),
        "-" if step.second is None else _state(step.second),
        aspect_words(step),
    )


def _state(side: StepSide) -> str:
    if side.step.duration_ms is None:
        return side.step.status
    return f"{side.step.status} {seconds(side.step.duration_ms / 1000)} s"
