"""A workflow on the contract's names that ends in every way and projects nothing, as the reference does (F4, F13)."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from app.temporal import contract

DETAIL = {"category": "ActionError", "nodePath": "root.steps[4]", "at": "2026-11-24T00:00:00.000Z"}


@workflow.defn(name=contract.WORKFLOW_TYPE)
class ClosingRun:
    @workflow.run
    async def run(self, argument: dict[str, Any]) -> None:
        if argument["executionKey"] == "completed":
            return
        if argument["executionKey"] == "failed":
            raise ApplicationError("no such ticket", DETAIL, type="WorkflowRuntimeV2.ActionError", non_retryable=True)
        await workflow.wait_condition(lambda: False)


def closing_worker(client: Client) -> Worker:
    return Worker(
        client, task_queue=contract.TASK_QUEUE, workflows=[ClosingRun], workflow_runner=UnsandboxedWorkflowRunner()
    )
