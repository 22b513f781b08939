"""Starts, watches and stops one server program on behalf of the guardian or of a test."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from time import monotonic

from app.domain.errors import SandboxUnavailable

LOOPBACK = "127.0.0.1"
_LAUNCHER = Path(__file__).with_name("launcher.py")
_LOG_LIMIT_BYTES = 4 * 1024 * 1024
_TAIL_BYTES = 2_000
_POLL_SECONDS = 0.02
_KILL_PATIENCE_SECONDS = 5.0
_PROBE_SECONDS = 10.0
_PORTS = range(20_000, 32_000)
_PORT_TRIES = 50
_KILL_SIGNAL = int(getattr(signal, "SIGKILL", signal.SIGTERM))


class Identity(StrEnum):
    """Under which user a program runs; the words of :mod:`app.sandbox.launcher`."""

    SAME = "same"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


@cache
def unprivileged_identity() -> Identity:
    """Return how a program that refuses to run as root is run by this process."""
    if os.name == "nt" or os.geteuid() != 0:
        return Identity.SAME
    if not sys.platform.startswith("linux"):
        return Identity.NOBODY
    probe = launch_command((sys.executable, "-I", "-S", "-c", ""), Identity.NAMESPACE, parent=0)
    answer = subprocess.run(probe, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603 - ours
    return Identity.NAMESPACE if answer.returncode == 0 else Identity.NOBODY


def launch_command(
    command: tuple[str, ...], identity: Identity, *, parent: int, death_signal: int = _KILL_SIGNAL
) -> tuple[str, ...]:
    """Return the command that runs ``command`` through the launcher; ``parent`` 0 means any parent."""
    if os.name == "nt":
        return command
    launcher = (sys.executable, "-I", "-S", str(_LAUNCHER), str(parent), str(death_signal), str(identity), "--")
    return (*launcher, *command)


@dataclass(frozen=True, slots=True)
class ProgramSpec:
    """What to run and how to stop it.

    ``stop_signal`` asks for an orderly end and is also what the kernel sends when the guardian dies;
    after ``patience`` seconds the program is killed. ``directory`` is its working directory, ours when None.
    """

    name: str
    command: tuple[str, ...]
    log_file: Path
    stop_signal: int = signal.SIGTERM
    patience: float = 1.5
    identity: Identity = Identity.SAME
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None


class ServerProcess:
    """One running program; synchronous, used from one thread."""

    def __init__(self, spec: ProgramSpec) -> None:
        self.spec = spec
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while the program runs, else None."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self.pid is not None

    def start(self) -> None:
        """Start the program with its output appended to the log file."""
        spec = self.spec
        spec.log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        oversized = spec.log_file.exists() and spec.log_file.stat().st_size > _LOG_LIMIT_BYTES
        command = launch_command(spec.command, spec.identity, parent=os.getpid(), death_signal=spec.stop_signal)
        with spec.log_file.open("wb" if oversized else "ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - programs located by app.sandbox.binaries
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **spec.environment},
                cwd=spec.directory,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until ``ready()`` says so.

        Raises:
            SandboxUnavailable: The program ended first, or the time ran out (the program is then stopped).
        """
        deadline = monotonic() + seconds
        while not ready():
            if self.ended_within(_POLL_SECONDS):
                raise self._unavailable("ended while it was starting")
            if monotonic() > deadline:
                self.stop()
                raise self._unavailable(f"was not ready within {seconds:.0f} seconds")

    def ended_within(self, seconds: float) -> bool:
        """Wait at most so long for the program to end; say whether it has."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def request_stop(self) -> None:
        """Ask the program to end, without waiting."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self.spec.stop_signal)

    def stop(self) -> None:
        """Ask the program to end, kill it when it does not within its patience, and reap it."""
        self.request_stop()
        if not self.ended_within(self.spec.patience):
            self.kill()

    def kill(self) -> None:
        """Kill the program at once and reap it."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(_KILL_PATIENCE_SECONDS)

    def _unavailable(self, what: str) -> SandboxUnavailable:
        return SandboxUnavailable(
            "sandbox.server_failed",
            f"The sandbox's {self.spec.name} {what}. Its log {self.spec.log_file} ends with: {self.log_tail()}",
            server=self.spec.name,
            log_file=str(self.spec.log_file),
        )

    def log_tail(self) -> str:
        """Return the last lines of the log file, at most 2,000 bytes."""
        if not self.spec.log_file.exists():
            return "(no log)"
        text = self.spec.log_file.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace").strip()
        return text or "(empty log)"


def free_port(preferred: int | None = None) -> int:
    """Return a free TCP port on loopback: the preferred one while it is free, else one picked at random.

    The range lies below every system's ephemeral ports: one from there may be taken by any outgoing connection
    between this probe and the server's own bind.
    """
    candidates = [preferred] if preferred is not None else []
    candidates += random.sample(_PORTS, _PORT_TRIES)
    for candidate in candidates:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, candidate))
            except OSError:
                continue
            return candidate
    raise SandboxUnavailable("sandbox.no_port", "No free TCP port was found on 127.0.0.1.")


def accepts(port: int) -> bool:
    """Say whether something accepts connections on this loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0
