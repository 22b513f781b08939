"""What an edit of a redacted payload means: kept, changed, refused, and never a placeholder stored."""

from __future__ import annotations

import copy

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain import json_text, payload_edit
from app.domain.json_text import MAX_DEPTH, dump, equal, parse, split_pointer
from app.domain.launching import PatchOperation
from app.domain.payload_change import EditedText
from app.domain.payload_edit import (
    MAX_PATCH_OPERATIONS,
    EditState,
    PayloadAssessment,
    pretty,
    remaining_damage,
)
from app.domain.placeholders import find_placeholders
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RedactedDocument
from tests.domain.documents import apply_patch, get, keys, payloads, places, put, scalars, secrets_of, values

RAW = {
    "id": "T-1",
    "amount": parse("184.50"),
    "apiKey": "sk_live_12345678",
    "people": [{"name": "Ann", "token": "ann-secret"}, {"name": "Bob", "token": "bob-secret"}],
    "tags": ["a", "b"],
    "nested": {"password": "p", "10": 1, "a/b": {"~": 2}, "": 3},
}


def redacted(raw: JsonValue = None, *pointers: str) -> RedactedDocument:
    return Redactor(RedactionPolicy(pointers)).document(RAW if raw is None else raw)


def assess(original: RedactedDocument, opened: str, text: str) -> PayloadAssessment:
    """Assess text that was made of the text that an editor was opened with."""
    return payload_edit.assess(original, EditedText(text), opened=EditedText(opened))


def edit(change: object, raw: JsonValue = None, *pointers: str) -> PayloadAssessment:
    """Assess the redacted document after a change: a function on it, or the whole new document."""
    original = redacted(raw, *pointers)
    document = copy.deepcopy(original.value)
    document = (change(document) or document) if callable(change) else change
    return assess(original, pretty(original), dump(document, indent=4))


def operations(found: PayloadAssessment) -> list[tuple[str, str, str | None]]:
    return [(one.op, json_text.pointer(one.path), one.value_text) for one in found.patch]


def problems(found: PayloadAssessment) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.path) for problem in found.problems]


def test_the_untouched_text_is_pristine():
    original = redacted()
    assert assess(original, pretty(original), pretty(original)) == PayloadAssessment(EditState.PRISTINE)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: text.replace("\n", " "),
        lambda text: dump(parse(text)),
        lambda text: text.replace("184.50", "184.5"),
        lambda text: text.replace("184.50", "1.845e2"),
        lambda text: text.replace('"10": 1', '"10": 1.000'),
        lambda text: dump(dict(reversed(parse(text).items()))),
        lambda text: text.replace('"T-1"', '"\\u0054-1"'),
        lambda text: text.replace('"apiKey": "[REDACTED]"', '"apiKey": "***"'),
    ],
)
def test_formatting_is_never_an_edit(rewrite):
    original = redacted()
    found = assess(original, pretty(original), rewrite(pretty(original)))
    assert found == PayloadAssessment(EditState.REFORMATTED)


def test_a_changed_value_is_one_operation_with_every_digit():
    found = edit(lambda document: document.update(amount=parse("184.500000000000000000001")))
    assert found.state is EditState.EDITED
    assert operations(found) == [("replace", "/amount", "184.500000000000000000001")]
    assert [(c.pointer, c.before_text, c.after_text, c.masked) for c in found.changes] == [
        ("/amount", "184.50", "184.500000000000000000001", False)
    ]


def test_added_and_removed_members():
    def change(document):
        del document["id"]
        document["nested"]["x/y"] = {"z": [None]}

    found = edit(change)
    assert operations(found) == [("remove", "/id", None), ("add", "/nested/x~1y", '{"z":[null]}')]
    assert [(c.pointer, c.before_text, c.after_text) for c in found.changes] == [
        ("/id", '"T-1"', None),
        ("/nested/x~1y", None, '{"z":[null]}'),
    ]


@pytest.mark.parametrize("key", ["10", "a/b", "", "~", "-", "é", '"'])
def test_odd_keys(key):
    found = edit({"outer": {key: 2}}, {"outer": {key: 1}})
    assert found.patch == (PatchOperation("replace", ("outer", key), "2"),)


