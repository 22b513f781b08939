"""``rundesk batch``: many runs, planned, run, gone on with, looked at, ended, exported."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from app.cli import batch_documents, scope, text
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain.batch import BatchOrder, BatchPlan, BatchScope, BatchSettings, Verdict
from app.domain.batch_ledger import BatchProgress, BatchState
from app.domain.batch_patch import read_patch
from app.domain.errors import Misconfigured, NotPermitted
from app.domain.run import JsonValue
from app.domain.run_query import RunFilter

if TYPE_CHECKING:
    from app.domain.operator import Operator

TELL_SECONDS = 2.0
"""Seconds between two lines of progress on standard error."""
_OUTAGES = ("database.", "temporal.", "launch.unconfirmed")


async def run(session: Session, arguments: Namespace) -> Answer:
    """Do what the verb says."""
    verbs = {
        "plan": _plan,
        "run": _run,
        "resume": _resume,
        "status": _status,
        "pause": _pause,
        "abort": _abort,
        "ledger": _ledger,
    }
    return await verbs[arguments.verb](session, arguments)


async def _plan(session: Session, arguments: Namespace) -> Answer:
    plan = await _planned(session, arguments, await _operator(session))
    return Answer(batch_documents.plan_document(plan), batch_documents.plan_text(plan))


async def _run(session: Session, arguments: Namespace) -> Answer:
    operator = await _operator(session)
    if arguments.action is None:
        return await _go(session, arguments, operator, _one_plan(arguments))
    plan = await _planned(session, arguments, operator)
    return await _go(session, arguments, operator, plan.order.batch_id)


async def _resume(session: Session, arguments: Namespace) -> Answer:
    return await _go(session, arguments, await _operator(session), arguments.ids[0])


async def _status(session: Session, arguments: Namespace) -> Answer:
    if arguments.ids is not None:
        progress = await session.console.batch_runs.progress(arguments.ids)
        return Answer(batch_documents.progress_document(progress), batch_documents.progress_text(progress))
    tenant = await scope.tenant_of(session)
    known = () if tenant is None else await session.console.batch_runs.known(tenant)
    rows = [
        (str(each.batch_id), str(each.state), str(each.action), f"{each.done} of {each.total}", each.name)
        for each in known
    ]
    table = text.table(("BATCH", "STATE", "ACTION", "DONE", "NAME"), rows, text.terminal_width())
    elsewhere = () if tenant is None else await session.console.batch_runs.planned_elsewhere(tenant)
    told = [table if rows else "This computer's journal holds no batch of this tenant for these servers."]
    told += [f"Batch {batch_id} was planned on {place}." for batch_id, place in elsewhere]
    document: JsonValue = {
        "batches": [batch_documents.progress_document(each) for each in known],
        "planned_elsewhere": [{"batch_id": str(batch_id), "place": place} for batch_id, place in elsewhere],
    }
    return Answer(document, "\n".join(told))


async def _pause(session: Session, arguments: Namespace) -> Answer:
    progress = await session.console.batch_runs.pause(arguments.ids)
    return Answer(batch_documents.progress_document(progress), batch_documents.progress_text(progress))


async def _abort(session: Session, arguments: Namespace) -> Answer:
    progress = await session.console.batch_runs.abort(arguments.ids, await _operator(session))
    return Answer(batch_documents.progress_document(progress), batch_documents.progress_text(progress))


async def _ledger(session: Session, arguments: Namespace) -> Answer:
    ledger = await session.console.batch_runs.ledger(arguments.ids)
    try:
        arguments.out.write_bytes(session.render_ledger(ledger, arguments.format))
    except OSError as error:
        reason = error.strerror or str(error)
        raise Misconfigured("ledger.file", f"The file {arguments.out} cannot be written: {reason}.") from error
    rows = len(ledger.entries)
    return Answer(
        {"batch_id": str(arguments.ids), "path": str(arguments.out), "format": arguments.format, "row_count": rows},
        f"{rows} rows written to {arguments.out}",
    )


async def _planned(session: Session, arguments: Namespace, operator: Operator) -> BatchPlan:
    if arguments.name is None or arguments.reason is None:
        raise Misconfigured("usage", "With --action, --name and --reason are needed: both are recorded.")
    patch_text = scope.read_text(arguments.patch)
    order = BatchOrder(
        batch_id=uuid4(),
        scope=await _scope(session, arguments, operator.tenant),
        action=arguments.action,
        name=arguments.name,
        reason=arguments.reason,
        patch=() if patch_text is None else read_patch(patch_text),
        settings=replace(BatchSettings(), **_given(arguments)),
    )
    return await session.console.batch_planning.plan(order, operator)


async def _scope(session: Session, arguments: Namespace, tenant: UUID) -> BatchScope:
    workflow = arguments.workflow
    wanted = RunFilter(
        statuses=tuple(arguments.status),
        workflow_id=None if workflow is None else await scope.workflow_of(session, tenant, workflow),
        text=arguments.text,
        started_from=arguments.started_from,
        started_to=arguments.started_to,
        stuck_only=arguments.stuck,
    )
    filtered = wanted != RunFilter()
    if bool(arguments.ids) + filtered + arguments.all != 1:
        raise Misconfigured("usage", "Give either run ids, or filters, or --all for every run of the tenant.")
    return BatchScope(tenant, tuple(arguments.ids) or None, wanted)


async def _go(session: Session, arguments: Namespace, operator: Operator, batch_id: UUID) -> Answer:
    """Run the batch while Ctrl+C means "pause"; return how it stands then."""
    batches = session.console.batch_runs
    kept = (await batches.ledger(batch_id)).plan.order.settings
    settings = replace(kept, **_given(arguments))
    wishes = _Interrupts(asyncio.get_running_loop())
    try:
        async with asyncio.TaskGroup() as tasks:
            pausing = tasks.create_task(wishes.pause_on_demand(lambda: batches.pause(batch_id)))
            with wishes.listening():
                progress = await batches.run(batch_id, operator, settings, _Teller(), moved=arguments.moved)
            pausing.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group
    return _ended(progress, (await batches.ledger(batch_id)).plan, interrupted=wishes.came)


def _ended(progress: BatchProgress, plan: BatchPlan, *, interrupted: bool) -> Answer:
    blocked = sum(item.verdict is Verdict.BLOCKED for item in plan.items)
    return Answer(
        document={**batch_documents.progress_document(progress), "blocked": blocked},
        text=batch_documents.progress_text(progress),
        code=_code(progress, blocked, interrupted=interrupted),
        complaint=_complaint(progress, blocked),
    )


def _code(progress: BatchProgress, blocked: int, *, interrupted: bool) -> ExitCode:
    if interrupted and progress.state is BatchState.PAUSED:
        return ExitCode.INTERRUPTED
    if progress.state is BatchState.STOPPED and (progress.code or "").startswith(_OUTAGES):
        return ExitCode.UNREACHABLE
    if progress.state is not BatchState.FINISHED or progress.bad or blocked:
        return ExitCode.FAILED
    return ExitCode.OK


def _complaint(progress: BatchProgress, blocked: int) -> str | None:
    sentences = []
    if progress.bad:
        sentences.append(f"{progress.bad} of {progress.total} runs were refused, failed or did not recover.")
    if blocked:
        sentences.append(f"{blocked} runs were blocked and left out.")
    if progress.state in (BatchState.PAUSED, BatchState.STOPPED):
        why = f"{progress.message} " if progress.message else ""
        sentences.append(f"{why}The batch is {progress.state}. Go on with: rundesk batch resume {progress.batch_id}")
    return " ".join(sentences) or None


def _one_plan(arguments: Namespace) -> UUID:
    if len(arguments.ids) != 1:
        raise Misconfigured("usage", "Name one plan, or give --action with run ids, filters or --all.")
    batch_id: UUID = arguments.ids[0]
    return batch_id


def _given(arguments: Namespace) -> dict[str, Any]:
    """Return the settings that were typed; what was not typed stays as it was kept."""
    names = {each.name for each in fields(BatchSettings)}
    return {name: value for name, value in vars(arguments).items() if name in names}


async def _operator(session: Session) -> Operator:
    tenant = await scope.tenant_of(session)
    if tenant is None:
        raise NotPermitted("run.unassigned", "Runs without a tenant can be looked at, not acted upon.")
    return await scope.operator_of(session, tenant)


class _Teller:
    """Tells progress on standard error, not more often than people read."""

    def __init__(self) -> None:
        self._told_at = time.monotonic()

    def __call__(self, progress: BatchProgress) -> None:
        now = time.monotonic()
        if now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            print(batch_documents.progress_line(progress), file=sys.stderr, flush=True)  # noqa: T201 - it speaks here


class _Interrupts:
    """Ctrl+C while a batch runs: the first pauses it, a second one ends the program as usual."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pressed = asyncio.Event()

    @property
    def came(self) -> bool:
        """Whether Ctrl+C was pressed."""
        return self._pressed.is_set()

    async def pause_on_demand(self, pause: Callable[[], Any]) -> None:
        """Wait for Ctrl+C, then pause."""
        await self._pressed.wait()
        print("Pausing; what is under way comes to its end …", file=sys.stderr, flush=True)  # noqa: T201
        await pause()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl+C as "pause" while inside."""
        before = signal.getsignal(signal.SIGINT)

        def pressed(_number: int, _frame: object) -> None:
            signal.signal(signal.SIGINT, before)
            self._loop.call_soon_threadsafe(self._pressed.set)

        signal.signal(signal.SIGINT, pressed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
