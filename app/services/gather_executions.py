"""Asks Temporal about many runs cheaply: one list, a describe only where it can tell more, one look per queue.

An answer always comes: what was not answered in time becomes a ``problem`` of that run, never a guess.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar
from uuid import UUID

from app.domain.diagnosis.attention import deserves_describe, deserves_history, deserves_query
from app.domain.diagnosis.execution_facts import CurrentWait, Execution, HistoryTail, QueueState, TemporalSide
from app.domain.diagnosis.facts import RowFacts
from app.domain.diagnosis.limits import Limits
from app.domain.errors import TemporalUnavailable
from app.services.diagnosis_ports import ExecutionReader

T = TypeVar("T")
Take: TypeAlias = Callable[[RowFacts, TemporalSide], None]

CALLS_AT_ONCE = 24
BUDGET_SECONDS = 20.0
"""How long all calls of one gathering may take together."""
_BETWEEN_CALLS = 20
"""Rows handed over before the loop gets its turn again."""
_OUT_OF_TIME = "Temporal did not answer in time. It may be overloaded; try again in a moment."


@dataclass(frozen=True, slots=True)
class Gathered:
    """In words what could not be asked, and how many runs were described."""

    problems: tuple[str, ...]
    described: int


@dataclass(slots=True)
class _Answers:
    """What is known so far, by run id or queue."""

    executions: dict[UUID, Execution | None] = field(default_factory=dict)
    problems: dict[UUID, str] = field(default_factory=dict)
    queues: dict[str, QueueState] = field(default_factory=dict)
    queue_problems: dict[str, str] = field(default_factory=dict)
    tails: dict[UUID, HistoryTail] = field(default_factory=dict)
    waits: dict[UUID, CurrentWait] = field(default_factory=dict)
    retention: timedelta | None = None
    namespace_in_use: bool | None = None


class GatherExecutions:
    """One gathering at a time per call; nothing is kept between calls but what the reader remembers.

    Args:
        reader: Temporal.
        contract_queue: Where the product starts runs.
        limits: When a run deserves a closer look.
        budget_seconds: For everything together.
    """

    def __init__(
        self, reader: ExecutionReader, contract_queue: str, limits: Limits, budget_seconds: float = BUDGET_SECONDS
    ) -> None:
        self._reader = reader
        self._contract_queue = contract_queue
        self._limits = limits
        self._budget = budget_seconds
        self._at_once = asyncio.Semaphore(CALLS_AT_ONCE)

    async def gather(self, rows: Sequence[RowFacts], now: datetime, take: Take, *, closely: bool) -> Gathered:
        """Hand over each row with Temporal's side of it, most of them while others are still being asked about.

        Args:
            rows: Runs of one batch.
            now: The database's clock.
            take: Called once for each row.
            closely: Describe every run and read its history: for few runs that somebody asked for.
        """
        deadline = asyncio.get_running_loop().time() + self._budget
        asked_at = datetime.now(UTC)
        answers = _Answers()
        chosen = await self._choose(rows, now, deadline, answers, closely=closely)
        unclear = {row.key.run_id for row in chosen}
        clear = [row for row in rows if row.key.run_id not in unclear]

        async def hand_over(known: Sequence[RowFacts]) -> None:
            for number, row in enumerate(known):
                take(row, _side(row.key.run_id, answers, asked_at))
                if number % _BETWEEN_CALLS == 0:
                    await asyncio.sleep(0)

        async def ask() -> None:
            await self._describe(chosen, deadline, answers)
            await self._look_closer(chosen, now, deadline, answers, closely=closely)

        await asyncio.gather(ask(), hand_over(clear))
        await hand_over(chosen)
        return Gathered(_told(answers, len(rows)), len(chosen))

    async def _choose(
        self, rows: Sequence[RowFacts], now: datetime, deadline: float, answers: _Answers, *, closely: bool
    ) -> list[RowFacts]:
        """List all runs and return those to describe."""
        if closely:
            return list(rows)
        for closed in (False, True):
            ids = tuple(row.key.run_id for row in rows if row.is_closed is closed)
            listed, problem = await self._in_time(self._reader.listed(ids, presumed_open=not closed), deadline)
            if listed is None:
                answers.problems |= dict.fromkeys(ids, problem or _OUT_OF_TIME)
            else:
                answers.executions |= listed
        if any(row.step is None and row.is_active for row in rows):
            await self._queue(self._contract_queue, deadline, answers)
        return [row for row in rows if row.key.run_id not in answers.problems and self._asks_more(row, now, answers)]

    def _asks_more(self, row: RowFacts, now: datetime, answers: _Answers) -> bool:
        seen = answers.executions.get(row.key.run_id)
        queue = answers.queues.get(self._contract_queue)
        return deserves_describe(row, seen, queue, self._contract_queue, now, self._limits)

    async def _describe(self, rows: Iterable[RowFacts], deadline: float, answers: _Answers) -> None:
        async def describe(run_id: UUID) -> None:
            execution, problem = await self._in_time(self._reader.described(run_id), deadline)
            answers.executions[run_id] = execution
            if problem is not None:
                answers.problems[run_id] = problem

        await asyncio.gather(*(describe(row.key.run_id) for row in rows))

    async def _look_closer(
        self, rows: Sequence[RowFacts], now: datetime, deadline: float, answers: _Answers, *, closely: bool
    ) -> None:
        """Read queues, histories, queries and retention as far as what was described asks for them."""
        known = [(row, execution) for row in rows if (execution := answers.executions.get(row.key.run_id)) is not None]
        queues = {name for _, execution in known for name in _telling_queues(execution, self._contract_queue)}
        queues -= answers.queues.keys() | answers.queue_problems.keys()
        calls: list[Awaitable[None]] = [self._queue(name, deadline, answers) for name in sorted(queues)]
        for row, execution in known:
            if closely or deserves_history(row, execution, now, self._limits):
                calls.append(self._tail(row.key.run_id, deadline, answers))
            if deserves_query(row, execution, now):
                calls.append(self._wait(row.key.run_id, deadline, answers))
        if unknown := [row.key.run_id for row in rows if _is_unknown(row.key.run_id, answers)]:
            calls.append(self._namespace(unknown, deadline, answers))
        await asyncio.gather(*calls)

    async def _queue(self, name: str, deadline: float, answers: _Answers) -> None:
        state, problem = await self._in_time(self._reader.queue(name), deadline)
        if state is not None:
            answers.queues[name] = state
        else:
            answers.queue_problems[name] = problem or _OUT_OF_TIME

    async def _tail(self, run_id: UUID, deadline: float, answers: _Answers) -> None:
        tail, _ = await self._in_time(self._reader.tail(run_id), deadline)
        if tail is not None:
            answers.tails[run_id] = tail

    async def _wait(self, run_id: UUID, deadline: float, answers: _Answers) -> None:
        wait, _ = await self._in_time(self._reader.current_wait(run_id), deadline)
        if wait is not None:
            answers.waits[run_id] = wait

    async def _namespace(self, unknown: Iterable[UUID], deadline: float, answers: _Answers) -> None:
        answers.retention, problem = await self._in_time(self._reader.retention(), deadline)
        if problem is not None:  # without it a lost execution cannot be told from an expired one
            answers.problems |= dict.fromkeys(unknown, problem)
        answers.namespace_in_use, _ = await self._in_time(self._reader.namespace_in_use(), deadline)

    async def _in_time(self, call: Awaitable[T], deadline: float) -> tuple[T | None, str | None]:
        """Await a call when its turn comes; return the answer, or in words why there is none."""
        try:
            async with asyncio.timeout_at(deadline), self._at_once:
                return await call, None
        except TimeoutError:
            return None, _OUT_OF_TIME
        except TemporalUnavailable as error:
            return None, error.message


def scrubbed(side: TemporalSide, scrub: Callable[[str | None], str | None]) -> TemporalSide:
    """Return the side with every text of Temporal's passed through a scrubber; None from it leaves a text out."""
    execution, tail = side.execution, side.tail
    if tail is None and (execution is None or not execution.activities):
        return side
    if execution is not None and execution.activities:
        activities = tuple(replace(each, failure=scrub(each.failure)) for each in execution.activities)
        execution = replace(execution, activities=activities)
    return replace(side, execution=execution, tail=None if tail is None else _scrubbed_tail(tail, scrub))


