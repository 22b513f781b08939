"""``rundesk stuck``: which runs nobody executes."""

from __future__ import annotations

from argparse import Namespace

from app.cli import documents, scope, text
from app.cli.answer import Answer
from app.cli.rooms import Session
from app.domain.run import RunRow
from app.domain.run_query import StuckRuns


async def run(session: Session, _arguments: Namespace) -> Answer:
    """List runs that are RUNNING, have no step and are older than the threshold, oldest first."""
    stuck = await session.console.browse.stuck(await scope.tenant_of(session))
    return Answer(
        document={
            "stuck": [documents.stuck_row(row) for row in stuck.runs],
            "total": stuck.total,
            "oldest_seconds": documents.seconds(stuck.oldest_seconds),
            "read_at": documents.instant(stuck.read_at),
        },
        text=_as_text(stuck),
    )


def _as_text(stuck: StuckRuns) -> str:
    if not stuck.runs:
        return "No run is stuck."
    headers = ("RUN", ">AGE", "STARTED", "WORKFLOW")
    listed = text.table(headers, map(_cells, stuck.runs), text.terminal_width())
    rest = stuck.total - len(stuck.runs)
    return f"{listed}\n\n{rest} more" if rest > 0 else listed


def _cells(row: RunRow) -> tuple[str, ...]:
    workflow = f"{row.workflow_name or row.workflow_id} v{row.workflow_version}"
    return str(row.key.run_id), text.span(row.age_seconds), text.local_time(row.started_at), workflow
