"""A workflow on the contract's names that pauses on the quota as the reference does; our engine counts no steps yet."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from app.temporal import contract

DEAF_ONCE = "deaf-once"
"""``executionKey`` of a run whose first resume signal is lost on it."""


@workflow.defn(name=contract.WORKFLOW_TYPE)
class PausingRun:
    def __init__(self) -> None:
        self._signals = 0
        self._needed = 1
        self._wait: dict[str, Any] | None = None

    @workflow.run
    async def run(self, argument: dict[str, Any]) -> None:
        self._needed = 2 if argument["executionKey"].endswith(DEAF_ONCE) else 1
        descriptor = {"reason": "workflow_step_quota_exceeded"}
        self._wait = {"type": "quota", "stepPath": "root.steps[2]", "descriptor": descriptor}
        await workflow.wait_condition(lambda: self._signals >= self._needed)
        self._wait = None
        await workflow.wait_condition(lambda: False)

    @workflow.signal(name=contract.SIGNAL_QUOTA_RESUME)
    def resumed(self, _content: dict[str, Any]) -> None:
        self._signals += 1

    @workflow.query(name=contract.QUERY_CURRENT_WAIT)
    def current_wait(self) -> dict[str, Any] | None:
        return self._wait


def pausing_worker(client: Client) -> Worker:
    return Worker(
        client, task_queue=contract.TASK_QUEUE, workflows=[PausingRun], workflow_runner=UnsandboxedWorkflowRunner()
    )
