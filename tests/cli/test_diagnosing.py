"""``diagnose`` and ``runs --cause`` on the demo, and what they say when a server is away."""

from __future__ import annotations

import pytest

from app.sandbox.info import SandboxInfo
from app.sandbox.server_process import free_port
from tests.cli.command_line import rundesk
from tests.cli.conftest import Ask

KEYS = {
    "run_id", "status", "effective_state", "verdict", "cause", "known_faults", "title", "severity", "evidence",
    "actions",
}  # fmt: skip


@pytest.fixture(scope="module")
def launch_gap(ask: Ask) -> str:
    """The demo's run that never reached Temporal."""
    (run,) = ask("stuck").document["stuck"]
    return run["run_id"]


def test_every_active_run_is_diagnosed(ask: Ask, launch_gap: str) -> None:
    said = ask("diagnose", "--active")
    assert (said.code, said.err) == (0, "")
    document = said.document
    assert document.keys() == {"runs", "checked_at", "degraded"}
    assert document["degraded"] == []
    assert all(run.keys() >= KEYS for run in document["runs"])
    assert {run["run_id"] for run in document["runs"] if run["severity"] == "trouble"} == {launch_gap}
    active = {run["run_id"] for run in ask("runs", "--status", "RUNNING", "--limit", "500").document["runs"]}
    assert active <= {run["run_id"] for run in document["runs"]}


def test_one_run_with_evidence_and_actions(ask: Ask, launch_gap: str) -> None:
    (found,) = ask("diagnose", launch_gap).document["runs"]
    assert (found["cause"], found["verdict"], found["known_faults"]) == ("S12", "missing", ["F30"])
    assert found["actions"] == ["repair.complete-launch", "repair.fail-launch"]
    assert [fact.keys() for fact in found["evidence"]] == [{"source", "fact", "at"}] * len(found["evidence"])
    assert {fact["source"] for fact in found["evidence"]} == {"postgres", "temporal"}
    words = ask("diagnose", launch_gap, plain=True).out
    assert "S12 (trouble): The launch never reached Temporal." in words
    assert "KNOWN FAULTS OF THE ENGINE" in words


def test_the_list_by_cause(ask: Ask, launch_gap: str) -> None:
    document = ask("runs", "--cause", "s12").document
    assert [run["run_id"] for run in document["runs"]] == [launch_gap]
    assert document["counts"] == {"RUNNING": 1}
    assert ask("runs", "--cause", "S12", "--status", "FAILED").document["runs"] == []
    assert ask("runs", "--cause", "S99").code == 2


def test_a_table_of_what_is_remarkable(ask: Ask, launch_gap: str) -> None:
    words = ask("diagnose", plain=True).out
    assert words.splitlines()[1].startswith(f"{launch_gap}  trouble")
    assert "as they should be" in words


def test_refused_arguments(ask: Ask, launch_gap: str) -> None:
    assert ask("diagnose", "--active", launch_gap).code == 2
    assert ask("diagnose", "00000000-0000-4000-8000-000000000000").error["code"] == "run.not_found"


def test_with_temporal_away_the_row_alone_accuses_nobody(info: SandboxInfo, launch_gap: str) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    said = rundesk("diagnose", launch_gap, "--database-url", info.database_url, "--temporal-address", nowhere, "--json")
    (found,) = said.document["runs"]
    assert (said.code, found["cause"], found["severity"]) == (0, "S19", "watch")
    assert said.document["degraded"]
    at = ("--database-url", info.database_url, "--temporal-address", nowhere, "--json")
    said = rundesk("runs", "--cause", "S12", *at)
    assert said.document["runs"] == []
    assert "not verified" in said.err, "an empty list is not told as an all-clear"


def test_with_postgres_away_nothing_is_verified(info: SandboxInfo, launch_gap: str) -> None:
    nowhere = f"postgresql://x:y@127.0.0.1:{free_port()}/z"
    at = ("--database-url", nowhere, "--temporal-address", info.temporal_address, "--json")
    said = rundesk("diagnose", launch_gap, *at)
    (found,) = said.document["runs"]
    assert (said.code, found["cause"], found["status"]) == (3, "S19", "UNKNOWN")
    assert rundesk("diagnose", *at).document["runs"] == []
