"""Events reach whoever waits for them and start what they trigger, on the real engine; nothing happens twice."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.bootstrap.events import wire_events
from app.domain.errors import ActionRefused, InvalidInput, NotPermitted, TemporalUnavailable
from app.domain.event_ingress import Arrival
from app.domain.launching import LaunchState
from app.domain.run_message import RunMessage
from app.services.submit_event import SubmitCommand, SubmitEvent
from app.services.submit_outcome import Reached
from app.temporal.run_messages import TemporalRunMessages
from tests.engine.bench import Row, assign, expression
from tests.services.rescue import Rescue

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("engine")]

REPLY = "TICKET_REPLIED"


def await_reply(key: str = "payload.key", **more: Any) -> Row:
    config = {"eventName": REPLY, "correlationKey": expression(key), "timeoutMs": 600_000, **more}
    return {"id": "reply", "type": "event.wait", "config": config}


async def waiting_run(rescue: Rescue, key: str, **more: Any) -> UUID:
    run_id = await rescue.bench.launch([await_reply(**more)], {"key": key})
    await rescue.bench.open_wait(run_id)
    return run_id


def command_of(rescue: Rescue, payload: Row | None = None, **fields: Any) -> SubmitCommand:
    given = {"event_name": REPLY, "event_id": uuid4(), "operator": rescue.operator, **fields}
    return SubmitCommand(tenant=rescue.tenant, payload_text=json.dumps(payload or {}), **given)


async def event_row(rescue: Rescue, event_id: UUID) -> Row:
    (row,) = await rescue.bench.query("SELECT * FROM workflow_runtime_events WHERE event_id = :e", e=event_id)
    return row


async def runs_of(rescue: Rescue, workflow_id: UUID) -> list[Row]:
    return await rescue.bench.query("SELECT * FROM workflow_runs WHERE workflow_id = :w", w=workflow_id)


async def triggered(rescue: Rescue, **trigger: Any) -> UUID:
    """Publish a workflow that the event starts; its run copies its input into a variable."""
    full = {"type": "event", "eventName": REPLY, **trigger}
    return await rescue.bench.publish([assign("copy", vars__input="payload")], trigger=full)


class OnceUnreachable:
    """The real messages, but the first one to a certain run is lost."""

    def __init__(self, real: TemporalRunMessages, run_id: UUID) -> None:
        self._real, self._run_id = real, run_id

    async def send(self, run_id: UUID, message: RunMessage, request_id: UUID) -> bool:
        if run_id == self._run_id:
            self._run_id = UUID(int=0)
            raise TemporalUnavailable("temporal.unavailable", "Temporal cannot be reached.")
        return await self._real.send(run_id, message, request_id)


def losing_one(rescue: Rescue, run_id: UUID) -> SubmitEvent:
    events = wire_events(rescue.bench.database, rescue.gateway, rescue.console.launch)
    events._effects = replace(events._effects, messages=OnceUnreachable(TemporalRunMessages(rescue.gateway), run_id))
    return events


async def test_an_event_wakes_every_run_whose_key_its_payload_holds(rescue: Rescue) -> None:
    first = await waiting_run(rescue, "T-1")
    second = await waiting_run(rescue, "C-2")
    other = await waiting_run(rescue, "T-3")
    command = command_of(rescue, {"ticketId": "T-1", "clientId": "C-2", "text": "it works"})
    outcome = await rescue.console.events.submit(command)
    assert (outcome.arrival, outcome.keys, outcome.settled, outcome.error) == (Arrival.NEW, ("T-1", "C-2"), True, None)
    assert {each.wait.run_id for each in outcome.candidates} == {first, second}
    assert [await rescue.bench.outcome(run_id) for run_id in (first, second)] == ["COMPLETED"] * 2
    assert (await rescue.bench.scopes(first))["workflow"]["event"]["text"] == "it works"
    assert (await rescue.bench.waits(other))[0]["status"] == "WAITING"
    row = await event_row(rescue, command.event_id)
    assert (row["event_name"], row["correlation_key"], row["error_message"]) == (REPLY, "T-1", None)
    assert row["processed_at"] is not None
    matched = (await rescue.bench.waits(row["matched_run_id"]))[0]
    assert (row["matched_wait_id"], row["matched_step_path"]) == (matched["wait_id"], "root.steps[0]")
    (audit,) = await rescue.audits("workflow_event_simulate")
    assert (audit["table_name"], audit["record_id"]) == ("workflow_runtime_events", str(command.event_id))


async def test_an_explicit_key_is_the_only_one_and_a_wait_without_key_takes_any(rescue: Rescue) -> None:
    named = await waiting_run(rescue, "T-1")
    derivable = await waiting_run(rescue, "C-2")
    keyless = await rescue.bench.launch([await_reply("null")])
    await rescue.bench.open_wait(keyless)
    command = command_of(rescue, {"clientId": "C-2"}, correlation_key=" T-1 ")
    outcome = await rescue.console.events.submit(command)
    assert {each.wait.run_id for each in outcome.candidates} == {named, keyless}
    assert [await rescue.bench.outcome(run_id) for run_id in (named, keyless)] == ["COMPLETED"] * 2
    assert (await rescue.bench.waits(derivable))[0]["status"] == "WAITING"

    again = await rescue.bench.launch([await_reply("null")])
    await rescue.bench.open_wait(again)
    outcome = await rescue.console.events.submit(command_of(rescue))
    assert (outcome.keys, [each.wait.run_id for each in outcome.candidates]) == ((), [again])
    assert await rescue.bench.outcome(again) == "COMPLETED"


async def test_one_stale_wait_and_one_lost_signal_keep_nobody_waiting(rescue: Rescue) -> None:
    """F24: the wait of an ended execution is closed; the signal that was lost is sent when the event comes again."""
    stale, lost, refusing, taken = [
        await waiting_run(rescue, "T-1", **more)
        for more in ({}, {}, {"filters": [{"path": "kind", "op": "=", "value": "other"}]}, {})
    ]
    await rescue.bench.handle(stale).terminate("leaves its rows")
    command = command_of(rescue, {"ticketId": "T-1", "kind": "this"})
    events = losing_one(rescue, lost)
    outcome = await events.submit(command)
    reached = {each.wait.run_id: each.reached for each in outcome.candidates}
    assert reached == {
        stale: Reached.STALE,
        lost: Reached.UNREACHED,
        refusing: Reached.REFUSES,
        taken: Reached.SIGNALLED,
    }
    assert await rescue.bench.outcome(taken) == "COMPLETED"
    assert (await rescue.bench.waits(stale))[0]["status"] == "CANCELED"
    assert (await rescue.bench.logs(stale))[-1]["message"].startswith("Stale wait closed")
    row = await event_row(rescue, command.event_id)
    assert (row["processed_at"], row["matched_run_id"]) == (None, taken)
    assert (str(stale) in row["error_message"], str(lost) in row["error_message"]) == (True, True)

    again = await events.submit(command)
    assert (again.arrival, again.settled) == (Arrival.UNFINISHED, True)
    assert await rescue.bench.outcome(lost) == "COMPLETED"
    assert (await rescue.bench.waits(refusing))[0]["status"] == "WAITING"
    assert (await event_row(rescue, command.event_id))["processed_at"] is not None
    signals = [e async for e in rescue.bench.handle(refusing).fetch_history_events() if e.event_type == 26]
    assert len(signals) == 1


async def test_a_duplicate_changes_nothing(rescue: Rescue) -> None:
    workflow_id = await triggered(rescue)
    run_id = await waiting_run(rescue, "T-1")
    command = command_of(rescue, {"ticketId": "T-1"})
    first = await rescue.console.events.submit(command)
    (started,) = first.triggered
    assert (started.state, first.matched_run) == (LaunchState.STARTED, run_id)
    await rescue.bench.outcome(run_id)
    later = await waiting_run(rescue, "T-1")
    before = await event_row(rescue, command.event_id)
    again = await rescue.console.events.submit(command)
    assert (again.arrival, again.matched_run, again.candidates) == (Arrival.DUPLICATE, run_id, ())
    assert await event_row(rescue, command.event_id) == before
    assert (await rescue.bench.waits(later))[0]["status"] == "WAITING"
    assert len(await runs_of(rescue, workflow_id)) == 1
    with pytest.raises(ActionRefused, match="belongs to another event"):
        await rescue.console.events.submit(replace(command, payload_text='{"ticketId": "T-2"}'))


async def test_triggers_start_each_its_run_whatever_the_others_do(rescue: Rescue) -> None:
    """F25: a paused workflow and an unfit mapping are told, and the others start, each with a fire key."""
    plain = await triggered(rescue)
    mapping = {"ticket.id": expression("event.payload.ticketId"), "key": {"$secret": "API_KEY"}, "n": 1.5}
    mapped = await triggered(rescue, payloadMapping=mapping)
    unfit = await triggered(rescue, payloadMapping={"x": expression("event.payload.missing")})
    paused = await triggered(rescue)
    await rescue.bench.execute("UPDATE workflow_definitions SET is_paused = true WHERE workflow_id = :w", w=paused)
    command = command_of(rescue, {"ticketId": "T-1", "amount": 12.50})
    outcome = await rescue.console.events.submit(command)
    states = {each.workflow.workflow_id: each.state for each in outcome.triggered}
    assert states == {plain: LaunchState.STARTED, mapped: LaunchState.STARTED, unfit: None, paused: None}
    assert outcome.settled
    assert "payloadMapping.x" in (outcome.error or "")
    assert "is paused" in (outcome.error or "")
    (run,) = await runs_of(rescue, mapped)
    assert run["trigger_fire_key"] == f"workflow-event-fire:{command.event_id}:{mapped}"
    assert (run["trigger_type"], run["event_type"], run["trigger_mapping_applied"]) == ("event", REPLY, True)
    document = await rescue.bench.query(
        "SELECT input_json::text AS t FROM workflow_runs WHERE run_id = :r", r=run["run_id"]
    )
    assert json.loads(document[0]["t"]) == {"ticket": {"id": "T-1"}, "key": {"$secret": "API_KEY"}, "n": 1.5}
    for workflow_id in (plain, mapped):
        (started,) = await runs_of(rescue, workflow_id)
        assert await rescue.bench.outcome(started["run_id"]) == "COMPLETED"
    assert (await event_row(rescue, command.event_id))["matched_run_id"] == outcome.matched_run


async def test_a_sending_that_was_cut_off_goes_on_without_starting_anything_twice(rescue: Rescue) -> None:
    workflow_id = await triggered(rescue)
    command = command_of(rescue, {"ticketId": "T-1"})
    first = await rescue.console.events.submit(command)
    async with rescue.bench.database.writing(rescue.tenant) as connection:
        undone = "UPDATE workflow_runtime_events SET processed_at = NULL, matched_run_id = NULL WHERE event_id = :e"
        await connection.execute(text(undone), {"e": command.event_id})
    again = await rescue.console.events.submit(command)
    assert (again.arrival, again.matched_run) == (Arrival.UNFINISHED, first.matched_run)
    assert len(await runs_of(rescue, workflow_id)) == 1
    assert (await event_row(rescue, command.event_id))["matched_run_id"] == first.matched_run


async def test_a_schema_that_contradicts_the_catalogue_is_recorded(rescue: Rescue) -> None:
    async with rescue.bench.database.writing(rescue.tenant) as connection:
        await connection.execute(
            text("CREATE TABLE event_catalog (tenant uuid, event_type text, payload_schema_ref text)")
        )
        row = {"t": rescue.tenant, "n": REPLY}
        await connection.execute(text("INSERT INTO event_catalog VALUES (:t, :n, 'event.Reply.v1')"), row)
    workflow_id = await triggered(rescue, sourcePayloadSchemaRef="event.Reply.v1")
    command = command_of(rescue, schema_ref="event.Reply.v2")
    outcome = await rescue.console.events.submit(command)
    assert outcome.conflict is not None
    assert (outcome.conflict.submission, outcome.conflict.catalog) == ("event.Reply.v2", "event.Reply.v1")
    stored = await event_row(rescue, command.event_id)
    assert stored["schema_ref_conflict"] == {"submission": "event.Reply.v2", "catalog": "event.Reply.v1"}
    assert "its trigger expects event.Reply.v1" in stored["error_message"]
    assert await runs_of(rescue, workflow_id) == []


async def test_a_human_task_is_answered_by_its_event(rescue: Rescue) -> None:
    await rescue.bench.define_task_type("approval")
    ask = {"id": "ask", "type": "human.task", "config": {"taskType": "approval", "title": expression("'Approve?'")}}
    run_id = await rescue.bench.launch([ask])
    wait = await rescue.bench.open_wait(run_id)
    command = command_of(rescue, {"approved": True}, event_name="HUMAN_TASK_COMPLETED", correlation_key=wait["key"])
    outcome = await rescue.console.events.submit(command)
    assert [each.reached for each in outcome.candidates] == [Reached.SIGNALLED]
    assert await rescue.bench.outcome(run_id) == "COMPLETED"


async def test_an_event_that_concerns_nobody_says_so_and_shows_no_secret(rescue: Rescue) -> None:
    outcome = await rescue.console.events.submit(command_of(rescue, {"anything": 1}))
    assert (outcome.error or "").startswith("Missing workflow correlation key")
    secret = command_of(rescue, {"password": "hunter2hunter2", "ticketId": "hunter2hunter2"})
    assert (await rescue.console.events.submit(secret)).keys == ("[REDACTED]",)


async def test_what_is_refused_records_nothing(rescue: Rescue) -> None:
    reader = replace(rescue.operator, rights=frozenset({"read"}))
    with pytest.raises(NotPermitted):
        await rescue.console.events.submit(command_of(rescue, operator=reader))
    for fields, code in (
        ({"event_name": " "}, "event.no_name"),
        ({"event_name": "MAINTENANCE_JOB_REQUESTED"}, "event.maintenance"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await rescue.console.events.submit(command_of(rescue, **fields))
        assert refused.value.code == code
    with pytest.raises(InvalidInput):
        await rescue.console.events.submit(command_of(rescue, {"token": "***"}))
    await rescue.bench.execute(
        "UPDATE tenants SET suspended_at = now(), suspended_reason = 'tenant_cancelled' WHERE tenant = :t",
        t=rescue.tenant,
    )
    with pytest.raises(ActionRefused, match="suspended"):
        await rescue.console.events.submit(command_of(rescue))
    assert await rescue.bench.query("SELECT * FROM workflow_runtime_events") == []
