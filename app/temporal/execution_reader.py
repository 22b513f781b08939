"""Reads executions, queues and queries for diagnosis, on one namespace.

Implements :class:`app.services.diagnosis_ports.ExecutionReader`. Every call has a deadline of its own. Queues and
retention are remembered for some seconds, as every run of a batch asks for the same ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkflowExecutionRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import WorkflowService

from app.domain.diagnosis.execution_facts import CurrentWait, Execution, HistoryTail, Pollers, QueueState
from app.domain.errors import TemporalUnavailable
from app.domain.execution import ExecutionStatus
from app.temporal.contract import QUERY_CURRENT_WAIT, TASK_QUEUE, WORKFLOW_ID_PREFIX, WORKFLOW_TYPE, workflow_id_of
from app.temporal.execution_history import read_tail
from app.temporal.execution_pending import described_execution, listed_execution
from app.temporal.gateway import RPC_TIMEOUT, TemporalGateway
from app.temporal.stamps import moment_of

T = TypeVar("T")

ASKED_AT_ONCE = 1000
"""Run ids in one visibility query."""
LISTED_RATHER = 32
"""So few runs are listed at once."""
_WORTH_COUNTING = 0.9
"""Share of presumed runs below which the rest is not searched by counting."""
_RUNNING = Execution(ExecutionStatus.RUNNING, TASK_QUEUE, started_at=None, closed_at=None)
REMEMBERED_SECONDS = 3.0
NAMESPACE_REMEMBERED_SECONDS = 300.0
QUERY_TIMEOUT = timedelta(seconds=2)
"""A query needs a living worker; without one it would only wait."""


class TemporalExecutionReader:
    """Reads through the connection of a gateway.

    Args:
        gateway: Owns client and deadline.
        clock: Monotonic seconds, for what is remembered.
    """

    def __init__(self, gateway: TemporalGateway, clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self._clock = clock
        self._remembered: dict[str, tuple[float, Any]] = {}

    async def listed(self, run_ids: tuple[UUID, ...], *, presumed_open: bool) -> dict[UUID, Execution]:
        """Return what the visibility store has of these runs.

        A count is a tenth of the cost of a list. When as many run on the contract's queue as were named, all of them
        do; where some do not, halves are counted until those are few enough to be listed.
        """
        found: dict[UUID, Execution] = {}
        for start in range(0, len(run_ids), ASKED_AT_ONCE):
            batch = run_ids[start : start + ASKED_AT_ONCE]
            found |= await (self._counted(batch) if presumed_open else self._listed(batch))
        return found

    async def described(self, run_id: UUID) -> Execution | None:
        """Describe the newest execution of the run's chain, or return None when Temporal does not know it."""
        request = DescribeWorkflowExecutionRequest(
            namespace=self._gateway.namespace, execution=WorkflowExecution(workflow_id=workflow_id_of(run_id))
        )
        answer = await self._gateway.ask(
            lambda client: client.workflow_service.describe_workflow_execution(request, timeout=RPC_TIMEOUT)
        )
        return None if answer is None else described_execution(answer)

    async def queue(self, name: str) -> QueueState:
        """Describe both kinds of tasks of a queue."""

        async def describe() -> QueueState:
            workflow, activity = await asyncio.gather(
                self._pollers(name, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
                self._pollers(name, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
            )
            return QueueState(name, workflow, activity, datetime.now(UTC))

        return await self._once_in(REMEMBERED_SECONDS, f"queue {name}", describe)

    async def tail(self, run_id: UUID) -> HistoryTail | None:
        """Read the end of the newest execution's history."""
        return await self._gateway.ask(lambda client: read_tail(client, workflow_id_of(run_id), RPC_TIMEOUT))

    async def current_wait(self, run_id: UUID) -> CurrentWait | None:
        """Ask the workflow; no worker, a worker that does not know the query, or no answer in time is None."""

        async def query(client: Client) -> CurrentWait:
            handle = client.get_workflow_handle(workflow_id_of(run_id))
            return _current_wait(await handle.query(QUERY_CURRENT_WAIT, rpc_timeout=QUERY_TIMEOUT))

        try:
            async with asyncio.timeout(QUERY_TIMEOUT.total_seconds() + 1):
                return await self._gateway.ask(query)
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError, TemporalUnavailable, TimeoutError):
            return None

    async def retention(self) -> timedelta:
        """Return the namespace's retention."""

        async def describe() -> timedelta:
            request = DescribeNamespaceRequest(namespace=self._gateway.namespace)
            answer = await self._ask(lambda service: service.describe_namespace(request, timeout=RPC_TIMEOUT))
            return answer.config.workflow_execution_retention_ttl.ToTimedelta()

        return await self._once_in(NAMESPACE_REMEMBERED_SECONDS, "retention", describe)

    async def namespace_in_use(self) -> bool:
        """Say whether any execution of the contract's type is there, open or closed."""

        async def count() -> bool:
            return await self._count(f"WorkflowType = '{WORKFLOW_TYPE}'") > 0

        return await self._once_in(REMEMBERED_SECONDS, "in use", count)

    async def _counted(self, run_ids: tuple[UUID, ...]) -> dict[UUID, Execution]:
        if len(run_ids) <= LISTED_RATHER:
            return await self._listed(run_ids)
        running = await self._count(f"{_named(run_ids)} AND ExecutionStatus = 'Running' AND TaskQueue = '{TASK_QUEUE}'")
        if running == len(run_ids):
            return dict.fromkeys(run_ids, _RUNNING)
        if running < len(run_ids) * _WORTH_COUNTING:
            return await self._listed(run_ids)
        middle = len(run_ids) // 2
        return await self._counted(run_ids[:middle]) | await self._counted(run_ids[middle:])

    async def _listed(self, run_ids: tuple[UUID, ...]) -> dict[UUID, Execution]:
        newest: dict[UUID, WorkflowExecutionInfo] = {}
        async for info in self._list(run_ids):
            run_id = UUID(info.execution.workflow_id.removeprefix(WORKFLOW_ID_PREFIX))
            if run_id not in newest or info.start_time.ToNanoseconds() > newest[run_id].start_time.ToNanoseconds():
                newest[run_id] = info
        return {run_id: listed_execution(info) for run_id, info in newest.items()}

    async def _count(self, query: str) -> int:
        request = CountWorkflowExecutionsRequest(namespace=self._gateway.namespace, query=query)
        answer = await self._ask(lambda service: service.count_workflow_executions(request, timeout=RPC_TIMEOUT))
        return answer.count

    async def _list(self, run_ids: tuple[UUID, ...]) -> AsyncIterator[WorkflowExecutionInfo]:
        if not run_ids:
            return
        request = ListWorkflowExecutionsRequest(
            namespace=self._gateway.namespace,
            page_size=ASKED_AT_ONCE,
            query=f"{_named(run_ids)} AND ExecutionStatus != 'ContinuedAsNew'",
        )
        while True:
            page = await self._ask(lambda service: service.list_workflow_executions(request, timeout=RPC_TIMEOUT))
            for info in page.executions:
                yield info
            if not page.next_page_token:
                return
            request.next_page_token = page.next_page_token

    async def _pollers(self, name: str, kind: TaskQueueType.ValueType) -> Pollers:
        request = DescribeTaskQueueRequest(
            namespace=self._gateway.namespace, task_queue=TaskQueue(name=name), task_queue_type=kind, report_stats=True
        )
        return _pollers_of(await self._ask(lambda service: service.describe_task_queue(request, timeout=RPC_TIMEOUT)))

    async def _ask(self, send: Callable[[WorkflowService], Awaitable[T]]) -> T:
        """Send a request that names no execution, so that "unknown execution" is no answer to it."""
        answer = await self._gateway.ask(lambda client: send(client.workflow_service))
        if answer is None:
            raise TemporalUnavailable(
                "temporal.unavailable", "Temporal gave an answer that does not fit the question. Try again in a moment."
            )
        return answer

    async def _once_in(self, seconds: float, name: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what was answered within these seconds, else ask."""
        known = self._remembered.get(name)
        if known is not None and self._clock() - known[0] < seconds:
            answer: T = known[1]
            return answer
        answer = await ask()
        self._remembered[name] = (self._clock(), answer)
        return answer


def _named(run_ids: tuple[UUID, ...]) -> str:
    return f"WorkflowId IN ({', '.join(repr(workflow_id_of(run_id)) for run_id in run_ids)})"


def _pollers_of(answer: DescribeTaskQueueResponse) -> Pollers:
    stats = answer.stats
    return Pollers(
        identities=tuple(poller.identity for poller in answer.pollers),
        accesses=tuple(moment_of(poller.last_access_time) for poller in answer.pollers),
        backlog=stats.approximate_backlog_count if answer.HasField("stats") else None,
        backlog_age=stats.approximate_backlog_age.ToTimedelta() if stats.HasField("approximate_backlog_age") else None,
    )


def _current_wait(answer: Any) -> CurrentWait:
    now = datetime.now(UTC)
    if not isinstance(answer, dict):
        return CurrentWait(None, None, now)
    kind, path = answer.get("type"), answer.get("stepPath")
    return CurrentWait(kind if isinstance(kind, str) else None, path if isinstance(path, str) else None, now)
