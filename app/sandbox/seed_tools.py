"""The services that seeding uses, wired as the console wires them."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.client import Client

from app.engine.trigger_mapping import EngineTriggerMappings
from app.postgres.database import Database
from app.postgres.event_store import PostgresEventStore
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.services.launch_run import LaunchRun
from app.services.submit_event import Effects, SubmitEvent
from app.temporal.gateway import TemporalGateway
from app.temporal.run_messages import TemporalRunMessages


@dataclass(frozen=True, slots=True)
class SeedTools:
    """Both servers and the services over them. ``client`` sends the signals that the console has no service for."""

    database: Database
    client: Client
    gateway: TemporalGateway
    reader: PostgresRunReader
    writer: PostgresRunWriter
    launch: LaunchRun

    @classmethod
    def of(cls, database: Database, client: Client, gateway: TemporalGateway) -> SeedTools:
        """Wire the services over both servers."""
        writer = PostgresRunWriter(database)
        return cls(database, client, gateway, PostgresRunReader(database), writer, LaunchRun(writer, gateway))

    def events(self) -> SubmitEvent:
        """Return what takes events in."""
        schemas = PostgresPayloadSchemas(self.database)
        messages, mappings = TemporalRunMessages(self.gateway), EngineTriggerMappings()
        return SubmitEvent(
            PostgresEventStore(self.database), Effects(messages, self.gateway, self.launch, mappings, schemas)
        )
