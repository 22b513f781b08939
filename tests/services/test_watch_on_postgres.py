"""The watcher on a real Postgres: a new run, the banner by the database's clock, an outage and the way back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import make_url

from app.domain.errors import EnvironmentFailure
from app.domain.run_query import RunQuery
from app.postgres.database import Database
from app.postgres.diagnosis_facts import PostgresDiagnosisReader
from app.postgres.probe import PostgresProbe
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.services.acknowledge_troubles import AcknowledgeTroubles
from app.services.browse_runs import BrowseRuns
from app.services.diagnose_runs import DiagnoseRuns
from app.services.environment_check import EnvironmentCheck
from app.services.inspect_run import InspectRun
from app.services.launch_run import LaunchRun
from app.services.replay_chain import ReplayChains
from app.services.watch_runs import WatchRuns
from app.services.watch_troubles import WatchTroubles
from app.services.watching import Interest, WatchUpdate
from app.temporal.contract import TASK_QUEUE
from app.temporal.execution_reader import TemporalExecutionReader
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.conftest import Seeded
from tests.services.doubles import TENANT
from tests.temporal.breakable_proxy import BreakableProxy, breakable_proxy


@dataclass
class Bench:
    """A watcher whose Postgres is behind a proxy, and what it has published."""

    seeded: Seeded
    proxy: BreakableProxy
    watcher: WatchRuns
    interest: Interest = field(default_factory=lambda: Interest(RunQuery(TENANT)))
    updates: list[WatchUpdate] = field(default_factory=list)
    published: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, update: WatchUpdate) -> None:
        self.updates.append(update)
        self.published.set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.watcher.watch(lambda: self.interest, self.publish))
            try:
                yield
            finally:
                task.cancel()

    async def next(self, matches: Callable[[WatchUpdate], object], within: float = 10.0) -> WatchUpdate:
        """Return the first update since the last call that matches."""
        async with asyncio.timeout(within):
            while True:
                while self.updates:
                    if matches(update := self.updates.pop(0)):
                        return update
                self.published.clear()
                await self.published.wait()

    async def all_of(self, *conditions: Callable[[WatchUpdate], object]) -> list[WatchUpdate]:
        """Return the first update since the last call that matches each condition, in whatever order they come."""
        found: dict[int, WatchUpdate] = {}

        def completes(update: WatchUpdate) -> bool:
            for number, matches in enumerate(conditions):
                if number not in found and matches(update):
                    found[number] = update
            return len(found) == len(conditions)

        await self.next(completes)
        return [found[number] for number in range(len(conditions))]

    def insert_run(self, age_seconds: float = 0.0) -> UUID:
        run_id = uuid4()
        self.seeded.execute(
            "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, started_at)"
            " VALUES (%s, %s, %s, 1, 'RUNNING', 'temporal', clock_timestamp() - make_interval(secs => %s))",
            run_id,
            TENANT,
            self.seeded.workflow_id,
            age_seconds,
        )
        return run_id


@pytest_asyncio.fixture
async def bench(stack: Stack, seeded: Seeded) -> AsyncIterator[Bench]:
    address = make_url(seeded.url)
    assert address.host is not None
    assert address.port is not None
    async with breakable_proxy(address.host, address.port) as proxy:
        database = Database.open(address.set(port=proxy.port).render_as_string(hide_password=False))
        gateway = TemporalGateway(stack.temporal_address, stack.namespace)
        reader = PostgresRunReader(database)
        watcher = WatchRuns(
            BrowseRuns(reader),
            InspectRun(reader, gateway),
            LaunchRun(PostgresRunWriter(database), gateway),
            EnvironmentCheck(PostgresProbe(database), gateway),
            ReplayChains(reader),
            WatchTroubles(
                DiagnoseRuns(PostgresDiagnosisReader(database), TemporalExecutionReader(gateway), TASK_QUEUE),
                AcknowledgeTroubles(),
            ),
        )
        yield Bench(seeded, proxy, watcher)
        await database.dispose()


@pytest.mark.asyncio
async def test_a_new_run_is_seen_and_followed_within_a_second(bench: Bench) -> None:
    async with bench.watching():
        await bench.next(lambda update: update.page)
        run_id = bench.insert_run()
        update = await bench.next(lambda update: update.page and update.page.rows, within=1.0)
        assert update.page is not None
        assert [run.key.run_id for run in update.page.rows] == [run_id]
        bench.interest = Interest(RunQuery(TENANT), open_run=update.page.rows[0].key)
        opened = await bench.next(lambda update: update.inspection)
        assert opened.inspection is not None
        assert opened.inspection.run.row.key.run_id == run_id


@pytest.mark.asyncio
async def test_the_banner_comes_between_60_and_61_seconds_and_goes_with_the_first_step(bench: Bench) -> None:
    async with bench.watching():
        await bench.next(lambda update: update.stuck)
        run_id = bench.insert_run(age_seconds=58.0)
        shown = await bench.next(lambda update: update.stuck and update.stuck.total)
        assert shown.stuck is not None
        assert 60.0 < shown.stuck.oldest_seconds <= 61.0
        bench.seeded.execute(
            "INSERT INTO workflow_run_steps (run_id, tenant, step_path, definition_step_id, status, attempt)"
            " VALUES (%s, %s, 'root.steps[0]', 'a', 'STARTED', 1)",
            run_id,
            TENANT,
        )
        gone = await bench.next(lambda update: update.stuck, within=1.5)
        assert gone.stuck is not None
        assert gone.stuck.total == 0


@pytest.mark.asyncio
async def test_an_outage_is_told_calmly_and_ends_by_itself(bench: Bench) -> None:
    async with bench.watching():
        await bench.all_of(lambda update: update.page, lambda update: update.stuck, lambda update: update.health)
        bench.proxy.close()
        down, unwell = await bench.all_of(lambda update: update.problem, lambda update: update.health)
        assert isinstance(down.problem, EnvironmentFailure)
        assert unwell.health is not None
        assert (unwell.health.postgres.reachable, unwell.health.temporal.reachable) == (False, True)
        run_id = bench.insert_run()
        bench.proxy.restore()
        up, well, calm = await bench.all_of(
            lambda update: update.page, lambda update: update.health, lambda update: update.problem is None
        )
        assert up.page is not None
        assert [run.key.run_id for run in up.page.rows] == [run_id]
        assert well.health is not None
        assert well.health.postgres.reachable
        assert calm.problem is None
