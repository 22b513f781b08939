"""Patches inside Postgres against a reference in Python: the same document, every digit, and never a silent no-op."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.domain import json_text, payload_edit
from app.domain.errors import ActionRefused, InvalidInput, NotFound
from app.domain.launching import MAX_PAYLOAD_BYTES, CopiedPayload, NewPayload, PatchOperation
from app.domain.payload_change import EditedText
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RunKey
from app.postgres.payload_source import payload_query
from app.postgres.redaction_border import document_text
from app.postgres.tables import workflow_runs
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

EXAMPLES = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

numbers = st.integers(-(10**45), 10**45) | st.builds(
    lambda digits, places: Decimal(f"{digits}E-{places}"),  # exact, unlike arithmetic, which rounds to 28 digits
    st.integers(-(10**40), 10**40),
    st.integers(1, 25),
)
strings = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
keys = st.sampled_from(["a", "b", "0", "1", "-", "01", "", "a/b", "~", "ключ", "x y"])
scalars = st.none() | st.booleans() | numbers | strings
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=14
)
objects = st.dictionaries(keys, documents, max_size=5)


class Inapplicable(Exception):
    """The reference says that the operation has no target."""


def applied(document: Any, operation: PatchOperation) -> Any:
    """Apply one RFC 6902 operation to a copy."""
    value = None if operation.value_text is None else json_text.parse(operation.value_text)
    if not operation.path:
        if operation.op == "remove":
            raise Inapplicable
        return value
    changed = copy.deepcopy(document)
    container = changed
    for segment in operation.path[:-1]:
        container = container[position(container, segment)]
    key = operation.path[-1]
    if isinstance(container, dict):
        if operation.op != "add" and key not in container:
            raise Inapplicable
        container.pop(key) if operation.op == "remove" else container.update({key: value})
    elif operation.op == "add" and isinstance(container, list):
        container.insert(len(container) if key in {"-", str(len(container))} else position(container, key), value)
    elif operation.op == "replace":
        container[position(container, key)] = value
    else:
        del container[position(container, key)]
    return changed


def position(container: Any, segment: str) -> Any:
    """Return key or index of what exists, else raise."""
    if isinstance(container, dict) and segment in container:
        return segment
    if isinstance(container, list) and segment in map(str, range(len(container))):
        return int(segment)
    raise Inapplicable


def places(value: Any, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the path of everything in the document."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, child in children for path in places(child, (*at, str(key))))]


@st.composite
def patched_documents(draw: st.DrawFn) -> tuple[JsonValue, tuple[PatchOperation, ...], JsonValue | Inapplicable]:
    """Draw a document, a patch that may not fit, and what the reference makes of it."""
    document: Any = draw(objects)
    result = document
    operations = []
    for _ in range(draw(st.integers(1, 5))):
        path = draw(st.sampled_from(places(result)))
        if draw(st.booleans()):
            path = (*path, draw(keys | st.integers(0, 5).map(str)))
        op = draw(st.sampled_from(["add", "replace", "remove"]))
        operation = PatchOperation(op, path, None if op == "remove" else json_text.dump(draw(documents)))
        operations.append(operation)
        try:
            result = applied(result, operation)
        except Inapplicable as failure:
            return document, tuple(operations), failure
    return document, tuple(operations), result


def exactly_equal(left: Any, right: Any) -> bool:
    """Say whether two documents are equal to the last digit: 1.50 is not 1.5."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(exactly_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(exactly_equal, left, right))
    if isinstance(left, (int, Decimal)) and isinstance(right, (int, Decimal)):
        return json_text.equal(left, right) and f"{left:f}".lstrip("-") == f"{right:f}".lstrip("-")
    return type(left) is type(right) and left == right


async def store(world: World, document: JsonValue) -> RunKey:
    key = await world.add_run()
    async with world.database.writing(None) as connection:
        await connection.execute(
            text("UPDATE workflow_runs SET input_json = CAST(:document AS jsonb) WHERE run_id = :run_id"),
            {"document": json_text.dump(document), "run_id": key.run_id},
        )
    return key


