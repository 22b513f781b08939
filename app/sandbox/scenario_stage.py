"""What scenarios are made with: the console's own launch, the parts of one, other executions, and rows.

Every act can be repeated: ids derive from the scenario's name, and what is there already stays as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from temporalio.client import WorkflowHandle
from temporalio.common import VersioningOverride, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from app.domain.errors import SandboxUnavailable
from app.domain.launching import LaunchOrder, LaunchState, NewPayload
from app.domain.run import RunKey, RunRow
from app.postgres import tables
from app.postgres.insert_once import insert_row_once
from app.sandbox.reference_run import REFERENCE_TYPE, Behaviour
from app.sandbox.seed_definitions import workflow_id
from app.sandbox.seed_identity import TENANT, demo_id
from app.sandbox.seed_steps import DemoWorkflow, Json, payload_schema
from app.sandbox.seed_tools import SeedTools
from app.temporal import contract

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.1


Arrange: TypeAlias = "Callable[[Stage, Scenario], Awaitable[None]]"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run and how it comes into the state that it shows.

    Attributes:
        name: Its code and form, for example ``S08-arrived-early``; also the name of its workflow.
        story: What has happened, one sentence.
        arrange: Makes it happen.
        steps: The steps of its workflow.
    """

    name: str
    story: str
    arrange: Arrange
    steps: list[Json] = field(default_factory=list)

    @property
    def run_id(self) -> UUID:
        """The run's id."""
        return demo_id("scenario", self.name)

    @property
    def workflow(self) -> DemoWorkflow:
        """Its workflow, which any payload starts."""
        return DemoWorkflow(
            key=f"scenario-{self.name.lower()}",
            name=self.name.replace("-", " "),
            description=self.story,
            payload_schema=payload_schema({}, {}),
            versions=(self.steps,),
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """Both servers, for scenarios."""

    tools: SeedTools

    async def launch(self, scenario: Scenario) -> None:
        """Launch the scenario's run as the console does.

        Raises:
            SandboxUnavailable: Temporal refused it.
        """
        outcome = await self.tools.launch.launch(_order(scenario))
        if outcome.state is not LaunchState.STARTED:
            raise SandboxUnavailable("sandbox.seed_launch", f"A scenario could not be launched: {outcome.message}")

    async def admit(self, scenario: Scenario) -> None:
        """Do the launch's first half only: row and log."""
        await self.tools.writer.admit(_order(scenario))

    async def start(
        self,
        scenario: Scenario,
        *,
        workflow_type: str = contract.WORKFLOW_TYPE,
        queue: str = contract.TASK_QUEUE,
        version: VersioningOverride | None = None,
    ) -> None:
        """Do the launch's second half in another way than the console does."""
        await self._start(
            scenario, contract_argument(scenario), workflow_type, task_queue=queue, versioning_override=version
        )

    async def play(
        self,
        scenario: Scenario,
        behaviour: Behaviour,
        *,
        lasting: timedelta = contract.EXECUTION_TIMEOUT,
        child: Json | None = None,
    ) -> None:
        """Launch the scenario's run for the stand-in of the product's worker, which has begun its first step."""
        await self.admit(scenario)
        await self.step(scenario)
        await self.behave(scenario, behaviour, lasting=lasting, child=child)

    async def behave(
        self,
        scenario: Scenario,
        behaviour: Behaviour,
        *,
        lasting: timedelta = contract.EXECUTION_TIMEOUT,
        child: Json | None = None,
    ) -> None:
        """Start the execution of an admitted run by the stand-in, and note its ids as the launcher does."""
        argument = reference_argument(scenario, behaviour) | {"child": child}
        await self._start(scenario, argument, REFERENCE_TYPE, execution_timeout=lasting)
        await self.set_run(scenario, temporal_workflow_id=contract.workflow_id_of(scenario.run_id))

    async def _start(self, scenario: Scenario, argument: Json, workflow_type: str, **options: Any) -> None:
        given = {"task_queue": contract.TASK_QUEUE, "execution_timeout": contract.EXECUTION_TIMEOUT, **options}
        workflow = contract.workflow_id_of(scenario.run_id)
        with suppress(WorkflowAlreadyStartedError):  # by an earlier seeding that was interrupted
            await self.tools.client.start_workflow(
                workflow_type,
                argument,
                id=workflow,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                **given,
            )

    async def step(self, scenario: Scenario, index: int = 0, **columns: Any) -> None:
        """Write a step row, STARTED unless the columns say otherwise."""
        path = f"root.steps[{index}]"
        given = {"step_path": path, "definition_step_id": f"step-{index}", "status": "STARTED", **columns}
        await self.below(scenario, "workflow_run_steps", "step_id", path, given)

    async def wait(self, scenario: Scenario, **columns: Any) -> None:
        """Write a wait row at the first step, WAITING unless the columns say otherwise."""
        given = {"step_path": "root.steps[0]", "status": "WAITING", **columns}
        await self.below(scenario, "workflow_run_waits", "wait_id", given["wait_type"], given)

    async def event(self, scenario: Scenario, name: str, key: str, payload: Json | None = None) -> UUID:
        """Record an event, as the product does before it looks for runs that wait for it."""
        event_id = demo_id("event", scenario.name)
        await self.insert(
            "workflow_runtime_events",
            {"event_id": event_id, "event_name": name, "correlation_key": key, "payload": payload or {}},
        )
        return event_id

    async def below(self, scenario: Scenario, table: str, id_column: str, name: str, columns: dict[str, Any]) -> None:
        """Write a row that belongs to the run, once; its id derives from the name."""
        identity = {id_column: demo_id(table, f"{scenario.name}:{name}"), "run_id": scenario.run_id}
        await self.insert(table, identity | columns)

    async def insert(self, table: str, columns: dict[str, Any]) -> None:
        """Write a row of the demo's tenant, once."""
        async with self.tools.database.writing(TENANT) as connection:
            await connection.execute(insert_row_once(table, {"tenant": TENANT, **columns}))

    async def set_run(self, scenario: Scenario, **columns: Any) -> None:
        """Change columns of the run's row."""
        await self.change("workflow_runs", "run_id", scenario.run_id, **columns)

    async def change(self, table: str, key: str, value: UUID, **columns: Any) -> None:
        """Change columns of the tenant's rows whose key has this value."""
        changed = tables.metadata.tables[table]
        where = (changed.c.tenant == TENANT) & (changed.c[key] == value)
        async with self.tools.database.writing(TENANT) as connection:
            await connection.execute(changed.update().where(where).values(**columns))

    def handle(self, scenario: Scenario) -> WorkflowHandle[Any, Any]:
        """Return the execution's handle."""
        return self.tools.client.get_workflow_handle(contract.workflow_id_of(scenario.run_id))

    async def row(self, scenario: Scenario) -> RunRow:
        """Return the run's row."""
        (row,) = await self.tools.reader.rows(TENANT, (scenario.run_id,))
        return row

    async def until_waiting(self, scenario: Scenario) -> None:
        """Return when the run has opened its wait."""

        async def waits() -> bool:
            return (await self.row(scenario)).open_wait is not None

        await self.until(scenario, waits)

    async def until_failed_once(self, scenario: Scenario) -> None:
        """Return when an action of the run has failed."""

        async def failed() -> bool:
            inspection = await self.tools.reader.inspect(RunKey(TENANT, scenario.run_id), documents=False)
            return any(invocation.status == "FAILED" for invocation in inspection.invocations)

        await self.until(scenario, failed)

    async def has_execution(self, scenario: Scenario) -> bool:
        """Say whether Temporal knows an execution of the run."""
        try:
            await self.handle(scenario).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def until_closed(self, scenario: Scenario) -> None:
        """Return when the execution has ended."""
        await self.until(scenario, lambda: self.is_closed(scenario))

    async def is_closed(self, scenario: Scenario) -> bool:
        """Say whether the execution has ended."""
        return (await self.handle(scenario).describe()).close_time is not None

    async def until(self, scenario: Scenario, probe: Callable[[], Awaitable[bool]]) -> None:
        """Return when the probe says yes.

        Raises:
            SandboxUnavailable: It took too long.
        """
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while not await probe():  # noqa: ASYNC110 - rows and executions announce nothing
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError as error:
            raise SandboxUnavailable(
                "sandbox.seed_slow",
                f"Scenario {scenario.name} did not come about within {_PATIENCE_SECONDS:.0f} seconds. Look into "
                "logs/worker.log in the sandbox's directory, then start it again; it goes on from here.",
            ) from error


def contract_argument(scenario: Scenario) -> Json:
    """Return the contract's start object of the scenario's run."""
    workflow = workflow_id(scenario.workflow.key)
    return contract.RunInput(scenario.run_id, TENANT, workflow, 1, None, scenario.name).as_argument()


def reference_argument(scenario: Scenario, behaviour: Behaviour) -> Json:
    """Return what the stand-in is started with."""
    return contract_argument(scenario) | {"behaviour": str(behaviour)}


def _order(scenario: Scenario) -> LaunchOrder:
    return LaunchOrder(TENANT, workflow_id(scenario.workflow.key), scenario.run_id, NewPayload("{}"))
