"""Gathering cheaply, answering always: what is asked, what is not, and what becomes of silence."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.diagnosis.codes import Cause, Severity, Verdict
from app.domain.diagnosis.execution_facts import CurrentWait, Execution, FailedTask, HistoryTail, QueueState
from app.domain.diagnosis.facts import RowFacts
from app.domain.errors import DatabaseUnavailable, TemporalUnavailable
from app.domain.run import RunKey
from app.services.diagnose_runs import MOST_CLOSELY, DiagnoseRuns
from app.services.diagnosis_ports import CloserFacts, RowBatch
from tests.domain.diagnosis_samples import (
    NOW,
    QUEUE,
    ago,
    ahead,
    execution,
    pending_activity,
    pending_task,
    queue,
    row,
    step,
    tail,
    wait,
)

pytestmark = pytest.mark.asyncio

TENANT = UUID(int=9)
LISTED = replace(execution(), described=False, started_at=None)


def run(number: int, **changes: object) -> RowFacts:
    return row(key=RunKey(TENANT, UUID(int=number)), **changes)


def healthy(number: int) -> RowFacts:
    return run(number, waits=(wait(timeout_at=ahead(999)),))


@dataclass
class Masking:
    def text(self, raw: str | None) -> str | None:
        return None if raw is None else raw.replace("secret", "***")


@dataclass
class Rows:
    """The projection; ``away`` is raised instead of an answer."""

    rows: list[RowFacts]
    away: DatabaseUnavailable | None = None
    closer_asked: int = 0

    async def active(self, tenant: UUID | None, closed_within: timedelta | None, limit: int) -> RowBatch:
        return await self.runs(tenant, tuple(each.key.run_id for each in self.rows[:limit]))

    async def runs(self, _tenant: UUID | None, run_ids: tuple[UUID, ...]) -> RowBatch:
        if self.away is not None:
            raise self.away
        found = tuple(each for each in self.rows if each.key.run_id in run_ids)
        return RowBatch(found, NOW, len(self.rows))

    async def closer(self, of: RowFacts) -> CloserFacts:
        self.closer_asked += 1
        return CloserFacts(of, Masking())


@dataclass
class Temporal:
    """Temporal with answers to order; ``silent`` runs never get one, ``away`` refuses everything."""

    executions: dict[UUID, Execution] = field(default_factory=dict)
    tails: dict[UUID, HistoryTail] = field(default_factory=dict)
    silent: frozenset[UUID] = frozenset()
    away: bool = False
    queue_away: bool = False
    namespace_away: bool = False
    polled: bool = False
    asked: list[UUID] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def listed(self, run_ids: tuple[UUID, ...], *, presumed_open: bool) -> dict[UUID, Execution]:
        del presumed_open
        self._refuse(self.away)
        return {each: replace(self.executions[each], described=False) for each in run_ids if each in self.executions}

    async def described(self, run_id: UUID) -> Execution | None:
        self._refuse(self.away)
        self.asked.append(run_id)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0)
        if run_id in self.silent:
            await asyncio.Event().wait()
        self.at_once -= 1
        return self.executions.get(run_id)

    async def queue(self, name: str) -> QueueState:
        self._refuse(self.queue_away)
        self.queues.append(name)
        return queue(*([5] if self.polled else []), name=name)

    async def tail(self, run_id: UUID) -> HistoryTail | None:
        return self.tails.get(run_id)

    async def current_wait(self, run_id: UUID) -> CurrentWait | None:
        del run_id
        return None

    async def retention(self) -> timedelta:
        self._refuse(self.namespace_away)
        return timedelta(days=30)

    async def namespace_in_use(self) -> bool:
        return True

    def _refuse(self, away: bool) -> None:
        if away:
            raise TemporalUnavailable("temporal.unavailable", "Temporal is away.")


def service(rows: Rows, temporal: Temporal, budget: float = 20.0) -> DiagnoseRuns:
    return DiagnoseRuns(rows, temporal, QUEUE, budget_seconds=budget)


async def test_healthy_waits_are_not_described() -> None:
    rows = [healthy(number) for number in range(1, 200)]
    unclear = [run(number) for number in range(200, 260)]
    running = {each.key.run_id: LISTED for each in rows}
    stalled = {each.key.run_id: execution(task=pending_task(500)) for each in unclear}
    temporal = Temporal({**running, **stalled})
    report = await service(Rows([*rows, *unclear]), temporal).active(TENANT)
    assert set(temporal.asked) == set(stalled)
    assert (report.described, report.degraded, report.total) == (60, (), 259)
    assert 1 < temporal.most_at_once <= 24
    assert temporal.queues == [QUEUE], "one look for all"
    assert [each.cause for each in report.runs] == [Cause.NO_WORKER] * 60 + [None] * 199
    assert report.troubled() == report.runs[:60]


async def test_a_dead_queue_alone_proves_that_unstarted_runs_have_no_worker() -> None:
    rows = [run(number, step=None) for number in range(1, 100)]
    temporal = Temporal(dict.fromkeys([each.key.run_id for each in rows], LISTED))
    report = await service(Rows(rows), temporal).active(TENANT)
    assert {(each.cause, each.kind, each.severity) for each in report.runs} == {
        (Cause.NO_WORKER, "no_pollers", Severity.TROUBLE)
    }
    assert (temporal.asked, temporal.queues) == ([], [QUEUE])
    assert "temporal.queue" in [fact.source for fact in report.runs[0].evidence]


async def test_worst_first_then_oldest() -> None:
    watched = run(2, waits=(wait(has_key=False, timeout_at=ahead(9)),))
    lost, older = run(3), run(4)
    executions = {UUID(int=1): LISTED, UUID(int=2): LISTED}
    report = await service(Rows([healthy(1), watched, lost, older]), Temporal(executions)).active(TENANT)
    assert [each.key.run_id.int for each in report.runs] == [3, 4, 2, 1]


async def test_one_silent_run_is_not_verified_and_the_others_are() -> None:
    rows = [run(1), run(2)]
    stalled = {each.key.run_id: execution(task=pending_task(500)) for each in rows}
    report = await service(Rows(rows), Temporal(stalled, silent=frozenset({UUID(int=1)})), budget=0.2).active(TENANT)
    by_run = {each.key.run_id.int: each for each in report.runs}
    assert (by_run[1].cause, by_run[1].verdict, by_run[1].severity) == (
        Cause.CANNOT_VERIFY,
        Verdict.CANNOT_VERIFY,
        Severity.WATCH,
    )
    assert "(1 of 2 runs not verified)" in report.degraded[0]


async def test_an_unanswered_queue_accuses_nobody() -> None:
    rows = Rows([run(1, step=None)])
    report = await service(rows, Temporal({UUID(int=1): execution(task=pending_task(500))}, queue_away=True)).active(
        TENANT
    )
    assert [each.cause for each in report.runs] == [Cause.CANNOT_VERIFY]
    assert report.degraded == (f"temporal: task queue {QUEUE}: Temporal is away.",)


@pytest.mark.parametrize("closely", [False, True])
async def test_temporal_away(closely: bool) -> None:
    rows = Rows([run(1, step=None), healthy(2), run(3, engine="db")])
    asked = service(rows, Temporal(away=True))
    report = await (asked.runs(TENANT, [UUID(int=n) for n in (1, 2, 3)]) if closely else asked.active(TENANT))
    assert {(each.cause, each.severity) for each in report.runs} == {(Cause.CANNOT_VERIFY, Severity.WATCH)}
    assert report.degraded == ("temporal: Temporal is away. (3 of 3 runs not verified)",)


async def test_postgres_away() -> None:
    away = DatabaseUnavailable("database.unavailable", "Postgres is away.")
    asked = service(Rows([], away), Temporal())
    report = await asked.runs(TENANT, [UUID(int=1)])
    assert [(each.cause, each.status, each.severity) for each in report.runs] == [
        (Cause.CANNOT_VERIFY, "UNKNOWN", Severity.WATCH)
    ]
    assert report.degraded == ("postgres: Postgres is away.",)
    assert (await asked.active(TENANT)).degraded == report.degraded


async def test_texts_of_temporal_are_shown_closely_only_and_scrubbed() -> None:
    failed = FailedTask("panic", "the secret is out", ago(60))
    found = {UUID(int=1): execution(task=pending_task(100, attempt=4))}
    rows = Rows([run(1)])
    asked = service(rows, Temporal(found, {UUID(int=1): tail(failed_task=failed)}, polled=True))
    told = [fact.fact for fact in (await asked.runs(TENANT, [UUID(int=1)])).runs[0].evidence]
    assert any("the *** is out" in fact for fact in told)
    told = [fact.fact for fact in (await asked.active(TENANT)).runs[0].evidence]
    assert any("panic" in fact for fact in told)
    assert not any("is out" in fact for fact in told)


async def test_many_named_runs_are_not_looked_at_closely() -> None:
    rows = Rows([healthy(number) for number in range(1, MOST_CLOSELY + 2)])
    ids = [each.key.run_id for each in rows.rows]
    temporal = Temporal(dict.fromkeys(ids, LISTED))
    await service(rows, temporal).runs(TENANT, ids)
    assert (rows.closer_asked, temporal.asked) == (0, [])
    await service(rows, temporal).runs(TENANT, ids[:1])
    assert (rows.closer_asked, temporal.asked) == (1, ids[:1])


async def test_without_the_retention_no_execution_is_called_lost() -> None:
    report = await service(Rows([run(1)]), Temporal(namespace_away=True)).active(TENANT)
    (found,) = report.runs
    assert (found.cause, found.severity) == (Cause.CANNOT_VERIFY, Severity.WATCH)
    assert report.degraded == ("temporal: Temporal is away. (1 of 1 runs not verified)",)


async def test_a_parent_names_the_leaf_also_when_asked_alone() -> None:
    parent, child, leaf = (UUID(int=n) for n in (1, 2, 3))
    rows = Rows([run(1, children=(child,)), run(2, children=(leaf,)), run(3, step=None)])
    found = {parent: execution(), child: execution(), leaf: execution(task=pending_task(500))}
    report = await service(rows, Temporal(found)).runs(TENANT, [parent])
    (named,) = report.runs
    assert (named.cause, named.severity) == (Cause.CHILD_RUN, Severity.WATCH)
    assert str(leaf) in named.title
    assert "No worker polls" in named.title


async def test_a_step_that_just_ended_is_left_alone() -> None:
    busy = run(1, step=step("SUCCEEDED", 3), updated_at=ago(2))
    temporal = Temporal({UUID(int=1): LISTED})
    report = await service(Rows([busy]), temporal).active(TENANT)
    assert (temporal.asked, report.runs[0].severity) == ([], Severity.OK)


async def test_an_activity_is_judged_on_its_own_queue() -> None:
    elsewhere = execution(activities=(pending_activity(100, task_queue="acts"),))
    temporal = Temporal({UUID(int=1): elsewhere}, polled=False)
    report = await DiagnoseRuns(Rows([run(1)]), temporal, QUEUE).active(TENANT)
    assert "acts" in temporal.queues
    (found,) = report.runs
    assert (found.cause, found.kind) == (Cause.ACTIVITY_NOT_PICKED_UP, "no_pollers")
    assert any("acts" in fact.fact for fact in found.evidence)
