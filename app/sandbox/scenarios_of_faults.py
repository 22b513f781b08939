"""Known faults of the reference engine: closed runs with the rows that each leaves behind (runtime.md section 10).

F24, F27, F28, F30, F35 and F36 show on the scenarios of their causes. F38 would need an execution that is thirty days
old, which cannot be had without back-dating what stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.domain.run import InvocationStatus, RunKey, RunStatus, StepStatus
from app.postgres.run_predicates import REPLAY_OF
from app.sandbox.reference_run import Behaviour
from app.sandbox.scenario_stage import Scenario, Stage
from app.sandbox.seed_identity import TENANT, demo_id
from app.sandbox.seed_steps import Json

_GENERIC = "Activity task failed"
_DUPLICATE = 'duplicate key value violates unique constraint "workflow_action_invocations_idempotency_unique"'
_CANCEL_LOG = "Run canceled by operator"


@dataclass(frozen=True, slots=True)
class Trace:
    """What a closed run of the reference looks like: columns of its row, of its only step and of its invocation.

    ``outside`` says that Temporal was asked to cancel the execution, ``log`` is a line of the run's log.
    """

    behaviour: Behaviour
    status: RunStatus
    run: Json = field(default_factory=dict)
    step: StepStatus = StepStatus.FAILED
    step_error: Json | None = None
    invocation: Json | None = None
    canceled: bool = False
    log: str | None = None

    async def leave(self, stage: Stage, scenario: Scenario) -> None:
        """Execute the run and write what the reference writes about it."""
        await stage.admit(scenario)
        if (await stage.row(scenario)).completed_at is not None:
            return  # by an earlier seeding that was interrupted
        await stage.behave(scenario, self.behaviour)
        asked = datetime.now(UTC)
        if self.canceled:
            await stage.handle(scenario).cancel()
        await stage.until_closed(scenario)
        ended = datetime.now(UTC)
        open_still = self.step is StepStatus.STARTED
        await stage.step(
            scenario, status=self.step, error_json=self.step_error, completed_at=None if open_still else ended
        )
        if self.invocation is not None:
            await self._write_invocation(stage, scenario, ended)
        if self.log is not None:
            line = {"level": "WARN", "message": self.log}
            await stage.below(scenario, "workflow_run_logs", "log_id", "cancel", line)
        completed = asked if self.canceled else ended  # the cancel's own rows come before the execution's end
        await stage.set_run(scenario, status=self.status, completed_at=completed, node_path=None, **self.run)

    async def _write_invocation(self, stage: Stage, scenario: Scenario, ended: datetime) -> None:
        columns: dict[str, Any] = {
            "step_path": "root.steps[0]",
            "action_id": "demo.flaky",
            "action_version": 1,
            "idempotency_key": f"{TENANT}:{scenario.run_id}:root.steps[0]",
            "status": InvocationStatus.FAILED,
            "started_at": ended,
            "completed_at": ended,
            **(self.invocation or {}),
        }
        await stage.below(scenario, "workflow_action_invocations", "invocation_id", "only", columns)


async def _waits_without_timeout(stage: Stage, scenario: Scenario) -> None:
    await stage.play(scenario, Behaviour.LAST)
    await stage.wait(scenario, wait_type="event", event_name="TICKET_REPLIED", key=scenario.name)


async def _refused_answer(stage: Stage, scenario: Scenario) -> None:
    error = {"message": "Human task response validation failed"}
    trace = Trace(Behaviour.FAIL, RunStatus.FAILED, {"error_json": error}, step_error=error)
    await trace.leave(stage, scenario)
    await stage.wait(scenario, wait_type="human", status="CANCELED", resolved_at=datetime.now(UTC))


async def _refused_replay(stage: Stage, scenario: Scenario) -> None:
    await stage.admit(scenario)
    await stage.tools.writer.fail_launch(RunKey(TENANT, scenario.run_id), "Payload failed validation", {})
    source = {REPLAY_OF: str(demo_id("run", "legacy:finished"))}
    await stage.set_run(scenario, engine=None, trigger_metadata_json=source)


def _failed(message: str, **more: Any) -> Trace:
    error = {"message": message, "nodePath": "root.steps[0]"}
    return Trace(Behaviour.FAIL, RunStatus.FAILED, {"error_json": error}, step_error={"message": message}, **more)


_CANCELED = RunStatus.CANCELED
_TRACES = {
    "F2-step-250": _failed("Workflow continued as new"),
    "F5-text-taken-for-cancel": Trace(Behaviour.FAIL, _CANCELED, step=StepStatus.CANCELED),
    "F10-single-item": _failed("items did not evaluate to an array"),
    "F12-expression-time": _failed("Expression evaluation exceeded 25ms"),
    "F14-written-after-cancel": Trace(
        Behaviour.LAST,
        _CANCELED,
        step=StepStatus.CANCELED,
        invocation={"status": InvocationStatus.SUCCEEDED},
        canceled=True,
        log=_CANCEL_LOG,
    ),
    "F15-canceled-when-finished": Trace(Behaviour.COMPLETE, _CANCELED, step=StepStatus.SUCCEEDED, log=_CANCEL_LOG),
    "F17-left-open": Trace(Behaviour.LAST, _CANCELED, step=StepStatus.STARTED, canceled=True, log=_CANCEL_LOG),
    "F19-generic-text": _failed(_GENERIC, invocation={"error_message": "The remote side refused the request"}),
    "F20-own-attempt": _failed(_GENERIC, invocation={"error_message": _DUPLICATE}),
    "F22-swallowed": Trace(
        Behaviour.COMPLETE,
        RunStatus.SUCCEEDED,
        step=StepStatus.SUCCEEDED,
        invocation={"error_message": "The remote side refused the request"},
    ),
    "F39-stale-error": Trace(
        Behaviour.COMPLETE,
        RunStatus.SUCCEEDED,
        {"error_json": {"message": "The remote side refused the request", "nodePath": "root.steps[0]"}},
        step=StepStatus.SUCCEEDED,
    ),
}
SCENARIOS_OF_FAULTS = (
    Scenario("F1-no-timeout", "Waits for an event without a timeout.", _waits_without_timeout),
    *(
        Scenario(name, f"Shows {name.partition('-')[0]} of the reference engine.", t.leave)
        for name, t in _TRACES.items()
    ),
    Scenario("F29-refused-answer", "Its person's answer did not fit the form.", _refused_answer),
    Scenario("F34-refused-replay", "What a refused replay left behind.", _refused_replay),
)