def test_typing_over_a_masked_leaf_replaces_it_and_hides_both_sides():
    found = edit(lambda document: document.update(apiKey="new-secret-value"))
    assert operations(found) == [("replace", "/apiKey", '"new-secret-value"')]
    change = found.changes[0]
    assert change.masked
    assert "new-secret-value" not in (change.before_text or "") + (change.after_text or "")


def test_what_the_tenant_hides_is_hidden_in_the_changes_too():
    policy = RedactionPolicy(pointers=("/customer/iban", "/people/0"), key_patterns=("^pin$",))
    raw: JsonValue = {"customer": {"name": "Ann"}, "people": []}
    typed: JsonValue = {
        "customer": {"name": "Eve", "iban": "DE02", "pin": "4711"},
        "people": [{"name": "Bob"}],
        "other": {"pin": "0815"},
    }
    original = Redactor(policy).document(raw)

    found = payload_edit.assess(original, EditedText(dump(typed)), policy=policy)

    shown = str(found.changes)
    assert "Eve" in shown
    assert not [secret for secret in ("DE02", "4711", "Bob", "0815") if secret in shown]
    assert "DE02" in str(found.patch)


def test_a_value_typed_under_a_new_secret_key_is_hidden_in_the_changes():
    found = edit(lambda document: document.update(other={"password": "typed-secret"}, clientSecret="typed-secret"))
    assert "typed-secret" not in repr(found.changes)
    assert all(change.masked for change in found.changes)
    assert {text for _, _, text in operations(found)} == {'{"password":"typed-secret"}', '"typed-secret"'}


def test_removing_a_masked_member_is_an_edit():
    found = edit(lambda document: document.pop("apiKey") and document)
    assert operations(found) == [("remove", "/apiKey", None)]
    assert found.changes[0].masked


def test_removing_a_whole_container_with_masked_leaves_is_an_edit():
    assert operations(edit(lambda document: document.pop("people") and document)) == [("remove", "/people", None)]


@pytest.mark.parametrize("placeholder", ["[REDACTED]", "[SECRET:REDACTED]", "***", {"redacted": True}])
@pytest.mark.parametrize("path", ["/id", "/tags/1", "/new", "/nested/10", "/people/0/name"])
def test_a_placeholder_elsewhere_is_refused_with_its_path(placeholder, path):
    original = redacted()
    found = edit(put(original.value, split_pointer(path), placeholder))
    assert found.state is EditState.REFUSED
    assert problems(found) == [("payload.placeholder", path)]
    assert found.patch == ()


def test_a_placeholder_inside_a_new_value_is_refused_with_its_full_path():
    found = edit(lambda document: document.update(copy=[{"deep": {"token": "[REDACTED]"}}]))
    assert problems(found) == [("payload.placeholder", "/copy/0/deep/token")]


def test_a_moved_placeholder_is_refused():
    def rename(document):
        document["renamed"] = document.pop("apiKey")

    assert problems(edit(rename)) == [("payload.placeholder", "/renamed")]


def test_a_placeholder_at_the_same_text_pointer_but_in_another_kind_of_container_is_refused():
    found = edit({"list": {"0": "[REDACTED]"}}, {"list": ["bare-secret"]}, "/list/0")
    assert found.state is EditState.REFUSED
    assert problems(found) == [("payload.placeholder", "/list/0")]


def test_a_placeholder_below_a_masked_leaf_is_refused():
    found = edit(lambda document: document.update(apiKey={"inner": "[REDACTED]"}))
    assert problems(found) == [("payload.placeholder", "/apiKey/inner")]


def test_a_string_that_only_contains_a_placeholder_is_data():
    assert edit(lambda document: document.update(id="was [REDACTED] before")).state is EditState.EDITED


