"""Keep what is on screen true: one watcher that reads what a face is interested in and publishes what changed.

Rows, banner, open run, health and the settling of unconfirmed launches are asked beside one another, each at its own
pace: a slow list must not hold up the banner, nor a silent Temporal the rows that Postgres can show.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.troubles import Troubles
from app.domain.errors import RundeskError
from app.domain.operator import Operator
from app.domain.run import RunInspection, RunKey, RunRow
from app.domain.run_query import MAX_PAGE_SIZE, RunPage, StuckRuns
from app.services.browse_runs import BrowseRuns
from app.services.environment_check import EnvironmentCheck
from app.services.inspect_run import InspectRun
from app.services.launch_run import LaunchRun
from app.services.ports import EnvironmentHealth
from app.services.replay_chain import ReplayChains
from app.services.watch_followed import FollowedRuns
from app.services.watch_pace import Pace
from app.services.watch_troubles import TroubleWatch, WatchTroubles
from app.services.watching import Interest, WatchUpdate

TICK_SECONDS = 0.1
"""How often the watcher looks at the interest, so that a new one is served at once."""
PAGE_SECONDS = 0.6
STUCK_SECONDS = 0.4
"""A run becomes stuck between two looks: at this pace the banner shows before the 61st second."""
OPEN_RUN_SECONDS = 0.6
ENDED_RUN_SECONDS = 3.0
"""Of a run that has ended only notes and replays change, and reading all of it is the dearest question of the watch."""
CHAIN_SECONDS = 5.0
HEALTH_SECONDS = 3.0
SETTLE_SECONDS = 1.0
BANNER_AGE_STEP_SECONDS = 10
"""The banner's age is published again when it has grown by this much."""
_NO_MOMENT = datetime.min.replace(tzinfo=UTC)


_NO_NEWS = WatchUpdate()


class WatchRuns:
    """Starts watches; each :meth:`watch` is independent of the others.

    Args:
        browse: Lists and the stuck check.
        inspect: The open run.
        launch: Its unconfirmed launches are settled meanwhile.
        environment: Both servers' health.
        chains: The family of the open run.
        troubles: Which runs are in trouble, and why.
    """

    def __init__(
        self,
        browse: BrowseRuns,
        inspect: InspectRun,
        launch: LaunchRun,
        environment: EnvironmentCheck,
        chains: ReplayChains,
        troubles: WatchTroubles,
    ) -> None:
        self._browse = browse
        self._inspect = inspect
        self._launch = launch
        self._environment = environment
        self._chains = chains
        self._troubles = troubles

    async def watch(self, interest: Callable[[], Interest], publish: Callable[[WatchUpdate], None]) -> None:
        """Publish changes until cancelled. Outages are published as a problem; the watch recovers by itself.

        Args:
            interest: Says what is shown now; called often and on this loop's thread, so it only returns a value.
            publish: Takes an update; called on this loop's thread.
        """
        projection = _ProjectionWatch(self._browse, self._inspect, self._chains, interest, publish)
        troubles = self._watch_troubles(projection, interest, publish)
        projection.on_stuck(troubles.take_stuck)
        async with asyncio.TaskGroup() as group:
            group.create_task(projection.follow(), name="watch projection")
            group.create_task(troubles.follow(), name="watch troubles")
            group.create_task(self._followed(projection, interest, publish).follow(), name="watch followed runs")
            group.create_task(self._follow_health(projection, publish), name="watch health")
            group.create_task(self._settle_launches(projection, publish), name="watch launches")

    def _followed(
        self,
        projection: _ProjectionWatch,
        interest: Callable[[], Interest],
        publish: Callable[[WatchUpdate], None],
    ) -> FollowedRuns:
        def publish_ended(ended: tuple[RunRow, ...]) -> None:
            publish(WatchUpdate(ended=ended, problem=projection.problem))

        return FollowedRuns(self._browse, interest, publish_ended)

    def _watch_troubles(
        self,
        projection: _ProjectionWatch,
        interest: Callable[[], Interest],
        publish: Callable[[WatchUpdate], None],
    ) -> TroubleWatch:
        def publish_troubles(troubles: Troubles, now: Interest) -> None:
            publish(WatchUpdate(troubles=troubles, problem=projection.problem, interest=now))

        def publish_diagnosis(diagnosis: Diagnosis, now: Interest) -> None:
            publish(WatchUpdate(diagnosis=diagnosis, problem=projection.problem, interest=now))

        return self._troubles.begin(interest, publish_troubles, publish_diagnosis)

    async def _follow_health(self, projection: _ProjectionWatch, publish: Callable[[WatchUpdate], None]) -> None:
        pace = Pace(HEALTH_SECONDS, asyncio.get_running_loop().time)
        while True:
            health = await pace.ask("health", self._environment.check, _steady_health)
            if health is not None:
                publish(WatchUpdate(health=health, problem=projection.problem))
            await asyncio.sleep(HEALTH_SECONDS)

    async def _settle_launches(self, projection: _ProjectionWatch, publish: Callable[[WatchUpdate], None]) -> None:
        while True:
            launches = await self._launch.settle()
            if launches:
                publish(WatchUpdate(problem=projection.problem, launches=launches))
            await asyncio.sleep(SETTLE_SECONDS)


