"""Scenarios of queues, workers and work: S01 to S07, S11, S17 and S20."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from temporalio.api.deployment.v1 import WorkerDeploymentOptions
from temporalio.api.enums.v1 import WorkerVersioningMode
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest
from temporalio.common import PinnedVersioningOverride, WorkerDeploymentVersion
from temporalio.service import RPCError

from app.engine.worker import IDENTITY_PREFIX
from app.sandbox.reference_run import Behaviour
from app.sandbox.scenario_stage import Scenario, Stage, reference_argument
from app.sandbox.seed_steps import DAY_MS, HOUR_MS, MINUTE_MS, Call, Retries, call, pause, work
from app.temporal.contract import TASK_QUEUE

OLD_QUEUE = "workflow-runtime-v1"
_UNKNOWN_TYPE = "workflowRuntimeV3RunWorkflow"
_RETIRED = WorkerDeploymentVersion("workflow-worker", "2026.10")
_RETIRED_WORKER = f"{IDENTITY_PREFIX}retired:2026.10"
"""One of ours: beside a stranger's, the worker that seeding needs would stop."""
_ONE_POLL = timedelta(seconds=3)
_NAP = pause("nap", "Wait an hour", HOUR_MS)
_IN_THE_PAST = timedelta(minutes=5)
"""How long ago a time lies that a definition names as the end of a wait."""


async def _launched(stage: Stage, scenario: Scenario) -> None:
    await stage.launch(scenario)


async def _pinned_to_a_retired_build(stage: Stage, scenario: Scenario) -> None:
    """Let a worker build ask once and go, then start the run for that build: those who poll may not take it."""
    await stage.admit(scenario)
    if await stage.has_execution(scenario):
        return  # by an earlier seeding; another poll for that build would take its task
    service, namespace = stage.tools.client.workflow_service, stage.tools.client.namespace
    poll = PollWorkflowTaskQueueRequest(
        namespace=namespace,
        task_queue=TaskQueue(name=TASK_QUEUE),
        identity=_RETIRED_WORKER,
        deployment_options=WorkerDeploymentOptions(
            deployment_name=_RETIRED.deployment_name,
            build_id=_RETIRED.build_id,
            worker_versioning_mode=WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED,
        ),
    )

    async def started() -> bool:
        with suppress(RPCError):  # a poll without a task ends with its deadline; until the build is known, a refusal
            await service.poll_workflow_task_queue(poll, timeout=_ONE_POLL)
        with suppress(RPCError):
            await stage.start(scenario, version=PinnedVersioningOverride(_RETIRED))
            return True
        return False

    await stage.until(scenario, started)


async def _of_an_unknown_type(stage: Stage, scenario: Scenario) -> None:
    await stage.admit(scenario)
    await stage.start(scenario, workflow_type=_UNKNOWN_TYPE)


async def _on_another_queue(stage: Stage, scenario: Scenario) -> None:
    await stage.admit(scenario)
    await stage.start(scenario, queue=OLD_QUEUE)


async def _without_a_taker(stage: Stage, scenario: Scenario) -> None:
    await stage.play(scenario, Behaviour.ACT_ELSEWHERE)


async def _failed_once(stage: Stage, scenario: Scenario) -> None:
    await stage.launch(scenario)
    await stage.until_failed_once(scenario)


async def _waiting(stage: Stage, scenario: Scenario) -> None:
    await stage.launch(scenario)
    await stage.until_waiting(scenario)


async def _for_a_time_that_was_past(stage: Stage, scenario: Scenario) -> None:
    """Open a wait until a moment that has passed, for which the worker never set a timer."""
    await stage.play(scenario, Behaviour.LAST)
    await stage.wait(scenario, wait_type="time", timeout_at=datetime.now(UTC) - _IN_THE_PAST)


async def _with_a_stuck_child(stage: Stage, scenario: Scenario) -> None:
    await stage.admit(CHILD)
    await stage.set_run(CHILD, parent_run_id=scenario.run_id, root_run_id=scenario.run_id)
    await stage.step(CHILD)
    child = reference_argument(CHILD, Behaviour.ACT_ELSEWHERE)
    await stage.play(scenario, Behaviour.HAVE_CHILD, child=child)


async def _by_the_parent(_stage: Stage, _scenario: Scenario) -> None:
    """Do nothing: the parent's scenario starts it."""


CHILD = Scenario(
    "S04-child", "The child of S11-child-stuck: its activity lies on a queue nobody polls.", _by_the_parent
)
NO_WORKER = Scenario("S01-no-pollers", "Launched while no worker was running.", _launched, [_NAP])
"""Arranged last, once the worker has been stopped."""
SCENARIOS_OF_WORKERS = (
    Scenario("S02-backlog", "Started for a worker build that is gone; others poll.", _pinned_to_a_retired_build),
    Scenario("S03-failing", "Of a workflow type that the worker does not know.", _of_an_unknown_type),
    Scenario("S04-no-pollers", "Its activity lies on a queue nobody polls.", _without_a_taker),
    Scenario("S05-in-flight", "Its action hangs.", _launched, [work("hang", "Hang for nine minutes", 9 * MINUTE_MS)]),
    Scenario(
        "S06-backoff",
        "Its action failed; the retry lies hours ahead.",
        _failed_once,
        [call("fail", "Fail", Call("demo.fail", {}, retries=Retries(5, 6 * HOUR_MS)))],
    ),
    Scenario("S07-on-schedule", "Waits for a time, as it should.", _waiting, [pause("nap", "Nap", 6 * HOUR_MS)]),
    Scenario("S07-overdue", "Waits for a time that has passed.", _for_a_time_that_was_past),
    Scenario("S11-child-stuck", "Waits for a child run that is stuck.", _with_a_stuck_child),
    CHILD,
    Scenario(
        "S17-before-due",
        "Waits for longer than its execution lives.",
        _waiting,
        [pause("nap", "Wait two months", 60 * DAY_MS)],
    ),
    Scenario("S20-unserved", "Started on the task queue of an older release.", _on_another_queue, [_NAP]),
)
