"""``rundesk fingerprints``: which failures are the same failure, since when and how often."""

from __future__ import annotations

from argparse import Namespace

from app.cli import scope, text
from app.cli.answer import Answer
from app.cli.documents import instant
from app.cli.rooms import Session
from app.domain.failure_fingerprint import Affected, Fingerprint
from app.domain.run import JsonValue
from app.domain.run_query import TenantChoice
from app.services.failure_fingerprints import FingerprintReport

_EXAMPLES = 10


async def run(session: Session, arguments: Namespace) -> Answer:
    """Group the failures of the tenant that is named, else of all."""
    report = await session.console.fingerprints.find(await _tenants(session), arguments.since)
    problem = report.notes_problem
    return Answer(
        document={
            "fingerprints": [_document(each) for each in report.fingerprints],
            "since": instant(report.since),
            "read_at": instant(report.read_at),
            "runs": report.counted,
            "cut": report.cut,
        },
        text=_text(report),
        complaint=None if problem is None else problem.message,
    )


async def _tenants(session: Session) -> list[TenantChoice]:
    choices = list(await session.console.browse.tenants())
    if session.tenant is None and choices:
        return choices
    tenant = await scope.tenant_of(session)
    return [choice for choice in choices if choice.tenant == tenant]


def _document(found: Fingerprint) -> JsonValue:
    note = found.note
    return {
        "fingerprint": found.identity,
        "action": found.action,
        "code": found.code,
        "shape": found.shape,
        "example": found.example,
        "count": found.count,
        "first_seen": instant(found.first_seen),
        "last_seen": instant(found.last_seen),
        "tenants": [_affected(each) for each in found.tenants],
        "workflows": [_affected(each) for each in found.workflows],
        "runs": [str(key.run_id) for key in found.runs[:_EXAMPLES]],
        "note": None if note is None else {"text": note.text, "link": note.link, "at": instant(note.at)},
    }


def _affected(affected: Affected) -> JsonValue:
    identity = None if affected.identity is None else str(affected.identity)
    return {"id": identity, "name": affected.name, "count": affected.count}


def _text(report: FingerprintReport) -> str:
    if not report.fingerprints:
        return "No run failed in this time."
    headers = ("FINGERPRINT", ">RUNS", "LAST SEEN", "ACTION", "CODE", "KNOWN", "MESSAGE")
    listed = text.table(headers, map(_cells, report.fingerprints), text.terminal_width())
    return f"{listed}\n\nMore runs failed than were counted." if report.cut else listed


def _cells(found: Fingerprint) -> tuple[str, ...]:
    return (
        found.identity,
        str(found.count),
        text.local_time(found.last_seen),
        found.action or "-",
        found.code or "-",
        "yes" if found.note is not None else "-",
        found.shape or "-",
    )
