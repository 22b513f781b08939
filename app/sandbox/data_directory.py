"""The sandbox's directory: its files, the lock that makes a guardian the only one, and the state others read."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from app.domain.errors import SandboxUnavailable
from app.local.file_lock import FileLock
from app.sandbox.info import SandboxInfo

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class SandboxState:
    """What a guardian writes down: its servers' process ids and ports, and, once ready, how to reach the sandbox."""

    guardian: int
    ports: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    info: SandboxInfo | None = None


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Names every file below the sandbox's directory."""

    root: Path

    def prepare(self) -> None:
        """Create the directory, readable by its owner only.

        Raises:
            SandboxUnavailable: It cannot be created or written.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    @property
    def logs(self) -> Path:
        """Directory of the servers' logs."""
        return self.root / "logs"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def password_file(self) -> Path:
        """The database password, readable by the owner only."""
        return self.root / "postgres-password"

    @property
    def temporal_store(self) -> Path:
        """Temporal's SQLite file."""
        return self.root / "temporal.db"

    @property
    def state_file(self) -> Path:
        """What the running guardian wrote down."""
        return self.root / "sandbox.json"

    def read_state(self) -> SandboxState | None:
        """Return the last written state, of a living or a dead guardian; None when there is none to understand."""
        try:
            document = json.loads(self.state_file.read_text(encoding="utf-8"))
            info = document["info"]
            return SandboxState(
                guardian=int(document["guardian"]),
                ports={str(name): int(port) for name, port in document["ports"].items()},
                pids={str(name): int(pid) for name, pid in document["pids"].items()},
                info=None if info is None else SandboxInfo.from_json(info),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # never written, or by another version: nothing in it is needed to start

    def write_state(self, state: SandboxState) -> None:
        """Replace the state file atomically, readable by the owner only."""
        document: dict[str, Any] = {
            "guardian": state.guardian,
            "ports": state.ports,
            "pids": state.pids,
            "info": None if state.info is None else state.info.as_json(),
        }
        handle, temporary = tempfile.mkstemp(dir=self.root, prefix="sandbox.json.")  # mkstemp makes mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file)
        Path(temporary).replace(self.state_file)

    def try_lock(self) -> FileLock | None:
        """Take the directory for this process, or return None while another one has it.

        The operating system frees the lock when its process ends, however it ends.

        Raises:
            SandboxUnavailable: The directory cannot be written.
        """
        try:
            return FileLock.try_take(self.root / "sandbox.lock")
        except OSError as error:
            raise self._unusable(error) from error

    def guarded(self) -> bool:
        """Say whether a guardian lives in this directory."""
        if not self.root.is_dir():
            return False
        lock = self.try_lock()
        if lock is None:
            return True
        lock.release()
        return False

    def _unusable(self, error: OSError) -> SandboxUnavailable:
        return SandboxUnavailable(
            "sandbox.directory",
            f"The sandbox's directory {self.root} cannot be used: {error.strerror or error}. Give another --data-dir.",
            directory=str(self.root),
        )

    def wait_unguarded(self, given_up: Event) -> None:
        """Block until no guardian lives in this directory or the caller has given up."""
        while self.guarded() and not given_up.wait(_POLL_SECONDS):
            continue
