"""Submit an event: record it, wake whoever waits for it, start what it triggers (runtime.md 4.8).

The event's id is the publisher's, and everything else derives from it: the ids of its audit rows, the request id of
each signal, id and fire key of each run. So an event that is sent again changes nothing once it was dealt with, and
goes on where it stopped when it was not: ``processed_at`` says which. Nobody's failure is another's: every candidate is
signalled and every trigger tried, and what went wrong is one text each in ``error_message`` (F24, F25).

An event that names a key concerns the waits with that key; one that does not, those with any key that its payload
holds. A wait without a key takes either (F27). The product's own ingress from its Redis stream is out of scope here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

from app.domain import json_text
from app.domain.errors import EnvironmentFailure, InvalidInput, RuleViolation
from app.domain.event_ingress import (
    MAINTENANCE_EVENT,
    Arrival,
    CorrelationPaths,
    EventArrival,
    IncomingEvent,
    TriggeredWorkflow,
    WaitingRun,
    decide_trigger,
)
from app.domain.execution import ExecutionStatus
from app.domain.launching import AuditNote, LaunchOrder, LaunchState, NewPayload
from app.domain.operator import Operator, Right
from app.domain.payload_schema import refuses_launch, schema_refusal
from app.domain.run import RunStatus, WaitType
from app.domain.run_message import EventMessage, RunMessage, TaskResponse
from app.services.acting import ACTION_SOURCE, require_right
from app.services.event_ports import EventStore, TriggerMappings
from app.services.launch_run import LaunchRun
from app.services.ports import ActionRecord, ExecutionGateway
from app.services.preview_ports import PayloadSchemas
from app.services.repair_ports import RunMessages
from app.services.start_run import checked_payload
from app.services.submit_outcome import (
    Candidate,
    Reached,
    SubmitOutcome,
    TriggeredRun,
    end_of,
    outcome_of,
    outcome_of_duplicate,
    shown,
)

EVENT_TRIGGER = "event"
SUBMIT_OPERATION = "workflow_event_simulate"
"""The product's word in the audit for an event that a person sends (database.md 7)."""
_SIGNALS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class SubmitCommand:
    """What the operator sends. ``payload_text`` is JSON text of an object, None or blank an empty one.

    ``event_id`` is the publisher's: sending it twice changes nothing. ``correlation_key`` None means every key that the
    payload holds.
    """

    tenant: UUID
    event_name: str
    event_id: UUID
    operator: Operator
    payload_text: str | None = field(default=None, repr=False)
    correlation_key: str | None = None
    schema_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """How an event takes effect: signals and what judges them, launches and what makes and checks their input."""

    messages: RunMessages
    gateway: ExecutionGateway
    launch: LaunchRun
    mappings: TriggerMappings
    schemas: PayloadSchemas


