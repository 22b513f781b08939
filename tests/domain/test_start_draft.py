"""What a draft keeps: everything typed but what the rules hide, and nothing of the run whose input it changes."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import chips, json_text
from app.domain.chips import Chip, with_chips
from app.domain.json_text import split_pointer
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import chipped
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue
from app.domain.start_draft import DraftOrigin, keep_changed, keep_new, restored, without_hidden
from tests.domain import documents

POLICY = RedactionPolicy()
ORIGIN = DraftOrigin(UUID(int=1), "hash")


@settings(max_examples=80, deadline=None)
@given(payload=documents.payloads)
def test_a_new_payload_is_kept_without_secrets_and_with_every_other_value(payload: JsonValue) -> None:
    kept = keep_new(json_text.dump(payload), None, POLICY)
    assert kept.text is not None
    assert [secret for secret in documents.secrets_of(payload) if secret in kept.text] == []
    masked = Redactor(POLICY).document(payload).masked
    assert kept.omitted == masked
    if not masked:
        assert json_text.equal(json_text.parse(kept.text), payload)


@settings(max_examples=80, deadline=None)
@given(stored=documents.payloads, added=documents.values, data=st.data())
def test_a_change_comes_back_and_nothing_of_the_source_is_kept(
    stored: JsonValue, added: JsonValue, data: st.DataObject
) -> None:
    source = Redactor(POLICY).document(stored)
    opened = chipped(source)
    document = chips.parse(opened.text, opened.origins)
    assert isinstance(document, dict)
    moved = [Chip(split_pointer(path)) for path in source.masked]
    typed: JsonValue = {**document, "typed here": added}
    if moved:
        typed["moved"] = data.draw(st.sampled_from(moved))
    kept = keep_changed(source, ChippedText(*chips.dump(typed)), ORIGIN, None, POLICY)
    assert kept is not None
    assert kept.text is None
    assert [secret for secret in documents.secrets_of(stored) if secret in repr(kept)] == []
    back = restored(source, kept)
    assert back is not None
    expected, omitted = without_hidden(typed, POLICY, unchanged=document)
    assert kept.omitted == omitted
    assert chips.parse(back.text, back.origins) == expected


def test_a_secret_typed_over_a_chip_is_left_out_and_the_chip_comes_back() -> None:
    source = Redactor(POLICY).document({"apiKey": "stored", "list": [{"token": "stored too"}]})
    document = with_chips({"apiKey": None, "list": [{"token": None}]}, [("list", "0", "token")])
    assert isinstance(document, dict)
    document["apiKey"] = "typed"
    kept = keep_changed(source, ChippedText(*chips.dump(document)), ORIGIN, None, POLICY)
    assert kept is not None
    assert (kept.omitted, kept.patch) == (("/apiKey",), ())
    assert restored(source, kept) is not None


def test_a_policy_that_cannot_be_read_keeps_nothing() -> None:
    kept = keep_new('{"a": 1}', 2, RedactionPolicy(closed=True))
    assert (kept.text, kept.omitted, kept.empty) == ("{}", ("",), True)
