"""``rundesk report``: write what someone without access needs to act."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from app.cli import scope
from app.cli.answer import Answer
from app.cli.report_arguments import FORMATS
from app.cli.rooms import Session
from app.domain.case import case_part
from app.domain.errors import Misconfigured, RuleViolation
from app.domain.report.comparison_part import comparison_part
from app.domain.run import RunKey
from app.domain.run_query import RunQuery, RunSort

if TYPE_CHECKING:
    from app.domain.case import Case
    from app.domain.operator import Operator
    from app.domain.report.blocks import Section
    from app.domain.triage import TriageReport
    from app.services.export_audit import ExportRecorded


async def run(session: Session, arguments: Namespace) -> Answer:
    """Write the report of runs, or of the list that the filters describe."""
    form, path = _format(arguments), arguments.out.absolute()
    case = None if arguments.case is None else await session.console.cases.load(arguments.case)
    tenant, keys = await _scope(session, arguments, case)
    viewer = await scope.viewer_of(session, tenant)
    if case is not None:
        further, problems = await _comparisons(session, case, viewer)
        report = await session.console.reports.report(keys, viewer, case=case_part(case), further=further)
        report = replace(report, problems=(*report.problems, *problems))
    elif keys:
        report = await session.console.reports.report(keys, viewer)
    else:
        report = await _of_list(session, tenant, arguments)
    content = session.render_report(report, form, arguments.language, arguments.zone)
    audit = await session.console.reports.note_export(report, form, viewer)
    replaced = _write(session, path, content)
    return _answer(report, path, form, audit, replaced=replaced)


async def _scope(session: Session, arguments: Namespace, case: Case | None) -> tuple[UUID | None, list[RunKey]]:
    """Return the tenant, and the runs of the case and those that are named."""
    named = [await scope.key_of(session, run_id) for run_id in arguments.run_ids]
    keys = list(dict.fromkeys([*(case.keys if case is not None else ()), *named]))
    if keys and len({key.tenant for key in keys}) > 1:
        raise Misconfigured("report.tenants", "The runs belong to several tenants. Make a report for each of them.")
    return (keys[0].tenant, keys) if keys else (await scope.tenant_of(session), keys)


async def _comparisons(
    session: Session, case: Case, viewer: Operator | None
) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """Return the case's comparisons, read anew, and what could not be compared any more."""
    parts: list[Section] = []
    problems: list[str] = []
    for each in case.comparisons:
        try:
            compared = await session.console.compare.compare(each.first, each.second, viewer)
        except RuleViolation as error:
            problems.append(error.message)
        else:
            parts.append(comparison_part(compared, len(parts) + 1))
    return tuple(parts), tuple(problems)


async def _of_list(session: Session, tenant: UUID | None, arguments: Namespace) -> TriageReport:
    query = RunQuery(tenant, await scope.filter_of(session, tenant, arguments), RunSort.STARTED_DESC)
    return await session.console.reports.listing(query, _terms(arguments), limit=arguments.limit)


def _terms(arguments: Namespace) -> tuple[tuple[str, str], ...]:
    """Return the filter as it was typed."""
    given = {
        "status": ", ".join(arguments.status),
        "workflow": arguments.workflow,
        "text": arguments.text,
        "from": arguments.started_from and arguments.started_from.isoformat(),
        "to": arguments.started_to and arguments.started_to.isoformat(),
        "stuck": "yes" if arguments.stuck else "",
    }
    return tuple((name, value) for name, value in given.items() if value)


def _format(arguments: Namespace) -> str:
    """Return the format that is named, else the one that the file's ending says, else HTML."""
    if arguments.format is not None:
        return str(arguments.format)
    ending = arguments.out.suffix.removeprefix(".").lower()
    return ending if ending in FORMATS else "html"


def _write(session: Session, path: Path, content: bytes) -> bool:
    """Write the file and say whether it took the place of another."""
    existed = path.exists()
    try:
        session.write_file(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Misconfigured("report.file", f"{path} cannot be written: {reason}.", path=str(path)) from error
    return existed


def _answer(report: TriageReport, path: Path, form: str, audit: ExportRecorded, *, replaced: bool) -> Answer:
    complaints = [f"{path} existed and was replaced."] if replaced else []
    if not audit.recorded:
        complaints.append(f"The export is not in the audit: {audit.problem}")
    return Answer(
        document={
            "path": str(path),
            "format": form,
            "runs": len(report.keys()),
            "replaced": replaced,
            "masked": {str(rule): number for rule, number in report.masked.counts},
            "audited": audit.recorded,
        },
        text=f"{path} ({len(report.keys())} runs, {report.masked.total} values masked)",
        complaint="\n".join(complaints) or None,
    )
