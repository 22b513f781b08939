"""Files that are on the disk before they are needed, so that writing one down is a write of its content alone.

A new file is lasting once its directory is flushed too, and that waits for whatever else the filesystem has to write.
A spare has its place on the disk, and room, already: it is renamed for its use, filled and flushed. Should the power
fail before the renaming lasts, its content is found under the spare's old name.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

_SPARE = ".spare"
_ROOM = 4096
"""Bytes that a spare holds from the start; a longer content makes it longer."""
_KEPT = 4


class SpareFiles:
    """The spares of a directory, shared by all processes: who renames one has it.

    All methods raise OSError and are called where the disk may be waited for.

    Args:
        directory: Where they are, and where they are used; it must exist, for this user's eyes only.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def fill(self, path: Path, content: bytes) -> None:
        """Turn a spare into ``path`` with this content, which is on the disk when this returns.

        Args:
            path: A file of the directory that does not exist yet.
            content: Text that whitespace may follow.
        """
        if not any(_renamed(spare, path) for spare in self._spares()):
            self._make().rename(path)
        _overwrite(path, content)

    def give_back(self, path: Path) -> None:
        """Make a file a spare again, or delete it when there are enough; harmless when it does not exist.

        Nothing is flushed: a power cut may bring its content back.
        """
        with suppress(FileNotFoundError):
            if len(self._spares()) >= _KEPT:
                path.unlink()
                return
            _blank(path)
            path.replace(path.with_suffix(_SPARE))

    def used(self) -> tuple[Path, ...]:
        """Return the spares with content: a power cut has undone their renaming."""
        return tuple(spare for spare in self._spares() if not is_blank(_content(spare)))

    def _spares(self) -> list[Path]:
        return [path for path in self._directory.iterdir() if path.name.endswith(_SPARE)]

    def _make(self) -> Path:
        handle, name = tempfile.mkstemp(dir=self._directory, suffix=".new")  # mkstemp makes mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(b" " * _ROOM)
            file.flush()
            os.fsync(file.fileno())
        flush_directory(self._directory)
        return Path(name)


def is_blank(content: bytes) -> bool:
    """Say whether nothing was written, or nothing is left of it."""
    return not content.strip(b" \n\0")


def flush_directory(directory: Path) -> None:
    """Make what was made and renamed there lasting; Windows needs and knows no such thing."""
    if sys.platform == "win32":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _renamed(spare: Path, path: Path) -> bool:
    try:
        spare.rename(path)
    except FileNotFoundError:
        return False  # another process was faster
    return True


def _content(spare: Path) -> bytes:
    try:
        return spare.read_bytes()
    except FileNotFoundError:
        return b""  # taken by another process, which then writes it under another name


def _overwrite(path: Path, content: bytes) -> None:
    with path.open("r+b") as file:
        file.write(content)
        file.flush()
        if sys.platform == "linux":
            os.fdatasync(file.fileno())  # the time of the change need not last
        else:
            os.fsync(file.fileno())


def _blank(path: Path) -> None:
    with path.open("r+b", buffering=0) as file:
        file.write(b" " * os.fstat(file.fileno()).st_size)
