"""``replay --check``, ``--version`` and ``--source-still-runs`` on real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.command_line import Said
from tests.cli.conftest import Ask

SECRETS = ("sk-live-2b7c9d1e3f5a", "correct horse staple", "vault:payroll/admin")
PAYLOAD = {
    "employee": {"name": "Çelik, Zoë", "email": "zoe@alder.test"},
    "accounts": ["VPN"],
    "needsLaptop": False,
    "initialPassword": SECRETS[1],
    "contract": {"apiKey": SECRETS[0], "note": f"key is {SECRETS[0]}"},
    "vault": {"$secret": SECRETS[2]},
}
PARTS = ("version", "schema", "headroom", "forecast", "replays")


@pytest.fixture(scope="module")
def failed(ask: Ask) -> str:
    """A run that failed on the older of two versions."""
    rows = ask("runs", "--status", "FAILED", "--workflow", "RMM sync", "--limit", "50").document["runs"]
    return next(row["run_id"] for row in rows if row["workflow_version"] == 1)


@pytest.fixture(scope="module")
def waiting(ask: Ask) -> Iterator[str]:
    """A run that waits for an event; it and what was started beside it are canceled afterwards."""
    payload = json.dumps({"ticketId": "T-1", "subject": "Printer", "priority": "P3"})
    run = ask("start", "Ticket triage", "--payload", "-", given=payload).document["run_id"]
    yield run
    beside = [row["run_id"] for row in ask("show", run).document["run"]["replays"]]
    ask("cancel", run, *beside, "--reason", "the test is over")


def runs_in_all(ask: Ask) -> int:
    return sum(ask("runs", "--limit", "1").document["counts"].values())


def test_a_check_answers_every_part_and_sends_nothing(ask: Ask, failed: str) -> None:
    before = runs_in_all(ask)
    said = ask("replay", failed, "--check")
    assert (said.code, said.document["sendable"], said.document["refusals"]) == (0, True, [])
    assert said.document.keys() == {"run_id", "status", "source_active", "sendable", "refusals", *PARTS}
    assert said.document["schema"]["state"] == "fits"
    assert said.document["headroom"].keys() == {"read_at", "open", "closed", "paused", "concurrency", "rate", "quota"}
    assert said.document["forecast"].keys() == {"totals", "actions"}
    plain = ask("replay", failed, "--check", plain=True)
    assert "What would happen again" in plain.out
    assert runs_in_all(ask) == before


def test_versions_are_compared_and_the_latest_one_is_run(ask: Ask, failed: str) -> None:
    checked = ask("replay", failed, "--check", "--version", "latest")
    assert (checked.document["version"]["own"], checked.document["version"]["chosen"]) == (1, 2)
    kinds = {change["kind"] for change in checked.document["version"]["differences"]}
    assert {"added", "removed", "changed"} <= kinds
    assert checked.document["schema"]["version"] == 2
    missing = ask("replay", failed, "--check", "--version", "77")
    assert (missing.code, missing.document["refusals"][0]["code"]) == (1, "version.not_found")
    replayed = ask("replay", failed, "--reason", "the newer one stores its cursor", "--version", "latest")
    assert (replayed.code, replayed.document["workflow_version"]) == (0, 2)


def test_a_refused_edit_is_told_with_its_place(ask: Ask, failed: str) -> None:
    typed = json.dumps({**ask("show", failed).document["run"]["input_json"], "a/b": {"note": "[REDACTED]"}})
    (refusal,) = ask("replay", failed, "--check", "--payload", "-", given=typed).document["refusals"]
    assert (refusal["code"], refusal["path"]) == ("payload.placeholder", "/a~1b/note")
    plain = ask("replay", failed, "--check", "--payload", "-", given=typed, plain=True).out
    assert plain.count("/a~1b/note") == 1
    assert "Breaks the schema" not in plain
    (cut,) = ask("replay", failed, "--check", "--payload", "-", given='{\n "a": }').document["refusals"]
    assert (cut["code"], cut["line"]) == ("payload.invalid_json", 2)


def test_a_payload_that_breaks_the_schema_is_refused_before_anything_is_written(ask: Ask, failed: str) -> None:
    broken = json.dumps({"tenantDomain": 7})
    checked = ask("replay", failed, "--check", "--payload", "-", given=broken)
    assert checked.code == 1
    assert checked.document["schema"]["refuses"] is True
    assert all(fault["path"].startswith("/") for fault in checked.document["schema"]["faults"])
    before = runs_in_all(ask)
    sent = ask("replay", failed, "--reason", "should be refused", "--payload", "-", given=broken)
    assert (sent.code, sent.error["code"]) == (1, "payload.schema")
    assert len(sent.error["faults"]) == sent.error["count"] == checked.document["schema"]["fault_count"]
    assert runs_in_all(ask) == before


def test_no_masked_value_is_in_anything_that_a_check_says(ask: Ask) -> None:
    started = ask("start", "New hire onboarding", "--payload", "-", given=json.dumps(PAYLOAD))
    assert started.code == 0, started
    source = started.document["run_id"]
    shown: dict[str, Any] = ask("show", source).document["run"]["input_json"]
    edited = json.dumps({**shown, "accounts": "none", "employee": 7})
    for form in ((), ("--payload", "-")):
        for plain in (False, True):
            said: Said = ask("replay", source, "--check", *form, plain=plain, given=edited)
            assert said.out
            leaked = [secret for secret in SECRETS if secret in said.out + said.err]
            assert leaked == []
    assert {
        fault["path"] for fault in ask("replay", source, "--check", *form, given=edited).document["schema"]["faults"]
    }


def test_a_run_beside_a_running_source_takes_the_beginning_of_its_id(ask: Ask, waiting: str) -> None:
    refused = ask("replay", waiting, "--reason", "cannot wait for it")
    assert (refused.code, refused.error["code"]) == (1, "replay.source_active")
    assert ask("replay", waiting, "--check").document["refusals"][0]["code"] == "replay.source_active"
    typo = ask("replay", waiting, "--reason", "cannot wait for it", "--source-still-runs", "00000000")
    assert (typo.code, typo.error["code"]) == (2, "usage")
    confirmed = ("--source-still-runs", waiting[:8].upper())
    assert ask("replay", waiting, "--check", *confirmed).document["sendable"] is True
    assert ask("replay", waiting, "--reason", "cannot wait for it", *confirmed).code == 0


def test_a_check_needs_no_reason_and_everything_else_does(ask: Ask, failed: str) -> None:
    assert ask("replay", failed, "--version", "newest", "--check").code == 2
    assert "--reason" in ask("replay", failed, "--version", "2").error["message"]
