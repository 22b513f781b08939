"""The worker process: polls the contract's queue until told to stop.

Temporal and Postgres may come up later than the worker and may go away meanwhile: it waits for both with a clear
message, and the SDK reconnects by itself afterwards. The task queue is the contract's; nothing can change it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from app.domain.errors import DatabaseUnavailable
from app.engine.action_activity import ActionActivities
from app.engine.actions import DEFAULT_ACTIONS, ActionRegistry
from app.engine.activities import ProjectionActivities
from app.engine.child_activity import ChildActivities
from app.engine.run_workflow import RunWorkflow
from app.engine.secrets import EnvironmentSecrets, SecretSource
from app.engine.step_activities import StepActivities
from app.postgres.database import Database
from app.temporal.contract import TASK_QUEUE

IDENTITY_PREFIX = "rundesk-worker@"
DATABASE_POOL_SIZE = 8
_SHUTDOWN_GRACE = timedelta(seconds=10)
_LONGEST_PAUSE_SECONDS = 10.0

_log = logging.getLogger(__name__)
T = TypeVar("T")


def worker_identity() -> str:
    """Return the identity under which this process polls."""
    return f"{IDENTITY_PREFIX}{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Further:
    """What a worker executes beside the runs of the contract, on the same queue."""

    workflows: tuple[type, ...] = ()
    activities: tuple[Callable[..., Any], ...] = ()


NOTHING_FURTHER = Further()


def build_worker(
    client: Client,
    database: Database,
    *,
    registry: ActionRegistry = DEFAULT_ACTIONS,
    secrets: SecretSource | None = None,
    further: Further = NOTHING_FURTHER,
) -> Worker:
    """Return a worker on the contract's queue; run it with ``async with`` or ``run()``.

    Args:
        client: Connected to the namespace of the runs.
        database: Where the runs' rows are; stays open until the caller disposes it.
        registry: The actions to execute.
        secrets: Where ``$secret`` references lead; the environment by default.
        further: What else it executes.
    """
    actions = ActionActivities(database, registry, secrets or EnvironmentSecrets.of_process())
    projecting = (ProjectionActivities(database), StepActivities(database), ChildActivities(database))
    projections = [activity for group in projecting for activity in group.all()]
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[RunWorkflow, *further.workflows],
        activities=[*projections, *actions.all(), *further.activities],
        identity=worker_identity(),
        workflow_runner=workflow_runner(),
        graceful_shutdown_timeout=_SHUTDOWN_GRACE,
        # How long a cancelled action may stay ignorant of it: cancels travel on heartbeat answers.
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        default_heartbeat_throttle_interval=timedelta(seconds=1),
    )


async def run_worker(
    database_url: str,
    temporal_address: str,
    namespace: str,
    stop: asyncio.Event,
    also: Callable[[Database], Further] = lambda _: NOTHING_FURTHER,
) -> None:
    """Serve runs until ``stop`` is set, then finish what is under way.

    Args:
        database_url: Postgres with AlgaPSA's tables.
        temporal_address: ``host:port``.
        namespace: Temporal namespace.
        stop: Ends the worker, also while it still waits for a server.
        also: Returns what else it executes, on its database.

    Raises:
        DatabaseRefused: The login or the schema is wrong; waiting would not help.
    """
    database = Database.open(database_url, pool_size=DATABASE_POOL_SIZE)
    try:
        if not await _until_up(lambda: _ping(database), f"Postgres ({database.label})", stop):
            return
        client = await _until_up(
            lambda: Client.connect(temporal_address, namespace=namespace, identity=worker_identity()),
            f"Temporal ({temporal_address})",
            stop,
        )
        if client is None:
            return
        async with build_worker(client, database, further=also(database)):
            _log.info("Worker polls %s at %s, namespace %s", TASK_QUEUE, temporal_address, namespace)
            await stop.wait()
            _log.info("Worker stops")
    finally:
        await database.dispose()


def workflow_runner() -> SandboxedWorkflowRunner:
    """Keep the determinism guards, but share our modules and the evaluator, which fails when imported per workflow."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules("app", "jsonata"))


async def _ping(database: Database) -> bool:
    async with database.reading() as connection:
        await database.capabilities(connection)
    return True


async def _until_up(connect: Callable[[], Awaitable[T]], what: str, stop: asyncio.Event) -> T | None:
    """Try until it succeeds or the worker is stopped, with growing pauses; None when stopped."""
    pause = 0.2
    while not stop.is_set():
        try:
            return await connect()
        except (DatabaseUnavailable, RPCError, RuntimeError, OSError) as error:
            _log.warning("%s does not answer (%s); the worker waits for it", what, error)
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
    return None
