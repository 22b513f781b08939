"""One session of a batch: sends what is left, at its pace, until everything is sent, or something says stop.

Before anything goes out for a run, its entry says ``sending`` on disk; when the answer is there, it says what came of
it, written together with the next entries. A crash in between leaves "perhaps", and the next session sends the same
request again, which has no second effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from app.domain.batch import BatchOrder
from app.domain.batch_ledger import FINAL_STATES, BatchState, EntryState, LedgerEntry, WaitingFor
from app.domain.batch_rules import bad_ones, canary_of, failure_stop, is_settled, known_ones
from app.domain.errors import EnvironmentFailure, GateClosed, JournalUnusable, NotPermitted, RuleViolation
from app.domain.operator import Operator, Right
from app.services.batch_acts import BatchAct
from app.services.batch_book import BatchBook
from app.services.batch_follow import BatchFollow
from app.services.batch_planning import BatchPlanning
from app.services.batch_ports import BatchJournal, Standing, Wish
from app.services.batch_queue import SendQueue
from app.services.batch_throttle import Obstacle, Throttle
from app.services.batch_timing import BatchTiming
from app.services.ports import OperatorDirectory

FOLLOW_SECONDS = 1.0
"""How often the runs under way are looked at, and the operator's wishes while there is nothing to send."""
OUTAGE_SECONDS = 60.0
"""How long the servers may be silent before the batch stops by itself; it can be gone on with."""
WISH_SECONDS = 0.2
SENDS_PER_WISH = 5
"""How often the operator's wishes are looked for while there is much to send."""
_LONGEST_OUTAGE_PAUSE = 5.0

Told: TypeAlias = Callable[[WaitingFor | None, float | None], None]


@dataclass(frozen=True, slots=True)
class RunnerParts:
    """What a runner works with. ``tell`` is called at every change: what is waited for, and the starts per minute."""

    act: BatchAct
    planning: BatchPlanning
    journal: BatchJournal
    follow: BatchFollow
    operators: OperatorDirectory
    throttle: Throttle
    timing: BatchTiming
    tell: Told


