"""Where it went wrong: the error that ended the run, and what became of every other one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.report.blocks import Table
from app.domain.report.failure import MOST_ERRORS, error_chain, failing_step
from app.domain.report.voice import Voice
from app.domain.run import RunError
from app.domain.triage import EnvironmentFacts, RunAccount, account_of
from tests.domain.samples import a_failed_invocation, a_row, a_step, an_inspection, an_invocation, at

ENDED = RunError(
    "Charge refused", "invocation", "CARD", step_path="root.steps[2]", action_id="payments.charge", at=at(3)
)


def account(**changes: Any) -> RunAccount:
    row = changes.pop("row", a_row(status="FAILED"))
    return account_of(an_inspection(row, **changes), EnvironmentFacts())


def chain(told: RunAccount) -> list[tuple[str, ...]]:
    """Return fate, place, message and count of each entry."""
    section = error_chain(told)
    if section is None:
        return []
    table = next(block for block in section.blocks if isinstance(block, Table))
    return [tuple(Voice().text(cell.word) for cell in row[:4]) for row in table.rows]


def test_what_ended_the_run_stands_beside_what_was_handled_ignored_and_tried_again() -> None:
    steps = (
        a_step(0, status="FAILED"),
        a_step(1, swallowed_error=True),
        a_step(2, status="FAILED"),
        a_step(3),
    )
    calls = (
        a_failed_invocation(0, "caught"),
        a_failed_invocation(1, "dropped"),
        a_failed_invocation(2),
        a_failed_invocation(3, "flaky"),
        an_invocation(3, invocation_id=UUID(int=1), created_at=at(3.5)),
    )
    assert chain(account(steps=steps, invocations=calls, error=ENDED)) == [
        ("Handled", "payments.charge at root.steps[0]", "CARD: caught", "1"),
        ("Ignored", "payments.charge at root.steps[1]", "CARD: dropped", "1"),
        ("Ended the run", "payments.charge at root.steps[2]", "CARD: Charge refused", "1"),
        ("Tried again", "payments.charge at root.steps[3]", "CARD: flaky", "1"),
    ]


def test_equal_errors_of_one_place_are_counted_with_the_first_and_the_last() -> None:
    calls = tuple(
        replace(
            a_failed_invocation(2), invocation_id=UUID(int=n + 1), created_at=at(2 + n / 10), completed_at=at(n + 3)
        )
        for n in range(4)
    )
    told = account(steps=(a_step(2, status="FAILED"),), invocations=calls, error=ENDED)
    assert [(fate, number) for fate, _, _, number in chain(told)] == [("Tried again", "3"), ("Ended the run", "1")]
    section = error_chain(told)
    assert section is not None
    words = Voice().text(section.blocks[0].word)
    assert words == "4 failures, the first at 2026-11-23 06:00:03 UTC, the last at 2026-11-23 06:00:06 UTC."


def test_attempts_that_a_worker_counts_in_one_row_are_counted() -> None:
    told = account(steps=(a_step(2, status="FAILED"),), invocations=(a_failed_invocation(2, attempt=3),), error=ENDED)
    assert [number for _, _, _, number in chain(told)] == ["3"]


def test_a_failure_of_a_run_that_goes_on_may_still_be_handled() -> None:
    row = a_row(status="RUNNING", completed_at=None)
    told = account(row=row, steps=(a_step(0, status="FAILED", error={"message": "no"}),), invocations=())
    assert chain(told) == [("May still be handled", "Step 0 at root.steps[0]", "no", "1")]


def test_a_long_chain_keeps_its_ends() -> None:
    calls = tuple(a_failed_invocation(number, f"error {number}") for number in range(100))
    steps = tuple(a_step(number, status="FAILED") for number in range(100))
    found = chain(account(steps=steps, invocations=calls))
    assert len(found) == MOST_ERRORS
    assert (found[0][2], found[-1][2]) == ("CARD: error 0", "CARD: error 99")


def test_a_run_without_errors_has_no_chain_and_a_closed_one_stands_nowhere() -> None:
    assert error_chain(account(row=a_row())) is None
    assert failing_step(account(row=a_row())) is None


def test_the_failing_step_shows_what_its_last_call_was_given() -> None:
    told = account(steps=(a_step(2, status="FAILED"),), invocations=(a_failed_invocation(2),), error=ENDED)
    section = failing_step(told)
    assert section is not None
    captions = [Voice().text(block.caption) for block in section.blocks if hasattr(block, "caption")]
    assert captions == ["What it said", "Stored error of the call", "Input (2 bytes)", "Output (2 bytes)"]


def test_a_run_that_waits_shows_where() -> None:
    row = a_row(status="RUNNING", completed_at=None)
    section = failing_step(account(row=row, steps=(a_step(0), a_step(1, status="STARTED", completed_at=None))))
    assert section is not None
    assert Voice().text(section.title) == "Where it stands"
