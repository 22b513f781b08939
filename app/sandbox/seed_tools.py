"""The services that seeding uses, wired as the console wires them."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.client import Client

from app.postgres.database import Database
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.services.launch_run import LaunchRun
from app.temporal.gateway import TemporalGateway


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
