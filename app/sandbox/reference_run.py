"""A stand-in for the product's own worker: executions that do to their rows what the reference does, faults included.

Our engine corrects those faults, so that no run of ours shows them. The stand-in has a workflow type of its own, which
the sandbox's worker executes beside the engine's. It projects nothing: what the reference has written by then, the
scenario writes.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from app.domain.run import RunStatus
from app.engine import messages
from app.engine.activities import ProjectionActivities
from app.engine.projecting import project
from app.postgres.database import Database
from app.temporal import contract

REFERENCE_TYPE = "rundeskSandboxReferenceRun"
LOAD_ACTIVITY = "loadWorkflowRuntimeV2PinnedDefinition"
ACTION_ACTIVITY = "executeWorkflowRuntimeV2ActionStep"
"""The reference's own names, by which a history tells what an activity was for."""
UNSERVED_QUEUE = "workflow-runtime-v2-actions"
"""A task queue that no worker of the sandbox polls."""


class Behaviour(StrEnum):
    """What the execution does; ``last`` is to stay open."""

    COMPLETE = "complete"
    FAIL = "fail"
    LOAD = "load"
    LAST = "last"
    PAUSE = "pause"
    ACT_ELSEWHERE = "act_elsewhere"
    HAVE_CHILD = "have_child"


@workflow.defn(name=REFERENCE_TYPE)
class ReferenceRun:
    """One run. Its argument is the contract's start object with ``behaviour``.

    To have a child, also ``child``, that one's argument, and ``child_type``, its workflow type, our own unless given.
    """

    @workflow.init
    def __init__(self, argument: dict[str, Any]) -> None:
        self._run = messages.RunReference(argument["runId"], argument["tenantId"])
        self._paused = argument["behaviour"] == Behaviour.PAUSE

    @workflow.run
    async def run(self, argument: dict[str, Any]) -> None:
        """Behave.

        Raises:
            ApplicationError: as the reference fails.
        """
        match argument["behaviour"]:
            case Behaviour.COMPLETE:
                return
            case Behaviour.FAIL:
                raise ApplicationError(
                    "The remote side refused the request", type="WorkflowRuntimeV2.ActionError", non_retryable=True
                )
            case Behaviour.LOAD:
                await _once(LOAD_ACTIVITY, messages.LoadRequest(self._run, first=True), contract.TASK_QUEUE)
            case Behaviour.PAUSE:
                await workflow.wait_condition(lambda: not self._paused)
                await project(messages.COMPLETE_RUN, messages.RunEnd(self._run, RunStatus.SUCCEEDED))
            case Behaviour.ACT_ELSEWHERE:
                await _once(ACTION_ACTIVITY, {}, UNSERVED_QUEUE)
            case Behaviour.HAVE_CHILD:
                child, kind = argument["child"], argument.get("child_type", REFERENCE_TYPE)
                await workflow.execute_child_workflow(kind, child, id=contract.workflow_id_of(child["runId"]))
            case _:
                await workflow.wait_condition(lambda: False)

    @workflow.signal(name=contract.SIGNAL_QUOTA_RESUME)
    def on_quota_resume(self, _content: Any) -> None:
        """Go on."""
        self._paused = False

    @workflow.query(name=contract.QUERY_CURRENT_WAIT)
    def current_wait(self) -> dict[str, Any] | None:
        """Return the pause, while there is one."""
        return {"type": "quota", "stepPath": "root.steps[0]"} if self._paused else None


class ReferenceActivities:
    """The stand-in's activity: it looks at the definition in the database as the reference does before it begins."""

    def __init__(self, database: Database) -> None:
        self._projection = ProjectionActivities(database)

    @activity.defn(name=LOAD_ACTIVITY)
    async def load(self, request: messages.LoadRequest) -> None:
        """Fail when the version differs from what was launched; else do nothing."""
        await self._projection.load(request)


async def _once(name: str, request: Any, queue: str) -> None:
    """Execute an activity with the reference's single attempt."""
    await workflow.execute_activity(
        name,
        request,
        task_queue=queue,
        start_to_close_timeout=timedelta(minutes=10),
        retry_policy=RetryPolicy(maximum_attempts=1),
    )
