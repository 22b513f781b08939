"""No verb of the command line tells a secret, as JSON, as text, in a file that it writes, or in an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command_line import Said, rundesk
from tests.conftest import Stack, TestDatabase
from tests.rendering.opened import FORMATS, texts
from tests.secret_run import plant, revealed
from tests.services.batch_bench import BatchBench
from tests.services.doubles import TENANT


@pytest.fixture
def bench(stack: Stack, database: TestDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> BatchBench:
    monkeypatch.setenv("RUNDESK_STATE_DIR", str(tmp_path / "state"))
    return BatchBench.make(stack, database.url)


def every_verb(run: str, active: str, out: Path) -> Iterator[tuple[str, ...]]:
    for one in (run, active):
        yield ("show", one)
        yield ("diagnose", one)
        yield ("cancel", one, "--reason", "because", "--dry-run")
        yield ("runs", "--text", one)
        for action in ("complete-launch", "fail-launch", "project-close"):
            yield ("repair", one, "--action", action, "--reason", "because")
    yield ("runs", "--status", "FAILED")
    yield ("stuck",)
    yield ("diagnose", "--active")
    for form in FORMATS:
        yield ("report", run, active, "--language", "de", "--out", str(out / f"r.{form}"))
        yield ("report", "--out", str(out / f"list.{form}"))
    yield ("replay", run, "--reason", "because")
    yield ("replay", active, "--reason", "because")
    yield ("batch", "plan", "--action", "replay", "--name", "sweep", "--reason", "because", run, active)
    yield ("batch", "plan", "--action", "cancel", "--name", "sweep", "--reason", "because", run, active)
    yield ("stranded",)
    yield ("intents",)
    yield ("cancel", active, "--reason", "because")
    yield ("cancel", active, "--reason", "because", "--row-only", active[:8])
    yield ("show", active)


def test_no_verb_tells_a_secret(bench: BatchBench, tmp_path: Path) -> None:
    run, active = map(str, plant(bench))
    said: dict[tuple[str, ...], Said] = {}
    for argv in every_verb(run, active, tmp_path):
        for form in ((), ("--json",)):
            said[(*argv, *form)] = rundesk(*argv, *bench.flags, *form)
    leaks = {argv: found for argv, one in said.items() if (found := revealed(one.out + one.err))}
    assert leaks == {}
    told = {argv for argv, one in said.items() if "[REDACTED]" in one.out}
    assert {("show", run), ("show", run, "--json"), ("runs", "--status", "FAILED", "--json")} <= told
    kept = list(tmp_path.rglob("*.sqlite3*"))
    assert kept
    for path in kept:
        assert revealed(path.read_bytes().decode(errors="replace")) == [], path
    for form in FORMATS:
        for name in ("r", "list"):
            for text in texts(form, (tmp_path / f"{name}.{form}").read_bytes()):
                assert revealed(text) == [], (name, form)
    broken = {argv: one.err for argv, one in said.items() if "broke in a way" in one.err}
    assert broken == {}


def test_without_a_right_actions_are_hidden_and_that_is_said(bench: BatchBench) -> None:
    run, _ = map(str, plant(bench))
    nobody = bench.flags[: bench.flags.index("--operator")]
    document = rundesk("show", run, *nobody, "--json").document
    (invocation,) = document["invocations"]
    assert document["run"]["restricted"]
    assert invocation["input_json"] == invocation["output_json"] == {"redacted": True}
    assert invocation["error_json"] == {"redacted": True, "category": "ActionError", "nodePath": "root.steps[0]"}
    assert "workflow:manage" in rundesk("show", run, *nobody).out
    assert not rundesk("show", run, *bench.flags, "--json").document["run"]["restricted"]


def test_rules_that_cannot_be_used_close_every_surface_and_it_is_said(bench: BatchBench, tmp_path: Path) -> None:
    run, _ = map(str, plant(bench))
    bench.execute(
        "UPDATE tenant_settings SET settings = %s WHERE tenant = %s",
        '{"workflowRunStudio": {"redactionKeyPatterns": ["(unclosed"]}}',
        TENANT,
    )
    shown = rundesk("show", run, *bench.flags, "--json")
    assert shown.document["run"]["redaction_closed"]
    assert shown.document["run"]["input_json"] == {"redacted": True}
    plain = rundesk("show", run, *bench.flags).out
    assert "cannot be used" in plain
    listed = rundesk("runs", *bench.flags, "--json")
    assert listed.document["redaction_closed"]
    assert "cannot be used" in rundesk("runs", *bench.flags).out
    assert "Dorothy" not in plain + shown.out + listed.out
    report = tmp_path / "r.html"
    assert rundesk("report", run, *bench.flags, "--out", str(report)).code == 0
    assert "could not be read" in report.read_text("utf-8")
    assert "Dorothy" not in report.read_text("utf-8")
    edited = rundesk("replay", run, "--reason", "because", "--payload", "-", *bench.flags, given='{"client": "X"}')
    assert revealed(edited.out + edited.err) == []
