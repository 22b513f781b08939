"""``rundesk show``: what happened in one run, and what Temporal says about it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.cli import documents, scope, text
from app.cli.answer import Answer
from app.cli.rooms import Session
from app.domain import json_text
from app.domain.replay_chain import MAX_FAMILY, MAX_GENERATIONS, Generation, PayloadOrigin, ReplayChain
from app.domain.run import Invocation, LogEntry, RunInspection, Step, Wait

if TYPE_CHECKING:
    from app.services.inspect_run import ExecutionView

_LOG_LINES = 30


async def run(session: Session, arguments: Namespace) -> Answer:
    """Show a run with its parts, redacted. An unreachable Temporal is shown, not an error."""
    key = await scope.key_of(session, arguments.run_id)
    viewer = await scope.viewer_of(session, key.tenant)
    inspection = await session.console.inspect.open(key, documents=True, viewer=viewer)
    chain = await session.console.chains.of(key)
    execution = await session.console.inspect.execution(key)
    document = documents.inspection(inspection)
    document["chain"] = documents.chain(chain)
    document["execution"] = documents.execution(execution.facts)
    document["execution_problem"] = execution.problem
    return Answer(document=document, text="".join(_parts(inspection, execution, chain)))


def _parts(read: RunInspection, execution: ExecutionView, chain: ReplayChain) -> Iterator[str]:
    width = text.terminal_width()
    yield text.fields(_summary(read, execution))
    if read.error is not None:
        yield text.section("ERROR", text.fields(_error(read)))
    if chain.has_story:
        yield text.section("GENERATIONS", _generations(chain, width))
    yield text.section("INPUT", json_text.dump(read.run.input.value, indent=2))
    yield text.section(
        "STEPS", _rows(("PATH", "STATUS", "STARTED", ">DURATION", "STEP"), map(_step, read.steps), width)
    )
    yield text.section("WAITS", _rows(("PATH", "STATUS", "TYPE", "SINCE", "FOR"), map(_wait, read.waits), width))
    yield text.section(
        "INVOCATIONS",
        _rows(("PATH", "STATUS", "ACTION", ">ATTEMPT", "ERROR"), map(_invocation, read.invocations), width),
    )
    title = "LOGS" if len(read.logs) <= _LOG_LINES else f"LOGS (the last {_LOG_LINES} of {len(read.logs)})"
    yield text.section(title, _rows(("TIME", "LEVEL", "MESSAGE"), map(_log, read.logs[-_LOG_LINES:]), width))


def _rows(headers: tuple[str, ...], rows: map[tuple[str, ...]], width: int | None) -> str:
    cells = list(rows)
    return text.table(headers, cells, width) if cells else ""


def _summary(read: RunInspection, execution: ExecutionView) -> Iterator[tuple[str, str | None]]:
    run = read.run
    row = run.row
    yield "Run", str(row.key.run_id)
    yield "Workflow", f"{row.workflow_name or row.workflow_id} v{row.workflow_version}"
    yield "Status", f"{row.status}, {'stuck' if row.stuck else row.state}"
    yield "Started", f"{text.local_time(row.started_at)} ({text.span(row.age_seconds)} ago)"
    yield "Completed", None if row.completed_at is None else text.local_time(row.completed_at)
    yield "Trigger", row.trigger_type
    yield "Replay of", None if row.replay_of is None else f"{row.replay_of} ({run.replay_reason or 'no reason kept'})"
    yield "Replayed as", ", ".join(f"{link.run_id} {link.status}" for link in run.replays) or None
    yield "Execution", _execution(execution)
    yield "Damaged input", ", ".join(run.damaged_paths) or None
    yield "Note", run.legacy_note
    if read.redaction_closed:
        yield "Redaction", "The tenant's configuration cannot be used, so documents are hidden whole."
    if read.restricted:
        yield "Hidden", "What actions were given and returned: shown with --operator of somebody with workflow:manage."


def _generations(chain: ReplayChain, width: int | None) -> str:
    headers = ("RUN", "STATUS", "PAYLOAD", ">VERSION", "WHEN", "WHO", "REASON")
    table = text.table(headers, (_generation(entry, chain) for entry in chain.generations), width)
    return "\n".join([table, *_chain_notes(chain)])


def _generation(entry: Generation, chain: ReplayChain) -> tuple[str, ...]:
    run = entry.run
    mark = " (this run)" if run.run_id == chain.asked_for else ""
    by_hand = run.origin is not PayloadOrigin.ORIGINAL
    return (
        f"{'  ' * entry.depth}{run.run_id}{mark}",
        run.status,
        str(run.origin),
        f"v{run.workflow_version}",
        text.local_time(run.started_at),
        f"{run.replayer.name} <{run.replayer.email}>" if run.replayer else "unknown" if by_hand else "-",
        run.reason or "-",
    )


def _chain_notes(chain: ReplayChain) -> Iterator[str]:
    if chain.recovered_by is not None:
        yield f"Recovered by run {chain.recovered_by}."
    elif chain.awaits_recovery:
        yield "Not recovered: no replay has succeeded."
    if chain.origin_missing is not None:
        yield f"The earliest run shown replayed {chain.origin_missing}, which is not in this tenant any more."
    if chain.truncated:
        yield f"There are more: at most {MAX_GENERATIONS} generations each way and {MAX_FAMILY} runs are read."


def _execution(view: ExecutionView) -> str:
    if view.problem is not None:
        return f"unknown: {view.problem}"
    if view.facts is None:
        return "Temporal knows none"
    return f"{view.facts.status} on {view.facts.task_queue}, {view.facts.history_length} events"


def _error(read: RunInspection) -> Iterator[tuple[str, str | None]]:
    if read.error is None:
        return
    yield "Message", read.error.message
    yield "Code", read.error.code
    yield "Category", read.error.category
    yield "Step", read.error.step_path
    yield "Action", read.error.action_id
    yield "Attempts", None if read.error.attempts is None else str(read.error.attempts)
    yield "Technical", read.error.technical


def _step(step: Step) -> tuple[str, ...]:
    duration = "-" if step.duration_ms is None else f"{step.duration_ms} ms"
    name = step.name or step.step_type or step.definition_step_id
    return step.step_path, step.status, text.local_time(step.started_at), duration, name


def _wait(wait: Wait) -> tuple[str, ...]:
    subject = " ".join(part for part in (wait.event_name, wait.key) if part)
    until = "" if wait.timeout_at is None else f"until {text.local_time(wait.timeout_at)}"
    return wait.step_path, wait.status, wait.wait_type, text.local_time(wait.created_at), f"{subject} {until}".strip()


def _invocation(invocation: Invocation) -> tuple[str, ...]:
    action = f"{invocation.action_id} v{invocation.action_version}"
    return (
        invocation.step_path,
        invocation.status,
        action,
        str(invocation.attempt),
        invocation.error_message or "",
    )


def _log(entry: LogEntry) -> tuple[str, ...]:
    return text.local_time(entry.created_at), entry.level, entry.message
