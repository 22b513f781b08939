"""What Temporal says of itself, its namespace, its workers and the queues of open executions."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from temporalio.api.enums.v1 import NamespaceState, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    GetSystemInfoRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import WorkflowService

from app.domain.diagnosis.execution_facts import QueueState
from app.domain.errors import TemporalUnavailable
from app.domain.execution import LIVE_POLLER_SECONDS
from app.domain.health.facts import NamespaceFacts, OtherQueue, WorkerFacts
from app.services.diagnosis_ports import ExecutionReader
from app.temporal.contract import TASK_QUEUE, WORKFLOW_TYPE
from app.temporal.gateway import RPC_TIMEOUT, TemporalGateway

T = TypeVar("T")

MOST_EXECUTIONS = 1000
"""Open executions on other queues that are looked at; one page of the visibility store."""
_STATE_PREFIX = "NAMESPACE_STATE_"


class TemporalServerExamination:
    """Implements :class:`app.services.doctor_ports.TemporalExamination` on a gateway's connection.

    Args:
        gateway: Owns client and deadline.
        reader: Describes queues.
    """

    def __init__(self, gateway: TemporalGateway, reader: ExecutionReader) -> None:
        self._gateway = gateway
        self._reader = reader

    @property
    def address(self) -> str:
        """The server's ``host:port``."""
        return self._gateway.address

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is encrypted: the gateway speaks plain gRPC."""
        return False

    async def ping(self) -> None:
        """Raise TemporalUnavailable unless the server answers and knows the namespace."""
        await self._gateway.ping()

    async def queue(self) -> QueueState:
        """Return pollers and backlog of the contract's queue."""
        return await self._reader.queue(TASK_QUEUE)

    async def namespace(self) -> NamespaceFacts:
        """Return version, namespace and retention."""
        name = self._gateway.namespace
        described, system = await asyncio.gather(
            self._ask(lambda on: on.describe_namespace(DescribeNamespaceRequest(namespace=name), timeout=RPC_TIMEOUT)),
            self._ask(lambda on: on.get_system_info(GetSystemInfoRequest(), timeout=RPC_TIMEOUT)),
        )
        state = NamespaceState.Name(described.namespace_info.state).removeprefix(_STATE_PREFIX).lower()
        retention = described.config.workflow_execution_retention_ttl.ToTimedelta()
        return NamespaceFacts(system.server_version, name, state, retention)

    async def workers(self, now: datetime) -> WorkerFacts:
        """Return builds of pollers alive at ``now``, and the queues of open executions that are not the contract's."""
        counts, seen_all = await self._other_queues()
        pollers = await self._alive(TASK_QUEUE, now)
        others = [OtherQueue(name, count, len(await self._alive(name, now))) for name, count in counts.most_common(10)]
        builds = {build for poller in pollers if (build := _build_of(poller))}
        return WorkerFacts(tuple(sorted(builds)), tuple(others), seen_all)

    async def _other_queues(self) -> tuple[Counter[str], bool]:
        request = ListWorkflowExecutionsRequest(
            namespace=self._gateway.namespace,
            page_size=MOST_EXECUTIONS,
            query=f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Running' AND TaskQueue != '{TASK_QUEUE}'",
        )
        page = await self._ask(lambda on: on.list_workflow_executions(request, timeout=RPC_TIMEOUT))
        return Counter(info.task_queue for info in page.executions), not page.next_page_token

    async def _alive(self, queue: str, now: datetime) -> list[PollerInfo]:
        request = DescribeTaskQueueRequest(
            namespace=self._gateway.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        answer = await self._ask(lambda on: on.describe_task_queue(request, timeout=RPC_TIMEOUT))
        return list(_alive(answer.pollers, now))

    async def _ask(self, send: Callable[[WorkflowService], Awaitable[T]]) -> T:
        """Send a request that names no execution, so that "unknown execution" is no answer to it."""

        async def of_client(client: Client) -> T:
            return await send(client.workflow_service)

        answer = await self._gateway.ask(of_client)
        if answer is None:
            raise TemporalUnavailable(
                "temporal.unavailable", "Temporal gave an answer that does not fit the question. Try again in a moment."
            )
        return answer


def _alive(pollers: Iterable[PollerInfo], now: datetime) -> Iterator[PollerInfo]:
    for poller in pollers:
        access = poller.last_access_time.ToDatetime(tzinfo=UTC)
        if (now - access).total_seconds() < LIVE_POLLER_SECONDS:
            yield poller


def _build_of(poller: PollerInfo) -> str:
    """Return the build that a poller says; newer SDKs say it with their deployment."""
    return poller.deployment_options.build_id or poller.worker_version_capabilities.build_id