async def copied(world: World, payload: CopiedPayload) -> list[JsonValue]:
    async with world.database.reading() as connection:
        source = payload_query(world.tenant, payload)
        found = await connection.scalars(select(document_text(source.c.document)).select_from(source))
        return [json_text.parse(one) for one in found]


@EXAMPLES
@given(case=patched_documents())
async def test_a_patch_does_what_the_reference_does_or_nothing_comes_out(
    plain_world: World, case: tuple[JsonValue, tuple[PatchOperation, ...], Any]
) -> None:
    document, patch, expected = case
    key = await store(plain_world, document)
    found = await copied(plain_world, CopiedPayload(key.run_id, patch))
    if isinstance(expected, Inapplicable):
        assert found == []
    else:
        assert len(found) == 1
        assert exactly_equal(found[0], expected)


@settings(EXAMPLES, max_examples=100)
@given(before=objects, after=objects)
async def test_an_edited_text_becomes_exactly_that_document(
    plain_world: World, before: dict[str, JsonValue], after: dict[str, JsonValue]
) -> None:
    key = await store(plain_world, before)
    shown = Redactor(RedactionPolicy()).document(before)
    edit = payload_edit.assess(shown, EditedText(json_text.dump(after)))
    (found,) = await copied(plain_world, CopiedPayload(key.run_id, edit.patch))
    assert json_text.equal(found, after)


async def test_a_launch_copies_and_patches_without_touching_what_is_masked(world: World) -> None:
    stored: JsonValue = {
        "password": "hidden-value",
        "n": Decimal("1.500"),
        "list": [{"token": "t-hidden"}, 2],
        "x": None,
    }
    key = await store(world, stored)
    patch = (PatchOperation("replace", ("list", "1"), "3.1400"), PatchOperation("add", ("new",), '"€"'))
    order = world.order(CopiedPayload(key.run_id, patch))
    await world.writer.admit(order)
    row = await world.row(workflow_runs, run_id=order.request_id)
    expected = {**stored, "list": [{"token": "t-hidden"}, Decimal("3.1400")], "new": "€"}
    assert exactly_equal(row["input_json"], expected)


async def test_an_unedited_copy_is_the_same_jsonb_whatever_it_is(world: World) -> None:
    for stored in ({"a": Decimal("1E+2")}, [1], "text", Decimal("0.10"), {}):
        key = await store(world, stored)
        order = world.order(CopiedPayload(key.run_id))
        await world.writer.admit(order)
        rows = [await world.row(workflow_runs, run_id=run_id) for run_id in (key.run_id, order.request_id)]
        assert rows[0]["input_json"] == rows[1]["input_json"]
    empty = await world.add_run(input_json=None)
    order = world.order(CopiedPayload(empty.run_id, expected_hash=""))
    await world.writer.admit(order)
    async with world.database.reading() as connection:
        query = text("SELECT input_json IS NULL FROM workflow_runs WHERE run_id = :run_id")
        assert await connection.scalar(query, {"run_id": order.request_id})


async def test_a_patch_of_nothing_is_refused(world: World) -> None:
    empty = await world.add_run(input_json=None)
    patch = (PatchOperation("add", ("a",), "1"),)
    with pytest.raises(InvalidInput) as refusal:
        await world.writer.admit(world.order(CopiedPayload(empty.run_id, patch)))
    assert refusal.value.code == "payload.patch"


async def test_a_patch_that_does_not_fit_starts_nothing(world: World) -> None:
    key = await store(world, {"a": [1]})
    for operation in (
        PatchOperation("replace", ("missing",), "1"),
        PatchOperation("remove", ("a", "1")),
        PatchOperation("add", ("a", "3"), "1"),
        PatchOperation("replace", ("a", "-1"), "1"),
        PatchOperation("add", ("nowhere", "x"), "1"),
        PatchOperation("move", ("a",), "1"),
    ):
        order = world.order(CopiedPayload(key.run_id, (operation,)))
        with pytest.raises(InvalidInput) as refusal:
            await world.writer.admit(order)
        assert refusal.value.code == "payload.patch"
        assert await world.rows(workflow_runs, run_id=order.request_id) == []


