"""Run a planned batch, watch it, pause, go on, abort, and read its ledger.

Whoever runs a batch holds it: a second runner is refused, and the lock is gone with the process. Pausing and aborting
are wishes written into the journal, so they work from another window or another shell as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias
from uuid import UUID

from app.domain.batch import BatchPlan, BatchSettings, PlanItem
from app.domain.batch_ledger import (
    ENDED_STATES,
    BatchLedger,
    BatchProgress,
    BatchState,
    EntryState,
    LedgerEntry,
    WaitingFor,
)
from app.domain.batch_rules import bad_ones, known_ones, seconds_left
from app.domain.errors import ActionRefused, EnvironmentFailure, JournalUnusable
from app.domain.operator import Operator, Right
from app.services.acting import require_right
from app.services.batch_acts import Cancels, act_of
from app.services.batch_book import BatchBook
from app.services.batch_follow import BatchFollow
from app.services.batch_planning import BatchPlanning
from app.services.batch_ports import BatchSources, Standing, Wish
from app.services.batch_runner import BatchRunner, RunnerParts, workflows_of
from app.services.batch_throttle import Throttle
from app.services.batch_timing import BatchTiming
from app.services.replay_run import ReplayRun

Watch: TypeAlias = Callable[[BatchProgress], None]


class BatchRuns:
    """Runs batches of this computer's journal.

    Args:
        sources: The journal, the projection and the people.
        planning: Judges runs again before they are sent.
        replays: Replays one run.
        cancels: Cancels one run.
        timing: The clocks.
    """

    def __init__(
        self,
        sources: BatchSources,
        planning: BatchPlanning,
        replays: ReplayRun,
        cancels: Cancels,
        timing: BatchTiming | None = None,
    ) -> None:
        self._journal = sources.journal
        self._facts = sources.facts
        self._operators = sources.operators
        self._planning = planning
        self._replays = replays
        self._cancels = cancels
        self._timing = timing or BatchTiming()
        self._follow = BatchFollow(sources.facts, sources.reader, self._timing)

    async def run(
        self,
        batch_id: UUID,
        operator: Operator,
        settings: BatchSettings | None = None,
        watch: Watch | None = None,
        *,
        moved: bool = False,
    ) -> BatchProgress:
        """Run a planned batch, or go on with one, until it ends, is paused or stops itself; return how it stands.

        Args:
            batch_id: The batch.
            operator: Who runs it; their right is checked now and again before each group of runs.
            settings: Replaces the settings of the plan, or of the session before.
            watch: Told every change.
            moved: The database is the one that the batch was planned on, although its address is another.

        Raises:
            NotFound: The journal has no such batch.
            NotPermitted: The operator lacks ``admin``.
            ActionRefused: It has ended, another process runs it, or it was planned on another database.
            EnvironmentFailure: The journal. A silent server is waited for, then the batch stops with its code.
        """
        async with self._journal.hold(batch_id, moved=moved):
            standing, plan = await self._taken_up(batch_id, operator)
            if settings is not None:
                await self._journal.settle(batch_id, settings)
                plan = replace(plan, order=replace(plan.order, settings=settings))
            book = await self._book(batch_id)
            await book.put(*_chosen(plan, book.entries))
            standing = _running(standing, book)
            await self._journal.stand(batch_id, standing)
            end = await self._runner(plan, operator, book, standing, watch).run()
            await self._close(batch_id, book, standing, end)
        return await self.progress(batch_id)

    async def pause(self, batch_id: UUID) -> BatchProgress:
        """Ask the batch's runner to stop sending; what is under way comes to its end. Return how it stands now."""
        standing = await self._journal.standing(batch_id)
        _refuse_ended(batch_id, standing)
        if standing.held:
            await self._journal.wish(batch_id, Wish.PAUSE)
        elif standing.state is BatchState.RUNNING:
            await self._journal.stand(batch_id, replace(standing, state=BatchState.PAUSED))
        return await self.progress(batch_id)

    async def abort(self, batch_id: UUID, operator: Operator) -> BatchProgress:
        """End the batch: nothing more is sent, and what was sent stays. Return how it stands now.

        Raises:
            NotFound, NotPermitted: As for :meth:`run`.
            ActionRefused: It has ended.
        """
        standing, plan = await self._taken_up(batch_id, operator)
        if standing.held:
            await self._journal.wish(batch_id, Wish.ABORT)
            return await self.progress(batch_id)
        async with self._journal.hold(batch_id):
            standing, plan = await self._taken_up(batch_id, operator)  # it may have been run meanwhile
            book = await self._book(batch_id)
            end = await self._runner(plan, operator, book, standing, None).run(finish_only=True)
            finished = end.state is BatchState.FINISHED
            await self._close(batch_id, book, standing, Standing(BatchState.ABORTED) if finished else end)
        return await self.progress(batch_id)

    async def progress(self, batch_id: UUID) -> BatchProgress:
        """Return how the batch stands. One that nobody runs is looked at, so that replays that ended meanwhile show."""
        return (await self.ledger(batch_id)).progress

    async def ledger(self, batch_id: UUID) -> BatchLedger:
        """Return the plan and every entry. NotFound.

        While Postgres is away, what is under way is shown as the journal has it, and the progress says so. So is a
        batch that was planned elsewhere: this database may be a copy, whose runs say nothing about it.
        """
        standing = await self._journal.standing(batch_id)
        plan = await self._journal.plan(batch_id)
        book = await self._book(batch_id)
        if not standing.held and not standing.planned_elsewhere and book.counts[EntryState.UNDER_WAY]:
            try:
                await self._follow.look(plan.order, book)
            except JournalUnusable:
                raise
            except EnvironmentFailure as error:
                standing = replace(standing, code=error.code, message=error.message)
        return BatchLedger(plan, _progress(plan, standing, book.counts), book.entries)

    async def known(self, tenant: UUID) -> tuple[BatchProgress, ...]:
        """Return every batch of the tenant that was planned on this place, newest first, as the journal has it."""
        batches = []
        for head in await self._journal.known(tenant):
            standing = await self._journal.standing(head.plan.order.batch_id)
            batches.append(_progress(head.plan, standing, Counter(dict(head.counts))))
        return tuple(batches)

    async def planned_elsewhere(self, tenant: UUID) -> tuple[tuple[UUID, str], ...]:
        """Return the tenant's batches of other databases or Temporals, newest first, with where they were planned."""
        return await self._journal.planned_elsewhere(tenant)

    async def _taken_up(self, batch_id: UUID, operator: Operator) -> tuple[Standing, BatchPlan]:
        standing = await self._journal.standing(batch_id)
        plan = await self._journal.plan(batch_id)
        require_right(operator, plan.order.scope.tenant, Right.ADMIN, f"{plan.order.action} runs")
        _refuse_ended(batch_id, standing)
        return standing, plan

    async def _book(self, batch_id: UUID) -> BatchBook:
        return BatchBook(self._journal, batch_id, await self._journal.entries(batch_id))

    async def _close(self, batch_id: UUID, book: BatchBook, standing: Standing, end: Standing) -> None:
        """Write down how a session ended; an abort leaves out what was not sent, once nothing is in doubt any more."""
        if end.state is BatchState.ABORTED and book.counts[EntryState.SENDING]:
            unsure = book.in_state(EntryState.SENDING)[0]
            end = Standing(BatchState.STOPPED, unsure.code, unsure.message)
        elif end.state is BatchState.ABORTED:
            left = book.in_state(EntryState.PENDING)
            await book.put(*(replace(entry, state=EntryState.LEFT_OUT, code="batch.aborted") for entry in left))
        await self._journal.stand(
            batch_id, replace(end, forgiven=standing.forgiven, forgiven_bad=standing.forgiven_bad)
        )

    def _runner(
        self, plan: BatchPlan, operator: Operator, book: BatchBook, standing: Standing, watch: Watch | None
    ) -> BatchRunner:
        def tell(waiting_for: WaitingFor | None, per_minute: float | None) -> None:
            if watch is not None:
                now = _progress(plan, replace(standing, held=True), book.counts)
                left = seconds_left(now.count(EntryState.PENDING, EntryState.SENDING), per_minute)
                watch(replace(now, waiting_for=waiting_for, per_minute=per_minute, seconds_left=left))

        order = plan.order
        parts = RunnerParts(
            act=act_of(order.action, self._replays, self._cancels),
            planning=self._planning,
            journal=self._journal,
            follow=self._follow,
            operators=self._operators,
            throttle=Throttle(self._facts, order, workflows_of(book.entries), self._timing),
            timing=self._timing,
            tell=tell,
        )
        tell(None, None)
        return BatchRunner(order, operator, book, standing, parts)


