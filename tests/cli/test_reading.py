"""``runs``, ``show``, ``stuck`` and ``report`` on real servers with demo data."""

from __future__ import annotations

import asyncio
import csv
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.domain.case import Case, CaseAttempt, CaseComparison, CaseNote, CaseRun
from app.domain.run import RunKey, RunStatus
from app.local.case_files import CaseFiles
from app.sandbox.info import SandboxInfo
from tests.cli.command_line import rundesk
from tests.cli.conftest import Ask

RUN_KEYS = {
    "run_id", "workflow_id", "workflow_name", "workflow_version", "status", "stuck", "started_at", "updated_at",
    "completed_at", "replay_of", "state", "age_seconds", "error", "engine", "trigger_type",
}  # fmt: skip
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def runs(ask: Ask, *filters: str) -> list[dict[str, Any]]:
    said = ask("runs", *filters)
    assert said.code == 0, said
    return said.document["runs"]


def test_runs_has_stable_keys_and_honest_counts(ask: Ask) -> None:
    document = ask("runs", "--limit", "1000").document
    assert document.keys() >= {"runs", "next", "counts"}
    assert all(run.keys() >= RUN_KEYS for run in document["runs"])
    assert document["next"] is None
    by_status: dict[str, int] = {}
    for run in document["runs"]:
        by_status[run["status"]] = by_status.get(run["status"], 0) + 1
    assert document["counts"] == by_status
    assert INSTANT.fullmatch(document["runs"][0]["started_at"])


def test_counts_ignore_the_status_filter_only(ask: Ask) -> None:
    everything = ask("runs", "--limit", "1").document["counts"]
    failed = ask("runs", "--status", "failed", "--limit", "1000").document
    assert sum(failed["counts"].values()) == sum(everything.values())
    assert {run["status"] for run in failed["runs"]} == {"FAILED"}
    assert len(failed["runs"]) == failed["counts"]["FAILED"]


@pytest.mark.parametrize("order", ["started_at:desc", "started_at:asc", "updated_at:desc", "updated_at:asc"])
def test_pages_join_without_a_gap(ask: Ask, order: str) -> None:
    whole = [run["run_id"] for run in runs(ask, "--sort", order, "--status", "SUCCEEDED", "--limit", "24")]
    first = ask("runs", "--sort", order, "--status", "SUCCEEDED", "--limit", "10").document
    second = ask("runs", "--sort", order, "--status", "SUCCEEDED", "--limit", "14", "--after", first["next"]).document
    assert [run["run_id"] for run in (*first["runs"], *second["runs"])] == whole


def test_filters_narrow(ask: Ask) -> None:
    newest = runs(ask, "--limit", "1")[0]
    name = newest["workflow_name"]
    assert {run["workflow_name"] for run in runs(ask, "--workflow", name)} == {name}
    assert {run["workflow_id"] for run in runs(ask, "--workflow", newest["workflow_id"])} == {newest["workflow_id"]}
    assert [run["run_id"] for run in runs(ask, "--text", newest["run_id"])] == [newest["run_id"]]
    assert newest["run_id"] in {run["run_id"] for run in runs(ask, "--text", newest["run_id"][:8])}
    assert runs(ask, "--from", "2999-01-01") == []
    assert runs(ask, "--to", "1999-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("--after", "nonsense"), 2),
        (("--workflow", "no such workflow"), 1),
        (("--tenant", "no such tenant"), 2),
    ],
)
def test_what_the_list_cannot_use(ask: Ask, argv: tuple[str, ...], code: int) -> None:
    said = ask("runs", *argv)
    assert said.code == code
    assert said.error.keys() >= {"code", "message"}
    assert said.error["message"] == said.err.strip()


def test_a_cursor_of_another_sort_is_refused(ask: Ask) -> None:
    cursor = ask("runs", "--limit", "1").document["next"]
    assert ask("runs", "--after", cursor, "--sort", "updated_at:asc").error["code"] == "cursor.sort"


