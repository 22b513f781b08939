"""What workflow and activities say to each other: small dataclasses of JSON values, in clear in the history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LOAD = "rundeskLoadDefinition"
START_STEP = "rundeskProjectStepStart"
FINISH_STEP = "rundeskProjectStepEnd"
OPEN_WAIT = "rundeskProjectWaitOpen"
CLOSE_WAIT = "rundeskProjectWaitClose"
OPEN_HUMAN_TASK = "rundeskOpenHumanTask"
COMPLETE_HUMAN_TASK = "rundeskCompleteHumanTask"
WRITE_LOG = "rundeskWriteRunLog"
COMPLETE_RUN = "rundeskProjectRunEnd"
CANCEL_RUN = "rundeskProjectRunCancel"
OPEN_CHILD_RUN = "rundeskOpenChildRun"
EXECUTE_ACTION = "rundeskExecuteAction"
"""Activity type names, our own: a history tells by them which implementation wrote it."""


@dataclass(frozen=True)
class RunReference:
    """Which run, in texts as the workflow's argument has them."""

    run_id: str
    tenant: str | None


@dataclass(frozen=True)
class LoadRequest:
    """Asks for a run's definition and input.

    ``first`` marks the first execution of a chain; ``chain`` is that execution's Temporal run id.
    """

    run: RunReference
    first: bool
    chain: str = ""


@dataclass(frozen=True)
class LoadedRun:
    """A checked definition document and what the scopes begin with."""

    definition: dict[str, Any]
    definition_hash: str | None
    payload: dict[str, Any]
    meta: dict[str, Any]


@dataclass(frozen=True)
class StepStart:
    """A step begins. The workflow chooses ``step_id``, so that a repeated projection changes nothing.

    ``attempt`` is how often the path has been entered, None where only the rows know.
    """

    run: RunReference
    step_id: str
    step_path: str
    definition_step_id: str
    attempt: int | None = None


@dataclass(frozen=True)
class StepStarted:
    """The step has begun with this attempt; or it has not, since the quota allows none before ``paused_until``."""

    attempt: int
    paused_until: str | None = None


@dataclass(frozen=True)
class StepEnd:
    """A step ended SUCCEEDED or FAILED; ``error`` is the row's for the latter."""

    run: RunReference
    step_id: str
    status: str
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class WaitOpening:
    """A wait begins; ``timeout_at`` is ISO 8601."""

    run: RunReference
    wait_id: str
    step_path: str
    wait_type: str
    key: str | None
    event_name: str | None
    timeout_at: str | None
    payload: dict[str, Any]


@dataclass(frozen=True)
class WaitClosing:
    """A wait ends RESOLVED; ``added`` is merged into its payload. ``event_id`` marks the event row as matched."""

    run: RunReference
    wait_id: str
    step_path: str
    added: dict[str, Any] = field(default_factory=dict)
    event_id: str | None = None


@dataclass(frozen=True)
class HumanTaskOpening:
    """A human task begins: one task row, one wait row."""

    run: RunReference
    wait_id: str
    task_id: str
    step_path: str
    task_type: str
    title: str
    description: str | None
    context_data: dict[str, Any]


@dataclass(frozen=True)
class HumanTaskResponse:
    """A response to validate (unless overridden) and to store."""

    run: RunReference
    wait_id: str
    task_id: str
    step_path: str
    event_name: str
    response: dict[str, Any]
    override: bool
    log_id: str
    resolved_at: str


@dataclass(frozen=True)
class LogLine:
    """One ``workflow_run_logs`` row written by the engine."""

    run: RunReference
    log_id: str
    level: str
    message: str
    step_id: str | None = None
    step_path: str | None = None
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunEnd:
    """A run ends SUCCEEDED (``error`` None) or FAILED."""

    run: RunReference
    status: str
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class ChildOpening:
    """A child run begins, or begins again. The workflow chooses its id, the same for every attempt at the step."""

    parent: RunReference
    run_id: str
    workflow_id: str
    workflow_version: int
    step_path: str
    payload: dict[str, Any]

    @property
    def run(self) -> RunReference:
        """The child."""
        return RunReference(self.run_id, self.parent.tenant)


@dataclass(frozen=True)
class OpenedChild:
    """A child run has its row; ``root_run_id`` is the top of its tree."""

    root_run_id: str


@dataclass(frozen=True)
class ActionCall:
    """One attempt at an action. ``input`` may hold ``{"$secret": NAME}``; keys and secrets are resolved later."""

    run: RunReference
    step_id: str
    step_path: str
    action_id: str
    version: int
    input: dict[str, Any]
    idempotency_key: str | None


@dataclass(frozen=True)
class ActionResult:
    """What an action returned; ``cached`` when an earlier invocation with the same key had succeeded."""

    output: Any
    cached: bool = False
