"""What happens to the demo's runs after they have started: events, answers, cancels and replays."""

from __future__ import annotations

import asyncio
from typing import Any

from app.domain import json_text
from app.domain.operator import Operator
from app.domain.payload_change import EditedText
from app.domain.run import ACTIVE_STATUSES, JsonValue, RunKey, Wait, WaitStatus
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.sandbox.seed_identity import TENANT, demo_id
from app.sandbox.seed_plans import Answer, Cancellation, Event, Payload, Replayed, RunPlan
from app.sandbox.seed_tools import SeedTools
from app.services.cancel_run import CancelCommand, CancelRun
from app.services.replay_run import ReplayCommand, ReplayRun
from app.services.submit_event import SubmitCommand
from app.temporal.contract import HUMAN_TASK_COMPLETED, SIGNAL_HUMAN_TASK, workflow_id_of


class FollowUps:
    """Carries out what a plan says, unless an interrupted seeding has done it before."""

    def __init__(self, tools: SeedTools, operator: Operator) -> None:
        self._tools = tools
        self._operator = operator
        self._cancel = CancelRun(tools.reader, tools.writer, tools.gateway)
        self._events = tools.events()
        self._replay = ReplayRun(tools.reader, tools.writer, tools.launch, PostgresPayloadSchemas(tools.database))

    async def carry_out(self, plans: tuple[RunPlan, ...]) -> None:
        """Carry out every plan's follow-up, all at once."""
        await asyncio.gather(*(self._follow_up(plan) for plan in plans))

    async def _follow_up(self, plan: RunPlan) -> None:
        match plan.follow_up:
            case Event(payload):
                await self._deliver_event(plan, payload)
            case Answer() as answer:
                await self._answer(plan, answer)
            case Cancellation(reason):
                await self._cancel_run(plan, reason)
            case Replayed() as replayed:
                await self._replay_run(plan, replayed)
            case None:
                return

    async def _deliver_event(self, plan: RunPlan, payload: Payload) -> None:
        """Submit the event that the run waits for, as its publisher would."""
        wait = await self._open_wait(plan)
        if wait is None:
            return
        command = SubmitCommand(
            tenant=TENANT,
            event_name=str(wait.event_name),
            event_id=demo_id("event", plan.name),
            operator=self._operator,
            payload_text=json_text.dump(payload),
            correlation_key=wait.key,
        )
        await self._events.submit(command)

    async def _answer(self, plan: RunPlan, answer: Answer) -> None:
        wait = await self._open_wait(plan)
        if wait is not None:
            response = {"approved": answer.approved, "comment": answer.comment}
            content = {"taskId": wait.key, "eventName": HUMAN_TASK_COMPLETED, "payload": response}
            await self._signal(plan, SIGNAL_HUMAN_TASK, content)

    async def _cancel_run(self, plan: RunPlan, reason: str) -> None:
        key = RunKey(TENANT, plan.run_id)
        rows = await self._tools.reader.rows(TENANT, (plan.run_id,))
        if rows and rows[0].status in ACTIVE_STATUSES:
            await self._cancel.cancel(CancelCommand(key, reason, self._operator, demo_id("cancel", plan.name)))

    async def _replay_run(self, plan: RunPlan, replayed: Replayed) -> None:
        source = RunKey(TENANT, plan.run_id)
        edit = None
        if replayed.simulate is not None:
            form = await self._replay.prepare(source)
            edited = _with_simulate(form.source.redacted.value, replayed.simulate)
            edit = EditedText(json_text.dump(edited))
        command = ReplayCommand(source, replayed.reason, self._operator, plan.replay_id, edit=edit)
        await self._replay.replay(command)

    async def _open_wait(self, plan: RunPlan) -> Wait | None:
        inspection = await self._tools.reader.inspect(RunKey(TENANT, plan.run_id), documents=False)
        return next((wait for wait in inspection.waits if wait.status == WaitStatus.WAITING), None)

    async def _signal(self, plan: RunPlan, name: str, content: dict[str, Any]) -> None:
        await self._tools.client.get_workflow_handle(workflow_id_of(plan.run_id)).signal(name, content)


def _with_simulate(redacted: JsonValue, simulate: Payload) -> JsonValue:
    """Edit the redacted input as an operator would: masked leaves stay as they are and keep their stored values."""
    if not isinstance(redacted, dict):
        raise TypeError("a demo payload is an object")
    return {**redacted, "simulate": simulate}
