"""Makes fresh servers usable: the schema, the namespace's retention, a worker, and on request the demo data.

Importing this module takes most of a second (drivers, services); :mod:`app.sandbox.stack` does so in a thread while
the servers start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client

from app.postgres.database import Database
from app.postgres.ddl import create_schema, is_created
from app.sandbox.guardian import WORKER
from app.sandbox.seed import seed_demo
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT
from app.sandbox.seed_marker import is_seeded
from app.sandbox.seed_tools import SeedTools
from app.sandbox.temporal_server import RETENTION
from app.temporal.gateway import TemporalGateway

if TYPE_CHECKING:
    from app.sandbox.stack import RunningSandbox, Seed

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """Whom the sandbox's demo data belong to; None without demo data."""

    tenant: str | None
    operator: str | None


async def provision(sandbox: RunningSandbox, *, seed: Seed, worker: bool, progress: Progress) -> DemoPeople:
    """Bring schema, retention, worker and demo data of a sandbox that we own to what was asked for.

    Raises:
        SandboxUnavailable: The demo data could not be completed.
        EnvironmentFailure: A server ended meanwhile.
    """
    info = sandbox.info
    database = Database.open(info.database_url)
    try:
        client, _ = await asyncio.gather(
            Client.connect(info.temporal_address, namespace=info.namespace), _ensure_schema(database)
        )
        await _ensure_retention(client, info.namespace)
        seeded = await is_seeded(database)
        to_seed = seed == "demo" and not seeded
        if worker or to_seed:
            progress("Starting the worker")
            await sandbox.start_server(WORKER)
        if to_seed:
            await _seed(sandbox, database, client, progress)
            if not worker:
                await sandbox.stop_server(WORKER)
        return DemoPeople(str(TENANT), OPERATOR_EMAIL) if seeded or to_seed else DemoPeople(None, None)
    finally:
        await database.dispose()


async def _ensure_schema(database: Database) -> None:
    async with database.writing(None) as connection:
        if not await is_created(connection):
            await create_schema(connection)


async def _ensure_retention(client: Client, namespace: str) -> None:
    wanted = Duration()
    wanted.FromTimedelta(RETENTION)
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    if described.config.workflow_execution_retention_ttl != wanted:
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=wanted))
        )


async def _seed(sandbox: RunningSandbox, database: Database, client: Client, progress: Progress) -> None:
    gateway = TemporalGateway(sandbox.info.temporal_address, sandbox.info.namespace)
    try:
        await seed_demo(SeedTools.of(database, client, gateway), progress)
    finally:
        await gateway.close()
