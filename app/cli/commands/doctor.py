"""``rundesk doctor``: is the environment fit for runs, check by check."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli import documents
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain.run import JsonValue

if TYPE_CHECKING:
    from app.domain.health.check import HealthCheck
    from app.services.doctor import HealthReport

_SERVERS = frozenset({"postgres.reachable", "temporal.reachable"})
_SIGNS = {"ok": "ok", "warning": "WARNING", "problem": "PROBLEM", "unknown": "unknown"}


async def run(session: Session, _arguments: Namespace) -> Answer:
    """Make every check; exit 3 when a server does not answer, 1 when another check found a problem."""
    report = await session.console.doctor.examine()
    return Answer(_document(report), "\n".join(map(_as_text, report.checks)), _code_of(report))


def _code_of(report: HealthReport) -> ExitCode:
    wrong = {str(check.check) for check in report.checks if check.state == "problem"}
    if wrong & _SERVERS:
        return ExitCode.UNREACHABLE
    return ExitCode.FAILED if wrong else ExitCode.OK


def _document(report: HealthReport) -> JsonValue:
    return {
        "worst": str(report.worst),
        "checked_at": documents.instant(report.checked_at),
        "checks": [
            {
                "check": str(check.check),
                "state": str(check.state),
                "code": check.code,
                "evidence": check.evidence,
                "remedy": check.remedy,
            }
            for check in report.checks
        ],
    }


def _as_text(check: HealthCheck) -> str:
    line = f"{_SIGNS[check.state]:<8} {check.check:<20} {check.evidence}"
    return line if check.remedy is None else f"{line}\n{'':<30}{check.remedy}"
