"""``rundesk quota-resume``: end a quota pause."""

from __future__ import annotations

from argparse import Namespace
from uuid import uuid4

from app.cli import scope
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session


async def run(session: Session, arguments: Namespace) -> Answer:
    """Resume the run; exit 1 unless it was seen to leave its pause."""
    from app.services.quota_resume import ResumeCommand

    scope.require_named_operator(session)
    key = await scope.key_of(session, arguments.run_id)
    operator = await scope.operator_of(session, key.tenant)
    outcome = await session.console.quota.resume(ResumeCommand(key, arguments.reason, operator, uuid4()))
    return Answer(
        document={
            "run_id": str(key.run_id),
            "requested": True,
            "accepted": outcome.accepted,
            "observed": outcome.observed,
            "paused_again": outcome.paused_again,
            "signals": outcome.signals,
            "status": outcome.status,
            "code": outcome.code,
            "message": outcome.message,
        },
        text=outcome.message,
        code=ExitCode.OK if outcome.observed and not outcome.paused_again else ExitCode.FAILED,
    )
