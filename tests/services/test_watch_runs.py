"""The watcher: changes within a second, silence otherwise, calm outages, recovery by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.errors import DATABASE_SLOW, DatabaseUnavailable, InvalidInput, NotFound, RundeskError
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.replay_chain import FamilyRun, ReplayFamily
from app.domain.run import RedactedDocument, RunDetail, RunInspection, RunKey, RunRow
from app.domain.run_query import RunPage, RunQuery, StuckRuns
from app.services import watch_followed, watch_runs
from app.services.acknowledge_troubles import AcknowledgeTroubles
from app.services.browse_runs import BrowseRuns
from app.services.diagnose_runs import DiagnosisReport
from app.services.inspect_run import InspectRun
from app.services.ports import EnvironmentHealth, SideHealth
from app.services.replay_chain import ReplayChains
from app.services.watch_pace import Pace
from app.services.watch_runs import WatchRuns
from app.services.watch_troubles import WatchTroubles
from app.services.watching import Interest, WatchUpdate
from tests.services.doubles import NOW, TENANT, ManualClock, MemoryGateway, database_away, row

QUERY = RunQuery(TENANT)


@dataclass
class ChangingReader:
    """A projection whose rows a test changes; every read happens a second later than the one before."""

    runs: list[RunRow] = field(default_factory=list)
    stuck_runs: list[RunRow] = field(default_factory=list)
    away: bool = False
    queries: list[RunQuery] = field(default_factory=list)
    reads: int = 0
    inspected: int = 0
    slow: asyncio.Event | None = None
    replays: list[FamilyRun] = field(default_factory=list)

    async def page(self, query: RunQuery) -> RunPage:
        self.queries.append(query)
        if self.slow is not None:
            await self.slow.wait()
        self._read()
        if query.after == "broken":
            raise InvalidInput("cursor.invalid", "This cursor cannot be used.")
        return RunPage(self._aged(self.runs), None, (("RUNNING", len(self.runs)),), NOW + timedelta(seconds=self.reads))

    async def rows(self, _tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
        self._read()
        return tuple(run for run in self.runs if run.key.run_id in run_ids)

    async def stuck(self, tenant: UUID | None, limit: int = 200) -> StuckRuns:
        self._read()
        oldest = 61.0 + self.reads * 0.01 if self.stuck_runs else 0.0
        return StuckRuns(self._aged(self.stuck_runs), len(self.stuck_runs), oldest, NOW)

    async def inspect(self, key: RunKey, *, documents: bool) -> RunInspection:
        self.inspected += 1
        self._read()
        found = [run for run in self._aged(self.runs) if run.key == key]
        if not found:
            raise NotFound("run.not_found", "There is no such run.")
        return RunInspection(detail(found[0]), (), (), (), (), None, NOW + timedelta(seconds=self.reads))

    async def replay_family(self, key: RunKey) -> ReplayFamily:
        if self.away:
            raise database_away()
        known = [FamilyRun(key.run_id, 1, run.status, NOW, run.completed_at) for run in self.runs if run.key == key]
        if not known:
            raise NotFound("run.not_found", "There is no such run.")
        return ReplayFamily(key.run_id, (*known, *self.replays))

    def _read(self) -> None:
        self.reads += 1
        if self.away:
            raise database_away()

    def _aged(self, runs: list[RunRow]) -> tuple[RunRow, ...]:
        return tuple(replace(run, age_seconds=run.age_seconds + self.reads) for run in runs)


def detail(of: RunRow) -> RunDetail:
    return RunDetail(
        row=of,
        input=RedactedDocument({}),
        input_bytes=2,
        damaged_paths=(),
        error_json=None,
        trigger_metadata=None,
        trigger_fire_key=None,
        source_payload_schema_ref=None,
        trigger_mapping_applied=False,
        temporal_workflow_id=None,
        temporal_run_id=None,
        definition_hash=None,
        runtime_semantics_version=None,
        parent_run_id=None,
        root_run_id=None,
        snapshot_count=0,
        replay_reason=None,
        replays=(),
        source_run=None,
    )


@dataclass
class SteadyEnvironment:
    """Health that a test may change or hold back."""

    health: EnvironmentHealth = field(
        default_factory=lambda: EnvironmentHealth(SideHealth(True, 1.0), SideHealth(True, 1.0), 1, NOW)
    )
    silent: bool = False

    async def check(self) -> EnvironmentHealth:
        if self.silent:
            await asyncio.Event().wait()
        return self.health


@dataclass
class SettlingLaunch:
    """Launches that become known when a test says so."""

    known: list[LaunchOutcome] = field(default_factory=list)
    silent: bool = False

    async def settle(self) -> tuple[LaunchOutcome, ...]:
        if self.silent:
            await asyncio.Event().wait()
        settled, self.known = tuple(self.known), []
        return settled


class NothingToDiagnose:
    """No run is active; troubles have tests of their own."""

    async def active(self, _tenant: UUID | None, *, closed_within: timedelta) -> DiagnosisReport:
        assert closed_within > timedelta()
        return DiagnosisReport((), NOW)

    async def runs(self, _tenant: UUID | None, _run_ids: tuple[UUID, ...]) -> DiagnosisReport:
        return DiagnosisReport((), NOW)


class Bench:
    """A watcher with its publications."""

    def __init__(self) -> None:
        self.reader = ChangingReader()
        self.environment = SteadyEnvironment()
        self.launch = SettlingLaunch()
        self.diagnose = NothingToDiagnose()
        self.interest = Interest(QUERY, loaded=0)
        self.updates: list[WatchUpdate] = []
        self._published = asyncio.Event()

    def publish(self, update: WatchUpdate) -> None:
        self.updates.append(update)
        self._published.set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        watcher = WatchRuns(
            BrowseRuns(self.reader),  # type: ignore[arg-type]
            InspectRun(self.reader, MemoryGateway()),  # type: ignore[arg-type]
            self.launch,  # type: ignore[arg-type]
            self.environment,  # type: ignore[arg-type]
            ReplayChains(self.reader),  # type: ignore[arg-type]
            WatchTroubles(self.diagnose, AcknowledgeTroubles()),  # type: ignore[arg-type]
        )
        async with asyncio.TaskGroup() as group:
            task = group.create_task(watcher.watch(lambda: self.interest, self.publish))
            try:
                yield
            finally:
                task.cancel()

    async def next(self, matches: Callable[[WatchUpdate], object], within: float = 5.0) -> WatchUpdate:
        """Return the first update from now on that matches, or one already published since the last call."""
        async with asyncio.timeout(within):
            while True:
                while self.updates:
                    if matches(update := self.updates.pop(0)):
                        return update
                self._published.clear()
                await self._published.wait()

    async def first_answers(self) -> None:
        """Wait for list, banner and health, in whatever order they come."""
        seen: set[str] = set()

        def all_seen(update: WatchUpdate) -> bool:
            seen.update(part for part in ("page", "stuck", "health") if getattr(update, part) is not None)
            return len(seen) == 3

        await self.next(all_seen)

    async def reads(self, more: int) -> None:
        """Wait until the reader was asked so many more times."""
        target = self.reader.reads + more
        async with asyncio.timeout(10):
            while True:
                if self.reader.reads >= target:
                    return
                await asyncio.sleep(0.02)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.asyncio
async def test_a_new_run_is_published_within_a_second(bench: Bench) -> None:
    async with bench.watching():
        first = await bench.next(lambda update: update.page)
        assert first.page is not None
        assert first.page.rows == ()
        assert first.interest == bench.interest
        new = row(uuid4())
        bench.reader.runs.append(new)
        update = await bench.next(lambda update: update.page, within=1.0)
        assert update.page is not None
        assert [run.key for run in update.page.rows] == [new.key]


@pytest.mark.asyncio
async def test_ages_alone_are_not_published(bench: Bench) -> None:
    bench.reader.runs.append(row(uuid4()))
    bench.interest = Interest(QUERY, open_run=bench.reader.runs[0].key)
    async with bench.watching():
        await bench.first_answers()
        bench.updates.clear()
        await bench.reads(more=8)
        assert bench.updates == []


@pytest.mark.asyncio
async def test_the_banner_comes_and_goes_without_a_refresh(bench: Bench) -> None:
    async with bench.watching():
        await bench.next(lambda update: update.stuck)
        bench.reader.stuck_runs.append(row(uuid4(), stuck=True))
        shown = await bench.next(lambda update: update.stuck, within=1.0)
        assert shown.stuck is not None
        assert shown.stuck.total == 1
        bench.reader.stuck_runs.clear()
        gone = await bench.next(lambda update: update.stuck, within=1.0)
        assert gone.stuck is not None
        assert gone.stuck.total == 0


@pytest.mark.asyncio
async def test_the_open_run_is_followed_and_its_disappearance_told(bench: Bench) -> None:
    run = row(uuid4())
    bench.reader.runs.append(run)
    bench.interest = Interest(None, open_run=run.key)
    async with bench.watching():
        await bench.next(lambda update: update.inspection)
        bench.reader.runs[0] = replace(run, status="SUCCEEDED", completed_at=NOW)
        update = await bench.next(lambda update: update.inspection, within=1.5)
        assert update.inspection is not None
        assert update.inspection.run.row.status == "SUCCEEDED"
        bench.reader.runs.clear()
        gone = await bench.next(lambda update: update.problem)
        assert isinstance(gone.problem, NotFound)
        bench.interest = Interest(QUERY)
        back = await bench.next(lambda update: update.page)
        assert back.problem is None


@pytest.mark.asyncio
async def test_a_replay_of_the_open_run_is_told_and_so_is_its_success(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_runs, "CHAIN_SECONDS", 0.1)
    run = row(uuid4(), "FAILED", NOW)
    bench.reader.runs.append(run)
    bench.interest = Interest(open_run=run.key)
    async with bench.watching():
        first = await bench.next(lambda update: update.chain)
        assert first.chain is not None
        assert not first.chain.has_story
        replay = FamilyRun(uuid4(), 1, "RUNNING", NOW, None, run.key.run_id)
        bench.reader.replays.append(replay)
        began = await bench.next(lambda update: update.chain and update.chain.has_story)
        assert began.chain is not None
        assert began.chain.recovered_by is None
        bench.reader.replays[:] = [replace(replay, status="SUCCEEDED", completed_at=NOW)]
        ended = await bench.next(lambda update: update.chain)
        assert ended.chain is not None
        assert ended.chain.recovered_by == replay.run_id


@pytest.mark.asyncio
async def test_a_run_that_has_ended_is_read_less_often_than_one_that_moves(bench: Bench) -> None:
    moving, ended = row(uuid4()), row(uuid4(), "SUCCEEDED", NOW)
    bench.reader.runs += [moving, ended]
    for open_run in (ended, moving):
        bench.interest = Interest(QUERY, open_run=open_run.key)
        async with bench.watching():
            await bench.next(lambda update: update.inspection)
            bench.reader.inspected = 0
            await bench.reads(more=10)
        assert (bench.reader.inspected > 1) == (open_run is moving)


@pytest.mark.asyncio
async def test_as_many_rows_are_read_as_are_shown(bench: Bench) -> None:
    bench.interest = Interest(replace(QUERY, after="cursor"), loaded=120)
    async with bench.watching():
        await bench.next(lambda update: update.page)
        assert (bench.reader.queries[-1].limit, bench.reader.queries[-1].after) == (120, "cursor")
        bench.interest = Interest(QUERY, loaded=9000)
        await bench.next(lambda update: update.page)
        assert (bench.reader.queries[-1].limit, bench.reader.queries[-1].after) == (500, None)


@pytest.mark.asyncio
async def test_another_question_is_answered_at_once_even_if_the_answer_is_equal(bench: Bench) -> None:
    async with bench.watching():
        await bench.next(lambda update: update.page)
        other = Interest(RunQuery(uuid4()))
        bench.interest = other
        update = await bench.next(lambda update: update.page, within=0.5)
        assert update.interest == other


@pytest.mark.asyncio
async def test_an_outage_is_told_once_and_recovers_by_itself(bench: Bench) -> None:
    async with bench.watching():
        await bench.first_answers()
        bench.reader.away = True
        down = await bench.next(lambda update: update.problem)
        assert isinstance(down.problem, RundeskError)
        assert down.problem.code == "database.unavailable"
        await bench.reads(more=4)
        assert [update for update in bench.updates if update.problem is None] == []
        assert len(bench.updates) == 0
        bench.reader.away = False
        up = await bench.next(lambda update: update.problem is None, within=3.0)
        assert up.problem is None


@pytest.mark.asyncio
async def test_a_bad_cursor_is_a_problem_of_the_list_only(bench: Bench) -> None:
    run = row(uuid4())
    bench.reader.runs.append(run)
    bench.interest = Interest(replace(QUERY, after="broken"), open_run=run.key)
    async with bench.watching():
        update = await bench.next(lambda update: update.inspection)
        assert isinstance(update.problem, InvalidInput)


@pytest.mark.asyncio
async def test_pausing_stops_rows_but_not_the_banner(bench: Bench) -> None:
    async with bench.watching():
        await bench.next(lambda update: update.stuck)
        bench.interest = replace(bench.interest, paused=True)
        await bench.reads(more=2)
        asked = len(bench.reader.queries)
        bench.reader.stuck_runs.append(row(uuid4(), stuck=True))
        await bench.next(lambda update: update.stuck, within=1.5)
        assert len(bench.reader.queries) == asked


@pytest.mark.asyncio
async def test_an_outage_that_ends_while_paused_is_over(bench: Bench) -> None:
    async with bench.watching():
        await bench.first_answers()
        bench.reader.away = True
        await bench.next(lambda update: update.problem)
        bench.interest = replace(bench.interest, paused=True)
        await bench.reads(more=2)
        bench.reader.away = False
        await bench.next(lambda update: update.problem is None)


@pytest.mark.asyncio
async def test_a_silent_temporal_does_not_hold_up_the_rows(bench: Bench) -> None:
    bench.environment.silent = True
    async with bench.watching():
        await bench.next(lambda update: update.page)
        bench.reader.runs.append(row(uuid4()))
        await bench.next(lambda update: update.page, within=1.0)


@pytest.mark.asyncio
async def test_a_slow_list_does_not_hold_up_banner_and_open_run(bench: Bench) -> None:
    run = row(uuid4())
    bench.reader.runs.append(run)
    bench.reader.slow = asyncio.Event()
    bench.interest = Interest(QUERY, open_run=run.key)
    async with bench.watching():
        await bench.next(lambda update: update.inspection)
        bench.reader.stuck_runs.append(row(uuid4(), stuck=True))
        shown = await bench.next(lambda update: update.stuck and update.stuck.total, within=1.0)
        assert shown.page is None
        bench.reader.slow.set()
        await bench.next(lambda update: update.page)


@pytest.mark.asyncio
async def test_launches_that_cannot_be_settled_do_not_hold_up_health(bench: Bench) -> None:
    bench.launch.silent = True
    async with bench.watching():
        await bench.next(lambda update: update.health)


@pytest.mark.asyncio
@pytest.mark.parametrize(("code", "rests"), [(DATABASE_SLOW, 15.0), ("database.unreachable", 2.0)])
async def test_an_overloaded_database_is_left_alone_and_a_lost_one_looked_for(code: str, rests: float) -> None:
    clock = ManualClock()
    pace = Pace(0.6, clock)

    async def fail() -> None:
        await clock.pause(15.0)
        raise DatabaseUnavailable(code, "No answer.")

    for _ in range(3):
        assert await pace.ask("page", fail, str) is None
    failed_at = clock.now
    while not pace.is_due("page"):
        await clock.pause(0.5)
    assert clock.now - failed_at == pytest.approx(rests)


@pytest.mark.asyncio
async def test_a_settled_launch_is_published(bench: Bench) -> None:
    outcome = LaunchOutcome(RunKey(TENANT, uuid4()), 1, "RUNNING", LaunchState.STARTED)
    async with bench.watching():
        await bench.next(lambda update: update.health)
        bench.launch.known.append(outcome)
        update = await bench.next(lambda update: update.launches, within=2.0)
        assert update.launches == (outcome,)


@pytest.mark.asyncio
async def test_health_is_published_when_it_changes(bench: Bench) -> None:
    async with bench.watching():
        await bench.next(lambda update: update.health)
        bench.environment.health = replace(bench.environment.health, workers=0)
        update = await bench.next(lambda update: update.health)
        assert update.health is not None
        assert update.health.workers == 0


@pytest.mark.asyncio
async def test_the_end_of_a_followed_run_is_told_once_wherever_the_operator_looks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_followed, "FOLLOWED_SECONDS", 0.1)
    run = row(uuid4())
    bench.reader.runs.append(run)
    bench.interest = Interest(followed=frozenset({run.key}))
    async with bench.watching():
        await bench.reads(more=2)
        bench.reader.away = True
        await bench.reads(more=2)
        bench.reader.away = False
        bench.reader.runs[0] = replace(run, status="SUCCEEDED", completed_at=NOW)
        told = await bench.next(lambda update: update.ended)
        assert [each.key for each in told.ended] == [run.key]
        other = row(uuid4())
        bench.reader.runs.append(other)
        bench.interest = Interest(followed=frozenset({run.key, other.key}))
        await bench.reads(more=3)
        assert [update for update in bench.updates if update.ended] == []
