"""``rundesk diagnose``: why runs do not go on, with proof."""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.cli import documents, scope, text
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain.diagnosis.codes import Severity
from app.domain.diagnosis.finding import Diagnosis, Evidence, Finding
from app.domain.diagnosis.known_faults import fault
from app.domain.errors import DatabaseUnavailable, Misconfigured
from app.domain.run import JsonValue

if TYPE_CHECKING:
    from app.services.diagnose_runs import DiagnosisReport

RECENTLY = timedelta(hours=1)
"""``--active`` also checks runs that closed within this span."""


async def run(session: Session, arguments: Namespace) -> Answer:
    """Diagnose the named runs, else every run that is not closed and those that closed within an hour.

    A side that is down is told in ``degraded``; exit code 3 when it is Postgres, as then nothing was diagnosed.
    """
    if arguments.run_ids and arguments.active:
        raise Misconfigured("usage", "Name runs or give --active, not both.")
    reports = await _named(session, arguments.run_ids) if arguments.run_ids else [await _active(session)]
    runs = [each for report in reports for each in report.runs]
    degraded = list(dict.fromkeys(problem for report in reports for problem in report.degraded))
    unread = any(problem.startswith("postgres: ") for problem in degraded)
    return Answer(
        document={
            "runs": [_document(each) for each in runs],
            "checked_at": documents.instant(max(report.checked_at for report in reports)),
            "degraded": list(degraded),
        },
        text=_as_text(runs, degraded, detailed=bool(arguments.run_ids)),
        code=ExitCode.UNREACHABLE if unread else ExitCode.OK,
        complaint="; ".join(degraded) or None,
    )


async def _active(session: Session) -> DiagnosisReport:
    from app.services.diagnose_runs import DiagnosisReport

    try:
        tenant = await scope.tenant_of(session)
    except DatabaseUnavailable as error:
        return DiagnosisReport.without_rows(None, (), error)
    return await session.console.diagnose.active(tenant, closed_within=RECENTLY)


async def _named(session: Session, run_ids: Sequence[UUID]) -> list[DiagnosisReport]:
    """Diagnose runs by id, each in its own tenant. NotFound for one that does not exist."""
    from app.services.diagnose_runs import DiagnosisReport

    of_tenant: dict[UUID | None, list[UUID]] = defaultdict(list)
    try:
        for run_id in dict.fromkeys(run_ids):
            of_tenant[(await scope.key_of(session, run_id)).tenant].append(run_id)
    except DatabaseUnavailable as error:
        return [DiagnosisReport.without_rows(None, run_ids, error)]
    return [await session.console.diagnose.runs(tenant, ids) for tenant, ids in of_tenant.items()]


def _document(found: Diagnosis) -> dict[str, JsonValue]:
    return {
        "run_id": str(found.key.run_id),
        "status": found.status,
        "effective_state": str(found.state),
        "verdict": str(found.verdict),
        "cause": None if found.cause is None else str(found.cause),
        "kind": found.kind,
        "known_faults": list(found.known_faults),
        "title": found.title,
        "severity": str(found.severity),
        "evidence": [_evidence(fact) for fact in found.evidence],
        "actions": [str(action) for action in found.actions],
        "advice": found.advice,
        "engineering": found.engineering,
        "since": documents.instant(found.since),
        "further": [_further(finding) for finding in found.further],
    }


def _evidence(fact: Evidence) -> dict[str, JsonValue]:
    return {"source": str(fact.source), "fact": fact.fact, "at": documents.instant(fact.at)}


def _further(finding: Finding) -> dict[str, JsonValue]:
    return {
        "cause": str(finding.cause),
        "kind": finding.kind,
        "severity": str(finding.severity),
        "title": finding.title,
        "evidence": [_evidence(fact) for fact in finding.evidence],
    }


def _as_text(runs: Sequence[Diagnosis], degraded: Sequence[str], *, detailed: bool) -> str:
    if detailed:
        return "\n\n".join("".join(_parts(each)) for each in runs)
    remarkable = [each for each in runs if each.severity is not Severity.OK]
    if not remarkable:
        return f"{len(runs)} runs checked, none is in trouble." + (
            " Not everything could be verified." * bool(degraded)
        )
    rows = [
        (str(each.key.run_id), str(each.severity), str(each.cause or "-"), str(each.state), each.title)
        for each in remarkable
    ]
    listed = text.table(("RUN", "SEVERITY", "CAUSE", "STATE", "WHAT"), rows, text.terminal_width())
    return f"{listed}\n\n{len(runs)} runs checked, {len(runs) - len(remarkable)} of them as they should be."


def _parts(found: Diagnosis) -> Iterator[str]:
    yield text.fields(
        (
            ("Run", str(found.key.run_id)),
            ("Workflow", found.workflow_name),
            ("Status", f"{found.status}, {found.state}"),
            ("Verdict", str(found.verdict)),
            ("Diagnosis", f"{found.cause or 'no cause'} ({found.severity}): {found.title}"),
            ("What to do", found.advice or None),
            ("Actions", ", ".join(found.actions) or None),
            ("For engineering", found.engineering or None),
        )
    )
    facts = [(text.local_time(fact.at), str(fact.source), fact.fact) for fact in found.evidence]
    yield text.section("EVIDENCE", text.table(("AT", "SOURCE", "FACT"), facts, text.terminal_width()))
    faults = [(fault_id, fault(fault_id).title, fault(fault_id).meaning) for fault_id in found.known_faults]
    if faults:
        table = text.table(("ID", "FAULT", "FOR THIS RUN"), faults, text.terminal_width())
        yield text.section("KNOWN FAULTS OF THE ENGINE", table)
    further = [(str(each.cause), str(each.severity), each.title) for each in found.further]
    if further:
        yield text.section("FURTHER", text.table(("CAUSE", "SEVERITY", "WHAT"), further, text.terminal_width()))
