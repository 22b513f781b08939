"""``start``, ``replay`` and ``cancel`` on real servers, down to the stored documents."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.sandbox.info import SandboxInfo
from tests.cli.command_line import rundesk
from tests.cli.conftest import Ask

ENDS_WELL = "New hire onboarding"
WAITS = "Ticket triage"
SECRETS = ("sk-live-9f8e7d6c5b4a", "correct horse battery", "vault:payroll/admin")
PAYLOAD = f"""{{
  "employee": {{"name": "Çelik, Zoë", "email": "zoe@alder.test"}}, "accounts": ["VPN", "Payroll"],
  "initialPassword": "{SECRETS[1]}",
  "needsLaptop": false,
  "contract": {{"salary": 61250.10, "number": 9007199254740993, "ratio": 1.0, "apiKey": "{SECRETS[0]}"}},
  "vault": {{"$secret": "{SECRETS[2]}"}}
}}"""


@pytest.fixture(scope="module")
def source(ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A finished run whose input holds secrets and numbers that a float would spoil."""
    file = tmp_path_factory.mktemp("payload") / "payload.json"
    file.write_text(PAYLOAD, encoding="utf-8")
    said = ask("start", ENDS_WELL, "--payload", str(file))
    assert said.code == 0, said
    assert said.document.keys() >= {"run_id", "status"}
    run_id = said.document["run_id"]
    beside = ("--source-still-runs", run_id[:8])
    replayed = ask("replay", run_id, "--reason", "lets the first run end", "--wait", *beside)
    assert replayed.document["status"] == "SUCCEEDED", replayed
    return said.document["run_id"]


def same_input(info: SandboxInfo, left: str, right: str, change: str = "l.input_json") -> bool:
    """Say whether Postgres finds two stored inputs equal, the left one changed by an expression."""
    query = (
        f"SELECT {change} = r.input_json FROM workflow_runs l, workflow_runs r WHERE l.run_id = %s AND r.run_id = %s"
    )
    with psycopg.connect(info.database_url) as connection:
        row = connection.execute(query, (left, right)).fetchone()
    assert row is not None
    return bool(row[0])


def edited(ask: Ask, source: str, **changes: Any) -> str:
    """The redacted document as ``show`` prints it, with top-level members replaced; numbers stay digit for digit."""
    document = json.loads(ask("show", source).out, parse_float=_Digits)["run"]["input_json"]
    return json.dumps({**document, **changes})


def runs_in_all(ask: Ask) -> int:
    """How many runs there are, whatever their status: the demo's worker goes on ending those that are under way."""
    return sum(ask("runs", "--limit", "1").document["counts"].values())


class _Digits(float):
    """A number that is written as it was read."""

    def __new__(cls, digits: str):
        number = super().__new__(cls, digits)
        number.digits = digits
        return number

    def __repr__(self) -> str:
        return self.digits


def test_a_replay_as_it_is_copies_the_stored_input(info: SandboxInfo, ask: Ask, source: str) -> None:
    said = ask("replay", source, "--reason", "the gateway is back", "--wait")
    assert said.code == 0, said
    assert said.document.keys() >= {"run_id", "replay_of", "payload", "status"}
    assert (said.document["payload"], said.document["replay_of"]) == ("original", source)
    assert said.document["status"] == "SUCCEEDED"
    assert same_input(info, source, said.document["run_id"])
    shown = ask("show", said.document["run_id"]).document["run"]
    assert (shown["replay_of"], shown["replay_reason"]) == (source, "the gateway is back")


def test_a_reformatted_payload_is_no_edit(info: SandboxInfo, ask: Ask, source: str) -> None:
    said = ask("replay", source, "--reason", "only reformatted", "--payload", "-", given=edited(ask, source))
    assert (said.code, said.document["payload"]) == (0, "original")
    assert same_input(info, source, said.document["run_id"])


def test_an_edit_changes_only_what_was_edited(info: SandboxInfo, ask: Ask, source: str, tmp_path: Path) -> None:
    file = tmp_path / "edited.json"
    file.write_text(edited(ask, source, needsLaptop=None, extra={"a": [1, 2]}), encoding="utf-8-sig")
    said = ask("replay", source, "--reason", "no laptop needed", "--payload", str(file), "--wait")
    assert (said.code, said.document["payload"]) == (0, "edited"), said
    change = """l.input_json || '{"needsLaptop": null, "extra": {"a": [1, 2]}}'"""
    assert same_input(info, source, said.document["run_id"], change)


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ('{"a": 1', "line 1"),
        ('{"a": 1, "a": 2}', "/a"),
        ('{"other": "[REDACTED]"}', "/other"),
    ],
)
def test_a_payload_that_cannot_be_sent_starts_nothing(ask: Ask, source: str, payload: str, place: str) -> None:
    before = runs_in_all(ask)
    said = ask("replay", source, "--reason", "because", "--payload", "-", given=payload)
    assert said.code == 1
    assert said.error["code"].startswith("payload.")
    assert place in said.err
    assert runs_in_all(ask) == before


