"""Keep what is on screen true: one watcher that reads what a face is interested in and publishes what changed.

Rows, banner and open run are read in one loop, each at its own pace. The environment check and the settling of
unconfirmed launches run beside it, because a silent Temporal must not hold up rows that Postgres can show.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.errors import RundeskError
from app.domain.launching import LaunchOutcome
from app.domain.run import RunInspection, RunKey, RunRow
from app.domain.run_query import MAX_PAGE_SIZE, RunPage, RunQuery, StuckRuns
from app.services.browse_runs import BrowseRuns
from app.services.environment_check import EnvironmentCheck
from app.services.inspect_run import InspectRun
from app.services.launch_run import LaunchRun
from app.services.ports import EnvironmentHealth
from app.services.watch_pace import Pace

TICK_SECONDS = 0.1
"""How often the watcher looks at the interest, so that a new one is served at once."""
PAGE_SECONDS = 0.6
STUCK_SECONDS = 0.4
"""A run becomes stuck between two looks: at this pace the banner shows before the 61st second."""
OPEN_RUN_SECONDS = 0.6
HEALTH_SECONDS = 3.0
SETTLE_SECONDS = 1.0
BANNER_AGE_STEP_SECONDS = 10
"""The banner's age is published again when it has grown by this much."""
_NO_MOMENT = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Interest:
    """What a face shows now.

    ``loaded`` is the number of list rows it holds: that many are read again, from ``query.after`` on. ``paused`` stops
    rows and open run; banner and health go on.
    """

    query: RunQuery | None = None
    loaded: int = 0
    open_run: RunKey | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class WatchUpdate:
    """What changed since the last update; a None part is unchanged.

    ``problem`` is different: every update carries the present one, and None says that all reads succeed.
    ``interest`` is what the parts answer, so that a face can drop an answer to a question it no longer asks.
    ``launches`` are unconfirmed launches that have become known.
    """

    page: RunPage | None = None
    stuck: StuckRuns | None = None
    inspection: RunInspection | None = None
    health: EnvironmentHealth | None = None
    problem: RundeskError | None = None
    interest: Interest | None = None
    launches: tuple[LaunchOutcome, ...] = ()


class WatchRuns:
    """Starts watches; each :meth:`watch` is independent of the others.

    Args:
        browse: Lists and the stuck check.
        inspect: The open run.
        launch: Its unconfirmed launches are settled meanwhile.
        environment: Both servers' health.
    """

    def __init__(
        self, browse: BrowseRuns, inspect: InspectRun, launch: LaunchRun, environment: EnvironmentCheck
    ) -> None:
        self._browse = browse
        self._inspect = inspect
        self._launch = launch
        self._environment = environment

    async def watch(self, interest: Callable[[], Interest], publish: Callable[[WatchUpdate], None]) -> None:
        """Publish changes until cancelled. Outages are published as a problem; the watch recovers by itself.

        Args:
            interest: Says what is shown now; called often and on this loop's thread, so it only returns a value.
            publish: Takes an update; called on this loop's thread.
        """
        projection = _ProjectionWatch(self._browse, self._inspect, interest, publish)
        async with asyncio.TaskGroup() as group:
            group.create_task(projection.follow(), name="watch projection")
            group.create_task(self._follow_environment(projection, publish), name="watch environment")

    async def _follow_environment(self, projection: _ProjectionWatch, publish: Callable[[WatchUpdate], None]) -> None:
        pace = Pace(HEALTH_SECONDS, asyncio.get_running_loop().time)
        while True:
            launches = await self._launch.settle()
            health = None
            if pace.is_due("health"):
                health = await pace.ask("health", self._environment.check, _steady_health)
            if health is not None or launches:
                publish(WatchUpdate(health=health, problem=projection.problem, launches=launches))
            await asyncio.sleep(SETTLE_SECONDS)


class _ProjectionWatch:
    """One watch of rows, banner and open run."""

    def __init__(
        self,
        browse: BrowseRuns,
        inspect: InspectRun,
        interest: Callable[[], Interest],
        publish: Callable[[WatchUpdate], None],
    ) -> None:
        clock = asyncio.get_running_loop().time
        self._browse = browse
        self._inspect = inspect
        self._interest = interest
        self._publish = publish
        self._page = Pace(PAGE_SECONDS, clock)
        self._stuck = Pace(STUCK_SECONDS, clock)
        self._run = Pace(OPEN_RUN_SECONDS, clock)
        self._told: tuple[str, str] | None = None

    @property
    def problem(self) -> RundeskError | None:
        """The present problem, None when all reads succeed."""
        return self._page.problem or self._stuck.problem or self._run.problem

    async def follow(self) -> None:
        """Read what is due and publish what changed, for ever."""
        while True:
            now = self._interest()
            page = await self._read_page(now)
            stuck = await self._read_stuck(now)
            inspection = await self._read_run(now)
            self._tell(WatchUpdate(page, stuck, inspection, problem=self.problem, interest=now))
            await asyncio.sleep(TICK_SECONDS)

    async def _read_page(self, now: Interest) -> RunPage | None:
        query = now.query
        if query is None:
            self._page.drop()
            return None
        if now.paused:
            self._page.rest()
            return None
        sized = replace(query, limit=min(max(query.limit, now.loaded), MAX_PAGE_SIZE))
        if not self._page.is_due(sized):
            return None
        return await self._page.ask(sized, lambda: self._browse.page(sized), _steady_page)

    async def _read_stuck(self, now: Interest) -> StuckRuns | None:
        scope = now.query or now.open_run
        if scope is None:
            self._stuck.drop()
            return None
        tenant = scope.tenant
        if not self._stuck.is_due((tenant,)):
            return None
        return await self._stuck.ask((tenant,), lambda: self._browse.stuck(tenant), _steady_stuck)

    async def _read_run(self, now: Interest) -> RunInspection | None:
        key = now.open_run
        if key is None:
            self._run.drop()
            return None
        if now.paused:
            self._run.rest()
            return None
        if not self._run.is_due(key):
            return None
        return await self._run.ask(key, lambda: self._inspect.open(key), _steady_inspection)

    def _tell(self, update: WatchUpdate) -> None:
        problem = update.problem
        told = None if problem is None else (problem.code, problem.message)
        changed = told != self._told
        self._told = told
        if changed or update.page or update.stuck or update.inspection:
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
