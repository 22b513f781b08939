"""A worker process that stops short at chosen points, so that it can be killed there.

Run as ``python -m tests.engine.stalling_worker GATES``, addresses in the environment as for the sandbox's worker. GATES
is a JSON list of ``[run id, point]``: a point is the name of an activity, whose first execution for the run takes
effect but is never reported to Temporal, or ``handler``, where an action has done its work but nothing recorded it yet.
For every point reached one line is printed: the run id.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from temporalio import activity
from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from app.engine.actions import DEFAULT_ACTIONS, Action, ActionContext, ActionRegistry
from app.engine.worker import build_worker
from app.postgres.database import Database
from app.temporal import contract

HANDLER = "handler"


class Gates(ClientInterceptor, Interceptor):
    """Where runs stop; each gate holds one run, for ever."""

    def __init__(self, gates: list[list[str]]) -> None:
        super().__init__()
        self._gates = {(run_id, point) for run_id, point in gates}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _StopAfter(next, self)

    async def stop_at(self, run_id: str, point: str) -> None:
        """Hold the run here if it is to be held here."""
        if (run_id, point) in self._gates:
            sys.stdout.write(f"{run_id}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


class _StopAfter(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, gates: Gates) -> None:
        super().__init__(following)
        self._gates = gates

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        answer = await super().execute_activity(input)
        info = activity.info()
        run_id = (info.workflow_id or "").removeprefix(contract.WORKFLOW_ID_PREFIX)
        await self._gates.stop_at(run_id, info.activity_type)
        return answer


def _stopping(action: Action, gates: Gates) -> Action:
    handle: Callable[[ActionContext, Any], Awaitable[Any]] = action.handle

    async def handle_then_stop(context: ActionContext, arguments: Any) -> Any:
        output = await handle(context, arguments)
        await gates.stop_at(str(context.run.run_id), HANDLER)
        return output

    return dataclasses.replace(action, handle=handle_then_stop)


async def _serve(gates: Gates) -> None:
    environment = os.environ
    database = Database.open(environment["DATABASE_URL"], pool_size=8)
    client = await Client.connect(
        environment["TEMPORAL_ADDRESS"], namespace=environment["TEMPORAL_NAMESPACE"], interceptors=[gates]
    )
    registry = ActionRegistry(_stopping(action, gates) for action in DEFAULT_ACTIONS.all())
    await build_worker(client, database, registry=registry).run()


def main() -> NoReturn:
    """Serve until killed."""
    asyncio.run(_serve(Gates(json.loads(sys.argv[1]))))
    os._exit(1)


if __name__ == "__main__":
    main()
