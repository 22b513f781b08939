"""Edits in which masked values are chips: what moves, what is copied, what is refused, and how it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import chips
from app.domain.chips import HOLE, Chip
from app.domain.json_pointer import pointer
from app.domain.json_text import JsonTextError, dump, equal, parse
from app.domain.launching import PatchOperation
from app.domain.payload_change import ChippedText, GivenPatch, PayloadEdit
from app.domain.payload_edit import (
    MAX_PATCH_OPERATIONS,
    EditState,
    PayloadAssessment,
    assess,
    chipped,
    remaining_damage,
)
from app.domain.placeholders import REDACTED, find_placeholders
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RedactedDocument
from tests.domain.chipped_edits import Edited, edits, placeholders
from tests.domain.documents import apply_patch, places, put, secrets_of

RAW: dict[str, JsonValue] = {
    "id": "T-1",
    "amount": parse("184.50"),
    "apiKey": "sk_live_12345678",
    "people": [{"name": "Ann", "token": "ann-secret"}, {"name": "Bob", "token": "bob-secret"}],
    "nested": {"password": "p-secret", "n": 1},
}


def shown(raw: JsonValue = None) -> RedactedDocument:
    return Redactor(RedactionPolicy()).document(RAW if raw is None else raw)


def edit(change: Callable[[Any], Any], raw: JsonValue = None, damaged: tuple[str, ...] = ()) -> PayloadAssessment:
    """Assess what a function makes of the document with chips."""
    document = shown(raw)
    tree = chips.parse(*_content(document))
    return assess(document, ChippedText(*chips.dump(change(tree) or tree)), opened=chipped(document), damaged=damaged)


def _content(document: RedactedDocument) -> tuple[str, tuple[tuple[str, ...], ...]]:
    content = chipped(document)
    return content.text, content.origins


def operations(found: PayloadAssessment) -> list[tuple[str, str, str | None, list[str]]]:
    return [
        (one.op, "/".join(one.path), one.value_text, ["/".join(origin) for origin in one.origins])
        for one in found.patch
    ]


def problems(found: PayloadAssessment) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.path) for problem in found.problems]


def judged(edit: PayloadEdit, raw: JsonValue = None) -> PayloadAssessment:
    return assess(shown(raw), edit, opened=chipped(shown(raw)))


def test_the_untouched_content_is_pristine_and_spacing_is_no_edit() -> None:
    content = chipped(shown())
    assert content.text.count(HOLE) == len(content.origins) == 4
    assert judged(content).state is EditState.PRISTINE
    assert judged(ChippedText(content.text.replace("\n", ""), content.origins)).state is EditState.REFORMATTED


def test_a_moved_chip_is_copied_from_where_it_is_stored() -> None:
    def move(tree: Any) -> None:
        tree["key"] = tree.pop("apiKey")

    found = edit(move)
    assert operations(found) == [("remove", "apiKey", None, []), ("add", "key", HOLE, ["apiKey"])]
    assert [(one.pointer, one.before_text, one.after_text, one.origins, one.masked) for one in found.changes] == [
        ("/apiKey", f'"{REDACTED}"', None, (), True),
        ("/key", None, HOLE, ("/apiKey",), True),
    ]
    assert apply_patch(RAW, found.patch)["key"] == RAW["apiKey"]


def test_a_chip_over_another_takes_its_place_and_copies_go_everywhere() -> None:
    def spread(tree: Any) -> None:
        tree["nested"]["password"] = tree["apiKey"]
        tree["all"] = {"of": [tree["apiKey"], tree["people"][0]]}

    result = apply_patch(RAW, edit(spread).patch)
    assert result["nested"]["password"] == RAW["apiKey"]
    assert result["all"] == {"of": [RAW["apiKey"], RAW["people"][0]]}
    assert result["apiKey"] == RAW["apiKey"]


def test_two_chips_change_places() -> None:
    def swap(tree: Any) -> None:
        tree["apiKey"], tree["nested"]["password"] = tree["nested"]["password"], tree["apiKey"]

    found = edit(swap)
    assert apply_patch(RAW, found.patch) == {**RAW, "apiKey": "p-secret", "nested": {"password": RAW["apiKey"], "n": 1}}


@pytest.mark.parametrize(
    "change",
    [
        lambda people: people.reverse(),
        lambda people: people.pop(0),
        lambda people: people.insert(0, {"name": "Cy", "token": "typed"}),
        lambda people: people.append(people[0]),
        lambda people: people.clear(),
    ],
)
def test_an_array_with_chips_changes_length_and_order(change: Callable[[Any], Any]) -> None:
    raw = json.loads(dump(RAW))
    change(raw["people"])
    found = edit(lambda tree: change(tree["people"]) and None)
    assert [(one.op, one.path) for one in found.patch] == [("replace", ("people",))]
    assert apply_patch(RAW, found.patch)["people"] == raw["people"]


def test_a_changed_array_is_told_element_by_element() -> None:
    def change(tree: Any) -> None:
        tree["people"].insert(0, {"name": "Cy", "token": tree["people"][1]["token"]})

    (change_shown,) = edit(change).changes
    assert (change_shown.pointer, change_shown.before_text) == ("/people/0", None)
    assert change_shown.after_text == '{"name":"Cy","token":' + HOLE + "}"
    assert change_shown.origins == ("/people/1/token",)


def test_members_of_elements_are_still_single_changes() -> None:
    found = edit(lambda tree: tree["people"][1].update(name="Rob"))
    assert operations(found) == [("replace", "people/1/name", '"Rob"', [])]


def test_a_placeholder_as_text_keeps_at_its_own_place_only() -> None:
    kept = edit(lambda tree: tree.update(apiKey="***", id="T-2"))
    assert operations(kept) == [("replace", "id", '"T-2"', [])]
    refused = edit(lambda tree: tree.update(id=REDACTED, more={"redacted": True}))
    assert problems(refused) == [("payload.placeholder", "/id"), ("payload.placeholder", "/more")]


def test_an_array_with_placeholders_as_text_keeps_the_rules_of_text() -> None:
    def paste_shorter(tree: Any) -> None:
        tree["people"] = [{"name": "Bob", "token": REDACTED}]

    assert problems(edit(paste_shorter)) == [("payload.array_length", "/people")]

    def paste_turned(tree: Any) -> None:
        tree["people"] = [{"name": name, "token": REDACTED} for name in ("Bob", "Ann")]

    assert problems(edit(paste_turned)) == [("payload.array_order", "/people")]


def test_a_chip_of_another_document_is_refused() -> None:
    content = chipped(shown())
    foreign = ChippedText(content.text, (("elsewhere",), *content.origins[1:]))
    assert problems(judged(foreign)) == [("payload.placeholder", "/apiKey")]


def test_a_damaged_leaf_stays_or_is_replaced_and_never_moves() -> None:
    raw: JsonValue = {"note": "[REDACTED]", "password": "***", "n": 1}
    damaged = ("/note", "/password")
    assert chipped(shown(raw)).origins == (("note",), ("password",))
    kept = edit(lambda tree: tree.update(n=2), raw, damaged)
    assert remaining_damage(damaged, kept.patch) == damaged
    assert not remaining_damage(damaged, edit(lambda tree: tree.update(note="x", password="y"), raw, damaged).patch)
    for key in ("note", "password"):
        moved = edit(lambda tree, key=key: tree.update(copy=[tree[key]]), raw, damaged)
        assert problems(moved) == [("payload.moved_damage", "/copy/0")]


def test_damage_that_a_wide_edit_puts_back_is_still_there() -> None:
    raw: JsonValue = {"note": "[REDACTED]", **{f"n{at}": at for at in range(MAX_PATCH_OPERATIONS + 1)}}
    wide = edit(lambda tree: {key: -1 if key[0] == "n" and key != "note" else item for key, item in tree.items()}, raw)
    assert [(one.op, one.path) for one in wide.patch] == [("replace", ())]
    assert remaining_damage(("/note",), wide.patch) == ("/note",)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (f'{{\n  "a": {HOLE},\n}}', 3, 1),
        (f'{{"a": {HOLE}, "b" {HOLE}}}', 1, 14),
        (f'{{"a": "x{HOLE}y"}}', 1, 9),
        (f'{{\n"a{HOLE}": 1}}', 2, 3),
        (f"{{{HOLE}: 1}}", 1, 2),
        (f'{{"a": {HOLE}{HOLE}}}', 1, 7),
        (f'{{"a": -Infinity, "b": {HOLE}}}', 1, 7),
        (f'{{"a": NaN, "b": {HOLE}}}', 1, 7),
        (f'{{"a": {HOLE}, "a": 1}}', 1, 10),
    ],
)
def test_invalid_text_around_chips_says_where(text: str, line: int, column: int) -> None:
    found = judged(ChippedText(text, (("apiKey",),) * text.count(HOLE)))
    assert found.state is EditState.INVALID
    assert (found.problems[0].line, found.problems[0].column) == (line, column)


@pytest.mark.parametrize("origins", [(), (("apiKey",), ("apiKey",))])
def test_holes_and_origins_are_as_many(origins: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(JsonTextError):
        chips.parse(f'{{"a": {HOLE}}}', origins)


def test_the_character_of_a_hole_in_a_string_is_data() -> None:
    tree: JsonValue = {HOLE: f"a{HOLE}b", "chip": Chip(("x",))}
    text, origins = chips.dump(tree)
    assert text.count(HOLE) == 1
    assert chips.parse(text, origins) == tree


# --- a given patch ---


def given_patch(*given: tuple[Any, ...]) -> PayloadAssessment:
    return judged(GivenPatch(tuple(PatchOperation(op, tuple(path.split("/")), *rest) for op, path, *rest in given)))


def test_a_given_patch_applies_in_order_and_is_judged() -> None:
    found = given_patch(("add", "new", "{}"), ("add", "new/a", "[1]"), ("add", "new/a/-", "2"), ("remove", "id"))
    assert found.state is EditState.EDITED
    assert apply_patch(RAW, found.patch) == {**{k: v for k, v in RAW.items() if k != "id"}, "new": {"a": [1, 2]}}


def test_a_given_patch_may_replace_and_remove_masked_values_knowingly() -> None:
    found = given_patch(("replace", "apiKey", '"new-key"'), ("remove", "nested/password"))
    assert [change.masked for change in found.changes] == [True, True]
    assert "new-key" not in repr(found.changes)
    assert apply_patch(RAW, found.patch)["nested"] == {"n": 1}
    assert given_patch(("replace", "nested", "{}")).state is EditState.EDITED


def test_a_given_patch_shifts_an_array_without_mixing_its_secrets() -> None:
    found = given_patch(("add", "people/0", '{"name": "Cy"}'))
    assert apply_patch(RAW, found.patch)["people"] == [{"name": "Cy"}, *RAW["people"]]
    assert apply_patch(RAW, given_patch(("remove", "people/0")).patch)["people"] == RAW["people"][1:]


def test_a_given_patch_may_copy_from_the_stored_document() -> None:
    found = given_patch(("remove", "people"), ("add", "kept", f"[{HOLE}]", (("people", "1"),)))
    assert apply_patch(RAW, found.patch)["kept"] == [RAW["people"][1]]


@pytest.mark.parametrize(
    ("op", "path"),
    [
        ("replace", "missing"),
        ("remove", "people/2"),
        ("remove", "people/-1"),
        ("replace", "people/01"),
        ("add", "people/3"),
        ("add", "nowhere/x"),
        ("replace", "apiKey/inner"),
        ("add", "nested/password/x"),
        ("replace", "id/x"),
    ],
)
def test_a_given_patch_without_a_target_is_refused_with_the_place(op: str, path: str) -> None:
    found = given_patch((op, path, "1"))
    assert found.state is EditState.REFUSED
    assert found.problems[0].code == "payload.patch_target"
    assert f"/{path}".startswith(found.problems[0].path or "?")


def test_a_given_patch_with_a_placeholder_is_refused_even_where_one_was_masked() -> None:
    assert problems(given_patch(("replace", "apiKey", f'"{REDACTED}"'))) == [("payload.placeholder", "/apiKey")]
    assert problems(given_patch(("add", "new", '{"a": ["***"]}'))) == [("payload.placeholder", "/new/a/0")]


def test_a_given_patch_that_changes_nothing_is_no_edit_and_the_whole_can_be_given() -> None:
    assert given_patch(("replace", "amount", "184.5")).state is EditState.REFORMATTED
    whole = judged(GivenPatch((PatchOperation("replace", (), '{"a": 1}'),)))
    assert apply_patch(RAW, whole.patch) == {"a": 1}
    assert judged(GivenPatch((PatchOperation("replace", (), "[]"),))).state is EditState.REFUSED
    assert judged(GivenPatch((PatchOperation("remove", ()),))).state is EditState.REFUSED


# --- properties ---


@settings(max_examples=60)
@given(edits())
def test_the_patch_gives_exactly_the_edit_and_nothing_masked_is_told(case: Edited) -> None:
    found = assess(case.shown, case.edit, opened=chipped(case.shown))
    assert found.state in {EditState.PRISTINE, EditState.REFORMATTED, EditState.EDITED}
    assert len(found.patch) <= MAX_PATCH_OPERATIONS
    assert equal(apply_patch(case.raw, found.patch), case.expected)
    told = repr(found)
    assert not [secret for secret in secrets_of(case.raw) if secret in told and secret not in case.edit.text]


@settings(max_examples=60)
@given(edits(damage=True))
def test_no_placeholder_is_stored_where_the_stored_payload_had_none(case: Edited) -> None:
    damaged = find_placeholders(case.raw)
    found = assess(case.shown, case.edit, opened=chipped(case.shown), damaged=damaged)
    if found.state is EditState.REFUSED:
        assert {problem.code for problem in found.problems} == {"payload.moved_damage"}
        assert found.patch == ()
    result = apply_patch(case.raw, found.patch)
    assert set(find_placeholders(result)) <= set(damaged)
    assert set(find_placeholders(result)) <= set(remaining_damage(damaged, found.patch))


@settings(max_examples=40)
@given(edits(), st.data(), placeholders)
def test_a_typed_placeholder_is_refused_wherever_nothing_was_masked(
    case: Edited, data: st.DataObject, placeholder: JsonValue
) -> None:
    free = [path for path in places(case.edited) if path and pointer(path) not in case.shown.masked]
    text, origins = chips.dump(put(case.edited, data.draw(st.sampled_from(free)), placeholder))
    found = assess(case.shown, ChippedText(text, origins))
    assert found.state is EditState.REFUSED
    assert found.patch == ()
