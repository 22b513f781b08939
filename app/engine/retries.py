"""When a failed step is tried again, and after how long."""

from __future__ import annotations

import math
from random import Random

from app.engine.definition import RetryPolicy
from app.engine.failures import StepFailure

_LONGEST_DELAY_MS = 24 * 3600 * 1000
"""A policy without ``maxDelayMs`` never waits longer than a day between attempts."""


def tries_again(policy: RetryPolicy | None, failure: StepFailure, attempt: int) -> bool:
    """Say whether attempt number ``attempt`` (from 1), having failed, is followed by another one."""
    if policy is None or failure.final or attempt >= policy.max_attempts:
        return False
    return not policy.retry_on or failure.category in policy.retry_on


def delay_seconds(policy: RetryPolicy, attempt: int, random: Random) -> float:
    """Return the pause after attempt ``attempt``: exponential, capped, with jitter between half and the whole."""
    limit = _LONGEST_DELAY_MS if policy.max_delay_ms is None else policy.max_delay_ms
    try:
        milliseconds = min(policy.backoff_ms * policy.multiplier ** (attempt - 1), limit)
    except OverflowError:
        milliseconds = limit
    if policy.jitter:
        milliseconds *= 0.5 + random.random() / 2
    return math.floor(milliseconds) / 1000
