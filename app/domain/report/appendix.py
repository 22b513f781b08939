"""What a report holds for looking things up: the run's row, its input, all steps, all action calls, what was masked."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.report.blocks import (
    Align,
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Paragraph,
    Section,
    Style,
    Table,
    mono,
    plain,
)
from app.domain.report.documents import document
from app.domain.report.failure import step_length
from app.domain.report.headline import run_length
from app.domain.report.states import stored_status
from app.domain.report.words import Said, Word, joined, say
from app.domain.run import Invocation, InvocationStatus, MaskRule, RedactionTally, Step
from app.domain.triage import RunAccount

MOST_ROWS = 400
"""Longer tables are cut; the JSON report and the bundle have every row."""
CALLS_WITH_DOCUMENTS = 10
"""Calls whose documents are shown: failed ones first, then the newest."""
MAX_CALL_DOCUMENT = 2_000


def run_appendix(account: RunAccount, prefix: str = "") -> Section:
    """Return everything of a run that is there to be looked up."""
    parts = (
        _row_part(account, prefix),
        _input_part(account, prefix),
        _steps_part(account, prefix),
        _calls_part(account, prefix),
    )
    return Section(f"{prefix}appendix", say("Appendix"), sections=parts)


def masked_part(tally: RedactionTally, *, closed: bool, restricted: bool) -> Section:
    """Return the redaction manifest: what was masked by which rule, and what was left out for other reasons."""
    blocks: list[Block] = []
    if tally.total:
        rows = tuple((plain(RULE_WORDS[rule]), plain(number)) for rule, number in tally.counts)
        note = say("Masked values stand as [REDACTED]; none of them left the database. Where they stand:")
        columns = (Column(say("Why"), 6.0), Column(say("Masked"), 1.0, Align.END))
        blocks += [Paragraph(note, Style.MUTED), Table(columns, rows)]
    else:
        blocks.append(Paragraph(say("No value had to be masked."), Style.MUTED))
    if closed:
        blocks.append(
            Paragraph(say("The tenant's redaction rules could not be read, so every document and text is hidden."))
        )
    if restricted:
        blocks.append(
            Paragraph(
                say("Whoever made this report lacks workflow:manage, so inputs and outputs of actions are hidden.")
            )
        )
    return Section("masked", say("What was masked"), tuple(blocks))


RULE_WORDS: dict[MaskRule, Said] = {
    MaskRule.KEY: say("under a key that names secrets"),
    MaskRule.POINTER: say("at a place that the tenant's settings name"),
    MaskRule.REFERENCE: say("a reference to a stored secret"),
    MaskRule.REPEATED: say("a value that is masked elsewhere in the run"),
    MaskRule.CREDENTIAL: say("a text in the shape of credentials"),
    MaskRule.CLOSED: say("whole documents or texts, because rules or documents could not be read"),
}


def _row_part(account: RunAccount, prefix: str) -> Section:
    row, run = account.row, account.inspection.run
    facts = (
        Fact(say("Run"), mono(str(row.key.run_id))),
        Fact(say("Tenant"), mono(str(row.key.tenant) if row.key.tenant else None)),
        Fact(say("Workflow"), plain(row.workflow_name)),
        Fact(say("Workflow id"), mono(str(row.workflow_id))),
        Fact(say("Status"), stored_status(row.status)),
        Fact(say("Started"), Cell(row.started_at, Style.TIME)),
        Fact(say("Updated"), Cell(row.updated_at, Style.TIME)),
        Fact(say("Completed"), Cell(row.completed_at, Style.TIME)),
        Fact(say("Length"), plain(run_length(row))),
        Fact(say("Place"), mono(row.node_path)),
    )
    blocks: list[Block] = [Facts(facts)]
    if run.trigger_metadata is not None:
        blocks.append(document(run.trigger_metadata, say("Trigger metadata")))
    return Section(f"{prefix}row", say("The run's row"), tuple(blocks))


def _input_part(account: RunAccount, prefix: str) -> Section:
    run = account.inspection.run
    caption = say("{n} bytes, {masked} values masked", n=run.input_bytes, masked=len(run.input.masked))
    return Section(f"{prefix}input", say("Input"), (document(run.input.value, caption),))


_STEP_COLUMNS = (
    Column(say("Step"), 2.2),
    Column(say("Path"), 2.2),
    Column(say("Status"), 1.3),
    Column(say("Pass"), 0.9, Align.END),
    Column(say("Started"), 2.6),
    Column(say("Length"), 1.0, Align.END),
)


def _steps_part(account: RunAccount, prefix: str) -> Section:
    steps = account.inspection.steps
    title = say("Steps ({n})", n=len(steps))
    if not steps:
        return Section(f"{prefix}steps", title, (Paragraph(say("No step has run."), Style.MUTED),))
    rows = tuple(_step_row(step) for step in steps[:MOST_ROWS])
    return Section(f"{prefix}steps", title, (Table(_STEP_COLUMNS, rows), *_rest(len(steps))))


def _step_row(step: Step) -> tuple[Cell, ...]:
    status = stored_status(step.status)
    if step.swallowed_error:
        status = Cell(joined(status.word, say("(failure ignored)")), status.style, status.outcome)
    return (
        plain(step.name or step.definition_step_id),
        mono(step.step_path),
        status,
        plain(step.attempt),
        Cell(step.started_at, Style.TIME),
        plain(step_length(step)),
    )


_CALL_COLUMNS = (
    Column(say("Action"), 2.2),
    Column(say("Path"), 2.0),
    Column(say("Status"), 1.5),
    Column(say("Attempt"), 1.0, Align.END),
    Column(say("From"), 2.8),
    Column(say("Message"), 2.5),
)


def _calls_part(account: RunAccount, prefix: str) -> Section:
    calls = account.inspection.invocations
    title = say("Action calls ({n})", n=len(calls))
    if not calls:
        return Section(f"{prefix}calls", title, (Paragraph(say("No action was called."), Style.MUTED),))
    rows = tuple(_call_row(call) for call in calls[:MOST_ROWS])
    blocks = [Table(_CALL_COLUMNS, rows), *_rest(len(calls)), *_call_documents(account)]
    return Section(f"{prefix}calls", title, tuple(blocks))


def _call_row(call: Invocation) -> tuple[Cell, ...]:
    return (
        mono(f"{call.action_id}@{call.action_version}"),
        mono(call.step_path),
        stored_status(call.status),
        plain(call.attempt),
        Cell(call.started_at or call.created_at, Style.TIME),
        plain(call.error_message or ""),
    )


def _call_documents(account: RunAccount) -> Iterator[Block]:
    """Yield input and output of the calls that tell most: failed ones, then the newest."""
    inspection = account.inspection
    if inspection.restricted:
        return
    ranked = sorted(
        inspection.invocations, key=lambda one: (one.status == InvocationStatus.FAILED, one.created_at), reverse=True
    )
    chosen = {one.invocation_id for one in ranked[:CALLS_WITH_DOCUMENTS]}
    for call in inspection.invocations:
        if call.invocation_id in chosen:
            yield from _documents_of(call)
    left = len(inspection.invocations) - len(chosen)
    if left > 0:
        yield Paragraph(say("Input and output of {n} further calls are in the JSON report.", n=left), Style.MUTED)


def _documents_of(call: Invocation) -> Iterator[Block]:
    sides = (
        (call.input, say("Input ({n} bytes)", n=call.input_bytes)),
        (call.output, say("Output ({n} bytes)", n=call.output_bytes)),
    )
    known = [(side.value, caption) for side, caption in sides if side is not None and side.value is not None]
    if not known:
        return
    name: Word = joined(f"{call.action_id}@{call.action_version}", say("at {path}", path=call.step_path))
    yield Paragraph(joined(name, f"({call.attempt})") if call.attempt > 1 else name, Style.STRONG)
    for value, caption in known:
        yield document(value, caption, MAX_CALL_DOCUMENT)


def _rest(number: int) -> Iterator[Block]:
    if number > MOST_ROWS:
        left = say("{n} further rows are left out here; the JSON report has them.", n=number - MOST_ROWS)
        yield Paragraph(left, Style.MUTED)