def test_damage_stays_where_it_is_stored_and_goes_nowhere_else():
    raw = {"note": "[REDACTED]", "n": 1}
    assert edit({"note": "[REDACTED]", "n": 1}, raw).state is EditState.REFORMATTED
    kept = edit({"note": "[REDACTED]", "n": 2}, raw)
    assert operations(kept) == [("replace", "/n", "2")]
    assert remaining_damage(("/note",), kept.patch) == ("/note",)
    assert problems(edit({"copy": "[REDACTED]", "n": 1}, raw)) == [("payload.placeholder", "/copy")]
    repaired = edit({"note": "real", "n": 1}, raw)
    assert operations(repaired) == [("replace", "/note", '"real"')]


def test_remaining_damage():
    patch = (PatchOperation("replace", ("a",), "1"), PatchOperation("remove", ("list", "0")))
    assert remaining_damage(("/a", "/a/b", "/ab", "/list/0/x", "/list/1"), patch) == ("/ab", "/list/1")
    assert remaining_damage(("", "/x"), ()) == ("", "/x")
    assert remaining_damage(("", "/x"), (PatchOperation("replace", (), "{}"),)) == ()


@pytest.mark.parametrize(
    "people",
    [
        [],
        [{"name": "Ann", "token": "[REDACTED]"}],
        [{"name": "Ann", "token": "[REDACTED]"}, {"name": "Bob", "token": "[REDACTED]"}, {"name": "Cy"}],
    ],
)
def test_an_array_with_masked_leaves_keeps_its_length(people):
    found = edit(lambda document: document.update(people=people))
    assert problems(found) == [("payload.array_length", "/people")]


def test_an_array_with_masked_leaves_keeps_its_order():
    found = edit(lambda document: document["people"].reverse())
    assert problems(found) == [("payload.array_order", "/people")]

    def reverse_and_change(document):
        document["people"].reverse()
        document["people"][0]["name"] = "Changed"

    assert problems(edit(reverse_and_change)) == [("payload.array_order", "/people")]


def test_a_swap_is_noticed_even_when_both_elements_were_changed_as_well():
    raw = {"l": [{"name": name, "role": "user", "token": f"{name}-secret"} for name in ("Ann", "Bob", "Cy")]}

    def swap_and_change(document):
        document["l"][:2] = [{**document["l"][1], "role": "admin"}, {**document["l"][0], "role": "guest"}]

    assert problems(edit(swap_and_change, raw)) == [("payload.array_order", "/l")]


def test_an_element_with_fewer_members_is_still_recognised():
    raw = {"l": [{"a": 1, "x": 2, "token": "secret-one"}, {"a": 1, "token": "secret-two"}]}
    assert problems(edit(lambda document: document["l"].reverse(), raw)) == [("payload.array_order", "/l")]


@pytest.mark.timeout(60)
def test_a_long_array_with_every_element_changed_is_judged_in_time():
    raw = {"l": [{"n": number, "token": f"secret-{number:06d}"} for number in range(5000)]}

    def change(document):
        for element in document["l"]:
            element["extra"] = 1

    found = edit(change, raw)
    assert [(one.op, one.path, len(one.origins)) for one in found.patch] == [("replace", (), 5000)]
    assert len(found.changes) == 5000
    assert problems(edit(lambda document: document["l"].reverse(), raw)) == [("payload.array_order", "/l")]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("nested", [False, True])
def test_a_swap_in_a_long_array_is_noticed_when_every_element_was_changed_as_well(nested):
    def person(number):
        who = {"n": number, "role": "user", "token": f"secret-{number:06d}"}
        return {"who": who} if nested else who

    def swap_and_change(document):
        people = document["l"]
        people[0], people[1] = people[1], people[0]
        for element in people:
            (element["who"] if nested else element)["role"] = "admin"

    raw = {"l": [person(number) for number in range(3000)]}
    assert problems(edit(swap_and_change, raw)) == [("payload.array_order", "/l")]


@pytest.mark.timeout(60)
def test_an_edit_with_too_many_likenesses_to_compare_counts_as_a_move():
    raw = {"l": [{"n": n, "m": n, "even": n % 2, "token": f"secret-{n:06d}"} for n in range(1000)]}

    def change(document):
        for element in document["l"]:
            element["even"] = 1 - element["even"]

    assert problems(edit(change, raw)) == [("payload.array_order", "/l")]


