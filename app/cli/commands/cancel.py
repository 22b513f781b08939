"""``rundesk cancel``: cancel runs, one outcome for each."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from app.cli import scope, text
from app.cli.answer import Answer, ExitCode, exit_code_of
from app.cli.rooms import Session
from app.domain.errors import EnvironmentFailure, RundeskError
from app.domain.run import JsonValue


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run: ``word`` is canceled, refused or failed; ``status`` the row's, None when not known."""

    run_id: UUID
    word: str
    status: str | None
    message: str
    code: ExitCode


async def run(session: Session, arguments: Namespace) -> Answer:
    """Cancel each run once, in order; one that is refused does not keep the others from being canceled."""
    scope.require_named_operator(session)
    outcomes: list[Outcome] = []
    for run_id in dict.fromkeys(arguments.run_ids):
        if outcomes and outcomes[-1].code is ExitCode.UNREACHABLE:
            outcomes.append(replace(outcomes[-1], run_id=run_id))  # no need to wait for the same outage again
        else:
            outcomes.append(await _cancel(session, run_id, arguments.reason))
    left = sum(outcome.code is not ExitCode.OK for outcome in outcomes)
    return Answer(
        document={"results": [_document(outcome) for outcome in outcomes]},
        text=_as_text(outcomes),
        code=max(outcome.code for outcome in outcomes),
        complaint=f"{left} of {len(outcomes)} runs were not canceled." if left else None,
    )


async def _cancel(session: Session, run_id: UUID, reason: str) -> Outcome:
    from app.services.cancel_run import CancelCommand

    try:
        key = await scope.key_of(session, run_id)
        operator = await scope.operator_of(session, key.tenant)
        command = CancelCommand(key=key, reason=reason, operator=operator, request_id=uuid4())
        outcome = await session.console.cancel.cancel(command)
    except RundeskError as error:
        word = "failed" if isinstance(error, EnvironmentFailure) else "refused"
        return Outcome(run_id, word, None, error.message, exit_code_of(error))
    if outcome.accepted:
        return Outcome(run_id, "canceled", outcome.status, outcome.message, ExitCode.OK)
    return Outcome(run_id, "refused", outcome.status, outcome.message, ExitCode.FAILED)


def _document(outcome: Outcome) -> dict[str, JsonValue]:
    return {
        "run_id": str(outcome.run_id),
        "outcome": outcome.word,
        "status": outcome.status,
        "message": outcome.message,
    }


def _as_text(outcomes: Sequence[Outcome]) -> str:
    rows = [(str(outcome.run_id), outcome.word, outcome.message) for outcome in outcomes]
    return text.table(("RUN", "OUTCOME", "MESSAGE"), rows, None)
