"""What a new guardian does about processes that an old one could not stop, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sandbox.guarded_server import GuardedServer
from app.sandbox.leftovers import end_leftovers, remove_stale_pid_file
from app.sandbox.server_process import Identity, ProgramSpec, ServerProcess, launch_command
from tests.sandbox.processes import alive, eventually

SLEEP = "import signal; signal.pause()"


@pytest.fixture
def sleepers() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def sleeper(sleepers: list[subprocess.Popen[bytes]], *arguments: str, cwd: Path | None = None) -> int:
    sleepers.append(subprocess.Popen([sys.executable, "-c", SLEEP, *arguments], cwd=cwd))
    return sleepers[-1].pid


def test_ours_are_ended_and_strangers_spared(tmp_path: Path, sleepers: list[subprocess.Popen[bytes]]) -> None:
    ours, stranger = sleeper(sleepers, f"{tmp_path}/postgres"), sleeper(sleepers, "something-else")
    eventually(lambda: len(alive([ours, stranger])) == 2, 5)
    end_leftovers([ours, stranger, 2**22 + 1], tmp_path)
    eventually(lambda: alive([ours]) == [], 5)
    assert alive([stranger]) == [stranger]


def test_a_pid_file_naming_a_stranger_is_removed(tmp_path: Path) -> None:
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{tmp_path}\n")
    remove_stale_pid_file(tmp_path)
    assert not pid_file.exists()


def test_an_empty_pid_file_is_removed(tmp_path: Path) -> None:
    pid_file = tmp_path / "postmaster.pid"
    pid_file.touch()
    remove_stale_pid_file(tmp_path)
    assert not pid_file.exists()


@pytest.mark.parametrize("by_directory", [True, False])
def test_a_pid_file_stays_while_a_process_of_the_cluster_lives(
    tmp_path: Path, sleepers: list[subprocess.Popen[bytes]], by_directory: bool
) -> None:
    if by_directory:  # a backend that outlived its postmaster
        named = os.getpid()
        sleeper(sleepers, cwd=tmp_path)
    else:
        named = sleeper(sleepers, "-D", str(tmp_path))
        eventually(lambda: alive([named]) == [named], 5)
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{named}\n{tmp_path}\n")
    remove_stale_pid_file(tmp_path)
    assert pid_file.exists()


def test_a_program_whose_guardian_is_gone_already_does_not_start(tmp_path: Path) -> None:
    proof = tmp_path / "started"
    code = f"open({str(proof)!r}, 'w')"
    command = launch_command((sys.executable, "-c", code), Identity.SAME, parent=2**22 + 1)
    assert subprocess.run(command, check=False).returncode == 125
    assert not proof.exists()


def test_a_server_that_keeps_ending_is_started_again_after_growing_pauses(tmp_path: Path) -> None:
    starts: list[int] = []

    def make() -> ServerProcess:
        starts.append(1)
        return ServerProcess(ProgramSpec("brief", (sys.executable, "-c", ""), tmp_path / "log"))

    server = GuardedServer(make)
    server.start()
    first = eventually(server.tend, 10)
    second = eventually(server.tend, 10)
    assert second > first
    assert len(starts) == 3
    server.stop()
    eventually(lambda: server.pid is None, 5)
    assert not server.tend(), "stopped on purpose"
