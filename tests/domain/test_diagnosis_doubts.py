"""What a diagnosis must not say: facts that look like proof and are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from app.domain.diagnosis.classifier import diagnose
from app.domain.diagnosis.codes import Act, Severity
from app.domain.diagnosis.execution_facts import CurrentWait, SignalSeen
from app.domain.diagnosis.facts import Marks, RunFacts
from app.domain.diagnosis.families import blame_leaves
from app.domain.diagnosis.troubles import Unstarted, find_troubles
from app.domain.execution import ExecutionStatus
from app.domain.quota_pause import limit_ahead
from app.domain.run import EffectiveState, RunKey
from tests.domain.diagnosis_samples import (
    NOW,
    OTHER,
    PATH,
    REFERENCE,
    RUN,
    ago,
    ahead,
    event,
    execution,
    facts,
    row,
    tail,
    usage,
    wait,
)


def resumed(at: datetime) -> RunFacts:
    pause = wait("quota", status="RESOLVED", resolved_at=at)
    return facts(row(step=None, waits=(pause,)), execution(), current_wait=CurrentWait("quota", PATH, NOW))


def test_a_resume_whose_signal_may_be_under_way_is_not_lost() -> None:
    young, old = diagnose(resumed(ago(2))), diagnose(resumed(ago(60)))
    assert (young.cause, young.severity, young.known_faults) == (None, Severity.OK, ())
    assert (old.cause, old.kind, old.known_faults) == ("S10", "resume_lost", ("F36",))
    assert young.state is old.state is EffectiveState.WAITING_QUOTA, "the workflow's own word"


def test_a_quota_pause_at_the_first_step_is_no_worker_without_progress() -> None:
    paused = row(status="WAITING", step=None, waits=(wait("quota"),))
    found = diagnose(facts(paused, execution(), usage=usage(10, 10)))
    assert (found.cause, found.severity, found.state) == (None, Severity.OK, EffectiveState.WAITING_QUOTA)


def test_a_waiting_row_without_a_step_stays_in_the_banner() -> None:
    """Those that count as stuck leave it when they begin a step; this one never was among them."""
    stranded = row(engine=None, status="WAITING", step=None, waits=(wait(),))
    over = row(status="WAITING", step=None, waits=(wait("quota", timeout_at=ago(100)),))
    for found in (diagnose(facts(stranded)), diagnose(facts(over, execution()))):
        assert [each.cause for each in find_troubles({found.key: found}, Unstarted())] == [found.cause]


@pytest.mark.parametrize("history", [None, tail(complete=False)])
def test_a_delivery_error_does_not_prove_that_this_run_was_not_signalled(history: object) -> None:
    found = diagnose(facts(row(waits=(wait(),), events=(event(100, failed=True),)), execution(), tail=history))
    assert (found.cause, found.severity) == (None, Severity.OK)
    assert "nothing" not in found.title, "an event that matches was recorded"
    assert not any("No matching event" in str(fact) for fact in found.evidence)


def test_a_lost_event_is_named_although_another_one_was_signalled_and_refused() -> None:
    refused = replace(event(200, rejected_by="amount >"), event_id=UUID(int=78))
    lost = event(100)
    seen = tail(signals=(SignalSeen(str(refused.event_id), "REPLY", ago(199)),))
    found = diagnose(facts(row(waits=(wait(),), events=(refused, lost)), execution(), tail=seen))
    assert (found.cause, found.kind) == ("S08", "never_signalled")
    assert any(str(lost.event_id) in str(fact) for fact in found.evidence)


@pytest.mark.parametrize(("closed", "faults"), [(50, ()), (150, ("F15",))])
def test_only_a_run_that_had_ended_before_its_cancel_was_rewritten_by_it(
    closed: float, faults: tuple[str, ...]
) -> None:
    canceled = row(status="CANCELED", completed_at=ago(100), marks=Marks(cancel_logged=True))
    found = diagnose(facts(canceled, execution(ExecutionStatus.COMPLETED, closed_at=ago(closed))))
    assert found.known_faults == faults


def test_a_child_that_was_never_started_is_its_parents_to_start() -> None:
    child = diagnose(facts(row(step=None, has_temporal_ids=False, parent_run_id=OTHER)))
    assert child.cause == "S12"
    assert Act.COMPLETE_LAUNCH not in child.actions


def test_the_parent_of_a_child_that_was_never_started_is_not_sent_to_itself() -> None:
    child = diagnose(facts(row(key=RunKey(UUID(int=9), OTHER), step=None, has_temporal_ids=False, parent_run_id=RUN)))
    parent = diagnose(facts(row(children=(OTHER,)), execution()))
    told = blame_leaves({RUN: parent, OTHER: child}, {RUN: (OTHER,)})[RUN]
    assert (told.kind, "its parent" in child.advice, "its parent" in told.advice) == ("child_stuck", True, False)


@pytest.mark.parametrize(
    ("version", "due", "delivers"),
    [(REFERENCE, None, False), (None, None, False), ("ours", None, True), (REFERENCE, ahead(900), True)],
)
def test_no_event_is_offered_where_it_would_fail_the_run(
    version: str | None, due: datetime | None, *, delivers: bool
) -> None:
    missed = row(semantics_version=version, waits=(wait(timeout_at=due),), events=(event(550),))
    found = diagnose(facts(missed, execution()))
    assert (found.cause, found.kind) == ("S08", "arrived_early")
    assert (Act.DELIVER_EVENT in found.actions, Act.REPLAY in found.actions) == (delivers, not delivers)
    assert ("F1" in found.advice) is not delivers


@pytest.mark.parametrize(
    ("stored", "source", "plan", "limit"),
    [
        (150, "tier_default", "pro", 750),
        (750, "tier_default", "Solo", 150),
        (150, "tier_default", None, 750),
        (5, "stripe_price_metadata", "pro", 5),
        (None, "unlimited_metadata", "solo", None),
    ],
)
def test_the_next_step_meets_the_plan_of_now_where_the_limit_comes_from_it(
    stored: int | None, source: str, plan: str | None, limit: int | None
) -> None:
    assert limit_ahead(stored, source, plan) == limit
