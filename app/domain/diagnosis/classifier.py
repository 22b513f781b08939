"""From facts to one diagnosis: the first cause in the order of rulings.md that is more than OK."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.domain.diagnosis import activity_causes, drift_causes, launch_causes, lost_events, queue_causes, wait_causes
from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.doing import doing_of
from app.domain.diagnosis.facts import RunFacts
from app.domain.diagnosis.finding import Diagnosis, Evidence, Finding, from_row, from_temporal
from app.domain.diagnosis.known_faults import known_faults
from app.domain.diagnosis.queue_causes import is_unstarted
from app.domain.diagnosis.states import describe_state, state_of
from app.domain.diagnosis.verdicts import ended_otherwise, launch_is_young, verdict_of

Rule = Callable[[RunFacts], Finding | None]

RULES: tuple[tuple[Cause, Rule], ...] = (
    (Cause.CANNOT_VERIFY, drift_causes.cannot_verify),
    (Cause.LEGACY_ROW, launch_causes.legacy_row),
    (Cause.MISSING_EXECUTION, launch_causes.missing_execution),
    (Cause.LAUNCH_GAP, launch_causes.launch_gap),
    (Cause.ZOMBIE_ROW, drift_causes.zombie_row),
    (Cause.PHANTOM_COMPLETION, drift_causes.phantom_completion),
    (Cause.FAILING_NOT_CLOSED, drift_causes.failing_not_closed),
    (Cause.OTHER_QUEUE, queue_causes.other_queue),
    (Cause.NO_WORKER, queue_causes.no_worker),
    (Cause.TASK_FAILING, queue_causes.task_failing),
    (Cause.BACKLOG, queue_causes.backlog),
    (Cause.ACTIVITY_NOT_PICKED_UP, activity_causes.not_picked_up),
    (Cause.ACTIVITY_IN_FLIGHT, activity_causes.in_flight),
    (Cause.RETRY_BACKOFF, activity_causes.retry_ahead),
    (Cause.TIME_WAIT, wait_causes.time_wait),
    (Cause.EVENT_WAIT, lost_events.event_wait),
    (Cause.HUMAN_WAIT, wait_causes.human_wait),
    (Cause.QUOTA_PAUSE, wait_causes.quota_pause),
    (Cause.CHILD_RUN, wait_causes.child_run),
    (Cause.DEADLINE_AHEAD, wait_causes.deadline_ahead),
    (Cause.TASK_FAILING, queue_causes.no_progress),
)
"""Every cause with its rule, in order of precedence."""


def diagnose(facts: RunFacts) -> Diagnosis:
    """Return the diagnosis. It depends on the facts alone: equal facts, equal answer."""
    findings = [finding for _, rule in RULES if (finding := rule(facts)) is not None]
    named = next((finding for finding in findings if finding.severity is not Severity.OK), None)
    healthy = _healthy(facts, findings)
    if named is None:
        return _doubted(facts, healthy) if ended_otherwise(facts) else healthy
    return _named(facts, healthy, named, findings)


def _healthy(facts: RunFacts, findings: list[Finding]) -> Diagnosis:
    """Return the diagnosis of a run that nothing is wrong with; its title says what it waits for."""
    state = state_of(facts)
    return Diagnosis(
        key=facts.row.key,
        workflow_name=facts.row.workflow_name,
        status=facts.row.status,
        state=state,
        verdict=verdict_of(facts),
        severity=Severity.OK,
        title=findings[0].title if findings else describe_state(facts, state),
        evidence=_healthy_evidence(facts, findings),
        further=tuple(findings),
        known_faults=known_faults(facts),
        unstarted_since=facts.row.started_at if is_unstarted(facts) else None,
        young=launch_is_young(facts),
        doing=doing_of(facts, state),
    )


def _doubted(facts: RunFacts, healthy: Diagnosis) -> Diagnosis:
    """Return the diagnosis of a run that both sides say has ended, each in its own way; no cause of S01 to S20 fits."""
    execution = facts.temporal.execution
    ended = "otherwise" if execution is None else f"as {execution.status}"
    return replace(
        healthy,
        severity=Severity.WATCH,
        title=f"The row says {facts.row.status}, but the execution ended {ended}.",
        advice="Believe the execution: it is what really happened. Do not replay what has succeeded.",
        engineering="The row was written before the execution ended, or rewritten after it. No repair turns one "
        "outcome into another.",
    )


def _named(facts: RunFacts, healthy: Diagnosis, named: Finding, findings: list[Finding]) -> Diagnosis:
    return replace(
        healthy,
        severity=_severity(facts, named),
        title=named.title,
        evidence=named.evidence,
        cause=named.cause,
        kind=named.kind,
        actions=named.actions,
        advice=named.advice,
        engineering=named.engineering,
        further=tuple(finding for finding in findings if finding is not named),
        since=healthy.unstarted_since or min((fact.at for fact in named.evidence if fact.at is not None), default=None),
        params=named.params,
    )


def _severity(facts: RunFacts, named: Finding) -> Severity:
    """Return the finding's severity; a run without a step past the threshold is trouble, unless nothing is known."""
    if named.cause is not Cause.CANNOT_VERIFY and is_unstarted(facts):
        return Severity.TROUBLE
    return named.severity


def _healthy_evidence(facts: RunFacts, findings: list[Finding]) -> tuple[Evidence, ...]:
    row, execution = facts.row, facts.temporal.execution
    found = [from_row("The row says {status}", row.updated_at, status=row.status)]
    if execution is not None:
        at = execution.closed_at or execution.started_at or facts.temporal.asked_at
        found.append(from_temporal("The execution is {status}", at, status=execution.status))
    return tuple(found) + tuple(fact for finding in findings for fact in finding.evidence)
