"""The guardian: a process of its own that starts, watches and stops the embedded servers.

It exists so that nothing is left behind, however its owner ends: it holds the read end of a pipe whose write end only
the owner has, and stops everything when that end closes. Its own children end with it (Linux: a death signal, see
:mod:`app.sandbox.launcher`; Windows: a job object). Run as ``python -m app.sandbox.guardian DIRECTORY``.

Protocol, one JSON object per line. It says: ``progress`` (text), ``servers`` (both are up: addresses), ``busy``
(another guardian has the directory), ``failed`` (code, message), ``done`` (a command was carried out). It is told:
``start``, ``stop``, ``kill`` (a server's name) and ``publish`` (what others may read in the state file).
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Never

from app.domain.errors import SandboxUnavailable
from app.local.log_redaction import redact_handlers
from app.sandbox import windows_job
from app.sandbox.data_directory import DataDirectory, SandboxState
from app.sandbox.guarded_server import GuardedServer
from app.sandbox.info import SandboxInfo
from app.sandbox.leftovers import end_leftovers, remove_stale_pid_file
from app.sandbox.postgres_server import PostgresCluster
from app.sandbox.server_process import LOOPBACK, ProgramSpec, ServerProcess, accepts, free_port
from app.sandbox.temporal_server import NAMESPACE, TemporalFiles

POSTGRES, TEMPORAL, WORKER = "postgres", "temporal", "worker"
_START_SECONDS = 60.0
_TEND_SECONDS = 0.1
_log = logging.getLogger("rundesk.sandbox.guardian")

Speak = Callable[[dict[str, Any]], None]


class OwnerGone(Exception):
    """The owner's end of the pipe closed, or a signal told us to end."""


class Inbox:
    """What the owner says, and whether there is still an owner. Filled by a thread and by signal handlers."""

    def __init__(self) -> None:
        self._commands: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._gone = threading.Event()

    def listen(self) -> None:
        """Read the owner's lines until its end of the pipe closes, for whatever reason."""
        try:
            for line in sys.stdin.buffer:
                self._commands.put(json.loads(line))
        finally:
            self._gone.set()

    def close(self) -> None:
        """Treat the owner as gone."""
        self._gone.set()

    def check(self) -> None:
        """Raise :class:`OwnerGone` when there is no owner any more."""
        if self._gone.is_set():
            raise OwnerGone

    def next(self, seconds: float) -> dict[str, Any] | None:
        """Return the next command, or None when none came in this time. Raises :class:`OwnerGone`."""
        self.check()
        try:
            return self._commands.get(timeout=seconds)
        except Empty:
            return None


