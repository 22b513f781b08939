"""Which runs are in trouble, and why, kept up to date at a calm pace beside the watch of rows and banner.

A run without a step is in trouble the moment the cheap question of the banner says so; its cause is merged in when it
is known. Diagnosing asks Temporal and may take long: it holds up nothing, and rests longer the longer it took.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.troubles import Troubles, Unstarted, find_troubles, group_troubles
from app.domain.run import EffectiveState, RunKey
from app.domain.run_query import StuckRuns
from app.services.acknowledge_troubles import AcknowledgeTroubles
from app.services.diagnose_runs import DiagnoseRuns, DiagnosisReport
from app.services.watching import Interest, TroublePace

TICK_SECONDS = 0.1
CALM_SECONDS = 3.0
SELDOM_SECONDS = 30.0
"""Between two diagnoses while nobody looks."""
CALM_FACTOR = 10.0
"""After a diagnosis, both servers rest this many times as long as it took."""
HURRY_SECONDS = 0.5
HURRY_FACTOR = 2.0
"""The same while a stuck run waits for its cause."""
LONGEST_REST_SECONDS = 60.0
LATELY = timedelta(minutes=15)
"""Runs whose row ended within this span are looked at, too: their execution may go on all the same."""
OPEN_RUN_SECONDS = 4.0
ENDED_RUN_SECONDS = 30.0
_NO_DIAGNOSES: MappingProxyType[RunKey, Diagnosis] = MappingProxyType({})
_ENDED = frozenset(
    {
        EffectiveState.SUCCEEDED,
        EffectiveState.FAILED,
        EffectiveState.CANCELED,
        EffectiveState.TERMINATED,
        EffectiveState.TIMED_OUT,
    }
)


class WatchTroubles:
    """Starts watches of the troubles of the tenant in view, and of the open run's diagnosis.

    Args:
        diagnose: Names causes.
        acknowledge: What the operator has seen already.
    """

    def __init__(self, diagnose: DiagnoseRuns, acknowledge: AcknowledgeTroubles) -> None:
        self._diagnose = diagnose
        self._acknowledge = acknowledge

    def begin(
        self,
        interest: Callable[[], Interest],
        publish_troubles: Callable[[Troubles, Interest], None],
        publish_diagnosis: Callable[[Diagnosis, Interest], None],
    ) -> TroubleWatch:
        """Return a watch, to be made on the loop that it runs on.

        Args:
            interest: Says what is shown now.
            publish_troubles: Takes them when they changed.
            publish_diagnosis: Takes the open run's.
        """
        return TroubleWatch(self._diagnose, self._acknowledge, interest, publish_troubles, publish_diagnosis)


class TroubleWatch:
    """One watch; see :class:`WatchTroubles`."""

    def __init__(
        self,
        diagnose: DiagnoseRuns,
        acknowledge: AcknowledgeTroubles,
        interest: Callable[[], Interest],
        publish_troubles: Callable[[Troubles, Interest], None],
        publish_diagnosis: Callable[[Diagnosis, Interest], None],
    ) -> None:
        self._diagnose = diagnose
        self._acknowledge = acknowledge
        self._interest = interest
        self._publish_troubles = publish_troubles
        self._publish_diagnosis = publish_diagnosis
        self._clock = asyncio.get_running_loop().time
        self._tenant: UUID | None = None
        self._watching = False
        self._unstarted: Unstarted | None = None
        self._last = Troubles()
        self._told: object = None
        self._ended_at = self._took = float("-inf")

    async def follow(self) -> None:
        """Diagnose what is due and publish what changed, for ever."""
        stop_listening = self._acknowledge.listen(lambda: self._spawn_merge(group))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_tenant(), name="watch troubles")
                group.create_task(self._follow_open_run(), name="watch diagnosis")
        finally:
            stop_listening()

    async def take_stuck(self, tenant: UUID | None, stuck: StuckRuns) -> None:
        """Merge a newer answer of the banner's question in, unless another tenant has come into view since."""
        if not self._is_in_view(tenant):
            return
        self._belong_to(tenant)
        self._unstarted = Unstarted(MappingProxyType({row.key: row.started_at for row in stuck.runs}), stuck.total)
        self._last = replace(self._last, read_at=stuck.read_at)
        await self._merge()

    def _spawn_merge(self, group: asyncio.TaskGroup) -> None:
        group.create_task(self._merge(), name="merge acknowledged troubles")

    async def _follow_tenant(self) -> None:
        while True:
            now = self._interest()
            scope = now.query or now.open_run
            if scope is not None:
                self._belong_to(scope.tenant)
                if self._is_due(now.troubles):
                    await self._diagnose_all(scope.tenant)
            await asyncio.sleep(TICK_SECONDS)

    def _is_in_view(self, tenant: UUID | None) -> bool:
        now = self._interest()
        scope = now.query or now.open_run
        return scope is not None and scope.tenant == tenant

    def _belong_to(self, tenant: UUID | None) -> None:
        """Forget what is known when another tenant came into view."""
        if self._watching and tenant == self._tenant:
            return
        self._tenant, self._watching = tenant, True
        self._unstarted, self._last, self._told = None, Troubles(), None
        self._ended_at = self._took = float("-inf")

    def _is_due(self, pace: TroublePace) -> bool:
        if pace is TroublePace.PAUSED:
            return False
        rested = self._clock() - self._ended_at
        if pace is TroublePace.CALM and self._has_unexplained():
            return rested >= max(HURRY_SECONDS, min(self._took * HURRY_FACTOR, LONGEST_REST_SECONDS))
        wanted = CALM_SECONDS if pace is TroublePace.CALM else SELDOM_SECONDS
        return rested >= max(wanted, min(self._took * CALM_FACTOR, LONGEST_REST_SECONDS))

    def _has_unexplained(self) -> bool:
        """Say whether a run without a step came in since the last diagnosis."""
        if self._unstarted is None:
            return False
        known = self._last.diagnoses
        return any(key not in known or known[key].unstarted_since is None for key in self._unstarted.runs)

    async def _diagnose_all(self, tenant: UUID | None) -> None:
        began = self._clock()
        report = await self._diagnose.active(tenant, closed_within=LATELY)
        self._ended_at = self._clock()
        self._took = self._ended_at - began
        if tenant == self._tenant:
            self._take(report)
            await self._merge()

    def _take(self, report: DiagnosisReport) -> None:
        """Take over a report; without rows it says nothing about any run, and the last one stands."""
        if report.rows_read:
            self._last = replace(
                self._last,
                diagnoses=MappingProxyType({each.key: each for each in report.runs}),
                checked_at=report.checked_at,
                read_at=report.checked_at,
            )
        self._last = replace(self._last, degraded=report.degraded)

    async def _merge(self) -> None:
        """Bring together what both questions answered, and publish it if it is news."""
        tenant = self._tenant
        seen = await self._acknowledge.seen(tenant)
        if tenant != self._tenant or not self._is_in_view(tenant):
            return
        unstarted = self._unstarted or Unstarted()
        troubles = find_troubles(self._last.diagnoses, unstarted)
        beginning = sum(known.unstarted_since is not None for known in self._last.diagnoses.values())
        further = max(0, unstarted.total - max(len(unstarted.runs), beginning))
        groups, acknowledged = group_troubles(troubles, seen, further)
        self._last = replace(self._last, groups=groups, acknowledged=acknowledged)
        steady = (groups, acknowledged, self._last.degraded, _steady(self._last))
        if steady != self._told:
            self._told = steady
            self._publish_troubles(self._last, self._interest())

    async def _follow_open_run(self) -> None:
        asked: RunKey | None = None
        due = 0.0
        while True:
            now = self._interest()
            key = now.open_run
            if now.troubles is TroublePace.PAUSED or now.paused or key is None:
                asked = key if key == asked else None
            elif key != asked or self._clock() >= due:
                asked, began = key, self._clock()
                found = await self._diagnosed(key)
                took = self._clock() - began
                ended = found is not None and found.state in _ENDED
                due = self._clock() + max(ENDED_RUN_SECONDS if ended else OPEN_RUN_SECONDS, took * HURRY_FACTOR)
                if found is not None:
                    self._publish_diagnosis(found, now)
            await asyncio.sleep(TICK_SECONDS)

    async def _diagnosed(self, key: RunKey) -> Diagnosis | None:
        """Diagnose one run closely; None when it is gone, or when another one is looked at meanwhile."""
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(self._diagnose.runs(key.tenant, (key.run_id,)), name="diagnose open run")
            while not asking.done():
                await asyncio.wait((asking,), timeout=TICK_SECONDS)
                if self._interest().open_run != key:
                    asking.cancel()
                    return None
        return next(iter(asking.result().runs), None)


def _steady(troubles: Troubles) -> tuple[Any, ...]:
    """Return what of the diagnoses is news when it changes: what the list shows of them, not when they were made."""
    return tuple(
        (key, each.severity, each.cause, each.kind, each.state, each.doing) for key, each in troubles.diagnoses.items()
    )
