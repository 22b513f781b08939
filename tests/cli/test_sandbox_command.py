"""``rundesk sandbox`` as a process: one line when ready, shared with later ones, everything stopped at its end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.cli.command_line import rundesk

KEYS = {"database_url", "temporal_address", "namespace", "tenant", "data_dir", "pid", "operator", "scenarios"}
SECONDS = 90


@contextmanager
def sandbox(directory: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "app", "sandbox", "--data-dir", str(directory), "--seed", "none", "--no-worker"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=SECONDS)


def ready(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def listens(host: str | None, port: int | None) -> bool:
    with socket.socket() as client:
        return client.connect_ex((host or "", port or 0)) == 0


def test_the_sandbox_from_start_to_end(tmp_path: Path) -> None:
    with sandbox(tmp_path / "data") as owner:
        info = ready(owner)
        assert info.keys() == KEYS
        assert info["pid"] == owner.pid
        servers = [urlsplit(str(info["database_url"])), urlsplit(f"//{info['temporal_address']}")]
        assert all(server.hostname == "127.0.0.1" for server in servers)
        attached = rundesk("runs", "--data-dir", str(tmp_path / "data"))
        assert (attached.code, "no tenant" in attached.err) == (2, True)
        with sandbox(tmp_path / "data") as guest:
            assert ready(guest) == info
            guest.send_signal(signal.SIGINT)
            assert guest.wait(SECONDS) == 0
        assert all(listens(server.hostname, server.port) for server in servers)
        with sandbox(tmp_path / "data") as guest:
            assert ready(guest) == info
            owner.send_signal(signal.SIGINT)
            assert owner.wait(SECONDS) == 0
            assert guest.wait(SECONDS) == 0
        assert not any(listens(server.hostname, server.port) for server in servers)
    assert rundesk("runs", "--data-dir", str(tmp_path / "data")).code == 3


def test_a_signal_while_it_starts_ends_it_in_order(tmp_path: Path) -> None:
    with sandbox(tmp_path / "data") as process:
        assert process.stderr is not None
        assert process.stderr.readline()  # it has begun to start the first server
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""
