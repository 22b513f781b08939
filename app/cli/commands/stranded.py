"""``rundesk stranded``: rows that the removed engine left active, and their end."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING
from uuid import uuid4

from app.cli import documents, scope, text
from app.cli.answer import Answer
from app.cli.rooms import Session
from app.domain.errors import Misconfigured
from app.domain.run import JsonValue

if TYPE_CHECKING:
    from app.domain.stranded import JudgedRun
    from app.services.finalize_stranded import FinalizeOutcome, StrandedReport

_UNVERIFIED = "This Temporal cannot tell whether these rows truly run, so applying would refuse."


async def run(session: Session, arguments: Namespace) -> Answer:
    """List stranded runs; with ``--apply`` finalize those that Temporal does not know."""
    if arguments.apply:
        return await _apply(session, arguments.reason)
    report = await session.console.stranded.plan(await scope.tenant_of(session))
    return Answer(_planned(report), _plan_text(report), complaint=None if report.verified else _UNVERIFIED)


async def _apply(session: Session, reason: str | None) -> Answer:
    from app.services.finalize_stranded import FinalizeCommand

    if reason is None:
        raise Misconfigured("usage", "--apply needs --reason: it is recorded for every run.")
    operator = await scope.operator_of(session, await scope.tenant_of(session))
    command = FinalizeCommand(operator.tenant, reason, operator, uuid4())
    outcome = await session.console.stranded.apply(command)
    return Answer(_applied(outcome), _outcome_text(outcome))


def _planned(report: StrandedReport) -> JsonValue:
    return {
        "applied": False,
        "stranded": [_document(each) for each in report.runs],
        "total": len(report.runs),
        "verified": report.verified,
        "read_at": documents.instant(report.read_at),
    }


def _applied(outcome: FinalizeOutcome) -> JsonValue:
    return {
        "applied": True,
        "finalized": [str(run_id) for run_id in outcome.finalized],
        "spared": [_document(each) for each in outcome.spared],
        "total": len(outcome.finalized),
        "completed_at": documents.instant(outcome.completed_at),
    }


def _document(judged: JudgedRun) -> dict[str, JsonValue]:
    run = judged.run
    return {
        "run_id": str(run.key.run_id),
        "workflow_name": run.workflow_name,
        "engine": run.engine,
        "status": run.status,
        "started_at": documents.instant(run.started_at),
        "age_seconds": documents.seconds(run.age_seconds),
        "open_waits": run.open_waits,
        "unfinished_steps": run.unfinished_steps,
        "fate": str(judged.fate),
    }


def _plan_text(report: StrandedReport) -> str:
    if not report.runs:
        return "No run is stranded."
    headers = ("RUN", ">AGE", "STATUS", "ENGINE", ">WAITS", "FATE", "WORKFLOW")
    return text.table(headers, map(_cells, report.runs), text.terminal_width())


def _cells(judged: JudgedRun) -> tuple[str, ...]:
    run = judged.run
    return (
        str(run.key.run_id),
        text.span(run.age_seconds),
        run.status,
        run.engine or "none",
        str(run.open_waits),
        str(judged.fate),
        run.workflow_name or "",
    )


def _outcome_text(outcome: FinalizeOutcome) -> str:
    said = f"{len(outcome.finalized)} stranded runs are finalized as CANCELED."
    kept = len(outcome.spared)
    return f"{said}\n{kept} runs are known to Temporal and were left untouched." if kept else said