class Guardian:
    """Holds the servers of one data directory. Used from the process's main thread only.

    The main thread matters: the kernel's death signal fires when the *thread* that created a child ends.
    """

    def __init__(self, directory: DataDirectory, inbox: Inbox, speak: Speak) -> None:
        self._directory = directory
        self._inbox = inbox
        self._speak = speak
        self._info: SandboxInfo | None = None
        self._cluster = PostgresCluster(directory.cluster, directory.password_file, directory.logs / "postgres.log")
        self._temporal = TemporalFiles(directory.temporal_store, directory.logs / "temporal.log")
        previous = directory.read_state() or SandboxState(guardian=0)
        self._leftovers = previous.pids
        self._ports = dict(previous.ports)
        self._servers = {
            POSTGRES: GuardedServer(lambda: self._cluster.server(self._ports[POSTGRES])),
            TEMPORAL: GuardedServer(lambda: self._temporal.server(self._ports[TEMPORAL])),
            WORKER: GuardedServer(self._worker),
        }

    def start(self) -> None:
        """Bring PostgreSQL and Temporal up, both at once, and say so.

        Raises:
            SandboxUnavailable: A program is missing, the data are unusable, or a server did not come up.
        """
        # From now on nobody may take a dead guardian's word for ours.
        self._directory.write_state(SandboxState(os.getpid(), self._ports, self._leftovers))
        end_leftovers(self._leftovers.values(), self._directory.root)
        self._ports = {name: free_port(self._ports.get(name)) for name in (POSTGRES, TEMPORAL)}
        self._speak({"event": "progress", "text": "Starting Temporal"})
        temporal = self._servers[TEMPORAL].start()
        fresh = not self._cluster.data.exists()
        self._speak({"event": "progress", "text": "Creating the database" if fresh else "Starting Postgres"})
        self._cluster.create()
        remove_stale_pid_file(self._cluster.data)
        postgres = self._servers[POSTGRES].start()
        self._write_state()
        postgres.wait_until(self._while_owned(lambda: self._cluster.ready(self._ports[POSTGRES])), _START_SECONDS)
        temporal.wait_until(self._while_owned(lambda: accepts(self._ports[TEMPORAL])), _START_SECONDS)
        self._speak(
            {
                "event": "servers",
                "database_url": self._cluster.url(self._ports[POSTGRES]),
                "temporal_address": self._temporal_address,
                "namespace": NAMESPACE,
            }
        )

    def serve(self) -> Never:
        """Carry out commands and keep wanted servers alive, until :class:`OwnerGone`."""
        while True:
            command = self._inbox.next(_TEND_SECONDS)
            if command is not None:
                self._carry_out(command)
            self._tend()

    def stop(self) -> None:
        """Stop the worker, then both servers at once, and forget the state."""
        self._servers[WORKER].stop()
        for name in (TEMPORAL, POSTGRES):
            server = self._servers[name]
            if server.process is not None:
                server.process.request_stop()
        for name in (TEMPORAL, POSTGRES):
            self._servers[name].stop()
        self._info = None
        self._write_state()

    def _while_owned(self, ready: Callable[[], bool]) -> Callable[[], bool]:
        def check() -> bool:
            self._inbox.check()
            return ready()

        return check

    @property
    def _temporal_address(self) -> str:
        return f"{LOOPBACK}:{self._ports[TEMPORAL]}"

    def _worker(self) -> ServerProcess:
        return ServerProcess(
            ProgramSpec(
                name="worker",
                command=(sys.executable, "-m", "app.sandbox.worker_process"),
                log_file=self._directory.logs / "worker.log",
                stop_signal=int(signal.SIGTERM),
                patience=1.0,
                # By environment and not by argument: every user of the machine can read arguments.
                environment={
                    "DATABASE_URL": self._cluster.url(self._ports[POSTGRES]),
                    "TEMPORAL_ADDRESS": self._temporal_address,
                    "TEMPORAL_NAMESPACE": NAMESPACE,
                },
            )
        )

    def _carry_out(self, command: dict[str, Any]) -> None:
        verb = command["command"]
        if verb == "publish":
            self._info = SandboxInfo.from_json(command["info"])
        elif verb == "start":
            self._servers[command["server"]].start()
        else:
            self._servers[command["server"]].stop(kill=verb == "kill")
        self._write_state()
        self._speak({"event": "done", "command": verb})

    def _tend(self) -> None:
        restarted = [name for name, server in self._servers.items() if server.tend()]
        if restarted:
            _log.warning("started again after an unexpected end: %s", ", ".join(restarted))
            self._write_state()

    def _write_state(self) -> None:
        pids = {name: server.pid for name, server in self._servers.items()}
        self._directory.write_state(
            SandboxState(
                guardian=os.getpid(),
                ports=self._ports,
                pids={name: pid for name, pid in pids.items() if pid is not None},
                info=self._info,
            )
        )


def _say(message: dict[str, Any]) -> None:
    try:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _log.info("the owner no longer listens")


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Keep what would go to a stderr that nobody reads."""
    _log.critical("the guardian ends", exc_info=(kind, error, trace))


def _failure(error: SandboxUnavailable) -> dict[str, Any]:
    params = {name: str(value) for name, value in error.params.items()}
    return {"event": "failed", "code": error.code, "message": error.message, "params": params}


def main(arguments: list[str]) -> int:
    """Guard one directory until the owner is gone or a signal arrives."""
    directory = DataDirectory(Path(arguments[0]))
    inbox = Inbox()
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: inbox.close())
    threading.Thread(target=inbox.listen, name="owner-pipe", daemon=True).start()
    try:
        directory.prepare()
    except SandboxUnavailable as error:
        _say(_failure(error))
        return 1
    logging.basicConfig(
        filename=directory.logs / "guardian.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    redact_handlers()
    sys.excepthook = _log_crash
    lock = directory.try_lock()
    if lock is None:
        _say({"event": "busy"})
        return 0
    windows_job.end_children_with_us()
    guardian = Guardian(directory, inbox, _say)
    try:
        guardian.start()
        guardian.serve()
    except OwnerGone:
        return 0
    except SandboxUnavailable as error:
        _log.error("%s", error.message)
        _say(_failure(error))
        return 1
    finally:
        guardian.stop()
        lock.release()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
