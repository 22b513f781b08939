"""Every cause from made-up facts, and every healthy run from facts that only look like trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from app.domain.diagnosis.classifier import RULES, diagnose
from app.domain.diagnosis.codes import Cause, Severity, Verdict
from app.domain.diagnosis.execution_facts import (
    ActivityRole,
    CurrentWait,
    FailedActivity,
    FailedTask,
    OpenTimer,
    SignalSeen,
)
from app.domain.diagnosis.facts import RunFacts
from app.domain.diagnosis.families import blame_leaves
from app.domain.execution import ExecutionStatus
from app.domain.run import EffectiveState, RunKey
from tests.domain.diagnosis_samples import (
    NOW,
    OTHER,
    PATH,
    RUN,
    ago,
    ahead,
    event,
    execution,
    facts,
    invocation,
    pending_activity,
    pending_task,
    queue,
    row,
    step,
    tail,
    task,
    usage,
    wait,
)

RUNNING = execution()
NO_STEP = row(step=None)
ELSEWHERE = execution(activities=(pending_activity(100, task_queue="acts"),))
CLOSED = {status: execution(status) for status in ExecutionStatus if status is not ExecutionStatus.RUNNING}
HASH = FailedActivity(ActivityRole.LOAD, "load", "definition hash differs", ago(300), about_hash=True)
LOAD = replace(HASH, about_hash=False)
START = replace(LOAD, role=ActivityRole.STEP_START)
SIGNAL = SignalSeen(str(event(1).event_id), "REPLY", ago(300))
RETRYING = row(invocation=invocation("FAILED"))
LOST_QUOTA = row(
    step=step("SUCCEEDED"),
    waits=(wait("quota", status="RESOLVED", created_at=ago(300), resolved_at=ago(200)),),
)


def waiting(kind: str = "event", **changes: object) -> RunFacts:
    more = {name: changes.pop(name) for name in ("events", "task", "status") if name in changes}
    return facts(row(waits=(wait(kind, **changes),), **more), RUNNING)


TROUBLE: list[tuple[str, str, RunFacts]] = [
    ("S01", "no_pollers", facts(NO_STEP, execution(task=pending_task(600)), queue=queue())),
    ("S01", "no_pollers", facts(NO_STEP, execution(task=pending_task(600)), queue=queue(650, 700))),
    ("S01", "no_pollers", facts(row(), execution(task=pending_task(100)), queue=queue(101))),
    ("S01", "cannot_tell_yet", facts(NO_STEP, execution(task=pending_task(61)), queue=queue(65))),
    ("S02", "backlog", facts(row(), execution(task=pending_task(90)), queue=queue(5))),
    ("S03", "failing", facts(row(), execution(task=pending_task(100, attempt=5)), queue=queue(5))),
    ("S03", "not_finishing", facts(row(), execution(task=pending_task(100, started=90)), queue=queue(5))),
    ("S03", "no_step", facts(NO_STEP, RUNNING)),
    ("S03", "no_step", facts(NO_STEP, execution(activities=(pending_activity(3, started_at=ago(2)),)))),
    ("S05", "in_flight", facts(NO_STEP, execution(activities=(pending_activity(99, started_at=ago(98)),)))),
    ("S02", "backlog", facts(NO_STEP, execution(task=pending_task(30)), queue=queue(5))),
    ("S04", "no_pollers", facts(row(), execution(activities=(pending_activity(100),)), queue=queue(200))),
    ("S04", "no_pollers", facts(row(), ELSEWHERE, queue=queue(5), activity_queue=queue(200, name="acts"))),
    ("S04", "waiting", facts(row(), execution(activities=(pending_activity(100),)), queue=queue(5))),
    ("S05", "overdue", facts(row(), execution(activities=(pending_activity(700, started_at=ago(699)),)))),
    ("S06", "overdue", facts(RETRYING, RUNNING, tail=tail(timers=(OpenTimer("1", ago(100), ago(70)),)))),
    ("S07", "overdue", waiting("time", timeout_at=ago(100))),
    ("S08", "null_key", waiting(has_key=False)),
    (
        "S08",
        "never_signalled",
        facts(row(waits=(wait(),), events=(event(100),)), RUNNING, tail=tail()),
    ),
    ("S08", "arrived_early", waiting(events=(event(502.4),))),
    ("S08", "overdue", waiting(timeout_at=ago(100))),
    ("S09", "done_not_signaled", waiting("human", task=task("completed"))),
    ("S09", "task_gone", waiting("human", task=task("canceled"))),
    ("S09", "task_gone", waiting("human")),
    ("S10", "resumable", waiting("quota", status="WAITING", timeout_at=ago(100))),
    ("S10", "resume_lost", facts(LOST_QUOTA, RUNNING, current_wait=CurrentWait("quota", PATH, NOW))),
    ("S12", "never_started", facts(row(step=None, has_temporal_ids=False))),
    ("S13", "lost", facts(row(), retention=timedelta(days=30))),
    ("S13", "expired", facts(row(), retention=timedelta(seconds=60))),
    ("S13", "expired", facts(row(step=None, has_temporal_ids=False), retention=timedelta(seconds=60))),
    ("S13", "other_namespace", facts(row(), namespace_in_use=False)),
    ("S14", "terminated", facts(row(), CLOSED[ExecutionStatus.TERMINATED])),
    ("S14", "canceled_outside", facts(row(), CLOSED[ExecutionStatus.CANCELED])),
    ("S14", "timed_out", facts(row(), CLOSED[ExecutionStatus.TIMED_OUT])),
    ("S14", "completed", facts(row(), CLOSED[ExecutionStatus.COMPLETED])),
    ("S14", "failed", facts(row(), CLOSED[ExecutionStatus.FAILED])),
    ("S14", "definition_hash", facts(NO_STEP, CLOSED[ExecutionStatus.FAILED], tail=tail(failed_activity=HASH))),
    ("S14", "load_failed", facts(NO_STEP, CLOSED[ExecutionStatus.FAILED], tail=tail(failed_activity=LOAD))),
    ("S14", "step_start_failed", facts(row(), CLOSED[ExecutionStatus.FAILED], tail=tail(failed_activity=START))),
    ("S14", "failed", facts(row(status="FAILED"), CLOSED[ExecutionStatus.FAILED])),
    ("S15", "still_open", facts(row(status="SUCCEEDED", completed_at=ago(100)), RUNNING)),
    (
        "S15",
        "launched_after_all",
        facts(row(status="FAILED", completed_at=ago(100), error_stage="launch"), RUNNING),
    ),
    ("S16", "lasting", facts(row(status="FAILED"), RUNNING)),
    ("S18", "stranded", facts(row(engine="db", step=None))),
    ("S18", "stranded", facts(row(engine=None, status="WAITING", waits=(wait(),)))),
    ("S20", "unserved", facts(NO_STEP, execution(task_queue="old", task=pending_task(600)), queue=queue(name="old"))),
]

WATCH: list[tuple[str, str, RunFacts]] = [
    ("S01", "cannot_tell_yet", facts(row(), execution(task=pending_task(20)), queue=queue(30))),
    ("S02", "backlog", facts(row(), execution(task=pending_task(30)), queue=queue(5))),
    ("S03", "failing", facts(row(), execution(task=pending_task(5, attempt=2)), queue=queue(2))),
    ("S05", "in_flight", facts(row(), execution(activities=(pending_activity(100, started_at=ago(99)),)))),
    ("S06", "backoff", facts(RETRYING, RUNNING, tail=tail(timers=(OpenTimer("1", ago(100), ahead(500)),)))),
    ("S06", "server_retry", facts(row(), execution(activities=(pending_activity(9, next_attempt_at=ahead(90)),)))),
    ("S08", "null_key", waiting(has_key=False, timeout_at=ahead(100))),
    ("S08", "near_miss", waiting(events=(event(100, same_key=False, similar=True),))),
    (
        "S08",
        "filtered_out",
        facts(row(waits=(wait(),), events=(event(100, rejected_by="a ="),)), RUNNING, tail=tail(signals=(SIGNAL,))),
    ),
    (
        "S10",
        "resumable",
        facts(row(status="WAITING", waits=(wait("quota", timeout_at=ahead(9)),)), RUNNING, usage=usage(5, 10)),
    ),
    ("S13", "lost", facts(row(status="SUCCEEDED", completed_at=ago(100)))),
    (
        "S15",
        "cancel_pending",
        facts(
            row(status="CANCELED", completed_at=ago(100)),
            execution(cancel_requested=True, activities=(pending_activity(200, started_at=ago(199)),)),
        ),
    ),
    ("S16", "routing", facts(row(status="FAILED", updated_at=ago(5)), RUNNING)),
    ("S17", "before_due", waiting("time", timeout_at=ahead(60 * 86_400))),
    ("S17", "near", facts(row(waits=(wait("human"),), task=task("pending")), execution(expires_at=ahead(86_400)))),
    ("S19", "temporal", facts(row(), problem="Temporal is away.")),
    ("S19", "temporal", facts(row(engine="db"), problem="Temporal is away.")),
    ("S20", "served", facts(row(), execution(task_queue="old"), queue=queue(5, name="old"))),
]

HEALTHY: list[tuple[EffectiveState, RunFacts]] = [
    (EffectiveState.QUEUED, facts(row(step=None, started_at=ago(59)), execution(task=pending_task(59, started=1)))),
    (EffectiveState.QUEUED, facts(row(step=None, started_at=ago(30), has_temporal_ids=False))),
    (EffectiveState.EXECUTING, facts(row(), execution(activities=(pending_activity(9, started_at=ago(8)),)))),
    (EffectiveState.EXECUTING, facts(row(step=step("SUCCEEDED", 2), updated_at=ago(1)), RUNNING)),
    (EffectiveState.RETRYING, facts(RETRYING, RUNNING, tail=tail(timers=(OpenTimer("1", ago(100), ahead(9)),)))),
    (EffectiveState.WAITING_EVENT, waiting()),
    (EffectiveState.WAITING_EVENT, waiting(created_at=ago(500), events=(event(650),))),
    (EffectiveState.WAITING_EVENT, waiting(events=(event(550, consumed=True),))),
    (EffectiveState.WAITING_EVENT, waiting(events=(event(100, same_key=False), event(90, same_name=False)))),
    (EffectiveState.WAITING_EVENT, waiting(events=(event(3),))),
    (EffectiveState.WAITING_TIME, waiting("time", timeout_at=ahead(21 * 86_400))),
    (EffectiveState.WAITING_HUMAN, waiting("human", task=task("pending"))),
    (EffectiveState.WAITING_HUMAN, waiting("human", task=task("a word of tomorrow"))),
    (EffectiveState.WAITING_QUOTA, waiting("quota", status="WAITING", timeout_at=ahead(9))),
    (
        EffectiveState.WAITING_QUOTA,
        facts(row(status="WAITING", waits=(wait("quota", timeout_at=ago(100)),)), RUNNING, usage=usage(10, 10)),
    ),
    (EffectiveState.WAITING_CHILD, facts(row(children=(OTHER,)), RUNNING)),
    (EffectiveState.CANCELING, facts(row(), execution(cancel_requested=True))),
    (EffectiveState.SUCCEEDED, facts(row(), execution(ExecutionStatus.COMPLETED, closed_at=ago(3)))),
    (EffectiveState.SUCCEEDED, facts(row(status="SUCCEEDED", completed_at=ago(2)), RUNNING)),
    (EffectiveState.FAILED, facts(row(status="FAILED", completed_at=ago(9), error_stage="launch"))),
    (EffectiveState.FAILED, facts(row(status="FAILED", completed_at=ago(9)), CLOSED[ExecutionStatus.TIMED_OUT])),
]


def expect(found_in: RunFacts, cause: str, kind: str, severity: Severity) -> None:
    found = diagnose(found_in)
    assert (found.cause, found.kind, found.severity) == (cause, kind, severity), found.title
    assert found.title.endswith(".")
    assert found.evidence
    assert found.engineering
    assert diagnose(found_in) == found


@pytest.mark.parametrize(
    ("cause", "kind", "given"), TROUBLE, ids=[f"{c}-{k}-{n}" for n, (c, k, _) in enumerate(TROUBLE)]
)
def test_trouble(cause: str, kind: str, given: RunFacts) -> None:
    expect(given, cause, kind, Severity.TROUBLE)


@pytest.mark.parametrize(("cause", "kind", "given"), WATCH, ids=[f"{c}-{k}-{n}" for n, (c, k, _) in enumerate(WATCH)])
def test_watch(cause: str, kind: str, given: RunFacts) -> None:
    expect(given, cause, kind, Severity.WATCH)


@pytest.mark.parametrize(("state", "given"), HEALTHY, ids=[f"{s}-{n}" for n, (s, _) in enumerate(HEALTHY)])
def test_healthy(state: EffectiveState, given: RunFacts) -> None:
    found = diagnose(given)
    assert (found.cause, found.severity, found.state) == (None, Severity.OK, state), found.title
    assert found.verdict in (Verdict.AGREE, Verdict.LAGGING)
    assert found.actions == ()


def test_every_cause_is_covered() -> None:
    """S11 is named by a family, the others by one run's facts."""
    assert {cause for cause, _, _ in (*TROUBLE, *WATCH)} == set(Cause) - {Cause.CHILD_RUN}
    assert {cause for cause, _ in RULES} == set(Cause)


