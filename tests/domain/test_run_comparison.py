"""Two runs side by side: no step is lost, they diverge where they first differ, and what one side hides is hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.document_difference import document_difference
from app.domain.placeholders import hidden_document
from app.domain.redaction import Redactor
from app.domain.redaction_policy import RedactionPolicy
from app.domain.run import JsonValue, MaskRule, RedactedDocument, RunInspection, RunKey, Step
from app.domain.run_comparison import Aspect, PairKind, Relation, compare_runs
from app.domain.step_alignment import align
from tests.domain.samples import (
    TENANT,
    a_failed_invocation,
    a_row,
    a_step,
    a_wait,
    an_inspection,
    an_invocation,
    at,
)

OTHER = RunKey(TENANT, UUID(int=77))
ELEMENTS = st.lists(st.sampled_from("abcde"), max_size=24)


@settings(max_examples=150, deadline=None)
@given(ELEMENTS, ELEMENTS)
def test_an_alignment_holds_both_sequences_in_their_order(first: list[str], second: list[str]) -> None:
    pairs = align(first, second)
    assert [one for one, _ in pairs if one is not None] == list(range(len(first)))
    assert [other for _, other in pairs if other is not None] == list(range(len(second)))
    assert all(first[one] == second[other] for one, other in pairs if one is not None and other is not None)
    assert (None, None) not in pairs


@settings(max_examples=60, deadline=None)
@given(ELEMENTS)
def test_a_sequence_aligns_with_itself(elements: list[str]) -> None:
    assert align(elements, elements) == [(place, place) for place in range(len(elements))]


def test_ten_thousand_steps_of_few_kinds_are_no_burden() -> None:
    first = [number % 7 for number in range(10_000)]
    pairs = align(first, first[::-1])
    assert sum(one is not None for one, _ in pairs) == sum(other is not None for _, other in pairs) == 10_000


def loop(*, outer: int, inner: tuple[int, ...], **changes: Any) -> tuple[Step, ...]:
    """Return the rows of a loop in a loop: ``inner`` passes in each outer pass."""
    steps: list[Step] = []

    def add(path: str) -> None:
        number = len(steps)
        steps.append(a_step(number, step_path=path, definition_step_id=path, name=None, **changes))

    add("root.steps[0]")
    for each in range(outer):
        add("root.steps[0].body.steps[0]")
        for _ in range(inner[each]):
            add("root.steps[0].body.steps[0].body.steps[0]")
    add("root.steps[1]")
    return tuple(steps)


def run_of(steps: tuple[Step, ...], **changes: Any) -> RunInspection:
    return an_inspection(steps=steps, **changes)


def other_run(inspection: RunInspection, **row: Any) -> RunInspection:
    """Return the same as another run."""
    changed = replace(inspection.run.row, key=OTHER, **row)
    return replace(inspection, run=replace(inspection.run, row=changed))


def test_a_longer_inner_loop_shifts_nothing_that_follows() -> None:
    first, second = run_of(loop(outer=2, inner=(3, 3))), other_run(run_of(loop(outer=2, inner=(5, 4))))
    comparison = compare_runs(first, second)
    kinds = [(step.kind, step.shown.step.step_path.count("body"), step.shown.number) for step in comparison.steps]
    assert [kind for kind in kinds if kind[0] is not PairKind.SAME] == [
        (PairKind.ONLY_SECOND, 2, 4),
        (PairKind.ONLY_SECOND, 2, 5),
        (PairKind.ONLY_SECOND, 2, 4),
    ]
    assert comparison.first_divergence is not None
    assert comparison.steps[comparison.first_divergence].shown.number == 4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=4), st.sampled_from(["SUCCEEDED", "FAILED", "STARTED"]))
def test_a_run_does_not_diverge_from_its_like(inner: list[int], status: str) -> None:
    run = run_of(loop(outer=len(inner), inner=tuple(inner), status=status))
    comparison = compare_runs(run, other_run(run))
    assert comparison.divergence is None
    assert comparison.differing == 0
    assert {step.kind for step in comparison.steps} == {PairKind.SAME}
    assert len(comparison.steps) == len(run.steps)


def test_each_difference_is_named_and_the_first_is_where_it_began() -> None:
    first = an_inspection(
        steps=(a_step(0), a_step(1, duration_ms=100), a_step(2, status="FAILED"), a_step(3)),
        invocations=(
            an_invocation(0, input=RedactedDocument({"id": "0b0e5d0c-0000-4000-8000-000000000001"})),
            an_invocation(1, input=RedactedDocument({"amount": 1}), output=RedactedDocument({"rows": [1, 2, 3]})),
            a_failed_invocation(2, attempt=3),
        ),
        waits=(a_wait(3),),
    )
    second = other_run(
        an_inspection(
            steps=(a_step(0), a_step(1, duration_ms=5000), a_step(2), a_step(3), a_step(4)),
            invocations=(
                an_invocation(0, input=RedactedDocument({"id": "0b0e5d0c-0000-4000-8000-000000000009"})),
                an_invocation(1, input=RedactedDocument({"amount": 2}), output=RedactedDocument({"rows": [1, 3]})),
                an_invocation(2),
            ),
        )
    )
    comparison = compare_runs(first, second)
    assert [step.aspects for step in comparison.steps] == [
        (),
        (Aspect.INPUT, Aspect.OUTPUT, Aspect.DURATION),
        (Aspect.ATTEMPTS, Aspect.STATUS, Aspect.ERROR),
        (Aspect.WAIT,),
        (),
    ]
    assert comparison.first_divergence == 1
    divergence = comparison.divergence
    assert divergence is not None
    assert [(each.pointer, each.first, each.second) for each in divergence.input.changes] == [("/amount", "1", "2")]
    assert [(each.pointer, each.first, each.second) for each in divergence.output.changes] == [("/rows/1", "2", None)]
    assert comparison.steps[-1].kind is PairKind.ONLY_SECOND
    assert comparison.steps[0].input.changes[0].incidental, "it is told, but nothing diverges there"


def test_time_alone_is_no_divergence_and_a_branch_is_one() -> None:
    def branching(branch: str, took: int) -> RunInspection:
        inner = a_step(1, step_path=f"root.steps[0].{branch}.steps[0]")
        return an_inspection(steps=(a_step(0, duration_ms=took), inner))

    slow = compare_runs(branching("then", 10), other_run(branching("then", 9000)))
    assert (slow.steps[0].aspects, slow.divergence) == ((Aspect.DURATION,), None)
    turned = compare_runs(branching("then", 10), other_run(branching("else", 10)))
    assert turned.first_divergence == 0
    assert [step.kind for step in turned.steps] == [
        PairKind.DIFFERENT,
        PairKind.ONLY_FIRST,
        PairKind.ONLY_SECOND,
    ]
    assert turned.steps[0].aspects == (Aspect.BRANCH,)


def test_across_versions_steps_belong_together_by_their_id() -> None:
    first = an_inspection(steps=(a_step(0), a_step(1)), invocations=())
    moved = tuple(a_step(place, definition_step_id=name) for place, name in enumerate(("new", "step-0", "step-1")))
    second = other_run(an_inspection(steps=moved, invocations=()), workflow_version=5)
    kinds = [step.kind for step in compare_runs(first, second).steps]
    assert kinds == [PairKind.ONLY_SECOND, PairKind.SAME, PairKind.SAME]


def test_relations() -> None:
    run = an_inspection(steps=())
    assert compare_runs(run, other_run(run, replay_of=run.run.row.key.run_id)).relation is Relation.REPLAY
    assert compare_runs(other_run(run, replay_of=run.run.row.key.run_id), run).relation is Relation.SOURCE
    assert compare_runs(run, other_run(run)).relation is Relation.SAME_WORKFLOW
    assert compare_runs(run, other_run(run, workflow_id=UUID(int=5))).relation is Relation.OTHER_WORKFLOW


def test_what_one_side_hides_is_hidden_on_both_and_counted() -> None:
    hiding = RedactedDocument({"a": "[REDACTED]", "b": 1}, ("/a",), (MaskRule.KEY,))
    difference = document_difference(hiding, RedactedDocument({"a": "plain", "b": 2, "c": "more"}))
    assert [(each.pointer, each.first, each.second) for each in difference.changes] == [
        ("/c", None, '"more"'),
        ("/b", "1", "2"),
    ]
    assert difference.masked == 1
    assert document_difference(RedactedDocument(hidden_document(), ("",)), hiding).unknown
    assert document_difference(None, hiding).unknown


SECRET = "zx-geheim-7781"
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", SECRET, f"say {SECRET}", "ü"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "api_key", "~/"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=120, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_no_secret_of_either_side_is_told(one: JsonValue, other: JsonValue) -> None:
    documents = []
    for raw in (one, other):
        redactor = Redactor(RedactionPolicy())
        redactor.learn_values(SECRET)
        documents.append(redactor.document(raw))
    difference = document_difference(*documents)
    assert SECRET not in repr(difference)
    assert document_difference(documents[0], documents[0]).changes == ()


@pytest.mark.parametrize("where", ["first", "second"])
def test_the_comparison_says_when_a_side_is_restricted(where: str) -> None:
    run = an_inspection(steps=())
    pair = {"first": run, "second": other_run(run)}
    pair[where] = replace(pair[where], restricted=True)
    assert compare_runs(pair["first"], pair["second"]).restricted
    assert compare_runs(run, other_run(run)).read_at == max(run.read_at, at(0))
    assert a_row().key == run.run.row.key
