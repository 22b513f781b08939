"""A lock on a file that the operating system frees when its holder's process ends, however it ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class FileLock:
    """A held lock; let go by :meth:`release` or by the end of the process. The file stays unless it is removed."""

    _file: IO[bytes]
    _path: Path

    @classmethod
    def try_take(cls, path: Path) -> FileLock | None:
        """Take the lock for this process, or return None while it is held, by this process or another. OSError."""
        while True:
            file = path.open("a+b")
            if not _lock(file):
                file.close()
                return None
            if _is_still(path, file):
                return cls(file, path)
            file.close()  # its holder removed it between the opening and the locking: it keeps nobody out any more

    def release(self) -> None:
        """Let others have it."""
        self._file.close()

    def remove(self) -> None:
        """Let go and delete the file; whoever opens it meanwhile is kept out as before, or gets a new one."""
        if sys.platform == "win32":  # where an open file cannot be deleted, by anybody
            self.release()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.release()


def _is_still(path: Path, file: IO[bytes]) -> bool:
    """Say whether the path still leads to this very file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
