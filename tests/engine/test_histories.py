"""Recorded histories replay: a change that would break runs that are under way fails here.

A replay proves something only where the workflow made progress, so what was replayed is looked at, too: `Replayer`
reports success on a history whose workflow tasks only failed. How they are recorded: ``record_histories.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from app.engine import messages
from app.engine.run_workflow import RunWorkflow
from app.engine.worker import workflow_runner
from tests.engine.record_histories import PLACE, RECORDED

pytestmark = pytest.mark.asyncio

FILES = sorted(PLACE.glob("*.json"))
STEP_TYPES = {
    "action.call",
    "control.callWorkflow",
    "control.forEach",
    "control.if",
    "control.return",
    "control.tryCatch",
    "event.wait",
    "human.task",
    "state.set",
    "time.wait",
    "transform.assign",
}
"""Every type of the contract; generic nodes are actions of their name (``actions.json`` has one)."""
ENDS = {
    "COMPLETED": "workflow_execution_completed_event_attributes",
    "FAILED": "workflow_execution_failed_event_attributes",
    "CANCELED": "workflow_execution_canceled_event_attributes",
}
"""How each kind of end stands in a history."""


def history_of(document: dict[str, Any]) -> WorkflowHistory:
    return WorkflowHistory.from_json(document["workflowId"], {"events": document["events"]})


async def why_not_replayed(document: dict[str, Any]) -> Exception | None:
    replayer = Replayer(workflows=[RunWorkflow], workflow_runner=workflow_runner())
    replayed = await replayer.replay_workflow(history_of(document), raise_on_replay_failure=False)
    return replayed.replay_failure


def document_of(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_it_replays_to_its_end(file: Path) -> None:
    document = document_of(file)
    assert await why_not_replayed(document) is None
    events = history_of(document).events
    kinds = [event.WhichOneof("attributes") for event in events]
    assert "workflow_task_completed_event_attributes" in kinds
    assert "workflow_task_failed_event_attributes" not in kinds
    assert kinds[-1] == ENDS[document["closed"]]


async def test_every_case_and_every_type_of_step_is_recorded() -> None:
    assert {file.stem for file in FILES} == {case.id for case in RECORDED}
    recorded = {kind for file in FILES for kind in document_of(file)["stepTypes"]}
    assert recorded >= STEP_TYPES


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.stem in ("actions", "assigning")], ids=lambda f: f.stem
)
async def test_another_order_of_commands_does_not_replay(file: Path) -> None:
    """The check would notice: a history of other commands than ours is refused."""
    document = document_of(file)
    if file.stem == "actions":
        scheduled = next(event for event in document["events"] if "activityTaskScheduledEventAttributes" in event)
        scheduled["activityTaskScheduledEventAttributes"]["activityType"]["name"] = messages.COMPLETE_RUN
    else:
        marker = next(event for event in document["events"] if "markerRecordedEventAttributes" in event)
        document["events"].remove(marker)
        for number, event in enumerate(document["events"], 1):
            event["eventId"] = str(number)
    assert await why_not_replayed(document) is not None
