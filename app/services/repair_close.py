"""Give a row the end of its execution, which no worker projected (F4, F13, F38, F40)."""

from __future__ import annotations

from dataclasses import replace

from app.domain.errors import ActionRefused
from app.domain.repair import ClosedProjection, PlannedWrite, RepairFacts, RepairPlan
from app.domain.repair_rules import projection_of, require_closed_execution
from app.domain.run import JsonValue
from app.domain.run_message import ExecutionEnd
from app.services.ports import ExecutionGateway
from app.services.repair_acts import RepairCommand, RepairOutcome, record_of, record_writes, write
from app.services.repair_launch import changed_meanwhile
from app.services.repair_ports import RepairStore, RunMessages


class ProjectClose:
    """Writes what the engine would have written at the end of a closed execution.

    Args:
        store: The rows.
        messages: Tells how the execution ended.
        gateway: Says that it has ended, and that it is the newest of its chain.
    """

    def __init__(self, store: RepairStore, messages: RunMessages, gateway: ExecutionGateway) -> None:
        self._store = store
        self._messages = messages
        self._gateway = gateway

    async def plan(self, command: RepairCommand) -> RepairPlan:
        """Return the end that would be written on the run and what it left open."""
        facts, end, projection = await self._look(command)
        shown = await self._shown(command, projection)
        cautions: tuple[str, ...] = ()
        if facts.started_steps:
            cautions = ("An action that was under way when the execution ended may still finish: its effect is real.",)
        writes = _writes(facts, shown, end)
        return RepairPlan(command.action, command.key, (*writes, *record_writes(command)), cautions)

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        """Write the end."""
        _, end, projection = await self._look(command)
        status = str(projection.run_status)
        record = record_of(command, {"status": status}, executionStatus=str(end.status), closedAt=end.closed_at)
        if not await self._store.project(command.key, projection, record):
            raise changed_meanwhile()
        return RepairOutcome(
            accepted=True,
            observed=True,
            code="repair.projected",
            message=f"The run now says {status}, as its execution.",
        )

    async def _look(self, command: RepairCommand) -> tuple[RepairFacts, ExecutionEnd, ClosedProjection]:
        facts = await self._store.facts(command.key)
        require_closed_execution(facts, await self._gateway.describe(command.key.run_id))
        end = await self._messages.end(command.key.run_id)
        if end is None:
            raise ActionRefused(
                "repair.no_end", "Temporal does not show how the execution ended. Nothing was written; try again."
            )
        return facts, end, projection_of(end, has_steps=facts.has_steps)

    async def _shown(self, command: RepairCommand, projection: ClosedProjection) -> ClosedProjection:
        """Return the projection fit for display: an error's text may repeat a secret."""
        if projection.error is None:
            return projection
        message = await self._store.shown(command.key, str(projection.error["message"]))
        return replace(projection, error={**projection.error, "message": message})


def _writes(facts: RepairFacts, projection: ClosedProjection, end: ExecutionEnd) -> list[PlannedWrite]:
    moment = end.closed_at.isoformat(timespec="milliseconds")
    run: dict[str, JsonValue] = {"status": str(projection.run_status), "node_path": None, "completed_at": moment}
    if not projection.keeps_error:
        run["error_json"] = projection.error
    step: dict[str, JsonValue] = {"status": str(projection.step_status), "completed_at": moment}
    if projection.error is not None:
        step["error_json"] = {"message": projection.error["message"]}
    writes = [PlannedWrite("workflow_runs", str(facts.key.run_id), run)]
    writes += [PlannedWrite("workflow_run_steps", path, step) for path in facts.started_steps]
    writes += [
        write("workflow_run_waits", wait.wait_id, status="CANCELED", resolved_at=moment) for wait in facts.open_waits
    ]
    writes += [write("workflow_tasks", task, status="canceled") for task in facts.open_tasks]
    return writes