def test_a_payload_file_that_is_missing_exits_2(ask: Ask, source: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.json")
    assert ask("replay", source, "--reason", "because", "--payload", missing).code == 2
    assert ask("start", ENDS_WELL, "--payload", missing).code == 2


def test_a_damaged_input_is_repaired_replaced_by_its_ancestors_or_sent_knowingly(
    info: SandboxInfo, ask: Ask, source: str
) -> None:
    child = ask("replay", source, "--reason", "to be damaged", "--wait").document["run_id"]
    with psycopg.connect(info.database_url, autocommit=True) as connection:
        damage = """UPDATE workflow_runs SET input_json = input_json || '{"initialPassword": "***"}'"""
        connection.execute(f"{damage} WHERE run_id = %s", (child,))
    refused = ask("replay", child, "--reason", "damaged")
    assert (refused.code, refused.error["code"]) == (1, "replay.damaged_input")
    assert "/initialPassword" in refused.err
    assert "--from-ancestor" in refused.err
    said = ask("replay", child, "--reason", "whole again", "--from-ancestor", "--wait")
    assert (said.code, said.document["replay_of"], said.document["input_of"]) == (0, child, source), said
    assert same_input(info, source, said.document["run_id"])
    assert ask("replay", child, "--reason", "wrong run", "--send-damaged", source[:8]).code == 2
    said = ask("replay", child, "--reason", "as it is", "--send-damaged", child[:8])
    assert said.code == 0, said
    assert same_input(info, child, said.document["run_id"])
    assert ask("replay", source, "--reason", "not damaged", "--from-ancestor").code == 1


def test_wait_exits_1_unless_the_new_run_succeeds(ask: Ask) -> None:
    nobody = json.dumps({"employee": {}, "accounts": [], "initialPassword": "p"})  # fits the schema, cannot end well
    failing = ask("start", ENDS_WELL, "--payload", "-", given=nobody).document["run_id"]
    said = ask("replay", failing, "--reason", "the exit code", "--wait", "--source-still-runs", failing[:8])
    assert said.code == 1
    assert said.document["status"] == "FAILED"
    assert said.err.strip()


def test_no_command_ever_shows_a_secret(ask: Ask, source: str, tmp_path: Path) -> None:
    html, document = tmp_path / "r.html", tmp_path / "r.json"
    said = [
        ask("show", source),
        ask("show", source, plain=True),
        ask("runs", "--text", source),
        ask("runs", "--text", source, plain=True),
        ask("replay", source, "--reason", "because"),
        ask("replay", source, "--reason", "because", plain=True),
        ask("report", source, "--format", "html", "--out", str(html)),
        ask("report", source, "--format", "json", "--out", str(document)),
        ask("cancel", source, "--reason", "because"),
    ]
    texts = [one.out + one.err for one in said] + [html.read_text("utf-8"), document.read_text("utf-8")]
    assert "[REDACTED]" in texts[0]
    for secret in SECRETS:
        assert [text for text in texts if secret in text or json.dumps(secret)[1:-1] in text] == []


def test_start_like_a_run_keeps_what_is_masked(ask: Ask, info: SandboxInfo, source: str) -> None:
    verbatim = ask("start", ENDS_WELL, "--like", source)
    assert (verbatim.code, verbatim.document["input_of"]) == (0, source)
    assert same_input(info, verbatim.document["run_id"], source)
    assert ask("show", verbatim.document["run_id"]).document["run"]["replay_of"] is None

    changed = edited(ask, source, needsLaptop=True)
    said = ask("start", ENDS_WELL, "--like", source, "--version", "1", "--payload", "-", given=changed)
    assert said.code == 0, said
    shown = ask("show", said.document["run_id"])
    assert shown.document["run"]["workflow_version"] == 1
    assert same_input(info, source, said.document["run_id"], "jsonb_set(l.input_json, '{needsLaptop}', 'true')")
    assert [secret for secret in SECRETS if secret in said.out + shown.out] == []

    other = ask("start", WAITS, "--like", source)
    assert (other.code, other.error["code"]) == (1, "start.other_workflow")


def test_start_refuses_what_the_schema_refuses_and_placeholders(ask: Ask) -> None:
    before = runs_in_all(ask)
    empty = ask("start", ENDS_WELL)
    assert (empty.code, empty.error["code"]) == (1, "payload.schema")
    masked = json.dumps({"employee": {}, "accounts": [], "initialPassword": "[REDACTED]"})
    assert ask("start", ENDS_WELL, "--payload", "-", given=masked).error["code"] == "payload.placeholder"
    assert ask("start", ENDS_WELL, "--version", "99").error["code"] == "version.not_found"
    assert runs_in_all(ask) == before


def test_cancel_answers_for_each_run(ask: Ask, source: str) -> None:
    waiting = [ask("start", WAITS, "--payload", "-", given=_ticket()).document["run_id"] for _ in range(2)]
    said = ask("cancel", *waiting, source, waiting[0], "--reason", "customer called back")
    results = {result["run_id"]: result for result in said.document["results"]}
    assert list(results) == [*waiting, source]
    assert [result["outcome"] for result in results.values()] == ["canceled", "canceled", "refused"]
    assert said.code == 1
    assert {ask("show", run).document["run"]["status"] for run in waiting} == {"CANCELED"}
    again = ask("cancel", waiting[0], "--reason", "once more")
    assert (again.code, again.document["results"][0]["outcome"]) == (1, "refused")


def test_a_cancel_is_shown_before_it_is_done_and_followed_to_the_close(ask: Ask) -> None:
    run = ask("start", WAITS, "--payload", "-", given=_ticket()).document["run_id"]
    (look,) = ask("cancel", run, "--reason", "a duplicate", "--dry-run").document["previews"]
    assert (look["run_id"], look["way"], look["temporal"]) == (run, "cancel", "open")
    assert "Temporal is asked to cancel" in ask("cancel", run, "--reason", "a duplicate", "--dry-run", plain=True).out
    assert ask("show", run).document["run"]["status"] == "RUNNING"

    said = ask("cancel", run, "--reason", "a duplicate", "--wait")

    (result,) = said.document["results"]
    assert (said.code, result["outcome"]) == (0, "canceled"), said
    progress = result["progress"]
    assert (progress["over"], progress["closed_as"]) == (True, "canceled")
    assert progress["requested_at"] <= progress["accepted_at"]
    assert progress["closed_at"] is not None
    assert "→ accepted" in result["message"]
    assert ask("intents").document == {"intents": []}


def test_a_row_is_closed_alone_only_where_temporal_knows_nothing(ask: Ask, source: str) -> None:
    running = ask("start", WAITS, "--payload", "-", given=_ticket()).document["run_id"]
    refused = ask("cancel", running, "--reason", "a duplicate", "--row-only", running[:8])
    assert (refused.code, refused.document["results"][0]["outcome"]) == (1, "refused")
    assert "Temporal knows" in refused.document["results"][0]["message"]
    wrong = ask("cancel", running, "--reason", "a duplicate", "--row-only", "00000000")
    assert running[:8] in wrong.document["results"][0]["message"]
    assert ask("cancel", running, source, "--reason", "a duplicate", "--row-only", running[:8]).code == 2
    assert ask("cancel", running, "--reason", "a duplicate").code == 0


def test_cancel_of_one_run_exits_0(ask: Ask) -> None:
    run = ask("start", WAITS, "--payload", "-", given=_ticket()).document["run_id"]
    said = ask("cancel", run, "--reason", "a duplicate", plain=True)
    assert said.code == 0
    assert f"{run}  canceled" in said.out


@pytest.mark.parametrize("operator", ["nobody@harbor-it.example", "7d3c5a5e-0000-4000-8000-00000000beef"])
def test_an_operator_nobody_knows_exits_2(ask: Ask, operator: str) -> None:
    said = ask("start", ENDS_WELL, operator=operator)
    assert said.code == 2


def test_an_operator_without_the_right_exits_1(ask: Ask, source: str) -> None:
    viewer = "priya.nair@harbor-it.example"
    assert ask("start", ENDS_WELL, operator=viewer).error["code"] == "operator.not_permitted"
    assert ask("replay", source, "--reason", "because", operator=viewer).code == 1
    assert ask("cancel", source, "--reason", "because", operator=viewer).code == 1


def test_while_temporal_is_down_nothing_is_started(info: SandboxInfo, ask: Ask, source: str) -> None:
    before = runs_in_all(ask)
    flags = ("--database-url", info.database_url, "--temporal-address", "127.0.0.1:1", "--operator", info.operator)
    for argv in (("start", ENDS_WELL, "--like", source), ("replay", source, "--reason", "because")):
        said = rundesk(*argv, *flags, "--json")
        assert said.code == 3, said
        assert said.error["code"].startswith("temporal")
    assert runs_in_all(ask) == before


def _ticket() -> str:
    return json.dumps({"ticketId": f"T-{uuid.uuid4()}", "subject": "Printer", "priority": "P3"})
