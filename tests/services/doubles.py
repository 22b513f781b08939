"""In-memory doubles of the ports, with faults to order: they behave like the real sides, an answer can be lost."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from app.domain.errors import DatabaseUnavailable, NotFound, TemporalUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus, QueueFacts
from app.domain.launching import CopiedPayload, LaunchOrder
from app.domain.operator import Operator
from app.domain.payload_schema import SchemaCheck, SchemaState
from app.domain.run import EffectiveState, RunKey, RunRow, RunStatus
from app.services.patience import Patience
from app.services.ports import (
    ActionRecord,
    AdmittedLaunch,
    BeforeEffect,
    ExecutionStart,
    ReplaySource,
    StartAnswer,
    StartRefused,
    StartUnclear,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TENANT = UUID("11111111-1111-4111-8111-111111111111")


def database_away() -> DatabaseUnavailable:
    return DatabaseUnavailable("database.unavailable", "Postgres cannot be reached.")


def temporal_away() -> TemporalUnavailable:
    return TemporalUnavailable("temporal.unavailable", "Temporal cannot be reached.")


@dataclass(eq=False)
class ManualClock:
    """Time that passes only while somebody pauses."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.now += seconds

    def patience(self, seconds: float = 3.0) -> Patience:
        return Patience(seconds, self, self.pause)


def operator(*rights: str, tenant: UUID = TENANT) -> Operator:
    return Operator(
        tenant=tenant,
        user_id=uuid4(),
        display_name="Glinda South",
        email="glinda@example.com",
        roles=("Admin",),
        rights=frozenset(rights),
    )


def row(run_id: UUID, status: str = "RUNNING", completed_at: datetime | None = None, **changes: object) -> RunRow:
    made = RunRow(
        key=RunKey(TENANT, run_id),
        workflow_id=UUID(int=7),
        workflow_name="Ticket triage",
        workflow_version=3,
        status=status,
        engine="temporal",
        trigger_type=None,
        event_type=None,
        node_path="root.steps[0]",
        started_at=NOW,
        updated_at=NOW,
        completed_at=completed_at,
        age_seconds=1.0,
        has_steps=False,
        stuck=False,
        state=EffectiveState.QUEUED,
        open_wait=None,
        replay_of=None,
        error_text=None,
    )
    return replace(made, **changes)


@dataclass
class StoredRun:
    """A run row of the double."""

    order: LaunchOrder
    status: str = RunStatus.RUNNING
    has_steps: bool = False
    completed: bool = False
    workflow_id: str | None = None
    first_run_id: str | None = None
    failure: str | None = None


