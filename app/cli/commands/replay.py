"""``rundesk replay``: run again with a run's stored input, as it is or edited."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.cli import launch_answer, scope
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain.errors import EnvironmentFailure, Misconfigured
from app.domain.replay_preview import VersionChoice
from app.domain.run import RunKey, RunStatus

if TYPE_CHECKING:
    from app.services.replay_run import Acceptance, ReplayOutcome


async def run(session: Session, arguments: Namespace) -> Answer:
    """Replay the run; with ``--wait`` follow the new run to its end. The stored input never leaves Postgres."""
    from app.domain.payload_change import EditedText
    from app.services.replay_run import ReplayCommand

    edited = scope.read_text(arguments.payload)
    key = await scope.key_of(session, arguments.run_id)
    input_of = await session.console.replay.whole_ancestor(key) if arguments.from_ancestor else None
    if arguments.check:
        return await _check(session, arguments, key, edited, input_of)
    command = ReplayCommand(
        source=key,
        reason=arguments.reason,
        operator=await scope.operator_of(session, key.tenant),
        request_id=uuid4(),
        edit=None if edited is None else EditedText(edited),
        workflow_version=await _version(session, arguments, key),
        accepts=_accepted(arguments),
        input_of=input_of,
    )
    try:
        outcome = await session.console.replay.replay(command)
    except EnvironmentFailure:
        await launch_answer.settle(session.console)
        raise
    return await _answer(session, arguments, key, input_of, outcome)


async def _check(
    session: Session, arguments: Namespace, key: RunKey, edited: str | None, input_of: UUID | None
) -> Answer:
    """Say what the same command without ``--check`` would meet."""
    from app.cli import preview_documents
    from app.domain.payload_change import EditedText
    from app.services.replay_preview import PreviewQuestion
    from app.services.replay_run import Acceptance

    edit = None if edited is None else EditedText(edited)
    preview = await session.console.previews.preview(PreviewQuestion(key, _choice(arguments), edit, input_of=input_of))
    accepted = _accepted(arguments)
    refusals = preview.refusals(
        active_accepted=Acceptance.ACTIVE_SOURCE in accepted, damage_accepted=Acceptance.DAMAGED_INPUT in accepted
    )
    return Answer(
        document=preview_documents.document(preview, refusals),
        text=preview_documents.text(preview, refusals),
        code=ExitCode.FAILED if refusals else ExitCode.OK,
    )


async def _version(session: Session, arguments: Namespace, key: RunKey) -> int | None:
    """Return the number of the version that is meant, None for the source's own."""
    choice = _choice(arguments)
    if choice == VersionChoice.OWN:
        return None
    if choice == VersionChoice.LATEST:
        return (await session.console.previews.versions(key, choice)).chosen
    return int(choice)


def _choice(arguments: Namespace) -> VersionChoice | int:
    given: str | int = arguments.version
    return given if isinstance(given, int) else VersionChoice(given)


def _accepted(arguments: Namespace) -> frozenset[Acceptance]:
    """Return what was confirmed by typing; :class:`Misconfigured` for the beginning of another run's id."""
    from app.services.replay_run import Acceptance

    confirmed = {
        Acceptance.ACTIVE_SOURCE: ("--source-still-runs", arguments.source_still_runs),
        Acceptance.DAMAGED_INPUT: ("--send-damaged", arguments.send_damaged),
    }
    return frozenset(
        danger
        for danger, (option, typed) in confirmed.items()
        if _is_beginning(option, typed, str(arguments.run_id)[:8])
    )


def _is_beginning(option: str, typed: str | None, wanted: str) -> bool:
    if typed is not None and typed.strip().lower() != wanted:
        raise Misconfigured(
            "usage",
            f"{option} takes the first eight characters of the run's id, {wanted}. Nothing was started.",
        )
    return typed is not None


async def _answer(
    session: Session, arguments: Namespace, source: RunKey, input_of: UUID | None, outcome: ReplayOutcome
) -> Answer:
    launch = await launch_answer.settled(session.console, outcome.launch)
    code = await launch_answer.exit_code(session.console, launch)
    complaint = launch_answer.complaint_of(launch)
    status = launch_answer.status_of(launch)
    if arguments.wait and code is ExitCode.OK:
        row = await session.console.replay.follow(launch.run, arguments.wait_seconds)
        status = row.status
        if status != RunStatus.SUCCEEDED:
            code, complaint = ExitCode.FAILED, row.error_text or f"The new run is {status}, not SUCCEEDED."
    return Answer(
        document={
            "run_id": str(launch.run.run_id),
            "replay_of": str(source.run_id),
            "payload": outcome.payload,
            "input_of": None if input_of is None else str(input_of),
            "status": status,
            "launch": str(launch.state),
            "workflow_version": launch.workflow_version,
            "message": complaint,
        },
        text=f"{launch.run.run_id}  {status}  ({outcome.payload} payload, replay of {source.run_id})",
        code=code,
        complaint=complaint,
    )
