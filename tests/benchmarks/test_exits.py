"""A hundred starts and stops of the app and of each command end with the right exit code and no abort."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.conftest import SandboxUnderTest

TIMES = 100
AT_ONCE = 2

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

RUNDESK = [sys.executable, "-m", "app"]


def _connection(demo: SandboxUnderTest) -> list[str]:
    info = demo.info
    address = ["--temporal-address", info.temporal_address, "--temporal-namespace", info.namespace]
    return ["--database-url", info.database_url, *address]


def _a_run(demo: SandboxUnderTest, status: str) -> str:
    with psycopg.connect(demo.info.database_url) as connection:
        row = connection.execute(
            "SELECT run_id FROM workflow_runs WHERE status = %s AND engine = 'temporal' LIMIT 1", (status,)
        ).fetchone()
    assert row is not None
    return str(row[0])


def _exit_codes(once: Callable[[int], int]) -> Counter[int]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(once, range(TIMES)))


def _finished(command: list[str]) -> int:
    silent = subprocess.DEVNULL
    return subprocess.run(command, check=False, stdout=silent, stderr=silent, timeout=120).returncode


def _stopped_after(command: list[str], sign: str, *, stream: str) -> int:
    """Start the command, send SIGTERM once its stream holds the sign, and return its exit code."""
    pipes = {stream: subprocess.PIPE, ("stderr" if stream == "stdout" else "stdout"): subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        for line in process.stdout or process.stderr:
            if sign in line:
                break
        process.send_signal(signal.SIGTERM)
        (process.stdout or process.stderr).read()
        return int(process.wait(60))


@pytest.mark.parametrize(
    ("command", "expected"),
    [("runs", 0), ("show", 0), ("stuck", 0), ("report", 0), ("shot", 0), ("cancel", 1), ("usage", 2), ("nowhere", 3)],
)
def test_reading_commands(command: str, expected: int, demo: SandboxUnderTest, tmp_path: Path) -> None:
    run, connection = _a_run(demo, "FAILED"), _connection(demo)
    operator = ["--operator", str(demo.info.operator)]
    arguments = {
        "runs": ["runs", *connection],
        "show": ["show", run, *connection],
        "stuck": ["stuck", *connection],
        "report": ["report", run, "--format", "html", "--out", str(tmp_path / "report.html"), *connection],
        "shot": ["shot", "runs", "--out", str(tmp_path / "runs.png"), *connection],
        "cancel": ["cancel", run, "--reason", "benchmark", *operator, *connection],
        "usage": ["replay"],
        "nowhere": ["runs", "--database-url", "postgresql://u:p@127.0.0.1:9/x", "--temporal-address", "127.0.0.1:9"],
    }[command]
    codes = _exit_codes(lambda _: _finished([*RUNDESK, *arguments]))
    print(f"\n{command}: {dict(codes)}")
    assert codes == {expected: TIMES}


@pytest.mark.parametrize("command", ["start", "replay"])
def test_writing_commands(command: str, demo: SandboxUnderTest, tmp_path: Path) -> None:
    operator = ["--operator", str(demo.info.operator)]
    run = _a_run(demo, "SUCCEEDED")
    with psycopg.connect(demo.info.database_url) as connection:
        found = connection.execute(
            "SELECT workflow_id, input_json::text FROM workflow_runs WHERE run_id = %s", (run,)
        ).fetchone()
    assert found is not None
    payload = tmp_path / "payload.json"
    payload.write_text(found[1], encoding="utf-8")
    arguments = {
        "start": ["start", str(found[0]), "--payload", str(payload)],
        "replay": ["replay", run, "--reason", "benchmark"],
    }[command]
    codes = _exit_codes(lambda _: _finished([*RUNDESK, *arguments, *operator, *_connection(demo)]))
    print(f"\n{command}: {dict(codes)}")
    assert codes == {0: TIMES}


def test_worker(demo: SandboxUnderTest) -> None:
    command = [*RUNDESK, "worker", "--health-port", "0", *_connection(demo)]
    codes = _exit_codes(lambda _: _stopped_after(command, "polls", stream="stderr"))
    print(f"\nworker: {dict(codes)}")
    assert codes == {0: TIMES}


def test_sandbox(tmp_path: Path) -> None:
    def once(number: int) -> int:
        directory = tmp_path / str(number % AT_ONCE)
        command = [*RUNDESK, "sandbox", "--seed", "none", "--no-worker", "--data-dir", str(directory)]
        return _stopped_after(command, "database_url", stream="stdout")

    codes = Counter(once(number) for number in range(TIMES))
    print(f"\nsandbox: {dict(codes)}")
    assert codes == {0: TIMES}


def test_desktop(demo: SandboxUnderTest) -> None:
    info = demo.info
    command = [sys.executable, "-m", "tests.benchmarks.start_probe", "visit", "0", info.database_url]
    codes = _exit_codes(lambda _: _finished([*command, info.temporal_address, info.namespace]))
    print(f"\ndesktop: {dict(codes)}")
    assert codes == {0: TIMES}
