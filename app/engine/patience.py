"""Waiting inside the workflow, for as long as it takes: a long history hands the wait over to the next execution."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from app.engine.run_state import RunState

_NO_TIME = timedelta(milliseconds=1)
"""Timers count whole milliseconds, so that one may fire this much early."""


def _never() -> bool:
    return False


async def wait_until(state: RunState, until: datetime | None, condition: Callable[[], bool] = _never) -> None:
    """Return when the condition holds or the instant has come, whichever is first.

    Where it cannot be waited for any longer in this execution, the next one begins the step under way again; so what a
    wait needs to go on is in ``state.under_way`` before this is called.
    """
    while not condition() and (until is None or until - workflow.now() > _NO_TIME):
        remaining = None if until is None else until - workflow.now()
        with contextlib.suppress(TimeoutError):  # whoever waits asks what has come: both may come together
            await workflow.wait_condition(lambda: condition() or state.chain.is_due(state), timeout=remaining)
        if not condition():
            state.chain.continue_if_due(state)
