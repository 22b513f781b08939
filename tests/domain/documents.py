"""Generated JSON documents, and a second, independent way to apply a patch."""

from __future__ import annotations

import copy
from decimal import Decimal

from hypothesis import strategies as st

from app.domain import json_text
from app.domain.launching import PatchOperation
from app.domain.run import JsonValue

SECRET_KEYS = ("apiKey", "password", "clientSecret", "token")
ODD_KEYS = ("", "0", "10", "-", "a/b", "~", "~1", "é", "x y", '"', "a", "b", "name")

# Letters of their own, so that a secret never occurs in other data by chance.
secret_texts = st.text(alphabet="QWXZqwxz", min_size=8, max_size=14)
plain_texts = st.text(
    alphabet=st.characters(
        codec="utf-8", exclude_characters="\x00QWXZqwxz:=", exclude_categories=("Cs", "Cc"), max_codepoint=0x1F6FF
    ),
    max_size=8,
).filter(lambda text: text not in {"[REDACTED]", "***"})
numbers = st.one_of(
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=3),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, plain_texts)
keys = st.sampled_from(ODD_KEYS)


def _containers(children: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    secret_members = st.dictionaries(st.sampled_from(SECRET_KEYS), secret_texts, max_size=1)
    members = st.dictionaries(keys, children, max_size=4)
    objects = st.builds(lambda plain, secret: {**plain, **secret}, members, secret_members)
    return st.one_of(objects, st.lists(children, max_size=4))


values: st.SearchStrategy[JsonValue] = st.recursive(scalars, _containers, max_leaves=20)
payloads = st.builds(
    lambda plain, secret: {**plain, **secret},
    st.dictionaries(keys, values, max_size=5),
    st.dictionaries(st.sampled_from(SECRET_KEYS), secret_texts, max_size=2),
)


def get(document: JsonValue, path: tuple[str, ...]) -> JsonValue:
    """Return what stands at a path of a document."""
    for segment in path:
        document = document[int(segment)] if isinstance(document, list) else document[segment]
    return document


def put(document: JsonValue, path: tuple[str, ...], value: JsonValue) -> JsonValue:
    """Return a copy of the document with a value set at a path."""
    if not path:
        return copy.deepcopy(value)
    document = copy.deepcopy(document)
    parent = get(document, path[:-1])
    if isinstance(parent, list):
        parent[int(path[-1])] = copy.deepcopy(value)
    else:
        parent[path[-1]] = copy.deepcopy(value)
    return document


def apply_patch(document: JsonValue, patch: tuple[PatchOperation, ...]) -> JsonValue:
    """Apply a patch as RFC 6902 says, strictly: a missing target is an error. Holes are filled from the original."""
    original = document
    for operation in patch:
        if operation.op == "remove":
            document = copy.deepcopy(document)
            del get(document, operation.path[:-1])[operation.path[-1]]
            continue
        assert operation.value_text is not None
        if operation.op == "replace":
            get(document, operation.path)  # must exist
        else:
            assert operation.op == "add"
            assert operation.path[-1] not in get(document, operation.path[:-1])
        document = put(document, operation.path, json_text.parse(filled(operation, original)))
    return document


def filled(operation: PatchOperation, original: JsonValue) -> str:
    """Return the value of an operation with what is stored in the original in place of its holes."""
    assert operation.value_text is not None
    if not operation.origins:
        return operation.value_text
    pieces = operation.value_text.split("\ufffc")
    assert len(pieces) == len(operation.origins) + 1
    stored = [json_text.dump(get(original, origin)) for origin in operation.origins]
    return pieces[0] + "".join(value + piece for value, piece in zip(stored, pieces[1:], strict=True))


def places(document: JsonValue, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the path of every value in the document."""
    found = [path]
    if isinstance(document, dict):
        for key, item in document.items():
            found += places(item, (*path, key))
    elif isinstance(document, list):
        for index, item in enumerate(document):
            found += places(item, (*path, str(index)))
    return found


def secrets_of(document: JsonValue) -> set[str]:
    """Return the generated secret texts below secret keys."""
    found: set[str] = set()
    if isinstance(document, dict):
        for key, item in document.items():
            found |= {item} if key in SECRET_KEYS and isinstance(item, str) else secrets_of(item)
    elif isinstance(document, list):
        for item in document:
            found |= secrets_of(item)
    return found


def is_number(value: JsonValue) -> bool:
    """Say whether a value is a JSON number."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