def test_members_of_elements_with_masked_leaves_can_be_edited_in_place():
    def change(document):
        document["people"][0]["name"] = "Anne"
        document["people"][1]["token"] = "typed"

    assert operations(edit(change)) == [
        ("replace", "/people/0/name", '"Anne"'),
        ("replace", "/people/1/token", '"typed"'),
    ]


def test_an_element_may_become_like_its_neighbour():
    found = edit(lambda document: document["people"][0].update(name="Bob"))
    assert operations(found) == [("replace", "/people/0/name", '"Bob"')]


def test_an_array_of_masked_leaves_and_others_refuses_a_shift():
    found = edit({"l": ["x", "[REDACTED]"]}, {"l": ["hidden-value", "x"]}, "/l/0")
    assert problems(found) == [("payload.placeholder", "/l/1")]


def test_arrays_without_masked_leaves_change_freely():
    found = edit(lambda document: document.update(tags=["b", "a", "c"]))
    assert operations(found) == [("replace", "/tags", '["b","a","c"]')]
    assert operations(edit(lambda document: document["tags"].reverse())) == [
        ("replace", "/tags/0", '"b"'),
        ("replace", "/tags/1", '"a"'),
    ]


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "7", "true", '"[REDACTED]"', '{"redacted":true}'])
def test_a_payload_is_an_object(text):
    original = redacted()
    found = assess(original, pretty(original), text)
    assert found.state is EditState.REFUSED
    assert not found.patch


def test_a_missing_input_can_be_given():
    found = assess(RedactedDocument(None), "null", '{"a":1}')
    assert found.patch == (PatchOperation("replace", (), '{"a":1}'),)


def test_a_root_that_is_masked_is_kept_or_replaced_whole():
    for original in (redacted(None, ""), Redactor(RedactionPolicy(closed=True)).document(RAW)):
        text = pretty(original)
        assert assess(original, text, text).state is EditState.PRISTINE
        assert assess(original, text, text.replace("\n", " ") + " ").state is EditState.REFORMATTED
        found = assess(original, text, '{"new": 1}')
        assert found.patch == (PatchOperation("replace", (), '{"new":1}'),)
        refused = assess(original, text, '{"new": "[REDACTED]"}')
        assert problems(refused) == [("payload.placeholder", "/new")]


@pytest.mark.parametrize(
    ("text", "line", "column", "path"),
    [
        ('{\n  "a": 1,\n}', 3, 1, None),
        ('{"a": {"b": 1, "b": 2}}', 1, 16, "/a/b"),
        ("", 1, 1, None),
        ('{"a": NaN}', 1, 7, "/a"),
    ],
)
def test_invalid_json_says_where(text, line, column, path):
    original = redacted()
    found = assess(original, pretty(original), text)
    assert found.state is EditState.INVALID
    problem = found.problems[0]
    assert (problem.code, problem.line, problem.column, problem.path) == ("payload.invalid_json", line, column, path)


def test_many_changes_are_gathered_in_containers_without_masked_leaves():
    raw = {"password": "secret-value", "big": {str(number): number for number in range(1000)}, "list": list(range(9))}

    def change(document):
        document["big"] = {key: value + 1 for key, value in document["big"].items()}
        document["list"][0] = "x"

    found = edit(change, raw)
    assert found.state is EditState.EDITED
    assert [(one.op, one.path) for one in found.patch] == [("replace", ("big",)), ("replace", ("list",))]
    assert len(found.changes) == 1001
    expected = copy.deepcopy(raw)
    change(expected)
    assert equal(apply_patch(raw, found.patch), expected)


def test_more_changes_around_masked_values_than_a_patch_may_have_become_one_whole():
    raw = {"password": "secret-value", **{f"n{number}": number for number in range(MAX_PATCH_OPERATIONS + 1)}}

    def change(document):
        return {key: -1 if key[0] == "n" else item for key, item in document.items()}

    few = edit(lambda document: {**change(document), "n0": 0}, raw)
    assert len(few.patch) == MAX_PATCH_OPERATIONS
    (whole,) = edit(change, raw).patch
    assert (whole.op, whole.path, whole.origins) == ("replace", (), (("password",),))
    assert equal(apply_patch(raw, (whole,)), {**change(raw), "password": "secret-value"})


