"""Deliver a missed event to one run: the event row so that the audit trail matches, then the signal (runtime.md 11.7).

The row is written first, as the product does; the signal carries a request id of its own, so that one sent again after
a lost answer counts once. The wait's own key is the correlation key.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid5

from app.domain import json_text
from app.domain.errors import InvalidInput, TemporalUnavailable
from app.domain.repair import OpenWaitFacts, PlannedWrite, RepairPlan
from app.domain.repair_rules import event_wait, require_match
from app.domain.run import JsonValue, WaitStatus
from app.domain.run_message import CurrentWait, EventMessage, WaitKind
from app.services.acting import tenant_of
from app.services.patience import Patience
from app.services.ports import DatabaseProbe, ExecutionGateway
from app.services.repair_acts import RepairCommand, RepairOutcome, record_of, record_writes
from app.services.repair_launch import changed_meanwhile
from app.services.repair_ports import RepairStore, RunMessages


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What to deliver to which wait; ``is_new`` says that the event has no row yet."""

    wait: OpenWaitFacts
    event: EventMessage
    is_new: bool
    current: CurrentWait | None


class DeliverEvent:
    """Delivers an event to the run that waits for it.

    Args:
        store: The rows.
        messages: The execution.
        gateway: Says whether somebody can take the event.
        probe: The database's clock.
        patience: How long to look for the wait's end.
    """

    def __init__(
        self,
        store: RepairStore,
        messages: RunMessages,
        gateway: ExecutionGateway,
        probe: DatabaseProbe,
        patience: Patience | None = None,
    ) -> None:
        self._store = store
        self._messages = messages
        self._gateway = gateway
        self._probe = probe
        self._patience = patience or Patience(10)

    async def plan(self, command: RepairCommand) -> RepairPlan:
        """Return the event row, unless there is one, and the signal."""
        delivery = await self._look(command)
        event = delivery.event
        shown: JsonValue = event.payload if delivery.is_new else "as recorded"
        named: dict[str, JsonValue] = {"event_name": event.event_name, "correlation_key": event.correlation_key}
        row = PlannedWrite("workflow_runtime_events", str(event.event_id), {**named, "payload": shown})
        signal = PlannedWrite("temporal", "signal event", {"eventId": str(event.event_id), **named, "payload": shown})
        writes = (row, signal) if delivery.is_new else (signal,)
        return RepairPlan(command.action, command.key, (*writes, *record_writes(command)), _cautions(delivery))

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        """Record the event, then signal the run; sending the command again signals once."""
        delivery = await self._look(command)
        event = delivery.event
        record = record_of(
            command,
            {"eventId": event.event_id},
            eventName=event.event_name,
            correlationKey=event.correlation_key,
            waitId=delivery.wait.wait_id,
            recordedBefore=not delivery.is_new,
        )
        await self._store.record_event(command.key, event if delivery.is_new else None, record)
        try:
            delivered = await self._messages.send(command.key.run_id, event, uuid5(command.request_id, "signal"))
        except TemporalUnavailable as error:
            message = f"The event is recorded, but the signal may not have arrived. {error.message}"
            raise TemporalUnavailable(error.code, message, **error.params, aftermath="event_unsent") from error
        if not delivered:
            raise changed_meanwhile()
        status = await self._patience.until_known(lambda: self._end_of(command, delivery))
        return _outcome(status)

    async def _look(self, command: RepairCommand) -> _Delivery:
        facts = await self._store.facts(command.key)
        execution = await self._gateway.describe(command.key.run_id)
        wait = event_wait(facts, execution, command.arguments.wait_id)
        current = await self._messages.current_wait(command.key.run_id)
        if current is not None and (current.kind, current.step_path) != (WaitKind.EVENT, wait.step_path):
            raise InvalidInput(
                "repair.stale_wait",
                f"The execution does not wait at {wait.step_path} any more: the wait row is stale. Nothing was sent.",
                step_path=wait.step_path,
            )
        received_at = await self._probe.clock()
        if command.arguments.event_id is not None:
            recorded = await self._store.recorded_event(tenant_of(command.key), command.arguments.event_id)
            require_match(wait, recorded)
            payload = recorded.payload.value
            event = EventMessage(recorded.event_id, recorded.event_name, wait.key, payload, received_at)
            return _Delivery(wait, event, is_new=False, current=current)
        event_id = uuid5(command.request_id, "event")
        payload = _payload(command.arguments.payload)
        event = EventMessage(event_id, str(wait.event_name), wait.key, payload, received_at)
        return _Delivery(wait, event, is_new=True, current=current)

    async def _end_of(self, command: RepairCommand, delivery: _Delivery) -> str | None:
        status = await self._store.wait_status(command.key, delivery.wait.wait_id)
        return None if status == WaitStatus.WAITING else status


def _payload(text: str | None) -> JsonValue:
    """Return the payload, an empty object when none is given; InvalidInput unless it is a JSON object."""
    if text is None:
        return {}
    try:
        payload = json_text.parse(text)
    except json_text.JsonTextError as error:
        raise InvalidInput(
            "repair.payload_text",
            f"The payload is not JSON: {error.message} Nothing was sent.",
            line=error.line,
            column=error.column,
        ) from error
    if not isinstance(payload, dict):
        raise InvalidInput("repair.payload_object", "The payload must be a JSON object. Nothing was sent.")
    return payload


def _cautions(delivery: _Delivery) -> tuple[str, ...]:
    cautions = []
    if delivery.current is None:
        cautions.append("No worker answers, so it is not verified that the execution still waits there.")
    if delivery.wait.key is None:
        cautions.append("The wait has no key: no event of the product's can ever match it, only this signal.")
    return tuple(cautions)


def _outcome(status: str | None) -> RepairOutcome:
    if status == WaitStatus.RESOLVED:
        return RepairOutcome(
            accepted=True, observed=True, code="repair.delivered", message="The run took the event and goes on."
        )
    return RepairOutcome(
        accepted=True,
        observed=False,
        code="repair.event_untaken",
        message="Temporal holds the event, but the wait is still open: no worker took it, or its filters reject it.",
    )
