"""The execution gateway: starts, describes and cancels executions on the contract's queue.

Implements :class:`app.services.ports.ExecutionGateway`. Protobuf objects never leave this module. A gateway belongs
to the event loop that first uses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RetryConfig, RPCError

from app.domain.errors import Misconfigured, TemporalUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus, QueueFacts
from app.services.ports import ExecutionStart, StartAnswer, StartRefused, StartUnclear
from app.temporal.contract import EXECUTION_TIMEOUT, RUN_TIMEOUT, TASK_QUEUE, WORKFLOW_TYPE, RunInput, workflow_id_of
from app.temporal.rpc_errors import is_refusal, is_unknown_execution, unavailable

T = TypeVar("T")

RPC_TIMEOUT = timedelta(seconds=5)
"""Deadline of one attempt; the server drops the work when it passes."""
CALL_SECONDS = 7.0
"""Longest that one call takes with connecting and the SDK's own attempts."""
_ATTEMPTS = RetryConfig(max_interval_millis=500, max_elapsed_time_millis=2000, max_retries=3)
"""The SDK repeats the *same* request (equal request id), which the server recognizes."""


class TemporalGateway:
    """Talks to one namespace of one Temporal server; connects with the first call and again after an outage.

    Args:
        address: ``host:port`` of the frontend.
        namespace: The namespace the product's executions live in.

    Raises:
        Misconfigured: The address has another form.
    """

    def __init__(self, address: str, namespace: str) -> None:
        self._address = _checked_address(address)
        self._namespace = namespace
        self._client: Client | None = None

    @property
    def address(self) -> str:
        """The frontend's ``host:port``."""
        return self._address

    @property
    def namespace(self) -> str:
        """The namespace of this connection."""
        return self._namespace

    async def start(self, start: ExecutionStart) -> StartAnswer:
        """Start the run's execution; "already started" under its id is success.

        The contract leaves the id-reuse policy unset, which lets a start that is sent again after the execution has
        *finished* begin a second one. A workflow id belongs to exactly one run, so REJECT_DUPLICATE changes nothing
        else about the contract: the history of the execution is the same.

        Raises:
            StartRefused: The server read the request and refused it; nothing runs.
            StartUnclear: No answer; the execution may or may not exist.
        """
        workflow_id = workflow_id_of(start.run_id)
        try:
            first_run_id = await self._within_deadline(lambda: self._send_start(workflow_id, start))
        except WorkflowAlreadyStartedError as error:
            return StartAnswer(workflow_id, error.first_run_id or error.run_id, already_started=True)
        except RPCError as error:
            if is_refusal(error):
                raise StartRefused(error.message) from error
            raise StartUnclear(error.message) from error
        except TemporalUnavailable as error:
            raise StartUnclear(str(error.params.get("technical", error.message))) from error
        return StartAnswer(workflow_id, first_run_id)

    async def describe(self, run_id: UUID) -> ExecutionFacts | None:
        """Describe the newest execution of the run's chain, or None when Temporal does not know its workflow id."""
        client = await self._connected()
        handle = client.get_workflow_handle(workflow_id_of(run_id))
        try:
            description = await self._within_deadline(lambda: handle.describe(rpc_timeout=RPC_TIMEOUT))
        except RPCError as error:
            if is_unknown_execution(error):
                return None
            raise self._unavailable(error) from error
        return _facts_of(description)

    async def request_cancel(self, run_id: UUID) -> bool:
        """Request a cancel by workflow id; False when Temporal does not know it."""
        client = await self._connected()
        handle = client.get_workflow_handle(workflow_id_of(run_id))
        try:
            await self._within_deadline(lambda: handle.cancel(rpc_timeout=RPC_TIMEOUT))
        except RPCError as error:
            if is_unknown_execution(error):
                return False
            raise self._unavailable(error) from error
        return True

    async def queue(self) -> QueueFacts:
        """Return the workflow pollers that Temporal lists for the contract's task queue, with their last accesses."""
        client = await self._connected()
        request = DescribeTaskQueueRequest(
            namespace=self._namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        service = client.workflow_service
        try:
            answer = await self._within_deadline(
                lambda: service.describe_task_queue(request, retry=True, timeout=RPC_TIMEOUT)
            )
        except RPCError as error:
            raise self._unavailable(error) from error
        accesses = tuple(poller.last_access_time.ToDatetime(tzinfo=UTC) for poller in answer.pollers)
        return QueueFacts(
            task_queue=TASK_QUEUE,
            pollers=tuple(poller.identity for poller in answer.pollers),
            last_access=max(accesses, default=None),
            accesses=accesses,
        )

    async def ping(self) -> None:
        """Raise TemporalUnavailable unless the server answers and knows the namespace."""
        client = await self._connected()
        request = DescribeNamespaceRequest(namespace=self._namespace)
        service = client.workflow_service
        try:
            await self._within_deadline(lambda: service.describe_namespace(request, retry=True, timeout=RPC_TIMEOUT))
        except RPCError as error:
            raise self._unavailable(error) from error

    async def ask(self, send: Callable[[Client], Awaitable[T]]) -> T | None:
        """Send one request for a sibling adapter; None when Temporal does not know the execution it names.

        Raises:
            TemporalUnavailable: no usable answer.
        """
        client = await self._connected()
        try:
            return await self._within_deadline(lambda: send(client))
        except RPCError as error:
            if is_unknown_execution(error):
                return None
            raise self._unavailable(error) from error

    async def close(self) -> None:
        """Let go of the connection; the SDK closes it when nothing refers to it any more."""
        self._client = None

    async def _send_start(self, workflow_id: str, start: ExecutionStart) -> str | None:
        client = await self._connected()
        argument = RunInput(
            run_id=start.run_id,
            tenant=start.tenant,
            workflow_id=start.workflow_id,
            workflow_version=start.workflow_version,
            trigger_type=start.trigger_type,
            execution_key=start.execution_key,
        ).as_argument()
        handle = await client.start_workflow(
            WORKFLOW_TYPE,
            argument,
            id=workflow_id,
            task_queue=TASK_QUEUE,
            execution_timeout=EXECUTION_TIMEOUT,
            run_timeout=RUN_TIMEOUT,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            rpc_timeout=RPC_TIMEOUT,
        )
        return handle.first_execution_run_id

    async def _connected(self) -> Client:
        """Return the client; it is lazy, so this never waits for the server."""
        if self._client is None:
            self._client = await Client.connect(
                self._address, namespace=self._namespace, lazy=True, retry_config=_ATTEMPTS, connect_timeout=RPC_TIMEOUT
            )
        return self._client

    async def _within_deadline(self, call: Callable[[], Awaitable[T]]) -> T:
        """Await a call, turning "could not connect" and "took too long" into TemporalUnavailable."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await call()
        except TimeoutError as error:
            raise self._unavailable(error) from error
        except RuntimeError as error:
            # The SDK reports a failed lazy connect as a bare RuntimeError; every other one is a bug of ours.
            if not str(error).startswith("Failed client connect"):
                raise
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> TemporalUnavailable:
        return unavailable(error, self._address, self._namespace)


def _checked_address(address: str) -> str:
    """Return ``host:port``; the SDK would take other texts for port 80, or reject them in its own words much later."""
    host, _, port = address.rpartition(":")
    is_host = bool(host) and not set(host) & set("/@ ") and (":" not in host or host.startswith("["))
    if is_host and port.isascii() and port.isdigit() and 0 < int(port) < 65536:
        return address
    raise Misconfigured(
        "temporal.address",
        f"{address!r} is not the address of a Temporal server. Give it as HOST:PORT, for example 127.0.0.1:7233.",
        address=address,
    )


_STATUS: dict[WorkflowExecutionStatus, ExecutionStatus] = {
    WorkflowExecutionStatus.RUNNING: ExecutionStatus.RUNNING,
    WorkflowExecutionStatus.COMPLETED: ExecutionStatus.COMPLETED,
    WorkflowExecutionStatus.FAILED: ExecutionStatus.FAILED,
    WorkflowExecutionStatus.CANCELED: ExecutionStatus.CANCELED,
    WorkflowExecutionStatus.TERMINATED: ExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.CONTINUED_AS_NEW: ExecutionStatus.CONTINUED_AS_NEW,
    WorkflowExecutionStatus.TIMED_OUT: ExecutionStatus.TIMED_OUT,
}


def _facts_of(description: WorkflowExecutionDescription) -> ExecutionFacts:
    info = description.raw_description.workflow_execution_info
    status = description.status or WorkflowExecutionStatus.RUNNING
    # A paused execution is open; the domain's vocabulary has no word of its own for it.
    return ExecutionFacts(
        workflow_id=description.id,
        first_run_id=info.first_run_id or description.run_id,
        status=_STATUS.get(status, ExecutionStatus.RUNNING),
        task_queue=description.task_queue,
        started_at=_aware(description.start_time),
        closed_at=None if description.close_time is None else _aware(description.close_time),
        history_length=description.history_length,
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
