"""By which keys an event is correlated, and which triggers fire for it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from app.domain.event_ingress import CorrelationPaths, TriggeredWorkflow, decide_trigger

PAYLOAD = {"ticketId": "T-1", "clientId": 42, "invoiceId": "I-9", "paymentId": " ", "projectId": None, "a": {"b": "X"}}


@pytest.mark.parametrize(
    ("setting", "event", "keys"),
    [
        (None, "ANY", ("T-1", "42", "I-9")),
        (None, "INVOICE_PAID", ("I-9", "T-1", "42")),
        (None, "TICKET_CLOSED", ("T-1", "42", "I-9")),
        ("no json", "ANY", ("T-1", "42", "I-9")),
        ('{"ANY": "a.b", "*": ["clientId", "a.missing"]}', "ANY", ("X", "42")),
        ('{"ANY": "a.b", "*": ["clientId"]}', "OTHER", ("42",)),
        ('{"OTHER": ["a", "", 7]}', "OTHER", ()),
    ],
)
def test_keys_are_found_where_the_paths_lead(setting: str | None, event: str, keys: tuple[str, ...]) -> None:
    assert CorrelationPaths.from_text(setting).keys(event, PAYLOAD) == keys


def test_a_key_is_a_text_or_a_whole_number_and_counted_once() -> None:
    payload = {"ticketId": True, "clientId": Decimal("1.5"), "invoiceId": "same", "projectId": "same"}
    assert CorrelationPaths().keys("ANY", payload) == ("same",)


@pytest.mark.parametrize(
    ("expects", "mapping", "carries", "maps", "skipped"),
    [
        (None, None, None, False, None),
        (None, None, "payload.W.v1", False, None),
        ("payload.W.v1", None, None, False, None),
        (None, {"x": 1}, "event.E.v1", True, None),
        ("event.E.v1", {"x": 1}, None, True, None),
        ("event.E.v1", {"x": 1}, "event.E.v2", False, "the event carries event.E.v2, its trigger expects event.E.v1"),
        (None, None, "event.E.v1", False, "it takes payload.W.v1, the event carries event.E.v1; nothing maps it"),
        ("event.E.v1", None, None, False, "it takes payload.W.v1, the event carries event.E.v1; nothing maps it"),
    ],
)
def test_a_payload_that_is_not_the_input_needs_a_mapping(
    expects: str | None, mapping: dict[str, int] | None, carries: str | None, maps: bool, skipped: str | None
) -> None:
    workflow = TriggeredWorkflow(UUID(int=1), "Dunning", 3, "payload.W.v1", expects, mapping)
    decision = decide_trigger(workflow, carries)
    assert decision.maps is maps
    assert decision.skipped == (None if skipped is None else f"Dunning: {skipped}.")
