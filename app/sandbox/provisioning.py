"""Makes fresh servers usable: the schema, the namespace's retention, and on request the demo data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.sandbox.temporal_server import RETENTION

if TYPE_CHECKING:
    from temporalio.client import Client

    from app.postgres.database import Database
    from app.sandbox.stack import RunningSandbox, Seed


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """Whom the sandbox's demo data belong to; None without demo data."""

    tenant: str | None
    operator: str | None


async def provision(
    sandbox: RunningSandbox, *, seed: Seed, worker: bool, progress: Callable[[str], None]
) -> DemoPeople:
    """Bring schema, retention, worker and demo data of a sandbox that we own to what was asked for.

    Raises:
        SandboxUnavailable, DatabaseUnavailable, TemporalUnavailable: A server ended meanwhile.
    """
    from app.postgres.database import Database

    database = Database.open(sandbox.info.database_url)
    try:
        client, _ = await asyncio.gather(
            _connect(sandbox.info.temporal_address, sandbox.info.namespace), _ensure_schema(database)
        )
        await _ensure_retention(client, sandbox.info.namespace)
        return DemoPeople(None, None)
    finally:
        await database.dispose()


def import_drivers() -> None:
    """Import what takes a second to import, away from the event loop."""
    import temporalio.client

    import app.postgres.database
    import app.postgres.ddl  # noqa: F401


async def _ensure_schema(database: Database) -> None:
    from app.postgres.ddl import create_schema, is_created

    async with database.writing(None) as connection:
        if not await is_created(connection):
            await create_schema(connection)


async def _connect(address: str, namespace: str) -> Client:
    from temporalio.client import Client

    return await Client.connect(address, namespace=namespace)


async def _ensure_retention(client: Client, namespace: str) -> None:
    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.namespace.v1 import NamespaceConfig
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest

    wanted = Duration()
    wanted.FromTimedelta(RETENTION)
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    if described.config.workflow_execution_retention_ttl != wanted:
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=wanted))
        )
