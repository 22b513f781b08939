"""The worker process: serves runs until told to stop, with what repeats beside them and the word on whether all works.

Temporal and Postgres may come up later than the worker and may go away meanwhile: it waits for both with a clear
message, and the SDK reconnects by itself afterwards. What it must never do is endanger the runs of another kind of
worker: it looks who serves the queue before its first poll, and again and again while it polls.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from app.domain.errors import ActionRefused, DatabaseUnavailable, EnvironmentFailure
from app.engine.expiry_sweep import ExpirySweep
from app.engine.health_server import health_server
from app.engine.periodic import Periodic
from app.engine.queue_guard import QueueGuard
from app.engine.quota_scan import QuotaScan
from app.engine.readiness import Readiness
from app.engine.worker import IDENTITY_PREFIX, NOTHING_FURTHER, Further, build_worker, worker_identity
from app.engine.worker_options import DATA_STORE_SWEEP, QUOTA_SCAN, WorkerOptions
from app.postgres.database import Database
from app.postgres.probe import PostgresProbe
from app.temporal.contract import TASK_QUEUE

DATABASE_POOL_SIZE = 8
_LONGEST_PAUSE_SECONDS = 10.0
_QUEUE_WATCH = "queue_watch"

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the rows and the executions are."""

    database_url: str
    temporal_address: str
    namespace: str


async def run_worker(
    servers: Servers,
    stop: asyncio.Event,
    options: WorkerOptions | None = None,
    also: Callable[[Database], Further] = lambda _: NOTHING_FURTHER,
    tell: Callable[[str], None] = _log.info,
) -> None:
    """Serve runs until ``stop`` is set, then finish what is under way.

    Args:
        servers: Postgres with AlgaPSA's tables, and Temporal.
        stop: Ends the worker, also while it still waits for a server.
        options: How it is set up.
        also: Returns what else it executes, on its database.
        tell: Says in words what it serves.

    Raises:
        ActionRefused: Another kind of worker serves the queue, or has open executions on it; nothing is served.
        DatabaseRefused: The login or the schema is wrong; waiting would not help.
        Misconfigured: The readiness endpoint cannot listen where it should.
    """
    options = options or WorkerOptions()
    readiness = Readiness()
    database = Database.open(servers.database_url, pool_size=DATABASE_POOL_SIZE)
    try:
        async with _told(readiness, options, tell):
            if not await _until_up(lambda: _ping(database), f"Postgres ({database.label})", stop):
                return
            client = await _until_up(
                lambda: _own_queue(servers, database), f"Temporal ({servers.temporal_address})", stop
            )
            if client is not None:
                await _Process(database, client, options, readiness, stop, tell).serve(also(database))
    finally:
        await database.dispose()


class _Process:
    """A worker whose servers have answered."""

    def __init__(
        self,
        database: Database,
        client: Client,
        options: WorkerOptions,
        readiness: Readiness,
        stop: asyncio.Event,
        tell: Callable[[str], None],
    ) -> None:
        self._database = database
        self._client = client
        self._options = options
        self._readiness = readiness
        self._stop = stop
        self._tell = tell
        self._guard = QueueGuard(client, IDENTITY_PREFIX, PostgresProbe(database).clock)
        self._refusal: ActionRefused | None = None

    async def serve(self, further: Further) -> None:
        """Poll until told to stop or until a foreign worker appears; ActionRefused in the latter case."""
        options = self._options
        worker = build_worker(self._client, self._database, further=further, drain=options.drain)
        parts = self._parts()
        watch = Periodic(_QUEUE_WATCH, options.watch_interval, self._watch)
        async with asyncio.TaskGroup() as beside:
            try:
                async with worker:
                    for part in (*parts, watch):
                        beside.create_task(part.run(self._stop))
                    self._readiness.is_serving = lambda: self._is_serving(worker)
                    self._readiness.parts = parts
                    self._tell(
                        f"Worker polls {TASK_QUEUE} in namespace {self._client.namespace} as {worker_identity()}"
                    )
                    self._tell(
                        f"Sweeps the data store every {options.sweep_interval.total_seconds():.0f} s, looks for quota "
                        f"pauses to end every {options.scan_interval.total_seconds():.0f} s"
                    )
                    await self._stop.wait()
                    self._readiness.is_serving = None
                    _log.info("Worker stops: it takes no more work and finishes what is under way")
            finally:
                self._stop.set()
        _log.info("Worker has stopped")
        if self._refusal is not None:
            raise self._refusal

    def _parts(self) -> tuple[Periodic, ...]:
        options, database = self._options, self._database
        sweep = ExpirySweep(database, options.sweep_tenants, options.sweep_batch)
        scan = QuotaScan(database, self._client, options.scan_batch)
        return (
            Periodic(DATA_STORE_SWEEP, options.sweep_interval, sweep.sweep),
            Periodic(QUOTA_SCAN, options.scan_interval, scan.scan, at_once=True),
        )

    async def _watch(self) -> Mapping[str, int]:
        """Stop serving as soon as another kind of worker does."""
        try:
            await self._guard.require_no_foreign_poller()
        except ActionRefused as refusal:
            self._refusal = refusal
            self._stop.set()
        return {}

    async def _is_serving(self, worker: Worker) -> bool:
        """Say whether Temporal sees this worker poll, by both servers' word; one that is away says nothing."""
        try:
            return worker.is_running and await self._guard.polls(worker_identity())
        except (EnvironmentFailure, RPCError):
            return False


@asynccontextmanager
async def _told(readiness: Readiness, options: WorkerOptions, tell: Callable[[str], None]) -> AsyncIterator[None]:
    """Tell readiness over HTTP meanwhile, where that is asked for."""
    async with AsyncExitStack() as stack:
        if options.health is not None:
            address = await stack.enter_async_context(health_server(readiness, options.health))
            tell(f"Tells readiness at {address}/readyz")
        yield


async def _own_queue(servers: Servers, database: Database) -> Client:
    """Return a client of a namespace whose queue is no other worker's. ActionRefused."""
    client = await Client.connect(servers.temporal_address, namespace=servers.namespace, identity=worker_identity())
    await QueueGuard(client, IDENTITY_PREFIX, PostgresProbe(database).clock).require_own_queue()
    return client


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
