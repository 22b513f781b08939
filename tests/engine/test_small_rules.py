"""Event filters, forms, retries and instants."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from app.engine.definition import EventFilter, RetryPolicy
from app.engine.event_filters import passes
from app.engine.failures import StepFailure
from app.engine.inbox import Inbox
from app.engine.instants import iso_text, parse_instant
from app.engine.retries import delay_seconds, tries_again

PAYLOAD = {"status": "done", "n": 5, "flag": True, "nested": {"x": 1}, "none": None, "list": [1]}


@pytest.mark.parametrize(
    ("path", "op", "value", "expected"),
    [
        ("status", "=", "done", True),
        ("$.nested.x", "=", 1, True),
        ("flag", "=", 1, False),
        ("n", "!=", 4, True),
        ("missing", "!=", 4, True),
        ("missing", "=", None, False),
        ("none", "=", None, True),
        ("n", "in", [4, 5], True),
        ("n", "in", 5, False),
        ("n", "not_in", [4], True),
        ("missing", "not_in", [4], True),
        ("none", "exists", None, True),
        ("missing", "exists", None, False),
        ("missing", "not_exists", None, True),
        ("n", ">", 4, True),
        ("n", ">=", 5, True),
        ("n", "<", 5, False),
        ("n", "<=", 5, True),
        ("status", ">", "a", False),
        ("flag", ">", 0, False),
        ("status", "contains", "on", True),
        ("list", "contains", 1, False),
        ("status", "starts_with", "do", True),
        ("status", "ends_with", "ne", True),
        ("list.0", "exists", None, False),
    ],
)
def test_filters(path: str, op: str, value: Any, expected: bool) -> None:
    assert passes(PAYLOAD, (EventFilter(path, op, value, True),)) is expected


def test_all_filters_must_hold() -> None:
    assert passes(PAYLOAD, ())
    assert not passes(PAYLOAD, (EventFilter("n", "=", 5, True), EventFilter("n", "=", 6, True)))


FIXED = Random(1)  # noqa: S311 - jitter is no secret


def test_delays_grow_are_capped_and_jitter_between_half_and_whole() -> None:
    exact = RetryPolicy(9, 100, 3.0, jitter=False, max_delay_ms=1000)
    assert [delay_seconds(exact, attempt, FIXED) for attempt in (1, 2, 3, 4)] == [0.1, 0.3, 0.9, 1.0]
    jittered = RetryPolicy(9, 1000)
    delays = {delay_seconds(jittered, 1, FIXED) for _ in range(50)}
    assert len(delays) > 10
    assert all(0.5 <= delay <= 1.0 for delay in delays)
    assert delay_seconds(RetryPolicy(9, 1000, 9.0, jitter=False), 5000, FIXED) == 24 * 3600


def test_who_is_tried_again() -> None:
    policy = RetryPolicy(3, 0, retry_on=("TransientError",))
    assert tries_again(policy, StepFailure("TransientError", "x"), 2)
    assert not tries_again(policy, StepFailure("TransientError", "x"), 3)
    assert not tries_again(policy, StepFailure("ActionError", "x"), 1)
    assert not tries_again(None, StepFailure("ActionError", "x"), 1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23T06:00:00Z", "2026-11-23T06:00:00.000Z"),
        ("2026-11-23T06:00:00+02:00", "2026-11-23T04:00:00.000Z"),
        ("2026-11-23", "2026-11-23T00:00:00.000Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (1500.0, "1970-01-01T00:00:01.500Z"),
    ],
)
def test_instants(value: Any, expected: str) -> None:
    assert iso_text(parse_instant(value)) == expected


@pytest.mark.parametrize("value", [None, True, [], "soon", 1e30, float("nan")])
def test_no_instants(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(value)


def test_instants_are_aware() -> None:
    assert parse_instant("2026-11-23") == datetime(2026, 11, 23, tzinfo=UTC)


def test_signals_are_normalised_and_survive_a_checkpoint() -> None:
    inbox = Inbox()
    inbox.put_event({"eventName": "E", "eventId": 5, "correlationKey": 7, "payload": []}, "2026-01-01T00:00:00.000Z")
    inbox.put_event("nonsense", "2026-01-01T00:00:00.000Z")
    inbox.put_human_task({"payload": {"ok": True}})
    event = inbox.events[0]
    assert (event.event_id, event.event_name, event.correlation_key, event.payload) == (None, "E", None, {})
    assert event.received_at == "2026-01-01T00:00:00.000Z"
    assert (inbox.human_tasks[0].task_id, inbox.human_tasks[0].event_name) == ("", "HUMAN_TASK_COMPLETED")
    inbox.quota_resumed = True
    restored = Inbox()
    restored.put_event({"eventName": "later"}, "2026-01-02T00:00:00.000Z")
    restored.prepend(inbox.as_json())
    assert [signal.event_name for signal in restored.events] == ["E", "", "later"]
    assert restored.human_tasks == inbox.human_tasks
    assert restored.quota_resumed is True
