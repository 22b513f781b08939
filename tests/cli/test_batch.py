"""``rundesk batch`` on real servers: plan, run, status, ledger, and the ways in which it refuses."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.cli.command_line import Said, rundesk
from tests.conftest import Stack, TestDatabase
from tests.services.batch_bench import BatchBench

SECRET = "correct horse battery"


@pytest.fixture
def bench(stack: Stack, database: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BatchBench:
    monkeypatch.setenv("RUNDESK_STATE_DIR", str(tmp_path / "state"))
    return BatchBench.make(stack, database.url)


def ask(bench: BatchBench, *argv: str, given: str = "", plain: bool = False) -> Said:
    return rundesk("batch", *argv, *bench.flags, *(() if plain else ("--json",)), given=given)


PLAN = ("plan", "--action", "replay", "--name", "=INC-7", "--reason", "the gateway is back")


def test_plan_run_status_and_ledger(bench: BatchBench, tmp_path: Path) -> None:
    good = bench.add_runs(3, payload='{"password": "old", "n": 1}')
    bad = bench.add_runs(1, payload='{"n": 1}')
    patch = json.dumps([{"op": "replace", "path": "/password", "value": SECRET}])
    planned = ask(bench, *PLAN, "--status", "FAILED", "--patch", "-", given=patch)
    assert planned.code == 0, planned
    assert planned.document["totals"] | {"by_workflow": None} == {
        "runs": 4,
        "eligible": 0,
        "needs_decision": 3,
        "blocked": 1,
        "acted_upon": 0,
        "by_code": {"patch_on_masked": 3, "patch_target_missing": 1},
        "by_workflow": None,
    }
    batch = planned.document["batch_id"]
    done = ask(bench, "run", batch, "--include-decisions", "patch_on_masked", "--no-follow")
    assert (done.code, done.document["state"], done.document["counts"]["under_way"]) == (1, "finished", 3), done
    assert done.document["blocked"] == 1
    listed = ask(bench, "status")
    assert [each["batch_id"] for each in listed.document["batches"]] == [batch]
    assert listed.document["planned_elsewhere"] == []
    table, rows = tmp_path / "ledger.csv", tmp_path / "ledger.json"
    assert ask(bench, "ledger", batch, "--out", str(table)).document["row_count"] == 4
    ask(bench, "ledger", batch, "--format", "json", "--out", str(rows))
    read = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    assert {row["run_id"]: row["outcome"] for row in read} == {
        **{str(run): "under_way" for run in good},
        str(bad[0]): "left_out",
    }
    assert {row["batch"] for row in read} == {"'=INC-7"}
    assert json.loads(rows.read_text("utf-8"))["patch"] == ["replace /password"]
    said = [planned, done, listed, ask(bench, "status", batch, plain=True)]
    assert not any(SECRET in text for each in said for text in (each.out, each.err))
    assert SECRET not in table.read_text("utf-8") + rows.read_text("utf-8")


def test_the_journal_is_for_its_owner_only(bench: BatchBench, tmp_path: Path) -> None:
    bench.add_runs(1)
    assert ask(bench, *PLAN, "--all").code == 0
    if sys.platform != "win32":
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()}
        assert modes["batches.sqlite3"] == 0o600
        assert all(mode & 0o077 == 0 for name, mode in modes.items() if name.startswith("batches"))


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (PLAN, "usage"),
        ((*PLAN, "--all", "--status", "FAILED"), "usage"),
        (("run",), "usage"),
        (("run", "--action", "replay", "--all"), "usage"),
        ((*PLAN, "--all", "--stop-at", "0%"), "usage"),
        ((*PLAN, "--all", "--include-decisions", "everything"), "usage"),
        (("status", str(uuid4())), "batch.not_found"),
        ((*PLAN, "--all"), "batch.empty"),
    ],
)
def test_what_cannot_be_done_is_said(bench: BatchBench, argv: tuple[str, ...], code: str) -> None:
    said = ask(bench, *argv)
    assert said.error["code"] == code
    assert said.code == (2 if code == "usage" else 1)


def test_ctrl_c_pauses_and_says_how_to_go_on(bench: BatchBench) -> None:
    bench.add_runs(40)
    planned = ask(bench, *PLAN, "--all").document["batch_id"]
    argv = ["batch", "run", planned, "--rate", "60", "--no-follow", *bench.flags]
    runner = subprocess.Popen([sys.executable, "-m", "app", *argv], stderr=subprocess.PIPE, text=True)
    with psycopg.connect(bench.url, autocommit=True) as connection:
        query = "SELECT count(*) FROM workflow_runs WHERE trigger_metadata_json ? 'replayOfRunId'"
        while (connection.execute(query).fetchone() or (0,))[0] < 1:
            with suppress(subprocess.TimeoutExpired):
                runner.wait(0.05)
                raise AssertionError(runner.communicate()[1])
    runner.send_signal(signal.SIGINT)
    _, told = runner.communicate(timeout=60)
    assert runner.returncode == 130
    assert f"rundesk batch resume {planned}" in told
    paused = ask(bench, "status", planned).document
    assert paused["state"] == "paused"
    assert paused["counts"]["sending"] == 0
    aborted = ask(bench, "abort", planned).document
    assert (aborted["state"], aborted["counts"]["pending"]) == ("aborted", 0)
    assert ask(bench, "resume", planned).error["code"] == "batch.ended"
