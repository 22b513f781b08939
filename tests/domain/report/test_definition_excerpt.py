"""The steps around one step of a definition of any shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.report.definition_excerpt import steps_around

DEFINITION = {
    "steps": [
        {"id": "a"},
        {"id": "if", "then": [{"id": f"t{n}"} for n in range(9)], "else": [{"id": "e"}]},
        {"id": "c", "body": [{"id": "x"}, {"id": "y"}]},
    ]
}


def test_neighbours_are_shown_and_what_they_hold_is_folded() -> None:
    found = steps_around(DEFINITION, "root.steps[0]")
    assert found == ([{"id": "a"}, {"id": "if", "then": "[9 …]", "else": "[1 …]"}, {"id": "c", "body": "[2 …]"}], 0, 0)


def test_a_step_in_a_branch_has_the_neighbours_of_its_block() -> None:
    found = steps_around(DEFINITION, "root.steps[1].then.steps[4]")
    assert found == ([{"id": f"t{n}"} for n in (2, 3, 4, 5, 6)], 2, 2)


@pytest.mark.parametrize(
    "path", ["root.steps[7]", "root.steps[0].then.steps[0]", "root", "", "root.steps[1].then.steps[99]"]
)
def test_a_step_that_is_not_there_has_no_neighbours(path: str) -> None:
    assert steps_around(DEFINITION, path) is None


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["steps", "then", "body", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["root.steps[0]", "root.steps[1].then.steps[0]", "root.steps[0].body.steps[2]"]))
def test_a_definition_of_another_shape_does_no_harm(definition: object, path: str) -> None:
    found = steps_around(definition, path)
    assert found is None or found[0]
