"""Differences of two versions, by step id; what is masked is told as different and never shown."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import json_text
from app.domain.definition_difference import MemberChange, StepChange, StepChangeKind, definition_difference
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue

SECRET = "sk-live-0123456789abcdef"


def step(step_id: str, /, **members: Any) -> dict[str, Any]:
    return {"id": step_id, "type": "action.call", "config": {}, **members}


def definition(*steps: Any, **members: Any) -> dict[str, Any]:
    return {"name": "Dunning", "version": 1, "steps": list(steps), **members}


def differences(before: JsonValue, after: JsonValue) -> tuple[StepChange, ...]:
    redactor = Redactor(RedactionPolicy())
    return definition_difference(
        before, after, redactor.value(before, pointers=False), redactor.value(after, pointers=False)
    )


def kinds(changes: tuple[StepChange, ...]) -> list[tuple[str, str]]:
    return [(str(change.kind), change.step_id) for change in changes]


def test_added_removed_and_changed_steps_are_told_with_their_paths() -> None:
    before = definition(step("a"), step("b", retry={"maxAttempts": 1}))
    after = definition(step("new", name="Fresh"), step("b", retry={"maxAttempts": 3, "jitter": True}), version=2)
    added, changed, removed = differences(before, after)
    assert (added.kind, added.name, added.before_path, added.after_path) == (
        StepChangeKind.ADDED,
        "Fresh",
        None,
        "root.steps[0]",
    )
    assert changed.members == (
        MemberChange("/retry/maxAttempts", "1", "3"),
        MemberChange("/retry/jitter", None, "true"),
    )
    assert (removed.kind, removed.step_id, removed.before_path) == (StepChangeKind.REMOVED, "a", "root.steps[0]")


def test_a_step_that_only_slid_along_has_not_moved() -> None:
    before = definition(step("a"), step("b"))
    assert kinds(differences(before, definition(step("x"), step("a"), step("b")))) == [("added", "x")]
    assert kinds(differences(before, definition(step("b"), step("a")))) == [("moved", "b"), ("moved", "a")]


def test_steps_are_followed_through_branches() -> None:
    inside = step("c", config={"x": 1})
    before = definition({"id": "if", "type": "control.if", "then": [inside], "else": [step("d")]})
    after = definition({"id": "if", "type": "control.if", "then": [], "else": [step("d"), step("c", config={"x": 2})]})
    (changed,) = differences(before, after)
    assert (changed.before_path, changed.after_path) == ("root.steps[0].then.steps[0]", "root.steps[0].else.steps[1]")
    assert changed.members == (MemberChange("/config/x", "1", "2"),)


def test_members_of_the_workflow_itself_are_told_first_and_its_number_never() -> None:
    before = definition(step("a"), trigger={"type": "event", "eventName": "A"})
    after = definition(trigger={"type": "event", "eventName": "B"}, version=7)
    workflow, removed = differences(before, after)
    assert workflow.members == (MemberChange("/trigger/eventName", '"A"', '"B"'),)
    assert removed.kind is StepChangeKind.REMOVED
    assert differences(before, {**before, "version": 9}) == ()


def test_a_masked_value_that_differs_is_told_and_not_shown() -> None:
    before = definition(step("a", config={"apiKey": SECRET, "password": {"deep": SECRET}}))
    after = definition(step("a", config={"apiKey": f"{SECRET}-2", "password": {"deep": "new", "more": SECRET}}))
    (changed,) = differences(before, after)
    assert {member.pointer for member in changed.members} == {"/config/apiKey", "/config/password"}
    assert SECRET not in repr(changed)


def test_definitions_of_another_shape_are_compared_as_far_as_they_go() -> None:
    assert differences({"steps": "none"}, {"steps": [3, {"type": "x"}]})[0].step_id == "root.steps[1]"
    assert differences(None, None) == ()
    assert [change.kind for change in differences("a", "b")] == [StepChangeKind.WORKFLOW]
    twins = definition(step("a"), step("a", name="second"))
    assert differences(twins, copy.deepcopy(twins)) == ()


KEYS = st.sampled_from(["id", "type", "name", "config", "apiKey", "then", "else", "body", "steps", "x~/"])
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b", SECRET])
DOCUMENTS: st.SearchStrategy[JsonValue] = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4), max_leaves=12
)


@settings(max_examples=60, deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_nothing_breaks_it_and_only_equal_definitions_are_equal(before: JsonValue, after: JsonValue) -> None:
    first = definition({"id": "s", "type": "t", "config": {"apiKey": SECRET, "value": before}}, extra=before)
    second = definition({"id": "s", "type": "t", "config": {"apiKey": SECRET, "value": after}}, extra=after)
    changes = differences(first, second)
    assert bool(changes) is not json_text.equal(before, after)
    redactor = Redactor(RedactionPolicy())
    redactor.learn(first, second)
    shown_before, shown_after = redactor.value(first), redactor.value(second)
    assert SECRET not in repr(definition_difference(first, second, shown_before, shown_after))
