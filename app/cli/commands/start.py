"""``rundesk start``: run a published workflow."""

from __future__ import annotations

from argparse import Namespace
from uuid import uuid4

from app.cli import launch_answer, scope
from app.cli.answer import Answer
from app.cli.rooms import Session
from app.domain.errors import EnvironmentFailure, NotPermitted
from app.domain.payload_change import EditedText
from app.domain.run import RunKey


async def run(session: Session, arguments: Namespace) -> Answer:
    """Start the workflow with the given input, another run's, or an empty one; say what is known of the launch."""
    from app.services.start_run import InputOfRun, StartCommand

    payload = scope.read_text(arguments.payload)
    tenant = await scope.tenant_of(session)
    operator = await scope.operator_of(session, tenant)
    if tenant is None:
        raise NotPermitted("run.unassigned", "Runs can be started for a tenant only.")
    edit = None if payload is None else EditedText(payload)
    like = None if arguments.like is None else InputOfRun(RunKey(tenant, arguments.like), edit)
    command = StartCommand(
        tenant=tenant,
        workflow_id=await scope.workflow_of(session, tenant, arguments.workflow),
        payload_text=None if like is not None else payload,
        operator=operator,
        request_id=uuid4(),
        workflow_version=arguments.version,
        like=like,
    )
    try:
        launched = await session.console.start.start(command)
    except EnvironmentFailure:
        await launch_answer.settle(session.console)
        raise
    outcome = await launch_answer.settled(session.console, launched)
    complaint = launch_answer.complaint_of(outcome)
    status = launch_answer.status_of(outcome)
    return Answer(
        document={
            "run_id": str(outcome.run.run_id),
            "status": status,
            "launch": str(outcome.state),
            "workflow_version": outcome.workflow_version,
            "input_of": None if arguments.like is None else str(arguments.like),
            "message": complaint,
        },
        text=f"{outcome.run.run_id}  {status}",
        code=await launch_answer.exit_code(session.console, outcome),
        complaint=complaint,
    )
