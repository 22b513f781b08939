"""``rundesk repair``: what a repair of one run would write, and the repair."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING
from uuid import uuid4

from app.cli import scope
from app.cli.answer import Answer, ExitCode
from app.cli.rooms import Session
from app.domain import json_text
from app.domain.run import JsonValue

if TYPE_CHECKING:
    from app.domain.repair import RepairPlan
    from app.services.repair_acts import RepairCommand, RepairOutcome


async def run(session: Session, arguments: Namespace) -> Answer:
    """Plan the repair; with ``--apply`` make it. Exit 1 unless its effect was seen."""
    scope.require_named_operator(session)
    command = await _command(session, arguments)
    plan = await session.console.repair.plan(command)
    if not arguments.apply:
        return Answer(_planned(plan), _plan_text(plan))
    outcome = await session.console.repair.apply(command)
    code = ExitCode.OK if outcome.observed else ExitCode.FAILED
    return Answer({**_planned(plan), **_outcome(outcome)}, outcome.message, code)


async def _command(session: Session, arguments: Namespace) -> RepairCommand:
    from app.services.repair_acts import RepairArguments, RepairCommand

    key = await scope.key_of(session, arguments.run_id)
    return RepairCommand(
        key=key,
        action=arguments.action,
        reason=arguments.reason,
        operator=await scope.operator_of(session, key.tenant),
        request_id=uuid4(),
        repair_mode=session.repair_mode or arguments.allow_repair,
        arguments=RepairArguments(
            response=scope.read_text(arguments.response),
            override=arguments.override,
            payload=scope.read_text(arguments.payload),
            event_id=arguments.event_id,
            wait_id=arguments.wait_id,
        ),
    )


def _planned(plan: RepairPlan) -> dict[str, JsonValue]:
    return {
        "run_id": str(plan.key.run_id),
        "action": str(plan.action),
        "applied": False,
        "needs_repair_mode": plan.needs_repair_mode,
        "writes": [{"target": each.target, "record": each.record, "changes": each.changes} for each in plan.writes],
        "cautions": list(plan.cautions),
    }


def _outcome(outcome: RepairOutcome) -> dict[str, JsonValue]:
    return {
        "applied": True,
        "requested": True,
        "accepted": outcome.accepted,
        "observed": outcome.observed,
        "repeated": outcome.repeated,
        "code": outcome.code,
        "message": outcome.message,
    }


def _plan_text(plan: RepairPlan) -> str:
    lines = [f"{plan.action} would write:"]
    lines += [f"  {each.target}  {each.record}\n    {json_text.dump(each.changes)}" for each in plan.writes]
    lines += [f"Caution: {caution}" for caution in plan.cautions]
    if plan.needs_repair_mode:
        lines.append("Applying needs the repair mode: --allow-repair, or repair_mode = true in the profile.")
    lines.append("Nothing was written. Add --apply to write it.")
    return "\n".join(lines)
