"""What happens to a case's run from outside: signals, answers, cancels, questions; and the scene it happens in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import text

from app.temporal import contract
from tests.engine.bench import Bench, Row
from tests.engine.conformance.case import Case
from tests.engine.conformance.definitions import places

LONGEST_SECONDS = 120
_ORDERS = {"workflow_runs": "started_at", "workflow_run_steps": "started_at", "workflow_run_waits": "created_at"}


@dataclass
class Scene:
    """A case under way, in a tenant of its own. Signals go to ``focus``, the run last waited for."""

    bench: Bench
    case: Case
    run_id: UUID
    workflow_ids: dict[str, UUID]
    focus: UUID
    seen: list[tuple[str, Any, Any]] = field(default_factory=list)
    """What questions were answered: label, expectation, answer."""

    def path_of(self, step_id: str) -> str:
        blocks = [self.case.steps, *self.case.children.values()]
        return next(path for block in blocks for found, path in places(block) if found == step_id)

    async def found(self, statement: str, **values: Any) -> list[Row]:
        async with self.bench.database.reading() as connection:
            result = await connection.execute(text(statement), {"tenant": self.bench.tenant, **values})
            return [dict(row) for row in result.mappings()]

    async def until_found(self, statement: str, **values: Any) -> Row:
        rows = await self.bench.until(lambda: self.found(statement, **values), LONGEST_SECONDS)
        return rows[0]


Act: TypeAlias = Callable[[Scene], Awaitable[None]]


def waiting(step_id: str) -> Act:
    """The step's wait is open, in whichever run of the case."""

    async def act(scene: Scene) -> None:
        row = await scene.until_found(
            "SELECT w.run_id FROM workflow_run_waits w JOIN workflow_run_steps s"
            " ON s.run_id = w.run_id AND s.step_path = w.step_path AND s.tenant = w.tenant"
            " WHERE w.tenant = :tenant AND w.status = 'WAITING' AND s.definition_step_id = :step"
            " AND s.status = 'STARTED'",
            step=step_id,
        )
        scene.focus = row["run_id"]

    return act


def under_way(action_id: str) -> Act:
    """An invocation of the action has begun."""

    async def act(scene: Scene) -> None:
        await scene.until_found(
            "SELECT 1 FROM workflow_action_invocations WHERE tenant = :tenant AND action_id = :action"
            " AND status = 'STARTED'",
            action=action_id,
        )

    return act


def failed_once(action_id: str) -> Act:
    """An invocation of the action has failed; its step may be about to try again."""

    async def act(scene: Scene) -> None:
        await scene.until_found(
            "SELECT 1 FROM workflow_action_invocations WHERE tenant = :tenant AND action_id = :action"
            " AND status = 'FAILED'",
            action=action_id,
        )

    return act


def paused(step_id: str) -> Act:
    """The run has been paused before this step for want of quota."""

    async def act(scene: Scene) -> None:
        row = await scene.until_found(
            "SELECT r.run_id FROM workflow_runs r JOIN workflow_run_waits w ON w.run_id = r.run_id"
            " AND w.tenant = r.tenant WHERE r.tenant = :tenant AND r.status = 'WAITING' AND w.wait_type = 'quota'"
            " AND w.status = 'WAITING' AND w.step_path = :path AND r.node_path = :path",
            path=scene.path_of(step_id),
        )
        scene.focus = row["run_id"]

    return act


def ended() -> Act:
    """The run's execution has closed."""

    async def act(scene: Scene) -> None:
        await scene.bench.outcome(scene.run_id)

    return act


def sends(event_name: str, key: str | None = None, payload: Any = None, **more: Any) -> Act:
    """An event arrives, straight at the run; None in ``more`` leaves a member out."""

    async def act(scene: Scene) -> None:
        content = {
            "eventName": event_name,
            "correlationKey": key,
            "payload": {} if payload is None else payload,
            "receivedAt": "2026-11-25T05:00:00.000Z",
            **more,
        }
        await scene.bench.handle(scene.focus).signal(contract.SIGNAL_EVENT, content)

    return act


def responds(payload: Any, event_name: str | None = None, task_id: str | None = None) -> Act:
    """Somebody answers the open human task, or another one."""

    async def act(scene: Scene) -> None:
        wait = await scene.until_found(
            "SELECT key FROM workflow_run_waits WHERE tenant = :tenant AND run_id = :run AND wait_type = 'human'"
            " AND status = 'WAITING'",
            run=scene.focus,
        )
        content = {"taskId": task_id or wait["key"], "payload": payload}
        if event_name is not None:
            content["eventName"] = event_name
        await scene.bench.handle(scene.focus).signal(contract.SIGNAL_HUMAN_TASK, content)

    return act


def logged(message_part: str) -> Act:
    """The run's log has a line with this text."""

    async def act(scene: Scene) -> None:
        await scene.until_found(
            "SELECT 1 FROM workflow_run_logs WHERE tenant = :tenant AND run_id = :run AND message ILIKE :part",
            run=scene.focus,
            part=f"%{message_part}%",
        )

    return act


def resumes_quota() -> Act:
    """Somebody says that there may be quota again."""

    async def act(scene: Scene) -> None:
        content = {"waitId": None, "reason": "quota_available", "resumedBy": None, "resumedAt": None}
        await scene.bench.handle(scene.focus).signal(contract.SIGNAL_QUOTA_RESUME, content)

    return act


def cancels() -> Act:
    """A cancel comes from outside the product: only Temporal is told."""

    async def act(scene: Scene) -> None:
        await scene.bench.handle(scene.run_id).cancel()

    return act


def asks(query: str, expected: Any) -> Act:
    """A query is answered as expected, if not at once then soon."""

    async def act(scene: Scene) -> None:
        answer: Any = None
        for _ in range(100):
            answer = await scene.bench.handle(scene.focus).query(query)
            if answer is not None:
                break
        scene.seen.append((f"query {query}", expected, answer))

    return act


def sees(table: str, *expected: Any) -> Act:
    """The focused run's rows of a table are as expected at this moment."""

    async def act(scene: Scene) -> None:
        statement = f"SELECT * FROM {table} WHERE tenant = :tenant AND run_id = :run ORDER BY {_ORDERS[table]}"
        scene.seen.append((table, list(expected), await scene.found(statement, run=scene.focus)))

    return act


def executes(statement: str, **values: Any) -> Act:
    """The database is changed; ``:tenant``, ``:run`` and the workflow ids by child name are at hand."""

    async def act(scene: Scene) -> None:
        known = {"tenant": scene.bench.tenant, "run": scene.run_id, **scene.workflow_ids}
        wanted = {name: value for name, value in {**known, **values}.items() if f":{name}" in statement}
        await scene.bench.execute(statement, **wanted)

    return act


def runs_again(payload: Any = None) -> Act:
    """A second run of the same definition is launched, and becomes the one that the case looks at."""

    async def act(scene: Scene) -> None:
        await scene.bench.outcome(scene.run_id)
        scene.run_id = await scene.bench.launch_workflow(
            scene.workflow_ids["main"], scene.case.payload if payload is None else payload
        )
        scene.focus = scene.run_id

    return act


def has_event(event_id: str, event_name: str) -> Act:
    """The product has recorded an event."""
    return executes(
        "INSERT INTO workflow_runtime_events (event_id, tenant, event_name, payload)"
        " VALUES (:id, :tenant, :name, '{}')",
        id=event_id,
        name=event_name,
    )


def new_id() -> str:
    return str(uuid4())
