"""The embedded PostgreSQL: creates a cluster once, then says how to run it.

The cluster listens on 127.0.0.1 only, has no unix socket, and knows one login whose random password stays in a file
that only its owner can read.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from app.domain.errors import SandboxUnavailable
from app.sandbox.binaries import postgres_programs, program_in
from app.sandbox.server_process import (
    LOOPBACK,
    Identity,
    ProgramSpec,
    ServerProcess,
    accepts,
    launch_command,
    unprivileged_identity,
)
from app.sandbox.unprivileged_home import UnprivilegedHome

LOGIN = "rundesk"
DATABASE = "rundesk"
_CREATE_SECONDS = 120.0
_START_SECONDS = 60.0
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class PostgresCluster:
    """One PostgreSQL data directory and how to reach it.

    ``directory`` is where the cluster lives unless only ``nobody`` may run it and cannot get there.
    ``durable`` False turns fsync off: for test servers, whose data nobody misses.
    """

    directory: Path
    password_file: Path
    log_file: Path
    durable: bool = True
    identity: Identity = field(default_factory=unprivileged_identity)

    def create(self) -> None:
        """Create the cluster and its database unless they exist. An interrupted creation leaves nothing behind.

        Raises:
            SandboxUnavailable: initdb failed, or an existing cluster belongs to another major version.
        """
        home = self._home
        if home is not None:
            home.prepare()
        if self.data.exists():
            self._check_existing()
            return
        partial = self.data.with_name(f"{self.data.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        self._write_password()
        readable_password = self.password_file if home is None else home.lend(self.password_file)
        self._run(
            "initdb",
            "-D",
            str(partial),
            f"--username={LOGIN}",
            f"--pwfile={readable_password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--no-instructions",
            *(() if self.durable else ("--no-sync",)),
        )
        if readable_password != self.password_file:
            readable_password.unlink()
        self._run("postgres", "--single", "-D", str(partial), "postgres", statement=f"CREATE DATABASE {DATABASE}\n")
        partial.rename(self.data)

    @property
    def data(self) -> Path:
        """The cluster's real directory."""
        return self.directory if self._home is None else self._home.directory / self.directory.name

    def url(self, port: int, database: str = DATABASE) -> str:
        """Return the connection URL, password included: for connections, never for logs."""
        password = quote(self.password_file.read_text(encoding="ascii").strip(), safe="")
        return f"postgresql://{LOGIN}:{password}@{LOOPBACK}:{port}/{database}"

    def server(self, port: int) -> ServerProcess:
        """Return the server process of this cluster, not started."""
        settings = {**_SETTINGS, "port": str(port), "fsync": "on" if self.durable else "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ServerProcess(
            ProgramSpec(
                name="PostgreSQL",
                command=(str(self._program("postgres")), "-D", str(self.data), *options),
                log_file=self.log_file,
                # Its "fast shutdown": open transactions are rolled back, nobody is waited for.
                stop_signal=int(signal.SIGTERM if os.name == "nt" else signal.SIGINT),
                patience=5.0,
                identity=self.identity,
                directory=self.data,
            )
        )

    def ready(self, port: int) -> bool:
        """Say whether the server on this port accepts logins, by its own word: postmaster.pid, lines 4 and 8."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[3] == str(port) and lines[7].strip() == "ready" and accepts(port)

    def start(self, port: int) -> ServerProcess:
        """Start the server and wait until it accepts logins."""
        server = self.server(port)
        server.start()
        server.wait_until(lambda: self.ready(port), _START_SECONDS)
        return server

    @property
    def _home(self) -> UnprivilegedHome | None:
        return UnprivilegedHome.of(self.directory) if self.identity is Identity.NOBODY else None

    def _program(self, name: str) -> Path:
        directory = postgres_programs() if self._home is None else self._home.programs(postgres_programs())
        return program_in(directory, name)

    def _check_existing(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        wanted = self._run("postgres", "--version").split()[-1].split(".")[0]
        if found != wanted:
            raise SandboxUnavailable(
                "sandbox.postgres_version",
                f"The sandbox's data in {self.data} were made by PostgreSQL {found}; the installed one is {wanted} and "
                "cannot read them. Give another --data-dir, or move that directory away to start afresh.",
                found=found,
                wanted=wanted,
                directory=str(self.data),
            )
        if not self.password_file.exists():
            raise SandboxUnavailable(
                "sandbox.password_missing",
                f"The file {self.password_file} with the sandbox's database password is gone, so its data cannot be "
                "opened. Give another --data-dir, or move the sandbox's directory away to start afresh.",
                file=str(self.password_file),
            )

    def _write_password(self) -> None:
        self.password_file.unlink(missing_ok=True)
        descriptor = os.open(self.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_urlsafe(24)}\n")

    def _run(self, program: str, *arguments: str, statement: str = "") -> str:
        command = (str(self._program(program)), *arguments)
        answer = subprocess.run(  # noqa: S603 - a program of the embedded package
            launch_command(command, self.identity, parent=os.getpid()),
            input=statement,
            capture_output=True,
            text=True,
            timeout=_CREATE_SECONDS,
            cwd=self.data.parent,
            check=False,
        )
        if answer.returncode != 0:
            raise SandboxUnavailable(
                "sandbox.initdb_failed",
                f"The sandbox's database could not be prepared: {program} said: {answer.stderr.strip()[-1000:]}",
                program=program,
            )
        return answer.stdout
