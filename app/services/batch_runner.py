"""One session of a batch: sends what is left, at its pace, until everything is sent, or something says stop.

Before anything goes out for a run, its entry says ``sending`` on disk; when the answer is there, it says what came of
it. A crash in between leaves "perhaps", and the next session sends the same request again, which has no second effect.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from app.domain.batch import BatchOrder
from app.domain.batch_ledger import BatchState, EntryState, LedgerEntry, WaitingFor
from app.domain.batch_rules import bad_ones, canary_of, failure_stop, is_settled, known_ones
from app.domain.errors import (
    DatabaseUnavailable,
    EnvironmentFailure,
    GateClosed,
    JournalUnusable,
    NotPermitted,
    RuleViolation,
)
from app.domain.operator import Operator, Right
from app.services.batch_acts import BatchAct
from app.services.batch_book import BatchBook
from app.services.batch_follow import BatchFollow
from app.services.batch_planning import BatchPlanning
from app.services.batch_ports import BatchJournal, Standing, Wish
from app.services.batch_throttle import Obstacle, Throttle
from app.services.batch_timing import BatchTiming
from app.services.ports import OperatorDirectory

JUDGED_AT_ONCE = 50
"""Runs judged again in one go, shortly before they are sent."""
JUDGEMENT_SECONDS = 20.0
"""How long such a judgement is good for."""
FOLLOW_SECONDS = 1.0
OUTAGE_SECONDS = 60.0
"""How long the servers may be silent before the batch stops by itself; it can be gone on with."""
_LONGEST_OUTAGE_PAUSE = 5.0
_CHANGE = 3600.0

Told: TypeAlias = Callable[[WaitingFor | None, float | None], None]


@dataclass(frozen=True, slots=True)
class RunnerParts:
    """What a runner works with."""

    act: BatchAct
    planning: BatchPlanning
    journal: BatchJournal
    follow: BatchFollow
    operators: OperatorDirectory
    throttle: Throttle
    timing: BatchTiming


class BatchRunner:
    """Runs one session.

    Args:
        order: The batch.
        operator: Who runs it; the right is looked up again before each group of runs.
        book: The entries.
        standing: Where the batch stood when it was taken up.
        parts: What it works with.
        tell: Called at every change with what is waited for and the starts per minute.
    """

    def __init__(
        self, order: BatchOrder, operator: Operator, book: BatchBook, standing: Standing, parts: RunnerParts, tell: Told
    ) -> None:
        self._order = order
        self._operator = operator
        self._book = book
        self._standing = standing
        self._parts = parts
        self._tell = tell
        self._queue: deque[UUID] = deque()
        self._judged: dict[UUID, float] = {}
        self._sent_before: set[UUID] = set()
        self._in_flight = 0
        self._changed = asyncio.Event()
        self._all_sent = False
        self._silent_since: float | None = None
        self._outage_pause = 0.0
        self._end: Standing | None = None

    async def run(self) -> Standing:
        """Send and follow; return where the batch stands then, to be written down by the caller."""
        await self._take_up()
        try:
            async with asyncio.TaskGroup() as tasks:
                if self._order.settings.follow:
                    tasks.create_task(self._follow())
                await self._send_all(tasks)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        return self._end or Standing(BatchState.FINISHED)

    async def _take_up(self) -> None:
        """Queue what is left: first what a session before may have sent, which is neither judged nor limited again."""
        unsure = self._book.in_state(EntryState.SENDING)
        requests = {self._order.request_of(entry.run_id): entry for entry in unsure}
        admitted = await self._parts.planning.admitted(self._order, tuple(requests))
        self._sent_before = {entry.run_id for request, entry in requests.items() if request in admitted}
        never_sent = [
            replace(entry, state=EntryState.PENDING) for entry in unsure if entry.run_id not in self._sent_before
        ]
        await self._book.put(*never_sent)
        self._queue.extend(entry.run_id for entry in self._book.in_state(EntryState.SENDING))
        self._queue.extend(entry.run_id for entry in self._book.in_state(EntryState.PENDING))

    async def _send_all(self, tasks: asyncio.TaskGroup) -> None:
        while self._queue or self._in_flight:
            await self._heed()
            if self._end is not None and not self._in_flight:
                break
            obstacle = await self._obstacle()
            if obstacle is not None:
                await self._wait(obstacle)
                continue
            run_id = self._take_next()
            if run_id is None:
                await self._wait(self._parts.throttle.full())
                continue
            self._in_flight += 1
            tasks.create_task(self._send(run_id))
        self._all_sent = True
        self._changed.set()

    async def _heed(self) -> None:
        """Obey the operator, and the batch's own rules."""
        if self._end is not None:
            return
        wish = (await self._parts.journal.standing(self._order.batch_id)).wish
        if wish is Wish.PAUSE:
            self._stop(BatchState.PAUSED)
        elif wish is Wish.ABORT:
            self._stop(BatchState.ABORTED)
        else:
            self._judge_outcomes()

    def _judge_outcomes(self) -> None:
        counts, settings = self._book.counts, self._order.settings
        known, bad = known_ones(counts) - self._standing.forgiven, bad_ones(counts) - self._standing.forgiven_bad
        total = sum(counts.values()) - counts[EntryState.LEFT_OUT]
        sentence = failure_stop(settings, known, bad, total)
        if sentence is not None:
            self._stop(BatchState.STOPPED, "batch.failure_rate", sentence)
        elif settings.canary and bad and known_ones(counts) <= settings.canary:
            self._stop(
                BatchState.STOPPED,
                "batch.canary",
                f"{bad} of the first {settings.canary} runs ended badly, so no other was sent.",
            )

    async def _obstacle(self) -> Obstacle | None:
        """Return why nothing can be sent right now; what comes to an end by itself is waited for."""
        settings = self._order.settings
        if self._end is not None or not self._queue or self._in_flight >= settings.parallel:
            return Obstacle(WaitingFor.ENDS, _CHANGE)
        if self._silent_since is not None and (self._in_flight or self._outage_pause):
            pause, self._outage_pause = self._outage_pause, 0.0
            return Obstacle(WaitingFor.SERVERS, pause or _CHANGE)
        if self._queue[0] in self._sent_before:
            return None
        if self._awaits_canary():
            return Obstacle(WaitingFor.CANARY, FOLLOW_SECONDS)
        open_runs = self._book.counts[EntryState.UNDER_WAY] + self._in_flight
        if settings.follow and settings.at_once is not None and open_runs >= settings.at_once:
            return Obstacle(WaitingFor.AT_ONCE, FOLLOW_SECONDS)
        if not await self._judge_next():
            return Obstacle(WaitingFor.ENDS, 0.0)
        return await self._or_silence(self._parts.throttle.obstacle())

    def _awaits_canary(self) -> bool:
        settings = self._order.settings
        if not settings.canary:
            return False
        canary = canary_of(settings, self._book.entries)
        if self._queue[0] in {entry.run_id for entry in canary}:
            return False
        return not all(is_settled(entry, follow=settings.follow) for entry in canary)

    async def _judge_next(self) -> bool:
        """Judge the head of the queue again, with those behind it, unless that was just done. False: look again."""
        now = self._parts.timing.clock()
        if now - self._judged.get(self._queue[0], -JUDGEMENT_SECONDS) < JUDGEMENT_SECONDS:
            return True
        group = [run_id for run_id in self._queue if run_id not in self._sent_before][:JUDGED_AT_ONCE]
        try:
            await self._look_up_right()
            items, _ = await self._parts.planning.judge(self._order, group)
        except EnvironmentFailure as error:
            self._note_silence(error)
            return False
        except RuleViolation as error:
            self._stop(BatchState.STOPPED, error.code, error.message)
            return False
        self._judged = dict.fromkeys(group, now)
        changed = [item for item in items if not item.goes_with(self._order.settings.include)]
        await self._book.put(
            *(
                replace(self._book.entry(item.run_id), state=EntryState.LEFT_OUT, code=item.code, message=item.message)
                for item in changed
            )
        )
        for item in changed:
            self._queue.remove(item.run_id)
        return not changed

    async def _look_up_right(self) -> None:
        """Raise NotPermitted when the operator has lost the right since the batch began, or is no longer active."""
        found = await self._parts.operators.find(self._order.scope.tenant, str(self._operator.user_id))
        self._operator = replace(self._operator, rights=found.rights, roles=found.roles)
        self._operator.require(Right.ADMIN, f"{self._order.action} runs")

    def _take_next(self) -> UUID | None:
        """Take the first run whose workflow has room out of the queue; None when none has."""
        throttle = self._parts.throttle
        for run_id in self._queue:
            workflow_id = self._book.entry(run_id).workflow_id
            is_resent = run_id in self._sent_before
            if not is_resent and run_id not in self._judged:
                return None
            if is_resent or throttle.has_room(workflow_id):
                self._queue.remove(run_id)
                if not is_resent:
                    throttle.started(workflow_id)
                return run_id
        return None

    async def _send(self, run_id: UUID) -> None:
        entry = self._book.entry(run_id)
        sending = replace(entry, state=EntryState.SENDING, sent_at=entry.sent_at or self._parts.timing.now())
        try:
            await self._book.put(sending)
            await self._book.put(await self._outcome(sending))
        finally:
            self._in_flight -= 1
            self._changed.set()

    async def _outcome(self, entry: LedgerEntry) -> LedgerEntry:
        """Send one request and return its entry; what must be sent again goes back into the queue."""
        sent_before = entry.run_id in self._sent_before
        try:
            known = await self._parts.act.send(self._order, entry, self._operator, sent_before=sent_before)
        except JournalUnusable:
            raise
        except GateClosed as closed:
            return self._put_off(entry, closed)
        except NotPermitted as error:
            self._stop(BatchState.STOPPED, error.code, error.message)
            return replace(entry, state=EntryState.PENDING)
        except RuleViolation as error:
            return self._closed(replace(entry, state=EntryState.REFUSED, code=error.code, message=error.message))
        except EnvironmentFailure as error:
            self._note_silence(error)
            self._sent_before.add(entry.run_id)
            self._queue.appendleft(entry.run_id)
            return replace(entry, code=error.code, message=error.message)
        self._silent_since = None
        return self._closed(known)

    def _put_off(self, entry: LedgerEntry, closed: GateClosed) -> LedgerEntry:
        """Another console took the last place between the look and the start: nothing was written, wait for the next."""
        if closed.code == "launch.paused":
            self._stop(BatchState.STOPPED, closed.code, closed.message)
        self._parts.throttle.look_again()
        self._queue.appendleft(entry.run_id)
        return replace(entry, state=EntryState.PENDING)

    def _closed(self, entry: LedgerEntry) -> LedgerEntry:
        final = is_settled(entry, follow=True)
        return replace(entry, ended_at=self._parts.timing.now()) if final else entry

    def _note_silence(self, error: EnvironmentFailure) -> None:
        now = self._parts.timing.clock()
        if self._silent_since is None:
            self._silent_since = now
        silent = now - self._silent_since
        self._outage_pause = min(0.5 + silent, _LONGEST_OUTAGE_PAUSE)
        if silent >= OUTAGE_SECONDS:
            self._stop(BatchState.STOPPED, error.code, error.message)

    async def _or_silence(self, looking: object) -> Obstacle | None:
        try:
            obstacle: Obstacle | None = await looking  # type: ignore[misc]
        except DatabaseUnavailable as error:
            self._note_silence(error)
            return Obstacle(WaitingFor.SERVERS, self._outage_pause)
        return obstacle

    async def _follow(self) -> None:
        while True:
            try:
                await self._parts.follow.look(self._order, self._book)
            except JournalUnusable:
                raise
            except EnvironmentFailure:
                pass
            self._changed.set()
            under_way = self._book.counts[EntryState.UNDER_WAY]
            if self._all_sent and (self._end is not None or not under_way):
                return
            self._tell(WaitingFor.ENDS if self._all_sent else None, self._parts.throttle.per_minute)
            if self._all_sent:
                await self._heed()
            await self._parts.timing.wait(asyncio.Event(), FOLLOW_SECONDS)

    async def _wait(self, obstacle: Obstacle) -> None:
        self._changed.clear()
        self._tell(obstacle.waiting_for, self._parts.throttle.per_minute)
        await self._parts.timing.wait(self._changed, min(obstacle.seconds, FOLLOW_SECONDS))

    def _stop(self, state: BatchState, code: str | None = None, message: str | None = None) -> None:
        if self._end is None:
            self._end = Standing(state, code, message)
        self._changed.set()


def workflows_of(entries: Sequence[LedgerEntry]) -> tuple[UUID, ...]:
    """Return the workflows of these entries' runs, each once."""
    return tuple(dict.fromkeys(entry.workflow_id for entry in entries if entry.workflow_id is not None))