def test_deep_documents_can_be_edited():
    raw = parse('{"a":' * (MAX_DEPTH - 1) + '{"token":"deep-secret","n":1}' + "}" * (MAX_DEPTH - 1))
    path = ("a",) * (MAX_DEPTH - 1)
    original = redacted(raw)
    found = assess(original, pretty(original), pretty(original).replace('"n": 1', '"n": 2'))
    assert found.patch == (PatchOperation("replace", (*path, "n"), "2"),)


# --- properties ---


@st.composite
def edits(draw: st.DrawFn) -> tuple[JsonValue, RedactedDocument, JsonValue]:
    """Draw a raw payload, its redacted form, and that form after a few edits of any kind."""
    raw = draw(payloads)
    pointers = draw(st.lists(st.sampled_from(["/a", "/b/0", "/name/a~1b", "/10", "//x"]), max_size=2))
    original = Redactor(RedactionPolicy(tuple(pointers))).document(raw)
    edited = copy.deepcopy(original.value)
    for _ in range(draw(st.integers(0, 3))):
        edited = draw(_changed(edited))
    return raw, original, edited


@st.composite
def _changed(draw: st.DrawFn, document: JsonValue) -> JsonValue:
    path = draw(st.sampled_from(places(document)))
    kind = draw(st.sampled_from(["replace", "replace", "add", "remove", "copy"]))
    target = get(document, path)
    if kind == "add" and isinstance(target, dict):
        return put(document, (*path, draw(keys)), draw(values))
    if kind == "remove" and path and isinstance(get(document, path[:-1]), dict):
        document = copy.deepcopy(document)
        del get(document, path[:-1])[path[-1]]
        return document
    if kind == "copy":
        return put(document, path, get(document, draw(st.sampled_from(places(document))))) if path else document
    return put(document, path, draw(scalars)) if path else document


def with_kept_values(raw: JsonValue, original: RedactedDocument, edited: JsonValue) -> JsonValue:
    """Return the edited document with every placeholder at a masked pointer filled from the raw one."""
    filled = copy.deepcopy(edited)
    for found in find_placeholders(edited):
        if found in original.masked:
            filled = put(filled, split_pointer(found), get(raw, split_pointer(found)))
    return filled


@settings(max_examples=200)
@given(edits())
def test_the_patch_on_the_stored_document_gives_exactly_the_edited_one(drawn):
    raw, original, edited = drawn
    found = assess(original, pretty(original), dump(edited))
    assume(found.state is not EditState.REFUSED)
    expected = raw if found.state is not EditState.EDITED else with_kept_values(raw, original, edited)
    result = apply_patch(raw, found.patch)
    assert equal(result, expected)
    assert set(find_placeholders(result)) <= set(find_placeholders(raw))


@settings(max_examples=200)
@given(edits())
def test_no_masked_value_appears_in_an_assessment(drawn):
    raw, original, edited = drawn
    found = assess(original, pretty(original), dump(edited, indent=2))
    typed = dump(edited)
    for secret in secrets_of(raw):
        assert secret in typed or secret not in repr(found)


@settings(max_examples=150)
@given(edits(), st.data())
def test_a_placeholder_where_nothing_was_masked_is_always_refused(drawn, data):
    _, original, edited = drawn
    places_of_data = [path for path in places(edited) if path and json_text.pointer(path) not in original.masked]
    assume(places_of_data)
    path = data.draw(st.sampled_from(places_of_data))
    found = assess(original, pretty(original), dump(put(edited, path, "[REDACTED]")))
    assume(not equal(put(edited, path, "[REDACTED]"), original.value))
    assert found.state is EditState.REFUSED
    assert found.patch == ()


@given(payloads)
def test_an_unedited_document_is_never_an_edit(raw):
    original = redacted(raw) if raw else redacted({"a": 1})
    compact = dump(original.value)
    assert assess(original, pretty(original), pretty(original)).state is EditState.PRISTINE
    assert assess(original, pretty(original), compact).state in {EditState.REFORMATTED, EditState.PRISTINE}
    assert assess(original, pretty(original), compact).patch == ()
