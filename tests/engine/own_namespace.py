"""A Temporal namespace of a test's own: who polls there, and whose histories are open, no other test decides."""

from __future__ import annotations

from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeTaskQueueRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from app.temporal.contract import TASK_QUEUE
from tests.engine.bench import until


async def new_namespace(address: str) -> Client:
    """Register a namespace and return a client of it once every part of the server knows it."""
    name = f"test-{uuid4().hex[:12]}"
    client = await Client.connect(address, namespace=name)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=Duration(seconds=86_400))
    )

    async def known() -> bool:
        service = client.workflow_service
        queue = DescribeTaskQueueRequest(
            namespace=name,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            await service.describe_task_queue(queue)
            await service.count_workflow_executions(CountWorkflowExecutionsRequest(namespace=name))
        except RPCError:
            return False
        return True

    await until(known, 60)
    return client
