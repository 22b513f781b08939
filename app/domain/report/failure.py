"""Where it went wrong: the failing step with what it was given, and every error of the run in the order it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.report.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Outcome,
    Paragraph,
    Section,
    Style,
    Table,
    mono,
    plain,
    state,
)
from app.domain.report.documents import code, document
from app.domain.report.headline import is_open, place_of
from app.domain.report.states import stored_status
from app.domain.report.words import Said, Word, count, say, seconds
from app.domain.run import Invocation, InvocationStatus, JsonValue, RunInspection, Step, StepStatus
from app.domain.step_passes import StepPasses
from app.domain.triage import RunAccount

MOST_ERRORS = 40
"""Longer chains are cut in the middle: the first and the last errors tell most."""
_LONGEST_MESSAGE = 400


def failing_step(account: RunAccount, prefix: str = "") -> Section | None:
    """Return the step that failed the run, or the one it stands at; None for a run that has neither."""
    inspection = account.inspection
    path = place_of(inspection)
    if path is None:
        return None
    step = _step_at(inspection, path)
    call = _call_at(inspection, path, step)
    failed = inspection.error is not None
    if step is None and call is None and not failed:
        return None
    blocks = (
        Facts(tuple(fact for fact in _facts(inspection, path, step, call) if fact.value.word is not None)),
        *_texts(account, step, call),
    )
    title = say("Failing step") if failed else say("Where it stands")
    return Section(f"{prefix}step", title, blocks, outcome=Outcome.FAILED if failed else None)


def error_chain(account: RunAccount, prefix: str = "") -> Section | None:
    """Return every error with its first and last occurrence; None for a run without any."""
    chain = list(_chain(account))
    if not chain:
        return None
    rows = tuple(_chain_row(entry) for entry in _middle_cut(chain))
    blocks: list[Block] = [Paragraph(_chain_words(chain), Style.MUTED), Table(_CHAIN_COLUMNS, rows)]
    if len(rows) < len(chain):
        left = len(chain) - len(rows)
        blocks.append(Paragraph(say("{n} further ones between them are left out here.", n=left), Style.MUTED))
    return Section(f"{prefix}errors", say("Error chain"), tuple(blocks))


def _step_at(inspection: RunInspection, path: str) -> Step | None:
    here = [step for step in inspection.steps if step.step_path == path]
    return max(here, key=lambda step: (step.status == StepStatus.FAILED, step.started_at), default=None)


def _call_at(inspection: RunInspection, path: str, step: Step | None) -> Invocation | None:
    """Return the newest call of the step's pass, a failed one first when the run failed there."""
    here = [one for one in inspection.invocations if one.step_path == path]
    if step is not None:
        here = [one for one in here if one.created_at >= step.started_at] or here
    wanted = inspection.error is not None
    return max(here, key=lambda one: (wanted and one.status == InvocationStatus.FAILED, one.created_at), default=None)


def _facts(inspection: RunInspection, path: str, step: Step | None, call: Invocation | None) -> Iterator[Fact]:
    error = inspection.error
    if step is not None:
        yield Fact(say("Step"), plain(step.name or step.definition_step_id))
        yield Fact(say("Type"), mono(step.step_type))
    yield Fact(say("Path"), mono(path))
    if call is not None:
        yield Fact(say("Action"), mono(f"{call.action_id}@{call.action_version}"))
        yield Fact(say("Attempts"), plain(call.attempt))
    if step is not None:
        yield Fact(say("Status"), stored_status(step.status))
        yield Fact(say("From"), Cell(step.started_at, Style.TIME))
        yield Fact(say("To"), Cell(step.completed_at, Style.TIME))
        yield Fact(say("Length"), plain(step_length(step)))
    if error is not None:
        yield Fact(say("Code"), mono(error.code))
        yield Fact(say("Category"), mono(error.category))


def _texts(account: RunAccount, step: Step | None, call: Invocation | None) -> Iterator[Block]:
    error = account.inspection.error
    if error is not None:
        yield code(error.message, say("What it said"))
        if error.technical:
            yield code(error.technical, say("What the run's row says of it"))
    if call is None:
        if step is not None and step.error is not None and step.error != {"message": error and error.message}:
            yield document(step.error, say("Stored error of the step"))
        return
    if call.error is not None:
        yield document(call.error, say("Stored error of the call"))
    yield from _documents(account, call)


def _documents(account: RunAccount, call: Invocation) -> Iterator[Block]:
    if account.inspection.restricted:
        yield Paragraph(say("Input and output are hidden: whoever made this report may not see them."), Style.MUTED)
        return
    for side, caption in (
        (call.input, say("Input ({n} bytes)", n=call.input_bytes)),
        (call.output, say("Output ({n} bytes)", n=call.output_bytes)),
    ):
        if side is not None and side.value is not None:
            yield document(side.value, caption)


