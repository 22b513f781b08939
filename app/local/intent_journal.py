"""The journal of intents: one small file for each act under way, for this user's eyes only.

Written whole, flushed and renamed before the act's first effect, deleted when its end is certain. Beside it lies a
lock that the operating system frees when the process ends, however it ends: what lies there unlocked was left by a
crash. Intents are kept by place, so that those of one installation are never settled on another.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from app.domain.errors import JournalUnusable
from app.domain.intent import Intent
from app.local.file_lock import FileLock
from app.local.intent_codec import as_document, as_intent

T = TypeVar("T")
Argument = TypeVar("Argument")

_INTENT = ".json"
_LOCK = ".lock"


class FileIntentJournal:
    """Implements :class:`app.services.intent_ports.IntentJournal`.

    Args:
        directory: The user's state directory.
        place: Which database and Temporal the acts are on, in words and without a password.
    """

    def __init__(self, directory: Path, place: str) -> None:
        self._directory = directory / "intents" / hashlib.sha256(place.encode()).hexdigest()[:16]
        self._held: dict[UUID, FileLock] = {}

    async def begin(self, intent: Intent) -> None:
        """Hold the intent and write it down. JournalUnusable: then nothing must be done."""
        await self._on_disk(self._begin, intent)

    async def finish(self, request_id: UUID) -> None:
        """Delete an intent, unless another process holds it.

        Nothing waits for the disk here: an intent that a power cut brings back is found finished, and deleted again.
        """
        with self._told():
            if request_id in self._held or self._take(request_id):
                self._finish(request_id)

    async def let_go(self, request_id: UUID) -> None:
        """Keep the intent on the disk without holding it."""
        lock = self._held.pop(request_id, None)
        if lock is not None:
            lock.release()

    async def unfinished(self) -> tuple[Intent, ...]:
        """Return the intents that no living process holds, oldest first."""
        found = await self._on_disk(_left_behind, self._directory)
        return tuple(sorted(found, key=lambda intent: (intent.at, intent.request_id)))

    @asynccontextmanager
    async def hold(self, request_id: UUID) -> AsyncIterator[bool]:
        """Hold an intent while the block runs, unless somebody else does or it is gone."""
        if not await self._on_disk(self._take, request_id):
            yield False
            return
        try:
            yield True
        finally:
            await self.let_go(request_id)

    def _begin(self, intent: Intent) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if intent.request_id not in self._held:
            lock = FileLock.try_take(self._path(intent.request_id, _LOCK))
            if lock is None:
                return  # another process works on the same request: the intent is on the disk already
            self._held[intent.request_id] = lock
        handle, temporary = tempfile.mkstemp(dir=self._directory, suffix=".part")  # mkstemp makes mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(as_document(intent), file, ensure_ascii=False, default=str)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(self._path(intent.request_id, _INTENT))
        self._flush_directory()

    def _finish(self, request_id: UUID) -> None:
        self._path(request_id, _INTENT).unlink(missing_ok=True)
        lock = self._held.pop(request_id)
        if sys.platform == "win32":  # where an open file cannot be deleted
            lock.release()
        with suppress(PermissionError):
            self._path(request_id, _LOCK).unlink(missing_ok=True)
        lock.release()

    def _take(self, request_id: UUID) -> bool:
        if not self._path(request_id, _INTENT).exists():
            return False
        lock = FileLock.try_take(self._path(request_id, _LOCK))
        if lock is not None:
            self._held[request_id] = lock
        return lock is not None

    def _path(self, request_id: UUID, suffix: str) -> Path:
        return self._directory / f"{request_id}{suffix}"

    def _flush_directory(self) -> None:
        """Make the renaming itself last; Windows needs and knows no such thing."""
        if sys.platform == "win32":
            return
        handle = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    async def _on_disk(self, work: Callable[[Argument], T], argument: Argument) -> T:
        with self._told():
            return await asyncio.to_thread(work, argument)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in words what the operating system refuses."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise JournalUnusable(
                "intent.journal",
                f"What you set out to do could not be written down in {self._directory}: {reason}. "
                "Without that a crash could leave it half done, so nothing was done. Make room there, then try again.",
                path=str(self._directory),
                reason=reason,
            ) from error


def _left_behind(directory: Path) -> list[Intent]:
    if not directory.is_dir():
        return []
    found = []
    for path in directory.glob(f"*{_INTENT}"):
        lock = FileLock.try_take(path.with_suffix(_LOCK))
        if lock is None:
            continue
        try:
            found.append(_read(path))
        except FileNotFoundError:
            path.with_suffix(_LOCK).unlink(missing_ok=True)  # finished between the listing and the lock
        finally:
            lock.release()
    return found


def _read(path: Path) -> Intent:
    try:
        return as_intent(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise JournalUnusable(
            "intent.damaged",
            f"The note of an unfinished action in {path} cannot be understood and was left as it is. "
            "Move it away to go on; the run it was about shows what happened.",
            path=str(path),
        ) from error
