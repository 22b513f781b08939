"""The report's headline and evidence, for the states in which runs are found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from app.domain.execution import ExecutionFacts, ExecutionStatus, QueueFacts
from app.domain.report.cause import circumstances
from app.domain.report.headline import STATE_SENTENCES, headline
from app.domain.report.voice import Voice
from app.domain.run import EffectiveState, OpenWait, RunError, RunLink
from app.domain.triage import EnvironmentFacts, RunAccount, account_of
from tests.domain.samples import START, a_detail, a_row, a_step, a_wait, an_inspection, at

QUEUE = "workflow-runtime-v2"
RUNNING = ExecutionFacts("id", "first", ExecutionStatus.RUNNING, QUEUE, START, None, 12)


def closed(status: ExecutionStatus) -> ExecutionFacts:
    return replace(RUNNING, status=status, closed_at=at(5))


@dataclass(frozen=True)
class Told:
    """An account as its reader hears it."""

    account: RunAccount

    @property
    def headline(self) -> str:
        return Voice().text(headline(self.account))

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(map(Voice().text, circumstances(self.account)))


def report(row: Any = None, environment: EnvironmentFacts | None = None, **changes: Any) -> Told:
    return Told(account_of(an_inspection(row, **changes), environment or EnvironmentFacts(RUNNING)))


def active(**changes: Any) -> Any:
    return a_row(**{"status": "RUNNING", "completed_at": None, **changes})


def waiting(wait_type: str) -> Any:
    return active(open_wait=OpenWait(wait_type, None, None, at(1)))


def test_a_success():
    found = report(environment=EnvironmentFacts(closed(ExecutionStatus.COMPLETED)))
    assert found.headline == "“Ticket triage” succeeded after 2 s and 2 steps."
    assert found.evidence == ("Temporal: the execution has ended (completed).",)


def test_a_success_that_ignored_a_failure():
    steps = (a_step(0), a_step(1, swallowed_error=True))
    assert report(steps=steps).headline == (
        "“Ticket triage” succeeded after 2 s and 2 steps, although 1 failure was ignored on the way."
    )


def test_a_failure_names_step_and_cause():
    error = RunError("Charge refused:\n token lacks scope", "invocation", step_path="root.steps[1]")
    assert report(a_row(status="FAILED"), error=error).headline == (
        "“Ticket triage” failed at step “Step 1” after 2 s: Charge refused: token lacks scope."
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "failed after 2 s without a recorded error."),
        (RunError("x" * 900, "run"), "…"),
        (RunError("No such namespace.", "run", category="launch"), "was never started: No such namespace."),
        (RunError("Why?", "step", step_path="root.steps[9]"), "failed at root.steps[9] after 2 s: Why?"),
    ],
)
def test_other_failures(error, words):
    headline = report(a_row(status="FAILED"), error=error).headline
    assert headline.endswith(words)
    assert len(headline) < 400


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (EnvironmentFacts(RUNNING, QueueFacts(QUEUE, (), None)), f": no worker is listed for the task queue {QUEUE}."),
        (EnvironmentFacts(None, QueueFacts(QUEUE, (), None)), ": Temporal no longer knows its execution"),
        (EnvironmentFacts(problem="no answer"), "; the workflow worker may be down or may not be connected"),
        (EnvironmentFacts(RUNNING, QueueFacts(QUEUE, ("a",), START)), "; the workflow worker may be down"),
        (
            EnvironmentFacts(RUNNING, QueueFacts(QUEUE, ("a",), START, (START,))),
            f": no worker has asked the task queue {QUEUE} for work for 2 min.",
        ),
        (
            EnvironmentFacts(RUNNING, QueueFacts(QUEUE, ("a",), at(100), (at(100),))),
            f"but no step has run, although 1 worker polls the task queue {QUEUE}.",
        ),
        (EnvironmentFacts(closed(ExecutionStatus.FAILED)), "its execution in Temporal has already ended (failed)"),
    ],
)
def test_a_stuck_run(environment, words):
    row = active(has_steps=False, stuck=True, age_seconds=125.0)
    assert words in report(row, environment, steps=(), invocations=()).headline


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("temporal", ": Temporal does not know its execution, so the launch never reached Temporal."),
        ("db", ": it was not recorded for Temporal, and no other engine exists any more."),
    ],
)
def test_a_stuck_run_that_temporal_never_saw(engine, words):
    row = active(has_steps=False, stuck=True, age_seconds=125.0, engine=engine)
    found = report(None, EnvironmentFacts(), run=a_detail(row, temporal_run_id=None), steps=(), invocations=())
    assert found.headline.endswith(words)


def test_an_execution_that_has_just_ended_is_no_trouble():
    ended = replace(closed(ExecutionStatus.COMPLETED), closed_at=at(119))
    assert "has been running" in report(active(), EnvironmentFacts(ended)).headline


@pytest.mark.parametrize("status", [ExecutionStatus.TIMED_OUT, ExecutionStatus.TERMINATED])
def test_a_row_that_was_never_told(status):
    headline = report(active(), EnvironmentFacts(closed(status))).headline
    assert "is recorded as RUNNING" in headline
    assert status.replace("_", " ") in headline


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (a_wait(1), "waiting for 1 min 59 s for the event CUSTOMER_REPLIED; 1 h 58 min are left."),
        (a_wait(1, timeout_at=at(60)), "; its time passed 1 min ago."),
        (a_wait(1, wait_type="time", event_name=None, timeout_at=None), "for a time to come."),
        (a_wait(1, wait_type="human", timeout_at=None), "for a person to complete a task."),
        (a_wait(1, wait_type="quota", timeout_at=None), "in a pause by the tenant's step quota."),
    ],
)
def test_a_waiting_run(wait, words):
    assert report(waiting(wait.wait_type), waits=(wait,)).headline.endswith(words)


def test_other_states():
    assert "waits for a worker" in report(active(has_steps=False, age_seconds=3.0)).headline
    steps = (a_step(0), a_step(1, status="STARTED"))
    assert report(active(age_seconds=30.0), steps=steps).headline == (
        "“Ticket triage” has been running for 30 s and is at step “Step 1”."
    )
    assert "may still be handled" in report(active(status="FAILED")).headline
    assert "was canceled after 2 s." in report(a_row(status="CANCELED")).headline
    assert "is being canceled" in report(active(status="CANCELED")).headline
    assert "does not know: PAUSED" in report(active(status="PAUSED")).headline
    assert report(active(workflow_name=None)).headline.startswith("Workflow 33333333")


def test_every_state_has_a_sentence():
    assert set(STATE_SENTENCES) == set(EffectiveState)


def test_evidence_says_what_a_reader_must_know():
    links = (RunLink(UUID(int=7), "SUCCEEDED", START, at(9)),)
    source = RunLink(UUID(int=8), "FAILED", START, at(9))
    run = a_detail(
        active(), damaged_paths=("/note",), replays=links, source_run=source, legacy_note="Canceled by a migration."
    )
    environment = EnvironmentFacts(RUNNING, QueueFacts(QUEUE, ("a", "b"), START))
    facts = report(None, environment, run=run, redaction_closed=True).evidence
    for words in (
        "the execution is running, with 12 events so far",
        "2 workers are listed for the task queue workflow-runtime-v2",
        "Canceled by a migration.",
        f"a replay of {UUID(int=8)}",
        "replayed once: 00000000 SUCCEEDED",
        "holds placeholders instead of values, at /note",
        "redaction rules could not be read",
    ):
        assert any(words in fact for fact in facts), words


@pytest.mark.parametrize(
    ("queue", "words"),
    [
        (QueueFacts(QUEUE, (), None), "Workers: no worker is listed for the task queue workflow-runtime-v2."),
        (QueueFacts(QUEUE, ("a",), at(90), (at(90),)), "Workers: 1 worker polls the task queue workflow-runtime-v2."),
        (
            QueueFacts(QUEUE, ("a",), START, (START,)),
            "Workers: no worker has asked the task queue workflow-runtime-v2 for work for 2 min.",
        ),
    ],
)
def test_evidence_of_workers(queue, words):
    assert words in report(active(), EnvironmentFacts(RUNNING, queue)).evidence
    ended = report(a_row(), EnvironmentFacts(closed(ExecutionStatus.COMPLETED), queue)).evidence
    assert not any("task queue" in fact for fact in ended)


def test_an_unreachable_temporal_is_stated_not_guessed():
    facts = report(active(), EnvironmentFacts(problem="Temporal did not answer within 5 s.")).evidence
    assert facts == ("Temporal could not be asked: Temporal did not answer within 5 s.",)
    assert not EnvironmentFacts(problem="x").execution_missing
    assert EnvironmentFacts().execution_missing
