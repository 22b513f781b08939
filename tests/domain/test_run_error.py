"""The error that is truly useful, and errors that are not the run's own."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.run_error import error_line, select_error
from tests.domain.samples import a_failed_invocation, a_step, an_invocation, at

GENERIC = {"message": "Activity task failed"}


def failed_step(number=0, **changes):
    return a_step(number, **{"status": "FAILED", "error": GENERIC, **changes})


def test_the_actions_own_message_is_preferred_over_the_generic_one():
    found = select_error(
        "FAILED",
        {"message": "Activity task failed", "nodePath": "root.steps[1]"},
        None,
        [a_step(0), failed_step(1)],
        [an_invocation(0), a_failed_invocation(1, "Charge refused: token lacks scope", attempt=3)],
    )
    assert found is not None
    assert found.message == "Charge refused: token lacks scope"
    assert (found.source, found.code, found.category) == ("invocation", "CARD", "ActionError")
    assert (found.step_path, found.action_id, found.attempts) == ("root.steps[1]", "payments.charge", 3)
    assert found.technical == "Activity task failed"
    assert found.at == at(1.9)


def test_a_caught_failure_earlier_in_the_run_is_not_named():
    found = select_error(
        "FAILED",
        {"message": "Activity task failed", "nodePath": "root.steps[2]"},
        None,
        [failed_step(0), a_step(1), failed_step(2)],
        [a_failed_invocation(0, "caught"), a_failed_invocation(2, "the real one")],
    )
    assert found is not None
    assert found.message == "the real one"


@pytest.mark.parametrize("status", ["SUCCEEDED", "RUNNING"])
def test_handled_errors_are_not_shown_on_runs_that_did_not_fail(status):
    stale = {"message": "caught", "nodePath": "root.steps[0]"}
    steps, calls = [failed_step(0), a_step(1)], [a_failed_invocation(0)]
    assert select_error(status, stale, None, steps, calls) is None
    assert error_line(status, stale, "caught") is None


def test_a_canceled_run_shows_only_what_canceled_it():
    stale = {"message": "caught", "nodePath": "root.steps[0]"}
    assert select_error("CANCELED", stale, None, [failed_step(0)], [a_failed_invocation(0)]) is None
    migrated = {"message": "Canceled: the engine was removed", "stage": "migration", "migration": "x"}
    found = select_error("CANCELED", migrated, None, [failed_step(0)], [a_failed_invocation(0)])
    assert found is not None
    assert (found.message, found.source, found.category) == ("Canceled: the engine was removed", "run", "migration")
    assert error_line("CANCELED", migrated) == "Canceled: the engine was removed"


def test_a_launch_failure_is_the_runs_own():
    error = {"message": "namespace not found", "stage": "launch", "details": {"name": "Error"}}
    found = select_error("FAILED", error, "root.steps[0]", [], [])
    assert found is not None
    assert (found.message, found.source, found.category) == ("namespace not found", "run", "launch")


def test_the_newest_failure_at_the_path_wins():
    calls = [
        a_failed_invocation(0, "second", invocation_id=UUID(int=2), completed_at=at(0.9)),
        a_failed_invocation(0, "first", invocation_id=UUID(int=1), completed_at=at(0.5)),
    ]
    found = select_error("FAILED", {"nodePath": "root.steps[0]", **GENERIC}, None, [failed_step(0)], calls)
    assert found is not None
    assert found.message == "second"


def test_an_earlier_pass_of_a_loop_does_not_explain_a_later_failure():
    path = "root.steps[0].body.steps[0]"
    passes = [
        a_step(0, step_path=path, attempt=1, swallowed_error=True),
        failed_step(60, step_path=path, attempt=2, error={"message": "condition is not a boolean"}),
    ]
    calls = [a_failed_invocation(0, "ignored in the first pass", step_path=path)]
    error = {"message": "condition is not a boolean", "nodePath": path}
    found = select_error("FAILED", error, None, passes, calls)
    assert found is not None
    assert (found.message, found.source) == ("condition is not a boolean", "step")


def test_an_earlier_failure_is_still_better_than_a_generic_text():
    calls = [a_failed_invocation(0, "mail server refused", created_at=at(-30), completed_at=at(-29))]
    found = select_error("FAILED", {"nodePath": "root.steps[0]", **GENERIC}, None, [failed_step(0)], calls)
    assert found is not None
    assert found.message == "mail server refused"


def test_without_a_path_the_newest_failed_step_is_taken():
    found = select_error(
        "FAILED",
        None,
        None,
        [failed_step(0), failed_step(3, error={"message": "bad filter"})],
        [a_failed_invocation(0)],
    )
    assert found is not None
    assert (found.message, found.step_path, found.source) == ("bad filter", "root.steps[3]", "step")


def test_without_a_failed_step_an_unhandled_invocation_is_taken():
    calls = [a_failed_invocation(0, "swallowed"), a_failed_invocation(1, "at fault")]
    found = select_error("FAILED", None, None, [a_step(0), a_step(1, status="STARTED")], calls)
    assert found is not None
    assert found.message == "at fault"


@pytest.mark.parametrize(
    ("message", "expected"), [("Activity task failed.", "at fault"), ("Steps are empty", "Steps are empty")]
)
def test_an_invocation_elsewhere_is_better_than_a_generic_text_only(message, expected):
    error = {"message": message, "nodePath": "root.steps[9]"}
    found = select_error("FAILED", error, None, [a_step(1, status="STARTED")], [a_failed_invocation(1, "at fault")])
    assert found is not None
    assert found.message == expected


def test_the_run_row_is_the_last_resort():
    error = {"message": "quota is used up", "category": "QuotaExceeded", "at": "2026-11-23T06:00:05.000Z", "code": " "}
    found = select_error("WAITING", error, "root.steps[0]", [], [])
    assert found is not None
    assert (found.message, found.source, found.category, found.at) == (
        "quota is used up",
        "run",
        "QuotaExceeded",
        at(5),
    )
    assert found.code is None


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-23T06:00:05", "", 5])
def test_a_time_that_cannot_be_read_is_no_time(moment):
    found = select_error("WAITING", {"message": "m", "at": moment}, None, [], [])
    assert found is not None
    assert found.at is None


@pytest.mark.parametrize("error", [None, {}, [], "text", {"message": ""}, {"message": "  "}, {"message": 5}])
def test_a_failure_without_a_record_has_no_error(error):
    assert select_error("FAILED", error, None, [], []) is None
    assert error_line("FAILED", error) is None


def test_an_invocation_without_a_message_still_names_the_action():
    silent = a_failed_invocation(0, error_message=None, error=None)
    found = select_error("FAILED", None, "root.steps[0]", [], [silent])
    assert found is not None
    assert "payments.charge" in found.message
    told = replace(silent, error={"message": "from the document"})
    found = select_error("FAILED", None, "root.steps[0]", [], [told])
    assert found is not None
    assert found.message == "from the document"


def test_the_line_of_a_list_follows_the_same_preference():
    error = {"message": "Activity task failed", "nodePath": "root.steps[1]"}
    assert error_line("FAILED", error, "Charge\n  refused") == "Charge refused"
    assert error_line("FAILED", error) == "Activity task failed"
    assert error_line("FAILED", {**error, "stage": "launch"}, "other") == "Activity task failed"
    assert len(error_line("FAILED", {"message": "x" * 5000}) or "") == 300
