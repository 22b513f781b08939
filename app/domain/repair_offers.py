"""Which way out fits a run by its rows alone: what a page may offer before either side is asked.

An offer promises nothing. The repair itself judges fresh facts and asks Temporal (:mod:`app.domain.repair_rules`).
"""

from __future__ import annotations

from app.domain.repair import RepairAction
from app.domain.run import (
    ENGINE_TEMPORAL,
    TERMINAL_STATUSES,
    RunInspection,
    RunStatus,
    Wait,
    WaitStatus,
    WaitType,
)


def offers_repair(action: RepairAction, inspection: RunInspection) -> bool:
    """Say whether a repair could fit this run."""
    row = inspection.run.row
    if row.engine != ENGINE_TEMPORAL:
        return False
    if row.status in TERMINAL_STATUSES and row.completed_at is not None:
        return action is RepairAction.COMPLETE_LAUNCH and _has_failed_at_launch(inspection)
    if action in (RepairAction.COMPLETE_LAUNCH, RepairAction.FAIL_LAUNCH):
        return row.status == RunStatus.RUNNING and not inspection.steps
    if action is RepairAction.RELEASE_HUMAN_TASK:
        return any(_is_open(wait, WaitType.HUMAN) for wait in inspection.waits)
    if action is RepairAction.DELIVER_EVENT:
        return any(_is_open(wait, WaitType.EVENT) for wait in inspection.waits)
    return True


def offers_quota_resume(inspection: RunInspection) -> bool:
    """Say whether the run pauses on the quota, or may have lost the signal that ended its pause (runtime.md F36)."""
    row = inspection.run.row
    pauses = [wait for wait in inspection.waits if wait.wait_type == WaitType.QUOTA]
    if row.engine != ENGINE_TEMPORAL or not pauses:
        return False
    if row.status == RunStatus.WAITING:
        return any(wait.status == WaitStatus.WAITING for wait in pauses)
    newest = max(pauses, key=lambda wait: wait.created_at)
    went_on = any(
        step.step_path == newest.step_path and step.started_at >= newest.created_at for step in inspection.steps
    )
    resolved = newest.status == WaitStatus.RESOLVED and newest.step_path == row.node_path
    return row.status == RunStatus.RUNNING and resolved and not went_on


def _has_failed_at_launch(inspection: RunInspection) -> bool:
    """Say whether the row calls the launch failed, which Temporal may know better (runtime.md F30)."""
    error = inspection.run.error_json
    return inspection.run.row.status == RunStatus.FAILED and isinstance(error, dict) and error.get("stage") == "launch"


def _is_open(wait: Wait, wait_type: WaitType) -> bool:
    return wait.wait_type == wait_type and wait.status == WaitStatus.WAITING
