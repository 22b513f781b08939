"""Scenarios in which row and execution tell different stories: S12 to S16 and S18."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from app.domain.run import RunKey
from app.sandbox.reference_run import Behaviour
from app.sandbox.scenario_stage import Scenario, Stage
from app.sandbox.seed_definitions import workflow_id
from app.sandbox.seed_identity import TENANT
from app.sandbox.seed_launches import age_unstarted
from app.sandbox.seed_steps import HOUR_MS, Json, pause
from app.temporal.contract import workflow_id_of

_NAP = [pause("nap", "Wait an hour", HOUR_MS)]
_SHORT = timedelta(seconds=3)
_LEGACY_AGE = timedelta(days=47)


async def _half_a_launch(stage: Stage, scenario: Scenario) -> None:
    await stage.admit(scenario)
    await age_unstarted(stage.tools, scenario.run_id)


async def _deleted(stage: Stage, scenario: Scenario) -> None:
    """Delete the execution, as an operator of Temporal can."""
    await stage.play(scenario, Behaviour.LAST)
    client = stage.tools.client
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id_of(scenario.run_id)),
        )
    )

    async def gone() -> bool:
        return not await stage.has_execution(scenario)

    await stage.until(scenario, gone)


async def _terminated(stage: Stage, scenario: Scenario) -> None:
    await stage.launch(scenario)
    await stage.until_waiting(scenario)
    if not await stage.is_closed(scenario):
        await stage.handle(scenario).terminate(reason="Cleaning up the queue")


async def _canceled_outside(stage: Stage, scenario: Scenario) -> None:
    """Cancel in Temporal what the reference executes; it does not clean up (F13), and its wait stays (F24)."""
    await stage.play(scenario, Behaviour.LAST)
    await stage.wait(scenario, wait_type="event", event_name="TICKET_REPLIED", key=scenario.name)
    await stage.handle(scenario).cancel()
    await stage.until_closed(scenario)


async def _timed_out(stage: Stage, scenario: Scenario) -> None:
    """Give the execution seconds where the product gives thirty days."""
    await stage.play(scenario, Behaviour.LAST, lasting=_SHORT)
    await stage.until_closed(scenario)


async def _changed_definition(stage: Stage, scenario: Scenario) -> None:
    """Edit the version row in place between the launch and the load."""
    await stage.admit(scenario)
    edited: Json = {"id": str(workflow_id(scenario.workflow.key)), "version": 1, "name": "Edited in place", "steps": []}
    workflow = workflow_id(scenario.workflow.key)
    await stage.change("workflow_definition_versions", "workflow_id", workflow, definition_json=edited)
    await stage.behave(scenario, Behaviour.LOAD)
    await stage.until_closed(scenario)


async def _completed(stage: Stage, scenario: Scenario) -> None:
    await stage.play(scenario, Behaviour.COMPLETE)
    await stage.until_closed(scenario)


async def _failed(stage: Stage, scenario: Scenario) -> None:
    await stage.play(scenario, Behaviour.FAIL)
    await stage.until_closed(scenario)


async def _launched_after_all(stage: Stage, scenario: Scenario) -> None:
    """Give the launch up as the product does after a lost answer, though the server had accepted it (F30)."""
    await stage.admit(scenario)
    await stage.tools.writer.fail_launch(RunKey(TENANT, scenario.run_id), "deadline exceeded", {})
    await stage.behave(scenario, Behaviour.LAST)
    await stage.step(scenario)


async def _canceled_row_only(stage: Stage, scenario: Scenario) -> None:
    await stage.play(scenario, Behaviour.LAST)
    await stage.set_run(scenario, status="CANCELED", completed_at=datetime.now(UTC))


async def _failing(stage: Stage, scenario: Scenario) -> None:
    """Write FAILED before the handler is looked for, as the reference does (F39)."""
    await stage.play(scenario, Behaviour.LAST)
    error = {"message": "The remote side refused the request", "nodePath": "root.steps[0]"}
    await stage.set_run(scenario, status="FAILED", error_json=error)


async def _of_the_removed_engine(stage: Stage, scenario: Scenario) -> None:
    await stage.admit(scenario)
    then = datetime.now(UTC) - _LEGACY_AGE
    await stage.set_run(scenario, engine="db", started_at=then, updated_at=then)


async def _waiting_without_engine(stage: Stage, scenario: Scenario) -> None:
    await stage.admit(scenario)
    then = datetime.now(UTC) - _LEGACY_AGE
    await stage.wait(scenario, wait_type="event", event_name="TICKET_REPLIED", key="T-10007", created_at=then)
    await stage.set_run(scenario, engine=None, status="WAITING", started_at=then, updated_at=then)


SCENARIOS_OF_DRIFT = (
    Scenario("S12-never-started", "Its launcher died between row and execution.", _half_a_launch, _NAP),
    Scenario("S13-lost", "Its execution was deleted in Temporal.", _deleted),
    Scenario("S14-terminated", "Terminated in Temporal.", _terminated, _NAP),
    Scenario("S14-canceled-outside", "Canceled in Temporal.", _canceled_outside),
    Scenario("S14-timed-out", "Its execution reached its time limit.", _timed_out),
    Scenario("S14-definition-hash", "Its definition was edited after the launch.", _changed_definition, _NAP),
    Scenario("S14-completed", "Its execution completed and the row was not told.", _completed),
    Scenario("S14-failed", "Its execution failed and the row was not told.", _failed),
    Scenario("S15-launched-after-all", "Recorded as failed at launch, and it runs.", _launched_after_all),
    Scenario("S15-still-open", "Its row says canceled, and it runs.", _canceled_row_only),
    Scenario("S16-routing", "A step failed; the failure is being handled.", _failing),
    Scenario("S18-running", "Left behind by the removed engine.", _of_the_removed_engine),
    Scenario("S18-waiting", "Left behind by the removed engine, with a wait.", _waiting_without_engine),
)
