"""Launches the demo's runs through the console's own services, and one that stops half way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.domain import json_text
from app.domain.errors import SandboxUnavailable
from app.domain.launching import LaunchOrder, LaunchState, NewPayload
from app.domain.operator import Operator
from app.domain.run import JsonValue
from app.postgres import tables
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.sandbox.seed_definitions import DEMO_WORKFLOWS, workflow_id
from app.sandbox.seed_identity import TENANT, demo_id
from app.sandbox.seed_plans import RunPlan
from app.sandbox.seed_tools import SeedTools
from app.services.start_run import StartCommand, StartRun

STUCK_RUN = demo_id("run", "stuck")
STUCK_MINUTES = 12
_LAUNCHES_AT_ONCE = 6


async def launch_all(tools: SeedTools, operator: Operator, plans: tuple[RunPlan, ...]) -> None:
    """Launch every plan, a few at a time; those that an interrupted seeding launched before stay as they are.

    Raises:
        SandboxUnavailable: Temporal refused a run.
    """
    room = asyncio.Semaphore(_LAUNCHES_AT_ONCE)

    async def launch(plan: RunPlan) -> None:
        async with room:
            await _launch(tools, operator, plan)

    await asyncio.gather(*(launch(plan) for plan in plans))


async def _launch(tools: SeedTools, operator: Operator, plan: RunPlan) -> None:
    payload = json_text.dump(plan.payload)
    if plan.event is not None:
        outcome = await tools.launch.launch(_order_of_event(plan, plan.event, payload))
    elif plan.scheduled:
        outcome = await tools.launch.launch(_order_of_schedule(plan, payload))
    else:
        workflow = workflow_id(plan.workflow)
        command = StartCommand(TENANT, workflow, payload, operator, plan.run_id, workflow_version=plan.version)
        outcome = await StartRun(tools.launch, tools.writer, PostgresPayloadSchemas(tools.database)).start(command)
    if outcome.state is not LaunchState.STARTED:
        raise SandboxUnavailable("sandbox.seed_launch", f"A demo run could not be launched: {outcome.message}")


def _order_of_event(plan: RunPlan, event: str, payload: str) -> LaunchOrder:
    """Return the order of a run that an event starts, with the metadata of runtime.md 3.8."""
    schema = f"payload.{event.title().replace('_', '')}.v1"
    (trigger,) = (demo.trigger or {} for demo in DEMO_WORKFLOWS if demo.key == plan.workflow)
    maps = "payloadMapping" in trigger
    return LaunchOrder(
        tenant=TENANT,
        workflow_id=workflow_id(plan.workflow),
        request_id=plan.run_id,
        payload=NewPayload(payload),
        trigger_type="event",
        event_type=event,
        source_payload_schema_ref=schema,
        trigger_mapping_applied=maps,
        trigger_metadata={"eventType": event, "sourcePayloadSchemaRef": schema, "triggerMappingApplied": maps},
    )


def _order_of_schedule(plan: RunPlan, payload: str) -> LaunchOrder:
    """Return the order of a run that a recurring schedule starts, with the metadata of runtime.md 3.8."""
    workflow, schedule = workflow_id(plan.workflow), demo_id("schedule", plan.workflow)
    fired = datetime.now(UTC).replace(second=0, microsecond=0).isoformat()
    fire_key = f"workflow-schedule-fire:{schedule}:{demo_id('fire', plan.name)}"
    return LaunchOrder(
        tenant=TENANT,
        workflow_id=workflow,
        request_id=plan.run_id,
        payload=NewPayload(payload),
        trigger_type="recurring",
        trigger_fire_key=fire_key,
        execution_key=fire_key,
        trigger_metadata={
            "triggerType": "recurring",
            "scheduleId": str(schedule),
            "scheduleName": f"{plan.workflow} every hour",
            "scheduledFor": fired,
            "firedAt": fired,
            "timezone": "UTC",
            "cron": "0 * * * *",
            "workflowId": str(workflow),
            "fireKey": fire_key,
        },
    )


async def insert_stuck_run(tools: SeedTools) -> None:
    """Admit a run, start nothing, and let its row and log look as if that happened some minutes ago.

    This is what a producer leaves behind that ends between its two steps (runtime.md 3.5).
    """
    payload: dict[str, JsonValue] = {
        "ticketId": "T-20398",
        "subject": "Nobody can log in after the update",
        "priority": "P1",
    }
    order = LaunchOrder(TENANT, workflow_id("ticket-triage"), STUCK_RUN, NewPayload(json_text.dump(payload)))
    await tools.writer.admit(order)
    await age_unstarted(tools, STUCK_RUN)


async def age_unstarted(tools: SeedTools, run_id: UUID) -> None:
    """Back-date a run that no execution stands behind."""
    then = datetime.now(UTC) - timedelta(minutes=STUCK_MINUTES)
    runs, logs = tables.workflow_runs, tables.workflow_run_logs
    async with tools.database.writing(TENANT) as connection:
        await connection.execute(
            runs.update()
            .where(runs.c.tenant == TENANT, runs.c.run_id == run_id)
            .values(started_at=then, updated_at=then)
        )
        await connection.execute(
            logs.update().where(logs.c.tenant == TENANT, logs.c.run_id == run_id).values(created_at=then)
        )
