"""``rundesk cancel``: cancel runs, one outcome for each, followed until their executions have closed."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.cli import cancel_text, documents, scope, text
from app.cli.answer import Answer, ExitCode, exit_code_of
from app.cli.rooms import Session
from app.domain.cancellation import CancelProgress
from app.domain.errors import EnvironmentFailure, Misconfigured, RundeskError
from app.domain.run import JsonValue

if TYPE_CHECKING:
    from app.services.follow_cancel import FollowedCancel

CLOSING_SECONDS = 3.0
"""How long a cancel without ``--wait`` is followed: an execution without an action under way closes at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run: ``word`` is canceled, closed, refused or failed; ``status`` the row's, None if not known.

    ``followed`` is the accepted cancel, ``progress`` how far it is.
    """

    run_id: UUID
    word: str
    status: str | None
    message: str
    code: ExitCode
    followed: FollowedCancel | None = field(default=None, compare=False)
    progress: CancelProgress | None = None


async def run(session: Session, arguments: Namespace) -> Answer:
    """Cancel each run once, in order; one that is refused does not keep the others from being canceled."""
    scope.require_named_operator(session)
    if arguments.dry_run:
        return await _preview(session, arguments)
    if arguments.row_only is not None:
        return _answer([await _close_row(session, arguments)])
    outcomes: list[Outcome] = []
    for run_id in dict.fromkeys(arguments.run_ids):
        if outcomes and outcomes[-1].code is ExitCode.UNREACHABLE:
            outcomes.append(replace(outcomes[-1], run_id=run_id))  # no need to wait for the same outage again
        else:
            outcomes.append(await _cancel(session, run_id, arguments.reason))
    seconds = float(arguments.wait_seconds) if arguments.wait else CLOSING_SECONDS
    followed = await asyncio.gather(*(_followed(session, outcome, seconds) for outcome in outcomes))
    return _answer([_waited(outcome) if arguments.wait else outcome for outcome in followed])


async def _cancel(session: Session, run_id: UUID, reason: str) -> Outcome:
    from app.services.cancel_run import CancelCommand
    from app.services.follow_cancel import followed_cancel

    try:
        key = await scope.key_of(session, run_id)
        operator = await scope.operator_of(session, key.tenant)
        command = CancelCommand(key=key, reason=reason, operator=operator, request_id=uuid4())
        outcome = await session.console.cancel.cancel(command)
    except RundeskError as error:
        return _failed(run_id, error)
    if not outcome.accepted:
        return Outcome(run_id, "refused", outcome.status, outcome.message, ExitCode.FAILED)
    followed = followed_cancel(command, outcome)
    return Outcome(run_id, "canceled", outcome.status, outcome.message, ExitCode.OK, followed)


async def _followed(session: Session, outcome: Outcome, seconds: float) -> Outcome:
    if outcome.followed is None:
        return outcome
    try:
        progress = await session.console.cancel_follow.follow(outcome.followed, seconds)
    except RundeskError as error:
        return replace(outcome, message=f"{outcome.message} {error.message}", code=exit_code_of(error))
    return replace(outcome, progress=progress, message=cancel_text.progress(progress))


def _waited(outcome: Outcome) -> Outcome:
    """Return the outcome of ``--wait``: accepted is not enough."""
    if outcome.progress is None or outcome.progress.is_over:
        return outcome
    return replace(outcome, code=ExitCode.UNREACHABLE if outcome.progress.unanswered else ExitCode.FAILED)


async def _close_row(session: Session, arguments: Namespace) -> Outcome:
    from app.services.close_row import CloseRowCommand

    if len(arguments.run_ids) != 1:
        raise Misconfigured("usage", "--row-only closes one run at a time: its confirmation belongs to one run id.")
    (run_id,) = arguments.run_ids
    try:
        key = await scope.key_of(session, run_id)
        operator = await scope.operator_of(session, key.tenant)
        command = CloseRowCommand(key, arguments.reason, operator, uuid4(), arguments.row_only)
        closed = await session.console.close_row.close(command)
    except RundeskError as error:
        return _failed(run_id, error)
    message = f"Only the row was closed; Temporal knows no execution. {cancel_text.closed(closed)}"
    return Outcome(run_id, "closed", "CANCELED", message.strip(), ExitCode.OK)


async def _preview(session: Session, arguments: Namespace) -> Answer:
    """Say what each cancel would find and write; the run that is missing or refused is the command's error."""
    entries: list[JsonValue] = []
    parts: list[str] = []
    for run_id in dict.fromkeys(arguments.run_ids):
        look = await session.console.cancel_preview.look(await scope.key_of(session, run_id))
        entries.append({"run_id": str(run_id), **documents.cancel_preview(look)})
        parts.append(text.section(str(run_id), "\n".join(cancel_text.preview(look))))
    return Answer(document={"previews": entries}, text="".join(parts).strip())


def _failed(run_id: UUID, error: RundeskError) -> Outcome:
    word = "failed" if isinstance(error, EnvironmentFailure) else "refused"
    return Outcome(run_id, word, None, error.message, exit_code_of(error))


def _answer(outcomes: Sequence[Outcome]) -> Answer:
    left = sum(outcome.word not in {"canceled", "closed"} for outcome in outcomes)
    unfinished = sum(outcome.code is not ExitCode.OK for outcome in outcomes) - left
    complaints = [
        *([f"{left} of {len(outcomes)} runs were not canceled."] if left else []),
        *([f"{unfinished} of {len(outcomes)} cancels are accepted, but not over yet."] if unfinished else []),
    ]
    rows = [(str(outcome.run_id), outcome.word, outcome.message) for outcome in outcomes]
    return Answer(
        document={"results": [_document(outcome) for outcome in outcomes]},
        text=text.table(("RUN", "OUTCOME", "MESSAGE"), rows, None),
        code=max(outcome.code for outcome in outcomes),
        complaint=" ".join(complaints) or None,
    )


def _document(outcome: Outcome) -> dict[str, JsonValue]:
    return {
        "run_id": str(outcome.run_id),
        "outcome": outcome.word,
        "status": outcome.status,
        "message": outcome.message,
        "progress": None if outcome.progress is None else documents.cancel_progress(outcome.progress),
    }
