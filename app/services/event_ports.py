"""The ports of events on their way in. Every method raises only errors of :mod:`app.domain.errors`."""

from __future__ import annotations

from typing import Protocol

from app.domain.event_ingress import EventArrival, EventEnd, IncomingEvent, WaitingRun
from app.domain.run import JsonValue
from app.services.ports import ActionRecord


class EventStore(Protocol):
    """The rows of events and of what they concern."""

    async def record(self, event: IncomingEvent, record: ActionRecord) -> EventArrival:
        """Insert the event unless its id is known, with the record, and find whom it concerns: one transaction.

        An event of this id stays as it is. ActionRefused: the id belongs to another event, or the tenant is suspended.
        """

    async def settle(self, event: IncomingEvent, end: EventEnd) -> None:
        """Write what became of the event; a match that the engine has proved meanwhile stays."""

    async def close_stale(self, event: IncomingEvent, wait: WaitingRun, ended_as: str) -> bool:
        """Cancel the wait of an execution that has ended, with a log; False when it is not WAITING any more."""


class TriggerMappings(Protocol):
    """Makes the input of a triggered workflow."""

    async def payload(self, mapping: JsonValue, event: IncomingEvent, schema_ref: str | None) -> dict[str, JsonValue]:
        """Resolve a trigger's payload mapping. InvalidInput, whose message quotes no value, when that fails."""
