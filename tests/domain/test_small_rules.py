"""Stuck, effective state, cursors and lengths of time."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.durations import spoken_duration
from app.domain.effective_state import effective_state
from app.domain.errors import InvalidInput
from app.domain.keyset import decode_cursor, encode_cursor
from app.domain.run import EffectiveState, OpenWait
from app.domain.run_query import RunSort
from app.domain.stuck import STUCK_AFTER_SECONDS, is_stuck
from tests.domain.samples import RUN, START, at


@pytest.mark.parametrize(
    ("status", "has_steps", "age", "stuck"),
    [
        ("RUNNING", False, 59, False),
        ("RUNNING", False, 60, False),
        ("RUNNING", False, 60.001, True),
        ("RUNNING", False, 61, True),
        ("RUNNING", True, 3600, False),
        ("WAITING", False, 3600, False),
        ("FAILED", False, 3600, False),
        ("SUCCEEDED", False, 3600, False),
        ("running", False, 3600, False),
    ],
)
def test_stuck(status, has_steps, age, stuck):
    assert STUCK_AFTER_SECONDS == 60
    assert is_stuck(status, has_steps, age) is stuck


def waiting(wait_type: str) -> OpenWait:
    return OpenWait(wait_type, None, None, START)


@pytest.mark.parametrize(
    ("status", "completed", "has_steps", "wait", "state"),
    [
        ("RUNNING", None, False, None, "queued"),
        ("RUNNING", None, True, None, "executing"),
        ("RUNNING", None, True, "event", "waiting_event"),
        ("RUNNING", None, True, "time", "waiting_time"),
        ("RUNNING", None, True, "human", "waiting_human"),
        ("RUNNING", None, False, "quota", "waiting_quota"),
        ("RUNNING", None, True, "retry", "retrying"),
        ("RUNNING", None, True, "tea", "unknown"),
        ("WAITING", None, True, "quota", "waiting_quota"),
        ("WAITING", None, True, None, "waiting_quota"),
        ("WAITING", None, True, "event", "waiting_event"),
        ("FAILED", None, True, None, "failing"),
        ("FAILED", 5, True, None, "failed"),
        ("FAILED", 5, True, "event", "failed"),
        ("SUCCEEDED", 5, True, None, "succeeded"),
        ("SUCCEEDED", None, True, None, "executing"),
        ("CANCELED", 5, False, None, "canceled"),
        ("CANCELED", None, False, None, "canceling"),
        ("PAUSED", None, False, None, "unknown"),
    ],
)
def test_effective_state(status, completed, has_steps, wait, state):
    completed_at = None if completed is None else at(completed)
    found = effective_state(status, completed_at, has_steps, waiting(wait) if wait else None)
    assert found is EffectiveState(state)


def test_effective_states_are_the_codes_of_the_rulings():
    assert {str(state) for state in EffectiveState} == {
        *("queued", "executing", "retrying", "waiting_event", "waiting_time", "waiting_human", "waiting_quota"),
        *("waiting_child", "failing", "canceling", "succeeded", "failed", "canceled", "terminated", "timed_out"),
        "unknown",
    }


@given(
    st.sampled_from(RunSort),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    st.uuids(),
)
def test_cursors_survive(sort, moment, run_id):
    assert decode_cursor(encode_cursor(sort, moment, run_id), sort) == (moment, run_id)


def test_a_cursor_is_plain_text_for_a_command_line():
    cursor = encode_cursor(RunSort.STARTED_DESC, START, RUN)
    assert cursor.replace("-", "").replace("_", "").isalnum()


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "not a cursor",
        "A" * 1000,
        encoded("{}"),
        encoded("[1,2,3]"),
        encoded('["started_at:desc","2026-11-23T06:00:00","22222222-2222-4222-8222-222222222222"]'),
        encoded('["started_at:desc","yesterday","22222222-2222-4222-8222-222222222222"]'),
        encoded('["started_at:desc","2026-11-23T06:00:00+00:00","x"]'),
        encoded('["name:asc","2026-11-23T06:00:00+00:00","22222222-2222-4222-8222-222222222222"]'),
        encoded("[" * 90000)[:399],
    ],
)
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(InvalidInput) as caught:
        decode_cursor(text, RunSort.STARTED_DESC)
    assert caught.value.code == "cursor.invalid"


@given(st.text(max_size=60))
def test_any_text_gives_a_cursor_or_a_refusal(text):
    with pytest.raises(InvalidInput):
        decode_cursor(text, RunSort.STARTED_DESC)


def test_a_cursor_of_another_sort_is_refused():
    cursor = encode_cursor(RunSort.UPDATED_ASC, datetime.now(UTC), UUID(int=1))
    with pytest.raises(InvalidInput) as caught:
        decode_cursor(cursor, RunSort.STARTED_ASC)
    assert caught.value.code == "cursor.sort"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 ms"),
        (0, "0 ms"),
        (0.3204, "320 ms"),
        (0.9999, "1 s"),
        (4.23, "4.2 s"),
        (5, "5 s"),
        (59.97, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (86400 * 5 + 7300, "5 d 2 h"),
        (86400 * 400, "400 d"),
    ],
)
def test_lengths_in_words(seconds, words):
    assert spoken_duration(seconds) == words
