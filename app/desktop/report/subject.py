"""What a report is of: a run, or the list as it is filtered."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from app.desktop.shell.words import translate
from app.domain.operator import Operator
from app.domain.run import RunRow
from app.domain.run_query import RunFilter, RunQuery
from app.domain.triage import TriageReport
from app.services.triage_report import TriageReports


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """What is exported.

    Attributes:
        title: What the dialog is called.
        mono: An id beside the title, or "".
        file_name: What the file is called, without its ending.
        make: Makes the report on the I/O loop, with what this viewer may see.
    """

    title: str
    mono: str
    file_name: str
    make: Callable[[TriageReports, Operator | None], Coroutine[Any, Any, TriageReport]]


def of_run(row: RunRow) -> ReportSubject:
    """Return a run as a subject."""
    name = row.workflow_name or translate("Export", "unnamed workflow")
    short = str(row.key.run_id)[:8]
    title = translate("Export", "Export report: {workflow}").format(workflow=name)
    return ReportSubject(title, short, f"run-{short}", lambda reports, viewer: reports.report((row.key,), viewer))


def of_list(query: RunQuery) -> ReportSubject:
    """Return the list as it is filtered as a subject."""
    title = translate("Export", "Export list of runs")
    terms = filter_terms(query.filter)
    return ReportSubject(title, "", "runs", lambda reports, _viewer: reports.listing(query, terms))


def filter_terms(run_filter: RunFilter) -> tuple[tuple[str, str], ...]:
    """Return the filter by name and value, as the command line's options are called."""
    begin, end = run_filter.started_from, run_filter.started_to
    given = {
        "status": ", ".join(run_filter.statuses),
        "workflow": "" if run_filter.workflow_id is None else str(run_filter.workflow_id),
        "text": run_filter.text,
        "from": "" if begin is None else begin.isoformat(),
        "to": "" if end is None else end.isoformat(),
        "stuck": "yes" if run_filter.stuck_only else "",
        "open-wait": "yes" if run_filter.open_wait_only else "",
        "replays": "yes" if run_filter.replays_only else "",
        "runs": "" if run_filter.run_ids is None else str(len(run_filter.run_ids)),
    }
    return tuple((name, value) for name, value in given.items() if value)
