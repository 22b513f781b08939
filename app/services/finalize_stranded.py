"""Close the rows that the removed engine left active (cause S18), after Temporal has denied that they run.

The product did this once, by a migration (database.md 4.2); rows that appear later stay active for ever. Each batch
is judged by Temporal right before its transaction, so that a run which truly executes is never canceled.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.errors import ActionRefused, TemporalUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.operator import Operator, Right
from app.domain.stranded import JudgedRun, StrandedFate, StrandedRun
from app.services.acting import require_right
from app.services.diagnosis_ports import ExecutionReader
from app.services.ports import DatabaseProbe, ExecutionGateway
from app.services.reason import checked_reason
from app.services.repair_ports import FinalizeAct, StrandedStore

BATCH = 100
"""Rows of one transaction: its locks are held for well under a second."""
_DESCRIBES_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class StrandedReport:
    """What a dry run found. ``verified`` is False when Temporal cannot tell: then applying refuses."""

    runs: tuple[JudgedRun, ...]
    read_at: datetime
    verified: bool


@dataclass(frozen=True, slots=True)
class FinalizeCommand:
    """Finalize every stranded run of a tenant; sending the same request again writes only what is left."""

    tenant: UUID
    reason: str
    operator: Operator
    request_id: UUID


@dataclass(frozen=True, slots=True)
class FinalizeOutcome:
    """What was written: ``finalized`` got ``completed_at``; ``spared`` have or name an execution and are untouched."""

    finalized: tuple[UUID, ...]
    spared: tuple[JudgedRun, ...]
    completed_at: datetime


class FinalizeStranded:
    """Lists and finalizes stranded runs.

    Args:
        store: Their rows.
        gateway: Says which of them Temporal executes.
        executions: Says whether the namespace is one of the product's: what another does not know proves nothing.
        probe: The database's clock, for the act's one completion time.
    """

    def __init__(
        self, store: StrandedStore, gateway: ExecutionGateway, executions: ExecutionReader, probe: DatabaseProbe
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._executions = executions
        self._probe = probe

    async def plan(self, tenant: UUID | None) -> StrandedReport:
        """Return every stranded run with its fate; nothing is written. EnvironmentFailure when Postgres is away."""
        judged: list[JudgedRun] = []
        verified, after = await self._can_verify(), None
        while True:
            page = await self._store.page(tenant, after, BATCH)
            if verified:
                try:
                    judged.extend(await self._judge(page.runs))
                except TemporalUnavailable:
                    verified = False
            if not verified:
                judged.extend(JudgedRun(run, StrandedFate.UNVERIFIED) for run in page.runs)
            if len(page.runs) < BATCH:
                return StrandedReport(tuple(judged), page.read_at, verified)
            after = page.runs[-1].key.run_id

    async def apply(self, command: FinalizeCommand) -> FinalizeOutcome:
        """Finalize the tenant's stranded runs, batch by batch; an interrupted act is finished by the next one.

        Raises:
            NotPermitted: The operator lacks ``admin``.
            InvalidInput: The reason is too short.
            ActionRefused: The namespace holds no execution of the product.
            EnvironmentFailure: A side is down. What was committed stays; without Temporal nothing is written.
        """
        require_right(command.operator, command.tenant, Right.ADMIN, "finalize stranded runs")
        reason = checked_reason(command.reason)
        await self._gateway.ping()
        if not await self._executions.namespace_in_use():
            raise ActionRefused(
                "stranded.unused_namespace",
                "This Temporal namespace holds no execution of AlgaPSA's workflows, so that it does not know these "
                "runs proves nothing. Nothing was written. Check the connection's address and namespace.",
            )
        completed_at = _milliseconds(await self._probe.clock())
        act = FinalizeAct(command.request_id, command.operator, reason, completed_at)
        finalized: list[UUID] = []
        spared: list[JudgedRun] = []
        after: UUID | None = None
        while True:
            runs = (await self._store.page(command.tenant, after, BATCH)).runs
            judged = await self._judge(runs)
            doomed = tuple(each.run.key.run_id for each in judged if each.fate is StrandedFate.FINALIZE)
            if doomed:
                finalized.extend(await self._store.finalize(command.tenant, doomed, act))
            spared.extend(each for each in judged if each.fate is not StrandedFate.FINALIZE)
            if len(runs) < BATCH:
                return FinalizeOutcome(tuple(finalized), tuple(spared), completed_at)
            after = runs[-1].key.run_id

    async def _can_verify(self) -> bool:
        try:
            return await self._executions.namespace_in_use()
        except TemporalUnavailable:
            return False

    async def _judge(self, runs: tuple[StrandedRun, ...]) -> tuple[JudgedRun, ...]:
        """Ask Temporal about each run, some at a time. TemporalUnavailable when it does not answer for all."""
        slots = asyncio.Semaphore(_DESCRIBES_AT_ONCE)

        async def judge(run: StrandedRun) -> JudgedRun:
            async with slots:
                return JudgedRun(run, _fate(run, await self._gateway.describe(run.key.run_id)))

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(judge(run)) for run in runs]
        except ExceptionGroup as failures:
            away, others = failures.split(TemporalUnavailable)
            if away is None or others is not None:
                raise
            raise away.exceptions[0] from None
        return tuple(task.result() for task in tasks)


def _fate(run: StrandedRun, facts: ExecutionFacts | None) -> StrandedFate:
    """Return what to do with a row of which Temporal says this; an ended execution has an outcome of its own.

    "No such execution" of one that the row names proves only that it is not in this namespace.
    """
    if facts is None:
        return StrandedFate.ELSEWHERE if run.has_execution_id else StrandedFate.FINALIZE
    running = facts.status in (ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW)
    return StrandedFate.EXECUTING if running else StrandedFate.ENDED


def _milliseconds(moment: datetime) -> datetime:
    """Return the moment with the product's precision."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
