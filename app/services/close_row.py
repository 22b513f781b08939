"""Close the row of a run that Temporal does not know: in the database only, on the operator's word (runtime.md F16).

Such a run cannot be canceled, because nothing runs: its history is past retention, or it was made before Temporal.
Nothing proves how it ended, so this is an act of its own, with a confirmation of its own, and never the quiet
consequence of a cancel. A launch that never started is another case with another repair.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.cancellation import CONFIRMATION_LENGTH, ClosedParts
from app.domain.errors import ActionRefused, InvalidInput, NotFound
from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator, Right
from app.domain.run import RunKey, RunRow, RunStatus
from app.services.acting import ACTION_SOURCE, require_right, tenant_of
from app.services.cancel_ports import RunClosing
from app.services.cancel_run import refuse_ended
from app.services.ports import ActionRecord, ExecutionGateway, RunReader
from app.services.reason import checked_reason


@dataclass(frozen=True, slots=True)
class CloseRowCommand:
    """Which row to close, why, who asks; ``confirmation`` are the first eight characters of the run id, as typed."""

    key: RunKey
    reason: str
    operator: Operator
    request_id: UUID
    confirmation: str


class CloseRow:
    """Closes rows that Temporal knows nothing of.

    Args:
        reader: The run's row.
        closing: Writes the close.
        gateway: Asked right before the write.
    """

    def __init__(self, reader: RunReader, closing: RunClosing, gateway: ExecutionGateway) -> None:
        self._reader = reader
        self._closing = closing
        self._gateway = gateway

    async def close(self, command: CloseRowCommand) -> ClosedParts:
        """Write CANCELED on the run and what it left open, with log and audit.

        Raises:
            NotPermitted: The operator lacks ``admin``.
            InvalidInput: The reason is too short, or the confirmation is not the run's.
            NotFound: No such run.
            ActionRefused: The run has ended; Temporal knows its execution; or it is a launch that never started.
            EnvironmentFailure: A side is down, so nothing was written: silence proves nothing about an execution.
        """
        key, tenant = command.key, tenant_of(command.key)
        require_right(command.operator, tenant, Right.ADMIN, "close runs")
        reason = checked_reason(command.reason)
        _check_confirmation(command)
        refuse_ended(await self._row(key))
        if (await self._closing.open_parts(key)).never_started:
            raise ActionRefused(
                "cancel.never_started",
                "This launch was recorded, but its execution never started. Repair it as a failed launch instead: "
                "that keeps the true story.",
                run_id=str(key.run_id),
            )
        facts = await self._gateway.describe(key.run_id)  # the last question before the write
        if facts is not None:
            raise ActionRefused(
                "cancel.execution_known",
                f"Temporal knows the execution of this run, it is {facts.status}. Nothing was written; cancel the run.",
                run_id=str(key.run_id),
                execution=str(facts.status),
            )
        closed = await self._closing.close(key, (), _record_of(command, reason))
        if not closed.runs:
            refuse_ended(await self._row(key))
        return closed

    async def _row(self, key: RunKey) -> RunRow:
        rows = await self._reader.rows(key.tenant, (key.run_id,))
        if not rows:
            raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
        return rows[0]


def confirmation_of(key: RunKey) -> str:
    """Return what the operator has to type."""
    return str(key.run_id)[:CONFIRMATION_LENGTH]


def _check_confirmation(command: CloseRowCommand) -> None:
    wanted = confirmation_of(command.key)
    if command.confirmation.strip().lower() != wanted:
        raise InvalidInput(
            "cancel.confirmation",
            f"Nothing was written. To close this row without Temporal's word, type the beginning of its id: {wanted}.",
            wanted=wanted,
        )


def _record_of(command: CloseRowCommand, reason: str) -> ActionRecord:
    run_id = command.key.run_id
    return ActionRecord(
        request_id=command.request_id,
        operator=command.operator,
        notes=(RunNote(run_id, "WARN", "Run closed by operator without an execution", {"reason": reason}),),
        audit=AuditNote(
            operation="workflow_run_repair",
            record_id=run_id,
            changed={"status": str(RunStatus.CANCELED)},
            details={
                "repair": "project-close",
                "reason": reason,
                "executionStatus": "not_found",
                "source": ACTION_SOURCE,
            },
        ),
    )
