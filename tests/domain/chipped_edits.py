"""Generated payloads with masked leaves everywhere, and what an operator does to them in the editor.

Every edit is made on the document with chips. What the new run must get is found without any of the code under test:
each chip is replaced by what stands in the raw document at its origin.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

from hypothesis import strategies as st

from app.domain import chips
from app.domain.chips import Chip
from app.domain.json_text import split_pointer
from app.domain.payload_change import ChippedText
from app.domain.placeholders import find_placeholders
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RedactedDocument
from tests.domain.documents import ODD_KEYS, SECRET_KEYS, get, numbers, places, plain_texts, put, secret_texts

KEYS = (*ODD_KEYS, "a ", "A", "a~1b", "a~b", "01", "\ufffc")
POINTERS = ("/a", "/b/0", "/A/a~1b", "/list/1", "//x", "/deep")

keys = st.sampled_from(KEYS)
texts = plain_texts | st.sampled_from(["\ufffc", "was [REDACTED] before", "x" * 3_000])
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)


def _containers(children: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    secrets = st.dictionaries(st.sampled_from(SECRET_KEYS), secret_texts, max_size=2)
    objects = st.builds(lambda plain, secret: {**plain, **secret}, st.dictionaries(keys, children, max_size=4), secrets)
    return objects | objects | st.lists(children, max_size=4)


values = st.recursive(scalars, _containers, max_leaves=24)


def _nested(value: JsonValue, depth: int) -> JsonValue:
    for level in range(depth):
        value = {"in": value} if level % 2 else [value]
    return value


@st.composite
def payloads(draw: st.DrawFn) -> dict[str, JsonValue]:
    """Draw an input: deep, wide or both, with secrets at every level."""
    people: list[JsonValue] = [
        {"name": name, "token": secret}
        for name, secret in draw(st.lists(st.tuples(texts, secret_texts), max_size=4, unique_by=lambda one: one[1]))
    ]
    plain = draw(st.dictionaries(keys, values, max_size=5))
    secrets = draw(st.dictionaries(st.sampled_from(SECRET_KEYS), secret_texts, max_size=2))
    return {**plain, **secrets, "list": people, "deep": _nested(draw(values), draw(st.integers(0, 40)))}


placeholders = st.sampled_from(["[REDACTED]", "[SECRET:REDACTED]", "***", {"redacted": True}])


@dataclass(frozen=True)
class Edited:
    """A payload, what the operator sees of it, what became of that, and what the new run must therefore get."""

    raw: JsonValue
    shown: RedactedDocument
    edited: JsonValue

    @property
    def edit(self) -> ChippedText:
        return ChippedText(*chips.dump(self.edited, indent=2))

    @property
    def expected(self) -> JsonValue:
        return _filled(self.edited, self.raw)


@st.composite
def edits(draw: st.DrawFn, most: int = 4, *, damage: bool = False) -> Edited:
    """Draw an editing session of at most so many steps.

    Args:
        draw: Of hypothesis.
        most: Steps.
        damage: Whether the stored payload holds placeholders itself.
    """
    raw: JsonValue = draw(payloads())
    for _ in range(draw(st.integers(1, 2)) if damage else 0):
        raw = put(raw, draw(st.sampled_from(places(raw)[1:])), draw(placeholders))
    pointers = draw(st.lists(st.sampled_from(POINTERS), max_size=2))
    shown = Redactor(RedactionPolicy(tuple(pointers))).document(raw)
    edited = chips.with_chips(shown.value, sealed(shown))
    for _ in range(draw(st.integers(0, most))):
        edited = draw(_step(edited))
    return Edited(raw, shown, edited)


def sealed(shown: RedactedDocument) -> list[tuple[str, ...]]:
    """Return every place that shows a placeholder."""
    return [split_pointer(path) for path in {*shown.masked, *find_placeholders(shown.value)}]


@st.composite
def _step(draw: st.DrawFn, document: JsonValue) -> JsonValue:
    """Do one thing: type, add, remove, move, copy, or turn an array around."""
    everywhere = [path for path in places(document) if path]
    kind = draw(st.sampled_from(["type", "add", "remove", "move", "copy", "turn", "insert"]))
    if kind == "add" or not everywhere:
        return put(document, (draw(keys),), draw(values))
    path = draw(st.sampled_from(everywhere))
    found = get(document, path)
    if kind == "type":
        return put(document, path, draw(scalars | secret_texts))
    if kind == "remove":
        return _without(document, path)
    if kind == "copy":
        return put(document, draw(st.sampled_from(everywhere)), found)
    if kind == "move":
        return put(_without(document, path), (draw(keys),), found)
    return _array_step(document, draw(st.sampled_from(everywhere)), found, turn=kind == "turn")


def _array_step(document: JsonValue, path: tuple[str, ...], found: JsonValue, *, turn: bool) -> JsonValue:
    array = get(document, path)
    if not isinstance(array, list):
        return document
    return put(document, path, array[::-1] if turn else [found, *array])


def _without(document: JsonValue, path: tuple[str, ...]) -> JsonValue:
    document = copy.deepcopy(document)
    parent = get(document, path[:-1])
    if isinstance(parent, list):
        del parent[int(path[-1])]
    elif isinstance(parent, dict):
        del parent[path[-1]]
    return document


def _filled(value: JsonValue, raw: JsonValue) -> JsonValue:
    if isinstance(value, Chip):
        return get(raw, value.origin)
    if isinstance(value, dict):
        return {key: _filled(item, raw) for key, item in value.items()}
    return [_filled(item, raw) for item in value] if isinstance(value, list) else value