@dataclass
class MemoryWriter:
    """A projection in memory. ``faults`` maps a method to "before" or "after" words, used up call by call:

    "before" loses the request, "after" loses the answer of an effect that took place.
    """

    runs: dict[UUID, StoredRun] = field(default_factory=dict)
    records: dict[UUID, ActionRecord] = field(default_factory=dict)
    faults: dict[str, deque[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refusal: Exception | None = None
    version: int = 3
    source: ReplaySource | None = None

    def order_faults(self, method: str, *words: str) -> None:
        self.faults[method] = deque(words)

    async def admit(self, order: LaunchOrder, before_effect: BeforeEffect | None = None) -> AdmittedLaunch:
        fault = self._enter("admit")
        if before_effect is not None:
            await before_effect()
        if self.refusal is not None:
            raise self.refusal
        found = self.runs.get(order.request_id)
        by_fire_key = next(
            (
                run
                for run in self.runs.values()
                if order.trigger_fire_key and run.order.trigger_fire_key == order.trigger_fire_key
            ),
            None,
        )
        run = found or by_fire_key
        created = run is None
        if run is None:
            run = self.runs[order.request_id] = StoredRun(order)
        self._leave(fault)
        return AdmittedLaunch(
            run_id=run.order.request_id,
            workflow_id=run.order.workflow_id,
            workflow_version=run.order.workflow_version or self.version,
            created=created,
            same_request=run.order.request_id == order.request_id,
            status=run.status,
            has_temporal_ids=run.workflow_id is not None,
            trigger_type=run.order.trigger_type,
            execution_key=run.order.execution_key or f"launch-{run.order.workflow_id}-1",
        )

    async def confirm_launch(
        self, key: RunKey, workflow_id: str, first_run_id: str | None, record: ActionRecord | None
    ) -> str:
        fault = self._enter("confirm_launch")
        if key.run_id not in self.runs:
            raise NotFound("run.not_found", "There is no such run.")
        run = self.runs[key.run_id]
        run.workflow_id = run.workflow_id or workflow_id
        run.first_run_id = run.first_run_id or first_run_id
        if record is not None:
            self.records.setdefault(record.request_id, record)
        self._leave(fault)
        return run.status

    async def fail_launch(self, key: RunKey, message: str, details: dict[str, object]) -> bool:
        fault = self._enter("fail_launch")
        run = self.runs.get(key.run_id)
        writable = run is not None and run.status == RunStatus.RUNNING and not run.has_steps and run.workflow_id is None
        if run is not None and writable:
            run.status, run.failure, run.completed = RunStatus.FAILED, message, True
        self._leave(fault)
        return writable

    async def replay_source(self, key: RunKey, *, redacted: bool = True) -> ReplaySource:
        del redacted
        self._enter("replay_source")
        if self.source is None or self.source.key != key:
            raise NotFound("run.not_found", "There is no such run.")
        return self.source

    async def cancel(self, key: RunKey, record: ActionRecord) -> bool:
        fault = self._enter("cancel")
        run = self.runs[key.run_id]
        active = run.status in {RunStatus.RUNNING, RunStatus.WAITING}
        if active:
            run.status, run.completed = RunStatus.CANCELED, True
            self.records.setdefault(record.request_id, record)
        self._leave(fault)
        return active

    async def record(self, tenant: UUID, record: ActionRecord) -> None:
        fault = self._enter("record")
        self.records.setdefault(record.request_id, record)
        self._leave(fault)

    def _enter(self, method: str) -> str:
        self.calls.append(method)
        waiting = self.faults.get(method)
        fault = waiting.popleft() if waiting else ""
        if fault == "before":
            raise database_away()
        return fault

    def _leave(self, fault: str) -> None:
        if fault == "after":
            raise database_away()


@dataclass
class MemoryReader:
    """Reads the rows of a MemoryWriter; only what the acting services need."""

    writer: MemoryWriter

    async def rows(self, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
        known = (self.writer.runs.get(run_id) for run_id in run_ids)
        return tuple(
            row(run.order.request_id, run.status, NOW if run.completed else None)
            for run in known
            if run is not None and run.order.tenant == tenant
        )


@dataclass
class MemoryGateway:
    """A Temporal in memory. ``starts`` are words used up start by start:

    "refused", "lost" (the request never arrives), "unanswered" (it takes effect), "late" (it takes effect with the
    next start or describe), else it succeeds.
    """

    executions: dict[UUID, ExecutionFacts] = field(default_factory=dict)
    starts: deque[str] = field(default_factory=deque)
    sent: list[ExecutionStart] = field(default_factory=list)
    begun: int = 0
    reachable: bool = True
    silent_describes: int = 0
    cancel_ends_as: ExecutionStatus | None = None
    pollers: tuple[datetime, ...] = ()
    _late: list[ExecutionStart] = field(default_factory=list)

    async def start(self, start: ExecutionStart) -> StartAnswer:
        self.sent.append(start)
        word = self.starts.popleft() if self.starts else ""
        if word == "refused":
            raise StartRefused("namespace is handed over")
        if word == "late":
            self._late.append(start)
        if word in {"lost", "late"} or not self.reachable:
            raise StartUnclear("no answer")
        existed = start.run_id in self.executions
        answer = self._begin(start)
        self._arrive()
        if word == "unanswered":
            raise StartUnclear("no answer")
        return StartAnswer(answer.workflow_id, answer.first_run_id, already_started=existed)

    async def describe(self, run_id: UUID) -> ExecutionFacts | None:
        if not self.reachable:
            raise temporal_away()
        if self.silent_describes:
            self.silent_describes -= 1
            raise temporal_away()
        found = self.executions.get(run_id)
        self._arrive()
        return found

    async def request_cancel(self, run_id: UUID) -> bool:
        if not self.reachable:
            raise temporal_away()
        if run_id not in self.executions:
            return False
        if self.cancel_ends_as is not None:
            self.executions[run_id] = replace(self.executions[run_id], status=self.cancel_ends_as, closed_at=NOW)
        return True

    async def queue(self) -> QueueFacts:
        if not self.reachable:
            raise temporal_away()
        names = tuple(f"worker-{number}" for number in range(len(self.pollers)))
        return QueueFacts("q", names, max(self.pollers, default=None), self.pollers)

    async def ping(self) -> None:
        if not self.reachable:
            raise temporal_away()

    def _arrive(self) -> None:
        for start in self._late:
            self._begin(start)
        self._late.clear()

    def _begin(self, start: ExecutionStart) -> ExecutionFacts:
        if start.run_id not in self.executions:
            self.begun += 1
            self.executions[start.run_id] = ExecutionFacts(
                workflow_id=f"workflow-runtime-v2:run:{start.run_id}",
                first_run_id=str(uuid4()),
                status=ExecutionStatus.RUNNING,
                task_queue="q",
                started_at=NOW,
                closed_at=None,
                history_length=1,
            )
        return self.executions[start.run_id]


@dataclass
class MemorySchemas:
    """Answers every check with ``check``, None for "no schema", and remembers what it was asked about."""

    check: SchemaCheck | None = None
    asked: list[tuple[int | None, CopiedPayload]] = field(default_factory=list)

    async def check_copy(
        self, tenant: UUID, workflow_id: UUID, version: int | None, payload: CopiedPayload
    ) -> SchemaCheck:
        self.asked.append((version, payload))
        return self.check or SchemaCheck(SchemaState.NO_SCHEMA, version or 1)

    async def check_given(self, tenant: UUID, workflow_id: UUID, version: int | None, text: str) -> SchemaCheck:
        return self.check or SchemaCheck(SchemaState.NO_SCHEMA, version or 1)


def copied(order: LaunchOrder) -> CopiedPayload:
    assert isinstance(order.payload, CopiedPayload)
    return order.payload
