"""The environment check: every fact that keeps runs or this console from working, each with evidence and remedy.

Each question is asked on its own and may fail on its own; what could not be asked is *unknown*, never *fine*.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from app.domain.errors import EnvironmentFailure
from app.domain.health.check import WORST_FIRST, Check, CheckState, HealthCheck, ok, problem, unknown, warning
from app.domain.health.database_checks import judge_clock, judge_database
from app.domain.health.facts import ClockReading
from app.domain.health.worker_checks import judge_namespace, judge_queue, judge_workers
from app.services.doctor_ports import DatabaseExamination, TemporalExamination

T = TypeVar("T")

_OF_DATABASE = (
    Check.POSTGRES_VERSION,
    Check.SCHEMA,
    Check.SHAPE,
    Check.PRIVILEGES,
    Check.POOLING,
    Check.POSTGRES_TLS,
    Check.INDEXES,
)
_OF_NAMESPACE = (Check.TEMPORAL_VERSION, Check.NAMESPACE, Check.RETENTION)
_OF_QUEUE = (Check.POLLERS, Check.BACKLOG)
_OF_WORKERS = (Check.QUEUES, Check.BUILDS)
_ORDER = {check: place for place, check in enumerate(Check)}


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Every check, in order; ``checked_at`` is this computer's clock."""

    checks: tuple[HealthCheck, ...]
    checked_at: datetime

    @property
    def worst(self) -> CheckState:
        """The gravest state of any check; ``unknown`` is graver than ``ok`` only."""
        states = {check.state for check in self.checks}
        return next(state for state in WORST_FIRST if state in states)


class Doctor:
    """Examines both servers, the workers and this computer.

    Args:
        database: The Postgres side.
        temporal: The Temporal side.
        task_queue: The contract's queue.
        leftovers: Names of set environment variables that have no effect.
        clock: This computer's time.
    """

    def __init__(
        self,
        database: DatabaseExamination,
        temporal: TemporalExamination,
        task_queue: str,
        leftovers: tuple[str, ...] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._temporal = temporal
        self._task_queue = task_queue
        self._leftovers = leftovers
        self._clock = clock

    async def examine(self) -> HealthReport:
        """Make every check; a server that is down is an answer, not an error."""
        groups = await asyncio.gather(self._of_database(), self._of_temporal())
        found = [check for group in groups for check in group] + [self._variables()]
        return HealthReport(tuple(sorted(found, key=lambda each: _ORDER[each.check])), self._clock())

    async def _of_database(self) -> list[HealthCheck]:
        try:
            milliseconds = await self._database.ping()
        except EnvironmentFailure as error:
            away = problem(Check.POSTGRES, "away", reason=error.message)
            return [away, *_unknown((*_OF_DATABASE, Check.CLOCK), error)]
        found = [ok(Check.POSTGRES, "answers", milliseconds=f"{milliseconds:.1f}")]
        found += await _judged(_OF_DATABASE, self._database.examine, judge_database)
        found += await _judged((Check.CLOCK,), self._read_clock, lambda reading: (judge_clock(reading),))
        return found

    async def _of_temporal(self) -> list[HealthCheck]:
        begin = time.perf_counter()
        try:
            await self._temporal.ping()
        except EnvironmentFailure as error:
            away = problem(Check.TEMPORAL, "away", reason=error.message)
            return [away, self._temporal_tls(), *_unknown((*_OF_NAMESPACE, *_OF_QUEUE, *_OF_WORKERS), error)]
        milliseconds = (time.perf_counter() - begin) * 1000
        now = self._clock()
        found = [ok(Check.TEMPORAL, "answers", milliseconds=f"{milliseconds:.1f}"), self._temporal_tls()]
        for group in await asyncio.gather(
            _judged(_OF_NAMESPACE, self._temporal.namespace, judge_namespace),
            _judged(_OF_QUEUE, self._temporal.queue, lambda queue: judge_queue(queue, now)),
            _judged(
                _OF_WORKERS, lambda: self._temporal.workers(now), lambda facts: judge_workers(facts, self._task_queue)
            ),
        ):
            found += group
        return found

    async def _read_clock(self) -> ClockReading:
        before = self._clock()
        return ClockReading(before, await self._database.clock(), self._clock())

    def _temporal_tls(self) -> HealthCheck:
        if self._temporal.is_encrypted:
            return ok(Check.TEMPORAL_TLS, "encrypted", detail="TLS")
        if _is_loopback(self._temporal.address):
            return ok(Check.TEMPORAL_TLS, "loopback")
        return warning(Check.TEMPORAL_TLS, "clear")

    def _variables(self) -> HealthCheck:
        if not self._leftovers:
            return ok(Check.VARIABLES, "variables_none")
        return warning(Check.VARIABLES, "variables", names=", ".join(self._leftovers))


async def _judged(
    checks: tuple[Check, ...], ask: Callable[[], Awaitable[T]], judge: Callable[[T], Iterable[HealthCheck]]
) -> list[HealthCheck]:
    """Ask and judge; an answer that cannot be had leaves these checks unknown."""
    try:
        return list(judge(await ask()))
    except EnvironmentFailure as error:
        return _unknown(checks, error)


def _unknown(checks: Iterable[Check], error: EnvironmentFailure) -> list[HealthCheck]:
    return [unknown(check, error.message) for check in checks]


def _is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