class _ProjectionWatch:
    """One watch of rows, banner and open run."""

    def __init__(
        self,
        browse: BrowseRuns,
        inspect: InspectRun,
        chains: ReplayChains,
        interest: Callable[[], Interest],
        publish: Callable[[WatchUpdate], None],
    ) -> None:
        clock = asyncio.get_running_loop().time
        self._browse = browse
        self._inspect = inspect
        self._chains = chains
        self._interest = interest
        self._publish = publish
        self._page = Pace(PAGE_SECONDS, clock)
        self._stuck = Pace(STUCK_SECONDS, clock)
        self._run = Pace(OPEN_RUN_SECONDS, clock)
        self._chain = Pace(CHAIN_SECONDS, clock)
        self._told: tuple[str, str] | None = None
        self._take_stuck: Callable[[UUID | None, StuckRuns], Awaitable[None]] | None = None

    def on_stuck(self, take: Callable[[UUID | None, StuckRuns], Awaitable[None]]) -> None:
        """Let ``take`` have each newer answer of the banner's question, with the tenant it is about."""
        self._take_stuck = take

    @property
    def problem(self) -> RundeskError | None:
        """The present problem, None when all reads succeed."""
        return self._page.problem or self._stuck.problem or self._run.problem or self._chain.problem

    async def follow(self) -> None:
        """Read what is due and publish what changed, for ever."""
        async with asyncio.TaskGroup() as group:
            for read in (self._read_page, self._read_stuck, self._read_run, self._read_chain):
                group.create_task(self._repeat(read), name="watch part of projection")

    async def _repeat(self, read: Callable[[Interest], Awaitable[WatchUpdate]]) -> None:
        while True:
            now = self._interest()
            self._forget_unasked(now)
            news = await read(now)
            self._tell(replace(news, problem=self.problem, interest=now))
            await asyncio.sleep(TICK_SECONDS)

    def _forget_unasked(self, now: Interest) -> None:
        """Let what is no longer shown have no problem, whichever part is read next."""
        if now.query is None:
            self._page.drop()
        if now.query is None and now.open_run is None:
            self._stuck.drop()
        if now.open_run is None:
            self._run.drop()
            self._chain.drop()
        if now.paused:
            self._page.rest()
            self._run.rest()
            self._chain.rest()

    async def _read_page(self, now: Interest) -> WatchUpdate:
        if now.query is None or now.paused:
            return _NO_NEWS
        sized = replace(now.query, limit=min(max(now.query.limit, now.loaded), MAX_PAGE_SIZE))
        if not self._page.is_due(sized):
            return _NO_NEWS
        page = await self._page.ask(sized, lambda: self._browse.page(sized), _steady_page)
        return WatchUpdate(page=page)

    async def _read_stuck(self, now: Interest) -> WatchUpdate:
        scope = now.query or now.open_run
        if scope is None or not self._stuck.is_due((scope.tenant,)):
            return _NO_NEWS
        tenant = scope.tenant
        stuck = await self._stuck.ask((tenant,), lambda: self._browse.stuck(tenant), _steady_stuck)
        if stuck is not None and self._take_stuck is not None:
            await self._take_stuck(tenant, stuck)
        return WatchUpdate(stuck=stuck)

    async def _read_run(self, now: Interest) -> WatchUpdate:
        key = now.open_run
        if key is None or now.paused or not self._run.is_due(key):
            return _NO_NEWS
        inspection = await self._run.ask(key, lambda: self._inspected(key, now.viewer), _steady_inspection)
        return WatchUpdate(inspection=inspection)

    async def _read_chain(self, now: Interest) -> WatchUpdate:
        key = now.open_run
        if key is None or now.paused or not self._chain.is_due(key):
            return _NO_NEWS
        return WatchUpdate(chain=await self._chain.ask(key, lambda: self._chains.of(key), lambda chain: chain))

    async def _inspected(self, key: RunKey, viewer: Operator | None) -> RunInspection:
        inspection = await self._inspect.open(key, viewer=viewer)
        ended = inspection.run.row.completed_at is not None
        self._run.seconds = ENDED_RUN_SECONDS if ended else OPEN_RUN_SECONDS
        return inspection

    def _tell(self, update: WatchUpdate) -> None:
        problem = update.problem
        told = None if problem is None else (problem.code, problem.message)
        changed = told != self._told
        self._told = told
        if changed or update.page or update.stuck or update.inspection or update.chain:
            self._publish(update)


def _steady_row(row: RunRow) -> RunRow:
    return replace(row, age_seconds=0.0)


def _steady_page(page: RunPage) -> RunPage:
    return replace(page, rows=tuple(map(_steady_row, page.rows)), read_at=_NO_MOMENT)


def _steady_stuck(stuck: StuckRuns) -> StuckRuns:
    return replace(
        stuck,
        runs=tuple(map(_steady_row, stuck.runs)),
        oldest_seconds=stuck.oldest_seconds // BANNER_AGE_STEP_SECONDS,
        read_at=_NO_MOMENT,
    )


def _steady_inspection(inspection: RunInspection) -> RunInspection:
    return replace(inspection, run=replace(inspection.run, row=_steady_row(inspection.run.row)), read_at=_NO_MOMENT)


def _steady_health(health: EnvironmentHealth) -> EnvironmentHealth:
    return replace(
        health,
        checked_at=_NO_MOMENT,
        postgres=replace(health.postgres, milliseconds=None),
        temporal=replace(health.temporal, milliseconds=None),
    )