def test_the_order_of_precedence() -> None:
    order = list(dict.fromkeys(cause for cause, _ in RULES))
    assert [str(cause) for cause in order[:12]] == [
        *("S19", "S18", "S13", "S12", "S14", "S15", "S16", "S20", "S01", "S03", "S02", "S04")
    ]


def test_what_else_holds_is_told_beside_the_cause() -> None:
    given = facts(NO_STEP, execution(task_queue="old", task=pending_task(600, attempt=3)), queue=queue(name="old"))
    found = diagnose(given)
    assert found.cause is Cause.OTHER_QUEUE
    assert [finding.cause for finding in found.further][:2] == [Cause.NO_WORKER, Cause.TASK_FAILING]


def test_a_failing_task_shows_cause_and_message() -> None:
    failed = FailedTask("workflow_worker_unhandled_failure", "not registered", ago(60), "w1")
    given = facts(row(), execution(task=pending_task(100, attempt=4)), queue=queue(1), tail=tail(failed_task=failed))
    told = [fact for fact in diagnose(given).evidence if fact.source == "temporal.history"]
    assert "workflow_worker_unhandled_failure: not registered (worker w1)" in told[0].fact


def test_a_parent_names_the_leaf() -> None:
    parent = diagnose(facts(row(children=(OTHER,)), RUNNING))
    leaf = diagnose(facts(row(key=RunKey(None, OTHER), step=None), execution(task=pending_task(600)), queue=queue()))
    named = blame_leaves({RUN: parent, OTHER: leaf}, {RUN: (OTHER,)})
    assert named[OTHER] == leaf
    assert (named[RUN].cause, named[RUN].severity) == (Cause.CHILD_RUN, Severity.WATCH)
    assert leaf.title in named[RUN].title


