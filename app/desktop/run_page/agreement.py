"""Whether the stored row and Temporal's execution say the same. No Qt."""

from __future__ import annotations

from enum import StrEnum

from app.domain.execution import ExecutionStatus
from app.domain.run import ACTIVE_STATUSES, ENGINE_TEMPORAL, RunRow, RunStatus
from app.services.inspect_run import ExecutionView

_SAME: dict[str, frozenset[ExecutionStatus]] = {
    RunStatus.RUNNING: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW}),
    RunStatus.WAITING: frozenset({ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW}),
    RunStatus.SUCCEEDED: frozenset({ExecutionStatus.COMPLETED}),
    RunStatus.FAILED: frozenset({ExecutionStatus.FAILED, ExecutionStatus.TERMINATED, ExecutionStatus.TIMED_OUT}),
    RunStatus.CANCELED: frozenset({ExecutionStatus.CANCELED}),
}
"""A terminated or timed-out execution is projected as FAILED (rulings.md, "Repair actions")."""


class Agreement(StrEnum):
    """How the two sides of a run compare."""

    AGREES = "agrees"
    DIFFERS = "differs"
    MISSING = "missing"
    GONE = "gone"
    UNREACHABLE = "unreachable"
    NOT_TEMPORAL = "not_temporal"


def agreement(row: RunRow, view: ExecutionView) -> Agreement:
    """Compare a row with what Temporal said about it.

    ``missing``: an active row without an execution. ``gone``: an ended row whose execution Temporal no longer keeps.
    """
    if row.engine != ENGINE_TEMPORAL:
        return Agreement.NOT_TEMPORAL
    if view.problem is not None:
        return Agreement.UNREACHABLE
    if view.facts is None:
        return Agreement.MISSING if row.status in ACTIVE_STATUSES else Agreement.GONE
    same = view.facts.status in _SAME.get(row.status, frozenset())
    return Agreement.AGREES if same else Agreement.DIFFERS
