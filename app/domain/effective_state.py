"""What a run is really doing, derived from its row and its open wait (rulings.md, runtime.md 8.1).

The stored status alone misleads: RUNNING covers waits for events, times and people, and FAILED is final only
together with ``completed_at`` (F39).
"""

from __future__ import annotations

from datetime import datetime

from app.domain.run import EffectiveState, OpenWait, RunStatus, WaitType

_WAITING_FOR: dict[str, EffectiveState] = {
    WaitType.EVENT: EffectiveState.WAITING_EVENT,
    WaitType.TIME: EffectiveState.WAITING_TIME,
    WaitType.HUMAN: EffectiveState.WAITING_HUMAN,
    WaitType.QUOTA: EffectiveState.WAITING_QUOTA,
    "retry": EffectiveState.RETRYING,  # written by the removed database engine only
}
_CLOSED: dict[str, EffectiveState] = {
    RunStatus.SUCCEEDED: EffectiveState.SUCCEEDED,
    RunStatus.FAILED: EffectiveState.FAILED,
    RunStatus.CANCELED: EffectiveState.CANCELED,
}
_CLOSING: dict[str, EffectiveState] = {
    RunStatus.SUCCEEDED: EffectiveState.EXECUTING,
    RunStatus.FAILED: EffectiveState.FAILING,
    RunStatus.CANCELED: EffectiveState.CANCELING,
}


def effective_state(
    status: str, completed_at: datetime | None, has_steps: bool, open_wait: OpenWait | None
) -> EffectiveState:
    """Return what the run is doing. An unknown status or wait type is UNKNOWN, never guessed."""
    if status in _CLOSED:
        return _CLOSING[status] if completed_at is None else _CLOSED[status]
    if status == RunStatus.WAITING:  # written by the quota pause, and by the removed engine for every wait
        wait_type = WaitType.QUOTA if open_wait is None else open_wait.wait_type
        return _WAITING_FOR.get(wait_type, EffectiveState.UNKNOWN)
    if status != RunStatus.RUNNING:
        return EffectiveState.UNKNOWN
    if open_wait is not None:
        return _WAITING_FOR.get(open_wait.wait_type, EffectiveState.UNKNOWN)
    return EffectiveState.EXECUTING if has_steps else EffectiveState.QUEUED