async def test_a_source_that_changed_is_refused(world: World) -> None:
    key = await store(world, {"a": 1})
    source = await world.writer.replay_source(key)
    payload = CopiedPayload(key.run_id, expected_hash=source.input_hash)
    await world.writer.admit(world.order(payload))
    await world.execute("UPDATE workflow_runs SET input_json = '{\"a\": 2}' WHERE run_id = :run_id", run_id=key.run_id)
    patch = (PatchOperation("replace", ("a",), "3"),)
    for refused in (payload, CopiedPayload(key.run_id, patch, source.input_hash)):
        with pytest.raises(ActionRefused) as refusal:
            await world.writer.admit(world.order(refused))
        assert refusal.value.code == "replay.source_changed"


async def test_a_source_of_another_tenant_does_not_exist(world: World) -> None:
    key = await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id, input_json={"a": 1})
    for patch in ((), (PatchOperation("add", ("b",), "1"),)):
        with pytest.raises(NotFound) as refusal:
            await world.writer.admit(world.order(CopiedPayload(key.run_id, patch)))
        assert refusal.value.code == "run.not_found"
    with pytest.raises(NotFound):
        await world.writer.admit(world.order(CopiedPayload(uuid4())))


async def test_two_hundred_operations_are_the_most(plain_world: World) -> None:
    key = await store(plain_world, {})
    patch = tuple(PatchOperation("add", (f"k{number}",), str(number)) for number in range(201))
    (document,) = await copied(plain_world, CopiedPayload(key.run_id, patch[:200]))
    assert document == {f"k{number}": number for number in range(200)}
    with pytest.raises(InvalidInput) as refusal:
        await plain_world.writer.admit(plain_world.order(CopiedPayload(key.run_id, patch)))
    assert refusal.value.code == "payload.patch_too_large"


async def test_a_copy_that_grows_over_the_limit_is_refused(plain_world: World) -> None:
    key = await store(plain_world, {"text": "x" * 500_000})
    order = plain_world.order(CopiedPayload(key.run_id, (PatchOperation("add", ("more",), '"' + "y" * 30_000 + '"'),)))
    with pytest.raises(InvalidInput) as refusal:
        await plain_world.writer.admit(order)
    assert refusal.value.code == "payload.too_large"
    assert await plain_world.rows(workflow_runs, run_id=order.request_id) == []


def payload_of(size: int) -> JsonValue:
    """Return a payload of many small members, with this many bytes as compact JSON and far more as ``jsonb::text``."""
    members: dict[str, JsonValue] = {f'key, {number}: "é"': [number, "\\", {}] for number in range(12_000)}
    members["filling"] = ""
    return {**members, "filling": "x" * (size - len(json_text.dump(members).encode()))}


async def test_the_limit_is_that_of_compact_json(plain_world: World) -> None:
    key = await store(plain_world, {})
    await plain_world.writer.admit(plain_world.order(NewPayload(json_text.dump(payload_of(MAX_PAYLOAD_BYTES)))))
    await plain_world.execute(
        "UPDATE workflow_runs SET input_json = CAST(:document AS jsonb) WHERE run_id = :run_id",
        document=json_text.dump(payload_of(MAX_PAYLOAD_BYTES)),
        run_id=key.run_id,
    )
    await plain_world.writer.admit(plain_world.order(CopiedPayload(key.run_id)))
    growing = PatchOperation("add", ("m",), "1")
    too_large = NewPayload(json_text.dump(payload_of(MAX_PAYLOAD_BYTES + 1)))
    for payload in (too_large, CopiedPayload(key.run_id, (growing,))):
        with pytest.raises(InvalidInput) as refusal:
            await plain_world.writer.admit(plain_world.order(payload))
        assert refusal.value.code == "payload.too_large"


UNSTORABLE = [
    '{"a": "\\u0000"}',
    '{"a": "\\ud800"}',
    '{"a": 1e999999}',
    "{",
    '{"a": "\0"}',
    '{"a": "\ud800"}',
    "NaN",
    "[" * 7000,
]


async def test_what_postgres_cannot_store_is_the_operators_error(plain_world: World) -> None:
    for payload in UNSTORABLE:
        with pytest.raises(InvalidInput) as refusal:
            await plain_world.writer.admit(plain_world.order(NewPayload(payload)))
        assert refusal.value.code == "payload.unstorable"
    assert await plain_world.rows(workflow_runs) == []
