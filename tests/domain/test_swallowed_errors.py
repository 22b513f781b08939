"""Successes that hide a failure."""

from __future__ import annotations

from uuid import UUID

from app.domain.swallowed_errors import steps_with_swallowed_errors
from tests.domain.samples import a_failed_invocation, a_step, an_invocation, at


def test_a_success_with_a_failed_action_is_found():
    steps = [a_step(0), a_step(1)]
    assert steps_with_swallowed_errors(steps, [an_invocation(0), a_failed_invocation(1)]) == {steps[1].step_id}


def test_a_failed_step_hides_nothing():
    assert steps_with_swallowed_errors([a_step(0, status="FAILED")], [a_failed_invocation(0)]) == frozenset()


def test_an_attempt_that_was_made_good_hides_nothing():
    later = an_invocation(0, invocation_id=UUID(int=5), created_at=at(0.5))
    assert steps_with_swallowed_errors([a_step(0)], [later, a_failed_invocation(0)]) == frozenset()


def test_only_the_pass_of_the_failure_is_marked():
    passes = [a_step(number, step_path="root.steps[0].body.steps[0]", attempt=number + 1) for number in range(3)]
    calls = [a_failed_invocation(1, step_path="root.steps[0].body.steps[0]")]
    assert steps_with_swallowed_errors(passes, calls) == {passes[1].step_id}
    assert steps_with_swallowed_errors([], calls) == frozenset()