def test_the_table_for_people(ask: Ask) -> None:
    said = ask("runs", "--limit", "5", plain=True)
    lines = said.out.splitlines()
    assert lines[0].split() == ["RUN", "STATUS", "WORKFLOW", "STARTED", "AGE", "ERROR"]
    assert all(uuid.UUID(line.split()[0]) for line in lines[1:6])
    assert "\x1b" not in said.out


def test_show_has_every_part(ask: Ask) -> None:
    failed = runs(ask, "--status", "FAILED")
    document = ask("show", failed[0]["run_id"]).document
    assert document.keys() >= {"run", "steps", "waits", "invocations", "logs", "error", "execution", "chain"}
    assert document["run"].keys() >= RUN_KEYS | {"input_json", "masked_paths", "damaged_paths"}
    assert document["run"]["run_id"] == failed[0]["run_id"]
    assert document["error"]["message"]


def test_show_tells_the_generations_of_a_replay_from_both_ends(ask: Ask) -> None:
    replay = next(run for run in runs(ask, "--limit", "200") if run["replay_of"] is not None)
    for run_id in (replay["run_id"], replay["replay_of"]):
        chain = ask("show", run_id).document["chain"]
        told = {entry["run_id"]: entry for entry in chain["generations"]}
        assert chain.keys() >= {"recovered_by", "origin_missing", "truncated"}
        assert told[replay["run_id"]]["replay_of"] == replay["replay_of"]
        assert told[replay["run_id"]]["payload"] in {"verbatim", "edited"}
        assert told[replay["run_id"]]["replayed_by"]["email"]
        assert told[replay["run_id"]]["reason"]
        assert "GENERATIONS" in ask("show", run_id, plain=True).out


@pytest.mark.parametrize("status", list(RunStatus))
def test_every_kind_of_run_can_be_shown_in_both_forms(ask: Ask, status: str) -> None:
    for run in runs(ask, "--status", status, "--limit", "2"):
        document = ask("show", run["run_id"]).document
        assert document["run"]["run_id"] == run["run_id"]
        assert ask("show", run["run_id"], plain=True).out.startswith("Run ")


def test_stuck_lists_the_launch_that_never_reached_temporal(ask: Ask) -> None:
    document = ask("stuck").document
    assert document["stuck"]
    for run in document["stuck"]:
        assert run.keys() >= {"run_id", "age_seconds", "workflow_name", "started_at"}
        assert run["age_seconds"] > 60
        shown = ask("show", run["run_id"]).document
        assert (shown["run"]["status"], shown["run"]["stuck"], shown["steps"]) == ("RUNNING", True, [])
    assert {run["run_id"] for run in document["stuck"]} == {run["run_id"] for run in runs(ask, "--stuck")}


@pytest.mark.parametrize("form", ["html", "pdf", "md", "json", "csv", "xlsx"])
def test_report_writes_a_file_and_says_when_it_took_the_place_of_another(ask: Ask, form: str, tmp_path: Path) -> None:
    run = runs(ask, "--status", "FAILED")[0]
    out = tmp_path / f"report.{form}"
    said = ask("report", run["run_id"], "--out", str(out), "--language", "de", "--zone", "Europe/Berlin")
    assert said.document["path"] == str(out)
    assert (said.document["format"], said.document["runs"], said.document["replaced"]) == (form, 1, False)
    assert said.document["audited"]
    begin = {
        "html": b"<!DOCTYPE html>",
        "pdf": b"%PDF-",
        "md": b"# ",
        "json": b"{",
        "csv": b"\xef\xbb\xbf",
        "xlsx": b"PK",
    }
    assert out.read_bytes().startswith(begin[form])
    again = ask("report", run["run_id"], "--format", form, "--out", str(out))
    assert again.document["replaced"]
    assert f"{out} existed and was replaced." in again.err
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_a_report_of_a_list_has_the_runs_that_the_list_has(ask: Ask, tmp_path: Path) -> None:
    out = tmp_path / "failed.csv"
    said = ask("report", "--status", "FAILED", "--out", str(out))
    listed = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert [row["run_id"] for row in listed] == [
        run["run_id"] for run in runs(ask, "--status", "FAILED", "--limit", "1000")
    ]
    assert said.document["runs"] == len(listed)


