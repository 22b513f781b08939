"""What a trigger's payload mapping makes of an event, by the expression language of definitions (runtime.md 6.2)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.errors import InvalidInput
from app.domain.event_ingress import IncomingEvent
from app.domain.run import JsonValue
from app.engine.action_steps import resolve
from app.engine.definition import Expression
from app.engine.definition_fields import DefinitionError, read_mapping_object
from app.engine.expressions import ExpressionFailure, evaluate
from app.postgres.projection_json import from_stored, to_stored


class EngineTriggerMappings:
    """Implements :class:`app.services.event_ports.TriggerMappings`.

    ``$secret`` stays a reference in the input and is resolved where an action needs it, so that no value is stored.
    """

    async def payload(self, mapping: JsonValue, event: IncomingEvent, schema_ref: str | None) -> dict[str, JsonValue]:
        """Resolve the mapping; dotted names become nested objects. InvalidInput when it cannot be resolved."""
        return await asyncio.to_thread(_mapped, mapping, event, schema_ref)


@dataclass(frozen=True, slots=True)
class _EventContext:
    """All that a trigger's mapping sees: the event, at one moment."""

    context: dict[str, Any]
    now: datetime

    def evaluate(self, expression: Expression) -> Any:
        """Return an expression's value."""
        return evaluate(expression.source, self.context, lambda: self.now)


def _mapped(mapping: JsonValue, event: IncomingEvent, schema_ref: str | None) -> dict[str, JsonValue]:
    seen = {
        "name": event.name,
        "correlationKey": event.primary_key,
        "payload": from_stored(event.payload),
        "payloadSchemaRef": schema_ref,
    }
    scope = _EventContext({"event": seen}, datetime.now(UTC))
    result: dict[str, JsonValue] = {}
    for name, member in _members(mapping):
        try:
            value = resolve(scope, member)
        except ExpressionFailure:
            # Its own words may quote what the event holds.
            raise _unmapped(name) from None
        _put(result, name, to_stored(value))
    return result


def _members(mapping: JsonValue) -> Any:
    try:
        return read_mapping_object(from_stored(mapping), "trigger.payloadMapping").members
    except DefinitionError as error:
        raise InvalidInput(
            "event.mapping", f"its trigger's mapping cannot be read: {error}.", path=error.path
        ) from error


def _unmapped(name: str) -> InvalidInput:
    path = f"trigger.payloadMapping.{name}"
    return InvalidInput("event.mapping", f"{path} has no value for this event, so nothing was started.", path=path)


def _put(result: dict[str, JsonValue], dotted: str, value: JsonValue) -> None:
    *parents, last = dotted.split(".")
    inner = result
    for parent in parents:
        entered = inner.get(parent)
        if not isinstance(entered, dict):
            entered = inner[parent] = {}
        inner = entered
    inner[last] = value
