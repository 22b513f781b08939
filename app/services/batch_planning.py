"""What would a batch do? Every run of the scope judged before anything is sent, in a few statements.

The scope's ids are one snapshot; the plan that was looked at is the plan that is run. Judging again
(:meth:`BatchPlanning.judge`) is what a runner does shortly before it sends, because hours may lie between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.domain.batch import MAX_BATCH_RUNS, BatchAction, BatchOrder, BatchPlan, PlanItem, SideEffect, Verdict
from app.domain.batch_effects import sum_forecasts
from app.domain.batch_facts import judge
from app.domain.batch_patch import check_patch
from app.domain.errors import ActionRefused, InvalidInput
from app.domain.operator import Operator, Right
from app.services.acting import require_right
from app.services.batch_ports import BatchFacts, BatchJournal
from app.services.reason import checked_reason
from app.services.replay_preview import ReplayPreviews

FORETOLD_AT_ONCE = 1000
"""Runs whose earlier actions are read in one go."""


class BatchPlanning:
    """Plans batches and keeps the plans.

    Args:
        facts: The projection, many runs at a time.
        journal: The record on disk.
        previews: Foretells what replays do again.
    """

    def __init__(self, facts: BatchFacts, journal: BatchJournal, previews: ReplayPreviews) -> None:
        self._facts = facts
        self._journal = journal
        self._previews = previews

    async def plan(self, order: BatchOrder, operator: Operator) -> BatchPlan:
        """Judge every run of the scope, write the plan into the journal and return it.

        Raises:
            NotPermitted: The operator lacks ``admin``.
            InvalidInput: Name or reason is too short, the patch cannot be sent, or the scope is empty or too large.
            ActionRefused: A patch for a cancel.
            EnvironmentFailure: Postgres or the journal.
        """
        require_right(operator, order.scope.tenant, Right.ADMIN, f"{order.action} runs")
        checked = _checked(order)
        run_ids = await self._snapshot(checked)
        items, read_at = await self.judge(checked, run_ids)
        plan = BatchPlan(checked, items, read_at, await self._side_effects(checked, items))
        await self._journal.keep(plan)
        return plan

    async def judge(self, order: BatchOrder, run_ids: Sequence[UUID]) -> tuple[tuple[PlanItem, ...], datetime]:
        """Return the word on each of these runs, in their order, and the database's time of it."""
        tenant = order.scope.tenant
        read = await self._facts.facts(tenant, run_ids, order.action, order.patch)
        busy = await self._journal.busy_runs(tenant, besides=order.batch_id)
        known = {facts.run_id: facts for facts in read.runs}
        items = tuple(
            judge(order, run_id, known.get(run_id), elsewhere=run_id in read.elsewhere, busy=run_id in busy)
            for run_id in run_ids
        )
        return items, read.read_at

    async def admitted(self, order: BatchOrder, requests: Sequence[UUID]) -> frozenset[UUID]:
        """Return which of these requests left a trace before a crash, so that they are continued, not judged again.

        A cancel leaves none in advance of its record, so each one may have been sent.
        """
        if order.action is BatchAction.CANCEL or not requests:
            return frozenset(requests)
        return await self._facts.existing(order.scope.tenant, requests)

    async def _side_effects(self, order: BatchOrder, items: Sequence[PlanItem]) -> tuple[SideEffect, ...] | None:
        if order.action is BatchAction.CANCEL:
            return None
        run_ids = tuple(item.run_id for item in items if item.verdict is not Verdict.BLOCKED)
        forecasts = [
            forecast
            for begin in range(0, len(run_ids), FORETOLD_AT_ONCE)
            for forecast in (
                await self._previews.forecasts(order.scope.tenant, run_ids[begin : begin + FORETOLD_AT_ONCE])
            ).values()
        ]
        return sum_forecasts(forecasts)

    async def _snapshot(self, order: BatchOrder) -> tuple[UUID, ...]:
        scope = order.scope
        if scope.run_ids is None:
            run_ids = await self._facts.matching(scope.tenant, scope.filter, MAX_BATCH_RUNS + 1)
        else:
            run_ids = tuple(dict.fromkeys(scope.run_ids))
        if not run_ids:
            raise InvalidInput("batch.empty", "No run matches, so there is nothing to plan.")
        if len(run_ids) > MAX_BATCH_RUNS:
            raise InvalidInput(
                "batch.too_large",
                f"A batch holds {MAX_BATCH_RUNS} runs at most, and more match. Narrow the filter, for example by time.",
                limit=MAX_BATCH_RUNS,
            )
        return run_ids


def _checked(order: BatchOrder) -> BatchOrder:
    """Return the order with name and reason without surrounding space."""
    name = order.name.strip()
    if not name:
        raise InvalidInput("batch.unnamed", "Give the batch a name, for example that of the incident it repairs.")
    if order.action is BatchAction.CANCEL and order.patch:
        raise ActionRefused("batch.patch_on_cancel", "A cancel changes no input, so it takes no patch.")
    check_patch(order.patch)
    return replace(order, name=name, reason=checked_reason(order.reason))
