"""The details of what a run is really doing: which event, until when, which attempt, since when."""

from __future__ import annotations

from app.domain.diagnosis.activity_causes import next_timer, oldest_pending
from app.domain.diagnosis.execution_facts import PendingActivity
from app.domain.diagnosis.facts import RunFacts
from app.domain.diagnosis.finding import NOTHING_MORE, Doing
from app.domain.run import EffectiveState

_WAITS = frozenset(
    {
        EffectiveState.WAITING_EVENT,
        EffectiveState.WAITING_TIME,
        EffectiveState.WAITING_HUMAN,
        EffectiveState.WAITING_QUOTA,
    }
)


def doing_of(facts: RunFacts, state: EffectiveState) -> Doing:
    """Return the details of an effective state, as far as both sides tell them."""
    if state in _WAITS:
        return _waiting(facts)
    if state is EffectiveState.RETRYING:
        return _retrying(facts)
    if state is EffectiveState.WAITING_CHILD:
        execution = facts.temporal.execution
        children = tuple(map(str, facts.row.children)) or (() if execution is None else execution.children)
        return Doing(child=children[0]) if children else NOTHING_MORE
    return _executing(facts) if state is EffectiveState.EXECUTING else NOTHING_MORE


def _waiting(facts: RunFacts) -> Doing:
    wait = facts.row.wait
    if wait is None:
        return NOTHING_MORE
    return Doing(event_name=wait.event_name, until=wait.timeout_at, since=wait.created_at)


def _retrying(facts: RunFacts) -> Doing:
    activity: PendingActivity | None = oldest_pending(facts)
    if activity is not None and activity.next_attempt_at is not None:
        return Doing(attempt=activity.attempt, until=activity.next_attempt_at)
    invocation, timer, tail = facts.row.invocation, next_timer(facts), facts.temporal.tail
    if invocation is None:
        return NOTHING_MORE
    failed = max(invocation.attempt, 0 if tail is None else tail.action_attempts)
    return Doing(attempt=failed + 1, until=None if timer is None else timer.fires_at, since=invocation.completed_at)


def _executing(facts: RunFacts) -> Doing:
    activity, step = oldest_pending(facts), facts.row.open_step
    if activity is not None and activity.started_at is not None:
        return Doing(since=activity.started_at)
    return NOTHING_MORE if step is None else Doing(since=step.started_at)
