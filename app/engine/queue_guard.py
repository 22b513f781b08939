"""Keeps a worker off a queue that another kind of worker serves (runtime.md 2.5).

A history that one implementation wrote cannot in general be replayed by another, so two kinds must not share a queue
while executions of the other one are open. Who polls, the queue's description tells by identity; an idle poller asks
each 55 seconds, and one that has not asked for 70 is gone. Who wrote a history, its last completed workflow task tells.
A worker of ours is known by the beginning of its identity, so that a crashed one locks nobody out (stack-facts.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    GetWorkflowExecutionHistoryReverseRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from app.domain.errors import ActionRefused
from app.domain.execution import LIVE_POLLER_SECONDS
from app.temporal.contract import TASK_QUEUE, WORKFLOW_TYPE

RPC_TIMEOUT = timedelta(seconds=5)
_EXECUTIONS_A_PAGE = 500
_READ_AT_ONCE = 16
_EVENTS_A_PAGE = 50
_OPEN = f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running' AND TaskQueue = '{TASK_QUEUE}'"
_KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


class QueueGuard:
    """Looks at the contract's queue of one namespace.

    Args:
        client: Connected to the namespace.
        own_prefix: How identities of workers of ours begin.
        clock: A second clock, the database's: this computer's alone, set wrong, must not make a worker look gone.
    """

    def __init__(self, client: Client, own_prefix: str, clock: Callable[[], Awaitable[datetime]]) -> None:
        self._client = client
        self._own_prefix = own_prefix
        self._clock = clock

    async def require_own_queue(self) -> None:
        """Check pollers and histories. ActionRefused; EnvironmentFailure or RPCError: a server is away."""
        await self.require_no_foreign_poller()
        await self._require_own_histories()

    async def require_no_foreign_poller(self) -> None:
        """Check pollers alone; as :meth:`require_own_queue`."""
        for poller in await self._live_pollers():
            if not self._is_own(poller.identity):
                raise ActionRefused(
                    "worker.foreign_worker",
                    f"Another worker, {poller.identity or 'nameless'}, serves {TASK_QUEUE} in namespace "
                    f"{self._client.namespace}: it asked for work less than {LIVE_POLLER_SECONDS} seconds ago. Two "
                    "kinds of workers must not share a queue: each would break the other's runs. Stop that worker and "
                    "wait, or use another namespace.",
                    identity=poller.identity,
                )

    async def polls(self, identity: str) -> bool:
        """Say whether a worker is alive by Temporal's word. EnvironmentFailure, RPCError."""
        return any(poller.identity == identity for poller in await self._live_pollers())

    async def _live_pollers(self) -> list[PollerInfo]:
        answers = await asyncio.gather(*(self._pollers(kind) for kind in _KINDS))
        now = min(datetime.now(UTC), await self._clock())
        return [poller for pollers in answers for poller in pollers if _is_live(poller, now)]

    async def _pollers(self, kind: TaskQueueType.ValueType) -> list[PollerInfo]:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace, task_queue=TaskQueue(name=TASK_QUEUE), task_queue_type=kind
        )
        answer = await self._client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
        return list(answer.pollers)

    async def _require_own_histories(self) -> None:
        room = asyncio.Semaphore(_READ_AT_ONCE)

        async def check(execution: WorkflowExecution) -> None:
            async with room:
                writer = await self._writer(execution)
            if writer is not None and not self._is_own(writer):
                raise _foreign_history(execution.workflow_id, writer)

        async for page in self._open_executions():
            await asyncio.gather(*(check(execution) for execution in page))

    async def _open_executions(self) -> AsyncIterator[list[WorkflowExecution]]:
        request = ListWorkflowExecutionsRequest(
            namespace=self._client.namespace, page_size=_EXECUTIONS_A_PAGE, query=_OPEN
        )
        while True:
            page = await self._client.workflow_service.list_workflow_executions(request, timeout=RPC_TIMEOUT)
            yield [info.execution for info in page.executions]
            if not page.next_page_token:
                return
            request.next_page_token = page.next_page_token

    async def _writer(self, execution: WorkflowExecution) -> str | None:
        """Return who completed the execution's last workflow task; None when nobody has, or it is gone."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace, execution=execution, maximum_page_size=_EVENTS_A_PAGE
        )
        service = self._client.workflow_service
        try:
            while True:
                page = await service.get_workflow_execution_history_reverse(request, timeout=RPC_TIMEOUT)
                for event in page.history.events:
                    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                        return event.workflow_task_completed_event_attributes.identity
                if not page.next_page_token:
                    return None
                request.next_page_token = page.next_page_token
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise

    def _is_own(self, identity: str) -> bool:
        return identity.startswith(self._own_prefix)


def _foreign_history(workflow_id: str, writer: str) -> ActionRefused:
    return ActionRefused(
        "worker.foreign_history",
        f"The execution {workflow_id} is open, and its history was written by another worker ({writer}). This worker "
        "would fail it, so it serves nothing here. Let the other worker end its runs first, or use another namespace.",
        workflow_id=workflow_id,
        identity=writer,
    )


def _is_live(poller: PollerInfo, now: datetime) -> bool:
    return (now - poller.last_access_time.ToDatetime(tzinfo=UTC)).total_seconds() < LIVE_POLLER_SECONDS