class BatchRunner:
    """Runs one session.

    Args:
        order: The batch.
        operator: Who runs it; the right is looked up again before each group of runs.
        book: The entries.
        standing: Where the batch stood when it was taken up.
        parts: What it works with.
    """

    def __init__(
        self, order: BatchOrder, operator: Operator, book: BatchBook, standing: Standing, parts: RunnerParts
    ) -> None:
        self._order = order
        self._settings = order.settings
        self._operator = operator
        self._book = book
        self._standing = standing
        self._parts = parts
        self._tell = parts.tell
        self._finish_only = False
        self._queue = SendQueue((), ())
        self._in_flight = 0
        self._wish_read_at = float("-inf")
        self._sends_since_wish = 0
        self._changed = asyncio.Event()
        self._all_sent = False
        self._silent_since: float | None = None
        self._outage_pause = 0.0
        self._end: Standing | None = None

    async def run(self, *, finish_only: bool = False) -> Standing:
        """Send and follow; return where the batch stands then, to be written down by the caller.

        Args:
            finish_only: Send again what a session before may have sent, and nothing else.
        """
        self._finish_only = finish_only
        await self._take_up()
        try:
            async with asyncio.TaskGroup() as tasks:
                if self._settings.follow:
                    tasks.create_task(self._follow())
                await self._send_all(tasks)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        await self._book.flush()
        return self._end or Standing(BatchState.FINISHED)

    async def _take_up(self) -> None:
        """Queue what is left. A request without a trace in the database was never sent, whatever the journal says."""
        requests = {self._order.request_of(entry.run_id): entry for entry in self._book.in_state(EntryState.SENDING)}
        admitted = await self._parts.planning.admitted(self._order, tuple(requests))
        never_sent = [entry for request, entry in requests.items() if request not in admitted]
        await self._book.put(*(replace(entry, state=EntryState.PENDING) for entry in never_sent))
        self._queue = SendQueue(
            (entry.run_id for entry in self._book.in_state(EntryState.SENDING)),
            (entry.run_id for entry in self._book.in_state(EntryState.PENDING) if not self._finish_only),
        )

    async def _send_all(self, tasks: asyncio.TaskGroup) -> None:
        while self._queue or self._in_flight:
            self._changed.clear()
            await self._heed()
            if self._end is not None and not self._in_flight:
                break
            obstacle = await self._obstacle()
            run_id = None if obstacle else self._queue.take(self._has_room)
            if run_id is None:
                await self._wait(obstacle or self._parts.throttle.full())
                continue
            if not self._queue.was_sent(run_id):
                self._parts.throttle.started(self._book.entry(run_id).workflow_id)
            self._in_flight += 1
            tasks.create_task(self._send(run_id))
        self._all_sent = True
        self._changed.set()

    def _has_room(self, run_id: UUID) -> bool:
        return self._parts.throttle.has_room(self._book.entry(run_id).workflow_id)

    async def _heed(self) -> None:
        """Obey the operator, and the batch's own rules."""
        if self._end is not None:
            return
        wish = await self._wish()
        if wish is Wish.PAUSE:
            self._stop(BatchState.PAUSED)
        elif wish is Wish.ABORT:
            self._stop(BatchState.ABORTED)
        else:
            self._judge_outcomes()

    async def _wish(self) -> Wish:
        """Return what the operator wants, read often enough to be obeyed at once and no more."""
        now = self._parts.timing.clock()
        self._sends_since_wish += 1
        if now - self._wish_read_at < WISH_SECONDS and self._sends_since_wish < SENDS_PER_WISH:
            return Wish.NONE
        self._wish_read_at, self._sends_since_wish = now, 0
        return (await self._parts.journal.standing(self._order.batch_id)).wish

    def _judge_outcomes(self) -> None:
        counts = self._book.counts
        known, bad = known_ones(counts) - self._standing.forgiven, bad_ones(counts) - self._standing.forgiven_bad
        total = counts.total() - counts[EntryState.LEFT_OUT]
        sentence = failure_stop(self._settings, known, bad, total)
        if sentence is not None:
            self._stop(BatchState.STOPPED, "batch.failure_rate", sentence)
        elif bad and known_ones(counts) <= self._settings.canary < total:
            sentence = f"{bad} of the first {self._settings.canary} runs ended badly, so no other was sent."
            self._stop(BatchState.STOPPED, "batch.canary", sentence)

    async def _obstacle(self) -> Obstacle | None:
        """Return why nothing can be sent right now."""
        if self._end is not None or not self._queue or self._in_flight >= self._settings.parallel:
            return Obstacle(None, FOLLOW_SECONDS)
        try:
            return self._silence() or await self._limit()
        except JournalUnusable:
            raise
        except EnvironmentFailure as error:
            self._note_silence(error)
            return Obstacle(WaitingFor.SERVERS, self._outage_pause)

    def _silence(self) -> Obstacle | None:
        """Return the pause after a request without an answer; then one request at a time tries again."""
        if self._silent_since is None:
            return None
        if self._in_flight:
            return Obstacle(WaitingFor.SERVERS, FOLLOW_SECONDS)
        pause, self._outage_pause = self._outage_pause, 0.0
        return Obstacle(WaitingFor.SERVERS, pause) if pause else None

    async def _limit(self) -> Obstacle | None:
        """Return which limit holds the head of the queue back: the operator's own first, then the tenant's."""
        if self._queue.was_sent(self._queue.head):
            return None
        if self._awaits_canary():
            return Obstacle(WaitingFor.CANARY, FOLLOW_SECONDS)
        open_runs = self._book.counts[EntryState.UNDER_WAY] + self._in_flight
        if self._settings.follow and self._settings.at_once is not None and open_runs >= self._settings.at_once:
            return Obstacle(WaitingFor.AT_ONCE, FOLLOW_SECONDS)
        obstacle = await self._parts.throttle.obstacle()
        if obstacle is None and self._queue.needs_judgement(self._parts.timing.clock()):
            await self._judge_next()
            return Obstacle(None, 0.0)
        return obstacle

    def _awaits_canary(self) -> bool:
        if not self._settings.canary:
            return False
        canary = canary_of(self._settings, self._book.entries)
        if any(entry.run_id == self._queue.head for entry in canary):
            return False
        return not all(is_settled(entry, follow=self._settings.follow) for entry in canary)

    async def _judge_next(self) -> None:
        """Judge the next runs again, and leave out those that changed since they were planned."""
        group = self._queue.to_judge()
        try:
            await self._look_up_right()
        except RuleViolation as error:
            self._stop(BatchState.STOPPED, error.code, error.message)
            return
        items, _ = await self._parts.planning.judge(self._order, group)
        await self._parts.act.prepare(self._order, group)
        self._queue.judged(group, self._parts.timing.clock())
        for item in items:
            if not item.goes_with(self._settings.include):
                entry = self._book.entry(item.run_id)
                left_out = replace(entry, state=EntryState.LEFT_OUT, code=item.code, message=item.message)
                await self._book.put(left_out)
                self._queue.drop(item.run_id)

    async def _look_up_right(self) -> None:
        """Raise when the operator has lost the right since the batch began, or is no longer active."""
        found = await self._parts.operators.find(self._order.scope.tenant, str(self._operator.user_id))
        self._operator = replace(self._operator, rights=found.rights, roles=found.roles)
        self._operator.require(Right.ADMIN, f"{self._order.action} runs")

    async def _send(self, run_id: UUID) -> None:
        entry = self._book.entry(run_id)
        sending = replace(entry, state=EntryState.SENDING, sent_at=entry.sent_at or self._parts.timing.now())
        try:
            await self._book.put(sending)
            self._book.note_outcome(await self._outcome(sending))
        finally:
            self._in_flight -= 1
            self._changed.set()

    async def _outcome(self, entry: LedgerEntry) -> LedgerEntry:
        """Send one request and return its entry; what must be sent again goes back into the queue."""
        sent_before = self._queue.was_sent(entry.run_id)
        try:
            known = await self._parts.act.send(self._order, entry, self._operator, sent_before=sent_before)
        except GateClosed as closed:
            return self._put_off(entry, closed)
        except NotPermitted as error:
            self._stop(BatchState.STOPPED, error.code, error.message)
            return replace(entry, state=EntryState.PENDING)
        except RuleViolation as error:
            refused = replace(entry, state=EntryState.REFUSED, code=error.code, message=error.message)
            return replace(refused, ended_at=self._parts.timing.now())
        except EnvironmentFailure as error:
            self._note_silence(error)
            self._queue.put_back(entry.run_id, sent=True)
            return replace(entry, code=error.code, message=error.message)
        self._silent_since = None
        return replace(known, ended_at=self._parts.timing.now()) if known.state in FINAL_STATES else known

    def _put_off(self, entry: LedgerEntry, closed: GateClosed) -> LedgerEntry:
        """Somebody else took the last place between the look and the start: nothing was written, wait for the next."""
        if closed.code == "launch.paused":
            self._stop(BatchState.STOPPED, closed.code, closed.message)
        self._parts.throttle.look_again()
        self._queue.put_back(entry.run_id, sent=False)
        return replace(entry, state=EntryState.PENDING)

    def _note_silence(self, error: EnvironmentFailure) -> None:
        now = self._parts.timing.clock()
        if self._silent_since is None:
            self._silent_since = now
        silent = now - self._silent_since
        self._outage_pause = min(0.5 + silent, _LONGEST_OUTAGE_PAUSE)
        if silent >= OUTAGE_SECONDS:
            self._stop(BatchState.STOPPED, error.code, error.message)

    async def _follow(self) -> None:
        """Look at the runs under way until all have ended, or the batch is told to stop."""
        while True:
            await self._look()
            if self._all_sent and (self._end is not None or not self._book.counts[EntryState.UNDER_WAY]):
                return
            if self._all_sent:
                self._tell(WaitingFor.ENDS, self._parts.throttle.per_minute)
                await self._heed()
            await self._parts.timing.wait(asyncio.Event(), FOLLOW_SECONDS)

    async def _look(self) -> None:
        try:
            ended = await self._parts.follow.look(self._order, self._book)
        except JournalUnusable:
            raise
        except EnvironmentFailure as error:
            self._note_silence(error)
            return
        if ended:
            self._changed.set()
        if self._all_sent:
            self._silent_since = None

    async def _wait(self, obstacle: Obstacle) -> None:
        self._tell(obstacle.waiting_for, self._parts.throttle.per_minute)
        if obstacle.waiting_for is not None:
            await self._book.flush()
        await self._parts.timing.wait(self._changed, min(obstacle.seconds, FOLLOW_SECONDS))
        if not self._changed.is_set():
            await self._book.flush()

    def _stop(self, state: BatchState, code: str | None = None, message: str | None = None) -> None:
        if self._end is None:
            self._end = Standing(state, code, message)
        self._changed.set()


def workflows_of(entries: Sequence[LedgerEntry]) -> tuple[UUID, ...]:
    """Return the workflows of these entries' runs, each once."""
    return tuple(dict.fromkeys(entry.workflow_id for entry in entries if entry.workflow_id is not None))
