"""Histories as files: they load through the SDK's own parser, and nothing secret is left in them, however encoded."""

from __future__ import annotations

import base64
import json
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from app.domain.history_border import HistoryBorder
from app.domain.history_payload import REPLACED_KEY, HistoryPayloads
from app.domain.redaction import RedactionPolicy, Redactor
from app.temporal.history_files import learn_from, written_events

SECRET = "sk-live-77f0a1-hotel"
BY_PATTERN = "DE02120300000000202051"
POLICY = RedactionPolicy(key_patterns=("^iban$",))


def payload(value: Any, encoding: bytes = b"json/plain") -> Payload:
    return Payload(metadata={"encoding": encoding}, data=json.dumps(value).encode())


def history() -> list[HistoryEvent]:
    """A start, an activity given secrets, its failure that quotes them, and a payload of an unknown encoding."""
    started = HistoryEvent(event_id=1, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
    attributes = started.workflow_execution_started_event_attributes
    attributes.workflow_type.name = "run"
    attributes.original_execution_run_id = "first"
    attributes.input.CopyFrom(Payloads(payloads=[payload({"note": f"quotes {SECRET}"})]))
    attributes.memo.fields["reason"].CopyFrom(payload(f"because of {SECRET}"))
    scheduled = HistoryEvent(event_id=2, event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    scheduled.activity_task_scheduled_event_attributes.input.CopyFrom(
        Payloads(payloads=[payload({"apiKey": SECRET, "iban": BY_PATTERN}), Payload(data=SECRET.encode())])
    )
    failed = HistoryEvent(event_id=3, event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED)
    failed.activity_task_failed_event_attributes.failure.CopyFrom(
        Failure(
            message=f"refused for {SECRET}",
            stack_trace=f"raise Refused({SECRET!r})",
            application_failure_info=ApplicationFailureInfo(
                type="Refused", details=Payloads(payloads=[payload([BY_PATTERN])])
            ),
        )
    )
    return [started, scheduled, failed]


def written(*, restricted: bool = False) -> tuple[str, int]:
    events, border = history(), HistoryBorder(Redactor(POLICY))
    learn_from(events, border)
    text, replaced = written_events(events, HistoryPayloads(border, restricted=restricted))
    return '{"events":[\n' + text + "\n]}\n", replaced


def payloads_in(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "data" in value and "metadata" in value else []
        return own + [found for item in value.values() for found in payloads_in(item)]
    return [found for item in value for found in payloads_in(item)] if isinstance(value, list) else []


def decoded(text: str) -> list[str]:
    return [base64.b64decode(found["data"]).decode() for found in payloads_in(json.loads(text))]


def test_a_written_history_loads_through_the_sdk_and_keeps_its_events() -> None:
    text, _ = written()
    loaded = WorkflowHistory.from_json("workflow-runtime-v2:run:x", text)
    assert [event.event_type for event in loaded.events] == [event.event_type for event in history()]
    assert loaded.run_id == "first"


def test_no_secret_is_left_in_a_payload_a_memo_or_a_failure_however_it_is_encoded() -> None:
    text, _ = written()
    for form in [text, *decoded(text)]:
        assert SECRET not in form
        assert BY_PATTERN not in form


def test_what_cannot_be_decoded_is_replaced_by_a_placeholder_that_says_so_and_is_counted() -> None:
    text, replaced = written()
    (stated,) = [found for found in payloads_in(json.loads(text)) if REPLACED_KEY in found["metadata"]]
    assert replaced == 1
    assert json.loads(base64.b64decode(stated["data"])) == {"redacted": True}
    assert base64.b64decode(stated["metadata"][REPLACED_KEY]).decode() == "encoding unknown"


def test_whoever_may_not_see_inputs_gets_no_payload_at_all() -> None:
    text, _ = written(restricted=True)
    assert set(decoded(text)) == {'{"redacted":true}'}
    WorkflowHistory.from_json("x", text)