def _refuse_ended(batch_id: UUID, standing: Standing) -> None:
    if standing.state in ENDED_STATES:
        raise ActionRefused(
            "batch.ended",
            f"This batch is {standing.state}; nothing more can be done with it. Plan a new one for what is left.",
            batch_id=str(batch_id),
            state=str(standing.state),
        )


def _running(standing: Standing, book: BatchBook) -> Standing:
    """Return the standing of a session that begins; going on after a stop forgives the outcomes that led to it."""
    forgiven, forgiven_bad = standing.forgiven, standing.forgiven_bad
    if standing.state is BatchState.STOPPED:
        forgiven, forgiven_bad = known_ones(book.counts), bad_ones(book.counts)
    return Standing(BatchState.RUNNING, forgiven=forgiven, forgiven_bad=forgiven_bad)


def _chosen(plan: BatchPlan, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Return the entries that the accepted decisions leave out or, in a later session, let in."""
    items = {item.run_id: item for item in plan.items}
    changed = []
    for entry in entries:
        item = items[entry.run_id]
        goes = item.goes_with(plan.order.settings.include)
        if entry.state is EntryState.PENDING and not goes:
            changed.append(_left_out(entry, item))
        elif entry.state is EntryState.LEFT_OUT and goes and entry.code == item.code:
            changed.append(replace(entry, state=EntryState.PENDING, code=None, message=None))
    return changed


def _left_out(entry: LedgerEntry, item: PlanItem) -> LedgerEntry:
    return replace(entry, state=EntryState.LEFT_OUT, code=item.code, message=item.message)


def _progress(plan: BatchPlan, standing: Standing, counts: Counter[EntryState]) -> BatchProgress:
    state = standing.state
    if state is BatchState.RUNNING and not standing.held:
        state = BatchState.INTERRUPTED
    return BatchProgress(
        batch_id=plan.order.batch_id,
        name=plan.order.name,
        action=plan.order.action,
        state=state,
        counts=tuple((word, counts[word]) for word in EntryState),
        code=standing.code,
        message=standing.message,
        planned_at=plan.planned_at,
    )
