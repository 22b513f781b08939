"""The program as a process: fast help, exit codes, pipes, and errors in both forms."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import __version__
from tests.cli.command_line import Said, rundesk, rundesk_process

RUN = "0b9f2c1e-4f5d-4c66-9a39-7d2e5b8c1a00"
NOWHERE = ("--database-url", "postgresql://somebody:hunter2-password@127.0.0.1:1/nowhere", "--temporal-address")
HEAVY = ("sqlalchemy", "psycopg", "temporalio", "PySide6", "qasync", "asyncio")


def test_help_and_version() -> None:
    assert rundesk_process("--version") == Said(0, f"rundesk {__version__}\n", "")
    helped = rundesk_process("--help")
    assert helped.code == 0
    for verb in ("runs", "show", "start", "replay", "cancel", "stuck", "report", "shot", "sandbox", "worker"):
        assert verb in helped.out
        assert rundesk_process(verb, "--help").code == 0


def test_help_loads_nothing_heavy() -> None:
    """What keeps ``rundesk --help`` under 200 ms, without measuring time."""
    probe = (
        "import sys\nfrom app.cli.arguments import build_parser\nimport app.bootstrap\n"
        "build_parser().format_help()\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert [name for name in HEAVY[:-1] if name in done.stdout.split()] == []


@pytest.mark.parametrize("argv", [("rnus",), ("show", "x"), ("replay", RUN), ("shot",), ("runs", "--limit", "0")])
def test_usage_errors_exit_2(argv: tuple[str, ...]) -> None:
    said = rundesk(*argv)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1


def test_usage_errors_are_json_too() -> None:
    said = rundesk("runs", "--limit", "0", "--json")
    assert said.code == 2
    assert said.error["code"] == "usage"
    assert said.error["message"] == said.err.strip()


@pytest.mark.parametrize(
    "argv",
    [
        ("runs",),
        ("stuck",),
        ("show", RUN),
        ("start", RUN, "--operator", "a@b.test"),
        ("replay", RUN, "--reason", "because", "--operator", "a@b.test"),
        ("cancel", RUN, "--reason", "because", "--operator", "a@b.test"),
        ("report", RUN, "--out", "never-written.html"),
    ],
)
def test_a_server_that_is_down_exits_3_and_shows_no_password(argv: tuple[str, ...]) -> None:
    said = rundesk(*argv, *NOWHERE, "127.0.0.1:1", "--json")
    assert said.code == 3, said
    assert "hunter2" not in said.out + said.err
    assert said.document
    assert "Traceback" not in said.err


def test_the_exit_code_survives_the_end_of_the_process() -> None:
    """After both drivers were loaded, the interpreter's own end could abort and replace it (stack-facts)."""
    said = rundesk_process("runs", *NOWHERE, "127.0.0.1:1", "--json")
    assert (said.code, said.error["code"]) == (3, said.document["error"]["code"])
    assert said.err.strip() == said.error["message"]


def test_no_sandbox_alive_exits_3_with_a_way_forward(tmp_path: Path) -> None:
    said = rundesk("runs", "--data-dir", str(tmp_path / "none"))
    assert said.code == 3
    assert "rundesk sandbox" in said.err


def test_half_a_connection_exits_2() -> None:
    assert rundesk_process("runs", environment={"DATABASE_URL": "postgresql://u@h/d"}).code == 2


@pytest.mark.parametrize("url", ["not a url", "mysql://u@h/d", "postgresql://u@h:port/d"])
def test_a_database_url_that_is_none_exits_2(url: str) -> None:
    assert rundesk("runs", "--database-url", url, "--temporal-address", "127.0.0.1:1").code == 2


def test_writes_without_an_operator_exit_2_before_anything_else() -> None:
    said = rundesk("cancel", RUN, "--reason", "because", *NOWHERE, "127.0.0.1:1", "--json")
    assert (said.code, said.error["code"]) == (2, "operator.missing")


def test_damaged_settings_exit_2_and_are_kept(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("profiles = [")
    said = rundesk_process("runs", environment={"RUNDESK_CONFIG_DIR": str(tmp_path)})
    assert said.code == 2
    assert str(settings) in said.err
    assert settings.read_text() == "profiles = ["


def test_ignored_variables_are_reported_once() -> None:
    name = "WORKFLOW_RUNTIME_V2_TEMPORAL_TASK_QUEUE"
    said = rundesk_process("shot", "--list", environment={name: "another-queue"})
    assert said.code == 0
    assert said.err.count(name) == 1
    assert name not in rundesk_process("shot", "--list").err


def test_a_reader_that_leaves_early_is_no_crash() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app", "shot", "--list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) in {0, 141}


def test_the_desktop_without_a_display_says_so_in_one_line() -> None:
    if not sys.platform.startswith("linux"):
        return  # other systems always have a display
    bare = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    said = rundesk_process(environment=bare)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert "display" in said.err


def test_interrupting_a_worker_that_waits_ends_it_in_order() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app", "worker", *NOWHERE, "127.0.0.1:1", "--health-port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(3)]
        assert "readiness at http://127.0.0.1:" in lines[1], lines
        assert "waits for it" in lines[2], lines
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(timeout=30) == 0, rest
        assert "hunter2" not in "".join(lines) + rest
