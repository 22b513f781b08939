"""The watch of troubles: stuck at once, the cause when it is known, calm, and never held up by a silent side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.diagnosis.codes import Cause, Severity, Verdict
from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.troubles import Troubles
from app.domain.errors import EnvironmentFailure
from app.domain.run import EffectiveState, RunKey, RunRow
from app.domain.run_query import RunQuery, StuckRuns
from app.services import watch_troubles
from app.services.acknowledge_troubles import AcknowledgeTroubles
from app.services.diagnose_runs import DiagnosisReport
from app.services.watch_troubles import TroubleWatch, WatchTroubles
from app.services.watching import Interest, TroublePace
from tests.services.doubles import NOW, TENANT, database_away, row


def diagnosis(of: RunRow, cause: Cause | None = Cause.NO_WORKER, kind: str | None = "no_pollers") -> Diagnosis:
    return Diagnosis(
        key=of.key,
        workflow_name=None,
        status=of.status,
        state=EffectiveState.QUEUED,
        verdict=Verdict.AGREE,
        severity=Severity.OK if cause is None else Severity.TROUBLE,
        title="",
        evidence=(),
        cause=cause,
        kind=None if cause is None else kind,
        since=of.started_at,
        unstarted_since=None if cause is None else of.started_at,
    )


@dataclass
class Diagnosing:
    """Diagnoses that a test changes or holds back."""

    found: list[Diagnosis] = field(default_factory=list)
    away: EnvironmentFailure | None = None
    silent: bool = False
    asked: int = 0
    asked_for: list[UUID] = field(default_factory=list)

    async def active(self, tenant: UUID | None, *, closed_within: timedelta) -> DiagnosisReport:
        assert closed_within == watch_troubles.LATELY
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.away is not None:
            return DiagnosisReport.without_rows(tenant, (), self.away)
        return DiagnosisReport(tuple(self.found), NOW, total=len(self.found))

    async def runs(self, _tenant: UUID | None, run_ids: tuple[UUID, ...]) -> DiagnosisReport:
        self.asked_for += run_ids
        if self.silent:
            await asyncio.Event().wait()
        return DiagnosisReport(tuple(each for each in self.found if each.key.run_id in run_ids), NOW)


class Bench:
    def __init__(self) -> None:
        self.diagnosing = Diagnosing()
        self.acknowledge = AcknowledgeTroubles()
        self.interest = Interest(RunQuery(TENANT))
        self.troubles: list[Troubles] = []
        self.diagnoses: list[Diagnosis] = []
        self.heard = asyncio.Event()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[TroubleWatch]:
        watch = WatchTroubles(self.diagnosing, self.acknowledge).begin(  # type: ignore[arg-type]
            lambda: self.interest, self._take, self._take_diagnosis
        )
        async with asyncio.TaskGroup() as group:
            task = group.create_task(watch.follow())
            try:
                yield watch
            finally:
                task.cancel()

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                self.heard.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self.heard.wait()
                except TimeoutError:
                    continue

    def causes(self) -> list[Cause | None]:
        return [group.cause for group in self.troubles[-1].groups] if self.troubles else []

    def _take(self, troubles: Troubles, _now: Interest) -> None:
        self.troubles.append(troubles)
        self.heard.set()

    def _take_diagnosis(self, found: Diagnosis, _now: Interest) -> None:
        self.diagnoses.append(found)
        self.heard.set()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(watch_troubles, "CALM_SECONDS", 0.3)
    monkeypatch.setattr(watch_troubles, "OPEN_RUN_SECONDS", 0.3)
    return Bench()


def stuck(*rows: RunRow) -> StuckRuns:
    return StuckRuns(rows, len(rows), 61.0, NOW + timedelta(seconds=1))


@pytest.mark.asyncio
async def test_a_stuck_run_is_told_while_its_cause_is_still_looked_for_and_with_it_when_it_is_known(
    bench: Bench,
) -> None:
    run = row(uuid4(), stuck=True)
    bench.diagnosing.silent = True
    async with bench.watching() as watch:
        await watch.take_stuck(TENANT, stuck(run))
        assert bench.causes() == [None]
        assert bench.troubles[-1].number == 1
    bench.diagnosing.silent, bench.diagnosing.found = False, [diagnosis(run)]
    async with bench.watching() as watch:
        await watch.take_stuck(TENANT, stuck(run))
        await bench.until(lambda: bench.causes() == [Cause.NO_WORKER])
        await watch.take_stuck(TENANT, stuck())
        assert bench.causes() == []


@pytest.mark.asyncio
async def test_the_same_is_not_told_twice_and_a_new_cause_is(bench: Bench) -> None:
    run = row(uuid4())
    bench.diagnosing.found = [diagnosis(run, Cause.ZOMBIE_ROW, "terminated")]
    bench.diagnosing.found = [replace(bench.diagnosing.found[0], unstarted_since=None)]
    async with bench.watching():
        await bench.until(lambda: bench.causes() == [Cause.ZOMBIE_ROW])
        asked, told = bench.diagnosing.asked, len(bench.troubles)
        await bench.until(lambda: bench.diagnosing.asked >= asked + 2)
        assert len(bench.troubles) == told
        bench.diagnosing.found = [replace(bench.diagnosing.found[0], cause=Cause.TASK_FAILING, kind="failing")]
        await bench.until(lambda: bench.causes() == [Cause.TASK_FAILING])


@pytest.mark.asyncio
async def test_without_postgres_the_last_causes_stand_and_what_is_missing_is_said(bench: Bench) -> None:
    run = row(uuid4())
    bench.diagnosing.found = [replace(diagnosis(run, Cause.ZOMBIE_ROW, "failed"), unstarted_since=None)]
    async with bench.watching():
        await bench.until(lambda: bench.causes() == [Cause.ZOMBIE_ROW])
        bench.diagnosing.away = database_away()
        await bench.until(lambda: bench.troubles[-1].degraded)
        assert bench.causes() == [Cause.ZOMBIE_ROW]
        bench.diagnosing.away = None
        await bench.until(lambda: not bench.troubles[-1].degraded)


@pytest.mark.asyncio
async def test_acknowledged_is_hidden_at_once_and_comes_back_with_another_cause(bench: Bench) -> None:
    run = row(uuid4())
    bench.diagnosing.found = [replace(diagnosis(run, Cause.ZOMBIE_ROW, "failed"), unstarted_since=None)]
    async with bench.watching():
        await bench.until(lambda: bench.causes() == [Cause.ZOMBIE_ROW])
        await bench.acknowledge.acknowledge(TENANT, bench.troubles[-1].groups)
        await bench.until(lambda: bench.causes() == [])
        assert [group.number for group in bench.troubles[-1].acknowledged] == [1]
        bench.diagnosing.found = [replace(bench.diagnosing.found[0], cause=Cause.MISSING_EXECUTION, kind="lost")]
        await bench.until(lambda: bench.causes() == [Cause.MISSING_EXECUTION])


@pytest.mark.asyncio
async def test_nothing_is_diagnosed_while_nobody_looks_and_at_once_when_somebody_does(bench: Bench) -> None:
    bench.interest = replace(bench.interest, troubles=TroublePace.PAUSED, open_run=row(uuid4()).key)
    async with bench.watching() as watch:
        await watch.take_stuck(TENANT, stuck(row(uuid4(), stuck=True)))
        assert bench.causes() == [None]  # the cheap question is not paused
        assert bench.diagnosing.asked == 0
        bench.interest = replace(bench.interest, troubles=TroublePace.CALM)
        await bench.until(lambda: bench.diagnosing.asked and bench.diagnosing.asked_for)


@pytest.mark.asyncio
async def test_the_open_run_is_diagnosed_closely_and_another_one_does_not_wait_for_it(bench: Bench) -> None:
    first, second = row(uuid4()), row(uuid4())
    bench.diagnosing.found = [diagnosis(first), diagnosis(second)]
    bench.interest = replace(bench.interest, open_run=first.key)
    async with bench.watching():
        await bench.until(lambda: [each.key for each in bench.diagnoses].count(first.key) >= 2)
        bench.diagnosing.silent = True
        asked = len(bench.diagnosing.asked_for)
        await bench.until(lambda: len(bench.diagnosing.asked_for) > asked)
        bench.interest = replace(bench.interest, open_run=second.key)
        await bench.until(lambda: bench.diagnosing.asked_for[-1] == second.key.run_id)


@pytest.mark.asyncio
async def test_another_tenant_begins_with_nothing_known(bench: Bench) -> None:
    run = row(uuid4(), stuck=True)
    bench.diagnosing.found = [diagnosis(run)]
    other = uuid4()
    async with bench.watching() as watch:
        await watch.take_stuck(TENANT, stuck(run))
        await bench.until(lambda: bench.causes() == [Cause.NO_WORKER])
        bench.diagnosing.found = []
        bench.interest = Interest(RunQuery(other))
        await watch.take_stuck(other, StuckRuns((), 0, 0.0, NOW))
        assert bench.troubles[-1].groups == ()
        told = len(bench.troubles)
        await watch.take_stuck(TENANT, stuck(run))  # an answer that was on its way
        assert len(bench.troubles) == told
        assert RunKey(TENANT, run.key.run_id) not in bench.troubles[-1].diagnoses
