"""An accepted cancel is followed until the execution has closed; only then is what was left open closed too.

The runs are those of a worker that projects nothing when it is canceled, as the reference's does: none polls here, and
the test ends the executions itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from app.domain.cancellation import CancelProgress, CancelWay, TemporalWord
from app.domain.errors import ActionRefused, InvalidInput, NotPermitted, TemporalUnavailable
from app.domain.execution import ExecutionStatus
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.run_closing import PostgresRunClosing
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.services.cancel_preview import PreviewCancel
from app.services.cancel_run import CancelCommand, CancelRun
from app.services.close_row import CloseRow, CloseRowCommand
from app.services.follow_cancel import FollowCancel, FollowedCancel
from app.services.ports import ExecutionStart
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack
from tests.services.conftest import Seeded
from tests.services.doubles import TENANT, operator

REASON = "wrong client"
LONG_AGO = "now() - interval '40 days'"
PATIENCE = 60.0


@dataclass
class Bench:
    """The services of a cancel on real servers, and a family of runs to cancel."""

    seeded: Seeded
    client: Client
    gateway: TemporalGateway
    cancel: CancelRun
    preview: PreviewCancel
    follow: FollowCancel
    close_row: CloseRow
    told: list[CancelProgress] = field(default_factory=list)

    async def run(self, *, parent: UUID | None = None, execution: bool = True, steps: bool = True) -> UUID:
        """A RUNNING run with a started step, a human wait and its task, as a worker leaves it."""
        run_id = uuid4()
        self.seeded.execute(
            "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, node_path,"
            " parent_run_id, started_at) VALUES (%s, %s, %s, 1, 'RUNNING', 'temporal', 'root.steps[0]', %s,"
            f" {LONG_AGO})",
            run_id,
            TENANT,
            self.seeded.workflow_id,
            parent,
        )
        if steps:
            self._open_parts(run_id)
        if execution:
            await self.gateway.start(ExecutionStart(run_id, TENANT, self.seeded.workflow_id, 1, None, "launch-1"))
        return run_id

    def _open_parts(self, run_id: UUID) -> None:
        self.seeded.execute(
            "INSERT INTO workflow_run_steps (run_id, tenant, step_path, definition_step_id, status, started_at)"
            f" VALUES (%s, %s, 'root.steps[0]', 's', 'STARTED', {LONG_AGO})",
            run_id,
            TENANT,
        )
        self.seeded.execute(
            "INSERT INTO workflow_run_waits (run_id, tenant, step_path, wait_type, status)"
            " VALUES (%s, %s, 'root.steps[0]', 'human', 'WAITING')",
            run_id,
            TENANT,
        )
        self.seeded.execute(
            "INSERT INTO workflow_tasks (tenant, execution_id, task_definition_type, system_task_definition_task_type,"
            " title, status) VALUES (%s, %s, 'system', 'approve', 'Approve', 'pending')",
            TENANT,
            run_id,
        )

    def states(self, run_id: UUID) -> tuple[object, ...]:
        """The words of run, step, wait and task."""
        queries = (
            "SELECT status FROM workflow_runs WHERE run_id = %s",
            "SELECT status FROM workflow_run_steps WHERE run_id = %s",
            "SELECT status FROM workflow_run_waits WHERE run_id = %s",
            "SELECT status FROM workflow_tasks WHERE execution_id = %s",
        )
        return tuple(row["status"] for query in queries for row in self.seeded.rows(query, run_id))

    def audits(self, operation: str) -> list[dict[str, object]]:
        return self.seeded.rows("SELECT * FROM audit_logs WHERE operation = %s ORDER BY timestamp", operation)

    async def terminate(self, run_id: UUID) -> None:
        await self.client.get_workflow_handle(f"workflow-runtime-v2:run:{run_id}").terminate()

    async def canceled(self, run_id: UUID) -> FollowedCancel:
        command = CancelCommand(RunKey(TENANT, run_id), REASON, operator("admin"), uuid4())
        outcome = await self.cancel.cancel(command)
        assert outcome.accepted
        assert outcome.requested_at is not None
        assert outcome.accepted_at is not None
        return FollowedCancel(
            command.key, command.request_id, command.operator, REASON, outcome.requested_at, outcome.accepted_at
        )

    async def followed(self, cancel: FollowedCancel, seconds: float = PATIENCE) -> CancelProgress:
        return await self.follow.follow(cancel, seconds, self.told.append)


@pytest_asyncio.fixture
async def bench(stack: Stack, seeded: Seeded) -> AsyncIterator[Bench]:
    seeded.execute("INSERT INTO system_workflow_form_definitions (name, json_schema) VALUES ('f', '{}')")
    seeded.execute(
        "INSERT INTO system_workflow_task_definitions (task_type, name, form_id) VALUES ('approve', 'a', 'f')"
    )
    database = Database.open(seeded.url)
    reader, closing = PostgresRunReader(database), PostgresRunClosing(database)
    gateway = TemporalGateway(stack.temporal_address, stack.namespace)
    yield Bench(
        seeded,
        await Client.connect(stack.temporal_address, namespace=stack.namespace),
        gateway,
        CancelRun(reader, PostgresRunWriter(database), gateway),
        PreviewCancel(reader, closing, gateway),
        FollowCancel(closing, gateway),
        CloseRow(reader, closing, gateway),
    )
    await database.dispose()


@pytest.mark.asyncio
async def test_accepted_is_told_apart_from_closed_and_the_family_is_left_true(bench: Bench) -> None:
    parent = await bench.run()
    child = await bench.run(parent=parent)
    grandchild = await bench.run(parent=child)
    never_begun = await bench.run(parent=parent, execution=False)
    stranger = await bench.run()
    bench.seeded.execute(
        "INSERT INTO workflow_action_invocations (run_id, tenant, step_path, action_id, action_version,"
        " idempotency_key, status) VALUES (%s, %s, 'root.steps[0]', 'email.send', 1, 'k', 'STARTED')",
        child,
        TENANT,
    )

    cancel = await bench.canceled(parent)
    open_yet = await bench.followed(cancel, seconds=0)

    assert (open_yet.is_closed, open_yet.is_over, open_yet.closed_at) == (False, False, None)
    assert bench.states(parent) == ("CANCELED", "STARTED", "CANCELED", "pending")
    assert bench.states(child) == ("RUNNING", "STARTED", "WAITING", "pending")

    async with asyncio.TaskGroup() as group:
        following = group.create_task(bench.followed(cancel))
        await bench.terminate(parent)
        await bench.terminate(child)
        await bench.terminate(grandchild)
    progress = following.result()

    assert progress.is_over
    assert progress.closed_as is ExecutionStatus.TERMINATED
    assert progress.closed_at is not None
    assert progress.closed_at >= progress.accepted_at.replace(microsecond=0)
    assert bench.told[-1] == progress
    (running,) = progress.still_running
    assert (running.run_id, running.action_id) == (child, "email.send")
    for run_id in (parent, child, grandchild, never_begun):
        assert bench.states(run_id) == ("CANCELED", "CANCELED", "CANCELED", "canceled")
    assert bench.states(stranger) == ("RUNNING", "STARTED", "WAITING", "pending")
    (step,) = bench.seeded.rows("SELECT * FROM workflow_run_steps WHERE run_id = %s", parent)
    assert step["completed_at"] is not None
    assert step["duration_ms"] == 2**31 - 1, "forty days do not fit into the column"
    audits = bench.audits("workflow_run_repair")
    assert {audit["details"]["repair"] for audit in audits} == {"project-close"}
    written = {run_id for audit in audits for run_id in audit["changed_data"]["runs"]}
    assert written == {str(child), str(grandchild), str(never_begun)}

    again = await bench.followed(cancel)

    assert again.is_over
    assert not again.closed
    assert len(bench.audits("workflow_run_repair")) == len(audits)


@pytest.mark.asyncio
async def test_what_a_worker_projected_or_ended_otherwise_stays(bench: Bench) -> None:
    parent, child = await bench.run(), uuid4()
    child = await bench.run(parent=parent)
    cancel = await bench.canceled(parent)
    bench.seeded.execute(
        "UPDATE workflow_run_steps SET status = 'SUCCEEDED', completed_at = now(), duration_ms = 7 WHERE run_id = %s",
        parent,
    )
    bench.seeded.execute("UPDATE workflow_runs SET status = 'SUCCEEDED', completed_at = now() WHERE run_id = %s", child)
    await bench.terminate(parent)

    progress = await bench.followed(cancel)

    assert progress.is_over
    assert bench.states(parent) == ("CANCELED", "SUCCEEDED", "CANCELED", "canceled")
    assert bench.states(child)[0] == "SUCCEEDED"


@pytest.mark.asyncio
async def test_a_row_that_an_outliving_activity_set_running_again_is_closed_again(bench: Bench) -> None:
    run_id = await bench.run()
    cancel = await bench.canceled(run_id)
    bench.seeded.execute("UPDATE workflow_runs SET status = 'RUNNING', node_path = 'root.steps[1]'")
    await bench.terminate(run_id)
    progress = await bench.followed(cancel)
    assert progress.closed.runs == (run_id,)
    assert bench.states(run_id)[0] == "CANCELED"


@pytest.mark.asyncio
async def test_a_preview_says_what_is_open_and_the_one_way(bench: Bench) -> None:
    parent = await bench.run()
    child = await bench.run(parent=parent, execution=False)
    look = await bench.preview.look(RunKey(TENANT, parent))
    assert (look.status, look.temporal, look.way) == ("RUNNING", TemporalWord.OPEN, CancelWay.CANCEL)
    assert (look.parts.waits, look.parts.steps, look.parts.tasks) == (("human",), ("root.steps[0]",), 1)
    assert look.parts.children == (child,)

    await bench.terminate(parent)
    assert (await bench.preview.look(RunKey(TENANT, parent))).way is CancelWay.PROJECT_CLOSE

    never = await bench.run(execution=False, steps=False)
    assert (await bench.preview.look(RunKey(TENANT, never))).way is CancelWay.FAIL_LAUNCH
    lost = await bench.run(execution=False)
    assert (await bench.preview.look(RunKey(TENANT, lost))).way is CancelWay.CLOSE_ROW


def close_command(run_id: UUID, **changes: object) -> CloseRowCommand:
    typed = str(run_id)[:8].upper()
    made: dict[str, object] = {"operator": operator("admin"), "confirmation": typed, "reason": REASON} | changes
    return CloseRowCommand(key=RunKey(TENANT, run_id), request_id=uuid4(), **made)  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_row_without_an_execution_is_closed_on_a_typed_word(bench: Bench) -> None:
    run_id = await bench.run(execution=False)
    for refused, error in (
        ({"confirmation": "12345678"}, InvalidInput),
        ({"reason": "ab"}, InvalidInput),
        ({"operator": operator("manage")}, NotPermitted),
    ):
        with pytest.raises(error):
            await bench.close_row.close(close_command(run_id, **refused))
    assert bench.states(run_id)[0] == "RUNNING"

    closed = await bench.close_row.close(close_command(run_id))

    assert closed.runs == (run_id,)
    assert bench.states(run_id) == ("CANCELED", "CANCELED", "CANCELED", "canceled")
    (audit,) = bench.audits("workflow_run_repair")
    assert audit["details"]["executionStatus"] == "not_found"
    assert audit["details"]["reason"] == REASON
    assert json.dumps(audit["changed_data"]).count("CANCELED") == 1
    with pytest.raises(ActionRefused, match="already ended"):
        await bench.close_row.close(close_command(run_id))


@pytest.mark.asyncio
async def test_temporal_has_the_last_word_before_a_row_is_closed(bench: Bench) -> None:
    known = await bench.run()
    with pytest.raises(ActionRefused) as caught:
        await bench.close_row.close(close_command(known))
    assert caught.value.code == "cancel.execution_known"

    never = await bench.run(execution=False, steps=False)
    with pytest.raises(ActionRefused) as caught:
        await bench.close_row.close(close_command(never))
    assert caught.value.code == "cancel.never_started"

    lost = await bench.run(execution=False)
    silent = TemporalGateway("127.0.0.1:1", "default")
    bench.close_row._gateway = silent
    with pytest.raises(TemporalUnavailable):
        await bench.close_row.close(close_command(lost))
    assert bench.states(lost)[0] == bench.states(known)[0] == bench.states(never)[0] == "RUNNING"


def test_times_are_those_of_the_moments() -> None:
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    progress = CancelProgress(moment, moment)
    assert progress.unknown_now().unanswered
    assert not progress.unknown_now().is_over
