"""A real worker that polls the wrong task queue: the mistake that Rundesk exists to show."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread
from types import TracebackType

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.worker import Worker

from app.bootstrap.connection import Connection
from app.engine.activities import ProjectionActivities
from app.engine.run_workflow import RunWorkflow
from app.engine.worker import workflow_runner
from app.postgres.database import Database
from app.temporal.contract import TASK_QUEUE

WRONG_QUEUE = f"{TASK_QUEUE}-staging"
_SECONDS = 30.0


class WorkerElsewhere:
    """Polls :data:`WRONG_QUEUE` from a thread of its own while the context is entered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._polling: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="worker elsewhere")

    def __enter__(self) -> WorkerElsewhere:
        """Return when Temporal has seen it poll."""
        self._thread.start()
        self._polling.result(_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        loop, stop = self._polling.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(_SECONDS)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        try:
            await self._poll()
        except BaseException as error:
            if not self._polling.done():
                self._polling.set_exception(error)
            raise

    async def _poll(self) -> None:
        database = Database.open(self._connection.database_url)
        client = await Client.connect(self._connection.temporal_address, namespace=self._connection.namespace)
        worker = Worker(
            client,
            task_queue=WRONG_QUEUE,
            workflows=[RunWorkflow],
            activities=ProjectionActivities(database).all(),
            workflow_runner=workflow_runner(),
        )
        stop = asyncio.Event()
        try:
            async with worker:
                await _until_seen(client)
                self._polling.set_result((asyncio.get_running_loop(), stop))
                await stop.wait()
        finally:
            await database.dispose()


async def _until_seen(client: Client) -> None:
    question = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=WRONG_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    async with asyncio.timeout(_SECONDS):
        while True:
            if (await client.workflow_service.describe_task_queue(question)).pollers:
                return
            await asyncio.sleep(0.05)
