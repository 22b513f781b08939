"""``rundesk event`` on the demo's servers."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from app.sandbox.info import SandboxInfo
from tests.cli.conftest import Ask

TRIAGE = "Ticket triage"
SECRET = "sk-live-0a1b2c3d4e5f"


@pytest.fixture
def payload(tmp_path: Path) -> str:
    file = tmp_path / "event.json"
    document = {"ticketId": "T-40001", "subject": "It smokes", "priority": "P2", "apiKey": SECRET}
    file.write_text(json.dumps(document), encoding="utf-8")
    return str(file)


def test_an_event_starts_what_it_triggers_once_and_shows_no_payload(info: SandboxInfo, ask: Ask, payload: str) -> None:
    event_id = str(uuid4())
    said = ask("event", "TICKET_CREATED", "--payload", payload, "--event-id", event_id)
    assert said.code == 0, said
    document = said.document
    assert (document["event_id"], document["arrival"], document["settled"]) == (event_id, "new", True)
    assert document["correlation_keys"] == ["T-40001"]
    (started,) = [each for each in document["triggered"] if each["workflow"] == TRIAGE]
    assert started["launch"] == "started"
    assert document["matched_run_id"] == started["run_id"]
    again = ask("event", "TICKET_CREATED", "--payload", payload, "--event-id", event_id, plain=True)
    assert (again.code, "dealt with before" in again.out) == (0, True)
    assert SECRET not in said.out + said.err + again.out + again.err
    with psycopg.connect(info.database_url) as connection:
        query = "SELECT count(*) FROM workflow_runs WHERE trigger_fire_key LIKE %s"
        assert connection.execute(query, (f"workflow-event-fire:{event_id}:%",)).fetchone() == (1,)


def test_an_event_for_nobody_exits_1_and_is_recorded(info: SandboxInfo, ask: Ask) -> None:
    said = ask("event", "NOBODY_WAITS", plain=True)
    assert said.code == 1
    assert "No run waits for it" in said.out
    assert "Missing workflow correlation key" in said.err
    keyed = ask("event", "NOBODY_WAITS", "--correlation-key", "K-1")
    assert (keyed.code, keyed.document["candidates"], keyed.document["error"]) == (0, [], None)


def test_the_help_says_what_is_out_of_scope(ask: Ask) -> None:
    said = ask("event", "--help", plain=True)
    assert "Redis stream" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("given", "code"),
    [("{", "payload.invalid_json"), ("[]", "payload.not_object"), ('{"a": "***"}', "payload.placeholder")],
)
def test_an_unusable_payload_is_refused(ask: Ask, given: str, code: str) -> None:
    said = ask("event", "TICKET_CREATED", "--payload", "-", given=given)
    assert (said.code, said.error["code"]) == (1, code)