WAITS = st.builds(
    waiting,
    st.sampled_from(["event", "time", "human"]),
    timeout_at=st.integers(10, 20 * 86_400).map(ahead),
    created_at=st.integers(1, 9 * 86_400).map(ago),
    task=st.sampled_from(["pending", "claimed"]).map(task),
)


@hypothesis.given(WAITS)
def test_no_wait_within_its_time_is_called_stuck(given_facts: RunFacts) -> None:
    found = diagnose(given_facts)
    assert (found.severity, found.cause) == (Severity.OK, None), found.title


@hypothesis.given(skew=st.integers(-600, 600), idle=st.integers(0, 55), wrong=st.sampled_from(["database", "computer"]))
def test_one_wrong_clock_makes_no_worker_disappear(skew: int, idle: int, wrong: str) -> None:
    polled = queue(idle)
    present, read_at = (ahead(skew), NOW) if wrong == "database" else (NOW, ahead(skew))
    untaken = row(status="RUNNING", step=None, started_at=present - timedelta(seconds=10))
    for found in (execution(task=pending_task(5)), replace(execution(), described=False)):
        given = facts(untaken, found, queue=replace(polled, read_at=read_at))
        assert diagnose(replace(given, now=present)).kind != "no_pollers"


def test_an_unread_queue_is_no_proof() -> None:
    given = facts(row(), execution(task=pending_task(600)), queue_problem="Temporal is overloaded.")
    expect(given, "S19", "queue", Severity.WATCH)


