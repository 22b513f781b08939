"""The two ways out of a launch whose execution was never started: start it now, or say that it failed (F30)."""

from __future__ import annotations

from app.domain.errors import ActionRefused
from app.domain.execution import ExecutionFacts
from app.domain.repair import RepairFacts, RepairPlan
from app.domain.repair_rules import (
    require_lost_launch,
    require_running_behind,
    require_startable,
    require_unstarted_launch,
)
from app.domain.run import RunStatus
from app.services.patience import Patience
from app.services.ports import (
    ExecutionGateway,
    ExecutionStart,
    RunWriter,
    StartAnswer,
    StartRefused,
    StartUnclear,
)
from app.services.repair_acts import RepairCommand, RepairOutcome, record_of, record_writes, write
from app.services.repair_ports import RepairStore

_RUNS_ALREADY = "The execution runs already, so nothing is started: the row is reopened and follows it."
NOT_STARTED = "No execution of this run was ever started: Temporal knows none."


class CompleteLaunch:
    """Starts the execution of a recorded launch under the same run id, or stores the ids of one that exists.

    A launch that was recorded as failed and runs after all is reopened.

    Args:
        store: The row.
        writer: Stores the ids.
        gateway: The Temporal side; a start that is sent twice starts once.
        patience: How long to ask whether a start without an answer arrived.
    """

    def __init__(
        self, store: RepairStore, writer: RunWriter, gateway: ExecutionGateway, patience: Patience | None = None
    ) -> None:
        self._store = store
        self._writer = writer
        self._gateway = gateway
        self._patience = patience or Patience()

    async def plan(self, command: RepairCommand) -> RepairPlan:
        """Return the start and the ids that would be stored."""
        facts, execution = await self._look(command)
        if facts.launch_failed and execution is not None:
            reopened = write(
                "workflow_runs",
                facts.key.run_id,
                status=str(RunStatus.RUNNING),
                completed_at=None,
                error_json=None,
                temporal_workflow_id=execution.workflow_id,
                temporal_run_id=execution.first_run_id,
            )
            return RepairPlan(command.action, command.key, (reopened, *record_writes(command)), (_RUNS_ALREADY,))
        if execution is not None:
            ids = write(
                "workflow_runs",
                facts.key.run_id,
                temporal_workflow_id=execution.workflow_id,
                temporal_run_id=execution.first_run_id,
            )
            cautions = ("The execution exists already, so nothing is started: only its ids are stored.",)
            return RepairPlan(command.action, command.key, (ids, *record_writes(command)), cautions)
        start = write(
            "temporal",
            "start execution",
            run_id=str(facts.key.run_id),
            workflow_id=str(facts.workflow_id),
            workflow_version=facts.workflow_version,
        )
        ids = write(
            "workflow_runs",
            facts.key.run_id,
            temporal_workflow_id="as Temporal answers",
            temporal_run_id="as Temporal answers",
        )
        return RepairPlan(command.action, command.key, (start, ids, *record_writes(command)))

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        """Start the execution and store its ids; safe to repeat."""
        facts, execution = await self._look(command)
        if facts.launch_failed and execution is not None:
            return await self._reopen(command, execution)
        if execution is None:
            answer = await self._start(facts)
        else:
            answer = StartAnswer(execution.workflow_id, execution.first_run_id, already_started=True)
        if answer is None:
            return RepairOutcome(
                accepted=False,
                observed=False,
                code="repair.unconfirmed",
                message="Temporal did not say whether the execution started. Send the repair again: it starts once.",
            )
        record = record_of(command, {"temporalWorkflowId": answer.workflow_id}, started=not answer.already_started)
        await self._patience.persist(
            lambda: self._writer.confirm_launch(command.key, answer.workflow_id, answer.first_run_id, record)
        )
        if answer.already_started:
            return RepairOutcome(
                accepted=True,
                observed=True,
                code="repair.ids_stored",
                message="The execution existed already; its ids are stored.",
            )
        return RepairOutcome(
            accepted=True,
            observed=True,
            code="repair.launched",
            message="The execution is started under the same run id.",
        )

    async def _look(self, command: RepairCommand) -> tuple[RepairFacts, ExecutionFacts | None]:
        facts = await self._store.facts(command.key)
        if not facts.launch_failed:
            require_unstarted_launch(facts)
        execution = await self._gateway.describe(command.key.run_id)
        if facts.launch_failed:
            require_running_behind(facts, execution)
        elif execution is None:
            require_startable(facts)
        return facts, execution

    async def _reopen(self, command: RepairCommand, execution: ExecutionFacts) -> RepairOutcome:
        """Let the row follow an execution that it says was never started."""
        record = record_of(command, {"status": str(RunStatus.RUNNING), "temporalWorkflowId": execution.workflow_id})
        ids = execution.workflow_id, execution.first_run_id
        if not await self._patience.persist(lambda: self._store.reopen_launch(command.key, *ids, record)):
            raise changed_meanwhile()
        return RepairOutcome(
            accepted=True,
            observed=True,
            code="repair.reopened",
            message="The execution was running; the row says so again.",
        )

    async def _start(self, facts: RepairFacts) -> StartAnswer | None:
        """Start; ask when the answer is missing; None when that answers nothing either."""
        try:
            return await self._gateway.start(_start_of(facts))
        except StartRefused as refusal:
            raise ActionRefused(
                "repair.start_refused",
                f"Temporal refused the start ({refusal}). Nothing was started or written; the launch can be failed.",
                technical=str(refusal),
            ) from refusal
        except StartUnclear:
            execution = await self._patience.until_known(lambda: self._gateway.describe(facts.key.run_id))
        return None if execution is None else StartAnswer(execution.workflow_id, execution.first_run_id)


