"""The start of a step: its row and its place in the tenant's quota, with a pause while there is none (runtime.md 4.7).

A resume cannot be lost. The flag that the signal sets is cleared before the quota is asked and not after it refused: a
signal that arrives in between counts (F37), one from before the pause does not. And a run that nobody resumes asks
again by itself once the period that refused it has ended.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from app.engine import messages
from app.engine.definition import Step
from app.engine.instants import parse_instant
from app.engine.patience import wait_until
from app.engine.projecting import project_and_read
from app.engine.run_state import RunState

QUOTA_REASON = "workflow_step_quota_exceeded"
_LOOP_BODY = ".body."
_SPREAD_SECONDS = 60
"""Runs that a period's end wakes up do not all ask in the same second."""


async def begin_step(state: RunState, step: Step, step_id: str) -> None:
    """Start a step, when the quota allows it.

    Raises:
        RunFailure: The row cannot be written.
    """
    start = messages.StepStart(state.run, step_id, step.path, step.id, _next_attempt(state, step.path))
    while True:
        state.inbox.quota_resumed = False
        started = await project_and_read(messages.START_STEP, start, messages.StepStarted)
        if started.paused_until is None:
            break
        await _pause(state, step.path, started.paused_until)
    if _LOOP_BODY in step.path:
        state.attempts[step.path] = started.attempt


def _next_attempt(state: RunState, path: str) -> int | None:
    known = state.attempts.get(path)
    return None if known is None else known + 1


async def _pause(state: RunState, path: str, until: str) -> None:
    """Sleep until somebody resumes the run, or the period has ended."""
    state.current_wait = {"type": "quota", "stepPath": path, "descriptor": {"reason": QUOTA_REASON}}
    spread = timedelta(seconds=workflow.random().uniform(1, _SPREAD_SECONDS))
    await wait_until(state, parse_instant(until) + spread, lambda: state.inbox.quota_resumed)
    state.current_wait = None
