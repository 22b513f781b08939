"""A stand-in for the services of batches: plans that a test made up, and runs that go on when the test says so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from app.domain.batch import BatchOrder, BatchPlan, BatchSettings, Concern, ConcernCode, PlanItem
from app.domain.batch_ledger import BatchLedger, BatchProgress, BatchState, EntryState, LedgerEntry
from app.domain.errors import ActionRefused, NotFound
from app.domain.operator import Operator
from app.domain.run import RunRow
from tests.desktop.doubles import NOW, Rows

Watch = Callable[[BatchProgress], None]


def count_states(entries: Iterable[LedgerEntry]) -> tuple[tuple[EntryState, int], ...]:
    """Count entries per state, every state named."""
    counted = Counter(entry.state for entry in entries)
    return tuple((state, counted[state]) for state in EntryState)


def concern(code: ConcernCode, path: str | None = None) -> Concern:
    """Return a concern with a sentence of its own."""
    return Concern(code, f"The run is {code}.", path)


def item_of(row: RunRow, *concerns: Concern) -> PlanItem:
    """Return the plan's word on a row."""
    return PlanItem(
        row.key.run_id, concerns, row.workflow_id, row.workflow_name, row.workflow_version, row.status, row.started_at
    )


class FakeBatches:
    """Stands in for BatchPlanning and BatchRuns, and writes down what reached it.

    A test puts concerns into ``concerns`` before a plan is made, sets ``hold`` to keep planning or running from
    ending, and lets a running batch move by :meth:`move`.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.ledgers: dict[UUID, BatchLedger] = {}
        self.concerns: dict[UUID, tuple[Concern, ...]] = {}
        self.orders: list[BatchOrder] = []
        self.runs_begun: list[tuple[UUID, BatchSettings | None]] = []
        self.elsewhere: set[UUID] = set()
        self.tenants: dict[UUID, tuple[BatchProgress, ...]] = {}
        self.error: Exception | None = None
        self.planning: asyncio.Event | None = None
        self.session: asyncio.Event | None = None
        self._watch: Watch | None = None

    async def plan(self, order: BatchOrder, _operator: Operator) -> BatchPlan:
        self._fail()
        self.orders.append(order)
        if self.planning is not None:
            await self.planning.wait()
        wanted = order.scope.run_ids
        rows = [row for row in self._rows.rows if wanted is None or row.key.run_id in wanted]
        items = tuple(item_of(row, *self.concerns.get(row.key.run_id, ())) for row in rows)
        plan = BatchPlan(order, items, NOW)
        self.keep(plan)
        return plan

    def keep(self, plan: BatchPlan, state: BatchState = BatchState.PLANNED) -> None:
        """Put a plan into the journal."""
        entries = tuple(
            LedgerEntry(item.run_id, EntryState.PENDING, workflow_name=item.workflow_name) for item in plan.items
        )
        order = plan.order
        progress = BatchProgress(
            order.batch_id, order.name, order.action, state, count_states(entries), planned_at=plan.planned_at
        )
        self.ledgers = {order.batch_id: BatchLedger(plan, progress, entries), **self.ledgers}

    def move(
        self, batch_id: UUID, state: BatchState | None = None, entries: Mapping[int, LedgerEntry] | None = None
    ) -> None:
        """Let the batch come to another state, and runs, by their place in the plan, to other entries."""
        ledger = self.ledgers[batch_id]
        moved = tuple((entries or {}).get(place, entry) for place, entry in enumerate(ledger.entries))
        progress = replace(ledger.progress, state=state or ledger.progress.state, counts=count_states(moved))
        self.ledgers[batch_id] = replace(ledger, entries=moved, progress=progress)
        if self._watch is not None:
            self._watch(progress)

    async def run(
        self, batch_id: UUID, _operator: Operator, settings: BatchSettings | None, watch: Watch, *, moved: bool = False
    ) -> BatchProgress:
        self._fail()
        if batch_id in self.elsewhere and not moved:
            raise ActionRefused("batch.other_place", "This batch was planned elsewhere.", planned_on="x", place="y")
        self.runs_begun.append((batch_id, settings))
        self._watch = watch
        self.move(batch_id, BatchState.RUNNING)
        if self.session is None:
            self.move(batch_id, BatchState.FINISHED)
        else:
            await self._go_on(batch_id, self.session)
        self._watch = None
        return self.ledgers[batch_id].progress

    async def _go_on(self, batch_id: UUID, session: asyncio.Event) -> None:
        """Tell how the batch stands again and again, as a runner does, until the session ends."""
        while not session.is_set():
            self.move(batch_id)
            with suppress(TimeoutError):
                await asyncio.wait_for(session.wait(), 0.25)

    async def pause(self, batch_id: UUID) -> BatchProgress:
        self.move(batch_id, BatchState.PAUSED)
        if self.session is not None:
            self.session.set()
        return self.ledgers[batch_id].progress

    async def abort(self, batch_id: UUID, _operator: Operator) -> BatchProgress:
        self.move(batch_id, BatchState.ABORTED)
        if self.session is not None:
            self.session.set()
        return self.ledgers[batch_id].progress

    async def ledger(self, batch_id: UUID) -> BatchLedger:
        self._fail()
        if batch_id not in self.ledgers:
            raise NotFound("batch.not_found", "There is no such batch.")
        return self.ledgers[batch_id]

    async def known(self, tenant: UUID) -> tuple[BatchProgress, ...]:
        self._fail()
        if tenant in self.tenants:
            return self.tenants[tenant]
        return tuple(ledger.progress for ledger in self.ledgers.values())

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error
