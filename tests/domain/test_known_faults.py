"""Each known fault of the engine from its console proof, and not without it."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest

from app.domain.diagnosis.execution_facts import ActivityRole, CurrentWait, FailedActivity
from app.domain.diagnosis.facts import Marks, RunFacts
from app.domain.diagnosis.known_faults import KNOWN_FAULTS, fault, known_faults
from app.domain.execution import ExecutionStatus
from tests.domain.diagnosis_samples import (
    NOW,
    OTHER,
    PATH,
    REFERENCE,
    ago,
    execution,
    facts,
    row,
    step,
    tail,
    task,
    wait,
)

RUNNING = execution()
FAILED, COMPLETED = execution(ExecutionStatus.FAILED), execution(ExecutionStatus.COMPLETED)
LOAD_FAILED = tail(failed_activity=FailedActivity(ActivityRole.LOAD, "load", "gone", ago(300)))
COLLIDED = FailedActivity(ActivityRole.ACTION, "act", "duplicate key", ago(300), about_duplicate_key=True)
ENDED = {"status": "FAILED", "completed_at": ago(300)}
CANCELED = {"status": "CANCELED", "completed_at": ago(300)}


def marked(**marks: bool) -> RunFacts:
    return facts(row(**ENDED, semantics_version=REFERENCE, marks=Marks(**marks)), FAILED)


PROOFS: list[tuple[str, RunFacts]] = [
    ("F1", facts(row(semantics_version=REFERENCE, waits=(wait(),)), RUNNING)),
    ("F1", marked(unmatched_resolved_wait=True)),
    ("F2", marked(continued_as_new_failure=True)),
    ("F4", facts(row(step=None), FAILED, tail=LOAD_FAILED)),
    ("F5", facts(row(**CANCELED), FAILED, tail=tail())),
    ("F10", marked(singleton_list_text=True)),
    ("F12", marked(expression_time_text=True)),
    ("F13", facts(row(), execution(ExecutionStatus.TERMINATED))),
    ("F14", facts(row(completed_at=ago(200)), execution(ExecutionStatus.CANCELED))),
    ("F14", marked(late_invocation=True)),
    ("F15", facts(row(**CANCELED, marks=Marks(cancel_logged=True)), COMPLETED)),
    ("F17", facts(row(**CANCELED, marks=Marks(open_steps=True)), execution(ExecutionStatus.CANCELED))),
    ("F17", facts(row(**CANCELED, children=(OTHER,)), execution(ExecutionStatus.CANCELED))),
    ("F19", marked(generic_failure_text=True)),
    ("F20", marked(duplicate_key_text=True)),
    ("F20", facts(row(**ENDED), FAILED, tail=tail(failed_activity=COLLIDED))),
    ("F22", marked(swallowed_failure=True)),
    ("F24", facts(row(waits=(wait(),)), execution(ExecutionStatus.TERMINATED))),
    ("F27", facts(row(waits=(wait(has_key=False),)), RUNNING)),
    ("F28", facts(row(waits=(wait("human"),), task=task("completed")), RUNNING)),
    ("F29", marked(refused_response=True)),
    ("F30", facts(row(step=None, has_temporal_ids=False))),
    ("F30", facts(row(**ENDED, error_stage="launch"), RUNNING)),
    ("F34", facts(row(**ENDED, step=None, engine=None, error_stage="launch", replay_of=OTHER))),
    ("F35", facts(row(parent_run_id=OTHER, has_temporal_ids=False), RUNNING)),
    (
        "F36",
        facts(
            row(step=step("SUCCEEDED"), waits=(wait("quota", status="RESOLVED", resolved_at=ago(99)),)),
            RUNNING,
            current_wait=CurrentWait("quota", PATH, NOW),
        ),
    ),
    ("F38", facts(row(started_at=ago(30 * 86_400), waits=(wait("human"),)), execution(ExecutionStatus.TIMED_OUT))),
    ("F39", facts(row(status="FAILED"), RUNNING)),
    ("F39", facts(row(status="SUCCEEDED", completed_at=ago(9), marks=Marks(error_beside_success=True)), COMPLETED)),
]


@pytest.mark.parametrize(("fault_id", "given"), PROOFS, ids=[f"{each}-{n}" for n, (each, _) in enumerate(PROOFS)])
def test_proved(fault_id: str, given: RunFacts) -> None:
    assert fault_id in known_faults(given)


def test_every_fault_has_a_proof_here() -> None:
    assert {fault_id for fault_id, _ in PROOFS} == {entry.fault_id for entry in KNOWN_FAULTS}


def test_every_mark_proves_a_fault() -> None:
    plain = row(**CANCELED, semantics_version=REFERENCE)
    for mark in fields(Marks):
        given = facts(replace(plain, marks=Marks(**{mark.name: True})), COMPLETED)
        if mark.name != "error_beside_success":
            assert known_faults(given), mark.name


def test_no_fault_on_runs_as_they_should_be() -> None:
    reference = row(semantics_version=REFERENCE)
    waiting = replace(reference, waits=(wait(timeout_at=ago(-100)),))
    assert known_faults(facts(reference, RUNNING)) == ()
    assert known_faults(facts(waiting, RUNNING)) == ()
    assert known_faults(facts(row(waits=(wait(),)), RUNNING)) == (), "our own engine waits without a timeout"
    assert (
        known_faults(facts(row(**CANCELED, marks=Marks(cancel_logged=True)), execution(ExecutionStatus.CANCELED))) == ()
    )
    assert known_faults(facts(row(**ENDED), FAILED)) == ()


def test_nothing_is_proved_while_temporal_is_away() -> None:
    assert known_faults(facts(row(step=None, has_temporal_ids=False), problem="away")) == ()
    assert known_faults(facts(row(waits=(wait(),)), problem="away")) == ()


def test_an_entry_says_everything_an_operator_needs() -> None:
    for entry in KNOWN_FAULTS:
        assert re.fullmatch(r"F\d+", entry.fault_id)
        assert all(text.endswith(".") for text in (entry.title, entry.meaning, entry.remedy)), entry
        assert fault(entry.fault_id) is entry
    numbers = [int(entry.fault_id[1:]) for entry in KNOWN_FAULTS]
    assert numbers == sorted(set(numbers))
