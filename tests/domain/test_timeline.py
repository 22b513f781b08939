"""The geometry of the timeline: spans, nesting, loops, folds."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.timeline import EntryKind, Outcome, build_timeline
from app.domain.timeline_axis import make_axis
from tests.domain.samples import a_failed_invocation, a_row, a_step, a_wait, an_inspection, an_invocation, at


def running(**changes):
    return a_row(status="RUNNING", completed_at=None, **changes)


def test_steps_in_the_order_in_which_they_began():
    found = build_timeline(an_inspection(steps=(a_step(1), a_step(0)), invocations=()))
    assert [(entry.label, entry.start, entry.end) for entry in found.entries] == [("Step 0", 0, 1), ("Step 1", 1, 2)]
    assert found.seconds == 2
    assert found.folds == ()
    assert [found.position(second) for second in (0, 1, 2)] == [0, 0.5, 1]


def test_what_is_open_ends_at_the_moment_of_reading():
    found = build_timeline(
        an_inspection(
            running(), steps=(a_step(0, status="STARTED", completed_at=None),), invocations=(), read_at=at(30)
        )
    )
    entry = found.entries[0]
    assert (entry.open, entry.end, entry.outcome) == (True, 30, Outcome.RUNNING)
    assert found.seconds == 30


def test_attempts_and_waits_are_nested_under_their_step():
    steps = (a_step(0, status="FAILED", completed_at=at(9)), a_step(1, started_at=at(10), completed_at=at(20)))
    calls = (
        a_failed_invocation(0, created_at=at(0.1), started_at=None),
        an_invocation(0, invocation_id=UUID(int=9), created_at=at(5), started_at=at(5), completed_at=at(9)),
    )
    waits = (a_wait(1, created_at=at(10), resolved_at=at(20), status="RESOLVED"),)
    first, second = build_timeline(an_inspection(steps=steps, invocations=calls, waits=waits)).entries
    assert [(child.kind, child.outcome) for child in first.children] == [
        (EntryKind.ATTEMPT, Outcome.FAILED),
        (EntryKind.ATTEMPT, Outcome.SUCCEEDED),
    ]
    assert [(child.kind, child.hatched) for child in second.children] == [(EntryKind.WAIT, True)]
    assert not second.hatched
    assert (first.attempts, second.attempts) == (2, 1)


def test_attempts_that_share_a_row_are_counted_too():
    entry = build_timeline(an_inspection(steps=(a_step(0),), invocations=(an_invocation(0, attempt=3),))).entries[0]
    assert entry.attempts == 3


def test_the_passes_of_a_loop_are_one_entry_with_a_count():
    path = "root.steps[1].body.steps[0]"
    passes = [
        replace(a_step(number, step_path=path, attempt=number + 1), definition_step_id="each") for number in range(1, 4)
    ]
    passes[1] = replace(passes[1], status="FAILED")
    calls = tuple(an_invocation(number, step_path=path) for number in range(1, 4))
    found = build_timeline(an_inspection(steps=(a_step(0), *passes, a_step(5)), invocations=calls))
    first, loop, last = found.entries
    assert (loop.kind, loop.passes, loop.outcome, loop.depth) == (EntryKind.LOOP, 3, Outcome.FAILED, 1)
    assert (loop.start, loop.end, loop.row_id) == (1, 4, None)
    assert [len(one.children) for one in loop.children] == [1, 1, 1]
    assert [child.children[0].row_id for child in loop.children] == [call.invocation_id for call in calls]
    assert (first.passes, last.passes) == (1, 1)


def test_an_open_pass_keeps_the_loop_open():
    passes = (a_step(0), a_step(1, step_path="root.steps[0]", status="STARTED", completed_at=None))
    loop = build_timeline(an_inspection(running(), steps=passes, invocations=())).entries[0]
    assert loop.open
    assert loop.outcome is Outcome.RUNNING


def test_a_wait_without_a_step_stands_alone():
    wait = a_wait(7, wait_type="quota", event_name=None)
    step, stray = build_timeline(an_inspection(running(), steps=(a_step(0),), invocations=(), waits=(wait,))).entries
    assert (step.kind, stray.kind, stray.label, stray.outcome) == (
        EntryKind.STEP,
        EntryKind.WAIT,
        "quota",
        Outcome.WAITING,
    )


def test_a_swallowed_failure_is_marked():
    entry = build_timeline(an_inspection(steps=(a_step(0, swallowed_error=True),), invocations=())).entries[0]
    assert entry.swallowed


def test_unknown_words_are_unknown_outcomes():
    entry = build_timeline(an_inspection(steps=(a_step(0, status="PONDERING"),), invocations=())).entries[0]
    assert entry.outcome is Outcome.UNKNOWN


def test_clocks_that_disagree_never_give_a_negative_bar():
    step = a_step(0, started_at=at(-5), completed_at=at(-6))
    entry = build_timeline(an_inspection(steps=(step,), invocations=())).entries[0]
    assert (entry.start, entry.end) == (0, 0)


def test_a_run_without_steps_is_one_long_idle_stretch():
    found = build_timeline(an_inspection(running(has_steps=False), steps=(), invocations=(), read_at=at(600)))
    assert found.entries == ()
    assert [(fold.start, fold.end) for fold in found.folds] == [(0, 600)]
    assert found.position(600) == 1


def test_a_long_wait_is_folded_and_a_long_action_is_not():
    waiting = a_step(1, started_at=at(1), completed_at=at(5001))
    wait = a_wait(1, created_at=at(1), resolved_at=at(5001), status="RESOLVED")
    found = build_timeline(an_inspection(steps=(a_step(0), waiting), waits=(wait,), invocations=(), read_at=at(5002)))
    assert [(fold.start, fold.end, fold.seconds) for fold in found.folds] == [(1, 5001, 5000)]
    assert found.position(1) > 0.4

    working = build_timeline(an_inspection(steps=(a_step(0), waiting), waits=(), invocations=(), read_at=at(5002)))
    assert working.folds == ()


def test_work_inside_a_step_that_waits_is_not_folded():
    step = a_step(0, completed_at=at(1000))
    wait = a_wait(0, created_at=at(0), resolved_at=at(1000), status="RESOLVED")
    call = an_invocation(0, created_at=at(0), started_at=at(0), completed_at=at(1000))
    found = build_timeline(an_inspection(steps=(step,), waits=(wait,), invocations=(call,)))
    assert found.folds == ()


@given(
    st.floats(0.1, 1e6),
    st.lists(st.floats(0, 1e6), max_size=8),
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(lambda pair: tuple(sorted(pair))), max_size=4),
)
def test_the_axis_never_runs_backwards_and_stays_in_its_width(seconds, moments, busy):
    axis = make_axis(seconds, moments, busy)
    seen = [axis.position(seconds * part / 50) for part in range(51)]
    assert seen == sorted(seen)
    assert seen[0] == pytest.approx(0)
    assert seen[-1] == pytest.approx(1)
    for fold in axis.folds:
        assert not any(fold.start < moment < fold.end for moment in moments)
        assert not any(start <= fold.start and fold.end <= end for start, end in busy)


def test_an_axis_without_length_is_harmless():
    assert make_axis(0, [], []).position(5) == 0