def test_a_zone_that_does_not_exist_is_refused_before_anything_leaves(ask: Ask, tmp_path: Path) -> None:
    run = runs(ask, "--limit", "1")[0]
    out = tmp_path / "report.html"
    said = ask("report", run["run_id"], "--out", str(out), "--zone", "Mars/Olympus")
    assert (said.code, said.error["code"]) == (2, "report.zone")
    assert not out.exists()


def test_a_report_that_cannot_be_written_exits_2(ask: Ask, tmp_path: Path) -> None:
    run = runs(ask, "--limit", "1")[0]
    said = ask("report", run["run_id"], "--out", str(tmp_path / "missing" / "report.html"))
    assert (said.code, said.error["code"]) == (2, "report.file")


@pytest.mark.parametrize("verb", [("show",), ("report", "--out", "never.html"), ("replay", "--reason", "because")])
def test_a_run_that_does_not_exist_exits_1(ask: Ask, verb: tuple[str, ...]) -> None:
    said = ask(*verb, str(uuid.uuid4()))
    assert (said.code, said.error["code"]) == (1, "run.not_found")


def test_show_works_while_temporal_is_down(info: SandboxInfo, ask: Ask) -> None:
    run = runs(ask, "--limit", "1")[0]
    said = rundesk(
        "show", run["run_id"], "--database-url", info.database_url, "--temporal-address", "127.0.0.1:1", "--json"
    )
    assert said.code == 0
    assert said.document["execution"] is None
    assert said.document["execution_problem"]


def test_where_several_tenants_exist_one_must_be_named(database) -> None:
    names = ["Alder & Finch", "Bluefin Dental"]
    with psycopg.connect(database.url, autocommit=True) as connection:
        for name in names:
            connection.execute(
                "INSERT INTO tenants (tenant, client_name, email) VALUES (%s, %s, 'x@example.test')",
                (uuid.uuid4(), name),
            )
    flags = ("--database-url", database.url, "--temporal-address", "127.0.0.1:1")
    said = rundesk("runs", *flags, "--json")
    assert (said.code, said.error["code"]) == (2, "tenant.several")
    assert all(name in said.err for name in names)
    assert rundesk("runs", *flags, "--tenant", names[1], "--json").document["runs"] == []


def test_a_report_of_a_case_has_its_words_its_runs_and_its_comparisons(ask: Ask, tmp_path: Path) -> None:
    first, second = runs(ask, "--status", "FAILED", "--limit", "2")
    keys = [RunKey(uuid.UUID(run["tenant"]), uuid.UUID(run["run_id"])) for run in (first, second)]
    now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    case = Case(
        uuid.uuid4(),
        "Gateway outage",
        now,
        now,
        customer="ticket 48213",
        asked="Call the gateway's operator.",
        notes=(CaseNote(now, "Dana", "The customer called twice."),),
        attempts=(CaseAttempt(now, "Replayed one run", "failed again"),),
        runs=tuple(CaseRun(key, now, "Payment", "FAILED") for key in keys),
        comparisons=(CaseComparison(*keys, now),),
    )
    asyncio.run(CaseFiles(tmp_path / "cases", "somewhere").write(case))
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file() and str(case.case_id) in path.read_text("utf-8")]
    out = tmp_path / "case.md"
    said = ask("report", "--case", str(file), "--out", str(out))
    assert said.document["runs"] == 2
    text = out.read_text("utf-8").replace("\\", "")
    for words in ("# Gateway outage", "ticket 48213", "Call the gateway's operator.", "The customer called twice."):
        assert words in text
    assert "| Replayed one run | failed again |" in text
    assert f"## Comparison of {first['run_id'][:8]} and {second['run_id'][:8]}" in text
