"""An answer that is lost between two writes leaves nothing done twice and nothing undone: the same command goes on."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.errors import DatabaseUnavailable, TemporalUnavailable
from app.domain.repair import RepairAction
from app.domain.run import JsonValue, RunKey
from app.domain.run_message import RunMessage
from app.postgres.probe import PostgresProbe
from app.postgres.repair_store import PostgresRepairStore
from app.postgres.run_writer import PostgresRunWriter
from app.services.deliver_event import DeliverEvent
from app.services.patience import Patience
from app.services.ports import ActionRecord
from app.services.release_task import ReleaseHumanTask
from app.services.repair_run import RepairRun
from app.temporal.run_messages import TemporalRunMessages
from tests.engine.bench import expression
from tests.services.rescue import Rescue, repair_of

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("engine")]

ASK = {"id": "ask", "type": "human.task", "config": {"taskType": "approval", "title": expression("'Approve?'")}}
REPLY = {"id": "reply", "type": "event.wait", "config": {"eventName": "REPLY", "correlationKey": expression("'k'")}}
BRIEF = Patience(1)


class StoreThatGoesAway(PostgresRepairStore):
    """Loses the completion of a task while it is away."""

    away = True

    async def complete_task(self, key: RunKey, task_id: UUID, response: JsonValue, record: ActionRecord) -> None:
        if self.away:
            raise DatabaseUnavailable("database.unavailable", "Postgres cannot be reached.")
        await super().complete_task(key, task_id, response, record)


class MessagesWithoutAnswer(TemporalRunMessages):
    """Sends, and loses Temporal's first answer."""

    lost = False

    async def send(self, run_id: UUID, message: RunMessage, request_id: UUID) -> bool:
        delivered = await super().send(run_id, message, request_id)
        if not self.lost:
            self.lost = True
            raise TemporalUnavailable("temporal.timeout", "Temporal did not answer in time.")
        return delivered


async def signals(rescue: Rescue, run_id: UUID) -> int:
    history = [event async for event in rescue.bench.handle(run_id).fetch_history_events()]
    return sum(event.HasField("workflow_execution_signaled_event_attributes") for event in history)


async def test_a_task_row_is_completed_when_postgres_is_back(rescue: Rescue) -> None:
    await rescue.bench.define_task_type("approval", '{"type": "object"}')
    run_id = await rescue.bench.launch([ASK])
    await rescue.bench.open_wait(run_id)
    database, store = rescue.bench.database, StoreThatGoesAway(rescue.bench.database)
    messages = TemporalRunMessages(rescue.gateway)
    release = ReleaseHumanTask(store, PostgresRunWriter(database), messages, rescue.gateway, BRIEF)
    repairs = RepairRun(store, {RepairAction.RELEASE_HUMAN_TASK: release})
    command = repair_of(rescue, run_id, RepairAction.RELEASE_HUMAN_TASK, arguments={"response": "{}"})
    command = replace(command, confirmed=(await repairs.plan(command)).writes)
    with pytest.raises(DatabaseUnavailable) as failure:
        await repairs.apply(command)
    assert failure.value.params["aftermath"] == "response_unrecorded"
    assert await rescue.bench.outcome(run_id) == "COMPLETED"
    assert await rescue.audits("workflow_run_release_task") == []
    store.away = False
    assert (await repairs.apply(command)).code == "repair.released"
    (task,) = await rescue.bench.tasks(run_id)
    assert (task["status"], task["completed_by"]) == ("completed", rescue.operator.user_id)
    assert len(await rescue.audits("workflow_run_release_task")) == 1
    assert await signals(rescue, run_id) == 1


async def test_an_event_whose_answer_was_lost_arrives_once(rescue: Rescue) -> None:
    run_id = await rescue.bench.launch([REPLY, {**REPLY, "id": "again"}])
    await rescue.bench.open_wait(run_id)
    database = rescue.bench.database
    store, messages = PostgresRepairStore(database), MessagesWithoutAnswer(rescue.gateway)
    deliver = DeliverEvent(store, messages, rescue.gateway, PostgresProbe(database), BRIEF)
    repairs = RepairRun(store, {RepairAction.DELIVER_EVENT: deliver})
    command = repair_of(rescue, run_id, RepairAction.DELIVER_EVENT, repair_mode=True)
    with pytest.raises(TemporalUnavailable) as failure:
        await repairs.apply(command)
    assert failure.value.params["aftermath"] == "event_unsent"

    async def second_wait() -> bool:
        return len(await rescue.bench.waits(run_id)) == 2

    await rescue.bench.until(second_wait)
    await repairs.apply(command)
    assert await signals(rescue, run_id) == 1
    assert [wait["status"] for wait in await rescue.bench.waits(run_id)] == ["RESOLVED", "WAITING"]
    assert len(await rescue.audits("workflow_run_deliver_event")) == 1