def _scrubbed_tail(tail: HistoryTail, scrub: Callable[[str | None], str | None]) -> HistoryTail:
    close, task, activity = tail.close, tail.failed_task, tail.failed_activity
    return replace(
        tail,
        close=None if close is None else replace(close, message=scrub(close.message), by=scrub(close.by)),
        failed_task=None if task is None else replace(task, message=scrub(task.message) or ""),
        failed_activity=None if activity is None else replace(activity, message=scrub(activity.message) or ""),
    )


def _telling_queues(execution: Execution, contract_queue: str) -> Iterator[str]:
    """Yield the queues whose pollers matter: where something waits to be taken, or that the contract does not use."""
    if not execution.is_open:
        return
    waits = execution.task is not None or any(each.started_at is None for each in execution.activities)
    if waits or execution.task_queue != contract_queue:
        yield execution.task_queue
    if waits and execution.activity_queue is not None:
        yield execution.activity_queue


def _is_unknown(run_id: UUID, answers: _Answers) -> bool:
    return run_id not in answers.problems and answers.executions.get(run_id) is None


def _side(run_id: UUID, answers: _Answers, asked_at: datetime) -> TemporalSide:
    execution = answers.executions.get(run_id)
    queue = None if execution is None else execution.task_queue
    elsewhere = None if execution is None else execution.activity_queue
    return TemporalSide(
        asked_at=asked_at,
        execution=execution,
        problem=answers.problems.get(run_id),
        queue=None if queue is None else answers.queues.get(queue),
        activity_queue=None if elsewhere is None else answers.queues.get(elsewhere),
        queue_problem=None if queue is None else answers.queue_problems.get(queue),
        retention=answers.retention,
        namespace_in_use=answers.namespace_in_use,
        tail=answers.tails.get(run_id),
        current_wait=answers.waits.get(run_id),
    )


def _told(answers: _Answers, runs: int) -> tuple[str, ...]:
    """Return each problem once, with how many runs it left unverified."""
    told: list[str] = []
    for problem in dict.fromkeys(answers.problems.values()):
        count = sum(each == problem for each in answers.problems.values())
        told.append(f"temporal: {problem} ({count} of {runs} runs not verified)")
    told += [f"temporal: task queue {name}: {problem}" for name, problem in sorted(answers.queue_problems.items())]
    return tuple(told)
