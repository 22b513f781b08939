"""The shape of a message: what differs from run to run is taken out, always by the same rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.failure_shape import LONGEST_SHAPE, fingerprint_id, message_shape, same_but_for_ids_and_times

PIECES = st.lists(
    st.sampled_from(
        [
            "Charge", "refused", "'", '"', "`", "a1", "12", "-3.5", "1,000", "10.0.0.7:5432", "https://x.example/a?b",
            "ada@example.com", "0b0e5d0c-0000-4000-8000-000000000001", "2026-11-23T06:00:00Z", "06:00:12", "<n>", "::1",
            " ", "  ", "\n", "(", ")", ":", "-", "_", "db.internal:5432", "can't", "[REDACTED]", "é", "7é", "٣",
        ]
    )
    | st.text(max_size=4),
    max_size=14,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ("Invoice INV-2026-0042 not found", "Invoice <id> not found"),
        ("Run 0b0e5d0c-0000-4000-8000-000000000001 is gone", "Run <id> is gone"),
        ("Timed out after 30.5 s at 2026-11-23T06:00:00.123Z", "Timed out after <n> s at <time>"),
        ("connect ECONNREFUSED 10.0.0.7:5432", "connect ECONNREFUSED <address>"),
        ("POST https://pay.example/v1/charges: 402", "POST <address> <n>"),
        ("No user ada@example.com", "No user <address>"),
        ("db.internal:5432 does not answer", "<address> does not answer"),
        ("Client 'Harbor' has no \"billing\" contact", "Client <value> has no <value> contact"),
        ("can't and won't", "can't and won't"),
        ("  Charge \n refused ", "Charge refused"),
        ("The token [REDACTED] was refused", "The token [REDACTED] was refused"),
        ("", ""),
    ],
)
def test_what_differs_is_taken_out(message: str, shape: str) -> None:
    assert message_shape(message) == shape


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_the_shape_of_a_shape_is_itself(message: str) -> None:
    shape = message_shape(message)
    assert len(shape) <= LONGEST_SHAPE
    assert message_shape(shape) == shape
    assert not any(character in "0123456789" for character in shape)


@settings(max_examples=80, deadline=None)
@given(st.uuids(), st.integers(min_value=0), st.datetimes(), st.from_regex(r"[A-Za-z ]{0,20}", fullmatch=True))
def test_runs_that_fail_alike_have_one_fingerprint(run: object, number: int, when: object, client: str) -> None:
    said = f"Invoice {number} of '{client}' in run {run} failed at {when}"
    other = "Invoice 7 of 'Harbor' in run 0b0e5d0c-0000-4000-8000-000000000001 failed at 2026-11-23 06:00:00"
    assert message_shape(said) == message_shape(other)
    shape = message_shape(said)
    assert fingerprint_id("a", "c", shape) == fingerprint_id("a", "c", message_shape(other))
    assert len({fingerprint_id(action, code, shape) for action, code in (("a", "c"), ("ac", None), (None, "ac"))}) == 3


def test_a_very_long_message_takes_no_time() -> None:
    assert len(message_shape("'" * 1_000_000)) <= LONGEST_SHAPE
    assert len(message_shape("a-" * 500_000 + "1")) <= LONGEST_SHAPE


def test_ids_and_times_alone_are_incidental() -> None:
    one = '{"id": "0b0e5d0c-0000-4000-8000-000000000001", "at": "2026-11-23T06:00:00Z"}'
    assert same_but_for_ids_and_times(one, one.replace("0001", "0002").replace("06:00", "07:30"))
    assert not same_but_for_ids_and_times('"Harbor 12"', '"Harbor 13"')
