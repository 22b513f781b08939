"""Repairs: what each one is, the facts it is judged by, and a plan that says exactly what will be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.run import JsonValue, RunKey


class RepairAction(StrEnum):
    """The repairs by name (rulings.md, "Repair actions")."""

    COMPLETE_LAUNCH = "complete-launch"
    FAIL_LAUNCH = "fail-launch"
    PROJECT_CLOSE = "project-close"
    RELEASE_HUMAN_TASK = "release-human-task"
    DELIVER_EVENT = "deliver-event"


NEEDS_REPAIR_MODE: frozenset[RepairAction] = frozenset({RepairAction.PROJECT_CLOSE, RepairAction.DELIVER_EVENT})
"""Repairs that are off until somebody switches the repair mode on: they write what only the engine else writes."""

OPERATIONS: dict[RepairAction, str] = {
    RepairAction.COMPLETE_LAUNCH: "workflow_run_repair",
    RepairAction.FAIL_LAUNCH: "workflow_run_repair",
    RepairAction.PROJECT_CLOSE: "workflow_run_repair",
    RepairAction.RELEASE_HUMAN_TASK: "workflow_run_release_task",
    RepairAction.DELIVER_EVENT: "workflow_run_deliver_event",
}
"""``audit_logs.operation`` of each repair (rulings.md, "Audit operations")."""
REPAIR_STAGE = "repair"
"""``error_json.stage`` of a run whose end a repair projected and no worker could (rulings.md)."""
FAIL_LAUNCH_AFTER_SECONDS = 60.0
"""Age under which a launch may still be under way, so that it is not failed."""


@dataclass(frozen=True, slots=True)
class OpenWaitFacts:
    """A wait in status WAITING. ``key`` is a task id or correlation key, as stored."""

    wait_id: UUID
    wait_type: str
    step_path: str
    key: str | None
    event_name: str | None
    timeout_at: datetime | None


@dataclass(frozen=True, slots=True)
class RepairFacts:
    """What the rows say of a run that is to be repaired, in one snapshot.

    ``started_steps`` are the paths of its STARTED steps, ``open_tasks`` its pending or claimed human tasks.
    ``launch_failed``: the row says that the launch failed, which the execution may know better (F30).
    """

    key: RunKey
    status: str
    engine: str | None
    started_at: datetime
    completed_at: datetime | None
    age_seconds: float
    workflow_id: UUID
    workflow_version: int
    trigger_type: str | None
    trigger_fire_key: str | None
    parent_run_id: UUID | None
    temporal_workflow_id: str | None
    temporal_run_id: str | None
    semantics_version: str | None
    has_steps: bool
    started_steps: tuple[str, ...]
    open_waits: tuple[OpenWaitFacts, ...]
    open_tasks: tuple[UUID, ...]
    launch_failed: bool = False
    has_waits: bool = False


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One write: ``target`` is a table or ``temporal``, ``record`` what in it, ``changes`` the new values."""

    target: str
    record: str
    changes: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What a repair would write now. ``cautions`` are what the operator should know before confirming."""

    action: RepairAction
    key: RunKey
    writes: tuple[PlannedWrite, ...]
    cautions: tuple[str, ...] = ()

    @property
    def needs_repair_mode(self) -> bool:
        """Whether applying is refused while the repair mode is off."""
        return self.action in NEEDS_REPAIR_MODE


@dataclass(frozen=True, slots=True)
class ClosedProjection:
    """The end that a closed execution should have projected: of the run, its STARTED steps, waits and tasks.

    ``error`` None leaves ``error_json`` as it is for a canceled run and clears it for another.
    """

    run_status: str
    step_status: str
    completed_at: datetime
    error: dict[str, JsonValue] | None = None
    keeps_error: bool = False


@dataclass(frozen=True, slots=True)
class SealedPayload:
    """A stored payload on its way from Postgres to Temporal, and to nothing else: it is never shown."""

    value: JsonValue = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A row of ``workflow_runtime_events`` that may be delivered again."""

    event_id: UUID
    event_name: str
    correlation_key: str | None
    payload: SealedPayload
