"""What a batch runs on in unit tests: scripted replays and facts, a real journal, and time that passes at will."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from app.domain.batch import BatchAction, BatchOrder, BatchPlan, BatchScope, BatchSettings
from app.domain.batch_facts import RunFacts, ScopeFacts
from app.domain.batch_ledger import BatchProgress
from app.domain.batch_pace import LaunchRoom, WorkflowRoom
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.operator import Operator
from app.domain.run import RunKey, RunRow
from app.domain.run_query import RunFilter
from app.local.batch_journal import SqliteBatchJournal
from app.local.place import Place
from app.services.batch_planning import BatchPlanning
from app.services.batch_ports import BatchSources
from app.services.batch_runs import BatchRuns
from app.services.batch_timing import BatchTiming
from app.services.replay_run import ReplayCommand, ReplayOutcome
from tests.services.doubles import NOW, TENANT, operator, row

WORKFLOW = UUID(int=7)


_TURNS = 60
"""Turns of the loop in which everything that can go on without time has gone on."""


class AtOnce(Executor):
    """Runs what a thread would run, at once, so that turns of the loop can be counted."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - whoever awaits the future gets it
            future.set_exception(error)
        return future


@dataclass(eq=False)
class PassingTime:
    """Time passes while something is waited for that does not come."""

    now: float = 1000.0

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        for _ in range(_TURNS):
            if event.is_set() or seconds == 0.0:
                break
            await asyncio.sleep(0)
        else:
            self.now += seconds

    @property
    def timing(self) -> BatchTiming:
        return BatchTiming(lambda: self.now, lambda: NOW, self.wait)


