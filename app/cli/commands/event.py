"""``rundesk event``: submit an event."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING
from uuid import uuid4

from app.cli import launch_answer, scope
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain.errors import NotPermitted
from app.domain.event_ingress import Arrival
from app.domain.run import JsonValue

if TYPE_CHECKING:
    from app.services.submit_outcome import Candidate, SubmitOutcome, TriggeredRun


async def run(session: Session, arguments: Namespace) -> Answer:
    """Submit the event; exit 1 when a part of it failed. The payload is not printed."""
    from app.services.submit_event import SubmitCommand

    payload = scope.read_text(arguments.payload)
    tenant = await scope.tenant_of(session)
    operator = await scope.operator_of(session, tenant)
    if tenant is None:
        raise NotPermitted("run.unassigned", "Events can be submitted for a tenant only.")
    command = SubmitCommand(
        tenant=tenant,
        event_name=arguments.name,
        event_id=arguments.event_id or uuid4(),
        operator=operator,
        payload_text=payload,
        correlation_key=arguments.correlation_key,
        schema_ref=arguments.schema_ref,
    )
    outcome = await session.console.events.submit(command)
    if not outcome.settled:
        # Whatever did not answer is asked again, before this process ends and with it what it remembers.
        await launch_answer.settle(session.console)
        outcome = await session.console.events.submit(command)
    return _answer(outcome)


def _answer(outcome: SubmitOutcome) -> Answer:
    failed = outcome.error is not None and outcome.arrival is not Arrival.DUPLICATE
    keys: list[JsonValue] = [*outcome.keys]
    candidates: list[JsonValue] = [_candidate(candidate) for candidate in outcome.candidates]
    triggered: list[JsonValue] = [_triggered(run) for run in outcome.triggered]
    conflict = outcome.conflict
    return Answer(
        document={
            "event_id": str(outcome.event_id),
            "arrival": str(outcome.arrival),
            "settled": outcome.settled,
            "correlation_keys": keys,
            "matched_run_id": None if outcome.matched_run is None else str(outcome.matched_run),
            "schema_ref_conflict": None
            if conflict is None
            else {"submission": conflict.submission, "catalog": conflict.catalog},
            "candidates": candidates,
            "triggered": triggered,
            "error": outcome.error,
        },
        text="\n".join(_lines(outcome)),
        code=ExitCode.FAILED if failed or not outcome.settled else ExitCode.OK,
        complaint=_complaint(outcome),
    )


def _candidate(candidate: Candidate) -> JsonValue:
    wait = candidate.wait
    return {
        "run_id": str(wait.run_id),
        "wait_id": str(wait.wait_id),
        "step_path": wait.step_path,
        "wait_type": wait.wait_type,
        "reached": str(candidate.reached),
        "message": candidate.told,
    }


def _triggered(run: TriggeredRun) -> JsonValue:
    return {
        "workflow_id": str(run.workflow.workflow_id),
        "workflow": run.workflow.name,
        "version": run.workflow.version,
        "run_id": None if run.run_id is None else str(run.run_id),
        "launch": None if run.state is None else str(run.state),
        "message": run.told,
    }


def _lines(outcome: SubmitOutcome) -> list[str]:
    if outcome.arrival is Arrival.DUPLICATE:
        return [f"{outcome.event_id}  was dealt with before; nothing was changed"]
    lines = [f"{outcome.event_id}  keys: {', '.join(outcome.keys) or 'none'}"]
    lines += [f"{each.wait.run_id}  {each.reached}  {each.wait.step_path}" for each in outcome.candidates]
    lines += [f"{each.run_id}  {each.state}  {each.workflow.name}" for each in outcome.triggered if each.run_id]
    if len(lines) == 1:
        lines.append("No run waits for it, and it starts no workflow.")
    return lines


def _complaint(outcome: SubmitOutcome) -> str | None:
    told = [] if outcome.error is None or outcome.arrival is Arrival.DUPLICATE else [outcome.error]
    if not outcome.settled:
        told.append(f"Send it again with --event-id {outcome.event_id}.")
    if outcome.conflict is not None:
        told.append(
            f"The payload is said to be {outcome.conflict.submission}, the catalogue says {outcome.conflict.catalog}."
        )
    return "\n".join(told) or None
