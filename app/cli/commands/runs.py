"""``rundesk runs``: which runs match."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from app.cli import documents, scope, text
from app.cli.answer import Answer
from app.cli.commands.diagnose import RECENTLY
from app.cli.rooms import Session
from app.domain.errors import InvalidInput, Misconfigured
from app.domain.run import RunRow
from app.domain.run_query import MAX_PAGE_SIZE, RunPage, RunQuery


async def run(session: Session, arguments: Namespace) -> Answer:
    """List runs with the cursor of the next page and the counts of everything that matches."""
    query, unverified = await _query(session, arguments)
    try:
        page = await _collect(session, query)
    except InvalidInput as error:
        raise Misconfigured(error.code, error.message, **error.params) from error
    return Answer(
        document={
            "runs": [documents.run_row(row) for row in page.rows],
            "next": page.next,
            "counts": dict(page.counts),
            "read_at": documents.instant(page.read_at),
            "redaction_closed": page.redaction_closed,
        },
        text=_as_text(page),
        complaint=unverified,
    )


async def _query(session: Session, arguments: Namespace) -> tuple[RunQuery, str | None]:
    """Return what is asked for and, where a cause is, in words what could not be verified."""
    tenant = await scope.tenant_of(session)
    wanted = await scope.filter_of(session, tenant, arguments)
    unverified = None
    if arguments.cause:
        report = await session.console.diagnose.active(tenant, closed_within=RECENTLY)
        found = tuple(each.key.run_id for each in report.runs if each.cause in arguments.cause)
        wanted, unverified = replace(wanted, run_ids=found), "; ".join(report.degraded) or None
    return RunQuery(tenant, wanted, arguments.sort, limit=arguments.limit, after=arguments.after), unverified


async def _collect(session: Session, query: RunQuery) -> RunPage:
    """Return the first ``query.limit`` rows as one page, read in pages of the reader's size."""
    page = await session.console.browse.page(replace(query, limit=min(query.limit, MAX_PAGE_SIZE)))
    while page.next is not None and len(page.rows) < query.limit:
        missing = min(query.limit - len(page.rows), MAX_PAGE_SIZE)
        more = await session.console.browse.page(replace(query, limit=missing, after=page.next))
        page = replace(page, rows=page.rows + more.rows, next=more.next)
    return page


def _as_text(page: RunPage) -> str:
    if not page.rows:
        return "No runs match."
    headers = ("RUN", "STATUS", "WORKFLOW", "STARTED", ">AGE", "ERROR")
    counts = ", ".join(f"{status} {count}" for status, count in page.counts)
    more = "" if page.next is None else f"\nMore: --after {page.next}"
    if page.redaction_closed:
        more += "\nThe tenant's redaction configuration cannot be used, so texts are hidden."
    return f"{text.table(headers, map(_cells, page.rows), text.terminal_width())}\n\n{counts}{more}"


def _lasted(row: RunRow) -> float:
    """Return the age of a run that goes on and the duration of one that has ended, in seconds."""
    if row.completed_at is None:
        return row.age_seconds
    return (row.completed_at - row.started_at).total_seconds()


def _cells(row: RunRow) -> tuple[str, ...]:
    return (
        str(row.key.run_id),
        f"{row.status} (stuck)" if row.stuck else row.status,
        f"{row.workflow_name or row.workflow_id} v{row.workflow_version}",
        text.local_time(row.started_at),
        text.span(_lasted(row)),
        row.error_text or "",
    )
