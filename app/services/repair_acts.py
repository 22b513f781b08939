"""What every repair is made of: the command, its record, its outcome, and the shape of a repair itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator
from app.domain.repair import OPERATIONS, PlannedWrite, RepairAction, RepairPlan
from app.domain.run import JsonValue, RunKey
from app.services.acting import ACTION_SOURCE
from app.services.ports import ActionRecord


@dataclass(frozen=True, slots=True)
class RepairArguments:
    """What single repairs need besides the run.

    Attributes:
        response: JSON text of a human task's response.
        override: Send the response although it does not fit the form, or there is none.
        payload: JSON text of an event's payload.
        event_id: A recorded event to deliver instead of a payload.
        wait_id: Which open event wait, where several are open.
    """

    response: str | None = None
    override: bool = False
    payload: str | None = None
    event_id: UUID | None = None
    wait_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RepairCommand:
    """Which repair of which run, why, who asks, and the request's id (sending it twice changes nothing).

    ``confirmed`` are the writes that the operator saw and confirmed; a plan that has changed since is not applied.
    """

    key: RunKey
    action: RepairAction
    reason: str
    operator: Operator
    request_id: UUID
    repair_mode: bool = False
    arguments: RepairArguments = field(default_factory=RepairArguments)
    confirmed: tuple[PlannedWrite, ...] | None = None


@dataclass(frozen=True, slots=True)
class RepairOutcome:
    """What came of a repair.

    ``accepted``: the side that had to act took the request. ``observed``: its effect was seen. ``repeated``: an equal
    request had done it before. ``code`` names what ``message`` says, for a translated sentence.
    """

    accepted: bool
    observed: bool
    code: str
    message: str
    repeated: bool = False


class Mend(Protocol):
    """One repair."""

    async def plan(self, command: RepairCommand) -> RepairPlan:
        """Return what would be written now; asks Temporal last. Raises what refuses the repair."""

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        """Make the repair; everything is checked again, Temporal right before the first write."""


def record_of(command: RepairCommand, changed: dict[str, object], **details: object) -> ActionRecord:
    """Return log and audit of a repair; ``details`` are added to both."""
    run_id, action = command.key.run_id, str(command.action)
    context: dict[str, object] = {"repair": action, "reason": command.reason.strip(), **details}
    return ActionRecord(
        request_id=command.request_id,
        operator=command.operator,
        notes=(RunNote(run_id, "WARN", f"Run repaired by operator: {action}", context),),
        audit=AuditNote(
            operation=OPERATIONS[command.action],
            record_id=run_id,
            changed=changed,
            details={**context, "source": ACTION_SOURCE},
        ),
    )


def record_writes(command: RepairCommand) -> tuple[PlannedWrite, ...]:
    """Return the two rows that every repair adds, as a plan shows them."""
    run_id, action = str(command.key.run_id), str(command.action)
    return (
        PlannedWrite("workflow_run_logs", run_id, {"level": "WARN", "message": f"Run repaired by operator: {action}"}),
        PlannedWrite("audit_logs", run_id, {"operation": OPERATIONS[command.action], "repair": action}),
    )


def write(target: str, record: object, **changes: JsonValue) -> PlannedWrite:
    """Return one planned write."""
    return PlannedWrite(target, str(record), changes)