class FailLaunch:
    """Marks a launch FAILED that Temporal definitely does not know.

    Args:
        store: The row.
        gateway: Asked right before the write.
    """

    def __init__(self, store: RepairStore, gateway: ExecutionGateway) -> None:
        self._store = store
        self._gateway = gateway

    async def plan(self, command: RepairCommand) -> RepairPlan:
        """Return the failure that would be written."""
        await self._check(command)
        failed = write(
            "workflow_runs",
            command.key.run_id,
            status=str(RunStatus.FAILED),
            completed_at="now",
            error_json={"message": NOT_STARTED, "stage": "launch", "details": {"name": "repair"}},
        )
        return RepairPlan(command.action, command.key, (failed, *record_writes(command)))

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        """Write FAILED."""
        await self._check(command)
        record = record_of(command, {"status": str(RunStatus.FAILED)})
        if not await self._store.fail_launch(command.key, NOT_STARTED, record):
            raise changed_meanwhile()
        return RepairOutcome(
            accepted=True, observed=True, code="repair.launch_failed", message="The run is marked as a failed launch."
        )

    async def _check(self, command: RepairCommand) -> None:
        facts = await self._store.facts(command.key)
        require_unstarted_launch(facts)
        parent = None if facts.parent_run_id is None else await self._gateway.describe(facts.parent_run_id)
        require_lost_launch(facts, await self._gateway.describe(command.key.run_id), parent)


def changed_meanwhile() -> ActionRefused:
    """Return the refusal of a write whose guard no longer held."""
    return ActionRefused(
        "repair.changed", "The run changed while it was being repaired. Nothing was written; look at it again."
    )


def _start_of(facts: RepairFacts) -> ExecutionStart:
    """Return the start as the launcher would have sent it; its key is stored nowhere and dedupes nothing (3.6)."""
    milliseconds = int(facts.started_at.timestamp() * 1000)
    return ExecutionStart(
        run_id=facts.key.run_id,
        tenant=facts.key.tenant,
        workflow_id=facts.workflow_id,
        workflow_version=facts.workflow_version,
        trigger_type=facts.trigger_type,
        execution_key=facts.trigger_fire_key or f"launch-{facts.workflow_id}-{milliseconds}",
    )
