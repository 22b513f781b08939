"""Wires what takes events in."""

from __future__ import annotations

import os

from app.domain.event_ingress import CorrelationPaths, IncomingEvent
from app.domain.run import JsonValue
from app.postgres.database import Database
from app.postgres.event_store import PostgresEventStore
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.services.launch_run import LaunchRun
from app.services.submit_event import Effects, SubmitEvent
from app.temporal.gateway import TemporalGateway
from app.temporal.run_messages import TemporalRunMessages

CORRELATION_PATHS = "WORKFLOW_RUNTIME_V2_EVENT_CORRELATION_PATHS_JSON"
"""The product's own variable, so that both look for keys in the same places."""


class _MappingsOnDemand:
    """Brings the expression language in when a trigger has a mapping: few commands need it, and it is slow to load."""

    async def payload(self, mapping: JsonValue, event: IncomingEvent, schema_ref: str | None) -> dict[str, JsonValue]:
        """Resolve a trigger's payload mapping; see the port."""
        from app.engine.trigger_mapping import EngineTriggerMappings

        return await EngineTriggerMappings().payload(mapping, event, schema_ref)


def wire_events(database: Database, gateway: TemporalGateway, launch: LaunchRun) -> SubmitEvent:
    """Return what takes events in on these two servers."""
    effects = Effects(
        messages=TemporalRunMessages(gateway),
        gateway=gateway,
        launch=launch,
        mappings=_MappingsOnDemand(),
        schemas=PostgresPayloadSchemas(database),
    )
    paths = CorrelationPaths.from_text(os.environ.get(CORRELATION_PATHS))
    return SubmitEvent(PostgresEventStore(database), effects, paths)
