"""Scenarios of waits for an event, a person and quota: S08, S09 and S10."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.sandbox.reference_run import Behaviour
from app.sandbox.scenario_stage import Arrange, Scenario, Stage
from app.sandbox.seed_identity import TENANT
from app.sandbox.seed_people import APPROVAL_TASK_TYPE
from app.sandbox.seed_steps import DAY_MS, Json, await_event, decide, work
from app.temporal.contract import SIGNAL_EVENT

EVENT = "TICKET_REPLIED"
_AGO = timedelta(minutes=5)
_BEFORE_THE_WAIT_MS = 1500
_RAISED, _OF_PRICE = 100_000, "stripe_price_metadata"


def _reply(key: str, **more: Any) -> Json:
    step = await_event("reply", "Wait for the reply", EVENT, key, 14 * DAY_MS)
    step["config"] |= more
    return step


_ASK = decide("ask", "Ask", APPROVAL_TASK_TYPE, "'May we buy it?'")


async def _waiting(stage: Stage, scenario: Scenario) -> None:
    await stage.launch(scenario)
    await stage.until_waiting(scenario)


async def _event_before_the_wait(stage: Stage, scenario: Scenario) -> None:
    await stage.launch(scenario)
    await stage.event(scenario, EVENT, scenario.name)
    await stage.until_waiting(scenario)


async def _event_without_signal(stage: Stage, scenario: Scenario) -> None:
    await _waiting(stage, scenario)
    await stage.event(scenario, EVENT, scenario.name)


async def _event_that_a_filter_refuses(stage: Stage, scenario: Scenario) -> None:
    await _waiting(stage, scenario)
    payload: Json = {"amount": 3}
    event_id = await stage.event(scenario, EVENT, scenario.name, payload)
    content = {"eventId": str(event_id), "eventName": EVENT, "correlationKey": scenario.name, "payload": payload}
    await stage.handle(scenario).signal(SIGNAL_EVENT, content)


async def _event_with_another_spelling(stage: Stage, scenario: Scenario) -> None:
    await _waiting(stage, scenario)
    await stage.event(scenario, EVENT, scenario.name.lower())


async def _overdue(stage: Stage, scenario: Scenario) -> None:
    await stage.play(scenario, Behaviour.LAST)
    due = datetime.now(UTC) - _AGO
    await stage.wait(scenario, wait_type="event", event_name=EVENT, key=scenario.name, timeout_at=due)


async def _answered_in_the_inbox(stage: Stage, scenario: Scenario) -> None:
    """Complete the task row, as the inbox does, which tells nobody (F28)."""
    await _waiting(stage, scenario)
    done = datetime.now(UTC)
    answer = {"approved": True, "comment": "Yes, the usual supplier."}
    await stage.change(
        "workflow_tasks",
        "execution_id",
        scenario.run_id,
        status="completed",
        completed_at=done,
        updated_at=done,
        response_data=answer,
    )


async def _canceled_in_the_inbox(stage: Stage, scenario: Scenario) -> None:
    await _waiting(stage, scenario)
    await stage.change("workflow_tasks", "execution_id", scenario.run_id, status="canceled")


async def _paused_within_the_period(stage: Stage, scenario: Scenario) -> None:
    """Pause a run on a quota that was raised afterwards: the present period has room."""
    await stage.change("workflow_step_usage_periods", "tenant", TENANT, effective_limit=_RAISED, limit_source=_OF_PRICE)
    await _pause(stage, scenario, datetime.now(UTC) + timedelta(days=29))


async def _paused_beyond_the_period(stage: Stage, scenario: Scenario) -> None:
    """Pause a run on a period that has ended; the scan that resumes such runs has not taken it."""
    await _pause(stage, scenario, datetime.now(UTC) - _AGO)


async def _resumed_in_the_row_only(stage: Stage, scenario: Scenario) -> None:
    """Resume as the product does, row first, and lose the signal that should follow (F36)."""
    await _pause(stage, scenario, datetime.now(UTC) + timedelta(days=14))
    await stage.change(
        "workflow_run_waits", "run_id", scenario.run_id, status="RESOLVED", resolved_at=datetime.now(UTC)
    )
    await stage.set_run(scenario, status="RUNNING")


async def _pause(stage: Stage, scenario: Scenario, ends: datetime) -> None:
    await stage.admit(scenario)
    await stage.behave(scenario, Behaviour.PAUSE)
    await stage.wait(
        scenario,
        wait_type="quota",
        timeout_at=ends,
        payload={"reason": "workflow_step_quota_exceeded", "tenant": str(TENANT)},
    )
    await stage.set_run(scenario, status="WAITING")


_WORK_FIRST = [work("work", "Cause the reply", _BEFORE_THE_WAIT_MS)]
_FILTER = {"path": "amount", "op": ">", "value": 10}


def _of_event(form: str, story: str, arrange: Arrange, *before: Json, **more: Any) -> Scenario:
    name = f"S08-{form}"
    key = more.pop("key", f"'{name}'")
    return Scenario(name, story, arrange, [*before, _reply(key, **more)])


SCENARIOS_OF_WAITS = (
    _of_event("nothing-arrived", "Waits for an event, as it should.", _waiting),
    _of_event("arrived-early", "Its event came before it waited.", _event_before_the_wait, *_WORK_FIRST),
    _of_event("never-signalled", "Its event was recorded and never sent on.", _event_without_signal),
    _of_event("filtered-out", "A filter refused its event.", _event_that_a_filter_refuses, filters=[_FILTER]),
    _of_event("null-key", "Waits for an event with no key.", _waiting, key="null"),
    _of_event("near-miss", "Its event came with the key spelled otherwise.", _event_with_another_spelling),
    Scenario("S08-overdue", "The event's time has passed.", _overdue),
    Scenario("S09-open", "Waits for a person, as it should.", _waiting, [_ASK]),
    Scenario("S09-done-not-signaled", "Somebody answered in the inbox.", _answered_in_the_inbox, [_ASK]),
    Scenario("S09-task-gone", "Its task was canceled in the inbox.", _canceled_in_the_inbox, [_ASK]),
    Scenario("S10-limit-raised", "Paused, and the limit was raised since.", _paused_within_the_period),
    Scenario("S10-period-over", "Paused, and its period has ended.", _paused_beyond_the_period),
    Scenario("S10-resume-lost", "Resumed in the row; the signal was lost.", _resumed_in_the_row_only),
)
