"""Replays of edited inputs inside Postgres: exactly the edit, exactly the stored values, and nothing masked outside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ARRAY, Text, Uuid, bindparam, select, text

from app.domain import chips, json_text
from app.domain.chips import HOLE
from app.domain.errors import InvalidInput
from app.domain.launching import CopiedPayload, PatchOperation
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import EditState, PayloadAssessment, assess, chipped
from app.domain.placeholders import find_placeholders
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue
from app.postgres.payload_source import payload_query
from app.postgres.tables import workflow_runs
from tests.domain.chipped_edits import Edited, edits
from tests.domain.documents import secrets_of
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio

RUNS_AT_ONCE = 15
"""Payloads that share one set of transactions: each example of hypothesis is that many of ours."""
BATCHES = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


async def stored(world: World, documents: list[JsonValue]) -> list[UUID]:
    """Store each document as the input of a run of its own."""
    keys = [(await world.add_run()).run_id for _ in documents]
    statement = text(
        "UPDATE workflow_runs SET input_json = CAST(given.document AS jsonb)"
        " FROM unnest(:runs, :documents) AS given (run_id, document) WHERE workflow_runs.run_id = given.run_id"
    ).bindparams(bindparam("runs", type_=ARRAY(Uuid)), bindparam("documents", type_=ARRAY(Text)))
    async with world.database.writing(None) as connection:
        await connection.execute(
            statement, {"runs": keys, "documents": [json_text.dump(document) for document in documents]}
        )
    return keys


async def copies_that_differ(
    world: World, copies: list[tuple[UUID, tuple[PatchOperation, ...], JsonValue]]
) -> list[int]:
    """Return which copies are not, to the last digit, the jsonb that is expected."""
    differing = []
    async with world.database.reading() as connection:
        for number, (source, patch, expected) in enumerate(copies):
            found = payload_query(world.tenant, CopiedPayload(source, patch))
            same = text("SELECT CAST(:expected AS jsonb)::text").bindparams(expected=json_text.dump(expected))
            wanted = await connection.scalar(same)
            got = (await connection.scalars(select(found.c.document.cast(Text)))).all()
            if got != [wanted]:
                differing.append(number)
    return differing


async def test_thousands_of_masked_values_change_places_in_one_operation(plain_world: World) -> None:
    raw: JsonValue = {"rows": [{"n": number, "token": f"secret-{number:06d}"} for number in range(2_000)]}
    (run,) = await stored(plain_world, [raw])
    shown = Redactor(RedactionPolicy()).document(raw)
    content = chipped(shown)
    tree: Any = chips.parse(content.text, content.origins)
    tree["rows"].reverse()
    found = assess(shown, ChippedText(*chips.dump(tree)))
    assert [(one.op, one.path, len(one.origins)) for one in found.patch] == [("replace", ("rows",), 2_000)]
    assert await copies_that_differ(plain_world, [(run, found.patch, {"rows": raw["rows"][::-1]})]) == []


@pytest.mark.parametrize("origin", [("gone",), ("list", "2"), ("list", "x"), ("a", "below")])
async def test_an_origin_that_is_not_there_is_refused_and_stores_nothing(
    plain_world: World, origin: tuple[str, ...]
) -> None:
    (run,) = await stored(plain_world, [{"a": 1, "list": [1, 2]}])
    for text_of_value, origins in ((HOLE, (origin,)), (f'{{"x": [{HOLE}, {HOLE}]}}', (("a",), origin))):
        order = plain_world.order(CopiedPayload(run, (PatchOperation("add", ("b",), text_of_value, origins),)))
        with pytest.raises(InvalidInput) as refusal:
            await plain_world.writer.admit(order)
        assert refusal.value.code == "payload.patch"
        assert await plain_world.rows(workflow_runs, run_id=order.request_id) == []


async def test_origins_are_read_from_the_stored_document_whatever_was_done_before(world: World) -> None:
    stored_input: JsonValue = {"a": None, "b": Decimal("1.50"), "c": {"d": [1]}}
    (run,) = await stored(world, [stored_input])
    patch = (
        PatchOperation("replace", ("a",), HOLE, (("b",),)),
        PatchOperation("replace", ("b",), HOLE, (("a",),)),
        PatchOperation("remove", ("c",)),
        PatchOperation("add", ("e",), f'[{HOLE},"\\ufffc",{HOLE}]', (("c", "d"), ("c",))),
    )
    expected: JsonValue = {"a": Decimal("1.50"), "b": None, "e": [[1], "\ufffc", {"d": [1]}]}
    order = world.order(CopiedPayload(run, patch))
    await world.writer.admit(order)
    nothing_more: tuple[PatchOperation, ...] = ()
    assert await copies_that_differ(world, [(run, patch, expected), (order.request_id, nothing_more, expected)]) == []


def judged(case: Edited) -> PayloadAssessment:
    return assess(case.shown, case.edit, opened=chipped(case.shown))


@BATCHES
@given(cases=st.lists(edits(), min_size=RUNS_AT_ONCE, max_size=RUNS_AT_ONCE))
async def test_a_replay_is_the_stored_input_with_exactly_the_edit(plain_world: World, cases: list[Edited]) -> None:
    runs = await stored(plain_world, [case.raw for case in cases])
    found = [judged(case) for case in cases]
    assert {one.state for one in found} <= {EditState.PRISTINE, EditState.REFORMATTED, EditState.EDITED}
    copies = [(run, one.patch, case.expected) for run, one, case in zip(runs, found, cases, strict=True)]
    assert await copies_that_differ(plain_world, copies) == []
    for case, one in zip(cases, found, strict=True):
        typed = case.edit.text
        assert not [secret for secret in secrets_of(case.raw) if secret in repr(one) and secret not in typed]
        assert not find_placeholders(case.expected)
