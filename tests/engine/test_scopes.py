"""Assignment: one set of rules for every place (runtime.md 6.3, F8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.failures import StepFailure
from app.engine.scopes import Scopes


def scopes(**more: Any) -> Scopes:
    return Scopes(payload={"p": 1}, system={"runId": "r"}, meta={"m": 1}, **more)


@pytest.mark.parametrize(
    ("path", "where", "expected"),
    [
        ("x", "vars", {"x": 9}),
        ("a.b.c", "vars", {"a": {"b": {"c": 9}}}),
        ("vars.x", "vars", {"x": 9}),
        ("payload.p", "payload", {"p": 9}),
        ("payload.q.r", "payload", {"p": 1, "q": {"r": 9}}),
        ("meta.x", "meta", {"m": 1, "x": 9}),
        ("error.note", "error", {"note": 9}),
        ("local.x", "vars", {"x": 9}),
        ("/a/b", "vars", {"a": {"b": 9}}),
        ("/payload/a~1b/c~0d", "payload", {"p": 1, "a/b": {"c~d": 9}}),
        ("payload.p.deep", "payload", {"p": {"deep": 9}}),
    ],
)
def test_a_path_addresses_what_it_names(path: str, where: str, expected: Any) -> None:
    target = scopes()
    target.assign(path, 9)
    untouched = {"payload": {"p": 1}, "vars": {}, "meta": {"m": 1}, "error": None}
    for name in ("payload", "vars", "meta", "error"):
        assert getattr(target, name) == (expected if name == where else untouched[name])


def test_local_addresses_the_innermost_loop() -> None:
    target = scopes(lexical=[{"a": 1}, {"b": 1}])
    target.assign("local.x", 2)
    assert target.lexical == [{"a": 1}, {"b": 1, "x": 2}]


def test_a_number_replaces_an_element_of_an_array_and_other_keys_overwrite_the_array() -> None:
    target = scopes(vars={"list": [1, {"x": 1}], "other": [1]})
    target.assign("list.1.x", 5)
    target.assign("list.0", 4)
    target.assign("other.5", 7)
    assert target.vars == {"list": [4, {"x": 5}], "other": {"5": 7}}


@pytest.mark.parametrize(
    "path", ["__proto__.x", "a.constructor", "vars.prototype.x", "", "a..b", "payload", "/vars", "error", "/"]
)
def test_refused_paths(path: str) -> None:
    with pytest.raises(StepFailure) as refused:
        scopes().assign(path, 1)
    assert refused.value.category == "ValidationError"


def test_an_assigned_value_is_a_copy() -> None:
    target, value = scopes(), {"x": 1}
    target.assign("a", value)
    value["x"] = 2
    assert target.vars == {"a": {"x": 1}}


def test_expressions_see_vars_under_locals_under_named_scopes() -> None:
    context = scopes(vars={"a": 1, "payload": "shadowed"}, lexical=[{"a": 2, "item": 3}], error={"code": "X"}).context()
    assert (context["a"], context["item"], context["vars"]["a"], context["local"]) == (2, 3, 1, {"a": 2, "item": 3})
    assert context["payload"] == {"p": 1}
    assert context["meta"]["runId"] == "r"
    assert context["meta"]["m"] == 1
    assert context["error"] == {"code": "X"}


NAMES = st.sampled_from(["a", "b", "c", "0", "1"])


@given(
    st.lists(NAMES, min_size=1, max_size=4),
    st.recursive(st.integers(), lambda x: st.dictionaries(NAMES, x) | st.lists(x)),
)
def test_what_was_assigned_is_found_there(segments: list[str], before: Any) -> None:
    target = scopes(vars={"root": before})
    target.assign(".".join(["vars", "root", *segments]), "here")
    found = target.vars["root"]
    for segment in segments:
        found = found[int(segment)] if isinstance(found, list) else found[segment]
    assert found == "here"


def test_the_checkpoint_form_is_complete() -> None:
    target = scopes(vars={"v": 1}, lexical=[{"l": 1}], error={"code": "X"})
    assert Scopes.from_json(target.as_json()) == target
    assert set(target.as_json()) == {"payload", "workflow", "lexical", "system", "meta", "error"}
