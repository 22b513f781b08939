"""A lock on a file that the operating system frees when its holder's process ends, however it ends."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class FileLock:
    """A held lock; let go by :meth:`release` or by the end of the process. The file itself stays."""

    _file: IO[bytes]

    @classmethod
    def try_take(cls, path: Path) -> FileLock | None:
        """Take the lock for this process, or return None while it is held, by this process or another. OSError."""
        file = path.open("a+b")
        if _lock(file):
            return cls(file)
        file.close()
        return None

    def release(self) -> None:
        """Let others have it."""
        self._file.close()


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