@pytest.mark.parametrize(
    ("status", "closed", "verdict", "state"),
    [
        ("SUCCEEDED", ExecutionStatus.COMPLETED, Verdict.AGREE, EffectiveState.SUCCEEDED),
        ("CANCELED", ExecutionStatus.CANCELED, Verdict.AGREE, EffectiveState.CANCELED),
        ("CANCELED", ExecutionStatus.COMPLETED, Verdict.PHANTOM_COMPLETION, EffectiveState.SUCCEEDED),
        ("SUCCEEDED", ExecutionStatus.FAILED, Verdict.PHANTOM_COMPLETION, EffectiveState.FAILED),
    ],
)
def test_both_sides_closed(status: str, closed: ExecutionStatus, verdict: Verdict, state: EffectiveState) -> None:
    found = diagnose(facts(row(status=status, completed_at=ago(300)), CLOSED[closed]))
    assert (found.verdict, found.cause, found.state) == (verdict, None, state)
    assert found.severity is (Severity.OK if verdict is Verdict.AGREE else Severity.WATCH)
    assert bool(found.advice) is (verdict is not Verdict.AGREE)


def test_retention_tells_expired_from_missing() -> None:
    ended = row(status="SUCCEEDED", completed_at=ago(100))
    assert diagnose(facts(ended, retention=timedelta(seconds=9))).verdict is Verdict.CANNOT_VERIFY
    assert diagnose(facts(ended, retention=timedelta(days=9))).verdict is Verdict.MISSING
