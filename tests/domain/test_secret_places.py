"""Where definitions put resolved secrets."""

import pytest

from app.domain.secret_places import secret_places, values_at


def test_places_are_found_in_every_branch_and_depth():
    def call(mapping):
        return {"type": "action.call", "config": {"inputMapping": mapping}}

    secret = {"$secret": "NAME"}
    definition = {
        "steps": [
            call({"plain": {"$expr": "payload.x"}}),
            {"type": "control.if", "then": [call({"a": secret})], "else": [call({"b": [1, {"c": secret}]})]},
            {"type": "control.tryCatch", "try": [call({"whole": secret, "more": secret})], "catch": []},
        ]
    }
    assert secret_places(definition) == {
        "root.steps[1].then.steps[0]": (("a",),),
        "root.steps[1].else.steps[0]": (("b", "1", "c"),),
        "root.steps[2].try.steps[0]": (("whole",), ("more",)),
    }


@pytest.mark.parametrize("definition", [None, 1, [], {}, {"steps": 1}, {"steps": [1, {"config": [], "then": {}}]}])
def test_other_shapes_have_no_places(definition):
    assert secret_places(definition) == {}


def test_values_are_read_where_they_stand():
    paths = (("a",), ("b", "1", "c"), ("b", "7"), ("a", "deeper"), ("missing",))
    assert list(values_at({"a": None, "b": [0, {"c": "x"}]}, paths)) == [None, "x"]
