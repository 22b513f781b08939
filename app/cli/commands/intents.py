"""``rundesk intents``: actions that a crash or an outage left unfinished, what became of them, and what is missing."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli import documents, scope, text
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain.errors import RundeskError
from app.domain.intent import IntentFinding, MissingAct
from app.domain.run import JsonValue

if TYPE_CHECKING:
    from app.domain.intent import Intent

_MISSING = {
    MissingAct.NOTHING: "",
    MissingAct.START: "Missing: the start. --settle sends it.",
    MissingAct.CANCEL: "Missing: the cancel. --settle gives it again.",
    MissingAct.CLOSE: "Nothing to do: look again when the execution has closed.",
    MissingAct.ANSWER: "Nothing can be said yet: look again in a moment.",
}


async def run(session: Session, arguments: Namespace) -> Answer:
    """Ask both sides about every unfinished action; with ``--settle`` do what each of them lacks.

    What only lacked its log and audit rows has them afterwards either way: they are true, and change nothing else.
    """
    findings = await session.console.intents.look()
    if arguments.settle:
        findings = tuple([await _settled(session, finding) for finding in findings])
    left = sum(not finding.is_settled for finding in findings)
    return Answer(
        document={"intents": [_document(finding) for finding in findings]},
        text=_as_text(findings) if findings else "No action is unfinished.",
        code=ExitCode.FAILED if left else ExitCode.OK,
        complaint=f"{left} of {len(findings)} actions are still unfinished." if left else None,
    )


async def _settled(session: Session, finding: IntentFinding) -> IntentFinding:
    if not finding.is_offered:
        return finding
    operator = await scope.operator_of(session, finding.intent.tenant)
    try:
        return await session.console.intents.carry_out(finding.intent.request_id, operator)
    except RundeskError as error:
        return IntentFinding(finding.intent, error.code, error.message, finding.missing, finding.status)


def _as_text(findings: Sequence[IntentFinding]) -> str:
    rows = [
        (
            text.local_time(finding.intent.at),
            str(finding.intent.kind),
            str(finding.intent.run_id),
            _who(finding.intent),
            f"{finding.message} {_MISSING[finding.missing]}".strip(),
        )
        for finding in findings
    ]
    return text.table(("TIME", "ACTION", "RUN", "WHO", "WHAT BECAME OF IT"), rows, None)


def _who(intent: Intent) -> str:
    return "-" if intent.operator is None else intent.operator.email


def _document(finding: IntentFinding) -> JsonValue:
    intent = finding.intent
    return {
        "request_id": str(intent.request_id),
        "kind": str(intent.kind),
        "run_id": str(intent.run_id),
        "source_run": None if intent.source_run is None else str(intent.source_run),
        "reason": intent.reason,
        "operator": None if intent.operator is None else intent.operator.email,
        "at": documents.instant(intent.at),
        "code": finding.code,
        "message": finding.message,
        "missing": str(finding.missing),
        "status": finding.status,
    }