class SubmitEvent:
    """Submits events.

    Args:
        store: The rows.
        effects: Signals and launches.
        paths: Where keys are looked for.
    """

    def __init__(self, store: EventStore, effects: Effects, paths: CorrelationPaths | None = None) -> None:
        self._store = store
        self._effects = effects
        self._paths = paths or CorrelationPaths()

    async def submit(self, command: SubmitCommand) -> SubmitOutcome:
        """Record the event and let it take effect.

        Raises:
            NotPermitted: The operator lacks ``manage``.
            InvalidInput: No event name, the product's own errand, or no payload that a run could take.
            ActionRefused: The id belongs to another event, or the tenant is suspended. Nothing was recorded.
            EnvironmentFailure: Postgres is down. Sending the event again under its id is safe.
        """
        require_right(command.operator, command.tenant, Right.MANAGE, "submit events")
        event = self._event_of(command)
        arrived = await self._store.record(event, _record_of(command, event))
        if arrived.arrival is Arrival.DUPLICATE:
            return shown(outcome_of_duplicate(event, arrived), event, arrived.policy)
        candidates = await self._signal_all(event, arrived)
        triggered = [await self._trigger(command, event, arrived, workflow) for workflow in arrived.triggered]
        outcome = outcome_of(event, arrived, candidates, tuple(triggered))
        await self._store.settle(event, end_of(outcome))
        return shown(outcome, event, arrived.policy)

    def _event_of(self, command: SubmitCommand) -> IncomingEvent:
        name = command.event_name.strip()
        if not name:
            raise InvalidInput("event.no_name", "The event has no name. Nothing was recorded.")
        if name == MAINTENANCE_EVENT:
            raise InvalidInput(
                "event.maintenance",
                f"{MAINTENANCE_EVENT} is the product's own errand and concerns no workflow. Nothing was recorded.",
                event_name=name,
            )
        payload = json_text.parse(checked_payload(command.payload_text))
        if not isinstance(payload, dict):
            raise TypeError("a checked payload is an object")
        given = (command.correlation_key or "").strip()
        keys = (given,) if given else self._paths.keys(name, payload)
        return IncomingEvent(command.event_id, command.tenant, name, keys, payload, command.schema_ref)

    async def _signal_all(self, event: IncomingEvent, arrived: EventArrival) -> tuple[Candidate, ...]:
        """Signal every candidate, events before answers as the product does; a failing one keeps nobody waiting."""
        room = asyncio.Semaphore(_SIGNALS_AT_ONCE)

        async def signal(wait: WaitingRun) -> Candidate:
            async with room:
                return await self._signal(event, arrived, wait)

        events = [wait for wait in arrived.waiting if wait.wait_type == WaitType.EVENT]
        answers = [wait for wait in arrived.waiting if wait.wait_type != WaitType.EVENT]
        told: list[Candidate] = []
        for waiting in (events, answers):
            told += await asyncio.gather(*(signal(wait) for wait in waiting))
        return tuple(told)

    async def _signal(self, event: IncomingEvent, arrived: EventArrival, wait: WaitingRun) -> Candidate:
        message = _message_of(event, arrived, wait)
        request = uuid5(event.event_id, f"signal:{wait.run_id}")
        try:
            if await self._effects.messages.send(wait.run_id, message, request):
                refusing = wait.refusing_filter(event.payload)
                return Candidate(wait, Reached.SIGNALLED if refusing is None else Reached.REFUSES)
            return await self._closed(event, wait)
        except EnvironmentFailure as error:
            told = f"Run {wait.run_id} may not have got the event. {error.message}"
            return Candidate(wait, Reached.UNREACHED, told)

    async def _closed(self, event: IncomingEvent, wait: WaitingRun) -> Candidate:
        """Close the wait where Temporal proves that nothing waits any more; an unknown id may be another server's."""
        facts = await self._effects.gateway.describe(wait.run_id)
        if facts is None:
            told = f"Run {wait.run_id} waits by its rows only: Temporal knows no execution of it. Diagnose it."
            return Candidate(wait, Reached.UNKNOWN, told)
        if facts.status in (ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW):
            return Candidate(
                wait, Reached.UNREACHED, f"Run {wait.run_id} did not take the signal; send the event again."
            )
        await self._store.close_stale(event, wait, str(facts.status))
        told = f"Run {wait.run_id} waits no more: its execution has ended as {facts.status}. Its wait was closed."
        return Candidate(wait, Reached.STALE, told)

    async def _trigger(
        self, command: SubmitCommand, event: IncomingEvent, arrived: EventArrival, workflow: TriggeredWorkflow
    ) -> TriggeredRun:
        decision = decide_trigger(workflow, arrived.schema_ref)
        if decision.skipped is not None:
            return TriggeredRun(workflow, None, None, decision.skipped)
        try:
            order = await self._order_of(event, arrived, workflow, maps=decision.maps)
            outcome = await self._effects.launch.launch(order, _launch_record(command, event, workflow, order))
        except RuleViolation as refusal:
            return TriggeredRun(workflow, None, None, f"{workflow.name}: {refusal.message}")
        except EnvironmentFailure as error:
            return TriggeredRun(workflow, None, LaunchState.UNCONFIRMED, f"{workflow.name}: {error.message}")
        known = TriggeredRun(workflow, outcome.run.run_id, outcome.state)
        return known if known.is_started else replace(known, told=f"{workflow.name}: {outcome.message}")

    async def _order_of(
        self, event: IncomingEvent, arrived: EventArrival, workflow: TriggeredWorkflow, *, maps: bool
    ) -> LaunchOrder:
        """Return the order of the triggered run. InvalidInput when its input cannot be made or breaks the schema."""
        payload = event.payload
        if maps:
            payload = await self._effects.mappings.payload(workflow.mapping, event, arrived.schema_ref)
        text = json_text.dump(payload)
        check = await self._effects.schemas.check_given(event.tenant, workflow.workflow_id, workflow.version, text)
        if refuses_launch(check, accepted_before=False):
            raise schema_refusal(check)
        source_ref = arrived.schema_ref or workflow.source_schema_ref
        fire_key = f"workflow-event-fire:{event.event_id}:{workflow.workflow_id}"
        return LaunchOrder(
            tenant=event.tenant,
            workflow_id=workflow.workflow_id,
            request_id=uuid5(event.event_id, f"launch:{workflow.workflow_id}"),
            payload=NewPayload(text),
            workflow_version=workflow.version,
            trigger_type=EVENT_TRIGGER,
            trigger_metadata={
                "eventType": event.name,
                "sourcePayloadSchemaRef": source_ref,
                "triggerMappingApplied": maps,
            },
            trigger_fire_key=fire_key,
            event_type=event.name,
            source_payload_schema_ref=source_ref,
            trigger_mapping_applied=maps,
            execution_key=fire_key,
        )


def _message_of(event: IncomingEvent, arrived: EventArrival, wait: WaitingRun) -> RunMessage:
    if wait.wait_type == WaitType.HUMAN:
        return TaskResponse(str(wait.key), event.payload, override=False)
    key = event.primary_key if wait.key is None else wait.key
    return EventMessage(event.event_id, event.name, key, event.payload, arrived.received_at)


def _record_of(command: SubmitCommand, event: IncomingEvent) -> ActionRecord:
    audit = AuditNote(
        operation=SUBMIT_OPERATION,
        record_id=event.event_id,
        changed={"eventName": event.name},
        details={"eventName": event.name, "correlationKeys": len(event.keys), "source": ACTION_SOURCE},
        table_name="workflow_runtime_events",
    )
    return ActionRecord(event.event_id, command.operator, audit=audit)


def _launch_record(
    command: SubmitCommand, event: IncomingEvent, workflow: TriggeredWorkflow, order: LaunchOrder
) -> ActionRecord:
    audit = AuditNote(
        operation="workflow_run_start",
        record_id=order.request_id,
        changed={"status": str(RunStatus.RUNNING)},
        details={
            "workflowId": str(workflow.workflow_id),
            "workflowVersion": workflow.version,
            "eventType": event.name,
            "eventId": str(event.event_id),
            "source": ACTION_SOURCE,
        },
    )
    return ActionRecord(order.request_id, command.operator, audit=audit)