def step_length(step: Step) -> Word:
    """Return how long a step took; it may be open still."""
    if step.duration_ms is not None:
        return seconds(step.duration_ms / 1000)
    if step.completed_at is None:
        return say("open")
    return seconds((step.completed_at - step.started_at).total_seconds())


@dataclass(slots=True)
class _ErrorEntry:
    """Equal errors of one place."""

    what: str
    path: str
    message: str
    code: str | None
    fate: tuple[Said, Outcome]
    number: int
    first: datetime
    last: datetime


_CHAIN_COLUMNS = (
    Column(say("What became of it"), 1.7),
    Column(say("Where"), 2.0),
    Column(say("Message"), 4.0),
    Column(say("Count"), 0.9),
    Column(say("First"), 2.0),
    Column(say("Last"), 2.0),
)


def _chain_row(entry: _ErrorEntry) -> tuple[Cell, ...]:
    message: Word = (
        entry.message if entry.code is None else say("{code}: {message}", code=entry.code, message=entry.message)
    )
    where = say("{what} at {path}", what=entry.what, path=entry.path)
    last = Cell(entry.last, Style.TIME) if entry.number > 1 else plain("")
    return (state(*entry.fate), plain(where), plain(message), plain(entry.number), Cell(entry.first, Style.TIME), last)


def _chain_words(chain: list[_ErrorEntry]) -> Word:
    times = sum(entry.number for entry in chain)
    first, last = min(entry.first for entry in chain), max(entry.last for entry in chain)
    if last - first < timedelta(milliseconds=1):
        return count(times, "1 failure, at {first}.", "{n} failures, at {first}.", first=first)
    return count(
        times,
        "1 failure, at {first}.",
        "{n} failures, the first at {first}, the last at {last}.",
        first=first,
        last=last,
    )


def _chain(account: RunAccount) -> Iterator[_ErrorEntry]:
    """Yield the errors in the order in which they first occurred, equal ones of one place as one."""
    found: dict[tuple[str, str, str, Said], _ErrorEntry] = {}
    for entry in sorted((*_failed_calls(account), *_failed_steps(account)), key=lambda entry: entry.first):
        key = (entry.what, entry.path, entry.message, entry.fate[0])
        known = found.setdefault(key, entry)
        if known is not entry:
            known.number += entry.number
            known.last = max(known.last, entry.last)
    yield from found.values()


def _failed_calls(account: RunAccount) -> Iterator[_ErrorEntry]:
    inspection = account.inspection
    passes = StepPasses(inspection.steps)
    for call in inspection.invocations:
        if call.status != InvocationStatus.FAILED:
            continue
        at = call.completed_at or call.created_at
        message = _short(call.error_message or _member(call.error, "message") or "")
        fate = _fate(account, passes.at(call.step_path, call.created_at), call)
        # a worker may keep one row for all attempts of a step
        yield _ErrorEntry(
            call.action_id, call.step_path, message, _member(call.error, "code"), fate, max(call.attempt, 1), at, at
        )


def _failed_steps(account: RunAccount) -> Iterator[_ErrorEntry]:
    """Yield failed steps of which no call tells why."""
    called = {call.step_path for call in account.inspection.invocations if call.status == InvocationStatus.FAILED}
    for step in account.inspection.steps:
        if step.status == StepStatus.FAILED and step.step_path not in called:
            at = step.completed_at or step.started_at
            message = _short(_member(step.error, "message") or "")
            what = step.name or step.definition_step_id
            yield _ErrorEntry(
                what, step.step_path, message, _member(step.error, "code"), _fate(account, step, None), 1, at, at
            )


_ENDED = (say("Ended the run"), Outcome.FAILED)
_IGNORED = (say("Ignored"), Outcome.WAITING)
_RETRIED = (say("Tried again"), Outcome.WAITING)
_HANDLED = (say("Handled"), Outcome.CANCELED)
_OPEN = (say("May still be handled"), Outcome.RUNNING)


def _fate(account: RunAccount, step: Step | None, call: Invocation | None) -> tuple[Said, Outcome]:
    """Return what became of an error: the run's own, ignored by its step, tried again, or handled by the definition."""
    error, row = account.inspection.error, account.row
    if step is not None and step.swallowed_error:
        return _IGNORED
    if step is not None and step.status in {StepStatus.SUCCEEDED, StepStatus.STARTED}:
        return _RETRIED
    path = step.step_path if step is not None else call.step_path if call is not None else None
    if error is not None and error.step_path == path:
        newest = _call_at(account.inspection, path, step) if path is not None else None
        return _ENDED if call is None or newest is None or newest.invocation_id == call.invocation_id else _RETRIED
    return _OPEN if is_open(row) else _HANDLED


def _middle_cut(chain: list[_ErrorEntry]) -> list[_ErrorEntry]:
    if len(chain) <= MOST_ERRORS:
        return chain
    half = MOST_ERRORS // 2
    return chain[:half] + chain[-half:]


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"


def _member(document: JsonValue, name: str) -> str | None:
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, str) and value.strip() else None
