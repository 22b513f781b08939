"""Headroom: the same words as the launch gates, and the room that is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import GateClosed
from app.domain.headroom import Headroom, QuotaUnknown, StepQuota
from app.domain.launching import GateFacts, check_gates

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OPEN = GateFacts("Dunning", False, 5, 2, 58, 60)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"is_paused": True}, "launch.paused"),
        ({"active_runs": 5}, "launch.concurrency"),
        ({"active_runs": 9}, "launch.concurrency"),
        ({"active_runs": 9, "concurrency_limit": 0}, None),
        ({"active_runs": 9, "concurrency_limit": None}, None),
        ({"starts_in_window": 60}, "launch.rate"),
        ({"starts_in_window": 99, "starts_per_minute": None}, None),
    ],
)
def test_the_refusal_is_the_one_that_the_launch_would_give(change: dict[str, object], code: str | None) -> None:
    gates = replace(OPEN, **change)  # type: ignore[arg-type]
    refusal = Headroom(gates, NOW).refusal
    assert (None if refusal is None else refusal.code) == code
    if refusal is not None:
        with pytest.raises(GateClosed) as raised:
            check_gates(gates)
        assert (raised.value.code, raised.value.message) == (refusal.code, refusal.message)


def test_what_is_left_is_never_negative_and_none_without_a_limit() -> None:
    assert (Headroom(OPEN, NOW).concurrency_left, Headroom(OPEN, NOW).rate_left) == (3, 2)
    over = Headroom(replace(OPEN, active_runs=8, starts_in_window=70), NOW)
    assert (over.concurrency_left, over.rate_left) == (0, 0)
    free = Headroom(replace(OPEN, concurrency_limit=0, starts_per_minute=None), NOW)
    assert (free.concurrency_left, free.rate_left) == (None, None)


def test_a_quota_that_is_not_known_is_not_used_up() -> None:
    assert not Headroom(OPEN, NOW, quota_unknown=QuotaUnknown.NO_COUNTER).quota_used_up
    quota = StepQuota(NOW, NOW + timedelta(days=30), used=150, limit=150, tier="pro")
    assert Headroom(OPEN, NOW, quota).quota_used_up
    assert Headroom(OPEN, NOW, replace(quota, used=151)).quota_used_up
    assert not Headroom(OPEN, NOW, replace(quota, limit=None)).quota_used_up
    assert replace(quota, used=149).left == 1
