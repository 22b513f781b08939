"""Judges what Temporal says of itself, of its namespace and of the workers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.domain.diagnosis.execution_facts import Pollers, QueueState
from app.domain.execution import LIVE_POLLER_SECONDS
from app.domain.health.check import Check, HealthCheck, ok, problem, warning
from app.domain.health.facts import NamespaceFacts, OtherQueue, WorkerFacts
from app.domain.run import JsonValue

SHORT_RETENTION_DAYS = 7
"""Less, and a run that failed before a weekend and a holiday cannot be verified any more."""
OLD_BACKLOG_SECONDS = 30.0
REGISTERED = "registered"


def judge_namespace(facts: NamespaceFacts) -> Iterator[HealthCheck]:
    """Yield version, namespace and retention."""
    yield ok(Check.TEMPORAL_VERSION, "version", version=facts.version)
    if facts.state == REGISTERED:
        yield ok(Check.NAMESPACE, "namespace", namespace=facts.namespace)
    else:
        yield problem(Check.NAMESPACE, "namespace_state", namespace=facts.namespace, state=facts.state)
    days = facts.retention.total_seconds() / 86_400
    if days < SHORT_RETENTION_DAYS:
        yield warning(Check.RETENTION, "retention_short", days=f"{days:.3g}", wanted=SHORT_RETENTION_DAYS)
    else:
        yield ok(Check.RETENTION, "retention", days=f"{days:.3g}")


def judge_queue(queue: QueueState, now: datetime) -> Iterator[HealthCheck]:
    """Yield pollers and backlog of the contract's queue."""
    yield _pollers(queue, now)
    yield _backlog(queue)


def judge_workers(facts: WorkerFacts, queue: str) -> Iterator[HealthCheck]:
    """Yield queues and builds."""
    if facts.other_queues:
        named = "; ".join(_other(other, facts) for other in facts.other_queues)
        yield problem(Check.QUEUES, "queues_split", queue=queue, queues=named)
    else:
        yield ok(Check.QUEUES, "queues_one", queue=queue)
    if not facts.builds:
        yield ok(Check.BUILDS, "builds_none")
    elif len(facts.builds) > 1:
        yield warning(Check.BUILDS, "builds_several", builds=", ".join(facts.builds))
    else:
        yield ok(Check.BUILDS, "builds_one", builds=facts.builds[0])


def _other(queue: OtherQueue, facts: WorkerFacts) -> str:
    """Return a queue with its counts, in no language; the sentence says what they count."""
    more = "" if facts.seen_all else "+"
    return f"{queue.name} ({queue.executions}{more} / {queue.pollers})"


def _pollers(queue: QueueState, now: datetime) -> HealthCheck:
    workflow, activity = _live(queue.workflow, now), _live(queue.activity, now)
    counts: dict[str, JsonValue] = {"workflow": workflow, "activity": activity, "queue": queue.name}
    if workflow and activity:
        return ok(Check.POLLERS, "pollers", seconds=_since(queue.workflow, now), **counts)
    if workflow or activity:
        return problem(Check.POLLERS, "pollers_half", **counts)
    return problem(Check.POLLERS, "pollers_none", queue=queue.name)


def _backlog(queue: QueueState) -> HealthCheck:
    sides = (queue.workflow, queue.activity)
    count = sum(side.backlog or 0 for side in sides)
    if not count:
        return ok(Check.BACKLOG, "backlog_none", queue=queue.name)
    age = max((side.backlog_age.total_seconds() for side in sides if side.backlog_age is not None), default=0.0)
    told: dict[str, JsonValue] = {"count": count, "queue": queue.name, "seconds": f"{age:.0f}"}
    code = "backlog_one" if count == 1 else "backlog"
    if age < OLD_BACKLOG_SECONDS:
        return ok(Check.BACKLOG, code, **told)
    return warning(Check.BACKLOG, f"{code}_old", **told)


def _live(pollers: Pollers, now: datetime) -> int:
    return sum((now - access).total_seconds() < LIVE_POLLER_SECONDS for access in pollers.accesses)


def _since(pollers: Pollers, now: datetime) -> str:
    newest = pollers.last_access
    return "?" if newest is None else f"{max((now - newest).total_seconds(), 0):.0f}"
