"""Makes fresh servers usable: the schema, the namespace's retention, a worker, and on request demo data or scenarios.

Importing this module takes most of a second (drivers, services); :mod:`app.sandbox.stack` does so in a thread while
the servers start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client

from app.domain.errors import SandboxUnavailable
from app.postgres.database import Database
from app.postgres.ddl import create_schema, is_created
from app.sandbox.guardian import WORKER
from app.sandbox.info import SandboxInfo
from app.sandbox.seed import seed_demo
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT
from app.sandbox.seed_marker import DEMO, SCENARIOS, is_seeded
from app.sandbox.seed_scenarios import scenario_runs, seed_scenarios, seed_without_worker
from app.sandbox.seed_tools import SeedTools
from app.sandbox.temporal_server import RETENTION
from app.services.patience import Patience
from app.temporal.gateway import TemporalGateway

if TYPE_CHECKING:
    from app.sandbox.stack import RunningSandbox, Seed

_HEALTHY_SECONDS = 20.0

Progress = Callable[[str], None]
Seeding = Callable[[SeedTools, Progress], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Seeded:
    """Whom the sandbox's data belong to, None without data, and the run of each scenario, by its name."""

    tenant: str | None = None
    operator: str | None = None
    scenarios: Mapping[str, str] = field(default_factory=dict)


async def provision(sandbox: RunningSandbox, *, seed: Seed, worker: bool, progress: Progress) -> Seeded:
    """Bring schema, retention, worker and data of a sandbox that we own to what was asked for.

    Raises:
        SandboxUnavailable: The data could not be completed.
        EnvironmentFailure: A server ended meanwhile.
    """
    info = sandbox.info
    database = Database.open(info.database_url)
    gateway = TemporalGateway(info.temporal_address, info.namespace)
    try:
        client, _ = await asyncio.gather(_connect(info), _ensure_schema(database))
        await _ensure_retention(client, info.namespace)
        tools = SeedTools.of(database, client, gateway)
        ahead = await _ahead(database, seed)
        if worker or ahead is not None:
            progress("Starting the worker")
            await sandbox.start_server(WORKER)
        if ahead is not None:
            await ahead(tools, progress)
        if not worker:
            await sandbox.stop_server(WORKER)
        return await _seeded(tools, worker=worker)
    finally:
        await gateway.close()
        await database.dispose()


async def _connect(info: SandboxInfo) -> Client:
    """Connect to Temporal, which accepts connections a moment before it is healthy. SandboxUnavailable."""
    refusals: list[RuntimeError] = []

    async def once() -> Client | None:
        try:
            return await Client.connect(info.temporal_address, namespace=info.namespace)
        except RuntimeError as refusal:  # what the SDK raises for a server that is not ready
            refusals.append(refusal)
            return None

    client = await Patience(seconds=_HEALTHY_SECONDS).until_known(once)
    if client is None:
        raise SandboxUnavailable(
            "sandbox.slow", "The sandbox's Temporal server accepts connections but did not become healthy in time."
        ) from refusals[-1]
    return client


async def _ahead(database: Database, seed: Seed) -> Seeding | None:
    """Return the seeding that is still to be done, if any."""
    if seed == "demo" and not await is_seeded(database, DEMO):
        return seed_demo
    if seed == "scenarios" and not await is_seeded(database, SCENARIOS):
        return seed_scenarios
    return None


async def _seeded(tools: SeedTools, *, worker: bool) -> Seeded:
    """Say what is there now; of the scenarios, the one without a worker is arranged whenever there is none."""
    scenarios = await is_seeded(tools.database, SCENARIOS)
    if not scenarios and not await is_seeded(tools.database, DEMO):
        return Seeded()
    if scenarios and not worker:
        await seed_without_worker(tools)
    return Seeded(str(TENANT), OPERATOR_EMAIL, scenario_runs(worker=worker) if scenarios else {})


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
