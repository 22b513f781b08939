"""Which runs are in trouble, why, and what may be done about it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.domain.diagnosis.classifier import diagnose
from app.domain.diagnosis.codes import Cause, Severity, Source, Verdict
from app.domain.diagnosis.execution_facts import TemporalSide
from app.domain.diagnosis.facts import RowFacts, RunFacts
from app.domain.diagnosis.families import blame_leaves
from app.domain.diagnosis.finding import Diagnosis, Evidence
from app.domain.diagnosis.limits import DEFAULT_LIMITS, Limits
from app.domain.errors import EnvironmentFailure
from app.domain.run import EffectiveState, RunKey
from app.services.diagnosis_ports import DiagnosisReader, ExecutionReader, RowBatch
from app.services.gather_executions import BUDGET_SECONDS, GatherExecutions, scrubbed

MOST_ACTIVE = 5000
"""Runs diagnosed at once; the report says when there are more."""
MOST_CLOSELY = 20
"""Runs looked at closely at once: keys, near misses, histories and texts of Temporal."""
_DEEPEST_FAMILY = 5
UNKNOWN_STATUS = "UNKNOWN"
"""Status word of a run whose row could not be read."""


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """Diagnoses of one moment, worst first, oldest first among equals.

    ``degraded`` says in words what could not be asked or read; ``checked_at`` is the database's clock, this computer's
    while the database is away. ``total`` counts all runs that match, ``described`` those Temporal was asked about
    one by one. ``rows_read`` is False when Postgres did not answer, so that nothing is said about any run.
    """

    runs: tuple[Diagnosis, ...]
    checked_at: datetime
    degraded: tuple[str, ...] = ()
    total: int = 0
    described: int = 0
    rows_read: bool = True

    def troubled(self) -> tuple[Diagnosis, ...]:
        """Return the runs that belong into the banner."""
        return tuple(each for each in self.runs if each.severity is Severity.TROUBLE)

    @classmethod
    def without_rows(cls, tenant: UUID | None, run_ids: Sequence[UUID], error: EnvironmentFailure) -> DiagnosisReport:
        """Return S19 for runs whose rows could not be read."""
        now = datetime.now(UTC)
        return cls(
            runs=tuple(
                Diagnosis(
                    key=RunKey(tenant, run_id),
                    workflow_name=None,
                    status=UNKNOWN_STATUS,
                    state=EffectiveState.UNKNOWN,
                    verdict=Verdict.CANNOT_VERIFY,
                    severity=Severity.WATCH,
                    title=f"Cannot verify: {error.message}",
                    evidence=(Evidence(Source.POSTGRES, error.message, now),),
                    cause=Cause.CANNOT_VERIFY,
                    kind="postgres",
                    advice="Bring the database back or correct the connection, then diagnose again.",
                    params=(("problem", error.message),),
                )
                for run_id in run_ids
            ),
            checked_at=now,
            degraded=(f"postgres: {error.message}",),
            total=len(run_ids),
            rows_read=False,
        )


class DiagnoseRuns:
    """Compares both sides of runs and names the cause of what does not go on.

    Args:
        reader: The projection.
        executions: Temporal.
        contract_queue: Where the product starts runs.
        limits: From when on something is remarkable.
        budget_seconds: How long Temporal may take for one report.
    """

    def __init__(
        self,
        reader: DiagnosisReader,
        executions: ExecutionReader,
        contract_queue: str,
        limits: Limits = DEFAULT_LIMITS,
        budget_seconds: float = BUDGET_SECONDS,
    ) -> None:
        self._reader = reader
        self._contract_queue = contract_queue
        self._limits = limits
        self._gathering = GatherExecutions(executions, contract_queue, limits, budget_seconds)

    async def active(
        self, tenant: UUID | None, *, closed_within: timedelta | None = None, limit: int = MOST_ACTIVE
    ) -> DiagnosisReport:
        """Diagnose every run that is not finally closed, and with ``closed_within`` those that closed lately.

        A side that is down is part of the answer, not an error.
        """
        try:
            batch = await self._reader.active(tenant, closed_within, limit)
        except EnvironmentFailure as error:
            return DiagnosisReport.without_rows(tenant, (), error)
        return await self._report(batch, batch.rows, closely=False)

    async def runs(self, tenant: UUID | None, run_ids: Sequence[UUID]) -> DiagnosisReport:
        """Diagnose these runs, closely when they are few; ids that do not exist are left out.

        A side that is down is part of the answer, not an error.
        """
        wanted = tuple(dict.fromkeys(run_ids))
        try:
            batch = await self._reader.runs(tenant, wanted)
            family = await self._with_children(tenant, batch)
            return await self._report(batch, family, closely=len(family) <= MOST_CLOSELY)
        except EnvironmentFailure as error:  # Postgres; what Temporal does not answer is a problem of single runs
            return DiagnosisReport.without_rows(tenant, wanted, error)

    async def _with_children(self, tenant: UUID | None, batch: RowBatch) -> tuple[RowFacts, ...]:
        """Return the rows with the active child runs below them, whose causes their parents name."""
        family = {row.key.run_id: row for row in batch.rows}
        ahead = {child for row in batch.rows for child in row.children} - family.keys()
        for _ in range(_DEEPEST_FAMILY):
            if not ahead:
                break
            below = await self._reader.runs(tenant, tuple(ahead))
            family |= {row.key.run_id: row for row in below.rows}
            ahead = {child for row in below.rows for child in row.children} - family.keys()
        return tuple(family.values())

    async def _report(self, batch: RowBatch, rows: tuple[RowFacts, ...], *, closely: bool) -> DiagnosisReport:
        found: dict[UUID, Diagnosis] = {}
        unread: list[tuple[RowFacts, TemporalSide]] = []

        def take(row: RowFacts, side: TemporalSide) -> None:
            if closely:
                unread.append((row, side))
            else:
                found[row.key.run_id] = diagnose(self._facts(row, scrubbed(side, _left_out), batch))

        gathered = await self._gathering.gather(rows, batch.read_at, take, closely=closely)
        for row, side in unread:
            closer = await self._reader.closer(row)
            told = scrubbed(side, closer.scrubber.text)
            found[row.key.run_id] = diagnose(self._facts(closer.row, told, batch))
        named = blame_leaves(found, {row.key.run_id: row.children for row in rows})
        return DiagnosisReport(
            runs=_worst_first(batch.rows, named),
            checked_at=batch.read_at,
            degraded=gathered.problems,
            total=batch.total,
            described=gathered.described,
        )

    def _facts(self, row: RowFacts, side: TemporalSide, batch: RowBatch) -> RunFacts:
        return RunFacts(
            row=row,
            now=batch.read_at,
            temporal=side,
            contract_queue=self._contract_queue,
            usage=batch.usage,
            limits=self._limits,
        )


_RANK = {Severity.TROUBLE: 0, Severity.WATCH: 1, Severity.OK: 2}


def _worst_first(rows: Sequence[RowFacts], found: Mapping[UUID, Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of these rows; the rows come oldest first, and the sort keeps that."""
    return tuple(sorted((found[row.key.run_id] for row in rows), key=lambda each: _RANK[each.severity]))


def _left_out(_raw: str | None) -> None:
    """Stand in for a scrubber where a run's secrets were not learned: its texts are left out."""
