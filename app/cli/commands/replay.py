"""``rundesk replay``: run again with a run's stored input, as it is or edited."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING
from uuid import uuid4

from app.cli import launch_answer, scope
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain.errors import EnvironmentFailure
from app.domain.run import RunKey, RunStatus

if TYPE_CHECKING:
    from app.services.replay_run import ReplayOutcome


async def run(session: Session, arguments: Namespace) -> Answer:
    """Replay the run; with ``--wait`` follow the new run to its end. The stored input never leaves Postgres."""
    from app.domain.payload_change import EditedText
    from app.services.replay_run import ReplayCommand

    edited = scope.read_text(arguments.payload)
    key = await scope.key_of(session, arguments.run_id)
    command = ReplayCommand(
        source=key,
        reason=arguments.reason,
        operator=await scope.operator_of(session, key.tenant),
        request_id=uuid4(),
        edit=None if edited is None else EditedText(edited),
    )
    try:
        outcome = await session.console.replay.replay(command)
    except EnvironmentFailure:
        await launch_answer.settle(session.console)
        raise
    return await _answer(session, arguments, key, outcome)


async def _answer(session: Session, arguments: Namespace, source: RunKey, outcome: ReplayOutcome) -> Answer:
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
            "status": status,
            "launch": str(launch.state),
            "workflow_version": launch.workflow_version,
            "message": complaint,
        },
        text=f"{launch.run.run_id}  {status}  ({outcome.payload} payload, replay of {source.run_id})",
        code=code,
        complaint=complaint,
    )