@dataclass(eq=False)
class ScriptedReplays:
    """Replays one run: by a script of errors and statuses, else well. Its effects are counted by request id."""

    time: PassingTime
    script: dict[UUID, list[Exception | str]] = field(default_factory=dict)
    effects: Counter[UUID] = field(default_factory=Counter)
    sent: list[tuple[float, UUID]] = field(default_factory=list)
    statuses: dict[UUID, str] = field(default_factory=dict)
    at_send: Callable[[UUID], None] = lambda _run: None

    @property
    def running(self) -> list[UUID]:
        """Requests whose runs have not ended."""
        return [request for request, status in self.statuses.items() if status == "RUNNING"]

    def end_all(self) -> None:
        """Let every run that has started end well."""
        self.statuses.update(dict.fromkeys(self.running, "SUCCEEDED"))

    async def sources(self, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[()]:
        del tenant, run_ids
        return ()

    async def replay(self, command: ReplayCommand, source: object = None) -> ReplayOutcome:
        del source
        self.sent.append((self.time.now, command.source.run_id))
        self.at_send(command.source.run_id)
        words = self.script.get(command.source.run_id)
        word = words.pop(0) if words else "SUCCEEDED"
        if isinstance(word, Exception):
            raise word
        if command.request_id not in self.statuses:
            self.effects[command.source.run_id] += 1
        self.statuses[command.request_id] = word
        launch = LaunchOutcome(RunKey(TENANT, command.request_id), 1, "RUNNING", LaunchState.STARTED)
        return ReplayOutcome(launch, "original")


@dataclass(eq=False)
class ScriptedFacts:
    """Facts of runs that all failed, unless said otherwise; the ends are those of the scripted replays."""

    replays: ScriptedReplays
    changes: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    missing: set[UUID] = field(default_factory=set)
    room_now: Callable[[], LaunchRoom] = lambda: LaunchRoom(0, None, None)
    before_ends: Callable[[], None] = lambda: None

    async def matching(self, tenant: UUID, run_filter: RunFilter, limit: int) -> tuple[UUID, ...]:
        del tenant, run_filter
        return tuple(self.changes)[:limit]

    async def facts(self, tenant: UUID, run_ids: Sequence[UUID], action: BatchAction, patch: object) -> ScopeFacts:
        del tenant, action, patch
        return ScopeFacts(tuple(self._facts(run) for run in run_ids if run not in self.missing), frozenset(), NOW)

    async def room(self, tenant: UUID, workflows: Sequence[UUID]) -> LaunchRoom:
        del tenant, workflows
        return self.room_now()

    async def ends(self, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[tuple[UUID, str], ...]:
        del tenant
        self.before_ends()
        known = ((run, self.replays.statuses.get(run)) for run in run_ids)
        return tuple((run, status) for run, status in known if status is not None and status != "RUNNING")

    async def existing(self, tenant: UUID, run_ids: Sequence[UUID]) -> frozenset[UUID]:
        del tenant
        return frozenset(run for run in run_ids if run in self.replays.statuses)

    def _facts(self, run: UUID) -> RunFacts:
        made = RunFacts(
            run_id=run,
            workflow_id=WORKFLOW,
            workflow_name="Ticket triage",
            workflow_version=1,
            version_exists=True,
            workflow_paused=False,
            status="FAILED",
            ended=True,
            started_at=NOW,
        )
        return replace(made, **self.changes.get(run, {}))


class ScriptedReader:
    """Says what went wrong in a replay."""

    async def rows(self, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
        del tenant
        return tuple(row(run, "FAILED", NOW, error_text="The gateway is down.") for run in run_ids)


@dataclass
class Operators:
    """One person, whose rights can be taken away."""

    person: Operator

    async def find(self, tenant: UUID, who: str) -> Operator:
        assert (tenant, who) == (self.person.tenant, str(self.person.user_id))
        return self.person


class NoPreviews:
    async def forecasts(self, tenant: UUID, run_ids: Sequence[UUID]) -> dict[UUID, Any]:
        del tenant, run_ids
        return {}


class BatchDesk:
    """Batches on these doubles."""

    def __init__(self, directory: Path, runs: int = 20) -> None:
        self.time = PassingTime()
        self.replays = ScriptedReplays(self.time)
        self.facts = ScriptedFacts(self.replays)
        self.operators = Operators(operator("admin"))
        self.runs = [uuid4() for _ in range(runs)]
        self.told: list[BatchProgress] = []
        self._directory = directory
        self.open()

    def open(self) -> None:
        """Open services anew on the same journal, as another process would."""
        self.journal = SqliteBatchJournal(self._directory, Place("postgresql://db/one", "temporal:7233 default"))
        self.journal._thread = AtOnce()  # type: ignore[assignment]
        sources: Any = SimpleNamespace(
            journal=self.journal, facts=self.facts, reader=ScriptedReader(), operators=self.operators
        )
        previews: Any = NoPreviews()
        replays: Any = self.replays
        cancels: Any = None
        self.planning = BatchPlanning(self.facts, self.journal, previews)
        self.batches = BatchRuns(
            BatchSources(sources.journal, sources.facts, sources.reader, sources.operators),
            self.planning,
            replays,
            cancels,
            self.time.timing,
        )

    async def plan(self, settings: BatchSettings | None = None, **changes: Any) -> BatchPlan:
        given = {
            "batch_id": uuid4(),
            "scope": BatchScope(TENANT, tuple(self.runs)),
            "action": BatchAction.REPLAY,
            "name": "INC-7",
            "reason": "the gateway is back",
            "settings": settings or BatchSettings(),
        }
        return await self.planning.plan(BatchOrder(**{**given, **changes}), self.operators.person)

    async def run(self, plan: BatchPlan, settings: BatchSettings | None = None) -> BatchProgress:
        person = self.operators.person
        return await self.batches.run(plan.order.batch_id, person, settings, self.told.append)


def limited(desk: BatchDesk, limit: int, others: Callable[[], int] = lambda: 0) -> Callable[[], LaunchRoom]:
    """Return the tenant's room as the database would count it: the desk's starts of the last minute, and others'."""

    def room() -> LaunchRoom:
        recent = sum(desk.time.now - at < 60 for at, _ in desk.replays.sent)
        return LaunchRoom(recent + others(), limit, None, (WorkflowRoom(WORKFLOW, None, 0),))

    return room
